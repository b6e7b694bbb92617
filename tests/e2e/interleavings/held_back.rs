//! Case 1 from outside: a page request of somebody unverified, held open while the same session
//! logs in. Real sockets on both sides; the app's answers wait for a latch, so the order is
//! certain.

use anteroom_tests::browser::ask::{Ask, Kind};
use anteroom_tests::raw::RawClient;
use anteroom_tests::recorder::Latch;
use anteroom_tests::tls::Sni;

use crate::attacks::legacy::{
    A_WHILE, CANARY, Legacy, all_is_well, enrolled, is_blocked, login_ask, secret, sees,
};
use crate::attacks::records::{clinic_at, cookie_field, give_code};
use crate::ward::CHALLENGE;

const OPEN: &str = "[app.login]\nopen_pages = [\"/about.php\", \"/news.php\"]\n";

async fn open_clinic(legacy: &Legacy) -> anteroom_tests::world::start::Clinic {
    clinic_at(&format!("http://{}", legacy.recorder.addr()), OPEN).await
}

/// The page is with the app when the password comes: the login waits, then cuts it, and still
/// completes. The app answers it last, on a session that is alice's by then; that answer reaches
/// nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_1_a_page_held_open_by_the_app_is_cut_and_its_answer_shown_to_nobody() {
    let legacy = Legacy::start().await;
    let clinic = open_clinic(&legacy).await;
    let (_, phone) = enrolled(&clinic, clinic.browser(), "alice").await;
    let mut thief = clinic.browser();
    thief.open("/login.php").await;
    let latch = Latch::shut();
    legacy.hold("GET", "/about.php", &latch);
    legacy.done();
    let page = Ask::new("GET", thief.at_home("/about.php"), Kind::Document, None).by_hand();
    let login = login_ask(&thief, "alice", &secret("alice"));
    let (page, login, ()) = tokio::join!(
        thief.fetch(&page),
        async {
            legacy.reached("GET", "/about.php").await;
            thief.fetch(&login).await.expect("an answer")
        },
        async {
            legacy.reached("GET", "/about.php").await;
            // The login waits for the page: the password has not left yet.
            let _ = legacy.recorder.wait_for(usize::MAX, A_WHILE).await;
            assert!(
                !legacy.has_done("POST", "/login.php"),
                "the login did not wait"
            );
            legacy.reached("POST", "/login.php").await;
            latch.open();
        },
    );
    if let Ok(page) = page {
        assert!(!page.everything().contains(CANARY), "{}", page.describe());
    }
    assert_eq!(login.location(), Some(CHALLENGE), "{}", login.describe());
    let done = legacy.done();
    let with_session = done
        .iter()
        .filter(|one| one.path == "/about.php" && one.session.is_some());
    assert_eq!(with_session.count(), 1, "{done:?}");
    assert!(is_blocked(&legacy, &mut thief).await);
    // Control: the login was a login. With the code she is in.
    thief.open(CHALLENGE).await;
    give_code(&mut thief, &clinic, &phone).await;
    assert!(
        sees(&mut thief, "alice").await,
        "{}",
        thief.page().describe()
    );
    all_is_well(&clinic, "alice", &phone).await;
}

/// A page that comes back while the login waits for it is an honest one, but nobody can tell: its
/// session is tainted by then, so it is not shown. The login goes on at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_1_a_page_that_comes_while_a_login_waits_is_dropped_and_the_login_goes_on() {
    let legacy = Legacy::start().await;
    let clinic = open_clinic(&legacy).await;
    let (_, phone) = enrolled(&clinic, clinic.browser(), "alice").await;
    let mut visitor = clinic.browser();
    visitor.open("/login.php").await;
    let latch = Latch::shut();
    legacy.hold("GET", "/about.php", &latch);
    legacy.done();
    let page = Ask::new("GET", visitor.at_home("/about.php"), Kind::Document, None).by_hand();
    let login = login_ask(&visitor, "alice", &secret("alice"));
    let (page, login, ()) = tokio::join!(
        async { visitor.fetch(&page).await.expect("an answer") },
        async {
            legacy.reached("GET", "/about.php").await;
            visitor.fetch(&login).await.expect("an answer")
        },
        async {
            legacy.reached("GET", "/about.php").await;
            let _ = legacy.recorder.wait_for(usize::MAX, A_WHILE).await;
            assert!(
                !legacy.has_done("POST", "/login.php"),
                "the login did not wait"
            );
            latch.open();
        },
    );
    assert!(!page.everything().contains(CANARY), "{}", page.describe());
    assert_eq!(page.location(), Some("/login.php"), "{}", page.describe());
    assert_eq!(login.location(), Some(CHALLENGE), "{}", login.describe());
    all_is_well(&clinic, "alice", &phone).await;
}

