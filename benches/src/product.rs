//! The product as a process under load: a real gateway on a real store, with sessions that were
//! signed in. The upstream is nginx with a login that any form passes; what is measured is our
//! side.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anteroom_config::ambient::Ambient;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::send::Internet;
use anteroom_tests::phone::Phone;
use anteroom_tests::tls::Trust;
use anteroom_tests::world::TestClock;

/// The configuration of the measured gateway.
pub fn config(port: u16, upstream: &str, workers: usize) -> String {
    format!(
        r#"version = 1
development = true
workers = {workers}
[[listener]]
addr = "127.0.0.1:{port}"
kind = "http"
[store]
path = "bench.db"
key_file = "bench.key"
[limits]
connections_per_client = 5000
attempts_per_source = 100000
attempts_total = 200000
login_failures_per_source_per_minute = 100000
[log]
level = "warn"
[[app]]
name = "bench"
hosts = ["127.0.0.1"]
upstreams = ["{upstream}"]
[app.contact]
phone = "+1 555 0101"
[app.enrolment]
policy = "open"
[app.login]
login_page = "/login"
login_marker = '<form id="login"'
assets = ["/static/*"]
[[app.login.form]]
path = "/login"
user = "username"
secrets = ["password"]
[[app.login.outcome]]
outcome = "failure"
status = [403]
[[app.login.outcome]]
outcome = "success"
status = [302]
location = {{ path = "/home" }}
unforgeable = true
[app.login.cookies]
login = ["SID"]
"#
    )
}

/// How many people are signed in and share the load.
pub const PEOPLE: usize = 4;

/// Serves: `serve-product DIR PORT UPSTREAM WORKERS`. Signs people in, prints a line of cookies for
/// each, goes on serving.
pub fn serve(words: &[String]) {
    let dir = Path::new(&words[0]);
    let (port, workers): (u16, usize) = (words[1].parse().unwrap(), words[3].parse().unwrap());
    let settings = anteroom_config::parse(&config(port, &words[2], workers), dir).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let ambient = Ambient::system();
        let running = anteroom::compose::start(settings, &ambient).await.unwrap();
        for person in 0..PEOPLE {
            let name = format!("bench{person}");
            println!("{}", sign_in(running.addresses[0], &name).await);
        }
        std::io::stdout().flush().unwrap();
        std::future::pending::<()>().await;
    });
}

/// Enrols somebody through the browser's way and returns the `Cookie` field of her session.
pub async fn sign_in(address: SocketAddr, name: &str) -> String {
    let clock = TestClock::new();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    clock.set_ms(i64::try_from(now.as_millis()).unwrap());
    let internet = Internet::new(clock.clone(), Trust::anyone());
    let mut browser = Browser::new(&internet, &format!("http://{address}"));
    browser.open("/login").await;
    browser
        .submit(&[("username", name), ("password", "x")])
        .await;
    browser.follow_all().await;
    browser.take_phone().await;
    let phone = Phone::scan(browser.page()).expect("a QR code");
    browser
        .submit(&[("code", &phone.code(now.as_secs()))])
        .await;
    browser.follow_all().await;
    browser.submit(&[]).await;
    browser.follow_all().await;
    assert_eq!(
        browser.page().path(),
        "/home",
        "{}",
        browser.page().describe()
    );
    let jar = browser.jar();
    let pairs: Vec<String> = jar
        .all()
        .iter()
        .map(|cookie| format!("{}={}", cookie.name, cookie.value))
        .collect();
    pairs.join("; ")
}

/// The product process, and the cookies of its sessions.
pub struct Product {
    pub child: Child,
    pub cookies: Vec<String>,
}

impl Product {
    /// Starts the process and waits for its sessions.
    pub fn start(dir: &Path, port: u16, upstream: &str, workers: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "serve-product",
                dir.to_str().unwrap(),
                &port.to_string(),
                upstream,
            ])
            .arg(workers.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let cookies: Vec<String> = lines.take(PEOPLE).map(Result::unwrap).collect();
        assert_eq!(cookies.len(), PEOPLE, "the product did not start");
        Self { child, cookies }
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// From the start of the process to its first answer, over several starts on the same store.
pub fn cold_start() {
    let binary = std::env::current_exe().unwrap().with_file_name("anteroom");
    if !binary.exists() {
        println!("cold start: skipped, {} is not built", binary.display());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let port = anteroom_tests::ports::free_port();
    let file = dir.path().join("anteroom.toml");
    std::fs::write(&file, config(port, "http://127.0.0.1:9", 2)).unwrap();
    let mut times = Vec::new();
    for _ in 0..7 {
        let began = Instant::now();
        let mut child = Command::new(&binary)
            .args(["serve", "--config"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "it never listened"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        times.push(began.elapsed().as_secs_f64() * 1e3);
        let _ = child.kill();
        let _ = child.wait();
    }
    println!(
        "\ncold start to listening: {:.0} ms (budget 300)",
        crate::report::median(&mut times)
    );
}
