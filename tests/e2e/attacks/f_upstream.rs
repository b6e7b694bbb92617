//! F12, F13: the app hangs, dies or says monstrous things in the middle of a login. The password is
//! sent once, the session counts as tainted, the page is kind, and what we hold is bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anteroom::demo::FailureMode;
use anteroom_tests::browser::Browser;
use anteroom_tests::phone::Phone;
use anteroom_tests::recorder::{Recorder, Script};
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::ward::{ALICE, CHALLENGE, all_is_well, enrolled, password, sees_chart, told};

const QUICK: &str = "[limits]\nlogin_deadline = \"1 s\"\n";

async fn clinic() -> (Clinic, Phone) {
    let clinic = Clinic::with_demo_as(&open_enrolment("demo"), QUICK).await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    (clinic, phone)
}

fn logins(clinic: &Clinic) -> usize {
    let served = clinic.record().for_path("/login");
    served.iter().filter(|one| one.method == "POST").count()
}

/// The app has logged the session in. Nothing that is asked for on it comes back.
async fn nothing_comes_of_it(clinic: &Clinic, thief: &mut Browser, mode: FailureMode) {
    for path in [
        "/patients/1001",
        "/",
        "/login",
        "/api/whoami.json",
        "/files",
    ] {
        let page = thief.get(path).await;
        let text = page.everything();
        assert!(
            !text.contains("CANARY-PHI"),
            "{mode:?} {path}: {}",
            page.describe()
        );
        // Wardbook shows its login form to people who are logged in, too, so that page may come.
        let named = path != "/login" && text.contains("Alice Moreau");
        assert!(!named, "{mode:?} {path}: {}", page.describe());
    }
    let page = thief.xhr("GET", "/api/patients.json").await;
    assert_eq!(page.status, 401, "{mode:?}: {}", page.describe());
    let by_her = |served: &anteroom::demo::Served| {
        served.user.is_some() && !matches!(served.path(), "/login" | "/api/whoami.json")
    };
    let reached: Vec<_> = clinic.record().all().into_iter().filter(by_her).collect();
    assert!(reached.is_empty(), "{mode:?}: {reached:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f12_a_login_whose_answer_never_comes_is_not_sent_again() {
    let (clinic, phone) = clinic().await;
    for (mode, status) in [
        (FailureMode::Hang, 504),
        (FailureMode::CutAfterHeaders, 502),
    ] {
        clinic.demo.as_ref().unwrap().failure_modes([mode]);
        clinic.record().clear();
        let mut thief = clinic.browser();
        let page = password(&mut thief, ALICE).await;
        assert_eq!(page.status, status, "{mode:?}: {}", page.describe());
        assert!(
            page.has("+1 555 0101"),
            "{mode:?} says whom to call: {}",
            page.describe()
        );
        assert_eq!(logins(&clinic), 1, "{mode:?}");
        assert!(page.set_cookie_line("WBSESSION").is_none(), "{mode:?}");
        nothing_comes_of_it(&clinic, &mut thief, mode).await;
        assert_eq!(logins(&clinic), 1, "{mode:?}");
    }
    assert!(told(&clinic, "login_tainted").await >= 2);
    clinic.demo.as_ref().unwrap().failure_modes([]);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_every_odd_answer_to_a_right_password_ends_closed() {
    let (clinic, phone) = clinic().await;
    for mode in FailureMode::ALL {
        clinic.demo.as_ref().unwrap().failure_modes([mode]);
        clinic.record().clear();
        clinic.world.clock.next_step();
        let mut thief = clinic.browser();
        let page = password(&mut thief, ALICE).await;
        assert!(
            !page.everything().contains("CANARY-PHI"),
            "{mode:?}: {}",
            page.describe()
        );
        assert!(thief.cookie("wb_junk_1").is_none(), "{mode:?}");
        let asked = page.status == 200 && page.path() == CHALLENGE;
        assert!(asked || page.status >= 500, "{mode:?}: {}", page.describe());
        assert_eq!(logins(&clinic), 1, "{mode:?}");
        nothing_comes_of_it(&clinic, &mut thief, mode).await;
        if asked {
            let page = thief.get(CHALLENGE).await;
            if page.has_field("code") {
                thief
                    .submit(&[("code", &phone.code_at(&clinic.world.clock))])
                    .await;
                thief.follow_all().await;
                assert!(
                    sees_chart(&mut thief).await,
                    "{mode:?}: the honest owner gets on"
                );
            }
        }
    }
    clinic.demo.as_ref().unwrap().failure_modes([]);
    all_is_well(&clinic, ALICE, &phone).await;
}

fn monsters() -> Vec<(&'static str, Script)> {
    let cookies: String = (0..10_000)
        .map(|n| format!("Set-Cookie: c{n}=1¶"))
        .collect();
    let head = "HTTP/1.1 302 Found¶Location: /home.php¶Set-Cookie: PHPSESSID=CANARY-SESSION¶";
    let ok = "HTTP/1.1 200 OK¶Content-Type: text/html¶Set-Cookie: PHPSESSID=CANARY-SESSION¶";
    let big = "x".repeat(1 << 20);
    let hints = "HTTP/1.1 103 Early Hints¶Set-Cookie: PHPSESSID=CANARY-SESSION¶¶".repeat(50);
    vec![
        (
            "10 000 cookies",
            Script::bytes(&format!("{head}{cookies}Content-Length: 0¶¶")),
        ),
        (
            "a field of 1 MB",
            Script::bytes(&format!("{head}X-Big: {big}¶Content-Length: 0¶¶")),
        ),
        (
            "a length that lies",
            Script::bytes(&format!("{ok}Content-Length: 999¶¶CANARY-PHI")).close(),
        ),
        (
            "a length of petabytes",
            Script::bytes(&format!("{ok}Content-Length: 999999999999999¶¶")),
        ),
        (
            "two lengths",
            Script::bytes(&format!(
                "{ok}Content-Length: 3¶Content-Length: 10¶¶CANARY-PHI"
            )),
        ),
        (
            "a bad chunk",
            Script::bytes(&format!("{ok}Transfer-Encoding: chunked¶¶zz¶CANARY-PHI¶")),
        ),
        (
            "an unasked 101",
            Script::bytes("HTTP/1.1 101 Switching Protocols¶Upgrade: x¶¶CANARY-PHI"),
        ),
        ("hints without end", Script::bytes(&hints).close()),
        ("no HTTP", Script::bytes("CANARY-PHI¶¶").close()),
        ("an empty answer", Script::default().close()),
        ("a reset", Script::default().reset()),
        (
            "a reset after the head",
            Script::bytes(&format!("{ok}Content-Length: 99¶¶")).reset(),
        ),
        ("silence", Script::silence()),
        (
            "an endless head",
            Script::bytes("HTTP/1.1 200 OK¶").endless("X-More: yyyyyyyyyyyyyyyy¶"),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_monstrous_answers_are_given_up_with_a_kind_page() {
    let upstream = Recorder::start().await;
    let lines = open_enrolment("php-session");
    let plan = Plan::empty().with(QUICK);
    let clinic = plan
        .app("emr", &format!("http://{}", upstream.addr()), &lines)
        .open()
        .await;
    let form = || {
        Script::ok(
            "<form method=post action=/login.php><input name=\"username\">\
         <input name=\"password\"></form>",
        )
    };
    for (what, monster) in monsters() {
        upstream.clear();
        upstream.behave();
        upstream.answer_with(move |_| form());
        let mut browser = clinic.browser();
        browser.get("/login.php").await;
        upstream.next(monster);
        let page = browser
            .submit(&[("username", "alice"), ("password", "secret")])
            .await;
        let kind = matches!(page.status, 502 | 504) && page.has("+1 555 0101");
        let held =
            page.status == 303 && page.location().is_some_and(|to| to.starts_with("/.anter"));
        assert!(kind || held, "{what}: {}", page.describe());
        let text = page.everything();
        assert!(
            !text.contains("CANARY") && !text.contains("PHPSESSID"),
            "{what}: {text}"
        );
        let posts = upstream
            .requests()
            .into_iter()
            .filter(|seen| seen.method == "POST")
            .count();
        assert_eq!(posts, 1, "{what}: sent once");
    }
    upstream.behave();
    upstream.answer_with(move |_| form());
    assert_eq!(
        clinic.browser().get("/login.php").await.status,
        200,
        "the next visitor is served"
    );
}

/// An app that answers anything with a body that never ends, and counts how much of it was taken.
async fn endless(taken: Arc<AtomicUsize>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let taken = taken.clone();
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = tcp.read(&mut request).await;
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\
                            Set-Cookie: PHPSESSID=x\r\nContent-Encoding: gzip\r\n\r\n";
                let _ = tcp.write_all(head.as_bytes()).await;
                while tcp.write_all(&[b'.'; 16 * 1024]).await.is_ok() {
                    taken.fetch_add(16 * 1024, Ordering::SeqCst);
                }
            });
        }
    });
    addr
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_an_endless_answer_is_taken_up_to_the_bound_and_no_further() {
    let taken = Arc::new(AtomicUsize::new(0));
    let address = format!("http://{}", endless(taken.clone()).await);
    let clinic = Plan::empty()
        .app("emr", &address, &open_enrolment("php-session"))
        .open()
        .await;
    let browser = clinic.browser();
    let pairs = [("username", "alice"), ("password", "secret")];
    for path in ["/login.php"] {
        let login = crate::ward::posting(&browser, path, &pairs);
        let page = browser.fetch(&login).await.unwrap();
        assert_eq!(page.status, 502, "{}", page.describe());
        let page = browser
            .fetch(&browser.script_ask("GET", path))
            .await
            .unwrap();
        assert_eq!(page.status, 502, "{}", page.describe());
    }
    // Two answers of at most 2 MiB, and what stands in the sockets' buffers.
    let taken = taken.load(Ordering::SeqCst);
    assert!(taken < 32 << 20, "{taken} bytes were taken");
    assert!(
        tokio::time::timeout(Duration::from_secs(5), clinic.store().ping())
            .await
            .is_ok()
    );
}