/// A request whose end is held back by the client is not with the app at all: it goes complete or
/// not. Its end comes after the login, when its session is tainted, so it does not go with that
/// session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_1_a_request_whose_end_is_held_back_by_the_client_never_meets_the_session() {
    let legacy = Legacy::start().await;
    let clinic = open_clinic(&legacy).await;
    let (_, phone) = enrolled(&clinic, clinic.browser(), "alice").await;
    let mut thief = clinic.browser();
    thief.open("/login.php").await;
    let cookies = cookie_field(&thief);
    for (what, begun, end) in [
        (
            "a head",
            format!("GET /about.php HTTP/1.1¶Host: emr.test¶Accept: text/html¶{cookies}¶"),
            "¶",
        ),
        (
            "a body",
            format!(
                "POST /about.php HTTP/1.1¶Host: emr.test¶Accept: text/html¶\
                 Origin: https://emr.test¶Content-Length: 6¶\
                 Content-Type: application/x-www-form-urlencoded¶{cookies}¶¶not"
            ),
            "e=x",
        ),
    ] {
        let mut held = RawClient::tls(clinic.addr, Sni::Name("emr.test"))
            .await
            .expect("TLS");
        held.say(&begun).await;
        let thief = thief.thief();
        let page = thief
            .fetch(&login_ask(&thief, "alice", &secret("alice")))
            .await;
        assert_eq!(
            page.expect("an answer").location(),
            Some(CHALLENGE),
            "{what}"
        );
        legacy.done();
        let _ = held.send(anteroom_tests::raw::crlf(end)).await;
        if let Ok(answer) = held.answer().await {
            assert!(
                !answer.everything().contains(CANARY),
                "{what}: {}",
                answer.everything()
            );
        }
        let done = legacy.done();
        assert!(
            done.iter().all(|one| one.user.is_none()),
            "{what}: {done:?}"
        );
        crate::ward::start_over(&thief).await;
    }
    all_is_well(&clinic, "alice", &phone).await;
}

/// Many at once, by no order that anybody chose: whatever comes back holds nothing of hers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_1_a_swarm_of_pages_around_a_login_brings_nothing_back() {
    let legacy = Legacy::start().await;
    let clinic = open_clinic(&legacy).await;
    let (_, phone) = enrolled(&clinic, clinic.browser(), "alice").await;
    for _ in 0..3 {
        let mut thief = clinic.browser();
        thief.open("/login.php").await;
        legacy.done();
        let login = login_ask(&thief, "alice", &secret("alice"));
        let pages: Vec<Ask> = (0..24)
            .map(|n| {
                let path = if n % 2 == 0 {
                    "/about.php"
                } else {
                    "/login.php"
                };
                Ask::new("GET", thief.at_home(path), Kind::Document, None).by_hand()
            })
            .collect();
        let others = thief.thief();
        let all = futures_util::future::join_all(pages.iter().map(|ask| others.fetch(ask)));
        let (pages, login) = tokio::join!(all, thief.fetch(&login));
        assert_eq!(login.expect("an answer").location(), Some(CHALLENGE));
        for page in pages.into_iter().flatten() {
            assert!(!page.everything().contains(CANARY), "{}", page.describe());
        }
        let done = legacy.done();
        let hers = done
            .iter()
            .filter(|one| one.method == "GET" && one.user.is_some());
        assert_eq!(hers.count(), 0, "{done:?}");
        crate::ward::start_over(&thief).await;
    }
    all_is_well(&clinic, "alice", &phone).await;
}
