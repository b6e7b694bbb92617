//! G04, G05: every flow once, with canaries for all that is secret, and then a look into the log at
//! TRACE, the metrics, every file of the store, and the pages of people who have proved nothing.

use anteroom::demo::FailureMode;
use anteroom_tests::browser::Browser;
use anteroom_tests::world::start::{Clinic, Plan, coded_enrolment, open_enrolment};

use crate::ward::{
    ALICE, BOB, CHALLENGE, DAY, HOUR, MINUTE, OURS, all_is_well, at_challenge, enrol_here,
    enrolled, issue_code, knock, nonce, password, post, private, sign_in, sign_out,
};

const QUERY: &str = "pid=1001&hcn=CANARY-QUERY-9999999999";
const PATH: &str = "/patients/CANARY-PATH-9999999999/notes";

/// Asks for patients in every way that is not allowed.
async fn knock_everywhere(browser: &mut Browser) {
    let target = format!("/patients/1001?{QUERY}");
    for address in [target.as_str(), PATH] {
        browser.get(address).await;
        browser.xhr("GET", address).await;
        browser.frame(address).await;
        browser.load("image", address).await;
        browser
            .xhr_form(address, &[("note", "CANARY-NOTE-1")])
            .await;
        let _ = browser.socket(address).await;
    }
}

async fn malformed(clinic: &Clinic) {
    for request in [
        format!("GET {PATH} HTTP/1.1¶Host: emr.test¶Host: b¶Cookie: S=CANARY-COOKIE-1¶¶"),
        format!("GET {PATH}/../x?{QUERY} HTTP/1.1¶Host: emr.test¶Cookie: S=CANARY-COOKIE-1¶¶"),
        format!("GET {PATH} HTTP/1.1¶Host: CANARY-HOST-1.test¶¶"),
        format!("POST {PATH} HTTP/1.1¶Host: emr.test¶Content-Length: +1¶¶CANARY-NOTE-1"),
        format!("BREW {PATH} HTTP/1.1¶Host: emr.test¶Authorization: Basic CANARY-BASIC-1¶¶"),
        format!("GET {PATH}\0 HTTP/1.1¶Host: emr.test¶¶"),
        format!(
            "GET /login?username=alice&password=CANARY-PASSWORD-2&{QUERY} HTTP/1.1¶Host: emr.test¶¶"
        ),
        "CANARY-JUNK-1¶¶".to_owned(),
    ] {
        let _ = knock(clinic, &request).await;
    }
}

/// Takes note of every cookie that a browser has.
fn keep(browser: &Browser, secrets: &mut Vec<String>) {
    let cookies = browser.jar().all();
    let values = cookies.into_iter().map(|cookie| cookie.value);
    secrets.extend(values.filter(|value| value.len() > 8));
}

/// The ids of the app's sessions, as they went upstream.
fn upstream_ids(clinic: &Clinic) -> Vec<String> {
    let sent = clinic.record().all();
    let lines = sent.iter().filter_map(|served| served.cookie.as_deref());
    let pairs = lines
        .flat_map(|line| line.split("; "))
        .filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(name, _)| *name == "WBSESSION")
        .map(|(_, id)| id.to_owned())
        .collect()
}

