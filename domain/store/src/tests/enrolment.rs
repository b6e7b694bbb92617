//! Enrolment: who comes first, what it needs, and that it is whole or not at all (attacks D14,
//! D15).

use super::*;
use crate::{AttemptState, CodeTry, SubscriberStatus};

#[tokio::test]
async fn the_first_seed_stays_whatever_comes_later() {
    let world = World::new().await;
    let held = world
        .enrolling(&person("alice"), EnrolmentProof::Open, NOW)
        .await;
    let first = TotpSecret::from_bytes(fresh::<20>().to_vec());
    let second = TotpSecret::from_bytes(fresh::<20>().to_vec());
    for candidate in [&first, &second, &first] {
        let kept = world
            .store
            .enrolment_seed(held.id, candidate, NOW)
            .await
            .unwrap();
        assert_eq!(kept.as_ref(), Some(&first));
    }
    assert_eq!(world.attempt(held).await.seed, Some(first));
    let none = world
        .store
        .enrolment_seed(held.id, &second, later(300))
        .await
        .unwrap();
    assert!(none.is_none(), "over");
}

#[tokio::test]
async fn after_the_confirmation_the_codes_are_shown_until_the_release() {
    let world = World::new().await;
    let who = person("alice");
    let held = world.enrolling(&who, EnrolmentProof::Network, NOW).await;
    let secret = TotpSecret::from_bytes(fresh::<20>().to_vec());
    world
        .store
        .enrolment_seed(held.id, &secret, NOW)
        .await
        .unwrap();
    let context = world.enrol_context(held.id, &[RecoveryCode::mint(&fresh())], later(290));
    let verified = context.verified;
    let outcome = world.confirm(held.id, &secret, context.clone()).await;
    let EnrolOutcome::Claimed(claimed) = outcome.clone() else {
        panic!("{outcome:?}")
    };
    // The same form again changes nothing.
    assert_eq!(world.confirm(held.id, &secret, context).await, outcome);
    let found = world.store.attempt_claimed(&held.pending).await.unwrap();
    assert_eq!(found.as_ref(), Some(&claimed));
    let attempt = world.attempt(held).await;
    assert_eq!((attempt.state, attempt.seed), (AttemptState::Claimed, None));
    assert_eq!(attempt.codes.as_deref(), Some(&b"sealed codes"[..]));
    assert!(
        attempt.expires_at > later(800),
        "time to write the codes down"
    );
    assert!(
        world.store.session_find(&verified).await.unwrap().is_none(),
        "not released yet"
    );
    let released = world.release(&claimed, verified, later(500)).await;
    let Release::Created(row) = released else {
        panic!("{released:?}")
    };
    let again = world.release(&claimed, verified, later(501)).await;
    assert_eq!(
        again,
        Release::Already {
            row,
            session: verified
        }
    );
    let attempt = world.attempt(held).await;
    assert_eq!(
        (attempt.state, attempt.codes),
        (AttemptState::Released, None)
    );
    assert!(
        world
            .store
            .attempt_claimed(&held.pending)
            .await
            .unwrap()
            .is_none()
    );
    let view = world
        .store
        .subscriber_find(&who.key())
        .await
        .unwrap()
        .unwrap();
    assert!(view.linked && view.enrolled_at == Some(later(290)));
    assert_eq!((view.totp_active, view.recovery_left), (1, 1));
}

#[tokio::test]
async fn the_first_code_is_spent_with_the_enrolment() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let enrolled_at = NOW.minus(Duration::from_secs(3600));
    let held = world.challenged(&alice, enrolled_at).await;
    let step = world.material(held).await.totp[0].last_step;
    assert_eq!(step, Some(step_at(enrolled_at)));
}

#[tokio::test]
async fn nobody_enrols_under_a_name_that_is_enrolled() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let session = world.signed_in(&alice, NOW).await;
    let held = world
        .enrolling(&person("Alice"), EnrolmentProof::Open, NOW)
        .await;
    let secret = TotpSecret::from_bytes(fresh::<20>().to_vec());
    world
        .store
        .enrolment_seed(held.id, &secret, NOW)
        .await
        .unwrap();
    let context = world.enrol_context(held.id, &[], NOW);
    assert_eq!(
        world.confirm(held.id, &secret, context).await,
        EnrolOutcome::AlreadyEnrolled
    );
    assert_eq!(world.kinds(1).await, ["enrolment_refused"]);
    let view = world
        .store
        .subscriber_find(&person("Alice").key())
        .await
        .unwrap()
        .unwrap();
    assert!(
        !view.linked,
        "DESIGN-CASES 9: the fold finds, it does not link"
    );
    let record = world.store.session_find(&session).await.unwrap().unwrap();
    assert!(record.verified().is_some());
}

