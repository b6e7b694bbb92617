//! Sessions: touched forward only, locked, rotated, ended with their key, followed by every node.

use super::*;
use crate::session::BOUND_VALUES;
use crate::{Passage, Revocation, SingleFactor, StoredState, Unlock, UnlockContext};

async fn signed_in() -> (World, Enrolled, SessionHash, SessionRow) {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let hash = world.signed_in(&alice, NOW).await;
    let row = world.session(&hash).await.unwrap().row;
    (world, alice, hash, row)
}

#[tokio::test]
async fn activity_is_written_forward_only_and_for_verified_ones_only() {
    let (world, _, hash, row) = signed_in().await;
    let active = || async { world.session(&hash).await.unwrap().active_at };
    world
        .store
        .session_touch_many(&[(row, later(30)), (SessionRow(999), later(30))])
        .await
        .unwrap();
    assert_eq!(active().await, later(30));
    world
        .store
        .session_touch_many(&[(row, later(10))])
        .await
        .unwrap();
    assert_eq!(active().await, later(30));
    let (tainted, tainted_row) = world.taint(&person("bob"), NOW).await;
    let many: Vec<_> = (0..500).map(|_| (tainted_row, later(99))).collect();
    world.store.session_touch_many(&many).await.unwrap();
    let record = world.session(&tainted).await.unwrap();
    assert_eq!(record.active_at, NOW);
}

#[tokio::test]
async fn a_locked_session_keeps_its_key_and_raises_its_epoch() {
    let (world, _, hash, row) = signed_in().await;
    let before = world.session(&hash).await.unwrap();
    assert!(world.store.session_lock(row, later(5)).await.unwrap());
    assert!(!world.store.session_lock(row, later(6)).await.unwrap());
    let after = world.session(&hash).await.unwrap();
    assert!(after.locked && after.verified().unwrap().locked && after.epoch > before.epoch);
    assert_eq!(after.jar_key, before.jar_key);
    assert_eq!(world.kinds(1).await, ["session_locked"]);
}

#[tokio::test]
async fn an_unlock_rotates_the_id_and_keeps_row_and_key() {
    let (world, alice, hash, row) = signed_in().await;
    let before = world.session(&hash).await.unwrap();
    world.store.session_lock(row, later(60)).await.unwrap();
    let material = world.store.unlock_material(alice.id).await.unwrap();
    let mut context = UnlockContext {
        row,
        old: hash,
        new: fresh_hash(),
        version: material.version,
        code_mac: fresh(),
        amr: "pwd otp mfa",
        client: CLIENT,
        now: later(60),
    };
    let accepted = || world.accepted(&material, later(60));
    let unlock = world.store.unlock_claim(accepted(), context).await.unwrap();
    let Unlock::Unlocked(unlocked) = unlock else {
        panic!("{unlock:?}")
    };
    assert_eq!((unlocked.row(), unlocked.session()), (row, context.new));
    let after = world.session(&context.new).await.unwrap();
    assert_eq!((after.row, after.jar_key), (row, before.jar_key));
    assert_eq!((after.locked, after.authenticated_at), (false, later(60)));
    assert_eq!(
        after.ends_at, before.ends_at,
        "an unlock does not lengthen the session"
    );
    assert_eq!(after.superseded_by_rotation_at, None);
    // The old id finds the row, with its old rights: it was locked, and stays so.
    let old = world.session(&hash).await.unwrap();
    assert_eq!((old.row, old.hash, old.locked), (row, context.new, true));
    assert_eq!(old.superseded_by_rotation_at, Some(later(60)));
    assert_eq!((old.authenticated_at, old.active_at), (NOW, NOW));
    // The same form again, in time and too late, and another form: asked before and after judging.
    for (seconds, mac, known) in [
        (80, context.code_mac, true),
        (90, context.code_mac, false),
        (61, fresh(), false),
    ] {
        (context.now, context.code_mac) = (later(seconds), mac);
        let again = world
            .store
            .unlock_again(row, &hash, &mac, context.now)
            .await;
        assert_eq!(again.unwrap(), known.then_some(unlocked));
        let again = world.store.unlock_claim(accepted(), context).await.unwrap();
        let expected = if known {
            Unlock::Again(unlocked)
        } else {
            Unlock::AlreadySpent
        };
        assert_eq!(again, expected, "{seconds}");
    }
}

