//! The first sign-in of a clinician, her second one, and what everybody else gets meanwhile.
//! Start here to understand the product; `recovery`, `lifetimes` and `crash` go on from it.

use anteroom_tests::browser::Browser;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::Clinic;

/// Signs a browser in with a password and stops at whatever comes.
pub async fn password(browser: &mut Browser, name: &str, password: &str) {
    browser.open("/patients").await;
    browser
        .submit(&[("username", name), ("password", password)])
        .await;
    browser.follow_all().await;
}

/// Enrols a phone from the QR code, saves the recovery codes and lands in the app.
pub async fn enrol(browser: &mut Browser, clinic: &Clinic) -> (Phone, Vec<String>) {
    browser.take_phone().await;
    let phone = Phone::scan(browser.page()).expect("the page shows a QR code");
    let code = phone.code_at(&clinic.world.clock);
    browser.submit(&[("code", &code)]).await;
    browser.follow_all().await;
    let codes: Vec<String> = browser
        .page()
        .visible()
        .split_whitespace()
        .filter(|word| word.len() == 24 && word.matches('-').count() == 4)
        .map(str::to_owned)
        .collect();
    browser.submit(&[]).await;
    browser.follow_all().await;
    (phone, codes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinician_enrols_at_her_first_sign_in_and_lands_where_she_wanted() {
    let clinic = Clinic::with_demo().await;
    let mut alice = clinic.browser();
    password(&mut alice, "alice", "Stethoscope-1").await;
    assert!(
        !alice.page().everything().contains("CANARY-PHI"),
        "{}",
        alice.page().describe()
    );
    let (phone, codes) = enrol(&mut alice, &clinic).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(
        alice.page().path(),
        "/patients",
        "{}",
        alice.page().describe()
    );
    assert_eq!(alice.page().status, 200);
    alice.get("/patients/1001").await;
    assert!(alice.page().has("CANARY-PHI-1001"));

    clinic.world.clock.next_step();
    let mut second = clinic.browser();
    password(&mut second, "alice", "Stethoscope-1").await;
    assert_eq!(second.page().path(), "/.anteroom/challenge");
    second
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    second.follow_all().await;
    assert_eq!(second.page().path(), "/patients");
}
