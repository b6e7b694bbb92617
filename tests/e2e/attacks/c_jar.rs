//! Family C, the browser's jar: tossed, doubled, renamed and oversized cookies. What does not open
//! for this session is dropped, which locks nobody out; only two values that both open are refused.

use std::time::{Duration, Instant};

use anteroom_tests::answer::{Answer, NoAnswer};
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::jar::Use;
use anteroom_tests::browser::url::Url;
use anteroom_tests::h2client::{H2Ask, H2Client};
use anteroom_tests::phone::Phone;
use anteroom_tests::raw::RawClient;
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::Clinic;

use super::legacy::{CANARY, CHART, Done, Legacy, all_is_well, enrolled, sees};
use super::records::{clinic_at, cookie_field};
use crate::ward::{OURS, knock};

struct Stage {
    legacy: Legacy,
    clinic: Clinic,
    alice: Browser,
    phone: Phone,
}

async fn stage_with(lines: &str) -> Stage {
    let legacy = Legacy::start().await;
    let clinic = clinic_at(&format!("http://{}", legacy.recorder.addr()), lines).await;
    let (alice, phone) = enrolled(&clinic, clinic.browser(), "alice").await;
    Stage {
        legacy,
        clinic,
        alice,
        phone,
    }
}

async fn stage() -> Stage {
    stage_with("").await
}

impl Stage {
    fn cookie(&self, name: &str) -> String {
        self.alice
            .cookie(name)
            .unwrap_or_else(|| panic!("she has {name}"))
    }

    /// Asks for the chart with exactly these `Cookie` fields; gives what reached the app too.
    async fn ask(&self, fields: &[&str]) -> (Answer, Vec<Done>) {
        self.legacy.done();
        let fields: String = fields
            .iter()
            .map(|field| format!("Cookie: {field}¶"))
            .collect();
        let request = format!("GET {CHART} HTTP/1.1¶Host: emr.test¶Accept: text/html¶{fields}¶");
        let answer = knock(&self.clinic, &request).await.expect("an answer");
        (answer, self.legacy.done())
    }

    async fn is_well(&mut self) {
        assert!(
            sees(&mut self.alice, "alice").await,
            "{}",
            self.alice.page().describe()
        );
        self.clinic.world.clock.next_step();
        all_is_well(&self.clinic, "alice", &self.phone).await;
    }
}

fn at(address: &str) -> Url {
    Url::parse(address).expect("an address")
}

