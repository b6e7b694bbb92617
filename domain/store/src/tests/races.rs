//! Twenty at once on a real file: whatever may happen once happens once (attacks D05, D06).

use std::collections::HashMap;

use anteroom_core::challenge::CodeVerdict;
use anteroom_core::recovery_code::RecoveryMatch;

use super::*;
use crate::{CodeTry, RecoveryLookup, Unlock, UnlockContext};

const MANY: usize = 20;

/// Runs the calls at once, each in its own task, and gives what they came to.
async fn at_once<T, F>(calls: Vec<F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = calls.into_iter().map(tokio::spawn).collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

fn tally(claims: Vec<Claim>) -> HashMap<&'static str, usize> {
    let mut tally = HashMap::new();
    for claim in claims {
        let name = match claim {
            Claim::Claimed(_) => "claimed",
            Claim::AlreadySpent => "spent",
            Claim::Again(_) => "again",
            Claim::Stale => "stale",
            Claim::Gone => "gone",
        };
        *tally.entry(name).or_default() += 1;
    }
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_in_twenty_logins_opens_one_session() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let mut calls = Vec::new();
    for _ in 0..MANY {
        let held = world.challenged(&alice, NOW).await;
        let material = world.material(held).await;
        let context = world.claim_context(held, &material, NOW);
        let accepted = world.accepted(&material, NOW);
        let store = world.store.clone();
        calls.push(async move { store.challenge_claim(accepted, context).await.unwrap() });
    }
    let tally = tally(at_once(calls).await);
    assert_eq!(tally.get("claimed"), Some(&1), "{tally:?}");
    assert_eq!(tally.get("spent"), Some(&(MANY - 1)), "{tally:?}");
    let open = world.store.sessions_of(alice.id).await.unwrap();
    assert_eq!(
        open.len(),
        2,
        "the one of the enrolment and the one of the code"
    );
    world.audit_is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_form_sent_twenty_times_opens_one_session_and_each_learns_of_it() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let material = world.material(held).await;
    let context = world.claim_context(held, &material, NOW);
    let calls = (0..MANY).map(|_| {
        let accepted = world.accepted(&material, NOW);
        let store = world.store.clone();
        async move { store.challenge_claim(accepted, context).await.unwrap() }
    });
    let tally = tally(at_once(calls.collect()).await);
    assert_eq!(tally.get("claimed"), Some(&1), "{tally:?}");
    assert_eq!(tally.get("again"), Some(&(MANY - 1)), "{tally:?}");
    assert_eq!(world.store.sessions_of(alice.id).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_recovery_code_in_twenty_logins_opens_one_session() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let found = world
        .store
        .recovery_match(Some(alice.id), &alice.codes[0])
        .await
        .unwrap();
    let RecoveryLookup::Found(found) = found else {
        panic!("{found:?}")
    };
    let mut calls = Vec::new();
    for _ in 0..MANY {
        let held = world.challenged(&alice, NOW).await;
        let material = world.material(held).await;
        let accepted = recovery_accepted(&world, &material, found);
        let context = world.claim_context(held, &material, NOW);
        let store = world.store.clone();
        calls.push(async move { store.challenge_claim(accepted, context).await.unwrap() });
    }
    let tally = tally(at_once(calls).await);
    assert_eq!(tally.get("claimed"), Some(&1), "{tally:?}");
    assert_eq!(tally.get("spent"), Some(&(MANY - 1)), "{tally:?}");
    let again = world
        .store
        .recovery_match(Some(alice.id), &alice.codes[0])
        .await
        .unwrap();
    assert_eq!(again, RecoveryLookup::Nothing);
    let view = world
        .store
        .subscriber_find(&alice.who.key())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(view.recovery_left, 1);
}

fn recovery_accepted(world: &World, material: &Material, found: RecoveryMatch) -> Accepted {
    let facts = CodeFacts {
        typed: "",
        oath: &material.on_file(),
        kinds: Kinds::PRESET,
        recovery: Some(found),
        given: None,
        throttle: &material.throttle,
        policy: &world.policy,
        expires_at: later(300),
        proved: true,
    };
    match judge_code(&facts, NOW) {
        CodeVerdict::Accept(accepted) => accepted,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_enrolment_code_in_twenty_logins_enrols_one_phone() {
    let world = World::new().await;
    let bob = person("bob");
    let code = world.issue_code(&bob, NOW).await;
    let mut calls = Vec::new();
    for _ in 0..MANY {
        let held = world.enrolling(&bob, EnrolmentProof::Code, NOW).await;
        let tried = world
            .store
            .enrolment_code_try(held.id, &code, &world.policy, NOW)
            .await;
        assert_eq!(tried.unwrap(), CodeTry::Ok);
        let secret = TotpSecret::from_bytes(fresh::<20>().to_vec());
        world
            .store
            .enrolment_seed(held.id, &secret, NOW)
            .await
            .unwrap()
            .unwrap();
        let typed = code_at(&secret, step_at(NOW));
        let FirstCodeVerdict::Accept(first) = judge_first_code(&secret, &typed, NOW) else {
            panic!("right");
        };
        let context: EnrolContext<'static> = world.enrol_context(held.id, &[], NOW);
        let store = world.store.clone();
        calls.push(async move { store.enrolment_confirm(first, context).await.unwrap() });
    }
    let outcomes = at_once(calls).await;
    let claimed = outcomes
        .iter()
        .filter(|one| matches!(one, EnrolOutcome::Claimed(_)))
        .count();
    assert_eq!(claimed, 1, "{outcomes:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM authenticator").await, 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM subscriber").await, 1);
    world.audit_is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_in_twenty_unlocks_opens_one() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let hash = world.signed_in(&alice, NOW).await;
    let record = world.session(&hash).await.unwrap();
    world
        .store
        .session_lock(record.row, later(60))
        .await
        .unwrap();
    let material = world.store.unlock_material(alice.id).await.unwrap();
    let calls = (0..MANY).map(|_| {
        let accepted = world.accepted(&material, later(60));
        let context = UnlockContext {
            row: record.row,
            old: hash,
            new: fresh_hash(),
            version: material.version,
            code_mac: fresh(),
            amr: "pwd otp mfa",
            client: CLIENT,
            now: later(60),
        };
        let store = world.store.clone();
        async move { store.unlock_claim(accepted, context).await.unwrap() }
    });
    let outcomes = at_once(calls.collect()).await;
    let unlocked = outcomes
        .iter()
        .filter(|one| matches!(one, Unlock::Unlocked(_)))
        .count();
    assert_eq!(unlocked, 1, "{outcomes:?}");
    assert!(
        outcomes
            .iter()
            .all(|one| matches!(one, Unlock::Unlocked(_) | Unlock::AlreadySpent))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_held_answer_is_delivered_once() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let hash = world.signed_in(&alice, NOW).await;
    world
        .store
        .delivery_put(hash, "/login", b"page", later(60))
        .await
        .unwrap();
    let calls = (0..MANY).map(|_| {
        let store = world.store.clone();
        async move { store.delivery_take(hash, "/login", NOW).await.unwrap() }
    });
    let taken = at_once(calls.collect()).await;
    assert_eq!(taken.iter().flatten().count(), 1);
}

/// D01: a hundred guesses posted at once are worth no more than one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_wrong_codes_at_once_are_all_counted() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let material = world.material(held).await;
    let app = world.app.clone();
    let calls = (0..MANY).map(|_| {
        let (store, app, policy) = (world.store.clone(), app.clone(), world.policy);
        let version = material.version;
        async move {
            let failure = ChallengeFailure {
                version,
                subscriber: Some(alice.id),
                attempt: Some(held.id),
                session: held.pending,
                app: &app,
                policy: &policy,
                kind: anteroom_core::audit::AuditKind::ChallengeFailed,
                clock_off: None,
                client: CLIENT,
                now: NOW,
            };
            store.challenge_fail(failure).await.unwrap()
        }
    });
    let told = at_once(calls.collect()).await;
    let stolen = told.iter().filter(|one| one.password_may_be_stolen).count();
    assert_eq!(stolen, 1);
    let now = world.material(held).await.throttle;
    assert_eq!((now.consecutive, now.rolling), (20, 20));
    // The right one, judged before they came, does not count any more.
    let context = world.claim_context(held, &material, NOW);
    let claim = world
        .store
        .challenge_claim(world.accepted(&material, NOW), context)
        .await;
    assert_eq!(claim.unwrap(), Claim::Stale);
    let judged = world.judge(&world.material(held).await, "000000", NOW);
    assert!(matches!(judged, CodeVerdict::Paused { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_on_one_file_share_one_winner_and_one_chain() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let other = open_at(world.path(), keys()).await.unwrap();
    let mut calls = Vec::new();
    for n in 0..MANY {
        let held = world.challenged(&alice, NOW).await;
        let material = world.material(held).await;
        let context = world.claim_context(held, &material, NOW);
        let accepted = world.accepted(&material, NOW);
        let store = if n % 2 == 0 {
            world.store.clone()
        } else {
            other.clone()
        };
        calls.push(async move { store.challenge_claim(accepted, context).await.unwrap() });
    }
    let tally = tally(at_once(calls).await);
    assert_eq!(tally.get("claimed"), Some(&1), "{tally:?}");
    world.audit_is_whole().await;
    other.close().await;
}
