//! Family B, whose session it is: logins inside other people's sessions, parallel logins, planted
//! and swapped upstream sessions. The app behind never renews a session id: whoever holds one holds
//! whoever logged in last.

use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::{Ask, Kind};
use anteroom_tests::browser::send::Protocol;
use anteroom_tests::h2client::{H2Ask, H2Client};
use anteroom_tests::phone::Phone;
use anteroom_tests::recorder::Latch;
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::{Clinic, eventually};

use super::legacy::{
    A_WHILE, CANARY, CHART, Legacy, all_is_well, enrolled, is_blocked, login_ask, password, secret,
    sees, sign_in,
};
use super::records::give_code;
use crate::ward::{CHALLENGE, OURS, nonce, post, sessions_of, start_over, told};

/// The app, its clinic, and two people who can sign in.
struct Stage {
    legacy: Legacy,
    clinic: Clinic,
    alice: Phone,
    mallory: Phone,
}

async fn stage() -> Stage {
    let legacy = Legacy::start().await;
    let clinic = legacy.clinic().await;
    let (_, alice) = enrolled(&clinic, clinic.browser(), "alice").await;
    let (_, mallory) = enrolled(&clinic, clinic.browser(), "mallory").await;
    Stage {
        legacy,
        clinic,
        alice,
        mallory,
    }
}

impl Stage {
    async fn mallory_over(&self, protocol: Protocol) -> Browser {
        let mut browser = self.clinic.browser().over(protocol);
        password(&mut browser, "mallory").await;
        give_code(&mut browser, &self.clinic, &self.mallory).await;
        assert!(
            sees(&mut browser, "mallory").await,
            "{}",
            browser.page().describe()
        );
        browser
    }

