//! Cases 7, 23, 30: requests that are not what they seem, or not from a page.
//! Never the order of two requests; the interleavings have that.

use std::time::Duration;

use anteroom_tests::answer::Answer;
use anteroom_tests::browser::Browser;
use anteroom_tests::h2client::{H2Ask, H2Client};
use anteroom_tests::recorder::{Recorder, Script, Seen};
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::{Clinic, open_enrolment};

use super::oldapp::{self, CANARY, begins_anew, clinic, clinic_with, enrolled, field, straight};
use crate::ward::{CHALLENGE, MINUTE, OURS, all_is_well, knock, nonce, sessions_of};

/// A wiki that takes a login on any page.
fn wiki(seen: &Seen) -> Option<Script> {
    let form = "<form id=\"dw__login\" method=post><input name=\"u\"><input name=\"p\">\
        <input type=hidden name=do value=login></form>";
    let inside = seen
        .header("cookie")
        .is_some_and(|line| line.contains("DW7=in"));
    if seen.method == "POST" && field(seen, "do") == "login" {
        return Some(match field(seen, "p").as_str() {
            "right" => Script::redirect("/doku.php", &["DW7=in; Path=/"]),
            _ => Script::status(403, &[("Content-Type", "text/html")], form),
        });
    }
    Some(if inside {
        Script::ok(CANARY)
    } else {
        Script::ok(form)
    })
}

async fn in_the_wiki() -> (Clinic, Recorder, Browser) {
    let (clinic, upstream) = clinic_with(wiki, &open_enrolment("dokuwiki")).await;
    let mut alice = clinic.browser();
    alice.open("/doku.php?id=start").await;
    alice.submit(&[("u", "alice"), ("p", "right")]).await;
    alice.follow_all().await;
    crate::ward::enrol_here(&mut alice, &clinic).await;
    assert!(
        alice.get("/doku.php").await.has(CANARY),
        "{}",
        alice.page().describe()
    );
    upstream.clear();
    (clinic, upstream, alice)
}

async fn send(alice: &Browser, kind: &str, body: Vec<u8>) -> Result<u16, String> {
    let ask = alice
        .script_ask("POST", "/doku.php?id=note")
        .body(kind, body);
    alice
        .fetch(&ask)
        .await
        .map(|page| page.status)
        .map_err(|why| why.to_string())
}

const FORM: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data; boundary=XX";

