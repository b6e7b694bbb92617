//! A records app as forgetful as they come, played by a recorder: the session id is never renewed,
//! a login marks the session that is there, and whatever was asked for is written down with whose
//! session it was. Its answers can be made odd or held back, which no real app does when a test
//! needs it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::{Ask, Initiator, Kind};
use anteroom_tests::browser::form::urlencoded;
use anteroom_tests::browser::page::Page;
use anteroom_tests::phone::Phone;
use anteroom_tests::recorder::{Latch, Recorder, Script, Seen};
use anteroom_tests::world::start::Clinic;

use super::records::{clinic_at, give_code};
use crate::ward::{audit_is_whole, enrol_here};

pub const CANARY: &str = "CANARY-PHI-1001";
pub const CHART: &str = "/chart.php?pid=1001";

/// One request as the app carried it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub method: String,
    pub path: String,
    /// The session it came with, given by the app or not.
    pub session: Option<String>,
    /// Whose that session was at that moment.
    pub user: Option<String>,
}

type Odd = Arc<dyn Fn(&str) -> Script + Send + Sync>;

#[derive(Default)]
struct Books {
    users: HashMap<String, String>,
    done: Vec<Done>,
    given: usize,
    odd: Option<Odd>,
    silent: bool,
    held: HashMap<(String, String), Latch>,
}

pub struct Legacy {
    pub recorder: Recorder,
    books: Arc<Mutex<Books>>,
}

impl Legacy {
    pub async fn start() -> Self {
        let recorder = Recorder::start().await;
        let books = Arc::new(Mutex::new(Books::default()));
        let kept = Arc::clone(&books);
        recorder.answer_with(move |seen| kept.lock().expect("sound").answer(seen));
        Self { recorder, books }
    }

    /// A gateway before it, enrolment open.
    pub async fn clinic(&self) -> Clinic {
        clinic_at(&format!("http://{}", self.recorder.addr()), "").await
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("sound")
    }

    /// Answers to a right password become odd; the closure gets the session's id.
    pub fn answer_logins_with(&self, odd: impl Fn(&str) -> Script + Send + Sync + 'static) {
        self.books().odd = Some(Arc::new(odd));
    }

    /// Whoever asks whose session it is gets no usable answer.
    pub fn say_nothing_of_who_it_is(&self, silent: bool) {
        self.books().silent = silent;
    }

    pub fn behave(&self) {
        self.books().odd = None;
    }

    /// Holds the answer to this method and path back until the latch opens. A page held so comes
    /// with the canary: it is carried out last, on whatever the session has become.
    pub fn hold(&self, method: &str, path: &str, latch: &Latch) {
        self.books()
            .held
            .insert((method.to_owned(), path.to_owned()), latch.clone());
    }

    /// What was carried out so far, and forgets it.
    pub fn done(&self) -> Vec<Done> {
        std::mem::take(&mut self.books().done)
    }

    pub fn has_done(&self, method: &str, path: &str) -> bool {
        self.books()
            .done
            .iter()
            .any(|one| one.method == method && one.path == path)
    }

    /// Waits until the app has this under way.
    pub async fn reached(&self, method: &str, path: &str) {
        let what = format!("{method} {path} reaches the app");
        anteroom_tests::world::start::eventually(&what, async || self.has_done(method, path)).await;
    }

    /// Whose a session is.
    pub fn user_of(&self, session: &str) -> Option<String> {
        self.books().users.get(session).cloned()
    }

    /// The sessions that are somebody's.
    pub fn sessions_of(&self, user: &str) -> Vec<String> {
        let books = self.books();
        let hers = books.users.iter().filter(|(_, name)| *name == user);
        hers.map(|(id, _)| id.clone()).collect()
    }
}

fn login_form(said: &str) -> String {
    format!(
        "<title>Sign in</title><p>{said}</p><form method=\"post\" action=\"/login.php\">\
         <input name=\"username\"><input type=\"password\" name=\"password\">\
         <button>Sign in</button></form>"
    )
}

/// The page that nobody may see without a second factor.
pub fn chart_of(user: &str) -> Script {
    Script::ok(&format!(
        "<title>Chart</title><p>Seen by {user}</p><p>{CANARY}</p>"
    ))
}

