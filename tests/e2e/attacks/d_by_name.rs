//! D09a: whoever knows a name and nothing else shuts nobody out, with answers that no rule knows
//! as with pages that are no login page. What a right password may fill is `f_flood`'s.

use std::net::IpAddr;

use anteroom_tests::phone::Phone;
use anteroom_tests::recorder::{Recorder, Script, Seen};
use anteroom_tests::world::start::{Clinic, Plan, open_enrolment};

use crate::ward::{CHALLENGE, audit_is_whole, enrol_here, told};

const FORM: &str = "<form method=post action=\"/login.php\"><input name=\"username\">\
                    <input type=password name=\"password\"></form>";
const EXPIRED: &str = "Your password has expired.";
const DAVE: &str = "dave";
const RIGHT: &str = "Right-horse-7";

/// Right passwords lead on; the word `old` is answered by a page that no rule knows; everything
/// else is refused. `/login.php?forgot=1` is a page without the form.
fn app(seen: &Seen) -> Script {
    let body = String::from_utf8_lossy(&seen.body).into_owned();
    let logged_in = seen.cookies("PHPSESSID").contains(&"logged-in".to_owned());
    match (seen.method.as_str(), seen.path()) {
        ("POST", "/login.php") if body.contains(RIGHT) => {
            Script::redirect("/home.php", &["PHPSESSID=logged-in"])
        }
        ("POST", "/login.php") if body.contains("password=old") => Script::ok(EXPIRED),
        ("POST", "/login.php") => Script::redirect("/login.php", &[]),
        ("GET", "/login.php") if seen.target.contains("forgot") => Script::ok("Forgot it?"),
        ("GET", "/login.php") => Script::ok(FORM),
        _ if logged_in => Script::ok("CANARY-PHI"),
        _ => Script::redirect("/login.php", &[]),
    }
}

/// A clinic, and dave with his phone.
async fn clinic() -> (Clinic, Recorder, Phone) {
    let upstream = Recorder::start().await;
    upstream.answer_with(app);
    let address = format!("http://{}", upstream.addr());
    let lines = open_enrolment("php-session");
    let clinic = Plan::empty().app("emr", &address, &lines).open().await;
    let mut dave = clinic.browser();
    log_in(&mut dave, DAVE, RIGHT).await;
    dave.follow_all().await;
    let (phone, _) = enrol_here(&mut dave, &clinic).await;
    (clinic, upstream, phone)
}

async fn log_in(browser: &mut anteroom_tests::browser::Browser, name: &str, word: &str) -> u16 {
    browser.open("/login.php").await;
    let page = browser
        .submit(&[("username", name), ("password", word)])
        .await;
    page.status
}

async fn signs_in(clinic: &Clinic, source: &str, phone: &Phone) {
    clinic.world.clock.next_step();
    let mut dave = clinic.browser().from_address(source);
    log_in(&mut dave, DAVE, RIGHT).await;
    let page = dave.follow_all().await;
    assert_eq!(
        (page.status, page.path()),
        (200, CHALLENGE),
        "{}",
        page.describe()
    );
    let code = phone.code_at(&clinic.world.clock);
    dave.submit(&[("code", &code)]).await;
    assert!(dave.follow_all().await.has("CANARY-PHI"));
}

/// One try of somebody without a password; says where it ended.
async fn brought_about(clinic: &Clinic, source: &str, name: &str, how: &str) -> (u16, String) {
    let mut thief = clinic.browser().from_address(source);
    match how {
        "an answer that no rule knows" => {
            log_in(&mut thief, name, "old").await;
        }
        _ => {
            log_in(&mut thief, name, "wrong").await;
            thief.follow_all().await;
            thief.get("/login.php?forgot=1").await;
        }
    }
    let page = thief.follow_all().await;
    (page.status, page.path().to_owned())
}

const WAYS: [&str; 2] = [
    "an answer that no rule knows",
    "a page that is no login page",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d09a_a_name_alone_refuses_her_password_nowhere() {
    let (clinic, _upstream, phone) = clinic().await;
    for how in WAYS {
        for n in 0..12 {
            let source = format!("127.0.11.{}", n % 3 + 1);
            let ended = brought_about(&clinic, &source, DAVE, how).await;
            // The sixth and the twelfth look like the first: it says nothing about dave's phone.
            assert_eq!(ended, (200, CHALLENGE.to_owned()), "{how}, {n}");
        }
        signs_in(&clinic, "127.0.12.1", &phone).await;
        // And from the very address of whoever did it: a clinic has one.
        signs_in(&clinic, "127.0.11.1", &phone).await;
    }
    assert_eq!(told(&clinic, "attempts_full").await, 0);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d09a_invented_names_from_one_address_shut_nobody_behind_it_out() {
    let (clinic, _upstream, phone) = clinic().await;
    for n in 0..30 {
        let name = format!("nobody{n}");
        let ended = brought_about(&clinic, "127.0.13.1", &name, WAYS[0]).await;
        assert_eq!(ended, (200, CHALLENGE.to_owned()), "{n}");
    }
    signs_in(&clinic, "127.0.13.1", &phone).await;
    let live = clinic.store().attempts_live_total(clinic.now()).await;
    assert_eq!(live.unwrap(), 20, "the newest of that address");
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d09a_her_open_form_survives_what_others_bring_about_under_her_name() {
    let (clinic, _upstream, phone) = clinic().await;
    clinic.world.clock.next_step();
    let mut dave = clinic.browser();
    log_in(&mut dave, DAVE, RIGHT).await;
    assert_eq!(dave.follow_all().await.path(), CHALLENGE);
    for n in 0..25 {
        let source: IpAddr = [127, 0, 14, n % 8 + 1].into();
        brought_about(&clinic, &source.to_string(), DAVE, WAYS[0]).await;
    }
    let code = phone.code_at(&clinic.world.clock);
    dave.submit(&[("code", &code)]).await;
    assert!(dave.follow_all().await.has("CANARY-PHI"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d09a_a_refusal_before_the_password_leaves_is_in_the_audit_log_once() {
    let (clinic, upstream, _) = clinic().await;
    for n in 0..12 {
        let mut thief = clinic
            .browser()
            .from_address(&format!("127.0.15.{}", n + 1));
        let status = log_in(&mut thief, DAVE, RIGHT).await;
        assert_eq!(status == 429, n >= 5, "{n}: {status}");
    }
    let sent = upstream.requests();
    let sent = sent.iter().filter(|seen| seen.method == "POST").count();
    assert_eq!(sent, 6, "the enrolment's, and five");
    assert_eq!(told(&clinic, "attempts_full").await, 1);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d09a_a_page_that_is_no_login_page_says_nothing_of_anybodys_phone() {
    let (clinic, _upstream, _) = clinic().await;
    let page = clinic.browser().get("/login.php?forgot=1").await;
    assert_eq!(page.status, 403, "{}", page.describe());
    assert!(page.has("This is not open to you"), "{}", page.describe());
    assert!(!page.has("set up"), "{}", page.describe());
}
