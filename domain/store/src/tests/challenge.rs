//! Codes: spent once, counted always, and against the right counter.

use anteroom_core::audit::AuditKind;
use anteroom_core::challenge::CodeVerdict;
use anteroom_core::throttle::ThrottleStanding;

use super::*;
use crate::{AttemptState, StoredState};

#[tokio::test]
async fn a_claimed_code_opens_a_verified_session_with_its_key() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let material = world.material(held).await;
    let context = world.claim_context(held, &material, NOW);
    let claim = world.claim(world.accepted(&material, NOW), context).await;
    let Claim::Claimed(claimed) = claim else {
        panic!("{claim:?}")
    };
    assert_eq!(
        (claimed.attempt(), claimed.subscriber()),
        (held.id, alice.id)
    );
    assert_eq!(
        (claimed.session(), claimed.display_name()),
        (context.verified, "alice")
    );
    let record = world.session(&context.verified).await.unwrap();
    assert_eq!(record.jar_key, Some(context.jar_key));
    let verified = record.verified().unwrap();
    assert_eq!(
        (verified.authenticated_at, verified.ends_at),
        (NOW, context.ends_at)
    );
    assert_eq!(
        (record.subscriber, record.amr.as_str()),
        (Some(alice.id), "pwd otp mfa")
    );
    let pending = world.session(&held.pending).await.unwrap();
    assert_eq!(pending.state, StoredState::Ended);
    assert_eq!(world.attempt(held).await.state, AttemptState::Claimed);
    let released = world.release(&claimed, context.verified, NOW).await;
    assert_eq!(
        released,
        Release::Already {
            row: record.row,
            session: context.verified
        }
    );
    assert_eq!(world.attempt(held).await.state, AttemptState::Released);
}

/// D04: the same code in a second login, and the code of the step before.
#[tokio::test]
async fn a_spent_code_and_the_one_before_it_are_refused_in_another_login() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let before = world.challenged(&alice, NOW).await;
    let stale = world.material(before).await;
    let earlier = code_at(&alice.secret, step_at(NOW.minus(Duration::from_secs(30))));
    world.signed_in(&alice, NOW).await;
    for (typed, judged_by) in [
        (code_at(&alice.secret, step_at(NOW)), &stale),
        (earlier, &stale),
    ] {
        let CodeVerdict::Accept(accepted) = world.judge(judged_by, &typed, NOW) else {
            panic!("right by what was read before");
        };
        let context = world.claim_context(before, judged_by, NOW);
        let claim = world.claim(accepted, context).await;
        assert_eq!(claim, Claim::AlreadySpent);
        assert_eq!(world.kinds(1).await, ["code_reused"]);
    }
    let fresh = world.material(before).await;
    let judged = world.judge(&fresh, &code_at(&alice.secret, step_at(NOW)), NOW);
    assert!(matches!(judged, CodeVerdict::Replayed { .. }));
}

#[tokio::test]
async fn the_same_form_counts_again_for_thirty_seconds_and_another_never() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let material = world.material(held).await;
    let mut context = world.claim_context(held, &material, NOW);
    let accepted = world.accepted(&material, NOW);
    assert!(matches!(
        world.claim(accepted, context).await,
        Claim::Claimed(_)
    ));
    context.now = later(29);
    let accepted = world.accepted(&material, NOW);
    let claim = world.claim(accepted, context).await;
    let Claim::Again(claimed) = claim else {
        panic!("{claim:?}")
    };
    assert_eq!(claimed.session(), context.verified);
    for (mac, at, known) in [
        (context.code_mac, later(29), Some(claimed)),
        (context.code_mac, later(30), None),
        (fresh(), later(1), None),
    ] {
        let asked = world.store.challenge_again(held.id, &mac, at).await;
        assert_eq!(asked.unwrap(), known);
    }
    context.now = later(30);
    let accepted = world.accepted(&material, NOW);
    let claim = world.claim(accepted, context).await;
    assert_eq!(claim, Claim::AlreadySpent);
    (context.now, context.code_mac) = (later(1), fresh());
    let accepted = world.accepted(&material, NOW);
    let claim = world.claim(accepted, context).await;
    assert_eq!(claim, Claim::AlreadySpent);
    // B18: the pending id alone gets nothing.
    assert!(
        world
            .store
            .attempt_claimed(&held.pending)
            .await
            .unwrap()
            .is_none()
    );
    // And a form sent again after the session was ended does not bring it back.
    let record = world.session(&context.verified).await;
    assert!(record.is_some());
}

