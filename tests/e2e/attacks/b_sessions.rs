//! Family B, whose session it is: logins inside other people's sessions, and codes for the login of
//! another form (B15, B17); planted and shared sessions are `b_planted`'s. The app behind never
//! renews a session id: whoever holds one holds whoever logged in last.

use anteroom_tests::browser::Browser;
use anteroom_tests::browser::send::Protocol;
use anteroom_tests::h2client::{H2Ask, H2Client};
use anteroom_tests::phone::Phone;
use anteroom_tests::recorder::Latch;
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::{Clinic, eventually};

use super::legacy::{
    CANARY, CHART, Legacy, all_is_well, enrolled, is_blocked, login_ask, password, secret, sees,
};
use super::records::give_code;
use crate::ward::{CHALLENGE, nonce, post, sessions_of, start_over, told};

/// The app, its clinic, and two people who can sign in.
pub(super) struct Stage {
    pub(super) legacy: Legacy,
    pub(super) clinic: Clinic,
    pub(super) alice: Phone,
    pub(super) mallory: Phone,
}

pub(super) async fn stage() -> Stage {
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
    pub(super) async fn mallory_over(&self, protocol: Protocol) -> Browser {
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

    pub(super) async fn is_well(&self) {
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