#[tokio::test]
async fn an_ended_or_foreign_session_is_not_unlocked() {
    let (world, alice, hash, row) = signed_in().await;
    let mallory = world.enrolled("mallory").await;
    let context = |material: &Material, now| UnlockContext {
        row,
        old: hash,
        new: fresh_hash(),
        version: material.version,
        code_mac: fresh(),
        amr: "otp",
        client: CLIENT,
        now,
    };
    let his = world.store.unlock_material(mallory.id).await.unwrap();
    let accepted = world.accepted(&his, later(60));
    let unlock = world
        .store
        .unlock_claim(accepted, context(&his, later(60)))
        .await
        .unwrap();
    assert_eq!(unlock, Unlock::Gone);
    let hers = world.store.unlock_material(alice.id).await.unwrap();
    let accepted = world.accepted(&hers, later(60));
    let over = later(12 * 3600);
    let unlock = world
        .store
        .unlock_claim(accepted, context(&hers, over))
        .await
        .unwrap();
    assert_eq!(unlock, Unlock::Gone, "past its overall end");
    world
        .store
        .session_end(row, "logout", later(60))
        .await
        .unwrap();
    let accepted = world.accepted(&hers, later(60));
    let unlock = world
        .store
        .unlock_claim(accepted, context(&hers, later(60)))
        .await
        .unwrap();
    assert_eq!(unlock, Unlock::Gone);
    let last = world.store.unlock_material(alice.id).await.unwrap().oath[0].last_step;
    assert_eq!(last, Some(step_at(NOW)), "nothing was spent");
}

/// DESIGN-CASES 21: ending destroys the key, in the same statement.
#[tokio::test]
async fn an_ended_session_has_lost_its_key_and_every_node_is_told() {
    let (world, alice, hash, row) = signed_in().await;
    world.store.session_kept_put(row, b"kept").await.unwrap();
    world.store.session_bind_value(row, &fresh()).await.unwrap();
    world
        .store
        .delivery_put(hash, "/login", b"page", later(60))
        .await
        .unwrap();
    let found = world.session(&hash).await.unwrap();
    assert_eq!(found.delivery.as_deref(), Some("/login"));
    let last = world.store.revocation_last().await.unwrap();
    assert!(
        world
            .store
            .session_end(row, "logout", later(9))
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .session_end(row, "logout", later(9))
            .await
            .unwrap()
    );
    let record = world.session(&hash).await.unwrap();
    assert_eq!(record.state, StoredState::Ended);
    assert!(record.jar_key.is_none() && record.jar.is_none() && record.bound.is_empty());
    assert!(record.delivery.is_none() && record.verified().is_none());
    let revoked = world.store.revocations_after(last).await.unwrap();
    assert_eq!(revoked, [Revocation { seq: last + 1, row }]);
    assert!(!world.store.session_kept_put(row, b"late").await.unwrap());
    assert!(!world.store.session_bind_value(row, &fresh()).await.unwrap());
    assert!(
        !world
            .store
            .delivery_put(hash, "/x", b"late", later(60))
            .await
            .unwrap()
    );
    let told = world.store.audit_of_subscriber(alice.id, 1).await.unwrap();
    assert_eq!(told[0].event.reason.as_deref(), Some("logout"));
}

#[tokio::test]
async fn ending_all_of_a_subscriber_ends_hers_and_nobody_elses() {
    let (world, alice, hash, _) = signed_in().await;
    let bob = world.enrolled("bob").await;
    let his = world.signed_in(&bob, NOW).await;
    let hers = world.store.sessions_of(alice.id).await.unwrap();
    assert_eq!(hers.len(), 2);
    assert_eq!(hers[0].hash, hash, "the latest first");
    let last = world.store.revocation_last().await.unwrap();
    assert_eq!(
        world
            .store
            .sessions_end_all(alice.id, "revoked", NOW)
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        world
            .store
            .sessions_end_all(alice.id, "revoked", NOW)
            .await
            .unwrap(),
        0
    );
    assert!(world.store.sessions_of(alice.id).await.unwrap().is_empty());
    assert!(world.session(&his).await.unwrap().verified().is_some());
    let mut revoked: Vec<_> = world.store.revocations_after(last).await.unwrap();
    revoked.retain(|one| hers.iter().any(|session| one.row == session.row));
    assert_eq!(revoked.len(), 2);
}

