//! A clinician with a passkey: her first sign-in, the second, the day without it, the locked
//! session. What nobody may do with one is `attacks::d_passkeys`; real browsers are in
//! `tests/browser`.

use std::collections::BTreeSet;
use std::process::Command;

use anteroom_core::authenticator::Kinds;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::login::Login;
use anteroom_tests::security_key::SecurityKey;
use anteroom_tests::world::binary::path;
use anteroom_tests::world::start::{Clinic, coded_enrolment};

use crate::ward::{
    ALICE, CHALLENGE, HOUR, MINUTE, at_challenge, audit_is_whole, enrolled, id_of, issue_code,
    nonce, password, post, recovery_codes, sees_chart, told,
};

pub const ANSWER: &str = "/.anteroom/challenge/passkey";
pub const ENROL: &str = "/.anteroom/enrol/passkey";
pub const HOME: &str = "https://emr.test";

/// Enrols with a fresh key at the first sign-in, saves the codes and lands in the app.
pub async fn enrolled_with_key(clinic: &Clinic, who: Login) -> (Browser, SecurityKey, Vec<String>) {
    let mut browser = clinic.browser();
    password(&mut browser, who).await;
    let (key, codes) = set_up_key(&mut browser).await;
    (browser, key, codes)
}

/// Makes a key from the enrolment page shown, and goes on to the app.
pub async fn set_up_key(browser: &mut Browser) -> (SecurityKey, Vec<String>) {
    let page = browser.open(ENROL).await;
    let options = SecurityKey::asked(&page).unwrap_or_else(|| panic!("{}", page.describe()));
    let mut key = SecurityKey::new(HOME);
    let answer = key.create(&options);
    browser
        .press("Set up a passkey", &[("answer", &answer)])
        .await;
    let page = browser.follow_all().await;
    let codes = recovery_codes(&page);
    assert_eq!(codes.len(), 10, "{}", page.describe());
    browser.press("I have saved them", &[]).await;
    let page = browser.follow_all().await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/patients"),
        "{}",
        page.describe()
    );
    (key, codes)
}