    async fn is_well(&self) {
        all_is_well(&self.clinic, "alice", &self.alice).await;
        let secrets = [secret("alice"), secret("mallory")];
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        self.clinic.world.must_not_leak(&secrets);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b15_a_login_as_alice_in_mallorys_session_ends_it() {
    let stage = stage().await;
    for right in [true, false] {
        let mut mallory = stage.mallory_over(Protocol::H1).await;
        let mut before = mallory.thief();
        let ended = told(&stage.clinic, "session_ended").await;
        let typed = if right {
            secret("alice")
        } else {
            "wrong".to_owned()
        };
        let ask = login_ask(&mallory, "alice", &typed);
        let page = mallory.land(ask).await;
        assert!(!page.everything().contains(CANARY), "{}", page.describe());
        mallory.follow_all().await;
        assert_eq!(
            mallory.page().path() == CHALLENGE,
            right,
            "{}",
            mallory.page().describe()
        );
        assert!(is_blocked(&stage.legacy, &mut mallory).await);
        assert!(is_blocked(&stage.legacy, &mut before).await);
        assert_eq!(told(&stage.clinic, "session_ended").await, ended + 1);
        assert_eq!(
            sessions_of(&stage.clinic, "mallory").await,
            1,
            "the one of her enrolment"
        );
        if right {
            // Her own code counts for nothing here.
            mallory.get(CHALLENGE).await;
            let page = give_code(&mut mallory, &stage.clinic, &stage.mallory).await;
            assert_eq!(page.status, 422, "{}", page.describe());
            assert!(is_blocked(&stage.legacy, &mut mallory).await);
        }
        start_over(&mallory).await;
    }
    stage.is_well().await;
}

/// The verified session may become somebody else's upstream the moment the password leaves: what
/// runs on it is cut, also on the connection by which the login itself came.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b15_a_page_under_way_does_not_come_back_as_alices() {
    let stage = stage().await;
    for protocol in [Protocol::H2, Protocol::H1] {
        let mallory = stage.mallory_over(protocol).await;
        stage.legacy.done();
        let latch = Latch::shut();
        stage.legacy.hold("GET", "/slow.php", &latch);
        let page = mallory.script_ask("GET", "/slow.php");
        let login = login_ask(&mallory, "alice", &secret("alice"));
        let (page, login, ()) = tokio::join!(
            mallory.fetch(&page),
            async {
                stage.legacy.reached("GET", "/slow.php").await;
                mallory.fetch(&login).await.expect("an answer")
            },
            async {
                stage.legacy.reached("POST", "/login.php").await;
                latch.open();
            },
        );
        assert_eq!(
            login.location(),
            Some(CHALLENGE),
            "{protocol:?}: {}",
            login.describe()
        );
        if let Ok(page) = page {
            assert!(
                !page.everything().contains(CANARY),
                "{protocol:?}: {}",
                page.describe()
            );
        }
        start_over(&mallory).await;
    }
    // Control: without a login it does come back.
    let mallory = stage.mallory_over(Protocol::H2).await;
    let latch = Latch::shut();
    latch.open();
    stage.legacy.hold("GET", "/slow.php", &latch);
    let page = mallory
        .fetch(&mallory.script_ask("GET", "/slow.php"))
        .await
        .expect("an answer");
    assert!(page.has(CANARY), "{}", page.describe());
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b15_a_form_whose_end_is_held_back_is_never_finished_as_alice() {
    let stage = stage().await;
    let mallory = stage.mallory_over(Protocol::H2).await;
    let cookies: Vec<String> = mallory.jar().all().iter().map(|one| one.pair()).collect();
    let trust = stage.clinic.world.internet.trust();
    let addr = stage.clinic.addr;
    let client = H2Client::tls(addr, trust, Sni::Name("emr.test"))
        .await
        .expect("h2");
    let dressed = |mut ask: H2Ask| {
        for pair in &cookies {
            ask = ask.crumb(pair);
        }
        ask.field("origin", "https://emr.test")
            .field("accept", "text/html")
    };
    let note = dressed(
        H2Ask::new("POST", "https://emr.test/note.php")
            .field("content-type", "application/x-www-form-urlencoded")
            .field("content-length", "20"),
    );
    let mut held = client.open(&note).await.expect("a stream");
    held.send(&b"note=half"[..]).await.expect("half of a note");
    let at_upstream = || {
        let seen = stage.legacy.recorder.requests();
        seen.into_iter().find(|one| one.path() == "/note.php")
    };
    eventually("the note is under way", async || at_upstream().is_some()).await;
    let body = format!("username=alice&password={}", secret("alice"));
    let login = client
        .ask(dressed(H2Ask::form("https://emr.test/login.php", &body)))
        .await;
    assert_eq!(login.expect("an answer").location(), Some(CHALLENGE));
    let _ = held.send(&b"-and-a-half"[..]).await;
    let _ = held.finish();
    if let Ok(answer) = held.whole().await {
        assert!(
            !answer.everything().contains(CANARY),
            "{}",
            answer.everything()
        );
    }
    let seen = at_upstream().expect("it was under way");
    assert!(!seen.complete, "it was carried out as alice: {seen:?}");
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b17_a_code_counts_only_for_the_login_of_its_own_form() {
    let stage = stage().await;
    for (first, second) in [("alice", "mallory"), ("mallory", "alice")] {
        for order in 0..5 {
            stage.clinic.world.clock.next_step();
            let mut one = stage.clinic.browser();
            one.open(CHART).await;
            let mut two = one.new_tab();
            if order % 2 == 1 {
                two.open(CHART).await;
            }
            let first_form = password(&mut one, first).await;
            assert_eq!(first_form.path(), CHALLENGE, "{}", first_form.describe());
            let ask = login_ask(&two, second, &secret(second));
            two.land(ask).await;
            let second_form = two.follow_all().await;
            assert_eq!(second_form.path(), CHALLENGE, "{}", second_form.describe());
            let theirs = match second {
                "alice" => &stage.alice,
                _ => &stage.mallory,
            };
            let code = theirs.code_at(&stage.clinic.world.clock);
            let wrong_form = [("nonce", nonce(&first_form)), ("code", code.clone())];
            let right_form = [("nonce", nonce(&second_form)), ("code", code)];
            let pairs = |form: &[(&'static str, String); 2]| {
                form.clone().map(|(name, value)| (name, value))
            };
            let send = async |browser: &Browser, form: &[(&'static str, String); 2]| {
                let owned = pairs(form);
                let borrowed: Vec<(&str, &str)> = owned
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                post(browser, CHALLENGE, &borrowed).await
            };
            if order < 3 {
                let page = send(&one, &wrong_form).await;
                assert_eq!(page.status, 403, "order {order}: {}", page.describe());
                assert!(is_blocked(&stage.legacy, &mut one).await, "order {order}");
            }
            let (right, wrong) = if order == 3 {
                let (right, wrong) = tokio::join!(send(&two, &right_form), send(&one, &wrong_form));
                (right, Some(wrong))
            } else {
                (send(&two, &right_form).await, None)
            };
            assert_eq!(right.status, 303, "order {order}: {}", right.describe());
            if let Some(wrong) = wrong {
                assert_ne!(wrong.status, 303, "order {order}: {}", wrong.describe());
            }
            assert!(
                sees(&mut two, second).await,
                "order {order}: {}",
                two.page().describe()
            );
            assert!(
                !sees(&mut one, first).await,
                "order {order}: one jar, one person"
            );
        }
    }
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b18_a_planted_session_is_worth_nothing_after_the_victim_verified() {
    let stage = stage().await;
    let mut attacker = stage.clinic.browser();
    attacker.open("/login.php").await;
    // A shared computer: the victim finds the attacker's cookies in her browser.
    let mut victim = attacker.thief();
    let page = password(&mut victim, "alice").await;
    assert_eq!(page.path(), CHALLENGE, "{}", page.describe());
    let pending = victim.thief();
    give_code(&mut victim, &stage.clinic, &stage.alice).await;
    assert!(
        sees(&mut victim, "alice").await,
        "{}",
        victim.page().describe()
    );
    let hers = stage
        .legacy
        .done()
        .pop()
        .and_then(|one| one.session)
        .expect("her session");

    for mut thief in [attacker.thief(), pending.thief()] {
        assert!(is_blocked(&stage.legacy, &mut thief).await);
        let page = thief.open("/login.php").await;
        assert!(!page.everything().contains(CANARY), "{}", page.describe());
    }
    let mut alone = attacker.thief();
    alone.jar().remove(OURS);
    assert!(is_blocked(&stage.legacy, &mut alone).await);
    // With a verified session of his own it does not open, so the app never hears of it.
    let mallory = sign_in(&stage.clinic, "mallory", &stage.mallory).await;
    let planted = victim.cookie("PHPSESSID").expect("sealed");
    for sealed in [planted, attacker.cookie("PHPSESSID").expect("sealed")] {
        let mut swapped = mallory.thief();
        swapped.jar().remove("PHPSESSID");
        swapped.jar().plant("emr.test", "PHPSESSID", &sealed);
        stage.legacy.done();
        swapped.get(CHART).await;
        let done = stage.legacy.done();
        assert!(done.iter().all(|one| one.session.is_none()), "{done:?}");
    }
    // Nor can he put himself, or her again, on the session that is now hers.
    for name in ["mallory", "alice"] {
        for thief in [attacker.thief(), pending.thief()] {
            stage.legacy.done();
            let _ = thief.fetch(&login_ask(&thief, name, &secret(name))).await;
            let done = stage.legacy.done();
            let login = done
                .iter()
                .find(|one| one.method == "POST")
                .expect("a login");
            assert_ne!(login.session.as_ref(), Some(&hers), "{name}: {done:?}");
            assert_eq!(stage.legacy.user_of(&hers).as_deref(), Some("alice"));
            start_over(&thief).await;
        }
    }
    assert!(
        sees(&mut victim, "alice").await,
        "{}",
        victim.page().describe()
    );
    stage.is_well().await;
}

/// The attack that needs nothing but a password and an account of one's own: sign in, keep the
/// cookies from before, and log alice in on them. Were it the same upstream session, the verified
/// one would now be hers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b19_no_login_travels_on_a_jar_that_was_handed_over() {
    let stage = stage().await;
    for failed_first in [false, true] {
        let mut mallory = stage.clinic.browser();
        mallory.open("/login.php").await;
        if failed_first {
            mallory
                .submit(&[("username", "mallory"), ("password", "wrong")])
                .await;
            mallory.follow_all().await;
        }
        let anonymous = mallory.thief();
        mallory
            .submit(&[("username", "mallory"), ("password", &secret("mallory"))])
            .await;
        mallory.follow_all().await;
        let pending = mallory.thief();
        give_code(&mut mallory, &stage.clinic, &stage.mallory).await;
        assert!(
            sees(&mut mallory, "mallory").await,
            "{}",
            mallory.page().describe()
        );
        for kept in [anonymous, pending] {
            let page = kept
                .fetch(&login_ask(&kept, "alice", &secret("alice")))
                .await;
            let page = page.expect("an answer");
            assert_eq!(page.location(), Some(CHALLENGE), "{}", page.describe());
            assert!(
                !sees(&mut mallory, "alice").await,
                "{}",
                mallory.page().describe()
            );
            assert!(
                sees(&mut mallory, "mallory").await,
                "{}",
                mallory.page().describe()
            );
            start_over(&kept).await;
        }
    }
    stage.is_well().await;
}

/// The same as a race: both logins under way on one session at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b19_two_logins_on_one_session_take_turns() {
    let stage = stage().await;
    let mut mallory = stage.clinic.browser();
    mallory.open("/login.php").await;
    let other = mallory.thief();
    let latch = Latch::shut();
    stage.legacy.hold("POST", "/login.php", &latch);
    stage.legacy.done();
    let hers = login_ask(&mallory, "mallory", &secret("mallory"));
    let alices = login_ask(&other, "alice", &secret("alice"));
    let (first, second, ()) = tokio::join!(
        mallory.fetch(&hers),
        async {
            stage.legacy.reached("POST", "/login.php").await;
            other.fetch(&alices).await
        },
        async {
            stage.legacy.reached("POST", "/login.php").await;
            let early = stage.legacy.recorder.wait_for(usize::MAX, A_WHILE).await;
            assert!(!early);
            let logins = stage.legacy.recorder.requests();
            let logins = logins
                .iter()
                .filter(|one| one.text().contains("username=alice"))
                .count();
            assert_eq!(
                logins, 1,
                "only that of her enrolment: the second login waits"
            );
            latch.open();
        },
    );
    assert_eq!(first.expect("an answer").location(), Some(CHALLENGE));
    assert_eq!(second.expect("an answer").location(), Some(CHALLENGE));
    let logins: Vec<_> = stage
        .legacy
        .done()
        .into_iter()
        .filter(|one| one.method == "POST")
        .collect();
    assert_eq!(logins.len(), 2, "{logins:?}");
    assert!(logins[0].session.is_some());
    assert_ne!(logins[0].session, logins[1].session, "{logins:?}");
    mallory.open(CHALLENGE).await;
    give_code(&mut mallory, &stage.clinic, &stage.mallory).await;
    assert!(
        sees(&mut mallory, "mallory").await,
        "{}",
        mallory.page().describe()
    );
    start_over(&other).await;
    stage.is_well().await;
}

/// The login page may be asked for with a tainted session. Asked for during a login, it must not
/// bring the page of that login under the name of an earlier try.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b19_a_login_page_asked_for_during_a_login_is_not_held_for_somebody_else() {
    let stage = stage().await;
    let mut attacker = stage.clinic.browser();
    attacker.open("/login.php").await;
    attacker
        .submit(&[("username", "mallory"), ("password", "wrong")])
        .await;
    attacker.follow_all().await;
    let mut other = attacker.thief();
    let latch = Latch::shut();
    stage.legacy.done();
    stage.legacy.hold("POST", "/login.php", &latch);
    let login = login_ask(&attacker, "alice", &secret("alice"));
    let form = Ask::new("GET", other.at_home("/login.php"), Kind::Document, None).by_hand();
    let (login, form, ()) = tokio::join!(
        attacker.fetch(&login),
        async {
            stage.legacy.reached("POST", "/login.php").await;
            other.fetch(&form).await.expect("an answer")
        },
        async {
            stage.legacy.reached("POST", "/login.php").await;
            let _ = stage.legacy.recorder.wait_for(usize::MAX, A_WHILE).await;
            latch.open();
        },
    );
    assert_eq!(login.expect("an answer").location(), Some(CHALLENGE));
    assert!(!form.everything().contains(CANARY), "{}", form.describe());
    let done = stage.legacy.done();
    let page = done
        .iter()
        .find(|one| one.path == "/login.php" && one.method == "GET");
    assert!(page.is_none_or(|page| page.user.is_none()), "{done:?}");
    // Whatever the other browser holds now, mallory's code does not open alice's page.
    if other.open(CHALLENGE).await.path() == CHALLENGE && other.page().has_field("code") {
        give_code(&mut other, &stage.clinic, &stage.mallory).await;
    }
    assert!(
        is_blocked(&stage.legacy, &mut other).await,
        "{}",
        other.page().describe()
    );
    start_over(&attacker).await;
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b19_a_rotated_session_id_goes_on_and_its_old_value_for_a_while() {
    let stage = stage().await;
    let mut alice = sign_in(&stage.clinic, "alice", &stage.alice).await;
    let old = alice.thief();
    let page = alice.get("/rotate.php").await;
    assert!(page.has(CANARY), "{}", page.describe());
    let asks = [1, 2, 3].map(|n| old.script_ask("GET", &format!("/chart.php?pid={n}")));
    let [one, two, three] = &asks;
    let answers = tokio::join!(old.fetch(one), old.fetch(two), old.fetch(three));
    for answer in [answers.0, answers.1, answers.2] {
        assert!(
            answer.expect("an answer").has(CANARY),
            "requests under way carry the old id"
        );
    }
    stage.legacy.done();
    assert!(
        sees(&mut alice, "alice").await,
        "{}",
        alice.page().describe()
    );
    let session = stage.legacy.done().pop().and_then(|one| one.session);
    assert!(session.is_some_and(|id| id.ends_with("after-a-rotation")));
    assert_eq!(
        told(&stage.clinic, "session_ended").await,
        0,
        "no logout storm"
    );
    // Both values together, as a script or an old tab may send them: one of them is asked to go.
    let sealed = |browser: &Browser| browser.cookie("PHPSESSID").expect("sealed");
    let ours = alice.cookie(OURS).expect("ours");
    let both = format!(
        "GET {CHART} HTTP/1.1¶Host: emr.test¶Accept: text/html¶\
         Cookie: {OURS}={ours}; PHPSESSID={}; PHPSESSID={}¶¶",
        sealed(&old),
        sealed(&alice),
    );
    let answer = crate::ward::knock(&stage.clinic, &both)
        .await
        .expect("an answer");
    assert_eq!(answer.status, 400, "{}", answer.everything());
    let cleared = answer.set_cookies();
    assert!(
        cleared.iter().any(|line| line.starts_with("PHPSESSID=;")),
        "{cleared:?}"
    );
    stage.is_well().await;
}
