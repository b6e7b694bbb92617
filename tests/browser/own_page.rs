//! A person's own page in a real browser: with a mouse, with keys alone, without scripts, small and
//! large; and the app's own scripts, which must neither read it nor change anything (attack D21).

use anteroom_browser_tests::chromium::{Chromium, installed};
use anteroom_browser_tests::look::look_at;
use anteroom_browser_tests::screen::Screen;
use anteroom_tests::own_pages::{ME, own_pages};
use anteroom_tests::phone::Phone;
use anteroom_tests::require;
use anteroom_tests::world::start::Clinic;

use super::{enrol, next_code, no_complaints, recovery_codes};

/// Connects the phone that the page shows.
async fn connect(clinic: &Clinic, screen: &Screen, name: &str, old: &Phone) -> Phone {
    let new = Phone::from_png(&screen.picture().await).expect("the screen shows a QR code");
    let proof = next_code(clinic, old);
    screen.fill("#label", name).await;
    screen
        .fill("#first", &new.code(clinic.world.clock.now()))
        .await;
    screen.fill("#code", &proof).await;
    screen.click("main form button").await;
    screen.arrives(ME).await;
    new
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_phone_and_new_recovery_codes_without_any_script() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let (phone, _) = enrol(&clinic, &screen).await;
    screen.without_scripts().await;
    screen.visit(ME).await;
    screen.reads("Two-step sign-in is on").await;
    look_at(&screen, "own").await;

    screen.press("Add another phone").await;
    screen.arrives("/.anteroom/me/add").await;
    look_at(&screen, "own-add").await;
    let tablet = connect(&clinic, &screen, "Tablet", &phone).await;
    screen.reads("Tablet").await;
    look_at(&screen, "own-two").await;

    screen.press("Make new recovery codes").await;
    screen.arrives("/.anteroom/me/codes").await;
    look_at(&screen, "own-codes").await;
    screen
        .fill("#code", &tablet.wrong_code(clinic.world.clock.now()))
        .await;
    screen.click("main form button").await;
    screen.reads("That code did not match").await;
    look_at(&screen, "own-codes-wrong").await;
    screen.fill("#code", &next_code(&clinic, &tablet)).await;
    screen.click("main form button").await;
    screen.arrives("/.anteroom/recovery-codes").await;
    recovery_codes(&screen).await;
    screen.press("I have saved them").await;
    screen.arrives(ME).await;

    screen.press("This was not me").await;
    screen.arrives("/.anteroom/me/not-me").await;
    look_at(&screen, "own-not-me").await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_keys_alone_she_renames_her_phone() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let (phone, _) = enrol(&clinic, &screen).await;
    screen.visit(ME).await;
    screen.tab_to(".acts a").await;
    screen.key("Enter").await;
    screen.reads("Rename an authenticator").await;
    look_at(&screen, "own-rename").await;
    screen.tab_to("#label").await;
    screen
        .look("document.querySelector('#label').select()")
        .await;
    screen.keys("Ward phone").await;
    screen.tab_to("#code").await;
    screen.keys(&next_code(&clinic, &phone)).await;
    screen.key("Enter").await;
    screen.arrives(ME).await;
    screen.reads("Ward phone").await;
    no_complaints(&clinic, &screen).await;
    chromium.close().await;
}

/// What a script in a page of the app can try, each as an expression that gives what it got.
fn tries(path: &str) -> [String; 3] {
    let fetch = |options: &str| {
        format!(
            "fetch('{path}', {options}).then(async a => a.status + ' ' + await a.text())\
             .catch(e => 'refused ' + e.name)"
        )
    };
    [
        fetch("{}"),
        fetch(
            "{method: 'POST', headers: {'Content-Type': 'application/x-www-form-urlencoded'}, \
             body: 'nonce=00000000000000000000000000000000&code=123456&label=x&first=123456'}",
        ),
        format!(
            "new Promise(done => {{ const f = document.createElement('iframe');\
             f.src = '{path}'; f.onload = () => {{ let t = 'unreadable';\
             try {{ t = f.contentDocument.body.innerText }} catch (e) {{}}\
             f.remove(); done(t) }}; document.body.append(f) }})"
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d21_a_script_of_the_app_reads_nothing_and_changes_nothing() {
    let program = require!(installed());
    let clinic = Clinic::with_demo().await;
    let chromium = Chromium::start(&program, &clinic).await;
    let screen = chromium.screen().await;
    let (phone, _) = enrol(&clinic, &screen).await;
    let secrets = [
        phone.secret(),
        "Two-step sign-in is on",
        "name=\"nonce\"",
        "You have 10 codes",
    ];
    for path in own_pages() {
        for attempt in tries(path) {
            let got = screen.run(&attempt).await;
            let got = got.as_str().unwrap_or_default();
            assert!(!got.starts_with("200"), "{path}: {got}");
            assert!(
                !secrets.iter().any(|secret| got.contains(secret)),
                "{path}: {got}"
            );
        }
        // A window of its own is cut off from who opened it.
        let opened = format!(
            "new Promise(done => {{ const w = window.open('{path}'); setTimeout(() => {{\
             let t = 'unreadable'; try {{ t = w.document.body.innerText }} catch (e) {{}}\
             done(t) }}, 800) }})"
        );
        let got = screen.run(&opened).await;
        let got = got.as_str().unwrap_or_default();
        assert!(
            !secrets.iter().any(|secret| got.contains(secret)),
            "{path}: {got}"
        );
    }
    // A form that a script sends is a navigation of this origin, and still has no nonce.
    for act in ["end-others", "not-me", "codes", "add"] {
        screen.visit("/patients").await;
        let send = format!(
            "(() => {{ const f = document.createElement('form'); f.method = 'post';\
             f.action = '/.anteroom/me/{act}'; f.innerHTML = '<input name=code value=123456>';\
             document.body.append(f); f.submit(); return true }})()"
        );
        screen.run(&send).await;
        screen.reads("came from another website").await;
    }
    let alice = clinic.store().subscriber_list("alice", 1).await.unwrap()[0].id;
    let own = clinic.store().own_factors(alice).await.unwrap();
    assert_eq!((own.authenticators.len(), own.recovery.left), (1, 10));
    chromium.close().await;
}
