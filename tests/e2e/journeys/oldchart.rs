//! Oldchart: an app in a recorder, for what Wardbook does not do. Cookies on paths of their own,
//! odd redirects, a server that dies or sleeps. The recorder proves what reached it, byte by byte.

use anteroom_tests::browser::Browser;
use anteroom_tests::recorder::{Recorder, Script, Seen};
use anteroom_tests::world::start::Clinic;

use super::people::{Login, Person, enrol};

pub const DORA: Login = Login::new("dora", "right");

const FORM: &str = "<form id=\"login\" method=\"post\" action=\"/login\"><input name=\"username\">\
                    <input type=\"password\" name=\"password\"><button>Go</button></form>";

/// The profile, and whom to call. `more` stands before all tables, for keys of the app.
pub fn lines(more: &str) -> String {
    format!(
        r#"{more}
[app.contact]
phone = "+1 555 0101"
[app.enrolment]
policy = "open"
until = 2031-01-01T00:00:00Z
[app.login]
login_page = "/login"
login_marker = '<form id="login"'
assets = ["/static/*"]
[[app.login.form]]
path = "/login"
user = "username"
secrets = ["password"]
[[app.login.outcome]]
outcome = "success"
status = [302]
location = {{ path = "/home" }}
unforgeable = true
[[app.login.outcome]]
outcome = "failure"
status = [200]
body = "wrong"
[app.login.cookies]
login = ["S"]
"#
    )
}

/// What Oldchart answers.
pub fn answer(seen: &Seen) -> Script {
    let known = seen.cookies("S") == ["in"];
    match (seen.method.as_str(), seen.path()) {
        ("POST", "/login") if seen.text().contains("password=right") => {
            let cookies = ["S=in; Path=/; HttpOnly", "CHART=deep; Path=/charts"];
            Script::redirect("/home", &cookies)
        }
        ("POST", "/login") => Script::ok(&format!("wrong {FORM}")),
        ("GET", "/login") => Script::ok(FORM),
        (_, path) if path.starts_with("/static/") => Script::ok("h1 {}"),
        (_, "/charts/back") if known => Script::redirect("http://old.test/home", &[]),
        _ if known => Script::ok("CANARY-PHI-OLD <a href=\"/home\">home</a>"),
        _ => Script::redirect("/login", &[]),
    }
}

/// A recorder that is Oldchart.
pub async fn open() -> Recorder {
    let recorder = Recorder::start().await;
    recorder.answer_with(answer);
    recorder
}

/// Dora enrols at Oldchart, whose host is `old.test`.
pub async fn dora(clinic: &Clinic, browser: &mut Browser) -> Person {
    browser.open("/home").await;
    browser
        .submit(&[("username", DORA.name), ("password", DORA.password)])
        .await;
    browser.follow_all().await;
    let dora = enrol(browser, clinic, DORA).await;
    assert!(
        browser.page().has("CANARY-PHI-OLD"),
        "{}",
        browser.page().describe()
    );
    dora
}
