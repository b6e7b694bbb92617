//! DokuWiki behind the gateway: a closed wiki whose form stands on any page, with many side doors.
//! What the app itself takes (a login by query, by Basic, by XML-RPC) is shown first, past the
//! gateway: only then does a refusal mean anything. Facts: config/presets/dokuwiki.toml.

mod sessions;
mod writing;

use anteroom_tests::apps::App;
use anteroom_tests::apps::dokuwiki::{
    self as wiki, DEEP_MARKER, DEEP_PAGE, MARKER, OTHER, OTHER_PASSWORD, PAGE, PASSWORD, USER,
};
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::form::urlencoded;
use anteroom_tests::browser::page::Page;
use anteroom_tests::first_steps::CHOICE;
use anteroom_tests::login::Login;
use anteroom_tests::require;
use data_encoding::BASE64;

use super::{BOTH, Door, OURS, all_is_well, code, directly, enrol_here};

const DOOR: Door = Door {
    preset: "dokuwiki",
    lines: "",
    page: PAGE,
    marker: MARKER,
    fields: ("u", "p"),
    wrong: wiki::WRONG,
};
const HOUSE: Login = Login {
    name: USER,
    password: PASSWORD,
};
const CAMERON: Login = Login {
    name: OTHER,
    password: OTHER_PASSWORD,
};
const CANARIES: [&str; 4] = [PASSWORD, OTHER_PASSWORD, MARKER, DEEP_MARKER];

/// Closed to everybody who has not given a code, whatever the wiki itself thinks of them.
const CLOSED: [&str; 15] = [
    PAGE,
    DEEP_PAGE,
    "/doku.php?id=start&do=edit",
    "/doku.php?id=start&do=export_raw",
    "/doku.php?id=start&do=revisions",
    "/doku.php?id=start&do=index",
    "/doku.php?id=start&do=recent",
    "/doku.php?do=search&q=ZEBRA",
    "/lib/exe/fetch.php?media=x.png",
    "/lib/exe/detail.php?media=x.png",
    "/lib/exe/mediamanager.php",
    "/lib/exe/ajax.php?call=qsearch&q=start",
    "/lib/exe/taskrunner.php?id=start",
    "/data/pages/start.txt",
    "/",
];

fn has_login_cookie(browser: &Browser) -> bool {
    browser
        .jar()
        .all()
        .iter()
        .any(|cookie| cookie.name.starts_with("DW"))
}

/// What the page loads: style sheets, scripts and pictures of its own host.
fn loads(page: &Page) -> Vec<String> {
    let text = page.text();
    let parts = text.split(['"', '\'']);
    let own = parts.filter(|part| part.starts_with("/lib/"));
    let shown = own.filter(|part| !part.contains("opensearch") && !part.contains("taskrunner"));
    shown.map(|part| part.replace("&amp;", "&")).collect()
}

fn basic(name: &str, password: &str) -> String {
    format!(
        "Basic {}",
        BASE64.encode(format!("{name}:{password}").as_bytes())
    )
}

const XML_RPC: &str = "<?xml version=\"1.0\"?><methodCall><methodName>wiki.getPage</methodName>\
    <params><param><value><string>start</string></value></param></params></methodCall>";

async fn xml_rpc(browser: &mut Browser) -> Page {
    let ask = browser
        .script_ask("POST", "/lib/exe/xmlrpc.php")
        .body("text/xml", XML_RPC);
    let ask = ask.with("Authorization", &basic(USER, PASSWORD));
    browser.fetch(&ask).await.expect("an answer")
}

