//! What the admin app reads, at 100,000 people and 5 million audit rows: medians of 200 runs each.
//!
//! The rows go through the store's own methods, so that the chain is a real one and verifies.
//! Filling takes minutes: name a directory, and the next run finds it filled.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::fold::fold;
use anteroom_core::ids::{AppName, SessionHash, SubscriberId};
use anteroom_core::time::Timestamp;
use anteroom_store::{AuditQuery, Entropy, Keys, PeopleQuery, PersonState, Store};
use anteroom_store::{StoreOptions, Throttles};

use crate::report::{percentile, table};

const RUNS: usize = 200;
const PEOPLE: u64 = 100_000;
const ROWS: u64 = 5_000_000;
/// Rows of one moment, as in one transaction of the fill.
const AT_ONCE: u64 = 250;
/// The log spans a year and ends here.
const END: Timestamp = Timestamp::from_secs(1_800_000_000);
const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// Fills a store, or takes the filled one, and measures: `admin [DIRECTORY [PEOPLE ROWS]]`.
pub fn run(words: &[String]) {
    let scratch = tempfile::tempdir().unwrap();
    let dir = words
        .first()
        .map_or_else(|| scratch.path().to_owned(), PathBuf::from);
    let number = |n: usize, default| words.get(n).map_or(default, |word| word.parse().unwrap());
    let (people, rows) = (number(1, PEOPLE), number(2, ROWS));
    std::fs::create_dir_all(&dir).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = open(&dir).await;
        fill_people(&store, people).await;
        fill_log(&store, people, rows).await;
        measure(&store, people, rows).await;
        store.close().await;
    });
}

async fn open(dir: &Path) -> Store {
    let drawn = AtomicU64::new(1);
    let entropy: Entropy = Arc::new(move |buffer: &mut [u8]| {
        for chunk in buffer.chunks_mut(8) {
            let n = mixed(drawn.fetch_add(1, Ordering::Relaxed));
            chunk.copy_from_slice(&n.to_be_bytes()[..chunk.len()]);
        }
    });
    let keys = Keys::new(1, vec![(1, [7; 32])]).unwrap();
    let options = StoreOptions::new(dir.join("admin-bench.sqlite"), keys, entropy);
    Store::open(options, END.minus(YEAR)).await.unwrap()
}

/// Bits that look random and are the same in every run (splitmix64).
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn name_of(number: u64) -> String {
    const FIRST: [&str; 8] = [
        "alice", "bob", "chen", "dora", "emil", "farah", "goran", "zoë",
    ];
    const LAST: [&str; 8] = [
        "moreau", "smith", "li", "garcia", "novak", "kim", "okafor", "lund",
    ];
    let pick = mixed(number);
    let first = FIRST[(pick % 8) as usize];
    let last = LAST[(pick / 8 % 8) as usize];
    format!("{first}.{last}.{number:06}")
}

async fn fill_people(store: &Store, people: u64) {
    let have = store.report_factors(None, 1).await.unwrap();
    if !have.is_empty() {
        return;
    }
    let began = Instant::now();
    for first in (0..people).step_by(1_000) {
        let names: Vec<_> = (first..people.min(first + 1_000))
            .map(name_of)
            .map(|name| (name.clone(), fold(&name).unwrap()))
            .collect();
        store
            .bulk_enrol("bench", &names, END.minus(YEAR))
            .await
            .unwrap();
        store.checkpoint().await.unwrap();
    }
    println!(
        "  {people} people after {:.0} s",
        began.elapsed().as_secs_f64()
    );
}

/// A log as a busy clinic's: mostly sign-ins, some wrong codes, few acts of operators.
async fn fill_log(store: &Store, people: u64, rows: u64) {
    let began = Instant::now();
    let have = store.audit_head().await.unwrap().seq.unsigned_abs();
    let step = YEAR / u32::try_from((rows / AT_ONCE).max(1)).unwrap();
    let mut at = END.minus(YEAR);
    for first in (0..rows).step_by(usize::try_from(AT_ONCE).unwrap()) {
        at = at.plus(step);
        if first + AT_ONCE <= have {
            continue;
        }
        let events: Vec<_> = (first..first + AT_ONCE).map(|n| event(n, people)).collect();
        store.audit_append(&events, at).await.unwrap();
        if (first / AT_ONCE).is_multiple_of(200) {
            store.checkpoint().await.unwrap();
        }
        if first % 500_000 == 0 {
            println!(
                "  {first} rows after {:.0} s",
                began.elapsed().as_secs_f64()
            );
        }
    }
}

fn event(n: u64, people: u64) -> AuditEvent {
    let pick = mixed(n);
    let kind = match pick % 1_000 {
        0..=299 => AuditKind::LoginTainted,
        300..=549 => AuditKind::LoginWithheld,
        550..=749 => AuditKind::ChallengePassed,
        750..=929 => AuditKind::SessionVerified,
        930..=979 => AuditKind::ChallengeFailed,
        980..=989 => AuditKind::LoginFailed,
        990..=994 => AuditKind::RecoveryCodeUsed,
        995 => AuditKind::SpellingHeld,
        996 => AuditKind::PasswordMayBeStolen,
        997 => AuditKind::SubscriberUnlocked,
        998 => AuditKind::SubscriberReset,
        _ => AuditKind::NoteAdded,
    };
    // The rows of one sign-in stand together.
    let sign_in = mixed(n / 5);
    let mut session = [0; 32];
    session[..8].copy_from_slice(&sign_in.to_be_bytes());
    let whom = SubscriberId(1 + (sign_in % people).cast_signed());
    let app = AppName::new(["emr", "lab", "pacs"][(sign_in % 3) as usize]);
    let mut event = AuditEvent::new(kind).subscriber(whom);
    event = match kind {
        AuditKind::SubscriberUnlocked | AuditKind::SubscriberReset | AuditKind::NoteAdded => {
            event.operator(["olga", "oscar", "helen"][(pick / 1_000 % 3) as usize])
        }
        _ => event.session(SessionHash(session)).app(&app),
    };
    if kind == AuditKind::ChallengeFailed && (pick / 1_000).is_multiple_of(20) {
        event = event.reason("clock_off -4");
    }
    event
}

