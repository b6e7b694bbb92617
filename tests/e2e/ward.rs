//! The ward: what honest people do, so that attacks have something to spoil, and the checks that
//! every attack is followed by. Never attacks anybody itself; see `attacks` and `cases`.

use anteroom::demo::DemoEmr;
use anteroom_config::ambient::entropy;
use anteroom_core::ids::{AppName, SubscriberId};
use anteroom_core::sealed_code::SealedCode;
use anteroom_core::temporary_code::TemporaryCode;
use anteroom_store::{
    EmergencyOpened, Paper, SubscriberListing, TemporaryCodeIssue, TemporaryIssued,
};
use anteroom_tests::answer::{Answer, NoAnswer};
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::{Ask, Initiator, Kind};
use anteroom_tests::browser::form::urlencoded;
use anteroom_tests::browser::page::Page;
pub use anteroom_tests::desk::issue_code;
use anteroom_tests::login::Login;
pub use anteroom_tests::login::{ALICE, BOB, CHEN, MALLORY};
use anteroom_tests::phone::Phone;
use anteroom_tests::raw::RawClient;
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::Clinic;
use std::time::Duration;

pub const OURS: &str = "__Host-anteroom";
pub const CHALLENGE: &str = "/.anteroom/challenge";
pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(60 * 60);
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Types the password and stops at whatever page comes.
pub async fn password(browser: &mut Browser, who: Login) -> Page {
    browser.open("/patients").await;
    browser
        .submit(&[("username", who.name), ("password", who.password)])
        .await;
    browser.follow_all().await
}

/// The same, and insists on the challenge.
pub async fn at_challenge(clinic: &Clinic, who: Login) -> Browser {
    let mut browser = clinic.browser();
    let page = password(&mut browser, who).await;
    assert_eq!(
        (page.status, page.path()),
        (200, CHALLENGE),
        "{}",
        page.describe()
    );
    browser
}

/// Enrols at the first sign-in, where enrolment is open. Gives the signed-in browser too.
pub async fn enrolled(clinic: &Clinic, who: Login) -> (Browser, Phone, Vec<String>) {
    let mut browser = clinic.browser();
    password(&mut browser, who).await;
    let (phone, codes) = enrol_here(&mut browser, clinic).await;
    (browser, phone, codes)
}

/// Takes her phone where there is a choice, scans the QR code, confirms it, and saves the recovery
/// codes.
pub async fn enrol_here(browser: &mut Browser, clinic: &Clinic) -> (Phone, Vec<String>) {
    browser.take_phone().await;
    let phone = Phone::scan(browser.page()).expect("the page shows a QR code");
    browser
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    browser.follow_all().await;
    let codes = recovery_codes(browser.page());
    assert_eq!(codes.len(), 10, "{}", browser.page().describe());
    browser.press("I have saved them", &[]).await;
    browser.follow_all().await;
    (phone, codes)
}

/// The recovery codes that a page shows.
pub fn recovery_codes(page: &Page) -> Vec<String> {
    page.recovery_codes()
}

/// Signs in with password and code, and lands in the app.
pub async fn sign_in(clinic: &Clinic, who: Login, phone: &Phone) -> Browser {
    let mut browser = at_challenge(clinic, who).await;
    browser
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    let page = browser.follow_all().await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/patients"),
        "{}",
        page.describe()
    );
    browser
}

/// Invariant I5: the audit log is whole, and the next honest login still works.
pub async fn all_is_well(clinic: &Clinic, who: Login, phone: &Phone) {
    clinic.world.clock.next_step();
    let mut browser = sign_in(clinic, who, phone).await;
    assert!(
        sees_chart(&mut browser).await,
        "{}",
        browser.page().describe()
    );
    audit_is_whole(clinic).await;
}

pub async fn audit_is_whole(clinic: &Clinic) {
    let report = clinic
        .store()
        .audit_verify(None)
        .await
        .expect("the store answers");
    assert_eq!(report.first_problem, None);
}

/// Whether this browser gets to see a patient.
pub async fn sees_chart(browser: &mut Browser) -> bool {
    browser
        .get("/patients/1001")
        .await
        .everything()
        .contains("CANARY-PHI")
}

/// How often the audit log tells of this.
pub async fn told(clinic: &Clinic, kind: &str) -> usize {
    let rows = clinic
        .store()
        .audit_tail(10_000)
        .await
        .expect("the store answers");
    rows.iter()
        .filter(|row| row.event.kind.name() == kind)
        .count()
}

/// What the store knows of somebody.
pub async fn listed(clinic: &Clinic, name: &str) -> Option<SubscriberListing> {
    let found = clinic
        .store()
        .subscriber_list(name, 10)
        .await
        .expect("the store answers");
    found.into_iter().find(|one| one.display_name == name)
}

pub async fn id_of(clinic: &Clinic, name: &str) -> SubscriberId {
    listed(clinic, name)
        .await
        .expect("the store knows this person")
        .id
}

