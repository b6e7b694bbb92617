//! DokuWiki's cookies and its sessions: worth nothing elsewhere, nor to the next person, nor to a
//! second login that is hidden in another form.

use anteroom_tests::apps::dokuwiki::{
    self as wiki, DEEP_MARKER, DEEP_PAGE, MARKER, OTHER, OTHER_PASSWORD, PAGE, PASSWORD, USER,
};
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::{Ask, Initiator, Kind};
use anteroom_tests::browser::form::{multipart, urlencoded};
use anteroom_tests::browser::page::Page;
use anteroom_tests::require;

use super::{CAMERON, CANARIES, DOOR, HOUSE};
use crate::apps::{all_is_well, code, directly};

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
