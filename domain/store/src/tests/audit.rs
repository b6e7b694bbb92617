//! The audit log: what is in it, and every way of tampering with it found (attack E07).

use anteroom_core::audit::{AuditEvent, AuditKind};

use super::*;
use crate::{AuditHead, AuditProblem};

/// A log of ten rows.
async fn ten() -> World {
    let world = World::new().await;
    while world.store.audit_head().await.unwrap().seq < 10 {
        let event = AuditEvent::new(AuditKind::ConfigLoaded)
            .operator("olga")
            .client(CLIENT);
        world.store.audit_append(&[event], NOW).await.unwrap();
    }
    world
}

const WITHOUT_TRIGGERS: &str =
    "DROP TRIGGER audit_never_updated; DROP TRIGGER audit_never_deleted;";

async fn tampered(sql: &str) -> (World, Option<AuditProblem>) {
    let world = ten().await;
    world.execute(&format!("{WITHOUT_TRIGGERS} {sql}")).await;
    let problem = world.store.audit_verify(None).await.unwrap().first_problem;
    (world, problem)
}

#[tokio::test]
async fn an_untouched_log_is_whole() {
    let world = ten().await;
    let report = world.store.audit_verify(None).await.unwrap();
    assert_eq!((report.rows, report.first_problem), (10, None));
    assert_eq!(report.head, Some(world.store.audit_head().await.unwrap()));
}

#[tokio::test]
async fn honest_programs_cannot_change_or_delete_a_row() {
    let world = ten().await;
    let mut raw = world.raw().await;
    for sql in [
        "UPDATE audit SET operator = 'x' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 3",
    ] {
        let refused = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut raw)
            .await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("audit is append-only"), "{refused}");
    }
}

#[tokio::test]
async fn every_changed_column_is_found() {
    let changes = [
        "at = at - 1",
        "kind = 'sweep'",
        "kind = 'nothing_we_know'",
        "subscriber_id = 4",
        "app = 'emr'",
        "session = zeroblob(32)",
        "client = NULL",
        "client = '192.0.2.8'",
        "client = 'nowhere'",
        "operator = 'mallory'",
        "operator = operator || x'0A'",
        "reason = 'because'",
        "hash = zeroblob(32)",
    ];
    for change in changes {
        let (_, problem) = tampered(&format!("UPDATE audit SET {change} WHERE seq = 5")).await;
        assert!(
            matches!(problem, Some(AuditProblem::Altered { seq: 5 | 6 })),
            "{change}: {problem:?}"
        );
    }
}

/// Text is cleaned before it is hashed, so what cleaning hides has to be looked for.
#[tokio::test]
async fn text_that_cleaning_would_hide_is_found() {
    let world = ten().await;
    let long = AuditEvent::new(AuditKind::SubscriberReset).reason(&"x".repeat(200));
    world.store.audit_append(&[long], NOW).await.unwrap();
    let change = "UPDATE audit SET reason = reason || 'and more' WHERE seq = 11";
    world.execute(&format!("{WITHOUT_TRIGGERS} {change}")).await;
    let report = world.store.audit_verify(None).await.unwrap();
    assert_eq!(
        report.first_problem,
        Some(AuditProblem::Altered { seq: 11 })
    );
}

#[tokio::test]
async fn a_row_deleted_from_the_middle_is_found() {
    let (_, problem) = tampered("DELETE FROM audit WHERE seq = 5").await;
    assert_eq!(
        problem,
        Some(AuditProblem::Missing {
            expected: 5,
            found: 6
        })
    );
    let renumbered =
        "DELETE FROM audit WHERE seq = 5; UPDATE audit SET seq = seq - 1 WHERE seq > 5";
    let (_, problem) = tampered(renumbered).await;
    assert_eq!(problem, Some(AuditProblem::Altered { seq: 5 }));
}

