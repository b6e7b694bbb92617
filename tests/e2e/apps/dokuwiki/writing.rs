//! DokuWiki in use once the code is given: reading, drafts, long pages, search, uploads.
//! Who is let in is the parent's and `sessions`' subject.

use anteroom_tests::apps::dokuwiki::{self as wiki, MARKER};
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::form::urlencoded;
use anteroom_tests::require;
use anteroom_tests::world::start::eventually;

use super::{CANARIES, DOOR, HOUSE, edit, loads};
use crate::apps::{BOTH, all_is_well};

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