/// The median and the 99th percentile of many runs, in milliseconds, as cells.
async fn timed<F: Future>(what: &str, mut once: impl FnMut(usize) -> F) -> Vec<String> {
    let mut took = Vec::with_capacity(RUNS);
    for run in 0..RUNS {
        let began = Instant::now();
        once(run).await;
        took.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    let shown = |part| format!("{:.2}", percentile(&mut took.clone(), part));
    vec![what.to_owned(), shown(0.5), shown(0.99)]
}

async fn measure(store: &Store, people: u64, rows: u64) {
    let throttles = Throttles { by_realm: &[] };
    let mut lines = Vec::new();
    for (what, text, state) in [
        ("search: a name", "moreau.000", None),
        ("search: one letter", "a", None),
        ("search: nobody", "xyzzy", None),
        (
            "search: nobody, suspended",
            "moreau",
            Some(PersonState::Suspended),
        ),
        ("search: stopped", "", Some(PersonState::Stopped)),
        ("search: not enrolled", "", Some(PersonState::NotEnrolled)),
    ] {
        let query = PeopleQuery {
            text,
            state,
            limit: 50,
            ..PeopleQuery::default()
        };
        let once = |_| store.people_search(&query, &throttles, END);
        lines.push(timed(what, async |run| drop(once(run).await.unwrap())).await);
    }
    let who = |run: usize| SubscriberId(1 + (mixed(run as u64) % people).cast_signed());
    let person = async |run| {
        assert!(store.person(who(run)).await.unwrap().is_some());
        store.sessions_of(who(run)).await.unwrap();
        store.audit_of_subscriber(who(run), 20).await.unwrap();
    };
    lines.push(timed("person page", person).await);
    let midnight = END.minus(Duration::from_secs(8 * 3600));
    let overview = async |_| drop(store.overview(&throttles, midnight, END).await.unwrap());
    lines.push(timed("front page", overview).await);
    measure_log(store, rows, &mut lines).await;
    measure_log_narrowed(store, &mut lines).await;
    table(&["what", "median ms", "p99 ms"], &lines);
    let began = Instant::now();
    let report = store.audit_verify(None).await.unwrap();
    assert_eq!(report.first_problem, None);
    println!(
        "  verify of {} rows: {:.1} s",
        report.rows,
        began.elapsed().as_secs_f64()
    );
}

/// A page of the log, timed.
async fn page(store: &Store, what: &str, query: AuditQuery<'_>) -> Vec<String> {
    let query = AuditQuery {
        limit: 100,
        ..query
    };
    timed(what, async |_| {
        drop(store.audit_search(&query).await.unwrap());
    })
    .await
}

fn of_kinds(kinds: &[AuditKind]) -> AuditQuery<'_> {
    AuditQuery {
        kinds,
        ..AuditQuery::default()
    }
}

const COMMON: [AuditKind; 1] = [AuditKind::LoginTainted];
const ACTS: [AuditKind; 3] = [
    AuditKind::SubscriberReset,
    AuditKind::NoteAdded,
    AuditKind::SubscriberUnlocked,
];

async fn measure_log(store: &Store, rows: u64, lines: &mut Vec<Vec<String>>) {
    let (none, emr) = (AuditQuery::default(), AppName::new("emr"));
    let found = store.audit_row((rows / 2).cast_signed()).await.unwrap();
    let found = found.unwrap();
    let mut person = none;
    person.subscriber = found.event.subscriber;
    let mut operator = none;
    operator.operator = Some("olga");
    let mut app = none;
    app.app = Some(&emr);
    let mut session = none;
    session.session = found.event.session;
    let mut time = none;
    time.from = Some(END.minus(YEAR / 2));
    time.until = Some(END.minus(YEAR / 3));
    let mut deep = none;
    deep.beyond = Some(found.seq);
    for (what, query) in [
        ("log: newest", none),
        ("log: person", person),
        ("log: operator", operator),
        ("log: app", app),
        ("log: common kind", of_kinds(&COMMON)),
        ("log: three kinds", of_kinds(&ACTS)),
        ("log: session", session),
        ("log: time", time),
        ("log: from the middle on", deep),
    ] {
        lines.push(page(store, what, query).await);
    }
}

async fn measure_log_narrowed(store: &Store, lines: &mut Vec<Vec<String>>) {
    let (emr, none) = (AppName::new("emr"), AppName::new("none"));
    let mut both = of_kinds(&COMMON);
    both.app = Some(&emr);
    let mut nothing = of_kinds(&COMMON);
    nothing.app = Some(&none);
    let mut nothing_lately = nothing;
    nothing_lately.from = Some(END.minus(YEAR / 12));
    let mut acts = of_kinds(&ACTS);
    acts.operator = Some("olga");
    for (what, query) in [
        ("log: kind and app", both),
        ("log: kind and an app it never was at", nothing),
        ("log: the same, a month", nothing_lately),
        ("log: operator and kinds", acts),
    ] {
        lines.push(page(store, what, query).await);
    }
}
