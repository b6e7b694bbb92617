//! The bench of family A: one app behind the gateway, one clinician signed in, attackers outside.
//! Never judges by the answer alone: the recorder holds every byte that reached the app. Each test
//! ends with `Bench::finish`: the log is whole, nothing leaked, the next honest sign-in works.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anteroom_tests::answer::{Answer, NoAnswer};
use anteroom_tests::apps::App;
use anteroom_tests::apps::php::{ALICE, PAT};
use anteroom_tests::browser::Browser;
use anteroom_tests::h2client::H2Client;
use anteroom_tests::h2raw::H2Raw;
use anteroom_tests::login::Login;
use anteroom_tests::phone::Phone;
use anteroom_tests::raw::{RawClient, crlf};
use anteroom_tests::recorder::{Recorder, Script, Seen};
use anteroom_tests::tls::{Sni, Trust};
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};
use data_encoding::BASE64;

pub const HOST: &str = "emr.test";
pub const CANARY: &str = "CANARY-PHI-1001";
pub const CHART: &str = "/chart.php?pid=1001";
/// Every session id that the recording app takes as logged in begins so.
pub const LIVE: &str = "LIVESESSION-";
/// One that the attacker knows: stolen, planted, or made at a second door.
pub const STOLEN: &str = "LIVESESSION-stolen-0001";
/// Open streams end within two seconds (DESIGN 5.2, step 7); as much again for a busy machine.
pub const CUT: Duration = Duration::from_secs(4);

/// What the recording app needs over the plain PHP profile.
const MORE: &str = "[app.login]\nwebsockets = true\nmethods = [\"PUT\", \"DELETE\"]\n\
                    [[app.login.poll]]\npath = \"/poll.php\"\n";

pub struct Bench {
    pub clinic: Clinic,
    /// Signed in, her phone enrolled.
    pub alice: Browser,
    pub phone: Phone,
}

impl Bench {
    /// Behind the gateway stands a recorder that plays a small PHP app.
    pub async fn recorded() -> (Self, Recorder) {
        Self::recorded_as(MORE).await
    }

    /// The same with these tables for the app.
    pub async fn recorded_as(more: &str) -> (Self, Recorder) {
        let upstream = Recorder::start().await;
        upstream.answer_with(ward);
        let bench = Self::at(behind(&upstream, "emr", more, Plan::empty())).await;
        upstream.clear();
        (bench, upstream)
    }

    /// With a second listener, which leads from plain HTTP to HTTPS.
    pub async fn with_redirects() -> (Self, Recorder) {
        let upstream = Recorder::start().await;
        upstream.answer_with(ward);
        let plan = behind(&upstream, "emr", "", Plan::empty());
        let bench = Self::at(plan.listener("addr = \"127.0.0.1:0\"\nkind = \"redirect\"")).await;
        upstream.clear();
        (bench, upstream)
    }

    /// Two tenants, `emr.test` and `emr2.test`, each with a recorder of its own.
    pub async fn two() -> (Self, Recorder, Recorder) {
        let (own, other) = (Recorder::start().await, Recorder::start().await);
        own.answer_with(ward);
        other.answer_with(ward);
        let plan = behind(&own, "emr", "", Plan::empty());
        let bench = Self::at(behind(&other, "emr2", "", plan)).await;
        own.clear();
        other.clear();
        (bench, own, other)
    }

    /// Behind the gateway stands a real PHP.
    pub async fn php(app: &App) -> Self {
        Self::at(Plan::empty().app("emr", &app.origin(), &open_enrolment("php-session"))).await
    }

    async fn at(plan: Plan) -> Self {
        let clinic = plan
            .with("[limits]\nheader_deadline = \"1 s\"\n")
            .open()
            .await;
        let (alice, phone) = enrolled(&clinic, ALICE).await;
        Self {
            clinic,
            alice,
            phone,
        }
    }