#[tokio::test]
async fn rows_that_changed_places_are_found() {
    let swap = "UPDATE audit SET seq = 99 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5;
                UPDATE audit SET seq = 5 WHERE seq = 99";
    let (_, problem) = tampered(swap).await;
    assert_eq!(problem, Some(AuditProblem::Altered { seq: 4 }));
}

#[tokio::test]
async fn a_cut_tail_is_found_and_nothing_is_written_over_it() {
    let (world, problem) = tampered("DELETE FROM audit WHERE seq > 7").await;
    assert_eq!(problem, Some(AuditProblem::Cut { last: 7, head: 10 }));
    let event = AuditEvent::new(AuditKind::ConfigLoaded);
    let refused = world.store.audit_append(&[event], NOW).await.unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }));
    // A decision that cannot be audited is not taken.
    let typed = TypedIdentity {
        tenant: String::new(),
        name: "alice".into(),
    };
    let taint = Taint {
        session: fresh_hash(),
        app: &world.app,
        values: &[],
        typed: &typed,
        jar: b"",
        client: CLIENT,
        expires_at: later(60),
        now: NOW,
    };
    assert!(world.store.login_taint(taint).await.is_err());
    assert!(!world.store.tainted(&taint.session, &[]).await.unwrap());
}

#[tokio::test]
async fn a_cut_tail_with_a_head_to_match_is_found_by_its_mac() {
    let cut = "DELETE FROM audit WHERE seq > 7;
               UPDATE audit_anchor SET seq = 7, hash = (SELECT hash FROM audit WHERE seq = 7)";
    let (world, problem) = tampered(cut).await;
    assert_eq!(problem, Some(AuditProblem::HeadForged));
    // Our own next append must not sign the cut log.
    let refused = world
        .store
        .audit_append(&[AuditEvent::new(AuditKind::Sweep)], NOW)
        .await;
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })));
    assert_eq!(
        tampered("DELETE FROM audit_anchor").await.1,
        Some(AuditProblem::HeadForged)
    );
    let emptied = "DELETE FROM audit; DELETE FROM audit_anchor";
    assert_eq!(tampered(emptied).await.1, Some(AuditProblem::HeadForged));
}

#[tokio::test]
async fn a_row_put_in_by_hand_is_found() {
    let backdated = "INSERT INTO audit (seq, at, kind, hash) VALUES (11, 1, 'sweep', zeroblob(32))";
    let (_, problem) = tampered(backdated).await;
    assert_eq!(problem, Some(AuditProblem::Altered { seq: 11 }));
}

/// Whoever can compute the chain but not the MAC can write rows, and is found at the head.
#[tokio::test]
async fn a_well_chained_row_beyond_the_head_is_found() {
    let world = ten().await;
    let head = world.store.audit_head().await.unwrap();
    let event = AuditEvent::new(AuditKind::Sweep);
    let hash = crate::audit::chained(&head.hash, &event, 11, NOW);
    let mut raw = world.raw().await;
    sqlx::query("INSERT INTO audit (seq, at, kind, hash) VALUES (11, $1, 'sweep', $2)")
        .bind(NOW.as_millis())
        .bind(&hash[..])
        .execute(&mut raw)
        .await
        .unwrap();
    let report = world.store.audit_verify(None).await.unwrap();
    assert_eq!(
        report.first_problem,
        Some(AuditProblem::Beyond { head: 10 })
    );
}

#[tokio::test]
async fn an_older_copy_of_the_file_is_found_by_a_head_kept_outside() {
    let world = ten().await;
    world.store.close().await;
    let copy = world.dir.path().join("copy.sqlite");
    std::fs::copy(world.path(), &copy).unwrap();
    let world = World {
        store: open_at(world.path(), keys()).await.unwrap(),
        ..world
    };
    let event = AuditEvent::new(AuditKind::SubscriberReset);
    world.store.audit_append(&[event], NOW).await.unwrap();
    let kept: AuditHead = world
        .store
        .audit_head()
        .await
        .unwrap()
        .to_string()
        .parse()
        .unwrap();
    let report = world.store.audit_verify(Some(&kept)).await.unwrap();
    assert_eq!(report.first_problem, None);
    let older = open_at(copy, keys()).await.unwrap();
    let report = older.audit_verify(Some(&kept)).await.unwrap();
    assert_eq!(
        report.first_problem,
        Some(AuditProblem::NotOurs { seq: 11 })
    );
    let forged = AuditHead { seq: 10, ..kept };
    let report = older.audit_verify(Some(&forged)).await.unwrap();
    assert_eq!(report.first_problem, Some(AuditProblem::HeadForged));
}

