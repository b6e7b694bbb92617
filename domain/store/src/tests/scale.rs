//! The store's share of the budgets at 100,000 subscribers (DESIGN section 8), and that no query on
//! the path of a login reads a whole table.
//!
//! The measurement is ignored: it takes minutes and prints, and only `benches` judges a machine.
//! Run it with `cargo test -p anteroom-store -- --ignored --nocapture measured`.

use std::time::Instant;

use super::*;

/// As many subscribers as asked for, put in by SQL.
async fn crowd(world: &World, number: u32) {
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number})
         INSERT INTO subscriber (realm, tenant, folded, display_name, created_at, enrolled_at)
         SELECT 'ward', '', 'person ' || i, 'Person ' || i, 0, 1 FROM n;
         INSERT INTO spelling SELECT id, display_name, display_name, 0 FROM subscriber
         WHERE folded LIKE 'person %';
         INSERT INTO authenticator (subscriber_id, kind, label, proof, secret, enrolled_at)
         SELECT id, 'totp', 'phone', 'open', zeroblob(77), 0 FROM subscriber
         WHERE folded LIKE 'person %';
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9)
         INSERT INTO recovery_code (subscriber_id, selector, scheme, salt, hash, issued_at)
         SELECT s.id, 'ABC' || i, 'argon2id-19456-2-1', zeroblob(16), zeroblob(32), 0
         FROM subscriber s, n WHERE s.folded LIKE 'person %';
         INSERT INTO session (hash, app, state, subscriber_id, created_at, active_at, ends_at)
         SELECT randomblob(32), 'emr', 'verified', id, 0, 0, 9999999999999 FROM subscriber
         WHERE id % 10 = 0;"
    );
    world.execute(&sql).await;
}

#[expect(clippy::disallowed_methods, reason = "a measurement measures")]
async fn timed<T>(spans: &mut Vec<Duration>, call: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let outcome = call.await;
    spans.push(began.elapsed());
    outcome
}

