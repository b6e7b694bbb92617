//! The real applications start here, and their logins work without the gateway.
//! Never goes through the gateway: when a journey fails, this tells whether the app is to blame.

use std::time::Duration;

use anteroom_tests::apps::{App, dokuwiki, php, tomcat};
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::send::Internet;
use anteroom_tests::require;
use anteroom_tests::tls::Trust;
use anteroom_tests::world::TestClock;
use anteroom_tests::ws::Heard;

fn browser(app: &App) -> Browser {
    Browser::new(
        &Internet::new(TestClock::new(), Trust::anyone()),
        &app.origin(),
    )
}

#[tokio::test]
async fn the_php_app_logs_each_of_its_people_in_and_out() {
    let app = require!(php::start());
    for person in [php::ALICE, php::BOB, php::MALLORY, php::PAT] {
        let mut browser = browser(app);
        let asked = browser.open(php::CHART).await;
        assert!(
            asked.has_field("username") && !asked.has(php::CANARY),
            "{}",
            asked.describe()
        );
        let wrong = browser
            .submit(&[("username", person.name), ("password", "wrong")])
            .await;
        assert!(
            wrong.status == 200 && wrong.has(php::WRONG),
            "{}",
            wrong.describe()
        );
        browser
            .submit(&[("username", person.name), ("password", person.password)])
            .await;
        let chart = browser.follow_all().await;
        assert!(chart.has(php::CANARY), "{}", chart.describe());
        assert_eq!(
            browser.xhr("GET", "/whoami.php").await.json()["username"],
            person.name
        );
        browser.click("Sign out").await;
        assert!(!browser.open(php::CHART).await.has(php::CANARY));
    }
}

#[tokio::test]
async fn the_php_app_takes_an_id_of_the_clients_making_and_keeps_it_over_the_login() {
    let app = require!(php::start());
    let mut browser = browser(app);
    browser
        .jar()
        .plant("127.0.0.1", "PHPSESSID", "attackerchosen1234567890abc");
    browser.get("/login.php").await;
    let spelt = [
        ("username", " ALICE@Clinic.test "),
        ("password", php::ALICE.password),
    ];
    let answer = browser.submit(&spelt).await;
    assert_eq!(
        (answer.status, answer.headers.all("set-cookie").len()),
        (302, 0)
    );
    let mut other = browser.stranger();
    let page = other
        .open("/chart.php?pid=1001&PHPSESSID=attackerchosen1234567890abc")
        .await;
    assert!(
        page.has(php::CANARY),
        "the id in the URL works too: {}",
        page.describe()
    );
}

#[tokio::test]
async fn the_php_app_saves_notes_and_tells_what_it_parsed() {
    let app = require!(php::start_own());
    let mut browser = browser(&app);
    browser.get("/login.php").await;
    browser
        .submit(&[("username", "bob"), ("password", php::BOB.password)])
        .await;
    browser.follow_all().await;
    browser
        .press("Save note", &[("note", "Two\nlines & more")])
        .await;
    browser
        .xhr_form("/note.php", &[("note", "by script")])
        .await;
    let saved = [
        ("bob".to_owned(), "Two\r\nlines & more".to_owned()),
        ("bob".to_owned(), "by script".to_owned()),
    ];
    assert_eq!(php::notes(&app), saved);
    let echo = browser
        .xhr_form("/echo.php/x.css?a.b=1", &[("user name", "x")])
        .await
        .json();
    assert_eq!(
        (&echo["get"]["a_b"], &echo["post"]["user_name"]),
        (&"1".into(), &"x".into())
    );
    assert_eq!(
        (&echo["path_info"], &echo["who"]),
        (&"/x.css".into(), &"bob".into())
    );
    let big = browser.get("/big.php?kb=300").await;
    assert!(big.body.len() == 300 * 1024 && big.body.ends_with(b"END\n"));
    app.kill();
    assert!(
        browser
            .fetch(&browser.script_ask("GET", "/"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn dokuwiki_shows_its_marker_only_after_a_login() {
    let app = require!(dokuwiki::start());
    let mut browser = browser(app);
    let form = browser.get(dokuwiki::PAGE).await;
    assert!(
        form.status == 200 && form.has_field("u"),
        "{}",
        form.describe()
    );
    assert!(!form.has(dokuwiki::MARKER));
    let wrong = browser
        .submit(&[("u", dokuwiki::USER), ("p", "wrong")])
        .await;
    assert!(
        wrong.status == 403 && wrong.has(dokuwiki::WRONG),
        "{}",
        wrong.describe()
    );
    let right = browser
        .submit(&[("u", dokuwiki::USER), ("p", dokuwiki::PASSWORD)])
        .await;
    assert_eq!(right.status, 302, "{}", right.describe());
    assert!(
        browser
            .jar()
            .all()
            .iter()
            .any(|cookie| cookie.name.starts_with("DW"))
    );
    let page = browser.follow_all().await;
    assert!(page.has(dokuwiki::MARKER), "{}", page.describe());
    let out = page
        .links()
        .into_iter()
        .find(|(_, target)| target.contains("do=logout"));
    browser.get(&out.expect("a link to log out").1).await;
    assert!(!browser.get(dokuwiki::PAGE).await.has(dokuwiki::MARKER));
}

#[tokio::test]
async fn tomcat_shows_its_form_in_place_of_the_page_and_then_the_page() {
    let app = require!(tomcat::start());
    let mut browser = browser(app);
    let form = browser.get(tomcat::PAGE).await;
    assert!(
        form.status == 200 && form.has_field("j_username"),
        "{}",
        form.describe()
    );
    assert!(
        form.has(";jsessionid="),
        "the id stands in the form's action too"
    );
    let wrong = browser
        .submit(&[("j_username", tomcat::USER), ("j_password", "wrong")])
        .await;
    assert!(wrong.has(tomcat::WRONG), "{}", wrong.describe());
    browser.get(tomcat::PAGE).await;
    let before = browser.cookie("JSESSIONID");
    let entries = [
        ("j_username", tomcat::USER),
        ("j_password", tomcat::PASSWORD),
    ];
    assert_eq!(browser.submit(&entries).await.status, 303);
    assert!(browser.follow_all().await.has(tomcat::MARKER));
    assert_ne!(
        browser.cookie("JSESSIONID"),
        before,
        "the id changes at login"
    );
    let mut socket = browser
        .socket(tomcat::ECHO_SOCKET)
        .await
        .expect("the echo example");
    socket.say("hello").await;
    assert_eq!(
        socket.hear(Duration::from_secs(5)).await,
        Heard::Text("hello".to_owned())
    );
    browser.open(&format!("{}?logoff=true", tomcat::PAGE)).await;
    assert!(!browser.get(tomcat::PAGE).await.has(tomcat::MARKER));
}