/// Logins that the app answers oddly.
async fn odd_answers(clinic: &Clinic, secrets: &mut Vec<String>) {
    for mode in [
        FailureMode::CutAfterHeaders,
        FailureMode::JsonOk,
        FailureMode::PageInPlace,
    ] {
        clinic.demo.as_ref().unwrap().failure_modes([mode]);
        let mut odd = clinic.browser();
        password(&mut odd, ALICE).await;
        knock_everywhere(&mut odd).await;
        keep(&odd, secrets);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g04_g05_no_flow_leaves_a_secret_or_a_patient_behind() {
    let clinic = Clinic::with_demo().await;
    let clock = &clinic.world.clock;
    let mut secrets: Vec<String> = Vec::new();
    let mut stranger = clinic.browser();
    knock_everywhere(&mut stranger).await;
    malformed(&clinic).await;
    stranger.open("/patients").await;
    stranger
        .submit(&[("username", "alice"), ("password", "CANARY-PASSWORD-1")])
        .await;
    stranger.follow_all().await;
    keep(&stranger, &mut secrets);
    let mut first = clinic.browser();
    password(&mut first, ALICE).await;
    keep(&first, &mut secrets);
    secrets.push(nonce(first.page()));
    let (phone, codes) = enrol_here(&mut first, &clinic).await;
    keep(&first, &mut secrets);
    first.get(&format!("/patients/1001?{QUERY}")).await;
    first.get(PATH).await;
    clock.next_step();
    let mut alice = at_challenge(&clinic, ALICE).await;
    knock_everywhere(&mut alice).await;
    alice.get(CHALLENGE).await;
    let form = nonce(alice.page());
    let wrong = phone.wrong_code(clock.now());
    for code in [wrong.as_str(), "CANARY-CODE-1", "CANA-RYCO-DEXX-XXXX-XXXX"] {
        post(&alice, CHALLENGE, &[("nonce", &form), ("code", code)]).await;
    }
    let right = phone.code_at(clock);
    post(&alice, CHALLENGE, &[("nonce", &form), ("code", &right)]).await;
    keep(&alice, &mut secrets);
    let mut saved = at_challenge(&clinic, ALICE).await;
    saved
        .submit_form("/.anteroom/recovery", &[("code", &codes[0])])
        .await;
    saved.follow_all().await;
    odd_answers(&clinic, &mut secrets).await;
    clock.advance(20 * MINUTE);
    alice.get(&format!("/patients/1001?{QUERY}")).await;
    sign_out(&alice).await;
    clock.advance(HOUR);
    clock.next_step();
    keep(&sign_in(&clinic, ALICE, &phone).await, &mut secrets);
    secrets.extend(upstream_ids(&clinic));
    secrets.extend(codes.iter().cloned());
    secrets.extend(codes.iter().map(|code| code.replace('-', "")));
    secrets.extend([
        phone.secret().to_owned(),
        right,
        wrong,
        ALICE.password.to_owned(),
    ]);
    clinic.store().checkpoint().await.unwrap();
    nothing_is_left(&clinic, &mut secrets).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

async fn nothing_is_left(clinic: &Clinic, secrets: &mut Vec<String>) {
    secrets.sort();
    secrets.dedup();
    assert!(secrets.len() > 10, "{}", secrets.len());
    let mut canaries: Vec<&str> = secrets.iter().map(String::as_str).collect();
    // Everything that was made up begins so; a part of it is as bad as the whole.
    let made_up = [
        "QUERY-9",
        "PATH-9",
        "NOTE-1",
        "COOKIE-1",
        "HOST-1",
        "PASSWORD-1",
        "PASSWORD-2",
    ];
    let more = [
        "BASIC-1",
        "JUNK-1",
        "CODE-1",
        "CANA-RYCO-DEXX",
        "9999999999",
        "CANARY-PHI",
    ];
    let made_up: Vec<String> = made_up.iter().map(|end| format!("CANARY-{end}")).collect();
    canaries.extend(made_up.iter().map(String::as_str));
    canaries.extend(more);
    let logs = clinic.world.logs();
    assert!(
        logs.contains("anteroom_gateway"),
        "the gateway says something at TRACE"
    );
    clinic.world.must_not_leak(&canaries);
    let metrics = private(clinic, "/metrics").await.text();
    assert!(metrics.contains("anteroom_decisions"), "{metrics}");
    for canary in canaries.iter().chain(&["alice", "127.0.0.1"]) {
        assert!(!metrics.contains(canary), "{canary} in the metrics");
    }
    for name in ["alice", "bob"] {
        let told = logs
            .lines()
            .find(|line| line.contains("anteroom_gateway") && line.contains(name));
        assert_eq!(told, None, "a name in the log");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g04_an_enrolment_code_stands_nowhere() {
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    let code = issue_code(&clinic, "bob", 77, DAY).await;
    let mut bob = clinic.browser();
    password(&mut bob, BOB).await;
    bob.submit(&[("code", &code)]).await;
    bob.follow_all().await;
    let (phone, codes) = enrol_here(&mut bob, &clinic).await;
    let plain = code.replace('-', "");
    clinic.store().checkpoint().await.unwrap();
    let mut canaries = vec![code.as_str(), plain.as_str(), phone.secret(), BOB.password];
    canaries.extend(codes.iter().map(String::as_str));
    clinic.world.must_not_leak(&canaries);
    all_is_well(&clinic, BOB, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g05_with_the_app_down_the_wanted_page_is_told_to_nobody() {
    // Nothing listens there.
    let closed = format!("http://127.0.0.1:{}", anteroom_tests::ports::free_port());
    let lines = open_enrolment("demo");
    let clinic = Plan::empty().app("emr", &closed, &lines).open().await;
    let mut browser = clinic.browser();
    knock_everywhere(&mut browser).await;
    let target = format!("/patients/1001?{QUERY}");
    let page = browser.open(&target).await;
    assert_eq!(page.status, 502, "{}", page.describe());
    assert!(
        !page.text().contains("CANARY") && !page.text().contains("1001"),
        "{}",
        page.text()
    );
    // What was wanted is remembered in a cookie that nobody can read, and in no address.
    for entry in browser.jar().all() {
        assert!(
            !entry.value.contains("CANARY") && !entry.value.contains("1001"),
            "{entry:?}"
        );
    }
    let login = [("username", "alice"), ("password", "CANARY-PASSWORD-3")];
    let page = browser
        .fetch(&crate::ward::posting(&browser, "/login", &login))
        .await
        .unwrap();
    assert_eq!(page.status, 502, "{}", page.describe());
    clinic.store().checkpoint().await.unwrap();
    clinic
        .world
        .must_not_leak(&["CANARY-QUERY", "CANARY-PATH", "CANARY-PASSWORD-3"]);
    let logged = clinic.world.logs();
    assert!(
        logged.contains("upstream_unreachable"),
        "the fault itself is told"
    );
    assert!(
        private(&clinic, "/metrics")
            .await
            .has("upstream_unreachable")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g05_the_wanted_page_reaches_our_pages_by_no_address_and_no_referer() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let mut alice = clinic.browser();
    let target = format!("/patients/1001?{QUERY}");
    let first = alice.get(&target).await;
    assert_eq!(
        (first.status, first.location()),
        (303, Some("/login")),
        "{}",
        first.describe()
    );
    assert!(
        !first.everything().contains("CANARY"),
        "{}",
        first.everything()
    );
    alice.follow_all().await;
    alice
        .submit(&[("username", ALICE.name), ("password", ALICE.password)])
        .await;
    assert!(!alice.page().everything().contains("CANARY"));
    let page = alice.follow_all().await;
    assert_eq!(page.path(), CHALLENGE);
    assert!(!page.everything().contains("CANARY") && !page.url.to_string().contains("1001"));
    alice
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    let page = alice.follow_all().await;
    assert!(
        page.url.to_string().ends_with(&target),
        "she lands where she wanted: {}",
        page.url
    );
    assert!(alice.cookie(OURS).is_some());
    all_is_well(&clinic, ALICE, &phone).await;
}
