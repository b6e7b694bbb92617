//! Retention: what leaves, what the chain says about it, and what tampering with it looks like
//! (attack E07).

use anteroom_core::audit::{AuditEvent, AuditKind};

use super::*;
use crate::{AuditProblem, AuditReport, Pruned};

const DAY: u64 = 86_400;
const PAPER: Paper<'static> = Paper::of("retention", later_const(20));

const fn later_const(days: i64) -> Timestamp {
    Timestamp::from_secs(1_800_000_000 + days * 86_400)
}

/// A log of a row a day: row 1 is of the opening, row n of day n - 1.
async fn days(count: u64) -> World {
    let world = World::new().await;
    for day in 1..=count {
        let event = AuditEvent::new(AuditKind::ConfigLoaded).operator("olga");
        world
            .store
            .audit_append(&[event], later(day * DAY))
            .await
            .unwrap();
    }
    world
}

async fn verified(world: &World) -> AuditReport {
    world.store.audit_verify(None).await.unwrap()
}

async fn after_tampering(world: &World, sql: &str) -> Option<AuditProblem> {
    let drop = "DROP TRIGGER IF EXISTS audit_never_updated;
                DROP TRIGGER IF EXISTS audit_never_deleted;";
    world.execute(&format!("{drop} {sql}")).await;
    verified(world).await.first_problem
}

/// Ten days, of which rows 1 to 6 are gone.
async fn pruned() -> World {
    let world = days(10).await;
    let pruned = world
        .store
        .audit_prune(later(6 * DAY), &PAPER)
        .await
        .unwrap();
    assert_eq!(
        pruned,
        Pruned {
            rows: 6,
            through: 6
        }
    );
    world
}

#[tokio::test]
async fn old_rows_leave_and_the_chain_says_which() {
    let world = pruned().await;
    let report = verified(&world).await;
    assert_eq!(
        (report.rows, report.pruned, report.first_problem),
        (6, 6, None)
    );
    let newest = &world.store.audit_tail(1).await.unwrap()[0];
    assert_eq!(newest.event.kind, AuditKind::AuditPruned);
    assert_eq!(newest.event.operator.as_deref(), Some("retention"));
    let said = newest.event.reason.as_deref().unwrap();
    assert!(
        said.starts_with("rows 1-6, until 2027-01-20, last hash "),
        "{said}"
    );
    assert_eq!(world.store.audit_after(0, 10).await.unwrap()[0].seq, 7);
    // Again, nothing is old enough; later, more is.
    let again = world
        .store
        .audit_prune(later(6 * DAY), &PAPER)
        .await
        .unwrap();
    assert_eq!(
        again,
        Pruned {
            rows: 0,
            through: 6
        }
    );
    let more = world
        .store
        .audit_prune(later(8 * DAY), &PAPER)
        .await
        .unwrap();
    assert_eq!(
        more,
        Pruned {
            rows: 2,
            through: 8
        }
    );
    assert_eq!(verified(&world).await.first_problem, None);
}

#[tokio::test]
async fn the_newest_row_stays_and_many_rows_leave_in_batches() {
    let world = World::new().await;
    let many: Vec<_> = (0..4_500)
        .map(|_| AuditEvent::new(AuditKind::ConfigLoaded))
        .collect();
    world.store.audit_append(&many, NOW).await.unwrap();
    let paper = Paper::of("retention", later(2 * DAY));
    let pruned = world.store.audit_prune(later(DAY), &paper).await.unwrap();
    assert_eq!(
        pruned,
        Pruned {
            rows: 4_501,
            through: 4_501
        }
    );
    let report = verified(&world).await;
    assert_eq!((report.rows, report.first_problem), (3, None));
    let kinds = world.kinds(9).await;
    assert_eq!(kinds, ["audit_pruned"; 3]);
    // And never more than that, however far the wish goes.
    let all = world.store.audit_prune(later(99 * DAY), &paper).await;
    assert_eq!(all.unwrap().rows, 0);
}

#[tokio::test]
async fn an_honest_program_deletes_nothing_that_retention_did_not() {
    let world = pruned().await;
    let mut raw = world.raw().await;
    for sql in [
        "DELETE FROM audit WHERE seq = 7",
        "UPDATE audit SET operator = 'x'",
    ] {
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut raw)
            .await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("audit is append-only"), "{refused}");
    }
}

#[tokio::test]
async fn a_row_that_was_tampered_with_does_not_leave() {
    let world = days(10).await;
    let drop = "DROP TRIGGER audit_never_updated";
    world
        .execute(&format!(
            "{drop}; UPDATE audit SET operator = 'mallory' WHERE seq = 3"
        ))
        .await;
    let refused = world
        .store
        .audit_prune(later(6 * DAY), &PAPER)
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused:?}");
    assert_eq!(
        verified(&world).await.first_problem,
        Some(AuditProblem::Altered { seq: 3 })
    );
}

#[tokio::test]
async fn a_base_that_was_moved_by_somebody_else_is_found() {
    let world = pruned().await;
    let moved = "UPDATE audit_base SET seq = 8, hash = (SELECT hash FROM audit WHERE seq = 8);
                 DELETE FROM audit WHERE seq <= 8";
    let problem = after_tampering(&world, moved).await;
    assert_eq!(problem, Some(AuditProblem::BaseForged { seq: 8 }));
    let refused = world
        .store
        .audit_prune(later(9 * DAY), &PAPER)
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused:?}");
}

