//! No query on the path of a login reads a whole table, however many subscribers there are.
//!
//! Looks at plans and never at times: what a sign-in takes at 100,000 subscribers is measured by
//! the benches.

use super::*;

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
