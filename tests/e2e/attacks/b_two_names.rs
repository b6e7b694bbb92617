//! Family B, two names on one session (B15, B19): the app's cookies that went with a password under
//! one name go with none under another, whatever the app made of the first. The app behind never
//! renews a session id and answers its login page with a chart to whoever is logged in.

use anteroom_tests::browser::Browser;
use anteroom_tests::recorder::Script;

use super::b_sessions::{Stage, stage};
use super::legacy::{
    Done, Legacy, enrolled, is_blocked, login_ask, password, secret, sees, sign_in,
};
use super::records::{clinic_at, give_code};
use crate::ward::{CHALLENGE, start_over};

/// What became of the logins that the app was sent since it was last asked.
fn logins(stage: &Stage) -> Vec<Done> {
    let done = stage.legacy.done();
    done.into_iter()
        .filter(|one| one.method == "POST")
        .collect()
}

/// Sends a login from this browser and goes where it leads.
async fn log_in(browser: &mut Browser, name: &str, password: &str) {
    let ask = login_ask(browser, name, password);
    browser.land(ask).await;
    browser.follow_all().await;
}

/// Every way from here with mallory's phone. None of them may show alice's chart.
async fn must_lead_nowhere(stage: &Stage, browser: &mut Browser, what: &str) {
    for path in ["/login.php", CHALLENGE] {
        browser.get(path).await;
        browser.follow_all().await;
        let page = browser.page().clone();
        assert!(!page.has("Seen by alice"), "{what}: {}", page.describe());
        if page.path() == CHALLENGE {
            let page = give_code(browser, &stage.clinic, &stage.mallory).await;
            assert!(!page.has("Seen by alice"), "{what}: {}", page.describe());
        }
        assert!(
            !sees(browser, "alice").await,
            "{what}: {}",
            browser.page().describe()
        );
    }
}

/// The attack that needs alice's password and an account of one's own, and no phone of hers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b19_what_alices_password_opened_is_not_opened_by_mallorys_code() {
    let stage = stage().await;
    for (what, refused, second) in [
        ("right, then a wrong one of mallory", false, "wrong"),
        ("right, then mallory's own", false, "right-for-mallory"),
        ("right but taken for wrong, then a wrong one", true, "wrong"),
        (
            "right but taken for wrong, then mallory's own",
            true,
            "right-for-mallory",
        ),
    ] {
        stage.legacy.behave();
        if refused {
            // An app that sends her back to its login page, as a `next` in the address may ask.
            stage
                .legacy
                .answer_logins_with(|_| Script::redirect("/login.php?error=1", &[]));
        }
        let mut browser = stage.clinic.browser();
        browser.open("/login.php").await;
        log_in(&mut browser, "alice", &secret("alice")).await;
        let hers = logins(&stage)
            .pop()
            .and_then(|one| one.session)
            .expect("a session");
        assert_eq!(
            stage.legacy.user_of(&hers).as_deref(),
            Some("alice"),
            "{what}"
        );
        log_in(&mut browser, "mallory", second).await;
        let his = logins(&stage);
        assert_eq!(his.len(), 1, "{what}: the app was asked");
        assert_ne!(his[0].session.as_ref(), Some(&hers), "{what}");
        assert_eq!(his[0].user, None, "{what}");
        must_lead_nowhere(&stage, &mut browser, what).await;
        start_over(&browser).await;
    }
    stage.legacy.behave();
    stage.is_well().await;
}

/// Where the app can be asked whose session it is, a colleague may take over the browser in one go;
/// and what it says counts, never what was typed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b19_where_the_app_can_be_asked_its_word_counts_and_its_silence_opens_nothing() {
    let legacy = Legacy::start().await;
    let origin = format!("http://{}", legacy.recorder.addr());
    let probe = "[app.login.probe]\npath = \"/whoami.php\"\njson = \"/username\"\n";
    let clinic = clinic_at(&origin, probe).await;
    let (_, alice) = enrolled(&clinic, clinic.browser(), "alice").await;
    let (_, mallory) = enrolled(&clinic, clinic.browser(), "mallory").await;
    let stage = Stage {
        legacy,
        clinic,
        alice,
        mallory,
    };

    let mut browser = stage.clinic.browser();
    browser.open("/login.php").await;
    log_in(&mut browser, "alice", &secret("alice")).await;
    // A wrong password of his: the app says that it is still alice, so alice is challenged.
    log_in(&mut browser, "mallory", "wrong").await;
    must_lead_nowhere(&stage, &mut browser, "his wrong one").await;
    // His own: now the session is his, and his code opens what is his.
    log_in(&mut browser, "mallory", &secret("mallory")).await;
    must_lead_nowhere(&stage, &mut browser, "his own").await;
    start_over(&browser).await;

    // And an app that does not answer when it is asked leaves nothing to go by.
    let mut browser = stage.clinic.browser();
    browser.open("/login.php").await;
    log_in(&mut browser, "alice", &secret("alice")).await;
    stage.legacy.say_nothing_of_who_it_is(true);
    log_in(&mut browser, "mallory", "wrong").await;
    assert!(browser.page().has("again"), "{}", browser.page().describe());
    stage.legacy.say_nothing_of_who_it_is(false);
    must_lead_nowhere(&stage, &mut browser, "silence").await;
    start_over(&browser).await;
    stage.is_well().await;
}

/// An app that waves through whoever is logged in would take any password of the second name for
/// right: mallory could enrol a phone of his as somebody who has none, or have her locked out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b15_a_session_of_mallorys_proves_no_password_of_bobs() {
    let stage = stage().await;
    let verified = sign_in(&stage.clinic, "mallory", &stage.mallory).await;
    let mut pending = stage.clinic.browser();
    let page = password(&mut pending, "mallory").await;
    assert_eq!(page.path(), CHALLENGE, "{}", page.describe());
    for mut browser in [verified, pending] {
        logins(&stage);
        log_in(&mut browser, "bob", "anything").await;
        let sent = logins(&stage);
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!(sent[0].user, None, "it went with nobody's session");
        assert!(is_blocked(&stage.legacy, &mut browser).await);
        start_over(&browser).await;
    }
    stage.is_well().await;
}

/// A slip of the pen, or a colleague who gave up at this computer: the next one signs in as ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_first_typed_another_name_signs_in_all_the_same() {
    let stage = stage().await;
    let mut browser = stage.clinic.browser();
    browser.open("/login.php").await;
    for (name, typed) in [("alcie", "right-for-alice"), ("mallory", "wrong")] {
        browser
            .submit(&[("username", name), ("password", typed)])
            .await;
        let page = browser.follow_all().await;
        assert!(page.has("Wrong user name"), "{}", page.describe());
    }
    // The same name again keeps the session: an app's token in its form goes on counting.
    browser
        .submit(&[("username", "alice"), ("password", "wrong")])
        .await;
    browser.follow_all().await;
    let first = logins(&stage).pop().and_then(|one| one.session);
    browser
        .submit(&[("username", "alice"), ("password", &secret("alice"))])
        .await;
    let page = browser.follow_all().await;
    let second = logins(&stage).pop().and_then(|one| one.session);
    assert_eq!(first, second);
    assert_eq!(page.path(), CHALLENGE, "{}", page.describe());
    give_code(&mut browser, &stage.clinic, &stage.alice).await;
    assert!(
        sees(&mut browser, "alice").await,
        "{}",
        browser.page().describe()
    );
    stage.is_well().await;
}
