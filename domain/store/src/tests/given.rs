//! Temporary codes that operators give, and how each ends. Envelopes and exceptions: `exceptions`.
//! Never what a code is worth: `anteroom-core` judges.

use anteroom_core::audit::AuditKind;
use anteroom_core::challenge::Given;
use anteroom_core::temporary_code::{TemporaryCode, TemporaryFound, TemporaryOver};

use super::*;
use crate::{Paper, SweepLimits, TemporaryCodeIssue, TemporaryIssued, Unlock, UnlockContext};

pub(super) const HOUR: u64 = 3600;

pub(super) fn paper(now: Timestamp) -> Paper<'static> {
    Paper {
        identity_check: "called back",
        ..Paper::of("olga", now).because("phone at home")
    }
}

impl World {
    async fn give(&self, who: SubscriberId, uses: u32, now: Timestamp) -> TemporaryCode {
        let code = TemporaryCode::mint(&fresh());
        let issue = TemporaryCodeIssue {
            subscriber: who,
            code: &code,
            expires_at: now.plus(Duration::from_secs(HOUR)),
            uses,
            paper: paper(now),
        };
        let issued = self.store.temporary_code_issue(issue).await.unwrap();
        assert!(matches!(issued, TemporaryIssued::Issued(_)), "{issued:?}");
        code
    }

    async fn found(
        &self,
        who: SubscriberId,
        code: &TemporaryCode,
        now: Timestamp,
    ) -> Option<TemporaryFound> {
        let found = self.store.temporary_code_match(Some(who), code, now).await;
        found.unwrap()
    }

    fn given(&self, material: &Material, given: Given, now: Timestamp) -> Accepted {
        let facts = CodeFacts {
            typed: "",
            oath: &material.on_file(),
            kinds: Kinds::PRESET,
            recovery: None,
            given: Some(given),
            throttle: &material.throttle,
            policy: &self.policy,
            expires_at: now.plus(Duration::from_secs(300)),
            proved: true,
        };
        match judge_code(&facts, now) {
            CodeVerdict::Accept(accepted) => accepted,
            other => panic!("{other:?}"),
        }
    }

    /// A sign-in of somebody with this code, as it was found.
    pub(super) async fn sign_in_by(&self, who: &Enrolled, given: Given, now: Timestamp) -> Claim {
        let held = self.challenged(who, now).await;
        let material = self.material(held).await;
        let context = self.claim_context(held, &material, now);
        self.claim(self.given(&material, given, now), context).await
    }
}

