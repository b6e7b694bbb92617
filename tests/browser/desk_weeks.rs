//! Two weeks at the clinic, so that the pages of the admin app have something to tell: sign-ins on
//! most days, mistyped codes, a recovery code, a lock, a suspension. By plain requests, for speed.

use std::time::Duration;

use anteroom_core::operator::Role;
use anteroom_tests::browser::Browser;
use anteroom_tests::desk::{Operator, issue_code, operator};
use anteroom_tests::login::{ALICE, BOB, CHEN, Login, MALLORY};
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, coded_enrolment};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Sign-ins on each day, the last of them today.
const BUSY: [usize; 13] = [2, 3, 1, 4, 2, 0, 1, 3, 4, 2, 3, 0, 2];

/// The admin app's own lines: what a clinic of this size would write.
const ADMIN: &str = "four_eyes_operators = true\n\
    [[admin.group]]\nname = \"Chief physicians\"\nrealm = \"emr\"\npeople = [\"dr.chen\"]\n\
    [[admin.place]]\nnetwork = \"127.0.0.0/8\"\nname = \"front desk\"\n";

/// Whoever was there.
pub struct Weeks {
    pub clinic: Clinic,
    pub olga: Operator,
    bob: Phone,
}

impl Weeks {
    /// Bob types wrong codes until he has to wait.
    pub async fn bob_locks_himself_out(&self) {
        mistypes(&self.clinic, BOB, &self.bob, 6).await;
    }
}

/// Somebody's first day: an operator's code, a phone, recovery codes.
async fn starts(clinic: &Clinic, who: Login, seed: u8) -> (Phone, Vec<String>) {
    let code = issue_code(clinic, who.name, seed, DAY).await;
    let mut browser = clinic.browser();
    password(&mut browser, who).await;
    browser.submit(&[("code", &code)]).await;
    browser.follow_all().await;
    let page = browser.take_phone().await;
    let phone = Phone::scan(&page).unwrap_or_else(|problem| panic!("{problem}"));
    browser
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    let codes = browser.follow_all().await.recovery_codes();
    browser.press("I have saved them", &[]).await;
    browser.follow_all().await;
    (phone, codes)
}

async fn password(browser: &mut Browser, who: Login) {
    browser.open("/patients").await;
    browser
        .submit(&[("username", who.name), ("password", who.password)])
        .await;
    browser.follow_all().await;
}

/// A sign-in with this code, right or not.
async fn signs_in(clinic: &Clinic, who: Login, code: &str) -> Browser {
    let mut browser = clinic.browser();
    password(&mut browser, who).await;
    browser.submit(&[("code", code)]).await;
    browser.follow_all().await;
    browser
}

/// So many wrong codes in one sitting.
async fn mistypes(clinic: &Clinic, who: Login, phone: &Phone, times: usize) {
    let wrong = phone.wrong_code(clinic.world.clock.now());
    let mut browser = clinic.browser();
    password(&mut browser, who).await;
    for _ in 0..times {
        if browser.page().has_field("code") {
            browser.submit(&[("code", &wrong)]).await;
            browser.follow_all().await;
        }
    }
}

/// Lives through them: Alice is well and signed in, Bob mistypes now and then, Dr. Chen has used a
/// recovery code, Mallory is suspended, three are new.
pub async fn lived() -> Weeks {
    let clinic = Clinic::with_admin(&coded_enrolment("demo"), ADMIN).await;
    // Nine o'clock in the morning of the first day, whatever the clinic's clock began with.
    let past = clinic.world.clock.now() % DAY.as_secs();
    let nine = Duration::from_secs(DAY.as_secs() + 9 * 60 * 60 - past);
    clinic.world.clock.advance(nine);
    let (alice, _) = starts(&clinic, ALICE, 1).await;
    let (bob, _) = starts(&clinic, BOB, 2).await;
    let (chen, codes) = starts(&clinic, CHEN, 3).await;
    starts(&clinic, MALLORY, 4).await;
    for (day, times) in BUSY.iter().enumerate() {
        for turn in 0..*times {
            clinic.world.clock.advance(Duration::from_secs(23 * 60));
            let (who, phone) = [(ALICE, &alice), (BOB, &bob), (CHEN, &chen)][turn % 3];
            signs_in(&clinic, who, &phone.code_at(&clinic.world.clock)).await;
        }
        if day % 4 == 2 {
            clinic.world.clock.next_step();
            mistypes(&clinic, BOB, &bob, 2).await;
        }
        let spent = Duration::from_secs(23 * 60) * u32::try_from(*times).expect("few");
        clinic.world.clock.advance(DAY - spent);
    }
    with_the_recovery_code(&clinic, &codes[0]).await;
    for (seed, name) in [(5, "a.moreau"), (6, "k.lindqvist")] {
        issue_code(&clinic, name, seed, 3 * DAY).await;
    }
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    suspends(&mut olga, "mallory").await;
    clinic.world.clock.advance(Duration::from_secs(20 * 60));
    signs_in(&clinic, ALICE, &alice.code_at(&clinic.world.clock)).await;
    Weeks { clinic, olga, bob }
}

async fn with_the_recovery_code(clinic: &Clinic, code: &str) {
    let mut browser = clinic.browser();
    password(&mut browser, CHEN).await;
    let form = "/.anteroom/recovery";
    browser.submit_form(form, &[("code", code)]).await;
    browser.follow_all().await;
}

async fn suspends(olga: &mut Operator, name: &str) {
    let page = olga.look_up(name).await;
    let path = format!("{}/suspend", page.path());
    olga.browser.open(&path).await;
    let reason = "contract ended in May";
    olga.browser.submit_form(&path, &[("reason", reason)]).await;
    let page = olga.browser.follow_all().await;
    assert!(
        page.has("is suspended") || page.has("Suspended"),
        "{}",
        page.describe()
    );
    let note = format!("{}/note", page.path());
    let text = "Badge and keys handed in. Asked again about old notes: send to the ward sister.";
    olga.browser.submit_form(&note, &[("note", text)]).await;
    olga.browser.follow_all().await;
}
