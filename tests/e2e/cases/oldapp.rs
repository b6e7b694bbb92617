//! An old application on a recorder, which a test bends at one place to say what its case needs.
//! Takes the password `right`, renews its session at a login, and shows a canary to whoever is in.

use std::sync::atomic::{AtomicUsize, Ordering};

use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::phone::Phone;
use anteroom_tests::recorder::{Recorder, Script, Seen};
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};

use crate::ward::{CHALLENGE, audit_is_whole, enrol_here};

pub const CANARY: &str = "CANARY-PHI-1001";
pub const FORM: &str = "<!doctype html><title>Sign in</title><form method=\"post\" \
    action=\"/login.php\"><input name=\"username\"><input type=\"password\" name=\"password\">\
    <button>Sign in</button></form>";

/// How the app answers, where it does not answer as usual.
pub type Bend = fn(&Seen) -> Option<Script>;

/// Nowhere.
pub fn straight(_: &Seen) -> Option<Script> {
    None
}

/// The value of a field of a posted form.
pub fn field(seen: &Seen, name: &str) -> String {
    let text = seen.text();
    let mut pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(n, _)| *n == name)
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default()
}

/// Who the session of a request belongs to.
pub fn user(seen: &Seen) -> Option<String> {
    let ids = seen.cookies("PHPSESSID");
    let name = ids.first()?.strip_prefix("in-")?;
    Some(name.split('-').next().unwrap_or_default().to_owned())
}

fn as_usual(seen: &Seen, next: &AtomicUsize) -> Script {
    let number = next.fetch_add(1, Ordering::SeqCst);
    let html = ("Content-Type", "text/html");
    match (seen.method.as_str(), seen.path()) {
        ("POST", "/login.php") if field(seen, "password") == "right" => {
            let id = format!("PHPSESSID=in-{}-{number}; Path=/", field(seen, "username"));
            Script::redirect("/home.php", &[&id])
        }
        ("POST", "/login.php") => Script::ok(&format!("<p>wrong</p>{FORM}")),
        ("GET", "/login.php") if seen.cookies("PHPSESSID").is_empty() => {
            let id = format!("PHPSESSID=anonymous-{number}; Path=/; HttpOnly");
            Script::status(200, &[html, ("Set-Cookie", &id)], FORM)
        }
        (_, "/login.php") => Script::ok(FORM),
        (_, "/logout.php") => Script::redirect("/login.php", &[]),
        _ => match user(seen) {
            Some(user) => Script::ok(&format!("<p>{user} sees {CANARY}</p>")),
            None => Script::redirect("/login.php", &[]),
        },
    }
}

/// The app as the one of a clinic that is not open yet, with these lines in its table.
async fn plan(bend: Bend, lines: &str) -> (Plan, Recorder) {
    let upstream = Recorder::start().await;
    let next = AtomicUsize::new(1);
    upstream.answer_with(move |seen| bend(seen).unwrap_or_else(|| as_usual(seen, &next)));
    let address = format!("http://{}", upstream.addr());
    (Plan::empty().app("emr", &address, lines), upstream)
}

/// The app behind a gateway, with these lines in the app's table.
pub async fn clinic_with(bend: Bend, lines: &str) -> (Clinic, Recorder) {
    let (plan, upstream) = plan(bend, lines).await;
    (plan.open().await, upstream)
}

/// The same with the preset, enrolment open, and an admin app beside it.
pub async fn clinic_with_desk() -> (Clinic, Recorder) {
    let (plan, upstream) = plan(straight, &open_enrolment("php-session")).await;
    (plan.admin("").open().await, upstream)
}

/// The same with the preset, enrolment open, and more lines after.
pub async fn clinic(bend: Bend, more: &str) -> (Clinic, Recorder) {
    clinic_with(bend, &format!("{}{more}", open_enrolment("php-session"))).await
}

/// Types name and password, and stops at whatever page comes.
pub async fn password(browser: &mut Browser, name: &str, password: &str) -> Page {
    browser.open("/home.php").await;
    browser
        .submit(&[("username", name), ("password", password)])
        .await;
    browser.follow_all().await
}

/// Enrols and is in.
pub async fn enrolled(clinic: &Clinic, name: &str) -> (Browser, Phone) {
    let mut browser = clinic.browser();
    password(&mut browser, name, "right").await;
    let (phone, _) = enrol_here(&mut browser, clinic).await;
    assert!(browser.page().has(CANARY), "{}", browser.page().describe());
    (browser, phone)
}

/// Signs in with password and code.
pub async fn sign_in(clinic: &Clinic, name: &str, phone: &Phone) -> Browser {
    clinic.world.clock.next_step();
    let mut browser = clinic.browser();
    let page = password(&mut browser, name, "right").await;
    assert_eq!(
        (page.status, page.path()),
        (200, CHALLENGE),
        "{}",
        page.describe()
    );
    browser
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    browser.follow_all().await;
    browser
}

/// The next honest login works, and the audit log is whole.
pub async fn all_is_well(clinic: &Clinic, name: &str, phone: &Phone) {
    let mut browser = sign_in(clinic, name, phone).await;
    assert!(
        browser.get("/home.php").await.has(CANARY),
        "{}",
        browser.page().describe()
    );
    audit_is_whole(clinic).await;
}

/// Somebody else's login in a running session of an app that cannot be asked who it is: a login
/// page of his own, then the password, neither with any cookie of hers, and nothing else.
pub fn begins_anew(requests: &[Seen]) {
    let methods: Vec<_> = requests.iter().map(|one| one.method.as_str()).collect();
    assert_eq!(methods, ["GET", "POST"], "{requests:#?}");
    for one in requests {
        let carried = one.cookies("PHPSESSID");
        assert!(
            !carried.iter().any(|id| id.starts_with("in-alice")),
            "{requests:#?}"
        );
    }
}
