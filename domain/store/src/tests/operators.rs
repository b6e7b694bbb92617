//! What operators do: lists, resets, unlocks, and that nothing old survives them.

use super::*;
use crate::{CodeTry, RecoveryLookup, SubscriberStatus};

#[tokio::test]
async fn a_list_shows_each_at_a_glance() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world.issue_code(&person("50%_off!"), NOW).await;
    let list = |filter: &'static str| {
        let store = world.store.clone();
        async move { store.subscriber_list(filter, 50).await.unwrap() }
    };
    let statuses: Vec<_> = list("")
        .await
        .iter()
        .map(|one| one.status(&world.policy, NOW).word())
        .collect();
    assert_eq!(statuses, ["invited", "enrolled"]);
    assert!(list("").await[0].code_issued);
    for (filter, found) in [
        ("ALI", 1),
        ("lic", 1),
        ("%", 1),
        ("_", 1),
        ("!", 1),
        ("bob", 0),
    ] {
        assert_eq!(list(filter).await.len(), found, "{filter}");
    }
    let held = world.challenged(&alice, NOW).await;
    for _ in 0..5 {
        let material = world.material(held).await;
        let failure = world.failure(held, &material, Some(alice.id), NOW);
        world.store.challenge_fail(failure).await.unwrap();
    }
    let status = list("alice").await[0].status(&world.policy, NOW);
    assert_eq!(status, SubscriberStatus::Paused { until: later(30) });
    world
        .store
        .subscriber_suspend(alice.id, &Paper::of("olga", NOW).because("left"))
        .await
        .unwrap();
    assert_eq!(
        list("alice").await[0].status(&world.policy, NOW),
        SubscriberStatus::Suspended
    );
}

#[tokio::test]
async fn operators_cannot_touch_who_is_not_there() {
    let world = World::new().await;
    let nobody = SubscriberId(99);
    assert!(
        !world
            .store
            .subscriber_reset(nobody, &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .subscriber_unlock(nobody, &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .subscriber_suspend(nobody, &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .subscriber_resume(nobody, &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    let signed_out = world
        .store
        .subscriber_sign_out(nobody, &Paper::of("olga", NOW))
        .await;
    assert_eq!(signed_out.unwrap(), None);
    let refused = world
        .store
        .spelling_link(nobody, "x", "x", &Paper::of("olga", NOW))
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    let alice = world.enrolled("alice").await;
    assert!(
        world
            .store
            .spelling_link(alice.id, "ALICE", "ALICE", &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .spelling_link(alice.id, "ALICE", "ALICE", &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    let view = world
        .store
        .subscriber_find(&person("ALICE").key())
        .await
        .unwrap()
        .unwrap();
    assert!(view.linked);
}

#[tokio::test]
async fn a_reset_between_confirmation_and_release_releases_nothing() {
    let world = World::new().await;
    let held = world
        .enrolling(&person("alice"), EnrolmentProof::Open, NOW)
        .await;
    let secret = TotpSecret::from_bytes(fresh::<20>().to_vec());
    world
        .store
        .enrolment_seed(held.id, &secret, NOW)
        .await
        .unwrap();
    let context = world.enrol_context(held.id, &[], NOW);
    let verified = context.verified;
    let EnrolOutcome::Claimed(claimed) = world.confirm(held.id, &secret, context).await else {
        panic!("first");
    };
    world
        .store
        .subscriber_reset(
            claimed.subscriber(),
            &Paper::of("olga", NOW).because("mistake"),
        )
        .await
        .unwrap();
    assert_eq!(world.release(&claimed, verified, NOW).await, Release::Gone);
    assert!(world.session(&verified).await.is_none());
}

#[tokio::test]
async fn after_a_reset_nothing_old_works() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let session = world.signed_in(&alice, NOW).await;
    let held = world.challenged(&alice, later(60)).await;
    let open = world
        .enrolling(&person("alice"), EnrolmentProof::Open, later(60))
        .await;
    let material = world.material(held).await;
    let paper = Paper::of("olga", later(60)).because("lost phone");
    let reset = world.store.subscriber_reset(alice.id, &paper);
    assert!(reset.await.unwrap());
    let context = world.claim_context(held, &material, later(60));
    let accepted = world.accepted(&material, later(60));
    let claim = world.store.challenge_claim(accepted, context).await;
    assert_eq!(claim.unwrap(), Claim::Gone);
    assert!(
        world
            .store
            .attempt_find(&open.pending)
            .await
            .unwrap()
            .is_none()
    );
    let record = world.session(&session).await.unwrap();
    assert!(record.jar_key.is_none());
    let found = world
        .store
        .recovery_match(Some(alice.id), &alice.codes[0])
        .await;
    assert_eq!(found.unwrap(), RecoveryLookup::Nothing);
    let destroyed = "SELECT COUNT(*) FROM authenticator WHERE secret IS NULL";
    assert_eq!(world.number(destroyed).await, 1, "history without its seed");
    let view = world
        .store
        .subscriber_find(&alice.who.key())
        .await
        .unwrap()
        .unwrap();
    assert!(view.was_reset && view.enrolled_at.is_none() && view.linked);
}

/// D15: the password thief who comes first after a reset finds a closed door.
#[tokio::test]
async fn after_a_reset_only_a_code_issued_since_enrols() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let old_code = world.issue_code(&alice.who, NOW).await;
    world
        .store
        .subscriber_reset(alice.id, &Paper::of("olga", NOW).because("lost phone"))
        .await
        .unwrap();
    let held = world
        .enrolling(&person("alice"), EnrolmentProof::Open, later(61))
        .await;
    let secret = TotpSecret::from_bytes(fresh::<20>().to_vec());
    world
        .store
        .enrolment_seed(held.id, &secret, later(61))
        .await
        .unwrap();
    let context = world.enrol_context(held.id, &[], later(61));
    let outcome = world.confirm(held.id, &secret, context.clone()).await;
    assert_eq!(outcome, EnrolOutcome::CodeMissing);
    let policy = world.policy;
    let tried = |code: EnrolmentCode| {
        let store = world.store.clone();
        async move {
            store
                .enrolment_code_try(held.id, &code, &policy, later(62))
                .await
                .unwrap()
        }
    };
    assert_eq!(tried(old_code).await, CodeTry::Wrong);
    let new_code = world.issue_code(&alice.who, later(62)).await;
    assert_eq!(tried(new_code).await, CodeTry::Ok);
    let outcome = world.confirm(held.id, &secret, context).await;
    assert!(matches!(outcome, EnrolOutcome::Claimed(_)));
    let view = world
        .store
        .subscriber_find(&alice.who.key())
        .await
        .unwrap()
        .unwrap();
    assert!(!view.was_reset && view.enrolled_at.is_some());
    world.audit_is_whole().await;
}

#[tokio::test]
async fn what_an_operator_disabled_is_not_enabled_by_an_unlock() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world
        .execute("UPDATE authenticator SET disabled_at = 1, disabled_by = 'operator'")
        .await;
    assert!(
        world
            .store
            .subscriber_unlock(alice.id, &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    assert!(world.store.unlock_material(alice.id).await.unwrap().oath[0].disabled);
}
