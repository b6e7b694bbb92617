//! Taints and held attempts: what is committed before the password leaves, and how many answers are
//! held.

use super::*;
use crate::{AttemptState, StoredState};

#[tokio::test]
async fn a_taint_is_seen_by_every_reader_at_once() {
    let world = World::new().await;
    let (value, other): ([u8; 32], [u8; 32]) = (fresh(), fresh());
    let typed = TypedIdentity {
        tenant: "north".into(),
        name: "Alice".into(),
    };
    for n in 0..50 {
        let session = fresh_hash();
        let value = [n; 32];
        assert!(
            !world
                .store
                .tainted(&session, &[value, other])
                .await
                .unwrap()
        );
        let taint = Taint {
            session,
            app: &world.app,
            values: &[value],
            typed: &typed,
            jar: b"jar",
            client: CLIENT,
            expires_at: later(86_400),
            now: NOW,
        };
        world.store.login_taint(taint).await.unwrap();
        assert!(world.store.tainted(&session, &[]).await.unwrap());
        assert!(
            world
                .store
                .tainted(&fresh_hash(), &[other, value])
                .await
                .unwrap()
        );
        assert!(!world.store.tainted(&fresh_hash(), &[other]).await.unwrap());
        let record = world.session(&session).await.unwrap();
        assert_eq!(record.state, StoredState::Tainted);
        assert_eq!(record.typed.as_ref(), Some(&typed));
        assert_eq!(record.jar.as_deref(), Some(&b"jar"[..]));
    }
    assert!(!world.store.tainted(&fresh_hash(), &[value]).await.unwrap());
}

#[tokio::test]
async fn a_tainted_value_is_found_among_any_number() {
    let world = World::new().await;
    let (_, row) = world.taint(&person("alice"), NOW).await;
    let bad: [u8; 32] = fresh();
    world
        .store
        .taint_values_add(row, &[bad, bad])
        .await
        .unwrap();
    for n in [1, 2, 3, 15, 16, 17, 40] {
        let mut values: Vec<[u8; 32]> = (0..n).map(|_| fresh()).collect();
        assert!(
            !world.store.tainted(&fresh_hash(), &values).await.unwrap(),
            "{n}"
        );
        values[n - 1] = bad;
        assert!(
            world.store.tainted(&fresh_hash(), &values).await.unwrap(),
            "{n}"
        );
    }
}

#[tokio::test]
async fn tainting_again_keeps_the_row_and_the_later_end() {
    let world = World::new().await;
    let typed = TypedIdentity {
        tenant: String::new(),
        name: "alice".into(),
    };
    let session = fresh_hash();
    let mut taint = Taint {
        session,
        app: &world.app,
        values: &[],
        typed: &typed,
        jar: b"one",
        client: CLIENT,
        expires_at: later(1000),
        now: NOW,
    };
    let row = world.store.login_taint(taint).await.unwrap();
    (taint.expires_at, taint.jar) = (later(500), b"two");
    assert_eq!(world.store.login_taint(taint).await.unwrap(), row);
    let record = world.session(&session).await.unwrap();
    assert_eq!(
        (record.ends_at, record.jar.as_deref()),
        (later(1000), Some(&b"two"[..]))
    );
    assert!(world.store.tainted_jar_put(row, b"three").await.unwrap());
    let record = world.session(&session).await.unwrap();
    assert_eq!(record.jar.as_deref(), Some(&b"three"[..]));
    let other = AppName::new("lab");
    taint.app = &other;
    let refused = world.store.login_taint(taint).await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
}

#[tokio::test]
async fn a_verified_session_cannot_become_a_tainted_one() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let session = world.signed_in(&alice, NOW).await;
    let typed = TypedIdentity {
        tenant: String::new(),
        name: "bob".into(),
    };
    let taint = Taint {
        session,
        app: &world.app,
        values: &[],
        typed: &typed,
        jar: b"",
        client: CLIENT,
        expires_at: later(60),
        now: NOW,
    };
    let refused = world.store.login_taint(taint).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::Conflict { constraint } if constraint == "session_taintable")
    );
    let record = world.session(&session).await.unwrap();
    assert_eq!(record.state, StoredState::Verified);
}

#[tokio::test]
async fn a_held_attempt_is_found_by_its_pending_id_and_the_old_id_stays_tainted() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let attempt = world.attempt(held).await;
    assert_eq!(
        (attempt.id, attempt.state),
        (held.id, AttemptState::Pending)
    );
    assert_eq!(
        (attempt.answer.as_slice(), attempt.client),
        (&b"sealed answer"[..], CLIENT)
    );
    assert_eq!(
        (attempt.subscriber, attempt.folded),
        (Some(alice.id), alice.who.folded.clone())
    );
    assert!(
        world
            .store
            .attempt_find(&held.tainted)
            .await
            .unwrap()
            .is_none()
    );
    let old = world.session(&held.tainted).await.unwrap();
    assert_eq!(old.state, StoredState::Tainted);
    assert_eq!(old.superseded_by_rotation_at, Some(NOW));
    let pending = world.session(&held.pending).await.unwrap();
    assert_eq!(
        (pending.state, pending.jar_key),
        (StoredState::Pending, None)
    );
}