#[tokio::test]
async fn a_form_sent_again_after_logout_brings_nothing_back() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let material = world.material(held).await;
    let context = world.claim_context(held, &material, NOW);
    let accepted = world.accepted(&material, NOW);
    let _claimed = world.claim(accepted, context).await;
    let row = world.session(&context.verified).await.unwrap().row;
    assert!(
        world
            .store
            .session_end(row, "logout", later(1))
            .await
            .unwrap()
    );
    let accepted = world.accepted(&material, NOW);
    let claim = world.claim(accepted, context).await;
    assert_eq!(claim, Claim::Gone);
    let mac = context.code_mac;
    let asked = world.store.challenge_again(held.id, &mac, later(1)).await;
    assert_eq!(asked.unwrap(), None);
}

#[tokio::test]
async fn an_expired_attempt_is_not_claimed() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let material = world.material(held).await;
    let context = world.claim_context(held, &material, later(300));
    let accepted = world.accepted(&material, NOW);
    assert_eq!(world.claim(accepted, context).await, Claim::Gone);
    assert_eq!(
        world.material(held).await.oath[0].last_step,
        material.oath[0].last_step
    );
}

#[tokio::test]
async fn wrong_codes_pause_then_disable_and_an_operator_brings_her_back() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let mut now = NOW;
    for n in 1..=50 {
        let material = world.material(held).await;
        let failure = world.failure(held, &material, Some(alice.id), now);
        let told = world.store.challenge_fail(failure).await.unwrap();
        assert_eq!(told.throttle.consecutive, n);
        assert_eq!(told.disabled, n == 50);
        // The notice comes with the fifth, and then once a day.
        let day = now.since(NOW) >= Duration::from_secs(86_400);
        assert_eq!(told.password_may_be_stolen && !day, n == 5, "{n}");
        now = now.plus(Duration::from_secs(3601));
    }
    let notices = "SELECT COUNT(*) FROM audit WHERE kind = 'password_may_be_stolen'";
    assert_eq!(world.number(notices).await, 2, "50 hours hold two");
    let material = world.material(held).await;
    assert!(material.oath.iter().all(|one| one.disabled));
    let view = world
        .store
        .subscriber_find(&alice.who.key())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((view.totp_active, view.totp_disabled), (0, 1));
    assert!(world.kinds(4).await.contains(&"authenticator_disabled"));
    assert!(
        world
            .store
            .subscriber_unlock(alice.id, &Paper::of("olga", now))
            .await
            .unwrap()
    );
    assert_eq!(
        world.kinds(2).await,
        ["subscriber_unlocked", "authenticator_enabled"]
    );
    let material = world.material(held).await;
    assert_eq!(
        (material.throttle.consecutive, material.throttle.rolling),
        (0, 0)
    );
    world.signed_in(&alice, now).await;
}

