//! Is everything all right? The front page on a quiet morning, and each alarm when it happens. The
//! alarm of an open exception stands in `break_glass`.

use std::time::Duration;

use anteroom_core::operator::Role;
use anteroom_tests::browser::Browser;
use anteroom_tests::login::Login;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};

use crate::desk::{clinic_with_people, operator};
use crate::journeys::people::{
    ALICE, BOB, MALLORY, all_is_well, newcomer, password, sign_in, type_code, type_recovery,
};
use crate::ward::{DAY, MINUTE, enrol_here, wardbook};

const WELL: &str = "All is well";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_quiet_morning_all_is_well() {
    let clinic = clinic_with_people("").await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let page = olga.see("/").await;
    assert_eq!(page.heading(), WELL, "{}", page.describe());
    assert!(page.has("Nobody has signed in yet today, and nobody is locked out."));
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    crate::ward::issue_code(&clinic, "bob", 1, DAY).await;
    let page = olga.see("/").await;
    assert_eq!(page.heading(), WELL, "{}", page.describe());
    for words in [
        "One sign-in so far today, and nobody is locked out.",
        "1 second factor set up",
        "1 no phone yet",
        "0 locked now",
        "No sign-in has failed today.",
        "Nobody used one in the last week.",
        "SQLite, ",
        "One in 14 days.",
        env!("CARGO_PKG_VERSION"),
    ] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_wrong_codes_after_a_right_password_name_the_person_and_the_locked() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    clinic.world.clock.advance(MINUTE);
    let mut thief = clinic.browser();
    password(&mut thief, ALICE).await;
    for _ in 0..5 {
        let wrong = alice.phone.wrong_code(clinic.world.clock.now());
        type_code(&mut thief, &wrong).await;
    }
    let page = olga.see("/").await;
    assert_eq!(page.heading(), "One thing needs you", "{}", page.describe());
    for words in [
        "alice: many wrong codes after the right password. The password may be stolen.",
        "Since today 08:01 UTC",
        "one person is locked out",
        "5 wrong codes",
        "Why sign-ins failed wrong codes 5",
        "1 locked now",
    ] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    let page = olga.browser.click("alice: many wrong codes").await;
    assert_eq!(page.heading(), "alice", "{}", page.describe());
    clinic.world.clock.advance(MINUTE);
    all_is_well(&clinic, &alice).await;
}

/// Enrols at this host, then signs in again with a phone that is four minutes slow.
async fn slow_phone(clinic: &Clinic, host: &str, login: Login) {
    let mut browser: Browser = clinic.browser_at(host);
    password(&mut browser, login).await;
    let (phone, _): (Phone, _) = enrol_here(&mut browser, clinic).await;
    clinic.world.clock.advance(10 * MINUTE);
    let mut again = clinic.browser_at(host);
    password(&mut again, login).await;
    let late = phone.code(clinic.world.clock.now() - 240);
    type_code(&mut again, &late).await;
    assert!(again.page().has("minutes"), "{}", again.page().describe());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_phones_with_a_wrong_clock_mean_that_the_clock_here_is_wrong() {
    let (_emr, at_emr) = wardbook().await;
    let (_lab, at_lab) = wardbook().await;
    let plan = Plan::empty().app("emr", &at_emr, &open_enrolment("demo"));
    let plan = plan.app("lab", &at_lab, &open_enrolment("demo")).admin("");
    let clinic = plan.open().await;
    for (host, login) in [
        ("emr.test", ALICE),
        ("emr.test", BOB),
        ("emr.test", MALLORY),
        ("lab.test", ALICE),
    ] {
        slow_phone(&clinic, host, login).await;
    }
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let page = olga.see("/").await;
    assert_eq!(page.heading(), WELL, "{}", page.describe());
    slow_phone(&clinic, "lab.test", BOB).await;
    let page = olga.see("/").await;
    assert!(
        page.has("5 people's phones seem to have a wrong clock today"),
        "{}",
        page.describe()
    );
    let page = olga.see("/people?name=mallory").await;
    assert!(page.has("One person found."), "{}", page.describe());
    let page = olga.browser.click("mallory").await;
    assert!(
        page.has("phone clock about 4 minutes slow"),
        "{}",
        page.describe()
    );
}

/// The app does not answer any more where it is asked who is logged in. Gives the configuration of
/// before.
async fn app_changes(clinic: &mut Clinic) -> String {
    let path = clinic.world.dir().join("anteroom.toml");
    let good = std::fs::read_to_string(path).expect("the configuration");
    let gone = "[app.login.probe]\npath = \"/api/gone.json\"\njson = \"/user\"\n[app.contact]";
    clinic
        .world
        .file("anteroom.toml", &good.replace("[app.contact]", gone));
    clinic.restart().await;
    good
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_whose_login_is_not_recognised_any_more_is_named() {
    let mut clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let good = app_changes(&mut clinic).await;
    for _ in 0..6 {
        let mut browser = clinic.browser();
        password(&mut browser, BOB).await;
        crate::ward::start_over(&browser).await;
        clinic.world.clock.advance(Duration::from_secs(20));
    }
    let page = olga.see("/").await;
    assert!(
        page.has("Logins at Ward emr are not recognised any more: the app may have changed."),
        "{}",
        page.describe()
    );
    assert!(page.has("answers not recognised 6"), "{}", page.describe());
    let page = olga.browser.click("Logins at Ward emr").await;
    assert!(
        page.has("An unclear answer to a sign-in"),
        "{}",
        page.describe()
    );
    // Many that are recognised outweigh them.
    clinic.world.file("anteroom.toml", &good);
    clinic.restart().await;
    for _ in 0..7 {
        sign_in(&clinic, &mut clinic.browser(), &alice).await;
    }
    let page = olga.see("/").await;
    assert!(
        !page.has("are not recognised any more"),
        "{}",
        page.describe()
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_ends_soon_is_named_with_its_days() {
    let clinic = clinic_with_people("").await;
    // Certificates of these tests end with the year 4095: two weeks before that.
    const CHRISTMAS_4095: i64 = 67_089_600_000_000;
    clinic.world.clock.set_ms(CHRISTMAS_4095);
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let page = olga.see("/").await;
    assert!(
        page.has("The certificate ") && page.has(" ends in "),
        "{}",
        page.describe()
    );
    assert_ne!(page.heading(), WELL);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_that_waits_and_a_recovery_code_that_was_used_are_told() {
    let chiefs = "[[admin.group]]\nname = \"Chiefs\"\nrealm = \"emr\"\npeople = [\"alice\"]\n";
    let clinic = clinic_with_people(chiefs).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    type_recovery(&mut browser, &alice.codes[0]).await;
    let page = olga.see("/").await;
    assert_eq!(page.heading(), WELL, "{}", page.describe());
    assert!(
        page.has("alice today 08:00 UTC, nine left"),
        "{}",
        page.describe()
    );
    helen.act("alice", "Reset second factor", &[]).await;
    let page = olga.see("/").await;
    assert_eq!(page.heading(), "One thing needs you", "{}", page.describe());
    assert!(
        page.has("One act waits for a second operator."),
        "{}",
        page.describe()
    );
    assert!(!page.has("Since .") && !page.text().contains(">Since </p>"));
    let page = olga.browser.click("One act waits").await;
    assert_eq!(page.path(), "/approvals");
    all_is_well(&clinic, &alice).await;
}
