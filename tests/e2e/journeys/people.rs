//! Who the journeys are about, and what each of them does every day: sign in, enrol, ask for help.
//! Ends every story with `all_is_well`: the audit chain holds and an honest sign-in still works.

use std::time::Duration;

use anteroom_config::ambient::entropy;
use anteroom_core::audit::AuditKind;
use anteroom_core::enrolment::EnrolmentCode;
use anteroom_core::fold::{fold, spelling_key};
use anteroom_core::ids::SubscriberId;
use anteroom_store::{EnrolmentCodeIssue, Paper, SubscriberListing};
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
pub use anteroom_tests::login::{ALICE, BOB, CHEN, Login, MALLORY};
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::Clinic;

/// What nobody may see before the second factor.
pub const PHI: &str = "CANARY-PHI";

/// Somebody who has enrolled.
pub struct Person {
    pub login: Login,
    pub phone: Phone,
    pub codes: Vec<String>,
}

impl Person {
    /// The code that the phone shows after its next change.
    pub fn next_code(&self, clinic: &Clinic) -> String {
        clinic.world.clock.next_step();
        self.phone.code_at(&clinic.world.clock)
    }
}

/// Asks for a page, types name and password where that leads, and stops at whatever comes.
pub async fn password_for(browser: &mut Browser, wanted: &str, login: Login) {
    browser.open(wanted).await;
    browser
        .submit(&[("username", login.name), ("password", login.password)])
        .await;
    browser.follow_all().await;
    must_be_closed(browser.page());
}

pub async fn password(browser: &mut Browser, login: Login) {
    password_for(browser, "/patients", login).await;
}

/// Types this code into the page's own form and goes where that leads.
pub async fn type_code(browser: &mut Browser, code: &str) {
    browser.submit(&[("code", code)]).await;
    browser.follow_all().await;
}

/// Types a recovery code into the form for those.
pub async fn type_recovery(browser: &mut Browser, code: &str) {
    browser
        .submit_form("/.anteroom/recovery", &[("code", code)])
        .await;
    browser.follow_all().await;
}

/// The recovery codes that a page shows.
pub fn codes_on(page: &Page) -> Vec<String> {
    let words = page.visible();
    let words = words.split_whitespace();
    words
        .filter(|word| looks_like_a_code(word))
        .map(str::to_owned)
        .collect()
}

fn looks_like_a_code(word: &str) -> bool {
    word.len() == 24 && word.matches('-').count() == 4
}

/// From the first page of the set-up into the app, with a phone.
pub async fn enrol(browser: &mut Browser, clinic: &Clinic, login: Login) -> Person {
    browser.take_phone().await;
    assert_eq!(
        browser.page().path(),
        "/.anteroom/enrol",
        "{}",
        browser.page().describe()
    );
    let phone = Phone::scan(browser.page()).expect("the page shows a QR code");
    type_code(browser, &phone.code_at(&clinic.world.clock)).await;
    let codes = codes_on(browser.page());
    assert_eq!(codes.len(), 10, "{}", browser.page().describe());
    must_be_closed(browser.page());
    browser.press("I have saved them", &[]).await;
    browser.follow_all().await;
    Person {
        login,
        phone,
        codes,
    }
}

/// Signs in for the first time, where the first sign-in enrols.
pub async fn newcomer(clinic: &Clinic, browser: &mut Browser, login: Login) -> Person {
    password(browser, login).await;
    let person = enrol(browser, clinic, login).await;
    must_be_in(browser).await;
    person
}

/// Signs in with password and phone, and checks that it worked.
pub async fn sign_in(clinic: &Clinic, browser: &mut Browser, person: &Person) {
    password(browser, person.login).await;
    assert_eq!(
        browser.page().path(),
        "/.anteroom/challenge",
        "{}",
        browser.page().describe()
    );
    type_code(browser, &person.next_code(clinic)).await;
    assert_eq!(
        browser.page().path(),
        "/patients",
        "{}",
        browser.page().describe()
    );
    must_be_in(browser).await;
}

/// The chart opens.
pub async fn must_be_in(browser: &mut Browser) {
    browser.get("/patients/1001").await;
    assert_eq!(browser.page().status, 200, "{}", browser.page().describe());
    assert!(
        browser.page().has("CANARY-PHI-1001"),
        "{}",
        browser.page().describe()
    );
}

/// The chart does not open; what comes instead is returned.
pub async fn must_be_out(browser: &mut Browser) -> Page {
    let page = browser.get("/patients/1001").await;
    must_be_closed(&page);
    assert_ne!(page.status, 200, "{}", page.describe());
    page
}

/// Nothing of any patient is on this page.
pub fn must_be_closed(page: &Page) {
    assert!(!page.everything().contains(PHI), "{}", page.describe());
}

/// The operator issues an enrolment code, as `anteroom enrol-code` does.
pub async fn issue_code(clinic: &Clinic, host: &str, name: &str) -> String {
    let app = clinic
        .running()
        .gateway()
        .app_for(host)
        .expect("an app of this clinic");
    let mut random = [0; 5];
    entropy(&mut random);
    let code = EnrolmentCode::mint(&random);
    let issue = EnrolmentCodeIssue {
        realm: &app.settings.realm,
        tenant: "",
        display: name,
        folded: &fold(name).expect("a sound name"),
        spelling_key: &spelling_key(name, &app.settings.profile.spelling),
        code: &code,
        expires_at: clinic.now().plus(Duration::from_secs(24 * 60 * 60)),
        paper: Paper::of("operator:it", clinic.now()),
    };
    clinic
        .store()
        .enrolment_code_issue(issue)
        .await
        .expect("the store takes it");
    code.shown()
}

/// What the operator sees of somebody.
pub async fn listing(clinic: &Clinic, name: &str) -> SubscriberListing {
    let mut found = clinic
        .store()
        .subscriber_list(name, 10)
        .await
        .expect("the store answers");
    assert_eq!(found.len(), 1, "{name}: {found:#?}");
    found.remove(0)
}

pub async fn id_of(clinic: &Clinic, name: &str) -> SubscriberId {
    listing(clinic, name).await.id
}

/// How often this stands in the audit log.
pub async fn audited(clinic: &Clinic, kind: AuditKind) -> usize {
    let rows = clinic
        .store()
        .audit_tail(500)
        .await
        .expect("the log can be read");
    rows.iter().filter(|row| row.event.kind == kind).count()
}

/// The page in front of her is the app's own login.
pub fn must_be_at_login(browser: &Browser) {
    let page = browser.page();
    assert!(page.has_field("password"), "{}", page.describe());
}

/// The end of every story: nothing was broken for anybody.
pub async fn all_is_well(clinic: &Clinic, person: &Person) {
    let report = clinic
        .store()
        .audit_verify(None)
        .await
        .expect("the log can be read");
    assert!(report.first_problem.is_none(), "{:?}", report.first_problem);
    // Whatever the story did to the clock's small hand: a fresh step for an honest sign-in.
    clinic.world.clock.next_step();
    let mut fresh = clinic.browser();
    sign_in(clinic, &mut fresh, person).await;
}
