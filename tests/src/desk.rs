//! The desk: operators at the admin app, as honest people use it, by plain requests.
//! Never attacks it (`tests/e2e/attacks`); in a real browser it stands in `tests/browser/desk.rs`.

use std::time::Duration;

use anteroom_core::enrolment::EnrolmentCode;
use anteroom_core::fold::{SpellingRule, fold, spelling_key};
use anteroom_core::operator::Role;
use anteroom_store::{EnrolmentCodeIssue, OperatorCreation, Paper, SetupLink};
use data_encoding::BASE64URL_NOPAD;

use crate::browser::Browser;
use crate::browser::page::Page;
use crate::phone::Phone;
use crate::world::start::{Clinic, coded_enrolment, open_enrolment};

/// The cookie of the admin app.
pub const DESK_COOKIE: &str = "__Host-anteroom-admin";
/// A password that nobody guesses.
pub const PASSPHRASE: &str = "nine quiet lanterns drift";

/// How a caller was known, as the forms offer it.
pub const CHECK: &str = "Called back on a known number";
/// What the admin app calls the machines of these tests.
const PLACE: &str = "[[admin.place]]\nnetwork = \"127.0.0.0/8\"\nname = \"front desk\"\n";
const LINK_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// An operator at her browser, signed in, with her phone in her hand.
pub struct Operator {
    pub name: &'static str,
    pub browser: Browser,
    pub phone: Phone,
    pub codes: Vec<String>,
}

/// A clinic with an admin app, whose people enrol with an operator's code.
pub async fn clinic_with_desk() -> Clinic {
    Clinic::with_admin(&coded_enrolment("demo"), "").await
}

/// A clinic with an admin app, whose people enrol at their first sign-in; `lines` go into the table
/// of the admin app.
pub async fn clinic_with_people(lines: &str) -> Clinic {
    Clinic::with_admin(&open_enrolment("demo"), &format!("{lines}{PLACE}")).await
}

/// The codes that a page shows in large letters: to be read out, or printed.
pub fn codes_shown(page: &Page) -> Vec<String> {
    let text = page.text();
    let shown = text.split("<p class=\"big\"><code>").skip(1);
    let codes = shown.map(|rest| rest.split('<').next().unwrap_or_default().to_owned());
    codes.collect()
}

/// The only code on a page.
pub fn code_shown(page: &Page) -> String {
    let mut codes = codes_shown(page);
    assert_eq!(codes.len(), 1, "{}", page.describe());
    codes.remove(0)
}

/// What a page shows once to be copied: a set-up link, a token.
pub fn secret_shown(page: &Page) -> String {
    let text = page.text();
    let rest = text.split("<p class=\"secret\"><code>").nth(1);
    let rest = rest.unwrap_or_else(|| panic!("nothing to copy on {}", page.describe()));
    rest.split('<').next().unwrap_or_default().to_owned()
}

/// The path of a whole address.
pub fn path_of(address: &str) -> &str {
    address
        .strip_prefix("https://")
        .and_then(|rest| rest.find('/').map(|at| &rest[at..]))
        .unwrap_or(address)
}

/// The path of a fresh set-up link for a new operator, made as the command line makes it.
pub async fn invited(clinic: &Clinic, name: &str, role: Role) -> String {
    let token = BASE64URL_NOPAD.encode(&crate::world::random());
    let link = SetupLink {
        token: anteroom_admin::link_hash(&token).expect("32 bytes"),
        expires_at: clinic.now().plus(LINK_LIFE),
    };
    let paper = Paper::of("root", clinic.now());
    let made = clinic.store().operator_create(name, role, &link, &paper);
    let made = made.await.expect("the store answers");
    assert!(matches!(made, OperatorCreation::Created(_)), "{made:?}");
    format!("/set-up/{token}")
}

/// An operator who was invited, has set herself up through the pages, and is signed in.
pub async fn operator(clinic: &Clinic, name: &'static str, role: Role) -> Operator {
    let link = invited(clinic, name, role).await;
    let mut browser = clinic.desk();
    let (phone, codes) = set_up(clinic, &mut browser, &link).await;
    Operator {
        name,
        browser,
        phone,
        codes,
    }
}

