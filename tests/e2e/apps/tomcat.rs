//! Tomcat's form-login example behind the gateway: no login address, ids in URLs, a WebSocket.
//! The container answers any protected page with the form, remembers the page, and refuses a login
//! that it has no memory for. Facts: config/presets/tomcat-form.toml.

use std::time::Duration;

use anteroom_tests::apps::tomcat::{
    self as cat, ECHO_SOCKET, MARKER, OTHER, OTHER_PASSWORD, PAGE, PASSWORD, USER,
};
use anteroom_tests::browser::Browser;
use anteroom_tests::first_steps::CHOICE;
use anteroom_tests::login::Login;
use anteroom_tests::require;
use anteroom_tests::ws::Heard;

use super::{BOTH, Door, all_is_well, code, directly};

const DOOR: Door = Door {
    preset: "tomcat-form",
    lines: "[app.login]\nlogin_page = \"/examples/jsp/security/protected/index.jsp\"\n",
    page: PAGE,
    marker: MARKER,
    fields: ("j_username", "j_password"),
    wrong: cat::WRONG,
};
const REGISTRAR: Login = Login {
    name: USER,
    password: PASSWORD,
};
const PORTER: Login = Login {
    name: OTHER,
    password: OTHER_PASSWORD,
};
const CANARIES: [&str; 2] = [PASSWORD, OTHER_PASSWORD];
const SOON: Duration = Duration::from_secs(5);
const CHECK: &str = "/examples/jsp/security/protected/j_security_check";

