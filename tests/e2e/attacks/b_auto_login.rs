//! Apps that log somebody in by an address alone (attacks A29, B20): a link from a mail that lands
//! on the login page's own path. What such a page shows is nobody's to see.

use anteroom_tests::recorder::{Recorder, Script, Seen};
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};

const FORM: &str = "<input type=text name=\"username\"><input type=password name=\"password\">";
const CANARY: &str = "CANARY-PHI";

fn app(seen: &Seen) -> Script {
    let logged_in = seen.cookies("PHPSESSID").contains(&"by-link".to_owned());
    match (seen.path(), seen.target.contains("token=")) {
        ("/login.php", true) => {
            Script::ok(CANARY).with_field("Set-Cookie", "PHPSESSID=by-link; Path=/")
        }
        ("/login.php", false) if !logged_in => Script::ok(FORM),
        _ if logged_in => Script::ok(CANARY),
        _ => Script::redirect("/login.php", &[]),
    }
}

async fn clinic() -> (Clinic, Recorder) {
    let upstream = Recorder::start().await;
    upstream.answer_with(app);
    let address = format!("http://{}", upstream.addr());
    let plan = Plan::empty().app("emr", &address, &open_enrolment("php-session"));
    (plan.open().await, upstream)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b20_a_link_that_logs_in_on_the_login_page_shows_and_hands_out_nothing() {
    let (clinic, _upstream) = clinic().await;
    let mut visitor = clinic.browser();
    assert_eq!(visitor.get("/login.php").await.status, 200, "the form");
    let linked = visitor.get("/login.php?token=from-a-mail").await;
    assert_eq!(linked.status, 403, "{}", linked.describe());
    assert!(!linked.has(CANARY));
    for path in ["/login.php", "/chart.php", "/"] {
        let page = visitor.get(path).await;
        assert!(!page.has(CANARY), "{path}: {}", page.describe());
    }
    assert_eq!(visitor.get("/login.php").await.status, 200, "a fresh start");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b20_the_session_behind_such_a_link_is_dead_for_a_copied_cookie_too() {
    let (clinic, upstream) = clinic().await;
    let mut visitor = clinic.browser();
    visitor.get("/login.php").await;
    let copied = visitor.thief();
    visitor.get("/login.php?token=from-a-mail").await;
    upstream.clear();
    for path in ["/login.php", "/chart.php"] {
        let ask = copied.script_ask("GET", path);
        let answer = copied.fetch(&ask).await.expect("an answer");
        assert!(!answer.has(CANARY), "{path}");
    }
    for seen in upstream.requests() {
        assert!(seen.cookies("PHPSESSID").is_empty(), "{}", seen.target);
    }
}
