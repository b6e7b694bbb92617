//! Real applications behind the gateway, unmodified, by the presets we ship.
//! Each file is one app; `alive` proves first that the app itself works, so that a red test here is
//! the gateway's. What every app has in common is said once, below: its door and its people.

mod alive;
mod dokuwiki;
mod php;
mod tomcat;

use anteroom_tests::apps::App;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::browser::send::{Internet, Protocol};
use anteroom_tests::first_steps::CHOICE;
use anteroom_tests::login::Login;
use anteroom_tests::phone::Phone;
use anteroom_tests::tls::Trust;
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};

/// Our cookie, by which a browser is known.
const OURS: &str = "__Host-anteroom";
const BOTH: [Protocol; 2] = [Protocol::H1, Protocol::H2];

/// How one app is entered, and how its protected page is known.
#[derive(Clone, Copy)]
struct Door {
    preset: &'static str,
    /// Lines of `[app.login]` where an installation says more than the preset can know.
    lines: &'static str,
    /// A protected page, and what stands on it for nobody but those who are in.
    page: &'static str,
    marker: &'static str,
    /// The fields for name and password.
    fields: (&'static str, &'static str),
    /// What the app itself says to a wrong password.
    wrong: &'static str,
}

impl Door {
    /// A clinic with this app at `https://app.test`, enrolment open.
    async fn open(&self, app: &App) -> Clinic {
        let lines = format!("{}\n{}", open_enrolment(self.preset), self.lines);
        Plan::empty().app("app", &app.origin(), &lines).open().await
    }

    /// Asks for the protected page and gives this password.
    async fn knock(&self, browser: &mut Browser, name: &str, password: &str) -> Page {
        browser.open(self.page).await;
        self.submit(browser, name, password).await
    }

    /// Gives this password on the form that is shown.
    async fn submit(&self, browser: &mut Browser, name: &str, password: &str) -> Page {
        browser
            .submit(&[(self.fields.0, name), (self.fields.1, password)])
            .await;
        browser.follow_all().await
    }

    /// The first sign-in of a person: enrols her phone and ends on the page that she asked for.
    async fn enrol(&self, clinic: &Clinic, browser: &mut Browser, person: Login) -> Phone {
        let page = self.knock(browser, person.name, person.password).await;
        assert_eq!(page.path(), CHOICE, "{}", page.describe());
        enrol_here(clinic, browser).await
    }

    /// A later sign-in, with the next code of the phone.
    async fn sign_in(
        &self,
        clinic: &Clinic,
        browser: &mut Browser,
        person: Login,
        phone: &Phone,
    ) -> Page {
        let page = self.knock(browser, person.name, person.password).await;
        assert_eq!(page.path(), "/.anteroom/challenge", "{}", page.describe());
        code(clinic, browser, phone).await
    }

    /// A fresh browser with somebody signed in, and her phone.
    async fn signed_in(&self, clinic: &Clinic, person: Login) -> (Browser, Phone) {
        let mut browser = clinic.browser();
        let phone = self.enrol(clinic, &mut browser, person).await;
        let page = browser.page();
        assert!(page.has(self.marker), "{}", page.describe());
        (browser, phone)
    }

    /// Whether this browser sees the protected page. What it sees instead holds nothing of it.
    async fn lets_in(&self, browser: &mut Browser) -> bool {
        browser
            .open(self.page)
            .await
            .everything()
            .contains(self.marker)
    }

    /// What a thief of cookies gets who has everything but our cookie: nothing, neither through the
    /// gateway, nor in a verified session of her own, nor at the app itself.
    async fn stolen_jar_opens_nothing(&self, app: &App, victim: &Browser, mut own: Browser) {
        let mut thief = victim.thief();
        thief.jar().remove(OURS);
        assert!(
            !self.lets_in(&mut thief).await,
            "{}",
            thief.page().describe()
        );

        let taken: Vec<(String, String)> = victim
            .jar()
            .all()
            .into_iter()
            .filter(|cookie| cookie.name != OURS)
            .map(|cookie| (cookie.name, cookie.value))
            .collect();
        assert!(!taken.is_empty(), "there is something to steal");
        let mut direct = directly(app);
        for (name, value) in &taken {
            direct.jar().plant("127.0.0.1", name, value);
            own.jar().remove(name);
            own.jar().plant("app.test", name, value);
        }
        assert!(
            !self.lets_in(&mut direct).await,
            "{}",
            direct.page().describe()
        );
        assert!(!self.lets_in(&mut own).await, "{}", own.page().describe());
    }
}

/// Enrols from the page that shows the QR code, and goes wherever the sign-in leads.
async fn enrol_here(clinic: &Clinic, browser: &mut Browser) -> Phone {
    browser.take_phone().await;
    let phone = Phone::scan(browser.page()).expect("the page shows a QR code");
    code(clinic, browser, &phone).await;
    browser.press("I have saved them", &[]).await;
    browser.follow_all().await;
    phone
}

/// Types the code that the phone shows next.
async fn code(clinic: &Clinic, browser: &mut Browser, phone: &Phone) -> Page {
    clinic.world.clock.next_step();
    browser
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    browser.follow_all().await
}

/// A browser at the app itself, past the gateway: for proving that a refusal was the gateway's.
fn directly(app: &App) -> Browser {
    let net = Internet::new(anteroom_tests::world::TestClock::new(), Trust::anyone());
    Browser::new(&net, &app.origin())
}

/// What must hold at the end of every journey: the audit log is whole, and no password, secret or
/// protected text is in a log or a file.
async fn all_is_well(clinic: &Clinic, canaries: &[&str]) {
    let report = clinic.store().audit_verify(None).await;
    assert!(
        report.is_ok(),
        "the audit log: {:?}",
        report.err().map(|e| e.to_string())
    );
    clinic.world.must_not_leak(canaries);
}
