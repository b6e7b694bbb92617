//! What is no page: scripts, frames, parts of a page, and pages that send people in circles.
//! Each gets an answer it can use, and none of them a chart.

use anteroom_tests::recorder::{Recorder, Script};
use anteroom_tests::world::start::{Clinic, Plan};

use super::oldchart;
use super::people::{
    ALICE, all_is_well, must_be_closed, must_be_in, newcomer, password, type_code,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_is_told_by_401_where_a_person_can_go_on() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut browser = clinic.browser();
    browser.open("/login").await;
    let reached = clinic.record().count();
    for (method, address) in [
        ("GET", "/api/patients.json"),
        ("DELETE", "/api/x"),
        ("POST", "/x"),
    ] {
        let page = browser.xhr(method, address).await;
        assert!(
            [401, 403, 405].contains(&page.status),
            "{method}: {}",
            page.describe()
        );
        must_be_closed(&page);
    }
    let page = browser
        .xhr_json("POST", "/api/notes.json", "{\"a\":1}")
        .await;
    assert_eq!(page.status, 401, "{}", page.describe());
    let kind = page.header("content-type").unwrap();
    assert_eq!(kind, "application/problem+json");
    assert_eq!(page.json()["challenge"], "/login");
    assert_eq!(page.json()["status"], 401);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(
        page.headers.all("set-cookie").is_empty(),
        "{}",
        page.describe()
    );
    assert_eq!(
        clinic.record().count(),
        reached,
        "nothing of it reached the app"
    );

    password(&mut browser, ALICE).await;
    let reached = clinic.record().count();
    let page = browser.xhr("GET", "/api/patients.json").await;
    assert_eq!(page.status, 401, "{}", page.describe());
    assert_eq!(page.json()["challenge"], "/.anteroom/challenge");
    assert_eq!(page.json()["type"], "urn:anteroom:second-factor");
    must_be_closed(&page);
    assert_eq!(clinic.record().count(), reached);
    type_code(&mut browser, &alice.next_code(&clinic)).await;
    must_be_in(&mut browser).await;
    let page = browser.xhr("GET", "/api/patients.json").await;
    assert!(
        page.json()[0]["record"]
            .as_str()
            .unwrap()
            .contains("CANARY-PHI")
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_gets_a_way_out_of_the_frame_and_never_our_forms() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut browser = clinic.browser();
    browser.open("/login").await;
    let frame = browser.frame("/frame/vitals/1001").await;
    must_be_closed(&frame);
    assert!(
        frame.has("Go on in the full window"),
        "{}",
        frame.describe()
    );
    assert_eq!(frame.links()[0].1, "/login");
    assert!(frame.text().contains("target=\"_top\""));
    assert!(frame.forms().is_empty(), "{}", frame.describe());

    password(&mut browser, ALICE).await;
    for address in [
        "/frame/vitals/1001",
        "/.anteroom/challenge",
        "/.anteroom/enrol",
    ] {
        let frame = browser.frame(address).await;
        must_be_closed(&frame);
        assert!(
            frame.has("Go on in the full window"),
            "{address}: {}",
            frame.describe()
        );
        assert!(frame.forms().is_empty(), "{address}: {}", frame.describe());
    }
    let policy = browser
        .page()
        .header("content-security-policy")
        .unwrap_or_default();
    assert!(
        policy.contains("frame-ancestors 'none'"),
        "our forms refuse to be framed: {policy}"
    );
    type_code(&mut browser, &alice.next_code(&clinic)).await;
    must_be_in(&mut browser).await;
    let frame = browser.frame("/frame/vitals/1001").await;
    assert_eq!(frame.status, 200, "{}", frame.describe());
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_of_a_page_get_no_form_in_place_of_a_picture() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    browser.open("/login").await;
    for what in ["image", "script", "style", "font"] {
        let part = browser.load(what, "/files/1").await;
        assert_eq!(part.status, 401, "{what}: {}", part.describe());
        assert_eq!(
            part.header("content-type"),
            Some("application/problem+json"),
            "{what}"
        );
    }
    let asset = browser.load("style", "/static/app.css").await;
    assert_eq!(asset.status, 200, "{}", asset.describe());
    assert!(asset.headers.all("set-cookie").is_empty());
    let sent = clinic.record().for_path("/static/app.css");
    assert!(
        sent.iter().all(|served| served.cookie.is_none()),
        "assets go bare: {sent:#?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_page_that_sends_on_to_a_closed_page_ends_in_a_sentence_not_in_a_loop() {
    let upstream = Recorder::start().await;
    upstream.answer_with(|seen| match seen.path() {
        "/login" => Script::redirect("/home", &["S=odd; Path=/"]),
        _ => oldchart::answer(seen),
    });
    let at = format!("http://{}", upstream.addr());
    let clinic = Plan::empty()
        .app("old", &at, &oldchart::lines(""))
        .open()
        .await;
    let mut browser = clinic.browser();
    browser.open("/home").await;
    assert_eq!(browser.page().status, 508, "{}", browser.page().describe());
    assert!(browser.page().has("Your browser was going in circles"));
    assert!(
        browser.page().has("+1 555 0101"),
        "{}",
        browser.page().describe()
    );
    must_be_closed(browser.page());
    let script = browser.xhr("GET", "/login").await;
    assert_eq!(script.status, 508, "{}", script.describe());
    // The app is mended: the same browser gets in.
    upstream.answer_with(oldchart::answer);
    let mut again = browser.new_tab();
    oldchart::dora(&clinic, &mut again).await;
}
