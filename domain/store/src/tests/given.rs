//! What operators give: temporary codes, codes of envelopes, exceptions; and how each ends.

use anteroom_core::audit::AuditKind;
use anteroom_core::challenge::Given;
use anteroom_core::sealed_code::SealedCode;
use anteroom_core::temporary_code::{TemporaryCode, TemporaryFound, TemporaryOver};

use super::*;
use crate::{
    EmergencyOpened, Paper, Passage, SingleFactor, StoredState, SweepLimits, TemporaryCodeIssue,
    TemporaryIssued, Unlock, UnlockContext,
};

const HOUR: u64 = 3600;

fn paper(now: Timestamp) -> Paper<'static> {
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
    async fn sign_in_by(&self, who: &Enrolled, given: Given, now: Timestamp) -> Claim {
        let held = self.challenged(who, now).await;
        let material = self.material(held).await;
        let context = self.claim_context(held, &material, now);
        self.claim(self.given(&material, given, now), context).await
    }

    async fn passage(&self, who: &Enrolled, now: Timestamp) -> (SessionHash, Passage) {
        let (tainted, _) = self.taint(&who.who, now).await;
        let verified = fresh_hash();
        let open = self.store.emergency_of(&self.app, now).await.unwrap();
        let passage = SingleFactor {
            tainted,
            verified,
            app: &self.app,
            subscriber: Some(who.id),
            emergency: open.map(|open| open.id),
            jar_key: fresh(),
            ends_at: now.plus(Duration::from_secs(12 * HOUR)),
            amr: "pwd",
            client: CLIENT,
            now,
        };
        (
            verified,
            self.store.single_factor_open(passage).await.unwrap(),
        )
    }

    async fn open_exception(&self, seconds: u64, second: &str, now: Timestamp) -> EmergencyOpened {
        let paper = Paper {
            approved_by: Some(second),
            ..paper(now)
        };
        let ends_at = now.plus(Duration::from_secs(seconds));
        self.store
            .emergency_open(&self.app, ends_at, paper)
            .await
            .unwrap()
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

#[tokio::test]
async fn a_sealed_code_is_used_once_by_one_enrolled_person_of_its_app() {
    let world = World::new().await;
    let (alice, bob) = (world.enrolled("alice").await, world.enrolled("bob").await);
    let codes: Vec<SealedCode> = (0..3).map(|_| SealedCode::mint(&fresh())).collect();
    let (app, lab) = (world.app.clone(), AppName::new("lab"));
    let batch = world
        .store
        .sealed_codes_issue(&app, &codes, paper(NOW))
        .await
        .unwrap();
    assert_eq!(
        world
            .store
            .sealed_code_match(&lab, &codes[0])
            .await
            .unwrap(),
        None
    );
    let found = world
        .store
        .sealed_code_match(&app, &codes[0])
        .await
        .unwrap()
        .unwrap();
    let given = Given::Sealed(found);
    assert!(matches!(
        world.sign_in_by(&alice, given, NOW).await,
        Claim::Claimed(_)
    ));
    assert_eq!(
        world.sign_in_by(&bob, given, later(60)).await,
        Claim::AlreadySpent
    );
    assert_eq!(
        world
            .store
            .sealed_code_match(&app, &codes[0])
            .await
            .unwrap(),
        None
    );
    let seen = world.store.sealed_codes_of(&app).await.unwrap();
    assert_eq!((seen[0].batch, seen[0].total, seen[0].left), (batch, 3, 2));
    let used = &seen[0].used[0];
    assert_eq!((used.serial, used.name.as_str()), (1, "alice"));
    world.audit_is_whole().await;
}

#[tokio::test]
async fn an_envelope_is_printed_once_and_revoked_with_its_batch() {
    let world = World::new().await;
    let codes: Vec<SealedCode> = (0..2).map(|_| SealedCode::mint(&fresh())).collect();
    let (app, lab) = (world.app.clone(), AppName::new("lab"));
    let store = &world.store;
    let batch = store
        .sealed_codes_issue(&app, &codes, paper(NOW))
        .await
        .unwrap();
    let twice = store.sealed_codes_issue(&app, &codes, paper(NOW)).await;
    assert!(
        matches!(twice, Err(StoreError::Conflict { .. })),
        "{twice:?}"
    );
    let none = store.sealed_codes_issue(&app, &[], paper(NOW)).await;
    assert!(matches!(none, Err(StoreError::Conflict { .. })), "{none:?}");
    for (at, count) in [(&lab, 0), (&app, 2), (&app, 0)] {
        let revoked = store.sealed_codes_revoke(at, batch, paper(NOW)).await;
        assert_eq!(revoked.unwrap(), count);
    }
    assert_eq!(
        store.sealed_code_match(&app, &codes[1]).await.unwrap(),
        None
    );
    world.audit_is_whole().await;
}

#[tokio::test]
async fn an_exception_takes_two_people_and_opens_once() {
    let world = World::new().await;
    for second in ["", " ", "olga", "OLGA "] {
        let refused = world.open_exception(HOUR, second, NOW).await;
        assert_eq!(refused, EmergencyOpened::NoSecond, "{second:?}");
    }
    let opened = world.open_exception(HOUR, "maria", NOW).await;
    assert!(matches!(opened, EmergencyOpened::Opened(_)), "{opened:?}");
    let again = world.open_exception(HOUR, "maria", later(5)).await;
    assert!(matches!(again, EmergencyOpened::Already(_)), "{again:?}");
    let kinds = world.kinds(3).await;
    assert_eq!(
        kinds,
        ["emergency_opened", "identity_checked", "approval_granted"]
    );
    // Over on the millisecond, and not yet begun for a clock that was set back.
    for (at, open) in [
        (NOW, true),
        (NOW.minus(Duration::from_millis(1)), false),
        (later(HOUR).minus(Duration::from_millis(1)), true),
        (later(HOUR), false),
    ] {
        assert_eq!(
            world
                .store
                .emergency_of(&world.app, at)
                .await
                .unwrap()
                .is_some(),
            open
        );
        assert_eq!(
            world.store.emergencies_open(at).await.unwrap().len(),
            usize::from(open)
        );
    }
    let other = AppName::new("lab");
    assert!(
        world
            .store
            .emergency_of(&other, NOW)
            .await
            .unwrap()
            .is_none()
    );
    let anew = world.open_exception(HOUR, "maria", later(HOUR)).await;
    assert!(matches!(anew, EmergencyOpened::Opened(_)), "{anew:?}");
}

#[tokio::test]
async fn a_passage_is_marked_and_ends_with_its_exception() {
    let world = World::new().await;
    let (alice, bob) = (world.enrolled("alice").await, world.enrolled("bob").await);
    let opened = world.open_exception(HOUR, "maria", NOW).await;
    assert!(matches!(opened, EmergencyOpened::Opened(_)), "{opened:?}");
    let (hers, passed) = world.passage(&alice, later(60)).await;
    assert!(matches!(passed, Passage::Opened(_)));
    let record = world.session(&hers).await.unwrap();
    assert!(record.single_factor && record.emergency.is_some());
    assert_eq!(record.ends_at, later(HOUR));
    assert_eq!(world.kinds(1).await, ["emergency_passage"]);
    let ordinary = world.signed_in(&bob, later(60)).await;

    let (store, app) = (&world.store, &world.app);
    let closed = store.emergency_close(app, paper(later(65))).await.unwrap();
    assert_eq!(closed, Some(1));
    let ended = world.session(&hers).await.unwrap();
    assert_eq!((ended.state, ended.jar_key), (StoredState::Ended, None));
    let last = store.revocation_last().await.unwrap();
    let told = store.revocations_after(last - 1).await.unwrap();
    assert_eq!(told[0].row, ended.row);
    let other = world.session(&ordinary).await.unwrap();
    assert_eq!(other.state, StoredState::Verified, "a code opened it");
    let again = store.emergency_close(app, paper(later(67))).await;
    assert_eq!(again.unwrap(), None);
    let seen = store.emergencies_latest(5).await.unwrap();
    assert_eq!(seen[0].closed_by.as_deref(), Some("olga"));
    world.audit_is_whole().await;
}

#[tokio::test]
async fn what_was_judged_under_an_exception_is_not_opened_after_it() {
    let world = World::new().await;
    let bob = world.enrolled("bob").await;
    let opened = world.open_exception(HOUR, "maria", NOW).await;
    assert!(matches!(opened, EmergencyOpened::Opened(_)), "{opened:?}");
    let (store, app) = (&world.store, &world.app);
    let left = Paper::of("olga", later(1)).because("left");
    let suspended = store.subscriber_suspend(bob.id, &left);
    assert!(suspended.await.unwrap());
    assert_eq!(world.passage(&bob, later(2)).await.1, Passage::Over);
    let resumed = store
        .subscriber_resume(bob.id, &Paper::of("olga", later(3)))
        .await;
    assert!(resumed.unwrap());

    let (tainted, _) = world.taint(&bob.who, later(4)).await;
    let open = store.emergency_of(app, later(4)).await.unwrap().unwrap();
    let closed = store.emergency_close(app, paper(later(5))).await;
    assert_eq!(closed.unwrap(), Some(0));
    // Another one is open by now, which is not the one it was judged by.
    let anew = world.open_exception(HOUR, "maria", later(6)).await;
    assert!(matches!(anew, EmergencyOpened::Opened(_)), "{anew:?}");
    let late = SingleFactor {
        tainted,
        verified: fresh_hash(),
        app,
        subscriber: Some(bob.id),
        emergency: Some(open.id),
        jar_key: fresh(),
        ends_at: later(12 * HOUR),
        amr: "pwd",
        client: CLIENT,
        now: later(7),
    };
    let passed = store.single_factor_open(late).await.unwrap();
    assert_eq!(passed, Passage::Over);
    assert!(world.session(&late.verified).await.is_none());
    world.audit_is_whole().await;
}