    /// A connection of an attacker: TLS, HTTP/1.1, the right server name.
    pub async fn raw(&self) -> RawClient {
        RawClient::tls(self.clinic.addr, Sni::Name(HOST))
            .await
            .expect("TLS")
    }

    pub async fn h2(&self) -> H2Client {
        H2Client::tls(self.clinic.addr, &Trust::anyone(), Sni::Name(HOST))
            .await
            .expect("h2")
    }

    pub async fn h2_raw(&self) -> H2Raw {
        H2Raw::tls(self.clinic.addr, Sni::Name(HOST))
            .await
            .expect("h2")
    }

    /// Sends these bytes on a fresh connection and reads one answer.
    pub async fn send(&self, bytes: impl AsRef<[u8]>) -> Result<Answer, NoAnswer> {
        let mut client = self.raw().await;
        let _ = client.send(bytes).await;
        client.answer().await
    }

    /// REFUSE: a client error or an end, the connection closed, nothing more said.
    pub async fn must_refuse(&self, what: &str, bytes: impl AsRef<[u8]>) -> Option<Answer> {
        let mut client = self.raw().await;
        // Refused while we still write: then the answer counts.
        let _ = client.send(bytes).await;
        let answer = match client.answer().await {
            Ok(answer) => Some(answer),
            Err(NoAnswer::Closed { .. }) => None,
            Err(why) => panic!("{what}: {why}"),
        };
        if let Some(answer) = &answer {
            let fits = matches!(
                answer.status,
                400 | 405 | 411 | 413..=417 | 421 | 431 | 501 | 505
            );
            assert!(fits, "{what}: {}", answer.everything());
            nothing_usable(what, &answer.everything());
            assert!(is_kept_by_nobody(answer), "{what}: {}", answer.everything());
        }
        assert!(
            client.closed(CUT).await,
            "{what}: the connection stays open"
        );
        assert_eq!(client.rest().await, b"", "{what}: a second answer");
        answer
    }

    /// The other way in: alice again, from another browser.
    pub async fn sign_in_again(&self) -> Browser {
        self.clinic.world.clock.next_step();
        let mut browser = self.clinic.browser();
        browser.open(CHART).await;
        browser
            .submit(&[("username", ALICE.name), ("password", ALICE.password)])
            .await;
        browser.follow_all().await;
        assert_eq!(
            browser.page().path(),
            "/.anteroom/challenge",
            "{}",
            browser.page().describe()
        );
        browser
            .submit(&[("code", &self.phone.code_at(&self.clinic.world.clock))])
            .await;
        browser.follow_all().await;
        assert!(browser.page().has(CANARY), "{}", browser.page().describe());
        browser
    }

    /// What holds after every attack (I3, I5).
    pub async fn finish(self) {
        self.sign_in_again().await;
        let report = self
            .clinic
            .store()
            .audit_verify(None)
            .await
            .expect("the log can be read");
        assert_eq!(report.first_problem, None);
        self.clinic
            .world
            .must_not_leak(&[CANARY, LIVE, ALICE.password, PAT.password]);
    }
}

fn behind(upstream: &Recorder, name: &str, more: &str, plan: Plan) -> Plan {
    let lines = format!("{}{more}", open_enrolment("php-session"));
    plan.app(name, &format!("http://{}", upstream.addr()), &lines)
}

/// Enrols somebody at the first sign-in and leaves the browser on the chart.
pub async fn enrolled(clinic: &Clinic, who: Login) -> (Browser, Phone) {
    let mut browser = clinic.browser();
    browser.open(CHART).await;
    browser
        .submit(&[("username", who.name), ("password", who.password)])
        .await;
    browser.follow_all().await;
    browser.take_phone().await;
    let phone = Phone::scan(browser.page()).expect("a QR code");
    browser
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    browser.follow_all().await;
    browser.submit(&[]).await;
    browser.follow_all().await;
    assert!(browser.page().has(CANARY), "{}", browser.page().describe());
    (browser, phone)
}

