//! Verified requests through us and through everybody else, in one run: throughput, latency, CPU
//! per request.
//!
//! The proxies take turns (A B C, A B C …), so that a drifting machine drifts for all; medians of
//! the rounds are printed, and ratios against the bare pingora of the same binary.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::machine::{family, family_cpu_micros, memory_mib};
use crate::peers::{self, Peer};
use crate::product::{PEOPLE, Product};
use crate::report::{median, table};

const ROUNDS: usize = 5;
const SECONDS: u32 = 4;
const CONNECTIONS: u32 = 32;

struct Target {
    name: String,
    port: u16,
    pids: Vec<u32>,
    cookies: Vec<String>,
    per_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    cpu: Vec<f64>,
}

impl Target {
    fn new(name: &str, port: u16, pid: u32, cookies: &[String]) -> Self {
        let (per_second, p50, p99, cpu) = (vec![], vec![], vec![], vec![]);
        let cookies = cookies.to_vec();
        Self {
            name: name.to_owned(),
            port,
            pids: family(pid),
            cookies,
            per_second,
            p50,
            p99,
            cpu,
        }
    }

    fn round(&mut self) {
        let before = family_cpu_micros(&self.pids);
        let load = load(self.port, &self.cookies, SECONDS);
        let spent = family_cpu_micros(&self.pids) - before;
        assert_eq!(
            load.errors, 0,
            "{}: not every answer was a good one",
            self.name
        );
        self.per_second.push(load.requests / f64::from(SECONDS));
        self.p50.push(load.p50_ms);
        self.p99.push(load.p99_ms);
        self.cpu.push(spent as f64 / load.requests);
    }
}

struct Load {
    requests: f64,
    p50_ms: f64,
    p99_ms: f64,
    errors: u64,
}

/// Everybody at once, each with a share of the connections. Of the percentiles the median counts.
fn load(port: u16, people: &[String], seconds: u32) -> Load {
    let share = CONNECTIONS / u32::try_from(people.len()).unwrap();
    let running: Vec<Child> = people
        .iter()
        .map(|cookies| wrk(port, cookies, share, seconds))
        .collect();
    let loads: Vec<Load> = running.into_iter().map(read).collect();
    let middle = |of: fn(&Load) -> f64| median(&mut loads.iter().map(of).collect::<Vec<_>>());
    Load {
        requests: loads.iter().map(|load| load.requests).sum(),
        p50_ms: middle(|load| load.p50_ms),
        p99_ms: middle(|load| load.p99_ms),
        errors: loads.iter().map(|load| load.errors).sum(),
    }
}