/// Posts an answer from the page shown; the page stays.
pub async fn answer(browser: &Browser, page: &Page, answer: &str) -> Page {
    post(
        browser,
        ANSWER,
        &[("nonce", &nonce(page)), ("answer", answer)],
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn she_enrols_with_a_passkey_and_signs_in_with_it() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
    assert!(sees_chart(&mut alice).await);

    let mut second = at_challenge(&clinic, ALICE).await;
    assert_eq!(second.page().heading(), "Use your passkey");
    assert!(
        second.page().has("Try another way"),
        "{}",
        second.page().describe()
    );
    let options = SecurityKey::asked(second.page()).expect("a challenge");
    assert_eq!(options["rpId"], "emr.test");
    assert_eq!(
        options["allowCredentials"].as_array().map(Vec::len),
        Some(1)
    );
    let signed = key.sign(&options);
    second
        .press("Use your passkey or security key", &[("answer", &signed)])
        .await;
    let page = second.follow_all().await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/patients"),
        "{}",
        page.describe()
    );
    assert!(sees_chart(&mut second).await);
    let id = id_of(&clinic, ALICE.name).await;
    let open = clinic
        .store()
        .sessions_of(id)
        .await
        .expect("the store answers");
    assert!(open.iter().all(|one| one.amr == "pwd swk mfa"), "{open:?}");
    assert_eq!(open.len(), 2);
    assert_eq!(told(&clinic, "passkey_used").await, 1);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operators_code_comes_first_where_one_is_needed() {
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let early = alice.open(ENROL).await;
    assert_eq!(early.path(), "/.anteroom/enrol/code");
    let code = issue_code(&clinic, ALICE.name, 7, HOUR).await;
    alice.submit(&[("code", &code)]).await;
    alice.follow_all().await;
    alice.click("Passkey or security key").await;
    assert!(
        alice.page().has("Step 3 of 4"),
        "{}",
        alice.page().describe()
    );
    set_up_key(&mut alice).await;
    assert_eq!(told(&clinic, "enrolment_started").await, 1);
    assert_eq!(told(&clinic, "enrolment_code_used").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_her_key_she_uses_a_recovery_code() {
    let clinic = Clinic::with_demo().await;
    let (_, _, codes) = enrolled_with_key(&clinic, ALICE).await;
    let mut at_home = at_challenge(&clinic, ALICE).await;
    at_home.press("Use this code", &[("code", &codes[0])]).await;
    at_home.follow_all().await;
    assert!(
        sees_chart(&mut at_home).await,
        "{}",
        at_home.page().describe()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_without_scripts_is_told_so_and_it_costs_nothing() {
    let clinic = Clinic::with_demo().await;
    enrolled_with_key(&clinic, ALICE).await;
    let mut alice = at_challenge(&clinic, ALICE).await;
    let page = alice.press("Use your passkey or security key", &[]).await;
    assert!(
        page.has("This browser did not ask for a passkey."),
        "{}",
        page.describe()
    );
    assert_eq!(told(&clinic, "challenge_failed").await, 0);
    assert!(page.form_names().len() > 2, "the other ways are there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_session_is_opened_by_the_key_and_goes_on_where_it_was() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
    clinic.world.clock.advance(16 * MINUTE);
    let page = alice.open("/patients/1001").await;
    assert_eq!(page.path(), CHALLENGE, "{}", page.describe());
    let signed = key.sign(&SecurityKey::asked(&page).expect("a challenge"));
    alice
        .press("Use your passkey or security key", &[("answer", &signed)])
        .await;
    let page = alice.follow_all().await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/patients/1001"),
        "{}",
        page.describe()
    );
    assert_eq!(told(&clinic, "session_unlocked").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_form_sent_twice_is_one_sign_in() {
    let clinic = Clinic::with_demo().await;
    let (_, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
    let browser = at_challenge(&clinic, ALICE).await;
    let page = browser.page().clone();
    let signed = key.sign(&SecurityKey::asked(&page).expect("a challenge"));
    let first = answer(&browser, &page, &signed).await;
    assert_eq!(first.status, 303, "{}", first.describe());
    assert_eq!(told(&clinic, "passkey_used").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_takes_no_passkeys_neither_offers_nor_asks_for_one() {
    let lines = anteroom_tests::world::start::open_enrolment("demo");
    let lines = format!("{lines}[app.factors]\nkinds = [\"totp\"]\n");
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut alice = clinic.browser();
    let page = password(&mut alice, ALICE).await;
    assert!(!page.has("passkey"), "{}", page.describe());
    let page = alice.open(ENROL).await;
    assert_eq!(page.path(), "/.anteroom/enrol");
    assert_ne!(
        clinic.running().gateway().settings.apps[0].policy.kinds,
        Kinds::PRESET
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_script_is_served_for_ever_and_stands_only_where_it_is_needed() {
    let clinic = Clinic::with_demo().await;
    let (browser, _, _) = enrolled(&clinic, ALICE).await;
    let plain = at_challenge(&clinic, ALICE).await;
    let policy = plain
        .page()
        .header("content-security-policy")
        .expect("a policy");
    assert!(!policy.contains("script-src"), "{policy}");
    assert_eq!(plain.page().attribute("defer"), None);
    drop(browser);

    let other = Clinic::with_demo().await;
    enrolled_with_key(&other, ALICE).await;
    let mut scripted = at_challenge(&other, ALICE).await;
    let policy = scripted
        .page()
        .header("content-security-policy")
        .expect("a policy");
    assert!(
        policy.contains("script-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    let path = scripted.page().attribute("src").expect("the script");
    let script = scripted.get(&path).await;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert!(
        script
            .header("cache-control")
            .is_some_and(|told| told.contains("immutable"))
    );
}

/// What `anteroom check` says of this configuration, beside the clinic's store.
fn checked(clinic: &Clinic, text: &str) -> String {
    let config = clinic.world.file("other.toml", text);
    let mut check = Command::new(path());
    let done = check.arg("--config").arg(config).arg("check").output();
    String::from_utf8(done.expect("the binary starts").stdout).expect("words")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_says_which_keys_another_name_would_leave_dead_and_touches_nothing() {
    let mut clinic = Clinic::with_demo().await;
    enrolled_with_key(&clinic, ALICE).await;
    let config = clinic.world.dir().join("anteroom.toml");
    let text = std::fs::read_to_string(config).expect("its own");
    let moved = text.replace("emr.test", "chart.test");
    let files = |clinic: &Clinic| {
        let entries = std::fs::read_dir(clinic.world.dir()).expect("its own");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names.collect::<BTreeSet<_>>()
    };
    checked(&clinic, &text);
    for running in [true, false] {
        if !running {
            clinic.stop().await;
            clinic.stop_admin().await;
        }
        let before = files(&clinic);
        let said = checked(&clinic, &text);
        let fine = "passkeys: 1, all made for names that the settings have";
        assert!(said.contains(fine), "{running}: {said}");
        let said = checked(&clinic, &moved);
        let dead = "were made for emr.test, which no app there is called";
        assert!(said.contains(dead), "{running}: {said}");
        assert_eq!(files(&clinic), before, "{running}");
    }
}
