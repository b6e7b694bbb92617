//! How every page of ours looks: in a wide window, on a small phone, light and dark, and to axe.
//! Pages that a story passes are looked at there (`trouble`); the rest are rendered and shown
//! under the content policy of a page of ours. Pictures: `target/pictures`.

use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_browser_tests::look::{axe, look_at};
use anteroom_config::settings::Contact;
use anteroom_core::language::Language;
use anteroom_gateway::pages::{
    Brand, Chrome, CodeForm, CodeProblem, EndWhy, Likely, MailFor, MailState, Notice, Page, Why,
    render,
};
use anteroom_tests::first_steps::CHOICE;
use anteroom_tests::phone::Phone;
use anteroom_tests::require;
use anteroom_tests::world::start::{Clinic, coded_enrolment};

use super::{next_code, no_complaints, password, take_phone};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_an_enrolment_in_every_size_and_colour() {
    let program = require!(installed());
    if axe().is_none() {
        // Only told: axe-core comes from npm, which nobody has to have.
        eprintln!("SKIPPED axe-core: npm install --prefix target/axe axe-core");
    }
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    password(&screen).await;
    screen.arrives(CHOICE).await;
    look_at(&screen, "enrol-method").await;
    take_phone(&screen).await;
    look_at(&screen, "enrol").await;
    // On a small phone the picture still scans.
    screen.wide(320).await;
    let phone = Phone::from_png(&screen.picture().await).expect("it scans at 320 pixels");
    screen.wide(1280).await;
    screen.press("Cannot scan it?").await;
    let shown = screen.text().await.replace(' ', "");
    assert!(
        shown.contains(phone.secret()),
        "the key to type is the one in the picture: {shown}"
    );
    look_at(&screen, "enrol-by-hand").await;
    screen.fill("#code", "12345").await;
    screen.click("main form button").await;
    // The browser itself says that six digits are wanted, or our page does.
    assert!(
        !screen
            .sees("document.querySelector('#code')?.checkValidity() === true")
            .await
    );
    screen.reload().await;
    screen
        .fill("#code", &phone.wrong_code(clinic.world.clock.now()))
        .await;
    screen.click("main form button").await;
    screen
        .until("an error", "document.title.startsWith('Error')")
        .await;
    look_at(&screen, "enrol-wrong").await;
    screen.fill("#code", &next_code(&clinic, &phone)).await;
    screen.click("main form button").await;
    screen.arrives("/.anteroom/recovery-codes").await;
    look_at(&screen, "recovery-codes").await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_for_an_enrolment_code_and_every_notice_in_every_size_and_colour() {
    let program = require!(installed());
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    password(&screen).await;
    screen.arrives("/.anteroom/enrol/code").await;
    look_at(&screen, "enrol-code").await;

    let contact = Contact {
        email: Some("it@clinic.test".to_owned()),
        text_line: Some("+1 555 0100".to_owned()),
        phone: Some("+1 555 0101".to_owned()),
        say: vec![(
            Language::En,
            "Say that it is about signing in, and where you work.".to_owned(),
        )],
    };
    let brand = Brand::default();
    let chrome = Chrome {
        app: "Ward emr",
        contact: &contact,
        brand: &brand,
        reference: "7K2M9QXA",
        home: "/login",
        emergency_until: None,
        language: Language::En,
        here: "/.anteroom/challenge",
    };
    for (name, page) in rendered() {
        screen.show(&render(&page, &chrome)).await;
        look_at(&screen, name).await;
    }
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

pub(super) fn rendered() -> Vec<(&'static str, Page<'static>)> {
    let challenge = |problem, tries_left| Page::Challenge {
        nonce: "n",
        problem: Some(problem),
        unlock: false,
        stale: false,
        form: CodeForm::Code,
        token: false,
        recovery_left: None,
        minutes_left: 4,
        tries_left,
        remember_days: None,
        passkey: None,
    };
    let off = CodeProblem::ClockOff { minutes: -4 };
    let ended = |why| Page::Ended { why };
    let mail = |place, state| Page::MailCode {
        nonce: "n",
        problem: None,
        place,
        state,
        masked: Some("a…@c…"),
        wait_seconds: None,
    };
    let enrolment = MailFor::Enrolment {
        step: 2,
        steps: 3,
        others: true,
    };
    let mut pages = vec![
        ("clock-off", challenge(off, Some(3))),
        ("reused", challenge(CodeProblem::Reused, Some(1))),
        ("mail", mail(MailFor::SignIn, MailState::Sent)),
        ("mail-down", mail(MailFor::SignIn, MailState::Down)),
        ("enrol-mail", mail(enrolment, MailState::Ask)),
        ("ended-expired", ended(EndWhy::Expired)),
        ("ended-idle", ended(EndWhy::Idle)),
        ("ended-revoked", ended(EndWhy::Revoked)),
        ("ended-elsewhere", ended(EndWhy::Elsewhere)),
    ];
    pages.extend(notices().map(|(name, notice)| (name, Page::Notice(notice))));
    pages
}

fn notices() -> [(&'static str, Notice<'static>); 21] {
    let why = Why::PasswordInAddress;
    let likely = Likely::LoginPageClosed;
    let names = vec!["WBSESSION".to_owned(), "wb_other".to_owned()];
    let to = "/.anteroom/challenge";
    let retry_seconds = 40;
    [
        ("notice-bad-request", Notice::BadRequest { why }),
        ("notice-forbidden", Notice::Forbidden { why }),
        ("notice-not-found", Notice::NotFound),
        ("notice-method", Notice::MethodNotAllowed),
        ("notice-too-large", Notice::TooLarge),
        ("notice-cross-site", Notice::CrossSite),
        ("notice-too-many", Notice::TooManyRequests { retry_seconds }),
        ("notice-attempts-full", Notice::AttemptsFull),
        ("notice-not-understood", Notice::LoginNotUnderstood),
        ("notice-upstream-down", Notice::UpstreamDown),
        ("notice-upstream-slow", Notice::UpstreamSlow),
        ("notice-store-down", Notice::StoreDown),
        ("notice-internal", Notice::Internal),
        ("notice-loop", Notice::RedirectLoop { likely }),
        ("notice-try-again", Notice::TryLoginAgain),
        ("notice-sign-out-first", Notice::SignOutFirst),
        ("notice-spelling", Notice::SpellingHeld),
        ("notice-stopped", Notice::Stopped),
        ("notice-cookies", Notice::ConflictingCookies { names }),
        ("notice-no-access", Notice::NoAccessYet),
        ("break-out", Notice::BreakOut { to }),
    ]
}
