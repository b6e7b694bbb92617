//! Calls that reach for the clock, chance or the environment behind the caller's back, and
//! leftovers.
//!
//! Time and randomness are arguments: that is what lets a test move the clock and a reader trust a
//! function. Tests and measurements are free to use them, but a test never sleeps for a fixed time:
//! it waits for the thing itself.

use super::source::{Source, stale};
use super::{expect_none, expect_one, lexer, source};

/// What product code must not call, and what it does instead.
const AMBIENT: [(&str, &str); 10] = [
    ("SystemTime::now", "take `now` as an argument"),
    ("Instant::now", "take `now` as an argument"),
    ("Utc::now", "take `now` as an argument"),
    ("env::var", "add a setting and read it in config"),
    ("getrandom::", "take random bytes as an argument"),
    ("thread_rng", "take random bytes as an argument"),
    ("OsRng", "take random bytes as an argument"),
    ("rand::", "take random bytes as an argument"),
    ("Secret::generate", "take random bytes as an argument"),
    ("thread::sleep", "use a timer of the runtime"),
];

/// Leftovers nobody may commit.
const LEFTOVERS: [(&str, &str); 4] = [
    ("todo!(", "do it, or write a decision about why not"),
    ("unimplemented!(", "do it, or return an error"),
    ("dbg!(", "remove it"),
    (
        "#[ignore",
        "assert what happens today and say why, or remove the test",
    ),
];

/// What a test must not do.
const WAITING: [(&str, &str); 1] = [("sleep(", "poll for what you are waiting for")];

/// File, call, reason.
const ALLOWED: [(&str, &str, &str); 8] = [
    (
        "config/src/ambient.rs",
        "*",
        "the one door to clock, chance and environment",
    ),
    (
        "tests/src/raw.rs",
        "sleep(",
        "plays a client that sends slowly",
    ),
    (
        "tests/src/recorder.rs",
        "sleep(",
        "the pause between two looks while it polls",
    ),
    (
        "tests/src/recorder/serve.rs",
        "sleep(",
        "plays an upstream that answers late",
    ),
    (
        "tests/e2e/interleavings/taint.rs",
        "sleep(",
        "runs on tokio's paused clock, where sleeping only orders events",
    ),
    (
        "benches/src/load.rs",
        "sleep(",
        "lets a process settle before its memory is read",
    ),
    (
        "benches/src/peers.rs",
        "sleep(",
        "the pause between two looks at a port",
    ),
    (
        "benches/src/product.rs",
        "sleep(",
        "the pause between two looks at a port",
    ),
];

fn check(source: &Source) -> Vec<String> {
    let code = source.code();
    let mut complaints = find(source, &code, &LEFTOVERS);
    if source.is_test() {
        complaints.extend(find(source, &code, &WAITING));
    } else {
        complaints.extend(find(source, &lexer::without_tests(&code), &AMBIENT));
    }
    complaints
}

fn find(source: &Source, code: &str, banned: &[(&str, &str)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (call, instead) in banned {
        let allowed = |(path, what, _): &(&str, &str, &str)| {
            *path == source.path && ["*", *call].contains(what)
        };
        if ALLOWED.iter().any(allowed) {
            continue;
        }
        for (at, _) in code
            .match_indices(call)
            .filter(|(at, _)| begins_name(code, *at))
        {
            complaints.push(format!(
                "{}:{}: `{call}` is not allowed here; {instead}. Where it is right all the same, \
                 add the file to ALLOWED in tests/e2e/tidy/calls.rs with the reason.",
                source.path,
                lexer::line_of(code, at)
            ));
        }
    }
    complaints
}

/// `operand::` is not `rand::`.
fn begins_name(code: &str, at: usize) -> bool {
    let before = code[..at].chars().next_back();
    !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

#[test]
fn clock_chance_and_environment_are_read_in_one_place() {
    let mut complaints: Vec<_> = source::rust().iter().flat_map(check).collect();
    complaints.extend(stale(ALLOWED.iter().map(|(path, _, _)| *path)));
    expect_none(&complaints);
}

#[test]
fn banned_calls_are_complained_about_where_they_are_banned() {
    let check = |path: &str, text: &str| {
        check(&Source {
            path: path.into(),
            text: text.into(),
        })
    };
    expect_one(
        &check("gateway/src/a.rs", "let t = Instant::now();"),
        "`Instant::now`",
    );
    expect_one(
        &check("gateway/src/a.rs", "ring::rand::SystemRandom::new()"),
        "`rand::`",
    );
    expect_one(
        &check("cli/src/a.rs", "std::env::var_os(name)"),
        "add a setting",
    );
    expect_none(&check(
        "config/src/ambient.rs",
        "let t = SystemTime::now();",
    ));
    expect_none(&check("benches/src/a.rs", "let t = Instant::now();"));
    expect_none(&check(
        "gateway/src/a.rs",
        "operand::x(); // Instant::now()\nf(\"dbg!()\");",
    ));
    expect_none(&check(
        "gateway/src/a.rs",
        "#[cfg(test)]\nmod tests { f(Instant::now()) }",
    ));
    expect_one(
        &check("tests/e2e/a.rs", "tokio::time::sleep(second).await;"),
        "poll",
    );
    expect_one(
        &check("tests/e2e/a.rs", "#[ignore = \"flaky\"]"),
        "`#[ignore`",
    );
    expect_one(&check("gateway/src/a.rs", "todo!()"), "`todo!(`");
}