/// Somebody who has given a right password and nothing more.
pub async fn pending(clinic: &Clinic, who: Login) -> Browser {
    let mut browser = clinic.browser();
    browser.open(CHART).await;
    browser
        .submit(&[("username", who.name), ("password", who.password)])
        .await;
    browser
}

/// All cookies of a browser as one line.
pub fn cookies(browser: &Browser) -> String {
    let pairs: Vec<String> = browser
        .jar()
        .all()
        .iter()
        .map(|cookie| cookie.pair())
        .collect();
    pairs.join("; ")
}

/// Our own cookie alone, as a pair.
pub fn ours(browser: &Browser) -> String {
    format!(
        "__Host-anteroom={}",
        browser
            .cookie("__Host-anteroom")
            .expect("a gateway session")
    )
}

/// A page load as old browsers ask for one.
pub fn load(method: &str, target: &str, cookies: &str) -> Vec<u8> {
    let line = if cookies.is_empty() {
        String::new()
    } else {
        format!("Cookie: {cookies}¶")
    };
    let head = format!("{method} {target} HTTP/1.1¶Host: {HOST}¶Accept: text/html¶{line}");
    let length = if matches!(method, "GET" | "HEAD") {
        ""
    } else {
        "Content-Length: 0¶"
    };
    crlf(&format!("{head}{length}¶"))
}

/// A login form as bytes.
pub fn login(target: &str, cookies: &str, body: &str) -> Vec<u8> {
    let line = if cookies.is_empty() {
        String::new()
    } else {
        format!("Cookie: {cookies}¶")
    };
    crlf(&format!(
        "POST {target} HTTP/1.1¶Host: {HOST}¶Origin: https://{HOST}¶Accept: text/html¶\
         {line}Content-Type: application/x-www-form-urlencoded¶Content-Length: {}¶¶{body}",
        body.len()
    ))
}

pub fn credentials(who: Login) -> String {
    format!("username={}&password={}", who.name, who.password)
}

/// Nothing of a patient, and nothing that the app takes for a session.
pub fn nothing_usable(what: &str, text: &str) {
    for secret in ["CANARY-PHI", LIVE] {
        assert!(!text.contains(secret), "{what}: {secret} in {text}");
    }
}

/// BLOCK or REFUSE: a redirect to a login or a page of ours, or a client error; nothing usable.
pub fn must_block(what: &str, told: &Result<Answer, NoAnswer>) {
    let answer = match told {
        Ok(answer) => answer,
        Err(NoAnswer::Closed { .. } | NoAnswer::StreamReset(_) | NoAnswer::GoAway(_)) => return,
        Err(why) => panic!("{what}: {why}"),
    };
    nothing_usable(what, &answer.everything());
    let target = answer.location().unwrap_or_default();
    let led_away = answer.status == 303
        && (target.starts_with("/login.php") || target.starts_with("/.anteroom/"));
    let refused = (400..500).contains(&answer.status);
    assert!(led_away || refused, "{what}: {}", answer.everything());
    assert!(is_kept_by_nobody(answer), "{what}: {}", answer.everything());
}

/// `no-store`: what pingora itself refuses says `private` as well.
pub fn is_kept_by_nobody(answer: &Answer) -> bool {
    matches!(
        answer.header("cache-control"),
        Some("no-store" | "private, no-store")
    )
}

/// Not one byte came to the app.
pub fn nothing_reached(what: &str, upstream: &Recorder) {
    let bytes = upstream.bytes();
    let text: Vec<_> = bytes.iter().map(|b| String::from_utf8_lossy(b)).collect();
    assert!(bytes.is_empty(), "{what}: reached the app: {text:#?}");
}