#[tokio::test]
async fn nothing_is_held_for_a_login_that_was_not_tainted_first() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    // An unknown id, and a pending one: neither sent a credential by itself.
    for untainted in [fresh_hash(), held.pending] {
        let new = world.new_attempt(&alice.who, untainted, None, NOW);
        let refused = world.store.attempt_withhold(new).await.unwrap_err();
        let StoreError::Conflict { constraint } = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(constraint, "attempt_tainted_first");
        assert!(world.session(&new.pending).await.is_none());
    }
}

#[tokio::test]
async fn a_new_login_on_a_pending_session_throws_its_held_answer_away() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let material = world.material(held).await;
    let typed = TypedIdentity {
        tenant: String::new(),
        name: "alice".into(),
    };
    let taint = Taint {
        session: held.pending,
        app: &world.app,
        values: &[],
        typed: &typed,
        jar: b"",
        client: CLIENT,
        expires_at: later(86_400),
        now: NOW,
    };
    world.store.login_taint(taint).await.unwrap();
    assert!(
        world
            .store
            .attempt_find(&held.pending)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(
        world.number("SELECT COUNT(*) FROM held_answer").await,
        1,
        "the enrolment's"
    );
    let context = world.claim_context(held, &material, NOW);
    let claim = world
        .store
        .challenge_claim(world.accepted(&material, NOW), context)
        .await;
    assert_eq!(claim.unwrap(), Claim::Gone);
}

/// F05, DESIGN section 8: a flood of right passwords fills nothing but its own room.
#[tokio::test]
async fn each_bound_is_kept_and_told() {
    let world = World::new().await;
    let caps = AttemptCaps {
        per_subscriber_or_name: 2,
        per_source: 3,
        total: 6,
    };
    let mut held = Vec::new();
    for n in 0..20_u8 {
        let who = person(&format!("name{}", n / 4));
        let (tainted, _) = world.taint(&who, NOW).await;
        let mut new = world.new_attempt(&who, tainted, None, NOW);
        new.caps = caps;
        new.client = IpAddr::V4(Ipv4Addr::new(192, 0, 2, n / 8));
        let room = world
            .store
            .attempts_room(&who.key(), new.client, &caps, NOW)
            .await
            .unwrap();
        let withheld = world.store.attempt_withhold(new).await.unwrap();
        assert_eq!(room, matches!(withheld, Withheld::Row(_)));
        held.push(matches!(withheld, Withheld::Row(_)));
        if !room {
            // It keeps its tainted id: nothing took over.
            let record = world.session(&tainted).await.unwrap();
            assert_eq!(record.superseded_by_rotation_at, None);
            assert_eq!(world.kinds(1).await, ["attempts_full"]);
        }
    }
    let expected: Vec<bool> = (0..20).map(|n| [0, 1, 4, 8, 9, 12].contains(&n)).collect();
    assert_eq!(held, expected);
    assert_eq!(world.store.attempts_live_total(NOW).await.unwrap(), 6);
    // Time makes room by itself, sweeping or not.
    assert_eq!(
        world.store.attempts_live_total(later(301)).await.unwrap(),
        0
    );
    let who = person("name0");
    assert!(
        world
            .store
            .attempts_room(&who.key(), CLIENT, &caps, later(301))
            .await
            .unwrap()
    );
}

/// Holds one more, proved or not; `None` where there was no room.
async fn held(
    world: &World,
    who: &Person,
    (proved, source): (bool, u8),
    caps: AttemptCaps,
) -> Option<SessionHash> {
    let (tainted, _) = world.taint(who, NOW).await;
    let mut new = world.new_attempt(who, tainted, None, NOW);
    new.caps = caps;
    new.proved = proved;
    new.client = IpAddr::V4(Ipv4Addr::new(192, 0, 2, source));
    match world.store.attempt_withhold(new).await.unwrap() {
        Withheld::Row(_) => Some(new.pending),
        Withheld::Full => None,
    }
}

async fn waits(world: &World, pending: &SessionHash) -> bool {
    world.store.attempt_find(pending).await.unwrap().is_some()
}

