//! The pages that a person passes, in French and Spanish and in a clinic's colours: everything fits
//! on the smallest phone although the sentences are longer, axe finds nothing.
//! English is looked at in `looks` and `trouble`. Pictures: `target/pictures`, the language behind
//! the name.

use anteroom_browser_tests::chromium::installed;
use anteroom_browser_tests::look::look_at;
use anteroom_browser_tests::screen::Screen;
use anteroom_config::settings::Contact;
use anteroom_core::language::Language;
use anteroom_gateway::pages::{Brand, Chrome, render};
use anteroom_tests::require;
use anteroom_tests::world::start::{Clinic, open_enrolment};

use super::looks::rendered;
use super::{at_first_sign_in, next_code, no_complaints, password, scan};

/// The button at the foot of the page, by the language's own name.
pub(super) async fn speak(screen: &Screen, language: Language) {
    screen.press(language.own_name()).await;
    let spoken = format!("document.documentElement.lang === '{}'", language.tag());
    screen.until("the language", &spoken).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_reads_french_and_one_who_reads_spanish_pass_every_page() {
    let program = require!(installed());
    let lines = format!(
        "{}[app.contact.say]\nen = \"Ask Jo.\"\nfr = \"Demandez à Jo.\"\n[app.brand]\n\
         name = \"Northside Clinic\"\naccent = \"#8a1c4a\"\n",
        open_enrolment("demo")
    );
    for language in [Language::Fr, Language::Es] {
        let clinic = Clinic::with_demo_as(&lines, "").await;
        let (chromium, screen) = at_first_sign_in(&program, &clinic).await;
        let name = |page: &str| format!("{page}-{}", language.tag());
        speak(&screen, language).await;
        look_at(&screen, &name("enrol-method")).await;
        screen.click("a[href='/.anteroom/enrol']").await;
        screen.arrives("/.anteroom/enrol").await;
        look_at(&screen, &name("enrol")).await;
        let phone = scan(&clinic, &screen).await;
        look_at(&screen, &name("recovery-codes")).await;
        screen.click("main form button").await;
        screen.arrives("/patients").await;

        screen.visit("/logout").await;
        screen.arrives("/login").await;
        password(&screen).await;
        screen.arrives("/.anteroom/challenge").await;
        look_at(&screen, &name("challenge")).await;
        screen.click("summary").await;
        look_at(&screen, &name("challenge-recovery-open")).await;
        let wrong = phone.wrong_code(clinic.world.clock.now());
        screen.fill("#code", &wrong).await;
        screen.click("main form button").await;
        screen
            .until("what was wrong", "!!document.querySelector('#problem')")
            .await;
        look_at(&screen, &name("challenge-wrong")).await;
        screen.fill("#code", &next_code(&clinic, &phone)).await;
        screen.click("main form button").await;
        screen.arrives("/patients").await;
        no_complaints(&clinic, &screen).await;
        chromium.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_notice_fits_in_french_and_spanish() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let (chromium, screen) = at_first_sign_in(&program, &clinic).await;
    let contact = Contact {
        email: Some("it@clinic.test".to_owned()),
        text_line: Some("+1 555 0100".to_owned()),
        phone: Some("+1 555 0101".to_owned()),
        say: vec![(Language::En, "Say where you work.".to_owned())],
    };
    let brand = Brand::default();
    for language in [Language::Fr, Language::Es] {
        let chrome = Chrome {
            app: "Ward emr",
            contact: &contact,
            brand: &brand,
            reference: "7K2M9QXA",
            home: "/login",
            emergency_until: None,
            language,
            here: "/.anteroom/challenge",
        };
        for (name, page) in rendered() {
            screen.show(&render(&page, &chrome)).await;
            look_at(&screen, &format!("{name}-{}", language.tag())).await;
        }
    }
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}