fn asked_by(url: &Url) -> Use<'_> {
    Use {
        url,
        initiator: None,
        top_level: true,
        method: "GET",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c06_cookies_tossed_by_a_sibling_are_dropped_and_lock_nobody_out() {
    let mut stage = stage().await;
    let sibling = at("https://evil.emr.test/");
    for line in [
        "PHPSESSID=upstream-session-0001-of-the-legacy-app; Domain=emr.test; Path=/chart.php",
        "PHPSESSID=x; Domain=emr.test; Path=/",
        "__host-anteroom=x; Domain=emr.test; Path=/",
        "__HOST-anteroom=x; Domain=emr.test",
        "__Host-anteroom=x; Domain=emr.test; Path=/; Secure",
        "phpsessid=x; Domain=emr.test",
        "=__Host-anteroom=x; Domain=emr.test",
    ] {
        // The jar takes what a browser would take; some of these it refuses by itself.
        stage.alice.jar().set(line, asked_by(&sibling));
        stage.legacy.done();
        assert!(
            sees(&mut stage.alice, "alice").await,
            "{line}: {}",
            stage.alice.page().describe()
        );
        let done = stage.legacy.done();
        assert_eq!(done.len(), 1, "{line}: {done:?}");
        assert_eq!(
            done[0].user.as_deref(),
            Some("alice"),
            "{line}: the first value is hers"
        );
    }
    let seen = stage.legacy.recorder.requests().pop().expect("a request");
    assert_eq!(seen.headers.all("cookie").len(), 1);
    assert_eq!(
        seen.cookies("PHPSESSID").len(),
        1,
        "{:?}",
        seen.header("cookie")
    );
    assert!(
        !seen
            .header("cookie")
            .unwrap_or_default()
            .contains("anteroom")
    );
    // Somebody on the wire, speaking for http://emr.test, cannot even replace ours.
    let plain = at("http://emr.test/");
    let ours = stage.cookie(OURS);
    for line in [
        "__Host-anteroom=x; Path=/",
        "__Host-anteroom=x; Path=/; Secure",
        "PHPSESSID=x; Path=/",
        "PHPSESSID=x; Path=/chart.php",
    ] {
        stage.alice.jar().set(line, asked_by(&plain));
        assert_eq!(stage.cookie(OURS), ours);
        assert!(sees(&mut stage.alice, "alice").await, "{line}");
    }
    stage.is_well().await;
}

/// Case 20: cookies that scripts own log nobody in, and two of them are no reason to refuse.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c06_a_plain_cookie_on_two_paths_locks_nobody_out() {
    let mut stage = stage_with("[app.login.cookies]\nplain = [\"theme\"]\n").await;
    let page = at("https://emr.test/chart.php");
    stage
        .alice
        .jar()
        .set_by_script("theme=near; Path=/chart.php", &page);
    stage.alice.jar().set_by_script("theme=far; Path=/", &page);
    assert!(
        sees(&mut stage.alice, "alice").await,
        "{}",
        stage.alice.page().describe()
    );
    let seen = stage.legacy.recorder.requests().pop().expect("a request");
    assert_eq!(seen.cookies("theme"), ["near"]);
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c07_our_cookie_twice_is_refused_whatever_stands_in_it() {
    let mut stage = stage().await;
    let (ours, app) = (stage.cookie(OURS), stage.cookie("PHPSESSID"));
    let (one, junk) = (format!("{OURS}={ours}"), format!("{OURS}=junk"));
    let app = format!("PHPSESSID={app}");
    for fields in [
        vec![format!("{one}; {one}; {app}")],
        vec![format!("{one}; {junk}; {app}")],
        vec![format!("{junk}; {one}; {app}")],
        vec![one.clone(), one.clone(), app.clone()],
        vec![junk.clone(), format!("{one}; {app}")],
        vec![format!("{app}; {one}"), junk.clone()],
        vec![format!("{one}; {app}; {OURS}=")],
    ] {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let (answer, done) = stage.ask(&fields).await;
        assert_eq!(answer.status, 400, "{fields:?}: {}", answer.everything());
        assert!(!answer.everything().contains(CANARY));
        assert_eq!(done, [], "{fields:?}");
    }
    // Control: once, in one field or two, it is hers.
    for fields in [
        vec![format!("{one}; {app}")],
        vec![app.clone(), one.clone()],
    ] {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let (answer, done) = stage.ask(&fields).await;
        assert!(answer.has(CANARY), "{fields:?}: {}", answer.everything());
        assert_eq!(done.len(), 1);
    }
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c07_of_two_app_sessions_only_what_opens_counts_and_two_that_open_are_refused() {
    let mut stage = stage().await;
    let ours = format!("{OURS}={}", stage.cookie(OURS));
    let hers = format!("PHPSESSID={}", stage.cookie("PHPSESSID"));
    let (mallory, _) = enrolled(&stage.clinic, stage.clinic.browser(), "mallory").await;
    let theirs = format!("PHPSESSID={}", mallory.cookie("PHPSESSID").expect("sealed"));
    let raw = "PHPSESSID=upstream-session-0001-of-the-legacy-app";
    for other in [theirs.as_str(), raw, "PHPSESSID=", "PHPSESSID"] {
        for fields in [
            vec![format!("{ours}; {hers}; {other}")],
            vec![format!("{ours}; {other}; {hers}")],
            vec![other.to_owned(), format!("{ours}; {hers}")],
            vec![format!("{hers}; {ours}"), other.to_owned()],
            vec![format!("{ours}; {hers}; {hers}; {other}")],
        ] {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            let (answer, done) = stage.ask(&fields).await;
            assert!(
                answer.has("Seen by alice"),
                "{fields:?}: {}",
                answer.everything()
            );
            assert_eq!(done.len(), 1, "{fields:?}");
            let seen = stage.legacy.recorder.requests().pop().expect("a request");
            assert_eq!(
                seen.cookies("PHPSESSID").len(),
                1,
                "{:?}",
                seen.header("cookie")
            );
        }
    }
    // Two that both open: her app gave her both.
    let old = stage.alice.thief();
    stage.alice.get("/rotate.php").await;
    let new = format!("PHPSESSID={}", stage.cookie("PHPSESSID"));
    let old = format!("PHPSESSID={}", old.cookie("PHPSESSID").expect("sealed"));
    for fields in [
        vec![format!("{ours}; {old}; {new}")],
        vec![format!("{ours}; {new}; {old}")],
        vec![format!("{ours}; {new}"), old.clone()],
    ] {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let (answer, done) = stage.ask(&fields).await;
        assert_eq!(answer.status, 400, "{}", answer.everything());
        assert_eq!(done, []);
        let cleared = answer.set_cookies();
        assert!(
            cleared.iter().all(|line| line.starts_with("PHPSESSID=;")),
            "{cleared:?}"
        );
        assert!(
            !cleared.is_empty(),
            "the page makes the browser forget both"
        );
    }
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c08_no_alias_of_a_cookie_reaches_the_app() {
    let mut stage = stage_with(
        "[app.login.cookies]\nlogin = [\"my_sess\", \"PHPSESSID\"]\nplain = [\"theme\"]\n",
    )
    .await;
    let stolen = stage
        .legacy
        .sessions_of("alice")
        .pop()
        .expect("her session upstream");
    let ours = format!("{OURS}={}", stage.cookie(OURS));
    let hers = format!("PHPSESSID={}", stage.cookie("PHPSESSID"));
    for alias in [
        format!("my.sess={stolen}"),
        format!("my sess={stolen}"),
        format!("%6dy_sess={stolen}"),
        format!("MY_SESS={stolen}"),
        format!("my_sess={stolen}"),
        format!("my_sess=\"{stolen}\""),
        format!("$Version=1; my_sess={stolen}; $Path=/"),
        format!("a=1,my_sess={stolen}"),
        format!("=my_sess={stolen}"),
        format!("my_sess[]={stolen}"),
        format!("phpsessid={stolen}"),
        format!("PHPSESSID[]={stolen}"),
        format!("PHPSESSID={stolen}"),
        format!("theme=x,my_sess={stolen}"),
        format!("theme=\"x, PHPSESSID={stolen}\""),
        format!("theme.={stolen}"),
    ] {
        for field in [
            format!("{alias}; {ours}; {hers}"),
            format!("{ours}; {hers}; {alias}"),
        ] {
            let (answer, _) = stage.ask(&[&field]).await;
            assert!(
                answer.has("Seen by alice"),
                "{alias}: {}",
                answer.everything()
            );
            let seen = stage.legacy.recorder.requests().pop().expect("a request");
            let line = seen.header("cookie").unwrap_or_default().to_owned();
            assert_eq!(line, format!("PHPSESSID={stolen}"), "{alias}");
        }
        // And with nobody's cookie of ours it is worth nothing at all.
        let (answer, done) = stage.ask(&[&alias]).await;
        assert!(!answer.everything().contains(CANARY), "{alias}");
        assert_eq!(done, [], "{alias}");
    }
    // Control: a plain one goes as it came.
    let (_, done) = stage
        .ask(&[&format!("{ours}; {hers}; theme=dark blue")])
        .await;
    assert_eq!(done.len(), 1);
    let seen = stage.legacy.recorder.requests().pop().expect("a request");
    assert_eq!(seen.cookies("theme"), ["dark blue"]);
    stage.is_well().await;
}

async fn bomb(clinic: &Clinic, fields: &str) -> Result<Answer, NoAnswer> {
    let mut client = RawClient::tls(clinic.addr, Sni::Name("emr.test"))
        .await
        .expect("TLS");
    let request = format!("GET {CHART} HTTP/1.1¶Host: emr.test¶Accept: text/html¶{fields}¶");
    // The refusal may come while we still write.
    let _ = client.send(anteroom_tests::raw::crlf(&request)).await;
    client.answer().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c09_cookies_too_large_are_refused_at_once_and_the_page_clears_them() {
    let mut stage = stage().await;
    let hers = cookie_field(&stage.alice);
    let many: String = (0..300)
        .map(|n| format!("c{n}={}; ", "x".repeat(200)))
        .collect();
    for (what, fields) in [
        (
            "one of 64 KB",
            format!("Cookie: bomb={}¶", "x".repeat(64 << 10)),
        ),
        (
            "hers and one of 64 KB",
            format!("{hers}; bomb={}¶", "x".repeat(64 << 10)),
        ),
        ("three hundred", format!("Cookie: {many}¶")),
        ("three hundred fields", "Cookie: a=1¶".repeat(300)),
        (
            "a megabyte",
            format!("Cookie: bomb={}¶", "x".repeat(1 << 20)),
        ),
    ] {
        let begun = Instant::now();
        stage.legacy.done();
        match bomb(&stage.clinic, &fields).await {
            // pingora's own bounds, before ours: 256 fields, a megabyte. No browser's cookies get
            // there.
            Ok(answer) if what == "three hundred fields" || what == "a megabyte" => {
                assert!(
                    matches!(answer.status, 400 | 431),
                    "{what}: {}",
                    answer.everything()
                );
            }
            Ok(answer) => {
                assert_eq!(answer.status, 431, "{what}: {}", answer.everything());
                assert_eq!(
                    answer.header("clear-site-data"),
                    Some("\"cookies\""),
                    "{what}"
                );
            }
            // It may also be a bare close.
            Err(NoAnswer::Closed { .. } | NoAnswer::Broken(_)) if what == "a megabyte" => {}
            Err(other) => panic!("{what}: {other}"),
        }
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "{what}: {:?}",
            begun.elapsed()
        );
        assert_eq!(stage.legacy.done(), [], "{what}");
    }
    assert!(sees(&mut stage.alice, "alice").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c09_a_jar_that_a_script_filled_is_emptied_and_she_can_sign_in_again() {
    let mut stage = stage().await;
    stage.legacy.done();
    // Over HTTP/2 as well: one header list, bounded.
    let trust = stage.clinic.world.internet.trust();
    let client = H2Client::tls(stage.clinic.addr, trust, Sni::Name("emr.test"))
        .await
        .expect("h2");
    let ask =
        H2Ask::get("https://emr.test/chart.php").crumb(&format!("b={}", "x".repeat(40 << 10)));
    if let Ok(answer) = client.ask(ask.field("accept", "text/html")).await {
        assert_eq!(answer.status, 431, "{}", answer.everything());
        assert_eq!(answer.header("clear-site-data"), Some("\"cookies\""));
    }
    assert_eq!(stage.legacy.done(), []);
    let page = at("https://emr.test/chart.php");
    for n in 0..40 {
        let line = format!("junk{n}={}; Path=/", "x".repeat(2000));
        stage.alice.jar().set_by_script(&line, &page);
    }
    let refused = stage.alice.get(CHART).await;
    assert_eq!(refused.status, 431, "{}", refused.describe());
    assert!(
        stage.alice.jar().all().is_empty(),
        "{:?}",
        stage.alice.jar().all()
    );
    assert_eq!(stage.alice.open(CHART).await.path(), "/login.php");
    stage.clinic.world.clock.next_step();
    all_is_well(&stage.clinic, "alice", &stage.phone).await;
}
