//! Everything done twice: double clicks, two tabs, two browsers, one code (DESIGN-CASES 15).
//! One password leaves, one code is spent, one session begins; nobody is told off for a click.

use anteroom_core::audit::AuditKind;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::Ask;
use anteroom_tests::browser::send::Protocol;
use anteroom_tests::raw::RawClient;
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::Clinic;

use super::people::{
    ALICE, BOB, Login, all_is_well, audited, id_of, must_be_in, must_be_out, newcomer, password,
    type_code,
};

fn login_ask(browser: &Browser, login: Login) -> Ask {
    let entries = [("username", login.name), ("password", login.password)];
    browser.form_ask(&browser.form_with(&entries), &entries, None)
}

fn code_ask(browser: &Browser, code: &str) -> Ask {
    let entries = [("code", code)];
    browser.form_ask(&browser.form_with(&entries), &entries, None)
}

fn passwords_sent(clinic: &Clinic) -> usize {
    clinic
        .record()
        .for_path("/login")
        .iter()
        .filter(|served| served.method == "POST")
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_15_a_double_click_on_login_is_one_login() {
    for protocol in [Protocol::H1, Protocol::H2] {
        let clinic = Clinic::with_demo().await;
        let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
        clinic.world.clock.next_step();
        let mut browser = clinic.browser().over(protocol);
        browser.open("/patients").await;
        let before = passwords_sent(&clinic);
        let ask = login_ask(&browser, ALICE);
        let (one, two, three) = tokio::join!(
            browser.fetch(&ask),
            browser.fetch(&ask),
            browser.fetch(&ask)
        );
        for page in [one, two, three] {
            let page = page.unwrap();
            assert_eq!(
                page.location(),
                Some("/.anteroom/challenge"),
                "{}",
                page.describe()
            );
        }
        assert_eq!(passwords_sent(&clinic), before + 1, "one password left");
        browser.open("/.anteroom/challenge").await;
        type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
        must_be_in(&mut browser).await;
        all_is_well(&clinic, &alice).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_15_a_double_click_on_verify_gets_one_session() {
    for protocol in [Protocol::H1, Protocol::H2] {
        let clinic = Clinic::with_demo().await;
        let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
        let sessions = audited(&clinic, AuditKind::SessionVerified).await;
        clinic.world.clock.next_step();
        let mut browser = clinic.browser().over(protocol);
        password(&mut browser, ALICE).await;
        let ask = code_ask(&browser, &alice.phone.code_at(&clinic.world.clock));
        let (one, two, three) = tokio::join!(
            browser.fetch(&ask),
            browser.fetch(&ask),
            browser.fetch(&ask)
        );
        let cookies: Vec<String> = [one, two, three]
            .into_iter()
            .map(|page| {
                let page = page.unwrap();
                assert_eq!(page.location(), Some("/patients"), "{}", page.describe());
                let line = page.set_cookie_line("__Host-anteroom").expect("a session");
                line.split(';').next().unwrap().to_owned()
            })
            .collect();
        must_be_in(&mut browser).await;
        let id = id_of(&clinic, "alice").await;
        assert_eq!(
            audited(&clinic, AuditKind::SessionVerified).await,
            sessions + 1
        );
        assert_eq!(clinic.store().sessions_of(id).await.unwrap().len(), 2);
        // Whichever answer the browser kept, it works.
        for cookie in cookies {
            let mut copy = browser.thief();
            let value = cookie.split_once('=').unwrap().1.to_owned();
            copy.jar().plant("emr.test", "__Host-anteroom", &value);
            must_be_in(&mut copy).await;
        }
        all_is_well(&clinic, &alice).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_on_a_wrong_code_costs_its_tries_and_opens_nothing() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    clinic.world.clock.next_step();
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    let ask = code_ask(&browser, &alice.phone.wrong_code(clinic.world.clock.now()));
    let (one, two) = tokio::join!(browser.fetch(&ask), browser.fetch(&ask));
    assert_eq!((one.unwrap().status, two.unwrap().status), (422, 422));
    must_be_out(&mut browser.new_tab()).await;
    type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut browser).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_15_verify_pressed_again_after_a_lost_answer_gets_the_same_session() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    clinic.world.clock.next_step();
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    let ask = code_ask(&browser, &alice.phone.code_at(&clinic.world.clock));
    // The answer goes to a copy of the jar: her own browser never saw it.
    let mut lost = browser.thief();
    let answer = lost.fetch(&ask).await.unwrap();
    assert_eq!(
        answer.location(),
        Some("/patients"),
        "{}",
        answer.describe()
    );
    let again = browser.fetch(&ask).await.unwrap();
    assert_eq!(again.location(), Some("/patients"), "{}", again.describe());
    must_be_in(&mut browser).await;
    must_be_in(&mut lost).await;
    let id = id_of(&clinic, "alice").await;
    assert_eq!(
        clinic.store().sessions_of(id).await.unwrap().len(),
        2,
        "hers and the first day's"
    );
    // Half a minute later the same form is history.
    clinic
        .world
        .clock
        .advance(std::time::Duration::from_secs(31));
    let late = browser.thief();
    late.jar().remove("__Host-anteroom");
    let answer = late.fetch(&ask).await.unwrap();
    assert_ne!(
        answer.location(),
        Some("/patients"),
        "{}",
        answer.describe()
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_code_in_two_browsers_at_once_opens_one_of_them() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    clinic.world.clock.next_step();
    let (mut one, mut two) = (clinic.browser(), clinic.browser());
    password(&mut one, ALICE).await;
    password(&mut two, ALICE).await;
    let code = alice.phone.code_at(&clinic.world.clock);
    let (ask_one, ask_two) = (code_ask(&one, &code), code_ask(&two, &code));
    let (first, second) = tokio::join!(one.fetch(&ask_one), two.fetch(&ask_two));
    let (first, second) = (first.unwrap(), second.unwrap());
    let in_one = first.location() == Some("/patients");
    let in_two = second.location() == Some("/patients");
    assert!(
        in_one ^ in_two,
        "{}\n{}",
        first.describe(),
        second.describe()
    );
    let (mut winner, mut loser, told) = if in_one {
        (one, two, second)
    } else {
        (two, one, first)
    };
    assert!(told.has("already been used"), "{}", told.describe());
    must_be_in(&mut winner).await;
    must_be_out(&mut loser).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_at_the_login_page_end_in_one_working_session() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    clinic.world.clock.next_step();
    let mut one = clinic.browser();
    let mut two = one.new_tab();
    one.open("/patients").await;
    two.open("/patients/1002").await;
    one.submit(&[("username", ALICE.name), ("password", ALICE.password)])
        .await;
    one.follow_all().await;
    // The second tab still shows the form; she types her password there as well.
    two.submit(&[("username", ALICE.name), ("password", ALICE.password)])
        .await;
    two.follow_all().await;
    assert_eq!(
        two.page().path(),
        "/.anteroom/challenge",
        "{}",
        two.page().describe()
    );
    type_code(&mut two, &alice.phone.code_at(&clinic.world.clock)).await;
    must_be_in(&mut two).await;
    // The first tab's form is stale: whatever comes, it leads into the session, not out of it.
    let stale = one.submit(&[("code", "000000")]).await;
    assert!(stale.status < 500, "{}", stale.describe());
    one.open("/patients").await;
    assert_eq!(one.page().status, 200, "{}", one.page().describe());
    assert!(one.page().has("CANARY-PHI"), "{}", one.page().describe());
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_of_a_locked_session_are_unlocked_by_one_code() {
    let clinic = Clinic::with_demo().await;
    let mut one = clinic.browser();
    let alice = newcomer(&clinic, &mut one, ALICE).await;
    let mut two = one.new_tab();
    clinic
        .world
        .clock
        .advance(std::time::Duration::from_secs(16 * 60));
    one.open("/patients/1001").await;
    two.open("/patients/1002").await;
    let ask = code_ask(&one, &alice.phone.code_at(&clinic.world.clock));
    let (first, second) = tokio::join!(one.fetch(&ask), one.fetch(&ask));
    for page in [first.unwrap(), second.unwrap()] {
        assert_eq!(
            page.status,
            303,
            "a double click on Unlock: {}",
            page.describe()
        );
    }
    must_be_in(&mut one).await;
    two.reload().await;
    two.follow_all().await;
    assert!(two.page().status == 200, "{}", two.page().describe());
    must_be_in(&mut two).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_and_its_parts_asked_for_at_once_on_the_first_visit_share_one_session() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let mut tabs = [browser.new_tab(), browser.new_tab(), browser.new_tab()];
    let [a, b, c] = &mut tabs;
    tokio::join!(
        a.open("/patients"),
        b.open("/patients/1001"),
        c.open("/login")
    );
    browser.open("/login").await;
    browser
        .submit(&[("username", BOB.name), ("password", BOB.password)])
        .await;
    browser.follow_all().await;
    let bob = super::people::enrol(&mut browser, &clinic, BOB).await;
    must_be_in(&mut browser).await;
    all_is_well(&clinic, &bob).await;
}

/// Without a cookie of ours there is no telling one browser's double click from another browser's
/// login, and whoever got the other's answer would get her session with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_15_the_same_login_from_two_browsers_without_cookies_is_two_sessions() {
    let clinic = Clinic::with_demo().await;
    let body = format!("username={}&password=wrong&_token=", ALICE.name);
    let text = format!(
        "POST /login HTTP/1.1¶Host: emr.test¶Origin: https://emr.test¶Accept: text/html¶\
         Content-Type: application/x-www-form-urlencoded¶Content-Length: {}¶¶{body}",
        body.len()
    );
    let mut given = Vec::new();
    for _ in 0..2 {
        let mut one = RawClient::tls(clinic.addr, Sni::Name("emr.test"))
            .await
            .unwrap();
        let answer = one.ask(&text).await.expect("an answer");
        let ours = answer
            .set_cookies()
            .into_iter()
            .filter(|line| line.starts_with("__Host-"));
        given.push(ours.map(str::to_owned).collect::<Vec<_>>());
    }
    assert!(!given[0].is_empty(), "a failed login keeps its session");
    assert_ne!(given[0], given[1]);
    assert_eq!(passwords_sent(&clinic), 2);
}