fn part(name: &str, value: &str) -> String {
    format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_07_a_login_hidden_in_any_post_of_a_verified_session_is_cut() {
    let (clinic, upstream, mut alice) = in_the_wiki().await;
    let padding = "x".repeat(100_000);
    let hidden = "u=bob&p=right&do=login";
    let parts = format!("{}{}", part("u", "bob"), part("do", "login"));
    for (what, kind, body) in [
        (
            "behind padding",
            FORM,
            format!("wikitext={padding}&{hidden}"),
        ),
        ("in front", FORM, format!("{hidden}&wikitext={padding}")),
        (
            "encoded",
            FORM,
            format!("wikitext={padding}&u=bob&%70=right&do=login"),
        ),
        (
            "as a list",
            FORM,
            format!("wikitext={padding}&u=bob&p[]=right&do=login"),
        ),
        (
            "in parts",
            PARTS,
            format!("{}{parts}{}--XX--\r\n", part("f", &padding), part("p", "r")),
        ),
        (
            "first part",
            PARTS,
            format!("{}{}{parts}--XX--\r\n", part("p", "r"), part("f", &padding)),
        ),
    ] {
        upstream.clear();
        let answer = send(&alice, kind, body.into_bytes()).await;
        assert!(!matches!(answer, Ok(200..=399)), "{what}: {answer:?}");
        let whole = upstream
            .requests()
            .into_iter()
            .filter(|seen| seen.complete)
            .count();
        assert_eq!(whole, 0, "{what}: it reached the wiki whole");
    }
    let page = alice.get("/doku.php?u=bob&p=right&do=login").await;
    assert_eq!(
        page.status,
        400,
        "queries are always scanned: {}",
        page.describe()
    );
    assert!(
        alice.get("/doku.php").await.has(CANARY),
        "her session goes on"
    );
    assert_eq!(sessions_of(&clinic, "alice").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_07_bodies_that_cannot_be_vouched_for_are_refused_and_honest_ones_stream() {
    let (clinic, upstream, alice) = in_the_wiki().await;
    let padding = "x".repeat(100_000);
    let hidden = "u=bob&p=right&do=login";
    for (what, kind) in [
        ("XML", "application/xml"),
        ("text", "text/plain"),
        (
            "two types",
            "application/json, application/x-www-form-urlencoded",
        ),
        ("unknown", "application/x-whatever"),
        ("form data without a boundary", "multipart/form-data"),
    ] {
        upstream.clear();
        let answer = send(&alice, kind, hidden.as_bytes().to_vec()).await;
        assert!(matches!(answer, Ok(400..=499)), "{what}: {answer:?}");
        let whole = upstream
            .requests()
            .into_iter()
            .filter(|seen| seen.complete)
            .count();
        assert_eq!(whole, 0, "{what}");
    }
    // Honest work of any size streams through, byte for byte.
    for (kind, body) in [
        (FORM, format!("wikitext={}&do=save", "y".repeat(300_000))),
        (FORM, "wikitext=u%3Dbob%26p%3Dright&do=save".to_owned()),
        (PARTS, format!("{}--XX--\r\n", part("file", &padding))),
        ("application/json", "{\"p\":1}".to_owned()),
        ("image/png", "PNG".to_owned()),
    ] {
        upstream.clear();
        assert_eq!(
            send(&alice, kind, body.clone().into_bytes()).await,
            Ok(200),
            "{kind}"
        );
        assert_eq!(upstream.only_request().text(), body, "{kind}");
    }
    assert_eq!(sessions_of(&clinic, "alice").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_07_a_plain_login_on_any_page_is_a_login_and_ends_the_running_session() {
    let (clinic, upstream, mut alice) = in_the_wiki().await;
    let body = b"u=bob&p=right&do=login".to_vec();
    let ask = crate::ward::posting(&alice, "/doku.php?id=note", &[]);
    let mut ask = ask;
    ask.body = Some((FORM.to_owned(), body));
    let page = alice.fetch(&ask).await.unwrap();
    assert_eq!(
        page.location(),
        Some("/.anteroom/enrol/method"),
        "{}",
        page.describe()
    );
    begins_anew(&upstream.requests());
    assert!(!alice.get("/doku.php").await.everything().contains(CANARY));
    assert_eq!(sessions_of(&clinic, "alice").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_23_a_null_origin_passes_only_with_the_browsers_own_word_for_it() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = crate::ward::enrolled(&clinic, crate::ward::ALICE).await;
    clinic.world.clock.next_step();
    let mut alice = crate::ward::at_challenge(&clinic, crate::ward::ALICE).await;
    assert_eq!(alice.page().header("referrer-policy"), Some("same-origin"));
    let form = nonce(alice.page());
    let body = format!("nonce={form}&code={}", phone.code_at(&clinic.world.clock));
    let cookie = alice.cookie(OURS).unwrap();
    let post = async |fields: &str| -> Answer {
        let request = format!(
            "POST {CHALLENGE} HTTP/1.1¶Host: emr.test¶{fields}Cookie: {OURS}={cookie}¶\
             Content-Type: {FORM}¶Content-Length: {}¶¶{body}",
            body.len()
        );
        knock(&clinic, &request).await.unwrap()
    };
    let alone = post("Accept: text/html¶Origin: null¶").await;
    assert_eq!(alone.status, 403, "{}", alone.everything());
    let vouched = "Sec-Fetch-Site: same-origin¶Sec-Fetch-Mode: navigate¶Sec-Fetch-Dest: document¶";
    let answer = post(&format!("{vouched}Origin: null¶")).await;
    assert_eq!(answer.status, 303, "{}", answer.everything());
    // Older browsers say no more than Origin, or Referer: an equal one is enough.
    for field in [
        "Origin: https://emr.test¶",
        "Referer: https://emr.test/.anteroom/challenge¶",
    ] {
        let again = post(&format!("Accept: text/html¶{field}")).await;
        assert_eq!(again.status, 303, "{field} {}", again.everything());
    }
    alice.get("/").await;
    all_is_well(&clinic, crate::ward::ALICE, &phone).await;
}

/// A script, a picture, a helper program: each gets 401 and a word, never a redirect or a page.
async fn only_401(browser: &mut Browser, state: &str) {
    let helper = {
        let ask = browser.script_ask("GET", "/report.php");
        let bare = ["Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"];
        bare.iter()
            .fold(ask, |ask, name| ask.with(name, ""))
            .with("Accept", "*/*")
    };
    let helper = browser.fetch(&helper).await.unwrap();
    let pages = [
        browser.xhr("GET", "/note.php").await,
        browser.xhr_form("/note.php", &[("note", "text")]).await,
        browser.xhr_json("POST", "/note.php", "{}").await,
        browser.load("image", "/scan.php").await,
        helper,
    ];
    for page in pages {
        assert_eq!(page.status, 401, "{state}: {}", page.describe());
        assert_eq!(
            page.header("content-type"),
            Some("application/problem+json"),
            "{state}"
        );
        assert_eq!(page.header("cache-control"), Some("no-store"), "{state}");
        assert!(
            page.json()["challenge"].as_str().unwrap().starts_with('/'),
            "{state}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_30_what_is_no_page_load_gets_401_and_never_a_page() {
    let (clinic, upstream) = clinic(straight, "").await;
    let (mut locked, phone) = enrolled(&clinic, "alice").await;
    let mut ended = oldapp::sign_in(&clinic, "alice", &phone).await;
    crate::ward::sign_out(&ended).await;
    let mut nobody = clinic.browser();
    nobody.get("/login.php").await;
    clinic.world.clock.advance(16 * MINUTE);
    clinic.world.clock.next_step();
    let mut pending = clinic.browser();
    oldapp::password(&mut pending, "alice", "right").await;
    let mut tainted = clinic.browser();
    oldapp::password(&mut tainted, "alice", "wrong").await;
    upstream.clear();
    for (state, browser) in [
        ("nobody", &mut nobody),
        ("tainted", &mut tainted),
        ("pending", &mut pending),
        ("locked", &mut locked),
        ("ended", &mut ended),
    ] {
        only_401(browser, state).await;
    }
    assert!(upstream.requests().is_empty(), "{:#?}", upstream.requests());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_30_over_http_2_a_refusal_ends_its_stream_and_not_the_upload_beside_it() {
    let (clinic, upstream) = clinic(straight, "").await;
    let (alice, _) = enrolled(&clinic, "alice").await;
    let (ours, theirs) = (
        alice.cookie(OURS).unwrap(),
        alice.cookie("PHPSESSID").unwrap(),
    );
    let trust = clinic.world.internet.trust();
    let client = H2Client::tls(clinic.addr, trust, Sni::Name("emr.test"))
        .await
        .unwrap();
    let signed = |ask: H2Ask| {
        ask.crumb(&format!("{OURS}={ours}"))
            .crumb(&format!("PHPSESSID={theirs}"))
    };
    upstream.clear();
    let upload = signed(H2Ask::new("POST", "https://emr.test/upload.php"));
    let upload = upload.field("content-type", "application/dicom");
    let mut upload = client.open(&upload).await.unwrap();
    upload.send(vec![b'a'; 100_000]).await.unwrap();
    assert!(upstream.wait_for_heads(1, Duration::from_secs(5)).await);
    let other = client.ask(H2Ask::get("https://emr2.test/chart.php")).await;
    assert!(
        other.as_ref().is_ok_and(|answer| answer.status == 421),
        "{other:?}"
    );
    for (what, ask) in [
        ("a method", H2Ask::new("TRACE", "https://emr.test/")),
        (
            "a path",
            H2Ask::get("https://emr.test/static/%2e%2e/chart.php"),
        ),
        (
            "two names",
            H2Ask::get("https://emr.test/").field("host", "emr2.test"),
        ),
        (
            "a large head",
            H2Ask::get("https://emr.test/").field("x", &"x".repeat(40_000)),
        ),
        (
            "our cookie twice",
            signed(signed(H2Ask::get("https://emr.test/home.php"))),
        ),
        (
            "a stranger's login",
            H2Ask::form("https://emr.test/login.php", "username=a&username=b"),
        ),
    ] {
        match client.ask(ask).await {
            Ok(answer) => assert!((400..=501).contains(&answer.status), "{what}: {answer:?}"),
            Err(why) => {
                let one = matches!(why, anteroom_tests::answer::NoAnswer::StreamReset(_));
                assert!(one, "{what}: {why}");
            }
        }
        assert!(!client.is_closed(), "{what} ended the whole connection");
    }
    upload.send(vec![b'b'; 100_000]).await.unwrap();
    upload.finish().unwrap();
    let answer = upload.whole().await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.everything());
    assert_eq!(
        upstream.only_request().body.len(),
        200_000,
        "the upload arrived whole"
    );
}
