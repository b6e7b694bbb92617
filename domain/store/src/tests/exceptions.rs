//! Codes of sealed envelopes, exceptions by two people and passages under them: each used once, by
//! whom it was made for, and marked. Temporary codes: `given`.

use anteroom_core::challenge::Given;
use anteroom_core::sealed_code::SealedCode;

use super::given::{HOUR, paper};
use super::*;
use crate::{EmergencyOpened, Paper, Passage, SingleFactor, StoredState};

impl World {
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
