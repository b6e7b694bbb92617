//! Remembered devices: spent once, bound to their person, forgotten with everything that ends her
//! sessions. What each bound means is judged in `anteroom-core`'s `device`.

use anteroom_core::authenticator::Kinds;
use anteroom_core::device::{DeviceFacts, DevicePolicy, DeviceVerdict, Remembered, judge_device};
use anteroom_core::ids::DeviceId;

use super::*;
use crate::{DevicePassage, DevicePassed, NewDevice, StoredState};

const SELECTOR: [u8; 16] = [4; 16];

fn policy() -> DevicePolicy {
    DevicePolicy {
        lasts: Duration::from_secs(30 * 86_400),
        networks: vec![],
    }
}

impl World {
    /// A sign-in with a code, after which the computer is remembered under `token`.
    pub(in crate::tests) async fn remember(
        &self,
        who: &Enrolled,
        token: [u8; 32],
        now: Timestamp,
    ) -> DeviceId {
        let claimed = self.claimed(who, now).await;
        let made = self.remember_for(&claimed, SELECTOR, token, now).await;
        made.expect("nobody ended anything")
    }

    async fn remember_for(
        &self,
        claimed: &Claimed,
        selector: [u8; 16],
        token: [u8; 32],
        now: Timestamp,
    ) -> Option<DeviceId> {
        let new = NewDevice {
            app: &self.app,
            selector,
            token,
            network: "192.0.2.0/24",
            terms: &policy().terms(Kinds::PRESET),
            label: "Firefox on Windows",
            client: CLIENT,
            expires_at: now.plus(policy().lasts),
            now,
        };
        self.store.device_remember(claimed, new).await.unwrap()
    }

    async fn claimed(&self, who: &Enrolled, now: Timestamp) -> Claimed {
        let held = self.challenged(who, now).await;
        let material = self.material(held).await;
        let context = self.claim_context(held, &material, now);
        match self.claim(self.accepted(&material, now), context).await {
            Claim::Claimed(claimed) => claimed,
            other => panic!("{other:?}"),
        }
    }

    async fn verdict(&self, who: &Enrolled, token: [u8; 32], now: Timestamp) -> DeviceVerdict {
        let found = self.store.device_find(&SELECTOR, &token).await.unwrap();
        let facts = DeviceFacts {
            subscriber: who.id,
            proved: true,
            app: &self.app,
            client: CLIENT,
            kinds: Kinds::PRESET,
        };
        let found = found.expect("a device");
        judge_device(Some(&policy()), &found.on_file(), &facts, now)
    }

    async fn known(&self, who: &Enrolled, token: [u8; 32], now: Timestamp) -> Remembered {
        match self.verdict(who, token, now).await {
            DeviceVerdict::Known(remembered) => remembered,
            other => panic!("{other:?}"),
        }
    }

    async fn pass(
        &self,
        who: &Enrolled,
        remembered: Remembered,
        tokens: [[u8; 32]; 2],
        now: Timestamp,
    ) -> (SessionHash, DevicePassed) {
        let (tainted, _) = self.taint(&who.who, now).await;
        let verified = fresh_hash();
        let passage = DevicePassage {
            token: tokens[0],
            next: tokens[1],
            tainted,
            verified,
            app: &self.app,
            jar_key: fresh(),
            ends_at: now.plus(Duration::from_secs(12 * 3600)),
            client: CLIENT,
            now,
        };
        let passed = self.store.device_pass(remembered, passage).await;
        (verified, passed.unwrap())
    }

    async fn state_of(&self, session: &SessionHash) -> StoredState {
        let found = self.store.session_find(session).await.unwrap();
        found.expect("a session").state
    }
}

#[tokio::test]
async fn a_device_opens_a_session_as_old_as_its_factor_and_its_token_changes() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world.remember(&alice, [1; 32], later(60)).await;
    let known = world.known(&alice, [1; 32], later(86_400)).await;
    let (session, passed) = world
        .pass(&alice, known, [[1; 32], [2; 32]], later(86_400))
        .await;
    assert!(matches!(passed, DevicePassed::Opened(_)), "{passed:?}");
    let record = world.store.session_find(&session).await.unwrap().unwrap();
    assert_eq!(record.authenticated_at, later(60));
    assert_eq!((record.amr.as_str(), record.single_factor), ("pwd", false));
    let verdict = world.verdict(&alice, [2; 32], later(90_000)).await;
    assert!(matches!(verdict, DeviceVerdict::Known(_)), "{verdict:?}");
}