/// Presses Save on an edit form, as the editor's button does.
async fn edit(browser: &mut Browser, page: &str, text: &str) -> Page {
    browser.open(&format!("{page}&do=edit")).await;
    let form = browser.form_with(&[("wikitext", text)]);
    let ask = browser.form_ask(&form, &[("wikitext", text)], Some("do[save]"));
    browser.land(ask).await;
    browser.follow_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dokuwiki_shows_nothing_but_its_form_before_the_code() {
    let app = require!(wiki::start());
    let clinic = DOOR.open(app).await;
    let mut browser = clinic.browser();
    let form = browser.open(PAGE).await;
    assert!(
        form.status == 200 && form.has_field("u"),
        "{}",
        form.describe()
    );
    let needed = loads(&form);
    assert!(needed.len() >= 3, "{needed:?}");
    for address in &needed {
        let part = browser.load("style", address).await;
        assert!(part.status == 200, "{address}: {}", part.describe());
        assert!(part.headers.all("set-cookie").is_empty(), "{address}");
    }
    for address in CLOSED {
        let seen = browser.open(address).await.everything();
        assert!(!seen.contains("MRN-"), "{address}");
        let seen = browser.xhr("GET", address).await;
        assert_eq!(seen.status, 401, "{address}: {}", seen.describe());
    }

    let page = DOOR.knock(&mut browser, USER, PASSWORD).await;
    assert_eq!(page.path(), CHOICE, "{}", page.describe());
    assert!(
        !has_login_cookie(&browser),
        "the wiki's login cookie is withheld"
    );
    for address in CLOSED {
        let seen = browser.open(address).await;
        assert!(!seen.everything().contains("MRN-"), "{address}");
        assert!(
            seen.path().starts_with("/.anteroom/"),
            "{address}: {}",
            seen.describe()
        );
        assert_eq!(browser.xhr("GET", address).await.status, 401, "{address}");
    }
    // What the browser holds now opens nothing for somebody who starts afresh with it.
    let mut thief = browser.thief();
    thief.jar().remove(OURS);
    assert!(!DOOR.lets_in(&mut thief).await);
    browser.open("/.anteroom/enrol").await;
    enrol_here(&clinic, &mut browser).await;
    assert!(
        DOOR.lets_in(&mut browser).await,
        "{}",
        browser.page().describe()
    );
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dokuwiki_says_itself_that_a_password_was_wrong_and_the_next_try_works() {
    let app = require!(wiki::start());
    let clinic = DOOR.open(app).await;
    for protocol in BOTH {
        let mut browser = clinic.browser().over(protocol);
        for _ in 0..2 {
            let page = DOOR.knock(&mut browser, USER, "Vicodin-89-Zoo").await;
            assert!(
                page.status == 403 && page.has(DOOR.wrong),
                "{}",
                page.describe()
            );
            assert!(!has_login_cookie(&browser));
        }
        // On the very form that the refusal shows, with the token that it holds.
        let page = DOOR.submit(&mut browser, USER, "Vicodin-90-Zoo").await;
        assert!(
            page.status == 403 && page.has(DOOR.wrong),
            "{}",
            page.describe()
        );
        let page = DOOR.submit(&mut browser, USER, PASSWORD).await;
        assert!(
            page.path().starts_with("/.anteroom/"),
            "{}",
            page.describe()
        );
        assert!(!DOOR.lets_in(&mut browser).await);
    }
    let (_, _) = DOOR.signed_in(&clinic, HOUSE).await;
    all_is_well(&clinic, &[PASSWORD, "Vicodin-89-Zoo", "Vicodin-90-Zoo"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dokuwiki_leads_to_the_page_of_a_deep_link_once_the_code_is_given() {
    let app = require!(wiki::start());
    let clinic = DOOR.open(app).await;
    let (_, phone) = DOOR.signed_in(&clinic, HOUSE).await;
    for protocol in BOTH {
        let mut browser = clinic.browser().over(protocol);
        let form = browser.open(DEEP_PAGE).await;
        assert!(
            form.has_field("u") && !form.everything().contains("MRN-"),
            "{}",
            form.describe()
        );
        DOOR.submit(&mut browser, USER, PASSWORD).await;
        let page = code(&clinic, &mut browser, &phone).await;
        assert!(page.has(DEEP_MARKER), "{}", page.describe());
        assert_eq!(page.url.origin(), "https://app.test");
        assert!(
            page.url
                .query
                .as_deref()
                .is_some_and(|q| q.contains("ward:night"))
        );
    }
}

/// Logins by address: the whole one, and the least that the app takes.
fn logins_by_query() -> [String; 2] {
    let whole = [
        ("id", "start"),
        ("u", USER),
        ("p", PASSWORD),
        ("do", "login"),
    ];
    let least = [("u", USER), ("p", PASSWORD)];
    [urlencoded(&whole), urlencoded(&least)].map(|query| format!("/doku.php?{query}"))
}

/// The control: each of the side doors opens at the app itself.
async fn the_app_itself_has_side_doors(app: &App) {
    for address in logins_by_query() {
        let mut direct = directly(app);
        let page = direct.open(&address).await;
        assert!(has_login_cookie(&direct), "{address}: {}", page.describe());
    }
    let mut direct = directly(app);
    let ask = direct.script_ask("GET", PAGE);
    let ask = ask.with("Authorization", &basic(USER, PASSWORD));
    assert!(direct.fetch(&ask).await.expect("an answer").has(MARKER));
    assert!(xml_rpc(&mut direct).await.has(MARKER));
    assert_eq!(direct.open("/feed.php").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dokuwiki_has_no_side_door() {
    let app = require!(wiki::start());
    the_app_itself_has_side_doors(app).await;
    let clinic = DOOR.open(app).await;
    let (verified, _) = DOOR.signed_in(&clinic, CAMERON).await;
    for (who, mut browser) in [("nobody", clinic.browser()), ("verified", verified)] {
        browser.open("/doku.php?do=login").await;
        for address in logins_by_query() {
            // Also in a spelling that PHP reads as the same field.
            for address in [address.clone(), address.replace("p=", "%70%5b%5d=")] {
                let page = browser.get(&address).await;
                assert_eq!(page.status, 400, "{who} {address}: {}", page.describe());
            }
        }
        let rpc = xml_rpc(&mut browser).await;
        assert!(matches!(rpc.status, 401 | 403), "{who}: {}", rpc.describe());
        assert!(!rpc.everything().contains(MARKER), "{who}");
        let doors = [
            "/feed.php",
            "/feed.php?mode=list&ns=",
            "/lib/exe/xmlrpc.php",
            "/install.php",
        ];
        for address in doors {
            let page = browser.open(address).await;
            assert_eq!(page.status, 403, "{who} {address}: {}", page.describe());
        }
        // Names as case-insensitive or path-reading servers would take them.
        let aliases = [
            "/FEED.php",
            "/feed.php/x",
            "/lib/exe/xmlrpc.php/x",
            "/feed.php%20",
        ];
        for address in aliases {
            let page = browser.open(address).await;
            assert!(
                matches!(page.status, 400 | 403),
                "{who} {address}: {}",
                page.describe()
            );
        }
    }
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dokuwiki_hears_nothing_of_basic_credentials() {
    let app = require!(wiki::start());
    let clinic = DOOR.open(app).await;
    let basic = basic(USER, PASSWORD);
    let browser = clinic.browser();
    let ask = browser
        .script_ask("GET", PAGE)
        .with("Authorization", &basic);
    let page = browser.fetch(&ask).await.expect("an answer");
    assert!(!page.everything().contains(MARKER), "{}", page.describe());
    for protocol in BOTH {
        let mut browser = clinic
            .browser()
            .over(protocol)
            .always("Authorization", &basic);
        let page = browser.open(PAGE).await;
        assert!(page.has_field("u"), "{}", page.describe());
        assert!(!page.everything().contains(MARKER), "{}", page.describe());
        assert!(!has_login_cookie(&browser));
    }
    // Nor in somebody else's verified session.
    let mut browser = clinic.browser().always("Authorization", &basic);
    DOOR.enrol(&clinic, &mut browser, CAMERON).await;
    let page = browser.open(PAGE).await;
    assert!(
        page.has("Dr Cameron") && !page.has("Dr House"),
        "{}",
        page.describe()
    );
    all_is_well(&clinic, &CANARIES).await;
}
