//! DokuWiki behind the gateway: a closed wiki whose form stands on any page, with many side doors.
//! What the app itself takes (a login by query, by Basic, by XML-RPC) is shown first, past the
//! gateway: only then does a refusal mean anything. Facts: config/presets/dokuwiki.toml.

use anteroom_tests::apps::App;
use anteroom_tests::apps::dokuwiki::{
    self as wiki, DEEP_MARKER, DEEP_PAGE, MARKER, OTHER, OTHER_PASSWORD, PAGE, PASSWORD, USER,
};
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::{Ask, Initiator, Kind};
use anteroom_tests::browser::form::{multipart, urlencoded};
use anteroom_tests::browser::page::Page;
use anteroom_tests::login::Login;
use anteroom_tests::require;
use anteroom_tests::world::start::eventually;
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
    assert_eq!(page.path(), "/.anteroom/enrol", "{}", page.describe());
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dokuwiki_can_be_read_and_written_once_the_code_is_given() {
    let app = require!(wiki::start());
    let clinic = DOOR.open(app).await;
    let (_, phone) = DOOR.signed_in(&clinic, HOUSE).await;
    for (nth, protocol) in BOTH.into_iter().enumerate() {
        let mut browser = clinic.browser().over(protocol);
        let page = DOOR.sign_in(&clinic, &mut browser, HOUSE, &phone).await;
        assert!(page.has(MARKER), "{}", page.describe());
        for address in loads(&page) {
            let part = browser.load("style", &address).await;
            assert_eq!(part.status, 200, "{address}: {}", part.describe());
        }
        let name = format!("ward:bed{nth}");
        let token = writes_with_a_draft(&mut browser, &name).await;
        writes_at_length(&mut browser, &name).await;
        previews_and_searches(&mut browser, &name).await;
        uploads(&mut browser, &format!("scan{nth}.pdf"), &token).await;
    }
    all_is_well(&clinic, &CANARIES).await;
}

/// The editor: its form with tokens, the draft its script saves meanwhile, then Save.
async fn writes_with_a_draft(browser: &mut Browser, name: &str) -> String {
    browser.open(&format!("/doku.php?id={name}&do=edit")).await;
    let form = browser.form_with(&[("wikitext", "")]);
    let token = form.field("sectok").expect("a token").value.clone();
    assert!(!token.is_empty(), "the wiki knows who is logged in");
    let draft = [
        ("call", "lock"),
        ("id", name),
        ("prefix", "."),
        ("wikitext", "half a sentence"),
        ("suffix", ""),
        ("date", "1772438400"),
        ("sectok", token.as_str()),
    ];
    let saved = browser.xhr_form("/lib/exe/ajax.php", &draft).await;
    assert!(
        saved.status == 200 && saved.has("Draft autosaved"),
        "{}",
        saved.describe()
    );
    let text = format!("Pressure 120/80; p=1 & u=2 % is fine.\n\nSecond line of {name}\n");
    let entries = [("wikitext", text.as_str()), ("summary", "first")];
    browser
        .land(browser.form_ask(&form, &entries, Some("do[save]")))
        .await;
    let page = browser.follow_all().await;
    assert!(
        page.status == 200 && page.has("Second line of"),
        "{}",
        page.describe()
    );
    assert!(page.has("p=1 & u=2 % is fine"), "{}", page.describe());
    token
}

/// A long note streams; every byte of it arrives.
async fn writes_at_length(browser: &mut Browser, name: &str) {
    let id = format!("/doku.php?id={name}");
    let long = format!(
        "{}\n\nthe very end of {name}\n",
        "word & more; ".repeat(12_000)
    );
    let page = edit(browser, &id, &long).await;
    assert!(page.has("the very end of"), "{}", page.describe());
    let raw = browser.open(&format!("{id}&do=export_raw")).await;
    assert!(
        raw.text().trim_end() == long.trim_end(),
        "something was lost on the way"
    );
}

/// A preview is a form post that stays on the page; a search is a script's.
async fn previews_and_searches(browser: &mut Browser, name: &str) {
    browser.open(&format!("/doku.php?id={name}&do=edit")).await;
    let form = browser.form_with(&[("wikitext", "")]);
    let entries = [("wikitext", "**bold** as it will be")];
    let ask = browser.form_ask(&form, &entries, Some("do[preview]"));
    assert!(browser.land(ask).await.has("<strong>bold</strong>"));
    // The search knows the page once the picture behind it has run the indexer.
    browser
        .load("image", &format!("/lib/exe/taskrunner.php?id={name}"))
        .await;
    // It answers the picture first and works on afterwards, so the search is asked until it knows.
    let asked = [("call", "qsearch"), ("q", "bed")];
    let searching = std::sync::Arc::new(tokio::sync::Mutex::new(browser.new_tab()));
    eventually("the search finds the new page", || {
        let (searching, name) = (std::sync::Arc::clone(&searching), name.to_owned());
        async move {
            let mut tab = searching.lock().await;
            let found = tab.xhr_form("/lib/exe/ajax.php", &asked).await;
            assert_eq!(found.status, 200, "{}", found.describe());
            found.has(&name) || found.has(&name.replace(':', "%3A"))
        }
    })
    .await;
}

