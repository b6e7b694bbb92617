//! Recovery codes: whose they are, and what a flood of them does.

use super::*;
use crate::RecoveryLookup;

#[tokio::test]
async fn a_recovery_code_is_found_by_its_subscriber_only() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let bob = world.enrolled("bob").await;
    let find = |who, code| {
        let store = world.store.clone();
        async move { store.recovery_match(who, code).await.unwrap() }
    };
    let found = find(Some(alice.id), &alice.codes[0]).await;
    assert!(matches!(found, RecoveryLookup::Found(_)));
    assert_eq!(
        find(Some(bob.id), &alice.codes[0]).await,
        RecoveryLookup::Nothing
    );
    assert_eq!(find(None, &alice.codes[0]).await, RecoveryLookup::Nothing);
    let same_selector =
        RecoveryCode::parse(&format!("{}AAAAAAAAAAAAAAAA", alice.codes[0].selector())).unwrap();
    assert_eq!(
        find(Some(alice.id), &same_selector).await,
        RecoveryLookup::Nothing
    );
}

/// F04: more look-ups than may wait are turned away, unhashed; the rest are served.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_recovery_codes_is_turned_away() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (store, code) = (world.store.clone(), RecoveryCode::mint(&fresh()));
            tokio::spawn(async move { store.recovery_match(Some(alice.id), &code).await.unwrap() })
        })
        .collect();
    let mut busy = 0;
    for task in tasks {
        match task.await.unwrap() {
            RecoveryLookup::Busy => busy += 1,
            RecoveryLookup::Nothing => {}
            RecoveryLookup::Found(found) => panic!("{found:?}"),
        }
    }
    assert!((50..=82).contains(&busy), "{busy}");
    let found = world
        .store
        .recovery_match(Some(alice.id), &alice.codes[1])
        .await
        .unwrap();
    assert!(
        matches!(found, RecoveryLookup::Found(_)),
        "the queue is empty again"
    );
}