#[tokio::test]
async fn of_two_browsers_with_one_token_one_passes() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world.remember(&alice, [1; 32], later(60)).await;
    let one = world.known(&alice, [1; 32], later(100)).await;
    let two = world.known(&alice, [1; 32], later(100)).await;
    let (_, first) = world
        .pass(&alice, one, [[1; 32], [2; 32]], later(100))
        .await;
    let (_, second) = world
        .pass(&alice, two, [[1; 32], [3; 32]], later(100))
        .await;
    assert!(matches!(first, DevicePassed::Opened(_)));
    assert_eq!(second, DevicePassed::Over);
}

#[tokio::test]
async fn a_theft_ends_what_the_device_opened_and_nothing_else() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let id = world.remember(&alice, [1; 32], later(60)).await;
    let known = world.known(&alice, [1; 32], later(100)).await;
    let (by_device, _) = world
        .pass(&alice, known, [[1; 32], [2; 32]], later(100))
        .await;
    let by_code = world.claimed(&alice, later(120)).await.session();
    let again = world.verdict(&alice, [1; 32], later(4000)).await;
    assert_eq!(again, DeviceVerdict::Stolen(id));
    let told = world.store.device_stolen(id, CLIENT, later(4000)).await;
    told.unwrap();
    assert_eq!(world.state_of(&by_device).await, StoredState::Ended);
    assert_eq!(world.state_of(&by_code).await, StoredState::Verified);
    let gone = world.verdict(&alice, [2; 32], later(4001)).await;
    assert_eq!(gone, DeviceVerdict::Unknown);
}

#[tokio::test]
async fn a_reset_a_suspension_and_a_sign_out_everywhere_forget_every_device() {
    for act in ["reset", "suspend", "sign out", "sign everybody out"] {
        let world = World::new().await;
        let alice = world.enrolled("alice").await;
        world.remember(&alice, [1; 32], later(60)).await;
        let not_yet = world.claimed(&alice, later(90)).await;
        let known = world.known(&alice, [1; 32], later(100)).await;
        let paper = &Paper::of("olga", later(100)).because("as asked");
        match act {
            "reset" => assert!(world.store.subscriber_reset(alice.id, paper).await.unwrap()),
            "suspend" => assert!(
                world
                    .store
                    .subscriber_suspend(alice.id, paper)
                    .await
                    .unwrap()
            ),
            "sign out" => assert!(
                world
                    .store
                    .subscriber_sign_out(alice.id, paper)
                    .await
                    .unwrap()
                    .is_some()
            ),
            _ => assert_eq!(
                world
                    .store
                    .everybody_sign_out("olga", later(100))
                    .await
                    .unwrap(),
                3
            ),
        }
        // A code that was right a moment before brings nothing back.
        let late = world.remember_for(&not_yet, [5; 16], [6; 32], later(101));
        assert_eq!(late.await, None, "{act}");
        let devices = world.store.devices_of(alice.id, later(101)).await.unwrap();
        assert_eq!(devices, [], "{act}");
        let (_, passed) = world
            .pass(&alice, known, [[1; 32], [2; 32]], later(101))
            .await;
        assert_eq!(passed, DevicePassed::Over, "{act}");
    }
}

#[tokio::test]
async fn an_operator_forgets_a_device_of_the_person_named_and_of_nobody_else() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let mallory = world.enrolled("mallory").await;
    let id = world.remember(&alice, [1; 32], later(60)).await;
    let paper = Paper::of("helen", later(70));
    for (who, done) in [(&mallory, false), (&alice, true), (&alice, false)] {
        let forgotten = world.store.device_forget(who.id, id, &paper).await;
        assert_eq!(forgotten.unwrap(), done);
    }
}
