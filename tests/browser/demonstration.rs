//! What `./dev demo` serves, in a real browser: plain HTTP on loopback, by its own configuration.
//! Another cookie name, no TLS, real time: a way that no other story goes.

use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_browser_tests::demo::Demonstration;
use anteroom_config::ambient::{Clock, SystemClock};
use anteroom_tests::phone::Phone;
use anteroom_tests::require;

use super::{password, recovery_codes};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_works_over_plain_http_on_this_machine() {
    let program = require!(installed());
    let demo = Demonstration::start().await;
    let home = format!("http://{}", demo.address());
    let chromium = Chromium::start_at(&program, &home, "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1").await;
    let screen = chromium.screen().await;
    password(&screen).await;
    // A passkey is made for a name, and here is only an address: the phone is the one way.
    screen.arrives("/.anteroom/enrol").await;
    let phone = Phone::from_png(&screen.picture().await).expect("the screen shows a QR code");
    let now = u64::try_from(SystemClock.now().as_secs()).expect("after 1970");
    screen.fill("#code", &phone.code(now)).await;
    screen.click("main button").await;
    screen.arrives("/.anteroom/recovery-codes").await;
    recovery_codes(&screen).await;
    screen.press("I have saved them").await;
    screen.arrives("/patients").await;
    assert!(screen.text().await.contains("CANARY-PHI-1001"));
    screen.visit("/").await;
    screen.reads("tick ").await;
    // Before the logout, which cuts the page's open lines: that is told as a broken load.
    let complaints = screen.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    screen.press("Log out").await;
    screen.arrives("/login").await;
    chromium.close().await;
    demo.stop().await;
}
