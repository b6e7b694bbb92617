//! What `./dev demo` serves, in a real browser: plain HTTP on loopback, by its own configuration.
//! Another cookie name, no TLS, real time: a way that no other story goes.

use std::net::SocketAddr;
use std::sync::Arc;

use anteroom::demo::DemoEmr;
use anteroom::{compose, demo_config};
use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_config::ambient::{Ambient, Clock, SystemClock, entropy};
use anteroom_tests::phone::Phone;
use anteroom_tests::require;
use tokio::net::TcpListener;

use super::{password, recovery_codes};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_works_over_plain_http_on_this_machine() {
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
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let settings = demo_config::settings(listen, upstream, dir.path()).expect("it is sound");
    let running = compose::start(settings, &ambient)
        .await
        .expect("the gateway starts");

    let home = format!("http://{}", running.addresses[0]);
    let chromium = Chromium::start_at(&program, &home, "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1").await;
    let screen = chromium.screen().await;
    password(&screen).await;
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
    tokio::task::spawn_blocking(move || running.stop())
        .await
        .expect("it stops");
}