#[tokio::test]
async fn an_operators_act_names_the_sessions_it_ended_and_none_that_comes_after() {
    for act in ["reset", "suspend", "sign out"] {
        let (world, alice, _, row) = signed_in().await;
        let hers = world.store.sessions_of(alice.id).await.unwrap();
        assert!(hers.iter().any(|session| session.row == row));
        let last = world.store.revocation_last().await.unwrap();
        let store = &world.store;
        match act {
            "reset" => drop(
                store
                    .subscriber_reset(alice.id, &Paper::of("olga", NOW).because("x"))
                    .await,
            ),
            "suspend" => drop(
                store
                    .subscriber_suspend(alice.id, &Paper::of("olga", NOW).because("x"))
                    .await,
            ),
            _ => drop(
                store
                    .subscriber_sign_out(alice.id, &Paper::of("olga", NOW))
                    .await,
            ),
        }
        let revoked = store.revocations_after(last).await.unwrap();
        let mut rows: Vec<_> = revoked.iter().map(|one| one.row).collect();
        let mut ended: Vec<_> = hers.iter().map(|session| session.row).collect();
        rows.sort_unstable();
        ended.sort_unstable();
        assert_eq!(rows, ended, "{act}");
        let of_all = "SELECT COUNT(*) FROM revocation WHERE session_id IS NULL";
        assert_eq!(world.number(of_all).await, 0, "{act}");
    }
}

#[tokio::test]
async fn the_sixteen_newest_bound_values_are_kept() {
    let (world, _, hash, row) = signed_in().await;
    let values: Vec<[u8; 32]> = (0..20).map(|_| fresh()).collect();
    for value in &values {
        assert!(world.store.session_bind_value(row, value).await.unwrap());
    }
    let bound = world.session(&hash).await.unwrap().bound;
    assert_eq!(bound, values[20 - BOUND_VALUES..]);
    // One that is set again is the newest again.
    world
        .store
        .session_bind_value(row, &values[10])
        .await
        .unwrap();
    let bound = world.session(&hash).await.unwrap().bound;
    assert_eq!(
        (bound.len(), bound.last()),
        (BOUND_VALUES, Some(&values[10]))
    );
}

#[tokio::test]
async fn a_delivery_waits_for_its_session_path_and_time() {
    let (world, alice, hash, _) = signed_in().await;
    let other = world.signed_in(&alice, later(60)).await;
    let put = |path: &'static str| world.store.delivery_put(hash, path, b"page", later(60));
    let take = |session, path: &'static str, now| world.store.delivery_take(session, path, now);
    put("/old").await.unwrap();
    put("/login").await.unwrap();
    assert_eq!(
        take(hash, "/old", NOW).await.unwrap(),
        None,
        "the newest only"
    );
    assert_eq!(take(other, "/login", NOW).await.unwrap(), None);
    assert_eq!(
        take(hash, "/login", later(60)).await.unwrap(),
        None,
        "too late"
    );
    assert_eq!(
        take(hash, "/login", later(59)).await.unwrap().as_deref(),
        Some(&b"page"[..])
    );
    assert_eq!(take(hash, "/login", later(59)).await.unwrap(), None);
}

#[tokio::test]
async fn a_single_factor_passage_is_marked_stale_and_audited() {
    let world = World::new().await;
    let (tainted, _) = world.taint(&person("carol"), NOW).await;
    let passage = SingleFactor {
        tainted,
        verified: fresh_hash(),
        app: &world.app,
        subscriber: None,
        emergency: None,
        jar_key: fresh(),
        ends_at: later(3600),
        amr: "pwd",
        client: CLIENT,
        now: NOW,
    };
    let passed = world.store.single_factor_open(passage).await.unwrap();
    assert!(matches!(passed, Passage::Opened(_)));
    let record = world.session(&passage.verified).await.unwrap();
    assert!(record.single_factor && record.jar_key == Some(passage.jar_key));
    assert_eq!(record.authenticated_at, Timestamp::default());
    assert_eq!(world.kinds(1).await, ["single_factor_passage"]);
    let untainted = SingleFactor {
        tainted: fresh_hash(),
        verified: fresh_hash(),
        ..passage
    };
    let refused = world.store.single_factor_open(untainted).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
}

#[tokio::test]
async fn an_enrolment_ends_what_was_opened_without_a_factor() {
    let world = World::new().await;
    let carol = person("carol");
    world.issue_code(&carol, NOW).await;
    let view = world
        .store
        .subscriber_find(&carol.key())
        .await
        .unwrap()
        .unwrap();
    let (tainted, _) = world.taint(&carol, NOW).await;
    let passage = SingleFactor {
        tainted,
        verified: fresh_hash(),
        app: &world.app,
        subscriber: Some(view.id),
        emergency: None,
        jar_key: fresh(),
        ends_at: later(3600),
        amr: "pwd",
        client: CLIENT,
        now: NOW,
    };
    let passed = world.store.single_factor_open(passage).await.unwrap();
    assert!(matches!(passed, Passage::Opened(_)));
    world.enrolled("carol").await;
    let record = world.session(&passage.verified).await.unwrap();
    assert_eq!((record.state, record.jar_key), (StoredState::Ended, None));
}