/// DESIGN-CASES 5, attacks D09 and D12: without a proved password nobody reaches her own counter.
#[tokio::test]
async fn unproved_tries_count_against_the_name_and_alike_for_nobody() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let ghost = person("ghost");
    let mut told = Vec::new();
    for (who, subscriber) in [(&alice.who, Some(alice.id)), (&ghost, None)] {
        let mut seen = Vec::new();
        for n in 0..60 {
            // Each try in a login of its own: the counter is the name's, not the attempt's.
            let (tainted, _) = world.taint(who, NOW).await;
            let mut new = world.new_attempt(who, tainted, subscriber, NOW);
            new.proved = false;
            let held = world.withhold(new).await;
            let material = world.material(held).await;
            let failure = world.failure(held, &material, subscriber, later(n));
            let outcome = world.store.challenge_fail(failure).await.unwrap();
            assert!(!outcome.disabled && !outcome.password_may_be_stolen);
            seen.push(outcome.throttle);
        }
        told.push(seen);
    }
    assert_eq!(told[0], told[1], "alike for somebody and nobody");
    assert_eq!(told[0][59].consecutive, 49, "never the ceiling");
    let standing = told[0][59].standing(&world.policy, later(59));
    assert!(matches!(standing, ThrottleStanding::Paused { .. }));
    // Her own counter is untouched, and her proved login is not slowed.
    let held = world.challenged(&alice, later(60)).await;
    assert_eq!(world.material(held).await.throttle.rolling, 0);
    world.signed_in(&alice, later(60)).await;
    assert!(
        world
            .store
            .subscriber_unlock(alice.id, &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    assert_eq!(
        world.number("SELECT COUNT(*) FROM name_throttle").await,
        1,
        "the ghost's"
    );
}

/// D03: a right code clears the consecutive count, not the rolling one.
#[tokio::test]
async fn a_right_code_keeps_the_rolling_count() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    for _ in 0..4 {
        let material = world.material(held).await;
        let failure = world.failure(held, &material, Some(alice.id), NOW);
        world.store.challenge_fail(failure).await.unwrap();
    }
    world.signed_in(&alice, NOW).await;
    let throttle = world.material(held).await.throttle;
    assert_eq!((throttle.consecutive, throttle.rolling), (0, 4));
    assert_eq!(world.number("SELECT MAX(tries) FROM attempt").await, 4);
}

#[tokio::test]
async fn a_claim_with_another_attempts_reading_is_refused() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let material = world.material(held).await;
    let mut context = world.claim_context(held, &material, NOW);
    let (tainted, _) = world.taint(&alice.who, NOW).await;
    let mut new = world.new_attempt(&alice.who, tainted, Some(alice.id), NOW);
    new.proved = false;
    let unproved = world.withhold(new).await;
    context.version = world.material(unproved).await.version;
    let refused = world
        .store
        .challenge_claim(world.accepted(&material, NOW), context)
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
}

#[tokio::test]
async fn a_code_of_somebody_else_is_not_spent_for_her() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let mallory = world.enrolled("mallory").await;
    let hers = world.challenged(&alice, NOW).await;
    let his = world.challenged(&mallory, NOW).await;
    let accepted = world.accepted(&world.material(his).await, NOW);
    let context = world.claim_context(hers, &world.material(hers).await, NOW);
    let claim = world.claim(accepted, context).await;
    assert_eq!(claim, Claim::AlreadySpent);
    assert!(world.session(&context.verified).await.is_none());
}

#[tokio::test]
async fn a_suspended_subscriber_has_no_right_code() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let session = world.signed_in(&alice, NOW).await;
    let held = world.challenged(&alice, later(60)).await;
    let material = world.material(held).await;
    let accepted = world.accepted(&material, later(60));
    assert!(
        world
            .store
            .subscriber_suspend(alice.id, &Paper::of("olga", later(60)).because("left"))
            .await
            .unwrap()
    );
    let context = world.claim_context(held, &material, later(60));
    assert_eq!(world.claim(accepted, context).await, Claim::Gone);
    let record = world.session(&session).await.unwrap();
    assert_eq!((record.state, record.jar_key), (StoredState::Ended, None));
    assert!(world.store.unlock_material(alice.id).await.unwrap().oath[0].disabled);
    let view = world
        .store
        .subscriber_find(&alice.who.key())
        .await
        .unwrap()
        .unwrap();
    assert!(view.suspended);
    assert!(
        world
            .store
            .subscriber_resume(alice.id, &Paper::of("olga", later(61)))
            .await
            .unwrap()
    );
    world.signed_in(&alice, later(61)).await;
    let events = world
        .store
        .audit_of_subscriber(alice.id, 100)
        .await
        .unwrap();
    let has = |kind| events.iter().any(|row| row.event.kind == kind);
    assert!(has(AuditKind::SubscriberSuspended) && has(AuditKind::SubscriberResumed));
}
