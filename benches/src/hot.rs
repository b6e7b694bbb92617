//! What one verified request costs us besides moving bytes: cookie, session, decision, unsealing.
//! Runs the pieces themselves, without sockets; `load` measures the whole.

use std::hint::black_box;
use std::time::Instant;

use anteroom_core::cookies::{JarCookie, NamePattern};
use anteroom_core::decide::{Decision, decide};
use anteroom_core::facts::{Method, RequestFacts, Site, Use};
use anteroom_core::ids::{AppName, SessionId};
use anteroom_core::profile::CookieRules;
use anteroom_core::route::classify;
use anteroom_core::session::{Session, Verified};
use anteroom_core::time::Timestamp;
use anteroom_gateway::cookies::incoming::{self, NoBelongings};
use anteroom_gateway::cookies::outgoing::{self, Sent};
use anteroom_gateway::cookies::seal::Sealer;
use anteroom_gateway::cookies::{provider, token};
use anteroom_gateway::keys::Keys;

use crate::report::{median, table};

const RUNS: usize = 7;
const TIMES: usize = 20_000;

fn nanos(mut work: impl FnMut()) -> f64 {
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        for _ in 0..TIMES {
            work();
        }
        runs.push(began.elapsed().as_nanos() as f64 / TIMES as f64);
    }
    median(&mut runs)
}

/// Prints nanoseconds for each piece and for all together.
pub fn run() {
    provider::install();
    let keys = Keys::new(&[("k1".to_owned(), [7; 32])]);
    let app = AppName::new("emr");
    let now = Timestamp::from_secs(1_800_000_000);
    let end = Timestamp::from_secs(1_800_040_000);
    let id = SessionId::new([9; 32]);
    let value = token::sign(&keys, &id, &app, now, end).unwrap();
    let text = include_str!("../../config/presets/demo.toml");
    let settings = settings(text);
    let (profile, policy) = (&settings.apps[0].profile, &settings.apps[0].policy);
    let rules = CookieRules {
        login: vec![NamePattern::Exact("WBSESSION".into())],
        plain: vec![NamePattern::Exact("wb_theme".into())],
        ..CookieRules::default()
    };
    let sealer = Sealer::new(&[3; 32], &app);
    let cookie = JarCookie::sent(b"WBSESSION", &[b'a'; 43], "/");
    let Sent::Line(line) = outgoing::send(&cookie, false, &sealer, &rules, true, [1; 24]) else {
        panic!("not sealed")
    };
    let sealed = String::from_utf8(line).unwrap();
    let sealed = sealed.split(';').next().unwrap();
    let header = format!("{}={value}; {sealed}; wb_theme=dark", token::NAME).into_bytes();
    let session = Session::Verified(Verified {
        authenticated_at: now,
        active_at: now,
        ends_at: end,
        locked: false,
    });
    let facts = RequestFacts {
        method: Method::Get,
        path: "/patients/1001/notes",
        query: "from=2026-01-01&to=2026-02-01",
        usage: Use::Document,
        site: Site::SameOrigin,
    };
    let checking = nanos(|| {
        black_box(token::check(&keys, black_box(value.as_bytes()), &app, now).is_some());
    });
    let memory = token::Memory::default();
    let remembering = nanos(|| {
        let value = black_box(value.as_bytes());
        black_box(memory.check(&keys, value, &app, now).is_some());
    });
    let deciding = nanos(|| {
        let class = classify(profile, black_box(&facts), false);
        let decision: Decision = decide(&facts, class, &session, profile, policy, now);
        black_box(decision);
    });
    let opening = nanos(|| {
        let sealer = Sealer::new(&[3; 32], &app);
        let lines = std::iter::once(black_box(header.as_slice()));
        let opened = incoming::open(lines, Some(&sealer), &rules, &NoBelongings, token::NAME);
        black_box(incoming::line(&opened.unwrap().jar));
    });
    print(checking, remembering, deciding, opening);
}

fn print(checking: f64, remembering: f64, deciding: f64, opening: f64) {
    println!("\none verified request, without sockets (medians of {RUNS} × {TIMES})");
    let row = |name: &str, ns: f64| vec![name.to_owned(), format!("{ns:.0}")];
    table(
        &["piece", "ns"],
        &[
            row(
                "our cookie: signature, type, app, times (first of a connection)",
                checking,
            ),
            row(
                "our cookie, remembered: the same, once checked",
                remembering,
            ),
            row("classify and decide", deciding),
            row(
                "the app's cookies opened and written anew (first request only)",
                opening,
            ),
            row(
                "a session's first request on a new connection",
                checking + deciding + opening,
            ),
            row(
                "on a warm session, whose cookies are remembered (budget 5,000)",
                checking + deciding,
            ),
            row("the same on a warm connection", remembering + deciding),
        ],
    );
}

fn settings(preset: &str) -> anteroom_config::Settings {
    assert!(preset.contains("[login]"));
    let text = "version = 1\ndevelopment = true\n\
        [[listener]]\naddr = \"127.0.0.1:0\"\nkind = \"http\"\n\
        [store]\npath = \"a.db\"\nkey_file = \"a.key\"\n\
        [[app]]\nname = \"emr\"\nhosts = [\"127.0.0.1\"]\n\
        upstreams = [\"http://127.0.0.1:9\"]\npreset = \"demo\"\n[app.contact]\nphone = \"1\"\n";
    anteroom_config::parse(text, std::path::Path::new(".")).unwrap()
}
