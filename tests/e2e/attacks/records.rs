//! The small records app on PHP behind a gateway, and raw login forms thrown at it. PHP is here for
//! its own reading of odd requests: what it would take for a login must not get through as anything
//! else. Attacks nobody; `b_*` and `c_*` do.

use std::net::SocketAddr;

use anteroom_tests::answer::{Answer, NoAnswer};
use anteroom_tests::apps::App;
use anteroom_tests::apps::php::{self, CANARY, CHART};
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::login::Login;
use anteroom_tests::phone::Phone;
use anteroom_tests::raw::{RawClient, crlf};
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};

use crate::ward::{audit_is_whole, enrol_here};

pub const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

/// The clinic of this app, enrolment open, as the preset takes it.
pub async fn clinic(app: &App) -> Clinic {
    clinic_at(&app.origin(), "").await
}

/// The same at any upstream, with more lines for the app's own login.
pub async fn clinic_at(origin: &str, lines: &str) -> Clinic {
    let lines = format!("{}{lines}", open_enrolment("php-session"));
    Plan::empty().app("emr", origin, &lines).open().await
}

/// Types the password and stops at whatever page comes.
pub async fn password(browser: &mut Browser, who: Login) -> Page {
    browser.open(CHART).await;
    browser
        .submit(&[("username", who.name), ("password", who.password)])
        .await;
    browser.follow_all().await
}

/// Enrols at the first sign-in and stays signed in.
pub async fn enrolled(clinic: &Clinic, who: Login) -> (Browser, Phone) {
    let mut browser = clinic.browser();
    password(&mut browser, who).await;
    let (phone, _) = enrol_here(&mut browser, clinic).await;
    assert!(
        sees_chart(&mut browser).await,
        "{}",
        browser.page().describe()
    );
    (browser, phone)
}

/// Signs in with password and a code of the next step.
pub async fn sign_in(clinic: &Clinic, who: Login, phone: &Phone) -> Browser {
    let mut browser = clinic.browser();
    let page = password(&mut browser, who).await;
    assert_eq!(page.path(), crate::ward::CHALLENGE, "{}", page.describe());
    give_code(&mut browser, clinic, phone).await;
    assert!(
        sees_chart(&mut browser).await,
        "{}",
        browser.page().describe()
    );
    browser
}

/// Types a code that was not used before on the challenge shown.
pub async fn give_code(browser: &mut Browser, clinic: &Clinic, phone: &Phone) -> Page {
    clinic.world.clock.next_step();
    browser
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    browser.follow_all().await
}

/// Whether this browser gets to see a patient.
pub async fn sees_chart(browser: &mut Browser) -> bool {
    browser.get(CHART).await.everything().contains(CANARY)
}

/// Who the app says this browser is; `None` when it is not even asked.
pub async fn whoami(browser: &mut Browser) -> Option<String> {
    let page = browser.get("/whoami.php").await;
    if page.status != 200 {
        return None;
    }
    page.json()["username"].as_str().map(str::to_owned)
}

/// Invariant I5: the next honest sign-in works, and the audit log is whole.
pub async fn all_is_well(clinic: &Clinic, who: Login, phone: &Phone) {
    sign_in(clinic, who, phone).await;
    audit_is_whole(clinic).await;
}

/// How many login forms have reached this instance; only for one that a test has for itself.
pub fn logins(app: &App) -> usize {
    app.output().matches("POST /login.php").count()
}

/// A login form as bytes: header lines joined by `¶`, then exactly this body.
pub fn form(target: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = crlf(&format!(
        "POST {target} HTTP/1.1¶Host: emr.test¶Origin: https://emr.test¶Accept: text/html¶{fields}¶\
         Content-Length: {}¶¶",
        body.len()
    ));
    bytes.extend_from_slice(body);
    bytes
}

/// Sends these bytes to the gateway on a fresh TLS connection. A refusal may come while we still
/// write.
pub async fn throw(clinic: &Clinic, bytes: &[u8]) -> Result<Answer, NoAnswer> {
    let mut client = RawClient::tls(clinic.addr, Sni::Name("emr.test"))
        .await
        .expect("TLS");
    let _ = client.send(bytes).await;
    client.answer().await
}

/// Sends the same form past the gateway, to see what the app itself makes of it.
pub async fn throw_at(app: SocketAddr, bytes: &[u8]) -> Answer {
    let mut client = RawClient::plain(app).await.expect("the app listens");
    client.send(bytes).await.expect("the app reads");
    client.answer().await.expect("the app answers")
}

/// Whether the app took it for a login: it leads on to a page of the app.
pub fn logged_in(answer: &Answer) -> bool {
    answer.status == 302 && answer.location().is_some_and(|to| to.contains("chart.php"))
}

/// The cookies of a jar as one `Cookie` field, for raw requests.
pub fn cookie_field(browser: &Browser) -> String {
    let pairs: Vec<String> = browser
        .jar()
        .all()
        .iter()
        .map(|cookie| cookie.pair())
        .collect();
    format!("Cookie: {}", pairs.join("; "))
}

/// The small app itself, in an instance of its own, or nothing where PHP is not installed.
pub fn own_app() -> Option<App> {
    anteroom_tests::apps::present(php::start_own())
}