fn live(found: Option<TemporaryFound>) -> Given {
    match found {
        Some(found @ TemporaryFound::Live(_)) => Given::Temporary(found),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_temporary_code_counts_as_often_as_it_may_and_then_says_since_when_not() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let code = world.give(alice.id, 2, NOW).await;
    for seconds in [10, 20] {
        let now = later(seconds);
        let given = live(world.found(alice.id, &code, now).await);
        let claim = world.sign_in_by(&alice, given, now).await;
        assert!(matches!(claim, Claim::Claimed(_)), "{claim:?}");
    }
    let kinds = world.kinds(4).await;
    assert!(kinds.contains(&"temporary_code_used"), "{kinds:?}");
    let used_up = world.found(alice.id, &code, later(30)).await;
    let why = TemporaryOver::UsedUp(later(20));
    assert!(matches!(used_up, Some(TemporaryFound::Over { why: said, .. }) if said == why));
    world.audit_is_whole().await;
}

#[tokio::test]
async fn what_was_accepted_before_it_ended_is_not_spent_after() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let code = world.give(alice.id, 5, NOW).await;
    let given = live(world.found(alice.id, &code, NOW).await);
    // Found in time, claimed too late.
    let late = world.sign_in_by(&alice, given, later(HOUR)).await;
    assert_eq!(late, Claim::AlreadySpent);
    let expired = world.found(alice.id, &code, later(HOUR)).await;
    let why = TemporaryOver::Expired(later(HOUR));
    assert!(matches!(expired, Some(TemporaryFound::Over { why: said, .. }) if said == why));
    let code = world.give(alice.id, 5, NOW).await;
    let given = live(world.found(alice.id, &code, NOW).await);
    assert!(
        world
            .store
            .temporary_code_revoke(alice.id, paper(later(5)))
            .await
            .unwrap()
    );
    assert_eq!(
        world.sign_in_by(&alice, given, later(6)).await,
        Claim::AlreadySpent
    );
    let why = TemporaryOver::Revoked(later(5));
    let revoked = world.found(alice.id, &code, later(6)).await;
    assert!(matches!(revoked, Some(TemporaryFound::Over { why: said, .. }) if said == why));
    assert!(
        !world
            .store
            .temporary_code_revoke(alice.id, paper(later(7)))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_code_is_its_subscribers_alone_and_stands_nowhere_in_the_file() {
    let world = World::new().await;
    let (alice, bob) = (world.enrolled("alice").await, world.enrolled("bob").await);
    let code = world.give(alice.id, 5, NOW).await;
    assert_eq!(world.found(bob.id, &code, NOW).await, None);
    let nobody = world.store.temporary_code_match(None, &code, NOW).await;
    assert_eq!(nobody.unwrap(), None);
    // Somebody who writes to the file moves it to Bob: the MAC says whose it is.
    world
        .execute(&format!(
            "UPDATE temporary_code SET subscriber_id = {}",
            bob.id.0
        ))
        .await;
    assert_eq!(world.found(bob.id, &code, NOW).await, None);
    let digits = code.expose().as_bytes();
    for file in std::fs::read_dir(world.dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(digits.len()).any(|part| part == digits));
    }
}

#[tokio::test]
async fn an_issue_revokes_the_older_one_and_lifts_the_pause_but_not_the_rolling_count() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let first = world.give(alice.id, 5, NOW).await;
    let held = world.challenged(&alice, NOW).await;
    for _ in 0..6 {
        let material = world.material(held).await;
        let failure = world.failure(held, &material, Some(alice.id), NOW);
        world.store.challenge_fail(failure).await.unwrap();
    }
    assert!(world.material(held).await.throttle.paused_until.is_some());
    let second = world.give(alice.id, 5, later(1)).await;
    let throttle = world.material(held).await.throttle;
    assert_eq!((throttle.consecutive, throttle.rolling), (0, 6));
    assert_eq!(throttle.paused_until, None);
    let older = world.found(alice.id, &first, later(2)).await;
    assert!(matches!(
        older,
        Some(TemporaryFound::Over {
            why: TemporaryOver::Revoked(_),
            ..
        })
    ));
    live(world.found(alice.id, &second, later(2)).await);
    let kinds = world.kinds(3).await;
    assert_eq!(
        kinds,
        [
            "temporary_code_revoked",
            "temporary_code_issued",
            "identity_checked"
        ]
    );
    // A login of hers is challenged although nothing else of hers works.
    world
        .execute("UPDATE authenticator SET disabled_at = 1, disabled_by = 'throttle'")
        .await;
    let view = world
        .store
        .subscriber_find(&person("alice").key())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (view.totp_active, view.temporary_until),
        (0, Some(later(HOUR + 1)))
    );
}

/// D09: ten digits may be compared in a pause, and never more often than their bound says.
#[tokio::test]
async fn there_are_so_many_looks_at_a_code_in_pauses_and_none_at_one_that_does_not_count() {
    use anteroom_core::temporary_code::LOOKS_IN_PAUSES;
    let world = World::new().await;
    let (alice, bob) = (world.enrolled("alice").await, world.enrolled("bob").await);
    let look = async |who, now| world.store.temporary_code_look(who, now).await.unwrap();
    assert!(!look(alice.id, NOW).await, "there is none");
    world.give(alice.id, 1, NOW).await;
    world.give(bob.id, 1, NOW).await;
    for n in 0..LOOKS_IN_PAUSES + 20 {
        assert_eq!(look(alice.id, NOW).await, n < LOOKS_IN_PAUSES, "{n}");
    }
    assert!(look(bob.id, NOW).await, "his are his own");
    assert!(!look(bob.id, later(HOUR)).await, "it is over");
    world.give(alice.id, 1, NOW).await;
    assert!(look(alice.id, NOW).await, "a new code");
    let revoked = world.store.temporary_code_revoke(alice.id, paper(NOW));
    assert!(revoked.await.unwrap());
    assert!(!look(alice.id, NOW).await);
}