fn wrk(port: u16, cookies: &str, connections: u32, seconds: u32) -> Child {
    Command::new("wrk")
        .args([
            "-t1",
            &format!("-c{connections}"),
            &format!("-d{seconds}s"),
            "--latency",
        ])
        .args([
            "-H",
            &format!("Cookie: {cookies}"),
            "-H",
            "Accept: text/html",
        ])
        .arg(format!("http://127.0.0.1:{port}/home"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("wrk is installed")
}

fn read(wrk: Child) -> Load {
    let output = wrk.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let find = |start: &str| {
        text.lines()
            .find(|line| line.trim().starts_with(start))
            .and_then(|line| line.split_whitespace().nth(1).map(str::to_owned))
    };
    let total = text.lines().find(|line| line.contains(" requests in "));
    let requests = total
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0.0);
    let bad = text.lines().find(|line| line.contains("Non-2xx"));
    let errors = bad
        .and_then(|line| line.rsplit(' ').next()?.parse().ok())
        .unwrap_or(0);
    Load {
        requests,
        p50_ms: find("50%").map_or(f64::NAN, |text| milliseconds(&text)),
        p99_ms: find("99%").map_or(f64::NAN, |text| milliseconds(&text)),
        errors,
    }
}

fn milliseconds(text: &str) -> f64 {
    let number = |unit: &str| {
        text.strip_suffix(unit)
            .and_then(|text| text.parse::<f64>().ok())
    };
    number("us")
        .map(|us| us / 1e3)
        .or_else(|| number("ms"))
        .or_else(|| number("s").map(|secs| secs * 1e3))
        .unwrap_or(f64::NAN)
}

/// A free port that nothing listens on yet.
fn port() -> u16 {
    anteroom_tests::ports::free_port()
}

/// Runs everybody side by side and prints the table.
pub fn run() {
    if Command::new("wrk")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_err()
    {
        println!("proxy: left out, wrk is not installed");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let upstream_port = port();
    let Some(_upstream) = peers::upstream(dir.path(), upstream_port) else {
        return;
    };
    let upstream = format!("http://127.0.0.1:{upstream_port}");
    for threads in [2, 1] {
        side_by_side(dir.path(), &upstream, upstream_port, threads);
    }
}

fn side_by_side(dir: &Path, upstream: &str, upstream_port: u16, threads: usize) {
    let (bare_port, our_port) = (port(), port());
    let mut bare = Command::new(std::env::current_exe().unwrap())
        .args([
            "serve-bare",
            &bare_port.to_string(),
            &format!("127.0.0.1:{upstream_port}"),
        ])
        .arg(threads.to_string())
        .spawn()
        .unwrap();
    peers::wait_for(bare_port);
    let home = dir.join(format!("product-{threads}"));
    std::fs::create_dir_all(&home).unwrap();
    let product = Product::start(&home, our_port, upstream, threads);
    let others: Vec<Peer> = if threads == 1 {
        [
            peers::nginx_proxy(dir, port(), upstream_port),
            peers::nginx_auth(dir, port(), port(), upstream_port),
            peers::haproxy_plain(dir, port(), upstream_port),
            peers::haproxy_jwt(dir, port(), upstream_port),
        ]
        .into_iter()
        .flatten()
        .collect()
    } else {
        Vec::new()
    };
    let mut targets = vec![
        Target::new("bare pingora", bare_port, bare.id(), &product.cookies),
        Target::new("Anteroom", our_port, product.child.id(), &product.cookies),
    ];
    targets.extend(others.iter().map(|peer| {
        let cookies = vec![peer.cookies.clone(); PEOPLE];
        Target::new(peer.name, peer.port, peer.child.id(), &cookies)
    }));
    for target in &targets {
        let _ = load(target.port, &target.cookies, 1);
    }
    for _ in 0..ROUNDS {
        for target in &mut targets {
            target.round();
        }
    }
    print(&mut targets, threads);
    let _ = bare.kill();
    let _ = bare.wait();
}

fn print(targets: &mut [Target], threads: usize) {
    println!(
        "\nverified requests, {threads} thread(s) each, {CONNECTIONS} connections of \
         {PEOPLE} people, medians of {ROUNDS} rounds of {SECONDS} s"
    );
    let figures: Vec<(String, f64, f64, f64, f64)> = targets
        .iter_mut()
        .map(|target| {
            (
                target.name.clone(),
                median(&mut target.per_second),
                median(&mut target.p50),
                median(&mut target.p99),
                median(&mut target.cpu),
            )
        })
        .collect();
    let (_, base_rate, _, base_p99, base_cpu) = figures[0].clone();
    let rows: Vec<Vec<String>> = figures
        .iter()
        .map(|(name, rate, p50, p99, cpu)| {
            vec![
                name.clone(),
                format!("{rate:.0}"),
                format!("{p50:.2}"),
                format!("{p99:.2}"),
                format!("{cpu:.1}"),
                format!("{:.2}", rate / base_rate),
                format!("{:.2}", cpu / base_cpu),
                format!("{:+.0}", (p99 - base_p99) * 1e3),
            ]
        })
        .collect();
    table(
        &[
            "proxy",
            "req/s",
            "p50 ms",
            "p99 ms",
            "CPU µs",
            "req/s ÷ bare",
            "CPU ÷ bare",
            "p99 µs",
        ],
        &rows,
    );
    if threads == 1 {
        println!("budgets: Anteroom ÷ bare: req/s ≥ 0.90, CPU ≤ 1.15, p99 within +100 µs");
        let of = |wanted: &str| figures.iter().find(|figure| figure.0 == wanted).cloned();
        if let (Some(ours), Some(nginx)) = (of("Anteroom"), of("nginx auth_request")) {
            println!(
                "against nginx auth_request: CPU {:.2} (budget ≤ 0.5), req/s {:.2} (budget ≥ 2)",
                ours.4 / nginx.4,
                ours.1 / nginx.1
            );
        }
        if let (Some(ours), Some(haproxy)) = (of("Anteroom"), of("HAProxy jwt_verify")) {
            println!(
                "against HAProxy jwt_verify: CPU {:.2} (≤ 1.8 now)",
                ours.4 / haproxy.4
            );
        }
    }
}

/// Memory with 10,000 verified sessions, and while 2 GB stream through.
pub fn memory() {
    let dir = tempfile::tempdir().unwrap();
    let upstream_port = port();
    let Some(_upstream) = peers::upstream(dir.path(), upstream_port) else {
        return;
    };
    let big = dir.path().join("big.bin");
    let file = std::fs::File::create(&big).unwrap();
    file.set_len(2_000_000_000).unwrap();
    let our_port = port();
    let upstream = format!("http://127.0.0.1:{upstream_port}");
    let product = Product::start(dir.path(), our_port, &upstream, 2);
    let pid = product.child.id();
    let (start, _) = memory_mib(pid);
    crate::sign_in::sessions_in(dir.path(), our_port, 10_000);
    let (with_sessions, _) = memory_mib(pid);
    let got = Command::new("curl")
        .args(["-s", "-o", "/dev/null", "-w", "%{size_download}", "-H"])
        .arg(format!("Cookie: {}", product.cookies[0]))
        .args([
            "-H",
            "Accept: text/html",
            &format!("http://127.0.0.1:{our_port}/big/big.bin"),
        ])
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    std::thread::sleep(Duration::from_millis(100));
    let (after, peak) = memory_mib(pid);
    println!(
        "\nmemory: {start:.0} MiB after one sign-in; {with_sessions:.0} MiB with 10,000 verified"
    );
    println!(
        "sessions (budget 64); {after:.0} MiB after streaming {got} bytes, {peak:.0} at the peak"
    );
}
