//! What an auditor gets: factors, acts with their paper, operators.

use anteroom_core::audit::{AuditEvent, AuditKind};

use super::*;

#[tokio::test]
async fn every_person_is_listed_with_her_factors_page_by_page() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world.issue_code(&person("bob"), NOW).await;
    let carol = world.enrolled("carol").await;
    let first = world.store.report_factors(None, 2).await.unwrap();
    let names: Vec<_> = first.iter().map(|one| one.display_name.as_str()).collect();
    assert_eq!(names, ["alice", "bob"]);
    assert_eq!(first[0].id, alice.id);
    assert_eq!((first[0].factors.len(), first[0].recovery_left), (1, 2));
    assert_eq!(first[0].factors[0].kind, "totp");
    assert!(first[1].factors.is_empty());
    let next = world
        .store
        .report_factors(Some(first[1].id), 2)
        .await
        .unwrap();
    assert_eq!((next.len(), next[0].id), (1, carol.id));
}

#[tokio::test]
async fn each_act_is_told_with_operator_reason_check_and_approver() {
    let world = World::new().await;
    let (alice, bob) = (world.enrolled("alice").await, world.enrolled("bob").await);
    let full = Paper {
        identity_check: "staff card",
        approved_by: Some("oscar"),
        ..Paper::of("olga", NOW).because("lost phone")
    };
    assert!(world.store.subscriber_reset(alice.id, &full).await.unwrap());
    let plain = Paper::of("olga", NOW).because("left");
    assert!(
        world
            .store
            .subscriber_suspend(bob.id, &plain)
            .await
            .unwrap()
    );
    // Of the same moment, but of another act.
    let other = AuditEvent::new(AuditKind::IdentityChecked)
        .subscriber(bob.id)
        .reason("no");
    world.store.audit_append(&[other], NOW).await.unwrap();
    let rows = world
        .store
        .report_resets(NOW, later(1), None, 10)
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (rows[0].kind, rows[0].subscriber),
        (AuditKind::SubscriberReset, Some(alice.id))
    );
    assert_eq!(rows[0].reason.as_deref(), Some("lost phone"));
    assert_eq!(rows[0].identity_check.as_deref(), Some("staff card"));
    assert_eq!(rows[0].approved_by.as_deref(), Some("oscar"));
    assert_eq!(rows[1].operator.as_deref(), Some("olga"));
    assert_eq!(
        (&rows[1].identity_check, &rows[1].approved_by),
        (&None, &None)
    );
    let rest = world
        .store
        .report_resets(NOW, later(1), Some(rows[0].seq), 10)
        .await
        .unwrap();
    assert_eq!(rest, rows[1..]);
    assert!(
        world
            .store
            .report_resets(later(1), later(2), None, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn operators_are_told_over_time() {
    let world = World::new().await;
    let made = AuditEvent::new(AuditKind::OperatorCreated)
        .operator("olga")
        .reason("oscar");
    let role = AuditEvent::new(AuditKind::OperatorRoleChanged)
        .operator("olga")
        .reason("auditor");
    world.store.audit_append(&[made], NOW).await.unwrap();
    world.store.audit_append(&[role], later(9)).await.unwrap();
    let rows = world
        .store
        .report_operators(NOW, later(10), None, 10)
        .await
        .unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| row.event.kind.name()).collect();
    assert_eq!(kinds, ["operator_created", "operator_role_changed"]);
}