#[tokio::test]
async fn nobody_gets_a_code_who_has_no_factor_or_is_suspended() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let code = world.give(alice.id, 5, NOW).await;
    assert!(
        world
            .store
            .subscriber_suspend(alice.id, &Paper::of("olga", NOW).because("left"))
            .await
            .unwrap()
    );
    let over = world.found(alice.id, &code, NOW).await;
    assert!(
        matches!(over, Some(TemporaryFound::Over { .. })),
        "{over:?}"
    );
    world.issue_code(&person("carol"), NOW).await;
    let carol = world
        .store
        .subscriber_find(&person("carol").key())
        .await
        .unwrap()
        .unwrap();
    for (who, wanted) in [
        (alice.id, TemporaryIssued::Suspended),
        (carol.id, TemporaryIssued::NotEnrolled),
        (SubscriberId(99), TemporaryIssued::NoSuchSubscriber),
    ] {
        let issue = TemporaryCodeIssue {
            subscriber: who,
            code: &code,
            expires_at: later(HOUR),
            uses: 1,
            paper: paper(NOW),
        };
        assert_eq!(
            world.store.temporary_code_issue(issue).await.unwrap(),
            wanted
        );
    }
    assert!(
        world
            .store
            .subscriber_resume(alice.id, &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    let code = world.give(alice.id, 5, NOW).await;
    assert!(
        world
            .store
            .subscriber_reset(alice.id, &Paper::of("olga", NOW).because("lost"))
            .await
            .unwrap()
    );
    let over = world.found(alice.id, &code, NOW).await;
    assert!(
        matches!(over, Some(TemporaryFound::Over { .. })),
        "{over:?}"
    );
}

#[tokio::test]
async fn a_refusal_costs_a_try_and_is_written_down_with_its_reason() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let code = world.give(alice.id, 5, NOW).await;
    let now = later(HOUR + 1);
    let Some(TemporaryFound::Over { id, why }) = world.found(alice.id, &code, now).await else {
        panic!("it expired");
    };
    let held = world.challenged(&alice, now).await;
    let material = world.material(held).await;
    let failure = world.failure(held, &material, Some(alice.id), now);
    let told = world
        .store
        .temporary_code_refuse(id, why, failure)
        .await
        .unwrap();
    assert_eq!(told.throttle.consecutive, 1);
    let seen = world.store.temporary_codes_of(alice.id, 5).await.unwrap();
    assert_eq!((seen.len(), seen[0].refused_at), (1, Some(now)));
    assert_eq!(seen[0].over(now), Some(why));
    let tail = world.store.audit_tail(1).await.unwrap();
    assert_eq!(tail[0].event.kind, AuditKind::TemporaryCodeRefused);
    assert_eq!(tail[0].event.reason.as_deref(), Some("expired"));
    // Forgotten a week after its end, and its key with it.
    let week = now.plus(Duration::from_secs(8 * 24 * HOUR));
    world
        .store
        .sweep(week, SweepLimits::default())
        .await
        .unwrap();
    assert_eq!(world.number("SELECT COUNT(*) FROM temporary_code").await, 0);
}

#[tokio::test]
async fn a_temporary_code_unlocks_once_per_use() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let old = world.signed_in(&alice, NOW).await;
    let row = world.session(&old).await.unwrap().row;
    let code = world.give(alice.id, 1, NOW).await;
    let given = live(world.found(alice.id, &code, NOW).await);
    let material = world.store.unlock_material(alice.id).await.unwrap();
    let context = |old, new| UnlockContext {
        row,
        old,
        new,
        version: material.version,
        code_mac: fresh(),
        amr: "pwd mfa",
        client: CLIENT,
        now: later(60),
    };
    let accepted = world.given(&material, given, later(60));
    let new = fresh_hash();
    let unlocked = world
        .store
        .unlock_claim(accepted, context(old, new))
        .await
        .unwrap();
    assert!(matches!(unlocked, Unlock::Unlocked(_)), "{unlocked:?}");
    let accepted = world.given(&material, given, later(60));
    let again = world
        .store
        .unlock_claim(accepted, context(new, fresh_hash()))
        .await
        .unwrap();
    assert_eq!(again, Unlock::AlreadySpent);
}