#[test]
fn only_a_head_reads_as_a_head() {
    for text in [
        "",
        "anteroom-audit-head",
        "anteroom-audit-head:1:00:1:00",
        "10:aa:1:bb",
    ] {
        assert!(text.parse::<AuditHead>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn events_come_back_as_they_were_and_cleaned() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let event = AuditEvent {
        operator: Some("olga\n2026-01-01 login ok".into()),
        ..AuditEvent::new(AuditKind::SubscriberReset)
            .subscriber(alice.id)
            .app(&world.app)
            .session(SessionHash([7; 32]))
            .client("2001:db8::1".parse().unwrap())
            .reason("lost phone")
    };
    world
        .store
        .audit_append(std::slice::from_ref(&event), later(1))
        .await
        .unwrap();
    let tail = world.store.audit_tail(1).await.unwrap();
    let told = &tail[0];
    assert_eq!(told.at, later(1));
    assert_eq!(
        told.event.operator.as_deref(),
        Some("olga\u{FFFD}2026-01-01 login ok")
    );
    assert_eq!(
        AuditEvent {
            operator: event.operator.clone(),
            ..told.event.clone()
        },
        event
    );
    let hers = world
        .store
        .audit_of_subscriber(alice.id, 100)
        .await
        .unwrap();
    assert!(
        hers.iter()
            .all(|row| row.event.subscriber == Some(alice.id))
    );
    assert_eq!(hers[0].event.kind, AuditKind::SubscriberReset);
    let from_five = world.store.audit_after(4, 2).await.unwrap();
    assert_eq!(
        from_five.iter().map(|row| row.seq).collect::<Vec<_>>(),
        [5, 6]
    );
    world.audit_is_whole().await;
}

#[tokio::test]
async fn a_sign_in_leaves_its_trail_in_order() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world.signed_in(&alice, NOW).await;
    assert_eq!(
        world.kinds(100).await,
        [
            "key_rotated",
            "login_tainted",
            "login_withheld",
            "enrolment_started",
            "enrolment_confirmed",
            "recovery_codes_issued",
            "session_verified",
            "released",
            "login_tainted",
            "login_withheld",
            "challenge_passed",
            "session_verified",
        ]
    );
    let rows = world.store.audit_tail(100).await.unwrap();
    let verified = rows
        .iter()
        .filter(|row| row.event.kind == AuditKind::SessionVerified);
    let means: Vec<_> = verified.map(|row| row.event.reason.as_deref()).collect();
    assert_eq!(means, [Some("totp"), Some("totp")], "by what, in the row");
}

/// A longer log than one page of the walk.
#[tokio::test]
async fn a_log_of_several_pages_is_walked_to_its_end() {
    let world = World::new().await;
    let events = vec![AuditEvent::new(AuditKind::LoginFailed); 2500];
    world.store.audit_append(&events, NOW).await.unwrap();
    let report = world.store.audit_verify(None).await.unwrap();
    assert_eq!((report.rows, report.first_problem), (2501, None));
    world
        .execute(&format!(
            "{WITHOUT_TRIGGERS} DELETE FROM audit WHERE seq = 2001"
        ))
        .await;
    let report = world.store.audit_verify(None).await.unwrap();
    assert_eq!(report.rows, 2000);
    assert_eq!(
        report.first_problem,
        Some(AuditProblem::Missing {
            expected: 2001,
            found: 2002
        })
    );
}
