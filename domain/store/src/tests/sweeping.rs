//! Sweeping: what goes, what stays, and that being late changes nothing.

use super::*;
use crate::{StoredState, SweepLimits, Swept};

async fn count(world: &World, table: &str) -> i64 {
    world.number(&format!("SELECT COUNT(*) FROM {table}")).await
}

#[tokio::test]
async fn a_fresh_store_has_nothing_to_sweep() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let hash = world.signed_in(&alice, NOW).await;
    let swept = world
        .store
        .sweep(NOW, SweepLimits::default())
        .await
        .unwrap();
    assert_eq!(swept.sessions_ended, 0);
    assert!(world.session(&hash).await.unwrap().verified().is_some());
}

#[tokio::test]
async fn an_expired_attempt_loses_its_answer_then_its_row() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world
        .store
        .sweep(NOW, SweepLimits::default())
        .await
        .unwrap();
    let held = world.challenged(&alice, NOW).await;
    // Just over: still there for a page that explains.
    let swept = world
        .store
        .sweep(later(310), SweepLimits::default())
        .await
        .unwrap();
    assert_eq!(swept.attempts_expired, 0);
    assert!(
        world
            .store
            .attempt_find(&held.pending)
            .await
            .unwrap()
            .is_some()
    );
    let swept = world
        .store
        .sweep(later(430), SweepLimits::default())
        .await
        .unwrap();
    assert_eq!(swept.attempts_expired, 1);
    assert_eq!(
        (
            count(&world, "attempt").await,
            count(&world, "held_answer").await
        ),
        (0, 0)
    );
    assert_eq!(world.kinds(1).await, ["attempt_expired"]);
    assert!(
        world.session(&held.tainted).await.is_some(),
        "still tainted"
    );
    assert!(world.store.tainted(&held.tainted, &[]).await.unwrap());
}

#[tokio::test]
async fn a_session_past_its_end_is_ended_and_later_forgotten() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let hash = world.signed_in(&alice, NOW).await;
    let over = later(12 * 3600);
    let swept = world
        .store
        .sweep(over, SweepLimits::default())
        .await
        .unwrap();
    assert_eq!(swept.sessions_ended, 2);
    let record = world.session(&hash).await.unwrap();
    assert_eq!((record.state, record.jar_key), (StoredState::Ended, None));
    let told = world.store.audit_of_subscriber(alice.id, 1).await.unwrap();
    assert_eq!(told[0].event.reason.as_deref(), Some("age"));
    let day_after = over.plus(Duration::from_secs(86_401));
    world
        .store
        .sweep(day_after, SweepLimits::default())
        .await
        .unwrap();
    assert!(world.session(&hash).await.is_none());
    assert_eq!(count(&world, "revocation").await, 0);
    let last = world.store.revocation_last().await.unwrap();
    assert_eq!(last, 0, "none left, and yet numbers are not reused");
    world.signed_in(&alice, day_after).await;
    world
        .store
        .sessions_end_all(alice.id, "logout", day_after)
        .await
        .unwrap();
    assert!(world.store.revocation_last().await.unwrap() > 2);
}

#[tokio::test]
async fn a_taint_and_its_values_live_as_long_as_they_were_given() {
    let world = World::new().await;
    let (hash, row) = world.taint(&person("alice"), NOW).await;
    let value = fresh();
    world.store.taint_values_add(row, &[value]).await.unwrap();
    world
        .store
        .sweep(later(86_399), SweepLimits::default())
        .await
        .unwrap();
    assert!(world.store.tainted(&fresh_hash(), &[value]).await.unwrap());
    world
        .store
        .sweep(later(86_401), SweepLimits::default())
        .await
        .unwrap();
    assert!(!world.store.tainted(&hash, &[value]).await.unwrap());
    assert_eq!(
        (
            count(&world, "session").await,
            count(&world, "taint_value").await
        ),
        (0, 0)
    );
}

#[tokio::test]
async fn used_up_codes_and_quiet_names_are_forgotten_in_time() {
    let world = World::new().await;
    world.issue_code(&person("bob"), NOW).await;
    world.issue_code(&person("bob"), NOW).await;
    for (name, wrong) in [("few", 3), ("many", 9)] {
        let who = person(name);
        let (tainted, _) = world.taint(&who, NOW).await;
        let held = world
            .withhold(world.new_attempt(&who, tainted, None, NOW))
            .await;
        for _ in 0..wrong {
            let material = world.material(held).await;
            world
                .store
                .challenge_fail(world.failure(held, &material, None, NOW))
                .await
                .unwrap();
        }
    }
    let sweep = |days: u64| {
        world
            .store
            .sweep(later(days * 86_400 + 1), SweepLimits::default())
    };
    sweep(0).await.unwrap();
    assert_eq!(
        (
            count(&world, "enrolment_code").await,
            count(&world, "name_throttle").await
        ),
        (2, 2)
    );
    sweep(1).await.unwrap();
    assert_eq!(count(&world, "name_throttle").await, 1, "the many");
    sweep(8).await.unwrap();
    assert_eq!(count(&world, "enrolment_code").await, 0);
    assert_eq!(count(&world, "name_throttle").await, 1);
    sweep(30).await.unwrap();
    assert_eq!(count(&world, "name_throttle").await, 0);
    assert_eq!(count(&world, "subscriber").await, 1, "persons stay");
}

#[tokio::test]
async fn a_sweep_goes_in_batches_and_finishes_next_time() {
    let world = World::new().await;
    for _ in 0..25 {
        world.taint(&person("alice"), NOW).await;
    }
    let limits = SweepLimits {
        batch: 5,
        batches: 2,
        ..SweepLimits::default()
    };
    let over = later(86_401);
    let deleted = [
        world.store.sweep(over, limits).await.unwrap().rows_deleted,
        world.store.sweep(over, limits).await.unwrap().rows_deleted,
        world.store.sweep(over, limits).await.unwrap().rows_deleted,
    ];
    assert_eq!(deleted, [10, 10, 5]);
    assert_eq!(
        world.store.sweep(over, limits).await.unwrap(),
        Swept::default()
    );
    world.store.checkpoint().await.unwrap();
}
