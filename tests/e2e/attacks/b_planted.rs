//! Family B, sessions that were somebody else's before: planted, handed over, shared by two logins
//! (B18, B19). A jar that carried one person's login carries nobody else's.

use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::{Ask, Kind};
use anteroom_tests::recorder::Latch;

use super::legacy::{
    A_WHILE, CANARY, CHART, is_blocked, login_ask, password, secret, sees, sign_in,
};
use super::records::give_code;
use crate::ward::{CHALLENGE, OURS, start_over, told};

use super::b_sessions::stage;

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
