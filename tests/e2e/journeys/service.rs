//! The real binary as a service: signals, certificates, operators beside it, large files.
//! What happens when it is killed is `crash`'s.

use std::time::{Duration, Instant};

use anteroom_tests::browser::Browser;
use anteroom_tests::h2client::{H2Ask, H2Client};
use anteroom_tests::raw::RawClient;
use anteroom_tests::tls::{Sni, TestCa, Trust};
use anteroom_tests::wire::Wire;
use anteroom_tests::world::binary::{Binary, Site};
use anteroom_tests::world::start::{eventually, open_enrolment};

use super::people::{ALICE, BOB, codes_on, must_be_in, must_be_out, password, type_code};
use super::streams::cookie_line;
use super::wards::Ward;

/// Wardbook at `emr.test`, behind the real binary.
pub async fn real(ward: &Ward, more: &str) -> Binary {
    Binary::start(Site {
        lines: app("emr", ward, more),
        hosts: vec!["emr.test".to_owned()],
    })
    .await
}

fn app(name: &str, ward: &Ward, more: &str) -> String {
    format!(
        "[[app]]\nname = \"{name}\"\nhosts = [\"{name}.test\"]\nupstreams = [\"{}\"]\n{}{more}\n",
        ward.upstream,
        open_enrolment("demo")
    )
}

/// Enrols by the machine's clock; gives the recovery codes.
pub async fn enrol_now(
    binary: &Binary,
    browser: &mut Browser,
    login: super::people::Login,
) -> Vec<String> {
    password(browser, login).await;
    browser.take_phone().await;
    let phone = anteroom_tests::phone::Phone::scan(browser.page()).expect("a QR code");
    type_code(browser, &phone.code(binary.now())).await;
    let codes = codes_on(browser.page());
    assert_eq!(codes.len(), 10, "{}", browser.page().describe());
    browser.press("I have saved them", &[]).await;
    browser.follow_all().await;
    must_be_in(browser).await;
    codes
}