/// The container's own session id, which its page shows to those who are in.
fn raw_id(browser: &Browser) -> String {
    let visible = browser.page().visible();
    let id = visible
        .split("in session ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    let id = id.unwrap_or_else(|| panic!("no id on {}", browser.page().describe()));
    assert!(id.len() >= 32, "{id}");
    id.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomcat_shows_nothing_but_its_form_before_the_code() {
    let app = require!(cat::start());
    let mut direct = directly(app);
    assert!(
        direct.open(PAGE).await.text().contains(";jsessionid="),
        "the app puts it there"
    );
    // Controls: these stand open at the app itself.
    let open = [
        "/examples/",
        "/examples/servlets/",
        "/examples/jsp/",
        "/examples/websocket/",
    ];
    for address in open {
        assert_eq!(direct.open(address).await.status, 200, "{address}");
    }
    assert!(direct.socket(ECHO_SOCKET).await.is_ok());

    let clinic = DOOR.open(app).await;
    let mut browser = clinic.browser();
    let form = browser.open(PAGE).await;
    assert!(
        form.status == 200 && form.has_field("j_username"),
        "{}",
        form.describe()
    );
    assert!(
        !form
            .everything()
            .to_ascii_lowercase()
            .contains(";jsessionid"),
        "{}",
        form.text()
    );
    for address in open {
        let page = browser.open(address).await;
        assert!(
            page.has_field("j_username"),
            "{address}: {}",
            page.describe()
        );
        assert_eq!(page.path(), PAGE, "{address}");
        assert_eq!(browser.xhr("GET", address).await.status, 401, "{address}");
    }
    assert!(
        browser.socket(ECHO_SOCKET).await.is_err(),
        "no socket for nobody"
    );

    let page = DOOR.knock(&mut browser, USER, PASSWORD).await;
    assert_eq!(page.path(), CHOICE, "{}", page.describe());
    for address in open.into_iter().chain([PAGE]) {
        let page = browser.open(address).await;
        assert!(
            page.path().starts_with("/.anteroom/"),
            "{address}: {}",
            page.describe()
        );
        assert_eq!(browser.xhr("GET", address).await.status, 401, "{address}");
    }
    assert!(
        browser.socket(ECHO_SOCKET).await.is_err(),
        "no socket for a password"
    );
    let mut thief = browser.thief();
    thief.jar().remove(super::OURS);
    assert!(!DOOR.lets_in(&mut thief).await);
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomcat_case_17_a_first_visit_without_cookies_signs_in_whatever_id_is_in_the_form() {
    let app = require!(cat::start());
    let clinic = DOOR.open(app).await;
    let (_, phone) = DOOR.signed_in(&clinic, REGISTRAR).await;
    for protocol in BOTH {
        let mut browser = clinic.browser().over(protocol);
        browser.open(PAGE).await;
        // As a cached form would: with an id that somebody else chose.
        let mut form = browser.form_with(&[("j_username", "")]);
        form.action += ";jsessionid=0123456789ABCDEF0123456789ABCDEF";
        let entries = [("j_username", USER), ("j_password", PASSWORD)];
        let ask = browser.form_ask(&form, &entries, None);
        browser.land(ask).await;
        let page = browser.follow_all().await;
        assert_eq!(page.path(), "/.anteroom/challenge", "{}", page.describe());
        let page = code(&clinic, &mut browser, &phone).await;
        assert!(page.has(MARKER), "{}", page.describe());
        assert_eq!(page.path(), PAGE);
        // Other parameters in a path mean what nobody knows: refused.
        let page = browser.open(&format!("{PAGE};x=1")).await;
        assert_eq!(page.status, 400, "{}", page.describe());
        let page = browser
            .open(&format!("{PAGE};jsessionid=0123456789ABCDEF"))
            .await;
        assert!(page.has(MARKER), "{}", page.describe());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomcat_says_itself_that_a_password_was_wrong_and_the_next_try_works() {
    let app = require!(cat::start());
    let clinic = DOOR.open(app).await;
    for protocol in BOTH {
        let mut browser = clinic.browser().over(protocol);
        let page = DOOR.knock(&mut browser, USER, "Intake-6631-Zoo").await;
        assert!(
            page.status == 200 && page.has(cat::WRONG),
            "{}",
            page.describe()
        );
        browser.click("again").await;
        let page = browser.follow_all().await;
        assert!(page.has_field("j_username"), "{}", page.describe());
        let page = DOOR.submit(&mut browser, USER, "Intake-6632-Zoo").await;
        assert!(page.has(cat::WRONG), "{}", page.describe());
        browser.back().await;
        let page = DOOR.knock(&mut browser, USER, PASSWORD).await;
        assert!(
            page.path().starts_with("/.anteroom/"),
            "{}",
            page.describe()
        );
    }
    DOOR.signed_in(&clinic, REGISTRAR).await;
    all_is_well(&clinic, &[PASSWORD, "Intake-6631-Zoo", "Intake-6632-Zoo"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomcat_case_24_a_login_that_the_container_has_no_memory_for_is_told_to_start_again() {
    let app = require!(cat::start());
    let clinic = DOOR.open(app).await;
    let mut browser = clinic.browser();
    browser.open(PAGE).await;
    let form = browser.form_with(&[("j_username", "")]);
    let entries = [("j_username", USER), ("j_password", PASSWORD)];
    let ask = browser.form_ask(&form, &entries, None);
    // The page stood open for so long that the browser has forgotten its cookies.
    browser.jar().clear();
    let page = browser.land(ask).await;
    assert!(
        page.status >= 400 && page.has("sign-in page"),
        "{}",
        page.describe()
    );
    assert!(
        !page.everything().contains("Apache Tomcat"),
        "{}",
        page.describe()
    );
    let page = browser.get(CHECK).await;
    assert!(!page.has(MARKER), "{}", page.describe());
    DOOR.enrol(&clinic, &mut browser, REGISTRAR).await;
    assert!(DOOR.lets_in(&mut browser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomcat_works_once_the_code_is_given_deep_link_session_and_socket() {
    let app = require!(cat::start());
    let clinic = DOOR.open(app).await;
    let (_, phone) = DOOR.signed_in(&clinic, REGISTRAR).await;
    for protocol in BOTH {
        let mut browser = clinic.browser().over(protocol);
        browser.open(&format!("{PAGE}?role=role1")).await;
        DOOR.submit(&mut browser, USER, PASSWORD).await;
        let page = code(&clinic, &mut browser, &phone).await;
        assert!(
            page.has("You have been granted role role1"),
            "{}",
            page.describe()
        );

        // What is saved in the session is there on the next page, and can be taken out again.
        let entries = [("dataName", "bed"), ("dataValue", "ward & 4")];
        browser.submit(&entries).await;
        let page = browser.open(PAGE).await;
        assert!(
            page.has("bed") && page.visible().contains("ward & 4"),
            "{}",
            page.describe()
        );
        browser.click("delete").await;
        assert!(!browser.open(PAGE).await.visible().contains("ward & 4"));
        for address in [
            "/examples/",
            "/examples/servlets/servlet/RequestParamExample",
        ] {
            assert_eq!(browser.open(address).await.status, 200, "{address}");
        }
        browser
            .open("/examples/servlets/servlet/RequestParamExample")
            .await;
        let page = browser
            .submit(&[("firstname", "Ola"), ("lastname", "O'Neil")])
            .await;
        assert!(page.has("O'Neil"), "{}", page.describe());

        let mut socket = browser.socket(ECHO_SOCKET).await.expect("the echo example");
        let long = "a note ".repeat(500);
        for text in ["hello", long.as_str()] {
            socket.say(text).await;
            assert_eq!(socket.hear(SOON).await, Heard::Text(text.to_owned()));
        }
        let foreign = browser.knock(ECHO_SOCKET).origin("https://evil.test");
        assert!(
            foreign.open(browser.internet()).await.is_err(),
            "no socket for another site"
        );
        browser.open(&format!("{PAGE}?logoff=true")).await;
        assert!(socket.closed(SOON).await, "the logout cuts the socket");
        assert!(
            browser.page().has_field("j_username"),
            "{}",
            browser.page().describe()
        );
        assert!(browser.socket(ECHO_SOCKET).await.is_err());
    }
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomcats_ids_are_worth_nothing_elsewhere_nor_after_the_logout() {
    let app = require!(cat::start());
    let clinic = DOOR.open(app).await;
    let (mut browser, phone) = DOOR.signed_in(&clinic, REGISTRAR).await;
    let (mut own, _) = DOOR.signed_in(&clinic, PORTER).await;
    let sealed = browser.jar().find("JSESSIONID").expect("the app's cookie");
    assert_eq!(
        (sealed.path.as_str(), sealed.secure),
        ("/examples", true),
        "{sealed:?}"
    );

    // The raw id stands on the page; at the app itself it opens the session.
    let raw = raw_id(&browser);
    assert!(!sealed.value.contains(&raw));
    let mut direct = directly(app);
    direct.jar().plant("127.0.0.1", "JSESSIONID", &raw);
    assert!(
        DOOR.lets_in(&mut direct).await,
        "the control: {}",
        direct.page().describe()
    );
    let mut thief = clinic.browser();
    thief.jar().plant("app.test", "JSESSIONID", &raw);
    assert!(
        !DOOR.lets_in(&mut thief).await,
        "{}",
        thief.page().describe()
    );
    let page = thief.open(&format!("{PAGE};jsessionid={raw}")).await;
    assert!(!page.has(MARKER), "{}", page.describe());
    own.jar().remove("JSESSIONID");
    own.jar().plant("app.test", "JSESSIONID", &raw);
    let page = own.open(&format!("{PAGE};jsessionid={raw}")).await;
    assert!(!page.has(USER), "{}", page.describe());

    let mut whole = browser.thief();
    let (own, _) = {
        let mut own = clinic.browser();
        let page = DOOR.knock(&mut own, OTHER, OTHER_PASSWORD).await;
        (own, page)
    };
    DOOR.stolen_jar_opens_nothing(app, &browser, own).await;
    assert!(
        DOOR.lets_in(&mut whole).await,
        "a whole jar is the session, until the logout"
    );
    browser.open(PAGE).await;
    browser.click("here").await;
    let page = browser.follow_all().await;
    assert!(page.has_field("j_username"), "{}", page.describe());
    for mut old in [whole, browser.new_tab()] {
        assert!(!DOOR.lets_in(&mut old).await, "{}", old.page().describe());
    }
    let page = DOOR.sign_in(&clinic, &mut browser, REGISTRAR, &phone).await;
    assert!(page.has(MARKER), "{}", page.describe());
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomcat_a_second_login_inside_a_verified_session_needs_its_own_code() {
    let app = require!(cat::start());
    let clinic = DOOR.open(app).await;
    let (_, porter) = DOOR.signed_in(&clinic, PORTER).await;
    let (mut browser, registrar) = DOOR.signed_in(&clinic, REGISTRAR).await;

    // Her own session has ended at the app: it shows its form inside the verified session.
    let raw = raw_id(&browser);
    let mut direct = directly(app);
    direct.jar().plant("127.0.0.1", "JSESSIONID", &raw);
    direct.open(&format!("{PAGE}?logoff=true")).await;
    let page = browser.open(PAGE).await;
    assert!(page.has_field("j_username"), "{}", page.describe());
    let page = DOOR.submit(&mut browser, USER, PASSWORD).await;
    assert_eq!(page.path(), "/.anteroom/challenge", "{}", page.describe());
    let page = code(&clinic, &mut browser, &registrar).await;
    assert!(page.has(MARKER) && page.has(USER), "{}", page.describe());

    // The same again, but it is somebody else who types: she is out, he needs his code.
    let raw = raw_id(&browser);
    let mut direct = directly(app);
    direct.jar().plant("127.0.0.1", "JSESSIONID", &raw);
    direct.open(&format!("{PAGE}?logoff=true")).await;
    browser.open(PAGE).await;
    let before = browser.thief();
    let page = DOOR.submit(&mut browser, OTHER, OTHER_PASSWORD).await;
    assert_eq!(page.path(), "/.anteroom/challenge", "{}", page.describe());
    for mut old in [before, browser.new_tab()] {
        assert!(!DOOR.lets_in(&mut old).await, "{}", old.page().describe());
    }
    browser.open("/.anteroom/challenge").await;
    let page = code(&clinic, &mut browser, &porter).await;
    assert!(page.has(OTHER) && !page.has(USER), "{}", page.describe());
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomcat_gives_the_second_person_at_a_browser_nothing_of_the_first() {
    let app = require!(cat::start());
    let clinic = DOOR.open(app).await;
    let (mut browser, _) = DOOR.signed_in(&clinic, REGISTRAR).await;
    browser
        .submit(&[("dataName", "mine"), ("dataValue", "of the registrar")])
        .await;
    browser.open(&format!("{PAGE}?logoff=true")).await;
    DOOR.enrol(&clinic, &mut browser, PORTER).await;
    let page = browser.page();
    assert!(page.has(OTHER) && !page.has(USER), "{}", page.describe());
    assert!(!page.has("of the registrar"), "{}", page.describe());
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tomcats_administration_is_closed_to_everybody() {
    let app = require!(cat::start());
    let clinic = DOOR.open(app).await;
    let (verified, _) = DOOR.signed_in(&clinic, REGISTRAR).await;
    for mut browser in [clinic.browser(), verified] {
        for address in [
            "/manager/html",
            "/manager/text/list",
            "/host-manager/html",
            "/manager",
            "/Manager/html",
            "/manager;jsessionid=x/html",
        ] {
            let page = browser.open(address).await;
            assert!(
                matches!(page.status, 400 | 403),
                "{address}: {}",
                page.describe()
            );
            assert!(page.header("www-authenticate").is_none(), "{address}");
        }
    }
}
