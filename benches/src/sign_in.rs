//! The sign-in itself at 100,000 subscribers: login POST to challenge, code POST to release.
//!
//! The subscribers are rows of the real store; the people who sign in are enrolled through the
//! store's own methods and then walk the real pages over sockets. What the app itself takes is
//! subtracted by measuring it.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anteroom_config::ambient::Ambient;
use anteroom_core::time::Timestamp;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::send::Internet;
use anteroom_tests::phone::Phone;
use anteroom_tests::tls::Trust;
use anteroom_tests::world::TestClock;

use crate::report::{percentile, table};
use crate::{peers, product};

const PEOPLE: usize = 100;

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// Fills the store and measures: `sign-in [SUBSCRIBERS]`.
pub fn run(words: &[String]) {
    let subscribers: usize = words.first().map_or(100_000, |word| word.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let upstream_port = anteroom_tests::ports::free_port();
    let Some(_upstream) = peers::upstream(dir.path(), upstream_port) else {
        return;
    };
    let upstream = format!("http://127.0.0.1:{upstream_port}");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let settings =
            anteroom_config::parse(&product::config(0, &upstream, 1), dir.path()).unwrap();
        let ambient = Ambient::system();
        let composed = anteroom::compose::open(settings, &ambient).await.unwrap();
        fill(&composed.store, subscribers).await;
        let running = composed.start().await.unwrap();
        measure(running.addresses[0], subscribers).await;
        tokio::task::spawn_blocking(move || running.stop())
            .await
            .unwrap();
    });
}

/// Rows for people who never sign in here: invited, with a code that nobody uses.
async fn fill(store: &anteroom_store::Store, subscribers: usize) {
    use anteroom_core::enrolment::EnrolmentCode;
    use anteroom_core::fold::fold;
    use anteroom_store::{EnrolmentCodeIssue, Paper};
    let began = Instant::now();
    let at = Timestamp::from_secs(i64::try_from(now()).unwrap());
    for number in 0..subscribers {
        let name = format!("clinician.{number:06}");
        let folded = fold(&name).unwrap();
        let mut random = [0_u8; 5];
        random[1..].copy_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
        let issue = EnrolmentCodeIssue {
            realm: "bench",
            tenant: "",
            display: &name,
            folded: &folded,
            spelling_key: &name,
            code: &EnrolmentCode::mint(&random),
            expires_at: at.plus(std::time::Duration::from_secs(86_400)),
            paper: Paper::of("bench", at),
        };
        store.enrolment_code_issue(issue).await.unwrap();
        if number % 20_000 == 19_999 {
            println!(
                "  {} subscribers after {:.0} s",
                number + 1,
                began.elapsed().as_secs_f64()
            );
        }
    }
}

async fn measure(address: SocketAddr, subscribers: usize) {
    let clock = TestClock::new();
    let internet = Internet::new(clock.clone(), Trust::anyone());
    let (mut logins, mut releases) = (Vec::new(), Vec::new());
    let mut phones = Vec::new();
    for person in 0..PEOPLE {
        clock.set_ms(i64::try_from(now() * 1000).unwrap());
        let mut browser = Browser::new(&internet, &format!("http://{address}"));
        browser.open("/login").await;
        browser
            .submit(&[("username", &format!("doctor{person}")), ("password", "x")])
            .await;
        browser.follow_all().await;
        browser.take_phone().await;
        let phone = Phone::scan(browser.page()).expect("a QR code");
        // The step before this one is the first code; this step's is free for the measured sign-in.
        browser.submit(&[("code", &phone.code(now() - 30))]).await;
        browser.follow_all().await;
        browser.submit(&[]).await;
        phones.push(phone);
    }
    for (person, phone) in phones.iter().enumerate() {
        clock.set_ms(i64::try_from(now() * 1000).unwrap());
        let mut browser = Browser::new(&internet, &format!("http://{address}"));
        browser.open("/login").await;
        let began = Instant::now();
        browser
            .submit(&[("username", &format!("doctor{person}")), ("password", "x")])
            .await;
        logins.push(began.elapsed().as_secs_f64() * 1e3);
        browser.follow_all().await;
        assert_eq!(
            browser.page().path(),
            "/.anteroom/challenge",
            "{}",
            browser.page().describe()
        );
        let code = phone.code(now());
        let began = Instant::now();
        browser.submit(&[("code", &code)]).await;
        releases.push(began.elapsed().as_secs_f64() * 1e3);
        assert!(
            browser.page().is_redirect(),
            "{}",
            browser.page().describe()
        );
    }
    println!("\nsign-in over sockets at {subscribers} subscribers in SQLite, {PEOPLE} people, ms");
    let row = |name: &str, times: &mut Vec<f64>, budget: &str| {
        let p50 = percentile(times, 0.5);
        vec![
            name.to_owned(),
            format!("{p50:.2}"),
            format!("{:.2}", percentile(times, 0.99)),
            budget.to_owned(),
        ]
    };
    table(
        &["step", "p50", "p99", "budget p99"],
        &[
            row(
                "login POST to challenge, the app's own time included",
                &mut logins,
                "5",
            ),
            row("code POST to release", &mut releases, "10"),
        ],
    );
}

