//! A clinician's first day: she enrols, works, signs out, comes back without her phone.
//! Everything the chart does in her browser works through the gateway: frame, pop-up, script,
//! socket, event stream, form.

use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_browser_tests::screen::Screen;
use anteroom_tests::apps::{Missing, present};
use anteroom_tests::first_steps::CHOICE;
use anteroom_tests::phone::Phone;
use anteroom_tests::require;
use anteroom_tests::world::start::Clinic;

use super::{
    NAME, PASSWORD, at_first_sign_in, enrol, next_code, no_complaints, password, recovery_codes,
    take_phone,
};

const OATHTOOL: Missing = Missing {
    app: "oathtool",
    packages: &["oathtool"],
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_password_to_the_chart_with_the_qr_code_from_the_screen() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let (chromium, screen) = at_first_sign_in(&program, &clinic).await;
    take_phone(&screen).await;
    assert!(
        !screen.text().await.contains("CANARY-PHI"),
        "{}",
        screen.describe().await
    );
    let phone = Phone::from_png(&screen.picture().await).expect("the screen shows a QR code");
    assert_eq!(phone.issuer(), Some("Ward emr"));
    let now = clinic.world.clock.now();
    if let Some(code) = present(phone.code_by_oathtool(now).ok_or(OATHTOOL)) {
        assert_eq!(code, phone.code(now), "two programs agree");
    }
    screen.fill("#code", &next_code(&clinic, &phone)).await;
    screen.click("main button").await;
    screen.arrives("/.anteroom/recovery-codes").await;
    recovery_codes(&screen).await;
    screen.press("I have saved them").await;
    screen.arrives("/patients").await;
    assert!(
        screen.text().await.contains("CANARY-PHI-1001"),
        "{}",
        screen.describe().await
    );

    the_chart_works(&chromium, &screen).await;
    scripts_see_only_their_own_cookies(&screen).await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

async fn the_chart_works(chromium: &Chromium, screen: &Screen) {
    // The list asks again by script.
    screen.press("Check for changes").await;
    screen.reads("list is up to date").await;
    // The chart, with its frame.
    screen.visit("/patients/1001").await;
    let frame =
        "document.querySelector('iframe').contentDocument?.body?.innerText.includes('mmHg')";
    screen.until("the frame shows vital signs", frame).await;
    // Its pop-up window.
    screen.press("Show allergies").await;
    let popup = chromium.popup("/popup/allergies/1001").await;
    popup.reads("Allergies").await;
    assert!(
        popup.text().await.contains("CANARY-PHI-1001"),
        "{}",
        popup.describe().await
    );
    assert!(popup.complaints().is_empty(), "{:?}", popup.complaints());
    popup.close().await;
    // A note, with letters that a form has to encode.
    screen
        .fill("#note", "Pain 3/10 & better; naïve <b>test</b>")
        .await;
    screen.press("Save note").await;
    screen.reads("Pain 3/10 & better; naïve <b>test</b>").await;
    // The open lines of the front page.
    screen.visit("/").await;
    screen.reads("tick ").await;
    screen.reads("event ").await;
}

async fn scripts_see_only_their_own_cookies(screen: &Screen) {
    // Such as one that only the page's script reads and writes.
    screen.press("Light / dark").await;
    assert!(
        screen
            .sees("document.cookie.includes('wb_theme=dark')")
            .await
    );
    screen.reload().await;
    assert!(
        screen
            .sees("document.body.className === 'theme-dark'")
            .await
    );
    assert!(
        !screen.sees("document.cookie.includes('WBSESSION')").await,
        "no script reads a session"
    );
    assert!(
        !screen.sees("document.cookie.includes('anteroom')").await,
        "nor ours"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_leaves_nothing_and_a_recovery_code_lets_her_in_again_once() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let (_, codes) = enrol(&clinic, &screen).await;

    screen.visit("/patients/1001").await;
    screen.press("Log out").await;
    screen.arrives("/login").await;
    // Back shows no chart: the browser was told to forget it.
    screen.back().await;
    screen
        .until("a page", "document.readyState === 'complete'")
        .await;
    screen.arrives("/login").await;
    assert!(
        !screen.text().await.contains("CANARY-PHI"),
        "{}",
        screen.describe().await
    );

    password(&screen).await;
    screen.arrives("/.anteroom/challenge").await;
    screen.press("use a recovery code").await;
    screen
        .fill(
            "#recovery-code",
            &codes[0].to_ascii_lowercase().replace('-', " "),
        )
        .await;
    screen.press("Use this code").await;
    screen.arrives("/patients").await;

    screen.visit("/logout").await;
    screen.arrives("/login").await;
    password(&screen).await;
    screen.arrives("/.anteroom/challenge").await;
    screen.press("use a recovery code").await;
    screen.fill("#recovery-code", &codes[0]).await;
    screen.press("Use this code").await;
    screen
        .until("an error", "document.title.startsWith('Error')")
        .await;
    assert!(
        screen
            .sees("document.querySelector('#recovery-code').checkVisibility()")
            .await
    );
    screen.fill("#recovery-code", &codes[1]).await;
    screen.press("Use this code").await;
    screen.arrives("/patients").await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

async fn type_the_password(screen: &Screen) {
    screen.visit("/patients").await;
    screen.arrives("/login").await;
    let ready = "document.activeElement.id === 'username'";
    screen.until("the field waits", ready).await;
    screen.keys(NAME).await;
    screen.key("Tab").await;
    screen.keys(PASSWORD).await;
    screen.key("Enter").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_alone_is_enough() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;

    type_the_password(&screen).await;
    screen.arrives(CHOICE).await;
    screen.tab_to("a[href='/.anteroom/enrol']").await;
    screen.key("Enter").await;
    screen.arrives("/.anteroom/enrol").await;
    let phone = Phone::from_png(&screen.picture().await).expect("the screen shows a QR code");
    screen.tab_to("#code").await;
    screen.keys(&next_code(&clinic, &phone)).await;
    screen.tab_to("main form button").await;
    screen.key("Enter").await;
    screen.arrives("/.anteroom/recovery-codes").await;
    let codes = recovery_codes(&screen).await;
    screen.tab_to("main form button").await;
    screen.key("Enter").await;
    screen.arrives("/patients").await;

    screen.visit("/logout").await;
    screen.arrives("/login").await;
    type_the_password(&screen).await;
    screen.arrives("/.anteroom/challenge").await;
    screen
        .until(
            "the field waits for her",
            "document.activeElement.id === 'code'",
        )
        .await;
    // A wrong code first: the page comes back and waits again.
    screen
        .keys(&phone.wrong_code(clinic.world.clock.now()))
        .await;
    screen.key("Enter").await;
    screen
        .until("an error", "document.title.startsWith('Error')")
        .await;
    screen
        .until(
            "the field waits again",
            "document.activeElement.id === 'code'",
        )
        .await;
    // And then without the phone, by the fold below the form.
    screen.tab_to("summary").await;
    screen.key("Enter").await;
    screen.tab_to("#recovery-code").await;
    screen.keys(&codes[3]).await;
    screen.key("Enter").await;
    screen.arrives("/patients").await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}