/// D09a: whoever knows a name and no password takes no place of whoever knows it.
#[tokio::test]
async fn an_unproved_attempt_takes_the_place_of_its_like_and_of_nothing_else() {
    let world = World::new().await;
    let (dave, erin) = (person("dave"), person("erin"));
    let caps = AttemptCaps {
        per_subscriber_or_name: 2,
        per_source: 3,
        total: 100,
    };
    let hers = held(&world, &dave, (true, 1), caps).await.unwrap();
    let elsewhere = held(&world, &dave, (false, 2), caps).await.unwrap();
    let neighbour = held(&world, &erin, (false, 1), caps).await.unwrap();
    let mut guesses = Vec::new();
    for _ in 0..5 {
        guesses.push(held(&world, &dave, (false, 1), caps).await.unwrap());
    }
    assert!(waits(&world, &hers).await);
    assert!(waits(&world, &elsewhere).await, "from another address");
    assert!(waits(&world, &neighbour).await, "under another name");
    for (n, guess) in guesses.iter().enumerate() {
        assert_eq!(waits(&world, guess).await, n >= 3, "{n}");
    }
    assert_eq!(
        world.kinds(2).await,
        ["attempt_expired", "login_withheld"],
        "the one that had to go is written down"
    );
    // Invented names from one address push one another out.
    for n in 0..5 {
        let nobody = person(&format!("nobody{n}"));
        held(&world, &nobody, (false, 1), caps).await.unwrap();
    }
    assert!(!waits(&world, &neighbour).await);
    assert!(waits(&world, &hers).await && waits(&world, &elsewhere).await);
    assert_eq!(world.store.attempts_live_total(NOW).await.unwrap(), 5);
    // Under all that her password is still taken, and a second one of hers too; not a third.
    for source in [1, 3] {
        let room = world
            .store
            .attempts_room(&dave.key(), CLIENT, &caps, NOW)
            .await;
        assert_eq!(room.unwrap(), source == 1);
        let more = held(&world, &dave, (true, source), caps).await;
        assert_eq!(more.is_some(), source == 1);
    }
}

#[tokio::test]
async fn a_full_table_makes_room_among_the_unproved_and_ends_no_proved_one() {
    let world = World::new().await;
    let caps = AttemptCaps {
        per_subscriber_or_name: 10,
        per_source: 10,
        total: 4,
    };
    let mut all = Vec::new();
    for (n, proved) in [true, false, false, false, true, false, true, true, true]
        .into_iter()
        .enumerate()
    {
        let source = u8::try_from(n).unwrap();
        let who = person(&format!("name{n}"));
        all.push(held(&world, &who, (proved, source), caps).await);
        assert!(world.store.attempts_live_total(NOW).await.unwrap() <= 4);
    }
    for (n, one) in all.iter().enumerate() {
        let waits = match one {
            Some(pending) => waits(&world, pending).await,
            None => false,
        };
        // The four proved ones that came first; then there is nothing left to push out.
        assert_eq!(waits, [0, 4, 6, 7].contains(&n), "{n}");
    }
    assert_eq!(all[8], None);
    assert_eq!(world.kinds(1).await, ["attempts_full"]);
    let nobody = held(&world, &person("nobody"), (false, 9), caps).await;
    assert_eq!(nobody, None);
}

#[tokio::test]
async fn a_flood_of_refusals_is_written_down_once() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let refused = |subscriber, now| crate::LoginRefused {
        subscriber,
        app: &world.app,
        client: CLIENT,
        now,
    };
    for (subscriber, seconds, told) in [
        (Some(alice.id), 0, true),
        (Some(alice.id), 1, false),
        (None, 2, true),
        (None, 299, false),
        (Some(alice.id), 299, false),
        (Some(alice.id), 301, true),
    ] {
        let refused = refused(subscriber, later(seconds));
        let said = world.store.attempts_refused(refused).await.unwrap();
        assert_eq!(said, told, "{subscriber:?} {seconds}");
    }
}

#[tokio::test]
async fn the_same_browser_trying_again_takes_no_second_place() {
    let world = World::new().await;
    let alice = person("alice");
    let (tainted, _) = world.taint(&alice, NOW).await;
    for _ in 0..10 {
        let mut new = world.new_attempt(&alice, tainted, None, NOW);
        new.caps = AttemptCaps {
            per_subscriber_or_name: 1,
            per_source: 1,
            total: 1,
        };
        world.withhold(new).await;
    }
    assert_eq!(world.store.attempts_live_total(NOW).await.unwrap(), 1);
}

#[tokio::test]
async fn a_cancelled_attempt_is_gone_with_its_answer() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    assert!(world.store.attempt_cancel(held.id, NOW).await.unwrap());
    assert!(!world.store.attempt_cancel(held.id, NOW).await.unwrap());
    assert!(
        world
            .store
            .attempt_find(&held.pending)
            .await
            .unwrap()
            .is_none()
    );
    let pending = world.session(&held.pending).await.unwrap();
    assert_eq!(pending.state, StoredState::Ended);
    assert_eq!(world.kinds(1).await, ["attempt_cancelled"]);
}

/// B18, B19: whoever kept the id from before a held login must not put another credential on its
/// jar.
#[tokio::test]
async fn an_id_whose_jar_went_on_takes_no_other_credential() {
    let world = World::new().await;
    let alice = person("alice");
    let (tainted, _) = world.taint(&alice, NOW).await;
    let typed = TypedIdentity {
        tenant: String::new(),
        name: "mallory".into(),
    };
    let taint = Taint {
        session: tainted,
        app: &world.app,
        values: &[],
        typed: &typed,
        jar: b"jar",
        client: CLIENT,
        expires_at: later(86_400),
        now: NOW,
    };
    // Until then it does: a wrong password is followed by another try.
    world.store.login_taint(taint).await.unwrap();
    let new = world.new_attempt(&alice, tainted, None, NOW);
    assert!(matches!(
        world.store.attempt_withhold(new).await.unwrap(),
        Withheld::Row(_)
    ));
    let refused = world.store.login_taint(taint).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::Conflict { constraint } if constraint == "session_taintable")
    );
}