/// An upload as the wiki's own script sends it: raw bytes, the rest in the query.
async fn uploads(browser: &mut Browser, file: &str, token: &str) {
    const SCAN: &[u8] = b"%PDF-1.4 p=1&u=2 scanned";
    let query = [
        ("call", "mediaupload"),
        ("ns", "ward"),
        ("mediaid", file),
        ("qqfile", file),
        ("sectok", token),
    ];
    let to = format!("/lib/exe/ajax.php?{}", urlencoded(&query));
    let ask = browser
        .script_ask("POST", &to)
        .body("application/octet-stream", SCAN);
    let page = browser.fetch(&ask).await.expect("an answer");
    assert!(
        page.status == 200 && page.has("success"),
        "{}",
        page.describe()
    );
    let media = format!("/lib/exe/fetch.php?media=ward:{file}");
    assert_eq!(browser.open(&media).await.body, SCAN);
    let mut stranger = browser.stranger();
    assert!(!stranger.open(&media).await.everything().contains("scanned"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dokuwikis_cookies_are_worth_nothing_elsewhere_nor_after_the_logout() {
    let app = require!(wiki::start());
    let clinic = DOOR.open(app).await;
    let (mut browser, phone) = DOOR.signed_in(&clinic, HOUSE).await;
    let (own, _) = DOOR.signed_in(&clinic, CAMERON).await;
    DOOR.stolen_jar_opens_nothing(app, &browser, own).await;

    // The control: past the gateway the wiki's self-contained cookie outlives its logout.
    let mut direct = directly(app);
    DOOR.knock(&mut direct, USER, PASSWORD).await;
    let mut copied = direct.thief();
    let out = |page: &Page| {
        let links = page.links();
        let found = links
            .into_iter()
            .find(|(_, target)| target.contains("do=logout"));
        found.expect("a link to log out").1
    };
    direct.open(&out(direct.page())).await;
    assert!(
        DOOR.lets_in(&mut copied).await,
        "{}",
        copied.page().describe()
    );

    // Without its token the link does nothing, and ends nothing.
    let page = browser.open("/doku.php?id=start&do=logout&sectok=0").await;
    assert!(DOOR.lets_in(&mut browser).await, "{}", page.describe());
    let mut copied = browser.thief();
    assert!(
        DOOR.lets_in(&mut copied).await,
        "a whole jar is the session, until the logout"
    );
    let page = browser.open(&out(browser.page())).await;
    assert!(
        page.has_field("u") && !page.everything().contains(MARKER),
        "{}",
        page.describe()
    );
    for mut old in [copied, browser.new_tab()] {
        assert!(!DOOR.lets_in(&mut old).await, "{}", old.page().describe());
        assert_eq!(old.xhr("GET", PAGE).await.status, 401);
    }
    let page = DOOR.sign_in(&clinic, &mut browser, HOUSE, &phone).await;
    assert!(page.has(MARKER), "{}", page.describe());
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dokuwiki_gives_the_second_person_at_a_browser_nothing_of_the_first() {
    let app = require!(wiki::start());
    let clinic = DOOR.open(app).await;
    let (mut browser, house) = DOOR.signed_in(&clinic, HOUSE).await;
    assert!(browser.page().has("Dr House"));
    browser.open(&format!("{DEEP_PAGE}&do=edit")).await;
    let left_open = browser.form_with(&[("wikitext", "")]);
    let links = browser.page().links();
    let out = links
        .iter()
        .find(|(_, target)| target.contains("do=logout"))
        .expect("a way out");
    browser.open(&out.1.clone()).await;

    DOOR.enrol(&clinic, &mut browser, CAMERON).await;
    let page = browser.open(PAGE).await;
    assert!(
        page.has("Dr Cameron") && !page.has("Dr House"),
        "{}",
        page.describe()
    );
    // House's edit form is still open in a tab: the wiki's own token refuses it.
    let entries = [("wikitext", "by the wrong person")];
    let ask = browser.form_ask(&left_open, &entries, Some("do[save]"));
    browser.land(ask).await;
    browser.follow_all().await;
    assert!(
        browser.open(DEEP_PAGE).await.has(DEEP_MARKER),
        "{}",
        browser.page().describe()
    );

    let mut other = clinic.browser();
    let page = DOOR.sign_in(&clinic, &mut other, HOUSE, &house).await;
    assert!(page.has("Dr House"), "{}", page.describe());
    all_is_well(&clinic, &CANARIES).await;
}

/// A form posted from the page that is shown.
fn post(browser: &Browser, pairs: &[(&str, &str)]) -> Ask {
    let from = Initiator {
        url: browser.from_page(""),
        policy: None,
    };
    let to = browser.at_home("/doku.php?id=start");
    let ask = Ask::new("POST", to, Kind::Document, Some(from)).by_hand();
    ask.body("application/x-www-form-urlencoded", urlencoded(pairs))
}

fn login(browser: &Browser, name: &str, password: &str) -> Ask {
    post(
        browser,
        &[
            ("sectok", ""),
            ("do", "login"),
            ("u", name),
            ("p", password),
        ],
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dokuwiki_a_second_login_inside_a_verified_session_needs_its_own_code() {
    let app = require!(wiki::start());
    let clinic = DOOR.open(app).await;
    let (_, house) = DOOR.signed_in(&clinic, HOUSE).await;
    let (mut browser, _) = DOOR.signed_in(&clinic, CAMERON).await;

    // Somebody else's right password: her session is over, and his needs his code.
    let before = browser.thief();
    browser.land(login(&browser, USER, PASSWORD)).await;
    let page = browser.follow_all().await;
    assert_eq!(page.path(), "/.anteroom/challenge", "{}", page.describe());
    for mut old in [before, browser.new_tab()] {
        assert!(!DOOR.lets_in(&mut old).await, "{}", old.page().describe());
    }
    browser.open("/.anteroom/challenge").await;
    let page = code(&clinic, &mut browser, &house).await;
    assert!(page.has("Dr House"), "{}", page.describe());

    // His own wrong password locks the session; his code opens it again.
    let page = browser.land(login(&browser, USER, "wrong")).await;
    assert!(page.has(wiki::WRONG), "{}", page.describe());
    let page = browser.open(PAGE).await;
    assert_eq!(page.path(), "/.anteroom/challenge", "{}", page.describe());
    code(&clinic, &mut browser, &house).await;
    assert!(
        DOOR.lets_in(&mut browser).await,
        "{}",
        browser.page().describe()
    );
    all_is_well(&clinic, &CANARIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dokuwiki_case_7_a_login_hidden_in_an_ordinary_post_is_refused() {
    let app = require!(wiki::start());
    // The control: the app itself takes name and password on any post, without `do=login`.
    let mut direct = directly(app);
    direct
        .land(post(&direct, &[("u", OTHER), ("p", OTHER_PASSWORD)]))
        .await;
    assert!(
        direct.open(PAGE).await.has("Dr Cameron"),
        "{}",
        direct.page().describe()
    );

    let clinic = DOOR.open(app).await;
    let (mut browser, house) = DOOR.signed_in(&clinic, HOUSE).await;
    let padding = "x".repeat(100_000);
    let bodies: [&[(&str, &str)]; 4] = [
        &[("u", OTHER), ("p", OTHER_PASSWORD)],
        &[
            ("do", "save"),
            ("wikitext", &padding),
            ("u", OTHER),
            ("p", OTHER_PASSWORD),
        ],
        &[("u", OTHER), ("p[]", OTHER_PASSWORD)],
        &[
            ("do", "show"),
            ("do[login]", "1"),
            ("u", OTHER),
            ("p", OTHER_PASSWORD),
        ],
    ];
    for (nth, pairs) in bodies.into_iter().enumerate() {
        let plain = post(&browser, pairs);
        let owned: Vec<(String, String)> = pairs
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        let (kind, body) = multipart(&owned);
        for ask in [plain.clone(), plain.body(&kind, body)] {
            let mut stranger = browser.stranger();
            for browser in [&mut browser, &mut stranger] {
                let page = browser.fetch(&ask).await.expect("an answer");
                let seen = page.everything();
                assert!(
                    page.status != 200 && !seen.contains("MRN-"),
                    "{nth}: {}",
                    page.describe()
                );
                assert!(!browser.open(PAGE).await.has("Dr Cameron"), "{nth}");
            }
            assert!(
                browser.page().has("Dr House"),
                "{nth}: {}",
                browser.page().describe()
            );
        }
    }
    let mut other = clinic.browser();
    let page = DOOR.sign_in(&clinic, &mut other, HOUSE, &house).await;
    assert!(page.has("Dr House"), "{}", page.describe());
    all_is_well(&clinic, &CANARIES).await;
}