async fn accepted(binary: &Binary, trust: &Trust, name: &str) -> bool {
    Wire::tls(binary.addr, trust, Sni::Name(name), &["http/1.1"])
        .await
        .is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hangup_reads_certificates_again_each_host_has_its_own_and_a_broken_file_changes_nothing()
{
    let (one, two) = (Ward::open().await, Ward::open().await);
    let lines = app("north", &one, "") + &app("south", &two, "");
    let hosts = vec!["north.test".to_owned(), "south.test".to_owned()];
    let binary = Binary::start(Site { lines, hosts }).await;
    let old = binary.world.ca.trust();
    for name in ["north.test", "south.test"] {
        assert!(accepted(&binary, &old, name).await, "{name}");
    }
    assert!(
        !accepted(&binary, &Trust::anyone(), "east.test").await,
        "a name nobody serves"
    );
    let mut browser = binary.browser();
    enrol_now(&binary, &mut browser, ALICE).await;

    let next = TestCa::new();
    binary.world.file("north.test.chain", "no certificate");
    binary.signal("HUP");
    eventually("it says what is wrong", async || {
        binary.said().contains("those in use stay")
    })
    .await;
    assert!(accepted(&binary, &old, "north.test").await);
    let identity = next.identity(&["north.test"]);
    binary.world.file("north.test.chain", &identity.cert_pem);
    binary.world.file("north.test.private", &identity.key_pem);
    binary.signal("HUP");
    eventually("the new certificate is served", async || {
        accepted(&binary, &next.trust(), "north.test").await
    })
    .await;
    assert!(!accepted(&binary, &old, "north.test").await);
    assert!(
        accepted(&binary, &old, "south.test").await,
        "the neighbour keeps its own"
    );
    // Her connection is still the one from before, and works.
    must_be_in(&mut browser).await;
    assert!(!binary.said().contains("PRIVATE KEY"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_finishes_a_running_download_and_nobody_loses_her_session() {
    let ward = Ward::open().await;
    let mut binary = real(&ward, "").await;
    let mut browser = binary.browser();
    enrol_now(&binary, &mut browser, ALICE).await;
    let mut download = get(&binary, &browser, "/download/big?mb=20").await;
    assert_eq!(download.head().await.unwrap().status, 200);
    let mut seen = download.some().await.unwrap().len();
    binary.signal("TERM");
    eventually("it stops", async || binary.said().contains("stopping")).await;
    eventually("nobody new gets in", async || {
        Wire::plain(binary.addr).await.is_err()
    })
    .await;
    while let Ok(piece) = download.some().await {
        seen += piece.len();
    }
    assert_eq!(seen, 20 * 1024 * 1024, "the download was cut");
    let begun = Instant::now();
    assert!(binary.ended().await.success(), "{}", binary.said());
    assert!(begun.elapsed() < Duration::from_secs(10));
    binary.run().await;
    must_be_in(&mut browser).await;
}

/// A GET with this browser's cookies on a connection of its own.
async fn get(binary: &Binary, browser: &Browser, target: &str) -> RawClient {
    let mut raw = RawClient::tls(binary.addr, Sni::Name("emr.test"))
        .await
        .unwrap();
    let cookies = cookie_line(browser);
    raw.say(&format!(
        "GET {target} HTTP/1.1¶Host: emr.test¶Cookie: {cookies}¶¶"
    ))
    .await;
    raw
}

const MIB: usize = 1024 * 1024;
const LARGE: usize = 200 * MIB;
/// How much more memory it may take while 200 MB go through.
const FLAT: u64 = 40 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_megabytes_flow_each_way_in_flat_memory() {
    let ward = Ward::open().await;
    let binary = real(&ward, "").await;
    let mut browser = binary.browser();
    enrol_now(&binary, &mut browser, ALICE).await;
    browser.get("/files").await;
    let token = browser
        .form_with(&[("file", "")])
        .field("_token")
        .unwrap()
        .value
        .clone();
    let before = binary.memory();

    let mut down = get(&binary, &browser, "/download/big?mb=200").await;
    assert_eq!(down.head().await.unwrap().status, 200);
    let (mut seen, mut highest) = (0, before);
    while seen < LARGE {
        let piece = down.some().await.unwrap();
        // Byte n of the study is n modulo 251.
        assert_eq!(usize::from(piece[0]), seen % 251);
        seen += piece.len();
        highest = highest.max(binary.memory());
    }
    assert_eq!(seen, LARGE);

    // Up, over HTTP/2, in pieces.
    let trust = binary.world.ca.trust();
    let h2 = H2Client::tls(binary.addr, &trust, Sni::Name("emr.test"))
        .await
        .unwrap();
    let ask = H2Ask::new("POST", "https://emr.test/files")
        .field("content-type", "multipart/form-data; boundary=b0undary")
        .field("origin", "https://emr.test")
        .crumb(&cookie_line(&browser));
    let mut up = h2.open(&ask).await.unwrap();
    let head = format!(
        "--b0undary\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\n{token}\r\n\
         --b0undary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"ct.bin\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    up.send(head.into_bytes()).await.unwrap();
    let piece = bytes::Bytes::from(vec![b'x'; MIB]);
    for _ in 0..LARGE / MIB {
        up.send(piece.clone()).await.unwrap();
        highest = highest.max(binary.memory());
    }
    up.send("\r\n--b0undary--\r\n").await.unwrap();
    up.finish().unwrap();
    let answer = up.whole().await.unwrap();
    assert_eq!(answer.status, 302, "{}", answer.everything());
    let list = browser.xhr("GET", "/api/files.json").await.json();
    assert_eq!(list[0]["length"].as_u64(), Some(LARGE as u64), "{list}");
    let after = binary.memory();
    assert!(
        highest - before < FLAT,
        "{before} kB before, {highest} kB at most, {after} after"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_beside_the_running_service_ends_sessions_and_hands_out_codes() {
    let ward = Ward::open().await;
    let binary = real(&ward, "").await;
    let mut browser = binary.browser();
    enrol_now(&binary, &mut browser, ALICE).await;
    let list = binary.operate(&["subscriber", "list", "--json"]).await;
    let text = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(list.status.success() && text.contains("alice"), "{text}");
    assert!(!text.contains("secret"), "{text}");

    let reset = [
        "subscriber",
        "reset",
        "alice",
        "--reason",
        "phone lost",
        "--yes",
    ];
    let done = binary.operate(&reset).await;
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let ended = eventually("the session ends", async || {
        browser.new_tab().get("/patients/1001").await.status != 200
    });
    assert!(
        tokio::time::timeout(Duration::from_secs(2), ended)
            .await
            .is_ok()
    );
    let mut again = binary.browser();
    password(&mut again, ALICE).await;
    assert_eq!(
        again.page().path(),
        "/.anteroom/enrol/code",
        "{}",
        again.page().describe()
    );
    enrol_by_code(&binary, &mut again).await;

    let suspended = [
        "subscriber",
        "suspend",
        "alice",
        "--reason",
        "left",
        "--yes",
    ];
    assert!(binary.operate(&suspended).await.status.success());
    eventually("she is out", async || {
        again.new_tab().get("/patients/1001").await.status != 200
    })
    .await;
    must_be_out(&mut again).await;
    let verified = binary.operate(&["audit", "verify"]).await;
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stderr)
    );
    enrol_now(&binary, &mut binary.browser(), BOB).await;
}

/// The operator prints a code, she types it, scans and saves.
async fn enrol_by_code(binary: &Binary, again: &mut Browser) {
    let issued = binary.operate(&["enrol-code", "alice"]).await;
    let printed = String::from_utf8_lossy(&issued.stdout).into_owned();
    let code = printed
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
        .find(|word| word.len() == 9 && word.as_bytes()[4] == b'-')
        .unwrap_or_else(|| panic!("no code in {printed:?}"));
    type_code(again, code).await;
    assert_eq!(
        again.page().path(),
        "/.anteroom/enrol/method",
        "{}",
        again.page().describe()
    );
    again.take_phone().await;
    let phone = anteroom_tests::phone::Phone::scan(again.page()).unwrap();
    type_code(again, &phone.code(binary.now())).await;
    assert_eq!(codes_on(again.page()).len(), 10);
    again.press("I have saved them", &[]).await;
    again.follow_all().await;
    must_be_in(again).await;
}