/// How many verified sessions somebody has.
pub async fn sessions_of(clinic: &Clinic, name: &str) -> usize {
    match listed(clinic, name).await {
        None => 0,
        Some(one) => clinic
            .store()
            .sessions_of(one.id)
            .await
            .expect("the store answers")
            .len(),
    }
}

/// An operator gives somebody ten digits.
pub async fn give_code(clinic: &Clinic, name: &str, uses: u32, life: Duration) -> String {
    let mut random = [0; 16];
    entropy(&mut random);
    let code = TemporaryCode::mint(&random);
    let issue = TemporaryCodeIssue {
        subscriber: id_of(clinic, name).await,
        code: &code,
        expires_at: clinic.now().plus(life),
        uses,
        paper: Paper::of("helen", clinic.now()).because("phone at home"),
    };
    let issued = clinic.store().temporary_code_issue(issue).await;
    let issued = issued.expect("the store answers");
    assert!(matches!(issued, TemporaryIssued::Issued(_)), "{issued:?}");
    code.shown()
}

/// Codes for sealed envelopes, printed beforehand. Gives the batch too.
pub async fn print_codes(clinic: &Clinic, app: &str, count: usize) -> (i64, Vec<String>) {
    let mint = |_| {
        let mut random = [0; 15];
        entropy(&mut random);
        SealedCode::mint(&random)
    };
    let codes: Vec<SealedCode> = (0..count).map(mint).collect();
    let (app, paper) = (AppName::new(app), Paper::of("helen", clinic.now()));
    let issued = clinic.store().sealed_codes_issue(&app, &codes, paper);
    let batch = issued.await.expect("the store answers");
    (batch, codes.iter().map(SealedCode::shown).collect())
}

/// Two people open an exception.
pub async fn break_glass(clinic: &Clinic, app: &str, life: Duration) {
    let paper = Paper {
        approved_by: Some("maria"),
        ..Paper::of("helen", clinic.now()).because("the phone network is down")
    };
    let (app, ends_at) = (AppName::new(app), clinic.now().plus(life));
    let opened = clinic.store().emergency_open(&app, ends_at, paper);
    let opened = opened.await.expect("the store answers");
    assert!(matches!(opened, EmergencyOpened::Opened(_)), "{opened:?}");
}

/// The nonce of the forms on a page.
pub fn nonce(page: &Page) -> String {
    let forms = page.forms();
    let mut fields = forms.iter().flat_map(|form| form.fields.iter());
    let found = fields.find(|field| field.name == "nonce" && !field.value.is_empty());
    found
        .unwrap_or_else(|| panic!("no nonce on {}", page.describe()))
        .value
        .clone()
}

/// A form of ours, posted from one of our pages with exactly these pairs. Not sent yet.
pub fn posting(browser: &Browser, path: &str, pairs: &[(&str, &str)]) -> Ask {
    let from = Initiator {
        url: browser.at_home(CHALLENGE),
        policy: None,
    };
    Ask::new("POST", browser.at_home(path), Kind::Document, Some(from))
        .by_hand()
        .body("application/x-www-form-urlencoded", urlencoded(pairs))
}

/// Sends such a form; the page stays.
pub async fn post(browser: &Browser, path: &str, pairs: &[(&str, &str)]) -> Page {
    browser
        .fetch(&posting(browser, path, pairs))
        .await
        .expect("an answer")
}

/// Gives up a sign-in that waits for its code.
pub async fn start_over(browser: &Browser) {
    let page = post(browser, "/.anteroom/cancel", &[("nonce", "")]).await;
    assert_eq!(page.status, 303, "{}", page.describe());
}

/// Signs out by our own page.
pub async fn sign_out(browser: &Browser) {
    let page = post(browser, "/.anteroom/sign-out", &[("nonce", "")]).await;
    assert_eq!(page.status, 303, "{}", page.describe());
}

/// The value of our cookie that an answer gives, if it gives one and does not take it away.
pub fn given(page: &Page) -> Option<String> {
    let line = page.set_cookie_line(OURS)?;
    let value = line.split(['=', ';']).nth(1).unwrap_or_default().to_owned();
    (!value.is_empty()).then_some(value)
}

/// Sends these bytes (`¶` is CRLF) on a fresh TLS connection and reads one answer.
pub async fn knock(clinic: &Clinic, request: &str) -> Result<Answer, NoAnswer> {
    let mut client = RawClient::tls(clinic.addr, Sni::Name("emr.test"))
        .await
        .expect("TLS");
    client.ask(request).await
}

/// Wardbook, served for as long as the test runs, at this address.
pub async fn wardbook() -> (DemoEmr, String) {
    let demo = DemoEmr::new(b"a fixed seed for tests");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let served = demo.clone();
    tokio::spawn(async move { served.serve(listener, std::future::pending()).await });
    (demo, address)
}

/// What the private listener says.
pub async fn private(clinic: &Clinic, path: &str) -> Answer {
    let address = clinic.running().private.expect("a private listener");
    let mut client = RawClient::plain(address).await.expect("it listens");
    let ask = format!("GET {path} HTTP/1.1¶Host: x¶Connection: close¶¶");
    client.ask(&ask).await.expect("an answer")
}