/// Password, phone, recovery codes: through the pages, until the front page.
pub async fn set_up(clinic: &Clinic, browser: &mut Browser, link: &str) -> (Phone, Vec<String>) {
    browser.open(link).await;
    browser
        .submit(&[("password", PASSPHRASE), ("again", PASSPHRASE)])
        .await;
    let page = browser.follow_all().await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/set-up/phone"),
        "{}",
        page.describe()
    );
    let phone = Phone::scan(&page).expect("the page shows a QR code");
    let code = phone.code_at(&clinic.world.clock);
    let page = browser.submit(&[("code", &code)]).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    let codes = page.recovery_codes();
    assert_eq!(codes.len(), 10, "{}", page.describe());
    browser.press("I have saved them", &[]).await;
    let page = browser.follow_all().await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/"),
        "{}",
        page.describe()
    );
    (phone, codes)
}

impl Operator {
    /// The next code of her phone.
    pub fn code(&self, clinic: &Clinic) -> String {
        clinic.world.clock.next_step();
        self.phone.code_at(&clinic.world.clock)
    }

    /// Signs in anew, in a fresh browser.
    pub async fn sign_in(&mut self, clinic: &Clinic) -> Page {
        self.browser = clinic.desk();
        self.browser.open("/").await;
        self.browser.follow_all().await;
        self.browser
            .submit(&[("name", self.name), ("password", PASSPHRASE)])
            .await;
        self.browser.follow_all().await;
        let code = self.code(clinic);
        self.browser
            .submit_form("/sign-in/code", &[("code", &code)])
            .await;
        self.browser.follow_all().await
    }

    /// The page of a person, found by her name.
    pub async fn look_up(&mut self, name: &str) -> Page {
        self.browser.open(&format!("/people?name={name}")).await;
        self.browser.click(name).await
    }

    /// Opens a page, wherever it leads.
    pub async fn see(&mut self, path: &str) -> Page {
        self.browser.open(path).await
    }

    /// Does this to a person, through the form that her page leads to. Reason and identity check
    /// are typed where the form asks; `more` is typed besides.
    pub async fn act(&mut self, name: &str, act: &str, more: &[(&str, &str)]) -> Page {
        let page = self.look_up(name).await;
        assert_eq!(page.heading(), name, "{}", page.describe());
        self.browser.click(act).await;
        self.fill(more).await
    }

    /// Fills the form of an act that her browser shows.
    pub async fn fill(&mut self, more: &[(&str, &str)]) -> Page {
        let mut entries = vec![("reason", "rang us at seven")];
        if self.browser.page().has_field("check") {
            entries.push(("check", CHECK));
        }
        for (name, value) in more {
            entries.retain(|(given, _)| given != name);
            entries.push((name, value));
        }
        self.browser.submit(&entries).await;
        self.browser.follow_all().await
    }

    /// Presses this button and goes where it leads.
    pub async fn press(&mut self, button: &str, entries: &[(&str, &str)]) -> Page {
        self.browser.press(button, entries).await;
        self.browser.follow_all().await
    }

    /// Sends the form with this in its address and goes where it leads.
    pub async fn send(&mut self, form: &str, entries: &[(&str, &str)]) -> Page {
        self.browser.submit_form(form, entries).await;
        self.browser.follow_all().await
    }
}

/// An operator issues an enrolment code that lives for so long.
pub async fn issue_code(clinic: &Clinic, name: &str, seed: u8, life: Duration) -> String {
    let code = EnrolmentCode::mint(&[seed, 2, 3, 4, 5]);
    let folded = fold(name).expect("a plain name");
    let issue = EnrolmentCodeIssue {
        realm: "emr",
        tenant: "",
        display: name,
        folded: &folded,
        spelling_key: &spelling_key(name, &SpellingRule::default()),
        code: &code,
        expires_at: clinic.now().plus(life),
        paper: Paper::of("helen", clinic.now()),
    };
    clinic
        .store()
        .enrolment_code_issue(issue)
        .await
        .expect("the store answers");
    code.shown()
}
