//! Enrolment: who comes first, what it needs, and that it is whole or not at all (attacks D14,
//! D15).

use super::*;
use crate::{AttemptState, CodeTry};

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
    assert!(world.session(&verified).await.is_none(), "not released yet");
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
    let step = world.material(held).await.oath[0].last_step;
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
    let record = world.session(&session).await.unwrap();
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
    let wrong = EnrolmentCode::mint(&fresh());
    assert!(
        world
            .store
            .enrolment_seed(held.id, &secret, NOW)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(world.try_code(held, &wrong).await, CodeTry::Wrong);
    assert!(
        world
            .store
            .enrolment_seed(held.id, &secret, NOW)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(world.try_code(held, &code).await, CodeTry::Ok);
    assert!(world.attempt(held).await.enrolment_code_ok);
    assert!(
        world
            .store
            .enrolment_seed(held.id, &secret, NOW)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_newer_enrolment_code_kills_the_older_even_between_trying_and_confirming() {
    let world = World::new().await;
    let bob = person("bob");
    let code = world.issue_code(&bob, NOW).await;
    let held = world.enrolling(&bob, EnrolmentProof::Code, NOW).await;
    assert_eq!(world.try_code(held, &code).await, CodeTry::Ok);
    let secret = TotpSecret::from_bytes(fresh::<20>().to_vec());
    world
        .store
        .enrolment_seed(held.id, &secret, NOW)
        .await
        .unwrap()
        .unwrap();
    let newer = world.issue_code(&bob, NOW).await;
    let context = world.enrol_context(held.id, &[], NOW);
    let outcome = world.confirm(held.id, &secret, context.clone()).await;
    assert_eq!(outcome, EnrolOutcome::CodeMissing);
    assert_eq!(world.number("SELECT COUNT(*) FROM authenticator").await, 0);
    assert_eq!(world.try_code(held, &code).await, CodeTry::Wrong);
    assert_eq!(world.try_code(held, &newer).await, CodeTry::Ok);
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