impl Books {
    fn answer(&mut self, seen: &Seen) -> Script {
        let session = seen.cookies("PHPSESSID").first().cloned();
        let user = session.as_ref().and_then(|id| self.users.get(id)).cloned();
        let (method, path) = (seen.method.clone(), seen.path().to_owned());
        let held = self.held.remove(&(method.clone(), path.clone()));
        self.done.push(Done {
            method: method.clone(),
            path: path.clone(),
            session: session.clone(),
            user: user.clone(),
        });
        let id = session.clone().unwrap_or_else(|| {
            self.given += 1;
            format!("upstream-session-{:04}-of-the-legacy-app", self.given)
        });
        let script = match (method.as_str(), path.as_str()) {
            ("POST", "/login.php") => self.login(&seen.text(), &id),
            ("GET", "/login.php") if user.is_some() => {
                chart_of(user.as_deref().unwrap_or_default())
            }
            ("GET", "/login.php") => Script::ok(&login_form("")),
            ("GET", "/whoami.php") if self.silent => Script::status(500, &[], "out of order"),
            ("GET", "/whoami.php") => {
                let user = user.map_or("null".to_owned(), |user| format!("\"{user}\""));
                let json = [("Content-Type", "application/json")];
                Script::status(200, &json, &format!("{{\"username\":{user}}}"))
            }
            ("GET", "/rotate.php") => return self.rotate(user.as_deref()),
            _ if held.is_some() => chart_of("whoever it is by now"),
            _ => match &user {
                Some(user) => chart_of(user),
                None => Script::redirect("/login.php", &[]),
            },
        };
        let script = match session {
            Some(_) => script,
            None => with_cookie(script, &format!("PHPSESSID={id}; path=/")),
        };
        match held {
            Some(latch) => after(&latch, script),
            None => script,
        }
    }

    fn login(&mut self, body: &str, id: &str) -> Script {
        let field = |name: &str| {
            let found = body
                .split('&')
                .find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            found.unwrap_or_default().to_owned()
        };
        let (name, password) = (field("username"), field("password"));
        if password != secret(&name) {
            return Script::ok(&login_form("Wrong user name or password."));
        }
        self.users.insert(id.to_owned(), name);
        match &self.odd {
            Some(odd) => odd(id),
            None => Script::redirect(CHART, &[]),
        }
    }

    fn rotate(&mut self, user: Option<&str>) -> Script {
        self.given += 1;
        let id = format!("upstream-session-{:04}-after-a-rotation", self.given);
        self.users
            .insert(id.clone(), user.unwrap_or_default().to_owned());
        with_cookie(chart_of("somebody"), &format!("PHPSESSID={id}; path=/"))
    }
}

/// Everybody's password in this app.
pub fn secret(name: &str) -> String {
    format!("right-for-{name}")
}

fn with_cookie(script: Script, cookie: &str) -> Script {
    script.with_field("Set-Cookie", cookie)
}

fn after(latch: &Latch, script: Script) -> Script {
    Script::default().until(latch).and(script)
}

/// Types a password on the app's own form and stops at whatever page comes.
pub async fn password(browser: &mut Browser, name: &str) -> Page {
    browser.open(CHART).await;
    browser
        .submit(&[("username", name), ("password", &secret(name))])
        .await;
    browser.follow_all().await
}

/// A login form as the app's page would send it. Not sent yet.
pub fn login_ask(browser: &Browser, name: &str, password: &str) -> Ask {
    let from = Initiator {
        url: browser.at_home("/login.php"),
        policy: None,
    };
    Ask::new(
        "POST",
        browser.at_home("/login.php"),
        Kind::Document,
        Some(from),
    )
    .by_hand()
    .body(
        "application/x-www-form-urlencoded",
        urlencoded(&[("username", name), ("password", password)]),
    )
}

/// Enrols at the first sign-in and stays signed in.
pub async fn enrolled(clinic: &Clinic, mut browser: Browser, name: &str) -> (Browser, Phone) {
    password(&mut browser, name).await;
    let (phone, _) = enrol_here(&mut browser, clinic).await;
    assert!(
        sees(&mut browser, name).await,
        "{}",
        browser.page().describe()
    );
    (browser, phone)
}

/// Signs in with password and a code of the next step.
pub async fn sign_in(clinic: &Clinic, name: &str, phone: &Phone) -> Browser {
    let mut browser = clinic.browser();
    let page = password(&mut browser, name).await;
    assert_eq!(page.path(), crate::ward::CHALLENGE, "{}", page.describe());
    give_code(&mut browser, clinic, phone).await;
    assert!(
        sees(&mut browser, name).await,
        "{}",
        browser.page().describe()
    );
    browser
}

/// Whether the app shows this browser a chart, as this user.
pub async fn sees(browser: &mut Browser, name: &str) -> bool {
    let page = browser.get(CHART).await;
    page.has(CANARY) && page.has(&format!("Seen by {name}"))
}

/// Whether nothing of a chart comes, and the app is not even asked for one.
pub async fn is_blocked(legacy: &Legacy, browser: &mut Browser) -> bool {
    legacy.done();
    let page = browser.get(CHART).await;
    let asked = legacy.has_done("GET", "/chart.php");
    !page.everything().contains(CANARY) && !asked && page.status != 200
}

/// Invariant I5.
pub async fn all_is_well(clinic: &Clinic, name: &str, phone: &Phone) {
    sign_in(clinic, name, phone).await;
    audit_is_whole(clinic).await;
}

/// A pause long enough for anything wrong to happen, short enough for a test.
pub const A_WHILE: Duration = Duration::from_millis(150);