/// A head of the log is under our key too, and stands there for everybody to copy.
#[tokio::test]
async fn a_head_of_the_log_is_no_base() {
    let world = days(5).await;
    let copied = "INSERT INTO audit_base SELECT * FROM audit_anchor";
    world.execute(copied).await;
    let event = AuditEvent::new(AuditKind::ConfigLoaded);
    world
        .store
        .audit_append(&[event], later(9 * DAY))
        .await
        .unwrap();
    let problem = after_tampering(&world, "DELETE FROM audit WHERE seq <= 6").await;
    assert_eq!(problem, Some(AuditProblem::BaseForged { seq: 6 }));
}

#[tokio::test]
async fn a_base_that_is_gone_is_found_and_so_are_rows_put_back() {
    let world = pruned().await;
    let problem = after_tampering(&world, "DELETE FROM audit_base").await;
    assert_eq!(
        problem,
        Some(AuditProblem::Missing {
            expected: 1,
            found: 7
        })
    );
    let world = pruned().await;
    let back = "INSERT INTO audit SELECT 4, at, kind, subscriber_id, app, session, client,
                operator, reason, hash, reference FROM audit WHERE seq = 9";
    let problem = after_tampering(&world, back).await;
    assert_eq!(problem, Some(AuditProblem::Altered { seq: 4 }));
}

/// Every tampering is found behind a base as it is from the first row on.
#[tokio::test]
async fn tampering_behind_the_base_is_found() {
    let altered = |seq| Some(AuditProblem::Altered { seq });
    for (sql, found) in [
        (
            "UPDATE audit SET operator = 'mallory' WHERE seq = 7",
            altered(7),
        ),
        ("UPDATE audit SET at = at - 1 WHERE seq = 9", altered(9)),
        (
            "DELETE FROM audit WHERE seq = 7",
            Some(AuditProblem::Missing {
                expected: 7,
                found: 8,
            }),
        ),
        (
            "DELETE FROM audit WHERE seq = 9",
            Some(AuditProblem::Missing {
                expected: 9,
                found: 10,
            }),
        ),
        (
            "UPDATE audit SET seq = 99 WHERE seq = 8; UPDATE audit SET seq = 8 WHERE seq = 9;
             UPDATE audit SET seq = 9 WHERE seq = 99",
            altered(8),
        ),
        (
            "DELETE FROM audit WHERE seq > 9",
            Some(AuditProblem::Cut { last: 9, head: 12 }),
        ),
        (
            "UPDATE audit SET seq = -seq WHERE FALSE; UPDATE audit SET seq = 13 WHERE seq = 12;
             UPDATE audit SET seq = 12 WHERE seq = 11; INSERT INTO audit SELECT 11, at, kind,
             subscriber_id, app, session, client, operator, reason, hash, reference FROM audit
             WHERE seq = 8",
            altered(11),
        ),
    ] {
        let world = pruned().await;
        assert_eq!(after_tampering(&world, sql).await, found, "{sql}");
    }
}

#[tokio::test]
async fn a_kept_head_finds_an_older_copy_and_says_when_it_is_too_old_itself() {
    let world = days(10).await;
    let (path, copy) = (world.path(), world.dir.path().join("copy.sqlite"));
    let early = world.store.audit_head().await.unwrap();
    world
        .execute(&format!("VACUUM INTO '{}'", copy.display()))
        .await;
    let event = AuditEvent::new(AuditKind::ConfigLoaded);
    world
        .store
        .audit_append(&[event], later(11 * DAY))
        .await
        .unwrap();
    world
        .store
        .audit_prune(later(6 * DAY), &PAPER)
        .await
        .unwrap();
    let late = world.store.audit_head().await.unwrap();
    for head in [&early, &late] {
        let report = world.store.audit_verify(Some(head)).await.unwrap();
        assert_eq!(report.first_problem, None);
    }
    world
        .store
        .audit_prune(later(12 * DAY), &PAPER)
        .await
        .unwrap();
    let report = world.store.audit_verify(Some(&early)).await.unwrap();
    assert_eq!(
        report.first_problem,
        Some(AuditProblem::HeadPruned { seq: early.seq })
    );
    world.store.close().await;
    let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&copy, owner_only).unwrap();
    std::fs::copy(&copy, &path).unwrap();
    for journal in ["anteroom.sqlite-wal", "anteroom.sqlite-shm"] {
        let _ = std::fs::remove_file(world.dir.path().join(journal));
    }
    let store = open_at(path, keys()).await.unwrap();
    let report = store.audit_verify(Some(&late)).await.unwrap();
    assert_eq!(
        report.first_problem,
        Some(AuditProblem::NotOurs { seq: late.seq })
    );
}

#[tokio::test]
async fn a_long_walk_tells_how_far_it_is() {
    let world = World::new().await;
    let many: Vec<_> = (0..2_500)
        .map(|_| AuditEvent::new(AuditKind::ConfigLoaded))
        .collect();
    world.store.audit_append(&many, NOW).await.unwrap();
    let mut told = Vec::new();
    let report = world
        .store
        .audit_verify_telling(None, |rows| told.push(rows))
        .await
        .unwrap();
    assert_eq!((report.rows, told), (2_501, vec![1_000, 2_000, 2_501]));
}

/// The base is under a key too, which must not keep an old one in the file for ever.
#[tokio::test]
async fn a_rotation_of_keys_takes_the_base_along() {
    let world = pruned().await;
    world.store.close().await;
    let both = Keys::new(2, vec![key(1), key(2)]).unwrap();
    let store = open_at(world.path(), both).await.unwrap();
    assert_eq!(
        store.reseal(later(20 * DAY)).await.unwrap().dispensable,
        [1]
    );
    store.close().await;
    let store = open_at(world.path(), Keys::new(2, vec![key(2)]).unwrap())
        .await
        .unwrap();
    assert_eq!(store.audit_verify(None).await.unwrap().first_problem, None);
}