/// Logs somebody in round the gateway, on a session id of our own making, and proves that the id
/// alone now opens the chart: what each attack would win.
pub async fn login_behind(app: &App, id: &str, who: Login) {
    let mut direct = RawClient::plain(app.addr).await.expect("PHP listens");
    let form = login("/login.php", &format!("PHPSESSID={id}"), &credentials(who));
    direct.send(&form).await.expect("PHP reads");
    let answer = direct.answer().await.expect("PHP answers");
    assert_eq!(answer.status, 302, "{}", answer.everything());
    assert!(
        answer.set_cookies().is_empty(),
        "the session is upgraded in place"
    );
    let mut direct = RawClient::plain(app.addr).await.expect("PHP listens");
    direct
        .send(load("GET", CHART, &format!("PHPSESSID={id}")))
        .await
        .expect("PHP reads");
    assert!(direct.answer().await.expect("PHP answers").has(CANARY));
}

static SESSIONS: AtomicUsize = AtomicUsize::new(1);

/// The app that the recorder plays: it believes any session id that begins with `LIVE`.
pub fn ward(seen: &Seen) -> Script {
    let ids = seen.cookies("PHPSESSID");
    let live = ids.iter().any(|id| id.starts_with(LIVE));
    let html = ("Content-Type", "text/html; charset=utf-8");
    let body = |text: &str| {
        if seen.method == "HEAD" {
            String::new()
        } else {
            text.to_owned()
        }
    };
    match (seen.method.as_str(), seen.path()) {
        ("POST", "/login.php") => judge(seen),
        (_, "/login.php") if ids.is_empty() => {
            let cookie = ("Set-Cookie", "PHPSESSID=before-the-login; Path=/; HttpOnly");
            Script::status(200, &[html, cookie], &body(FORM))
        }
        (_, "/login.php") => Script::status(200, &[html], &body(FORM)),
        (_, path) if path.starts_with("/static/") => Script::status(
            200,
            &[("Content-Type", "text/css")],
            &body("p { color: #111 }"),
        ),
        (_, "/logout.php") => Script::redirect("/login.php", &[]),
        (_, "/ws") => socket(seen),
        ("GET", "/events") if live => stream(),
        ("GET", "/poll.php") if live => Script::silence(),
        _ if live => Script::status(200, &[html], &body(&chart())),
        _ => Script::redirect("/login.php", &[]),
    }
}

const FORM: &str = "<form id=login method=post action=/login.php><input name=\"username\">\
                    <input type=password name=\"password\"><button>Sign in</button></form>";

pub fn chart() -> String {
    format!("<h1>Chart</h1><p>{CANARY}</p><a href=/logout.php>Sign out</a>")
}

fn judge(seen: &Seen) -> Script {
    let text = seen.text();
    let known = |who: &Login| text.contains(&format!("password={}", who.password));
    if ![ALICE, PAT].iter().any(known) {
        return Script::status(200, &[("Content-Type", "text/html")], FORM);
    }
    let number = SESSIONS.fetch_add(1, Ordering::Relaxed);
    let cookie = format!("PHPSESSID={LIVE}{number:04}; Path=/; HttpOnly");
    Script::redirect(CHART, &[&cookie])
}

/// 101 at once, whoever asks, and a first frame with the canary behind it.
fn socket(seen: &Seen) -> Script {
    let key = seen.header("sec-websocket-key").unwrap_or_default();
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    let mut frame = vec![0x81, u8::try_from(CANARY.len()).expect("a short text")];
    frame.extend(CANARY.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols¶Connection: Upgrade¶Upgrade: websocket¶\
         Sec-WebSocket-Accept: {}¶¶",
        BASE64.encode(digest.as_ref())
    );
    Script::bytes(&head).then_bytes(frame).tunnel()
}

/// Server-sent events that never end.
fn stream() -> Script {
    Script::bytes("HTTP/1.1 200 OK¶Content-Type: text/event-stream¶¶")
        .then(&format!("data: {CANARY}\n\n"))
        .tunnel()
}
