//! Passkeys in a real browser, with Chromium's own virtual authenticator: two implementations that
//! are not ours meet over our page, our script and our form. What must be refused is
//! `tests/e2e/attacks/d_passkeys.rs`.

use std::net::SocketAddr;
use std::sync::Arc;

use anteroom::demo::DemoEmr;
use anteroom::{compose, demo_config};
use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_browser_tests::look::look_at;
use anteroom_browser_tests::screen::Screen;
use anteroom_browser_tests::virtual_key::VirtualKey;
use anteroom_config::ambient::{Ambient, SystemClock, entropy};
use anteroom_tests::require;
use anteroom_tests::world::start::{Clinic, open_enrolment};
use tokio::net::TcpListener;

use super::{no_complaints, password, recovery_codes};

const BUTTON: &str = "form[data-passkey] button";

/// Enrols with the key that is plugged in, from the page with the QR code.
async fn enrol(screen: &Screen) {
    password(screen).await;
    screen.arrives("/.anteroom/enrol").await;
    screen.press("Use a passkey or security key instead").await;
    screen.arrives("/.anteroom/enrol/passkey").await;
    look_at(screen, "enrol-passkey").await;
    screen.press("Set up a passkey").await;
    screen.arrives("/.anteroom/recovery-codes").await;
}

async fn save_codes(screen: &Screen) -> Vec<String> {
    let codes = recovery_codes(screen).await;
    screen.press("I have saved them").await;
    screen.arrives("/patients").await;
    codes
}

async fn sign_out(screen: &Screen) {
    screen.visit("/").await;
    screen.press("Log out").await;
    screen.arrives("/login").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn she_sets_up_a_passkey_and_signs_in_with_it_by_keyboard_alone() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let key = VirtualKey::plug_in(&screen).await;
    enrol(&screen).await;
    assert_eq!(key.credentials().await, 1);
    save_codes(&screen).await;
    assert!(screen.text().await.contains("CANARY-PHI-1001"));
    let complaints = screen.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    sign_out(&screen).await;

    password(&screen).await;
    screen.arrives("/.anteroom/challenge").await;
    look_at(&screen, "challenge-passkey").await;
    screen.reload().await;
    screen.tab_to(BUTTON).await;
    screen.key("Enter").await;
    screen.arrives("/patients").await;
    assert!(screen.text().await.contains("CANARY-PHI-1001"));
    let audit = clinic.store().audit_verify(None).await;
    assert!(audit.is_ok(), "{:?}", audit.err().map(|e| e.to_string()));
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prompt_that_is_closed_costs_nothing_and_another_way_is_there() {
    let program = require!(installed());
    let lines = format!(
        "{}[app.passkeys]\nuser_verification = \"required\"\n",
        open_enrolment("demo")
    );
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let key = VirtualKey::plug_in(&screen).await;
    enrol(&screen).await;
    let codes = save_codes(&screen).await;
    sign_out(&screen).await;

    password(&screen).await;
    screen.arrives("/.anteroom/challenge").await;
    key.knows_its_owner(false).await;
    screen.click(BUTTON).await;
    screen.reads("No passkey was used.").await;
    let focus = format!("document.activeElement.matches('{BUTTON}')");
    screen.until("the button has the focus again", &focus).await;
    let tried = clinic.store().audit_tail(100).await.expect("it answers");
    let wrong = tried
        .iter()
        .filter(|row| row.event.kind.name() == "challenge_failed");
    assert_eq!(wrong.count(), 0, "nobody guessed");

    screen.press("I don’t have my phone").await;
    screen.fill("#recovery-code", &codes[0]).await;
    screen.press("Use this code").await;
    screen.arrives("/patients").await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

/// `localhost` counts as secure, so the demonstration shows passkeys without a certificate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_takes_passkeys_on_localhost() {
    let program = require!(installed());
    let dir = tempfile::tempdir().expect("a temporary directory");
    let emr = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let upstream = emr.local_addr().expect("bound");
    let served = DemoEmr::new(b"a fixed seed for tests");
    tokio::spawn(async move { served.serve(emr, std::future::pending()).await });
    let ambient = Ambient {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(entropy),
        config_file: None,
        credentials: None,
    };
    // The port stands in the origin, so it has to be known before.
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = free.local_addr().expect("bound").port();
    drop(free);
    let listen = SocketAddr::from(([127, 0, 0, 1], port));
    let settings = demo_config::settings(listen, upstream, dir.path()).expect("it is sound");
    let running = compose::start(settings, &ambient)
        .await
        .expect("the gateway starts");

    let home = format!("http://localhost:{port}");
    let leads = "MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";
    let chromium = Chromium::start_at(&program, &home, leads).await;
    let screen = chromium.screen().await;
    let _key = VirtualKey::plug_in(&screen).await;
    enrol(&screen).await;
    save_codes(&screen).await;
    sign_out(&screen).await;
    password(&screen).await;
    screen.arrives("/.anteroom/challenge").await;
    screen.click(BUTTON).await;
    screen.arrives("/patients").await;
    chromium.close().await;
    tokio::task::spawn_blocking(move || running.stop())
        .await
        .expect("it stops");
}
