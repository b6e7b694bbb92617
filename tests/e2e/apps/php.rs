//! The small PHP records app behind the gateway, by the generic `php-session` preset.
//! Its session id is chosen by whoever comes first, is kept over the login and is taken from the
//! URL as well: what old PHP does. Facts: config/presets/php-session.toml.

use anteroom_tests::apps::php::{self, ALICE, BOB, CANARY, CHART};
use anteroom_tests::first_steps::CHOICE;
use anteroom_tests::require;

use super::{BOTH, Door, all_is_well, code, directly};

const DOOR: Door = Door {
    preset: "php-session",
    lines: "",
    page: CHART,
    marker: CANARY,
    fields: ("username", "password"),
    wrong: php::WRONG,
};
const CANARIES: [&str; 3] = [ALICE.password, BOB.password, CANARY];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_php_app_shows_nothing_but_its_login_before_the_code() {
    let app = require!(php::start());
    assert_eq!(
        directly(app).open("/echo.php").await.status,
        200,
        "the control: it stands open"
    );
    let clinic = DOOR.open(app).await;
    for protocol in BOTH {
        let mut browser = clinic.browser().over(protocol);
        let closed = [
            CHART,
            "/echo.php",
            "/whoami.php",
            "/big.php?kb=1",
            "/stream.php?n=1",
            "/note.php",
            "/",
        ];
        for address in closed {
            let page = browser.open(address).await;
            assert_eq!(page.path(), "/login.php", "{address}: {}", page.describe());
            assert_eq!(browser.xhr("GET", address).await.status, 401, "{address}");
        }
        assert_eq!(browser.load("style", "/static/x.css").await.status, 200);
        let page = DOOR.knock(&mut browser, ALICE.name, ALICE.password).await;
        assert_eq!(page.path(), CHOICE, "{}", page.describe());
        for address in closed {
            let page = browser.open(address).await;
            assert!(
                page.path().starts_with("/.anteroom/"),
                "{address}: {}",
                page.describe()
            );
            assert_eq!(browser.xhr("GET", address).await.status, 401, "{address}");
        }
        let mut thief = browser.thief();
        thief.jar().remove(super::OURS);
        assert!(!DOOR.lets_in(&mut thief).await);
    }
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_php_app_says_itself_that_a_password_was_wrong_and_the_next_try_works() {
    let app = require!(php::start());
    let clinic = DOOR.open(app).await;
    let mut browser = clinic.browser();
    for wrong in ["Larch-Canary-40", "", "larch-canary-41"] {
        let page = DOOR.knock(&mut browser, ALICE.name, wrong).await;
        assert!(
            page.status == 200 && page.has(php::WRONG),
            "{wrong:?}: {}",
            page.describe()
        );
        assert!(!DOOR.lets_in(&mut browser).await, "{wrong:?}");
    }
    DOOR.enrol(&clinic, &mut browser, ALICE).await;
    assert!(DOOR.lets_in(&mut browser).await);
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_php_app_works_once_the_code_is_given() {
    let app = require!(php::start_own());
    let clinic = DOOR.open(&app).await;
    let (_, phone) = DOOR.signed_in(&clinic, ALICE).await;
    let mut wanted = Vec::new();
    for protocol in BOTH {
        let mut browser = clinic.browser().over(protocol);
        browser.open("/chart.php?pid=1007").await;
        DOOR.submit(&mut browser, ALICE.name, ALICE.password).await;
        let page = code(&clinic, &mut browser, &phone).await;
        assert!(
            page.has("CANARY-PHI-1007"),
            "the deep link: {}",
            page.describe()
        );
        browser
            .press("Save note", &[("note", "Two\nlines & more; p=1")])
            .await;
        let page = browser.follow_all().await;
        assert!(page.has("CANARY-PHI-1007"), "{}", page.describe());
        let saved = browser
            .xhr_form("/note.php", &[("note", "by script")])
            .await;
        assert_eq!(saved.json()["saved"], true);
        let listed = browser.xhr("GET", "/note.php").await;
        assert!(
            listed.has("by script") && listed.has("Two"),
            "{}",
            listed.describe()
        );
        for text in ["Two\r\nlines & more; p=1", "by script"] {
            wanted.push((ALICE.name.to_owned(), text.to_owned()));
        }
        let big = browser.get("/big.php?kb=700").await;
        assert!(big.body.len() == 700 * 1024 && big.body.ends_with(b"END\n"));
        let events = browser.get("/stream.php?n=2").await;
        assert!(events.text().contains("tick 1"), "{}", events.describe());
        // The app hears of its own cookie and of none of ours.
        let heard = browser.xhr("GET", "/echo.php").await.json();
        let cookies = heard["cookie"].as_object().expect("cookies");
        assert_eq!(cookies.keys().collect::<Vec<_>>(), ["PHPSESSID"]);
        browser.open(CHART).await;
        browser.click("Sign out").await;
        assert_eq!(browser.follow_all().await.path(), "/login.php");
        assert!(!DOOR.lets_in(&mut browser).await);
    }
    assert_eq!(php::notes(&app), wanted, "each note once");
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_php_apps_ids_are_worth_nothing_elsewhere_nor_after_the_logout() {
    let app = require!(php::start());
    let clinic = DOOR.open(app).await;
    let (mut browser, phone) = DOOR.signed_in(&clinic, ALICE).await;
    let (own, _) = DOOR.signed_in(&clinic, BOB).await;
    // What bob sees instead is his own: his session keeps its cookie, hers does not open in it.
    let hers = browser.cookie("PHPSESSID").expect("the app's cookie");
    let mut bob = own.thief();
    bob.open(CHART).await;
    bob.jar().plant("app.test", "PHPSESSID", &hers);
    let page = bob.open(CHART).await;
    assert!(!page.has("Signed in as alice"), "{}", page.describe());
    DOOR.stolen_jar_opens_nothing(app, &browser, own).await;

    let raw = browser.xhr("GET", "/echo.php").await.json()["session_id"].clone();
    let raw = raw.as_str().expect("the raw id").to_owned();
    let mut direct = directly(app);
    let by_url = format!("{CHART}&PHPSESSID={raw}");
    assert!(
        direct.open(&by_url).await.has(CANARY),
        "the control: it works in the URL"
    );
    for mut thief in [clinic.browser(), bob] {
        let page = thief.open(&by_url).await;
        assert_eq!(page.status, 400, "{}", page.describe());
        thief.jar().plant("app.test", "PHPSESSID", &raw);
        let page = thief.open(CHART).await;
        assert!(!page.has("Signed in as alice"), "{}", page.describe());
    }

    let mut whole = browser.thief();
    browser.open(CHART).await;
    browser.click("Sign out").await;
    for old in [&mut whole, &mut browser] {
        assert!(!DOOR.lets_in(old).await, "{}", old.page().describe());
    }
    let page = DOOR.sign_in(&clinic, &mut browser, ALICE, &phone).await;
    assert!(page.has(CANARY), "{}", page.describe());
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_php_app_a_second_login_inside_a_verified_session_needs_its_own_code() {
    let app = require!(php::start());
    let clinic = DOOR.open(app).await;
    let (_, bob) = DOOR.signed_in(&clinic, BOB).await;
    let (mut browser, alice) = DOOR.signed_in(&clinic, ALICE).await;

    // Her own wrong password locks her session; her code opens it again.
    browser.open("/login.php").await;
    let page = DOOR.submit(&mut browser, ALICE.name, "wrong").await;
    assert!(page.has(php::WRONG), "{}", page.describe());
    let page = browser.open(CHART).await;
    assert_eq!(page.path(), "/.anteroom/challenge", "{}", page.describe());
    let page = code(&clinic, &mut browser, &alice).await;
    assert!(page.has("Signed in as alice"), "{}", page.describe());

    browser.open("/login.php").await;
    let before = browser.thief();
    let page = DOOR.submit(&mut browser, BOB.name, BOB.password).await;
    assert_eq!(page.path(), "/.anteroom/challenge", "{}", page.describe());
    for mut old in [before, browser.new_tab()] {
        assert!(!DOOR.lets_in(&mut old).await, "{}", old.page().describe());
    }
    browser.open("/.anteroom/challenge").await;
    let page = code(&clinic, &mut browser, &bob).await;
    assert!(page.has("Signed in as bob"), "{}", page.describe());
    all_is_well(&clinic, &CANARIES).await;
}
