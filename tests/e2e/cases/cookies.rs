//! Cases 6, 19, 20, 27, 28: the app's cookies and the heads of its answers, on their way.
//! Never sign-in itself; `before` and `during` have that.

use anteroom_tests::recorder::{Script, Seen};
use anteroom_tests::world::start::open_enrolment;

use super::oldapp::{
    CANARY, FORM, all_is_well, clinic, clinic_with, enrolled, sign_in, straight, user,
};
use crate::ward::{OURS, post};

/// Gives out a new id wherever `id=` asks for one, as OpenEMR does for a second window.
fn new_windows(seen: &Seen) -> Option<Script> {
    let number = seen.target.strip_prefix("/window.php?id=")?;
    let line = format!("PHPSESSID=in-alice-w{number}; Path=/");
    user(seen).map(|_| Script::status(200, &[("Set-Cookie", &line)], "window"))
}

const BOUND: &str = "[app.login.cookies]\nlogin = [\"PHPSESSID\"]\nbind = [\"PHPSESSID\"]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_19_a_bound_value_counts_for_the_session_it_was_given_to_and_after_a_restart() {
    let lines = open_enrolment("php-session");
    let lines = format!("upstream_reachable_only_through_us = true\n{lines}{BOUND}");
    let (mut clinic, upstream) = clinic_with(new_windows, &lines).await;
    let (mut mallory, _) = enrolled(&clinic, "mallory").await;
    let (mut alice, phone) = enrolled(&clinic, "alice").await;
    let raw = alice.cookie("PHPSESSID").unwrap();
    assert!(
        raw.starts_with("in-alice-"),
        "its script may read it: {raw}"
    );
    // The app's script writes it again, for another path: the same value, so the same session.
    let page = alice.page().url.clone();
    assert!(
        alice
            .jar()
            .set_by_script(&format!("PHPSESSID={raw}; path=/home"), &page)
    );
    assert!(alice.get("/home.php").await.has(CANARY));
    // Stolen: without any session of ours, and in mallory's verified one.
    for thief in [&mut alice.stranger(), &mut mallory] {
        thief.jar().plant("emr.test", "PHPSESSID", &raw);
        upstream.clear();
        let page = thief.get("/home.php").await;
        assert!(!page.everything().contains(CANARY), "{}", page.describe());
        assert!(!upstream.saw(&raw), "a value that was not given to them");
    }
    // A second window's id, and a restart before it is used: it was written before it left.
    alice.get("/window.php?id=1").await;
    clinic.restart().await;
    assert!(
        alice.get("/home.php").await.has(CANARY),
        "{}",
        alice.page().describe()
    );
    assert_eq!(
        upstream.requests().last().unwrap().cookies("PHPSESSID")[0],
        "in-alice-w1"
    );
    for number in 2..=18 {
        alice.get(&format!("/window.php?id={number}")).await;
    }
    alice.jar().plant("emr.test", "PHPSESSID", "in-alice-w3");
    assert!(
        alice.get("/home.php").await.has(CANARY),
        "sixteen live values"
    );
    alice.jar().plant("emr.test", "PHPSESSID", "in-alice-w2");
    assert!(
        !alice.get("/home.php").await.has(CANARY),
        "the oldest is out"
    );
    assert!(
        !upstream.saw("PHPSESSID=in-bob"),
        "and nobody else's ever came"
    );
    all_is_well(&clinic, "alice", &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_19_before_the_login_a_bound_value_is_proved_by_a_cookie_and_no_row() {
    let lines = open_enrolment("php-session");
    let lines = format!("upstream_reachable_only_through_us = true\n{lines}{BOUND}");
    let (clinic, upstream) = clinic_with(straight, &lines).await;
    let mut visitor = clinic.browser();
    visitor.get("/login.php").await;
    let raw = visitor.cookie("PHPSESSID").unwrap();
    assert!(raw.starts_with("anonymous-") && visitor.cookie("__Host-anteroom-bound").is_some());
    upstream.clear();
    visitor.get("/login.php").await;
    assert_eq!(upstream.only_request().cookies("PHPSESSID"), [raw.as_str()]);
    upstream.clear();
    // Planted by an attacker: not proved, so it does not travel, at the login neither.
    visitor
        .jar()
        .plant("emr.test", "PHPSESSID", "attackerchosen");
    visitor.get("/login.php").await;
    visitor
        .submit(&[("username", "alice"), ("password", "right")])
        .await;
    assert!(!upstream.saw("attackerchosen"));
    // LibreHealth's script deletes the cookie before it posts: a normal login.
    let bare = clinic.browser();
    let login = [("username", "bob"), ("password", "right")];
    let page = post(&bare, "/login.php", &login).await;
    assert_eq!(
        page.location(),
        Some("/.anteroom/enrol/method"),
        "{}",
        page.describe()
    );
}

fn wide_cookies(seen: &Seen) -> Option<Script> {
    let lines = [
        ("Set-Cookie", "A=1; Domain=.test; Path=/"),
        ("Set-Cookie", "B=\"quoted; Path=/; SameSite=None"),
        ("Set-Cookie", "theme=dark; Domain=emr.test; Path=/"),
        ("Set-Cookie", "__Host-anteroom=stolen; Path=/; Secure"),
        ("Set-Cookie", "__HOST-ANTEROOM=stolen; Path=/; Secure"),
    ];
    (seen.path() == "/wide.php").then(|| Script::status(200, &lines, "set"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_20_no_cookie_is_for_a_domain_and_none_of_the_apps_is_ours() {
    let (clinic, upstream) =
        clinic(wide_cookies, "[app.login.cookies]\nplain = [\"theme\"]\n").await;
    let (mut alice, phone) = enrolled(&clinic, "alice").await;
    let own = alice.cookie(OURS);
    let page = alice.get("/wide.php").await;
    let lines = page.headers.all("set-cookie");
    assert_eq!(lines.len(), 3, "{lines:#?}");
    for line in &lines {
        assert!(!line.to_ascii_lowercase().contains("domain="), "{line}");
        assert!(line.contains("; Secure"), "{line}");
    }
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("stolen") || line.contains("quoted"))
    );
    assert!(
        lines.iter().any(|line| line.starts_with("theme=dark")),
        "{lines:?}"
    );
    assert_eq!(alice.cookie(OURS), own);
    upstream.clear();
    // Case 6: what is not listed is sealed, and comes back to the app as it was, quotes and all.
    alice.get("/home.php").await;
    let sent = upstream.only_request();
    assert_eq!(sent.cookies("A"), ["1"]);
    assert_eq!(sent.cookies("B"), ["\"quoted"]);
    assert_eq!(sent.cookies("theme"), ["dark"]);
    assert!(sent.cookies("__Host-anteroom").is_empty());
    // A raw one of that name, made up, planted or from before the gateway: dropped, and no more.
    alice.jar().plant("emr.test", "A", "2");
    alice
        .jar()
        .plant("emr.test", "remember_token", "CANARY-REMEMBER");
    upstream.clear();
    assert!(alice.get("/home.php").await.has(CANARY));
    assert!(upstream.only_request().cookies("A").is_empty());
    assert!(!upstream.saw("CANARY-REMEMBER"));
    all_is_well(&clinic, "alice", &phone).await;
}

const ROUND_US: [(&str, &str); 6] = [
    ("Alt-Svc", "h3=\":8443\""),
    ("Set-Cookie2", "PHPSESSID=x"),
    ("Clear-Site-Data", "\"cookies\""),
    ("Service-Worker-Allowed", "/"),
    ("Proxy-Authenticate", "Basic"),
    ("Content-Type", "text/html"),
];

fn headers(seen: &Seen) -> Option<Script> {
    let wanted = seen
        .target
        .split_once("cache=")
        .map(|(_, value)| value.replace('+', " "));
    let body = if seen.path() == "/login.php" {
        FORM
    } else {
        "body"
    };
    if seen.method == "POST" || !matches!(seen.path(), "/h.php" | "/login.php" | "/static/h.css") {
        return None;
    }
    let mut fields: Vec<(&str, &str)> = ROUND_US.to_vec();
    if let Some(cache) = &wanted {
        fields.push(("Cache-Control", cache));
    }
    let early = "HTTP/1.1 103 Early Hints¶Set-Cookie: PHPSESSID=CANARY-EARLY¶\
                 Link: </chart.php>; rel=preload¶¶";
    let mut text = format!("{early}HTTP/1.1 200 OK¶");
    for (name, value) in &fields {
        text += &format!("{name}: {value}¶");
    }
    Some(Script::bytes(&format!(
        "{text}Content-Length: {}¶¶{body}",
        body.len()
    )))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_27_no_answer_leads_round_us_or_outlives_its_session_in_a_cache() {
    let (clinic, _upstream) = clinic(headers, "").await;
    let mut alice = clinic.browser();
    let stranger = alice.get("/login.php").await;
    alice
        .submit(&[("username", "alice"), ("password", "right")])
        .await;
    alice.follow_all().await;
    let (phone, _) = crate::ward::enrol_here(&mut alice, &clinic).await;
    let verified = alice.get("/h.php").await;
    let asset = alice.stranger().get("/static/h.css").await;
    for (what, page) in [
        ("page", &verified),
        ("login page", &stranger),
        ("asset", &asset),
    ] {
        assert_eq!(page.status, 200, "{what}: {}", page.describe());
        for (name, _) in &ROUND_US[..5] {
            assert!(
                page.header(name).is_none(),
                "{what}: {name} {:?}",
                page.header(name)
            );
        }
        assert!(
            !page.everything().contains("CANARY-EARLY"),
            "{what}: {}",
            page.everything()
        );
        assert!(
            !page.everything().contains("preload"),
            "{what}: {}",
            page.everything()
        );
    }
    for (sent, arrives) in [
        ("", "private, no-cache"),
        ("public,max-age=600", "private, no-cache"),
        ("s-maxage=600", "private, no-cache"),
        ("max-age=600", "private, no-cache"),
        ("private,max-age=5", "private,max-age=5"),
        ("no-store", "no-store"),
    ] {
        let query = if sent.is_empty() {
            String::new()
        } else {
            format!("?cache={sent}")
        };
        let page = alice.get(&format!("/h.php{query}")).await;
        assert_eq!(page.header("cache-control"), Some(arrives), "{sent:?}");
        let asset = alice.get(&format!("/static/h.css{query}")).await;
        if sent.starts_with("public") {
            assert_eq!(
                asset.header("cache-control"),
                Some(sent),
                "an open asset is left alone"
            );
        }
    }
    assert!(
        sign_in(&clinic, "alice", &phone)
            .await
            .get("/home.php")
            .await
            .has(CANARY)
    );
}

/// As Redmine and Flask do: all of the session in the cookie, and it grows.
fn large(seen: &Seen) -> Option<Script> {
    let size: usize = seen.target.split_once("size=")?.1.parse().ok()?;
    let line = format!("BIG=\"{}~\"; Path=/", "v".repeat(size));
    let fields = [("Content-Type", "text/html"), ("Set-Cookie", line.as_str())];
    Some(Script::status(200, &fields, FORM))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_28_a_value_too_large_for_a_browser_is_kept_and_comes_back_exactly() {
    let (mut clinic, upstream) = clinic(large, "").await;
    let (mut alice, phone) = enrolled(&clinic, "alice").await;
    for size in [100, 2700, 2850, 2900, 3000, 3500, 4080] {
        let page = alice.get(&format!("/big.php?size={size}")).await;
        let line = page
            .set_cookie_line("BIG")
            .unwrap_or_else(|| panic!("{}", page.describe()));
        assert!(line.len() < 4096, "{size}: browsers drop it without a word");
        upstream.clear();
        alice.get("/home.php").await;
        let sent = upstream.only_request().cookies("BIG");
        assert_eq!(sent, [format!("\"{}~\"", "v".repeat(size))], "{size}");
    }
    clinic.restart().await;
    upstream.clear();
    alice.get("/home.php").await;
    assert_eq!(
        upstream.only_request().cookies("BIG")[0].len(),
        4083,
        "after a restart too"
    );
    // Before the login there is no record to keep it in: a plain page that names the cookie.
    let mut visitor = clinic.browser();
    let page = visitor.get("/login.php?size=3500").await;
    assert!(page.status >= 400 && page.has("BIG"), "{}", page.describe());
    all_is_well(&clinic, "alice", &phone).await;
}