fn report(name: &str, mut spans: Vec<Duration>) {
    spans.sort();
    let at = |share: usize| spans[(spans.len() * share / 100).min(spans.len() - 1)];
    println!("{name:30} p50 {:>9.3?}  p99 {:>9.3?}", at(50), at(99));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures; takes minutes"]
async fn measured_at_a_hundred_thousand_subscribers() {
    let world = World::new().await;
    crowd(&world, 100_000).await;
    world.store.checkpoint().await.unwrap();
    let alice = world.enrolled("alice").await;
    let [mut find, mut room, mut taint, mut hold, mut look] = [(); 5].map(|()| Vec::new());
    let [mut material, mut claim, mut session, mut tainted] = [(); 4].map(|()| Vec::new());
    let caps = AttemptCaps {
        per_subscriber_or_name: 1000,
        per_source: 1000,
        total: 5000,
    };
    for n in 0..500_u64 {
        let now = later(n * 30);
        timed(&mut find, world.store.subscriber_find(&alice.who.key()))
            .await
            .unwrap();
        let key = alice.who.key();
        let asked = world.store.attempts_room(&key, CLIENT, &caps, now);
        timed(&mut room, asked).await.unwrap();
        let (hash, _) = timed(&mut taint, world.taint(&alice.who, now)).await;
        let mut new = world.new_attempt(&alice.who, hash, Some(alice.id), now);
        let answer = vec![7; 16 * 1024];
        new.answer = &answer;
        let held = timed(&mut hold, world.withhold(new)).await;
        let attempt = timed(&mut look, world.attempt(held)).await;
        let read = timed(&mut material, world.store.challenge_material(&attempt))
            .await
            .unwrap();
        let context = world.claim_context(held, &read, now);
        let accepted = world.accepted(&read, now);
        let claimed = timed(&mut claim, world.store.challenge_claim(accepted, context)).await;
        assert!(matches!(claimed.unwrap(), Claim::Claimed(_)));
        timed(&mut session, world.store.session_find(&context.verified))
            .await
            .unwrap();
        timed(
            &mut tainted,
            world.store.tainted(&hash, &[fresh(), fresh()]),
        )
        .await
        .unwrap();
        if n % 50 == 0 {
            world.store.checkpoint().await.unwrap();
        }
    }
    for (name, spans) in [
        ("subscriber_find", find),
        ("attempts_room", room),
        ("login_taint", taint),
        ("attempt_withhold", hold),
        ("attempt_find", look),
        ("challenge_material", material),
        ("challenge_claim", claim),
        ("session_find", session),
        ("tainted", tainted),
    ] {
        report(name, spans);
    }
    measured_in_bulk(&world).await;
}

async fn measured_in_bulk(world: &World) {
    let mut touch = Vec::new();
    let rows: Vec<_> = (1..10_000).map(|id| (SessionRow(id), later(1))).collect();
    let touched = timed(&mut touch, world.store.session_touch_many(&rows)).await;
    touched.unwrap();
    report("session_touch_many, 10,000", touch);
    let mut verify = Vec::new();
    let told = timed(&mut verify, world.store.audit_verify(None))
        .await
        .unwrap();
    report(&format!("audit_verify, {} rows", told.rows), verify);
}

/// The plans of the queries that every login, challenge and cold request runs.
#[tokio::test]
async fn no_query_on_the_path_of_a_login_scans_a_table() {
    let world = World::new().await;
    let mut raw = world.raw().await;
    for sql in [
        "SELECT 1 FROM subscriber WHERE realm = 'a' AND tenant = 'b' AND folded = 'c'",
        "SELECT 1 FROM session s LEFT JOIN delivery d ON d.session_id = s.id
         LEFT JOIN session_former f ON f.session_id = s.id AND f.hash = x'00'
         WHERE s.hash = x'00' OR s.id = (SELECT session_id FROM session_former WHERE hash = x'00')",
        "SELECT 1 FROM taint_value WHERE value IN (x'00', x'01')",
        "SELECT 1 FROM attempt WHERE realm = 'a' AND tenant = 'b' AND folded = 'c'
         AND expires_at > 5 AND state IN ('pending', 'enrolling')",
        "SELECT 1 FROM attempt WHERE client = 'a' AND expires_at > 5
         AND state IN ('pending', 'enrolling')",
        "SELECT 1 FROM attempt WHERE expires_at > 5 AND state IN ('pending', 'enrolling')",
        "SELECT 1 FROM session s JOIN attempt a ON a.pending_session_id = s.id
         LEFT JOIN held_answer h ON h.attempt_id = a.id WHERE s.hash = x'00'",
        "UPDATE attempt SET state = 'ended' WHERE tainted_session_id = 1
         AND state IN ('pending', 'enrolling')",
        "SELECT 1 FROM recovery_code WHERE subscriber_id = 1 AND selector = 'ABCD'
         AND used_at IS NULL AND removed_at IS NULL",
        "SELECT 1 FROM authenticator WHERE subscriber_id = 1 AND removed_at IS NULL",
        "SELECT 1 FROM name_throttle n JOIN attempt a
         ON a.realm = n.realm AND a.tenant = n.tenant AND a.folded = n.folded WHERE a.id = 1",
        "SELECT seq FROM audit ORDER BY seq DESC LIMIT 1",
        "UPDATE session SET state = 'ended', ended_at = 1 WHERE subscriber_id = 1
         AND state = 'verified'",
        "DELETE FROM session WHERE id = 1",
        "DELETE FROM attempt WHERE id = 1",
        "SELECT 1 FROM revocation WHERE seq > 5 ORDER BY seq LIMIT 1000",
    ] {
        let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
        for step in plan.fetch_all(&mut raw).await.unwrap() {
            let step: String = step.get("detail");
            let newest = sql.contains("LIMIT 1") && step == "SCAN audit";
            assert!(newest || !step.starts_with("SCAN"), "{sql}\n{step}");
        }
    }
}