#[tokio::test]
async fn an_enrolment_that_needs_a_code_shows_no_seed_without_one() {
    let world = World::new().await;
    let bob = person("bob");
    let code = world.issue_code(&bob, NOW).await;
    let view = world
        .store
        .subscriber_find(&bob.key())
        .await
        .unwrap()
        .unwrap();
    assert!(view.linked && view.enrolled_at.is_none());
    let held = world.enrolling(&bob, EnrolmentProof::Code, NOW).await;
    let secret = TotpSecret::from_bytes(fresh::<20>().to_vec());
    assert!(
        world
            .store
            .enrolment_seed(held.id, &secret, NOW)
            .await
            .unwrap()
            .is_none()
    );
    let wrong = EnrolmentCode::mint(&fresh());
    let tried = world
        .store
        .enrolment_code_try(held.id, &wrong, &world.policy, NOW)
        .await
        .unwrap();
    assert_eq!(tried, CodeTry::Wrong);
    assert!(
        world
            .store
            .enrolment_seed(held.id, &secret, NOW)
            .await
            .unwrap()
            .is_none()
    );
    let tried = world
        .store
        .enrolment_code_try(held.id, &code, &world.policy, NOW)
        .await
        .unwrap();
    assert_eq!(tried, CodeTry::Ok);
    assert!(world.attempt(held).await.enrolment_code_ok);
    assert!(
        world
            .store
            .enrolment_seed(held.id, &secret, NOW)
            .await
            .unwrap()
            .is_some()
    );
    // A newer code kills it, also between trying and confirming.
    let newer = world.issue_code(&bob, NOW).await;
    let context = world.enrol_context(held.id, &[], NOW);
    let outcome = world.confirm(held.id, &secret, context.clone()).await;
    assert_eq!(outcome, EnrolOutcome::CodeMissing);
    assert_eq!(world.number("SELECT COUNT(*) FROM authenticator").await, 0);
    let tried = world
        .store
        .enrolment_code_try(held.id, &code, &world.policy, NOW)
        .await
        .unwrap();
    assert_eq!(tried, CodeTry::Wrong);
    let tried = world
        .store
        .enrolment_code_try(held.id, &newer, &world.policy, NOW)
        .await
        .unwrap();
    assert_eq!(tried, CodeTry::Ok);
    let outcome = world.confirm(held.id, &secret, context).await;
    assert!(matches!(outcome, EnrolOutcome::Claimed(_)));
    assert!(world.kinds(10).await.contains(&"enrolment_code_used"));
}

#[tokio::test]
async fn wrong_enrolment_codes_pause_alike_for_somebody_and_nobody() {
    let world = World::new().await;
    world.issue_code(&person("bob"), NOW).await;
    for who in [person("bob"), person("ghost")] {
        let held = world.enrolling(&who, EnrolmentProof::Code, NOW).await;
        let mut tries = Vec::new();
        for _ in 0..7 {
            let wrong = EnrolmentCode::mint(&fresh());
            let tried = world
                .store
                .enrolment_code_try(held.id, &wrong, &world.policy, NOW)
                .await;
            tries.push(tried.unwrap());
        }
        let until = later(30);
        assert_eq!(tries[4], CodeTry::Wrong);
        assert_eq!(
            tries[5..],
            [CodeTry::Paused { until }, CodeTry::Paused { until }]
        );
        // Another login does not help.
        let other = world.enrolling(&who, EnrolmentProof::Code, NOW).await;
        let wrong = EnrolmentCode::mint(&fresh());
        let tried = world
            .store
            .enrolment_code_try(other.id, &wrong, &world.policy, NOW)
            .await;
        assert_eq!(tried.unwrap(), CodeTry::Paused { until });
    }
}