/// Signs `count` sessions of one person into a running product, through its store and its cookie.
pub fn sessions_in(dir: &Path, port: u16, count: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let text = product::config(port, "http://127.0.0.1:9", 1);
        let settings = anteroom_config::parse(&text, dir).unwrap();
        let ambient = Ambient::system();
        let composed = anteroom::compose::open(settings, &ambient).await.unwrap();
        let entries: Vec<(String, [u8; 32])> = composed.keys.keys.clone();
        anteroom_gateway::cookies::provider::install();
        let keys = anteroom_gateway::keys::Keys::new(&entries);
        let app = anteroom_core::ids::AppName::new("bench");
        let at = Timestamp::from_secs(i64::try_from(now()).unwrap());
        let end = at.plus(std::time::Duration::from_secs(36_000));
        let mut client = tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .unwrap();
        for number in 0..count {
            let mut bytes = [0_u8; 32];
            bytes[..8].copy_from_slice(&(number as u64 + 1).to_be_bytes());
            let id = anteroom_core::ids::SessionId::new(bytes);
            let hash = anteroom_gateway::keys::hash_session(&id);
            open_session(&composed.store, &app, hash, at, end).await;
            let value = anteroom_gateway::cookies::token::sign(&keys, &id, &app, at, end).unwrap();
            touch(&mut client, &value).await;
        }
    });
}

async fn open_session(
    store: &anteroom_store::Store,
    app: &anteroom_core::ids::AppName,
    hash: anteroom_core::ids::SessionHash,
    now: Timestamp,
    ends_at: Timestamp,
) {
    use anteroom_store::{SingleFactor, Taint, TypedIdentity};
    let mut tainted = hash;
    tainted.0[31] ^= 0xff;
    let client = std::net::IpAddr::from([127, 0, 0, 1]);
    let typed = TypedIdentity {
        tenant: String::new(),
        name: "bench".to_owned(),
    };
    let taint = Taint {
        session: tainted,
        app,
        values: &[],
        typed: &typed,
        jar: &[],
        client,
        expires_at: ends_at,
        now,
    };
    store.login_taint(taint).await.unwrap();
    let passage = SingleFactor {
        tainted,
        verified: hash,
        app,
        subscriber: None,
        emergency: None,
        jar_key: [5; 32],
        ends_at,
        amr: "pwd",
        client,
        now,
    };
    let passed = store.single_factor_open(passage).await.unwrap();
    assert!(matches!(passed, anteroom_store::Passage::Opened(_)));
}

async fn touch(client: &mut tokio::net::TcpStream, value: &str) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let request = format!(
        "GET /home HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\
         Cookie: anteroom-dev={value}\r\n\r\n"
    );
    client.write_all(request.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0_u8; 4096];
    // Head and 100 bytes of body come together; the next request may follow.
    while !seen.windows(100).any(|window| window == [b'x'; 100]) {
        let count = client.read(&mut buffer).await.unwrap();
        assert!(count > 0, "closed: {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&buffer[..count]);
    }
}