#[tokio::test]
async fn a_code_of_another_subscriber_or_of_yesterday_is_wrong() {
    let world = World::new().await;
    let (bob, carol) = (person("bob"), person("carol"));
    let carols = world.issue_code(&carol, NOW).await;
    let bobs = world.issue_code(&bob, NOW).await;
    let held = world.enrolling(&bob, EnrolmentProof::Code, NOW).await;
    let tried = world
        .store
        .enrolment_code_try(held.id, &carols, &world.policy, NOW)
        .await
        .unwrap();
    assert_eq!(tried, CodeTry::Wrong);
    let tomorrow = later(86_400);
    let late = world.enrolling(&bob, EnrolmentProof::Code, tomorrow).await;
    let tried = world
        .store
        .enrolment_code_try(late.id, &bobs, &world.policy, tomorrow)
        .await;
    assert_eq!(tried.unwrap(), CodeTry::Wrong);
    // Copied to another subscriber's row, it is no code either.
    world
        .execute(
            "UPDATE enrolment_code SET mac = (SELECT mac FROM enrolment_code
             WHERE subscriber_id = 1), key_id = 1 WHERE subscriber_id = 2",
        )
        .await;
    let tried = world
        .store
        .enrolment_code_try(held.id, &carols, &world.policy, NOW)
        .await
        .unwrap();
    assert_eq!(tried, CodeTry::Wrong);
}

#[tokio::test]
async fn after_a_reset_nothing_old_works_and_only_a_code_enrols() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let session = world.signed_in(&alice, NOW).await;
    let held = world.challenged(&alice, later(60)).await;
    let open = world
        .enrolling(&person("alice"), EnrolmentProof::Open, later(60))
        .await;
    let material = world.material(held).await;
    assert!(
        world
            .store
            .subscriber_reset(alice.id, "olga", "lost phone", later(60))
            .await
            .unwrap()
    );
    let context = world.claim_context(held, &material, later(60));
    let accepted = world.accepted(&material, later(60));
    assert_eq!(
        world
            .store
            .challenge_claim(accepted, context)
            .await
            .unwrap(),
        Claim::Gone
    );
    assert!(
        world
            .store
            .attempt_find(&open.pending)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        world
            .store
            .session_find(&session)
            .await
            .unwrap()
            .unwrap()
            .jar_key
            .is_none()
    );
    let recovered = world
        .store
        .recovery_match(Some(alice.id), &alice.codes[0])
        .await
        .unwrap();
    assert_eq!(recovered, crate::RecoveryLookup::Nothing);
    assert_eq!(
        world
            .number("SELECT COUNT(*) FROM authenticator WHERE secret IS NULL")
            .await,
        1
    );
    let view = world
        .store
        .subscriber_find(&alice.who.key())
        .await
        .unwrap()
        .unwrap();
    assert!(view.was_reset && view.enrolled_at.is_none() && view.linked);
    // An attempt that was withheld for an open enrolment does not get round the code.
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
    assert_eq!(
        world.confirm(held.id, &secret, context).await,
        EnrolOutcome::CodeMissing
    );
    let code = world.issue_code(&alice.who, later(62)).await;
    let tried = world
        .store
        .enrolment_code_try(held.id, &code, &world.policy, later(62))
        .await;
    assert_eq!(tried.unwrap(), CodeTry::Ok);
    let context = world.enrol_context(held.id, &[], later(62));
    assert!(matches!(
        world.confirm(held.id, &secret, context).await,
        EnrolOutcome::Claimed(_)
    ));
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
        .subscriber_reset(claimed.subscriber(), "olga", "mistake", NOW)
        .await
        .unwrap();
    assert_eq!(world.release(&claimed, verified, NOW).await, Release::Gone);
    assert!(world.store.session_find(&verified).await.unwrap().is_none());
}

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
        .subscriber_suspend(alice.id, "olga", "left", NOW)
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
            .subscriber_reset(nobody, "olga", "", NOW)
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .subscriber_unlock(nobody, "olga", NOW)
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .subscriber_suspend(nobody, "olga", "", NOW)
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .subscriber_resume(nobody, "olga", NOW)
            .await
            .unwrap()
    );
    let refused = world.store.spelling_link(nobody, "x", "x", NOW).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    let alice = world.enrolled("alice").await;
    assert!(
        world
            .store
            .spelling_link(alice.id, "ALICE", "ALICE", NOW)
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .spelling_link(alice.id, "ALICE", "ALICE", NOW)
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
