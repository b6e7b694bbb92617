//! Passkeys: challenges are taken once, credentials belong to one person, nothing changes unasked.

use anteroom_core::assertion::{Assertion, AssertionFacts, AssertionVerdict, judge_assertion};
use anteroom_core::audit::AuditKind;
use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::ids::SessionRow;
use anteroom_core::label::Label;
use anteroom_core::own_act::{Authorised, NewKey, OwnAct, authorise};
use anteroom_core::passkey::UserVerification;
use anteroom_core::registration::{
    NewCredential, Registered, RegistrationFacts, RegistrationVerdict, judge_registration,
};

use super::*;
use crate::{
    CeremonyPurpose, FirstFactor, NewCeremony, OwnActContext, OwnActOutcome, OwnActRefusal,
    PasskeyMaterial,
};

const RP: &str = "emr.test";
const HANDLE: [u8; 32] = [7; 32];

fn registered(id: u8) -> Registered {
    let facts = RegistrationFacts {
        outcome: Ok(NewCredential {
            id: vec![id; 32],
            kept: b"CANARY-PUBLIC-KEY".to_vec(),
            user_verified: true,
            backup_eligible: false,
            backed_up: false,
            sign_count: 0,
        }),
        challenge_ends: later(60),
        offered: Kinds::PRESET,
        user_verification: UserVerification::Preferred,
    };
    match judge_registration(facts, NOW) {
        RegistrationVerdict::Accept(registered) => registered,
        other => panic!("{other:?}"),
    }
}

fn first(registered: &Registered, user_handle: [u8; 32]) -> FirstFactor<'_> {
    FirstFactor::Passkey {
        registered,
        rp_id: RP,
        user_handle,
    }
}

fn ceremony(session: SessionHash, challenge: u8) -> NewCeremony<'static> {
    NewCeremony {
        purpose: CeremonyPurpose::Assert,
        session,
        challenge: [challenge; 32],
        state: b"CANARY-STATE",
        expires_at: later(300),
        now: NOW,
    }
}

impl World {
    async fn enrols_with(&self, name: &str, registered: &Registered) -> EnrolOutcome {
        let who = person(name);
        let held = self.enrolling(&who, EnrolmentProof::Open, NOW).await;
        let context = self.enrol_context(held.id, &[RecoveryCode::mint(&fresh())], NOW);
        let handle = if name == "alice" { HANDLE } else { fresh() };
        let first = first(registered, handle);
        self.store.enrolment_confirm(first, context).await.unwrap()
    }

    async fn keys_of(&self, id: SubscriberId) -> Vec<PasskeyMaterial> {
        let held = self.store.passkeys_held(Some(id), RP).await.unwrap();
        held.keys
    }

    /// An answer of this passkey with this count, accepted.
    fn answered(&self, key: &PasskeyMaterial, material: &Material, count: u32) -> Accepted {
        let facts = AssertionFacts {
            outcome: Ok(Assertion {
                authenticator: key.id,
                disabled: key.disabled,
                user_verified: true,
                sign_count: count,
                last_sign_count: key.sign_count,
                backed_up: true,
            }),
            challenge_ends: later(60),
            expires_at: later(60),
            usable: Kinds::PRESET,
            user_verification: UserVerification::Preferred,
            throttle: &material.throttle,
            policy: &self.policy,
            proved: true,
        };
        match judge_assertion(&facts, NOW) {
            AssertionVerdict::Accept(accepted) => accepted,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_challenge_is_taken_once_by_its_own_session_for_its_own_purpose() {
    let world = World::new().await;
    let (hers, mallory) = (fresh_hash(), fresh_hash());
    world.store.ceremony_begin(ceremony(hers, 1)).await.unwrap();
    let take = async |purpose, session, challenge: u8| {
        let challenge = [challenge; 32];
        let taken = world.store.ceremony_take(purpose, session, &challenge);
        taken.await.unwrap()
    };
    use CeremonyPurpose::{Assert, Register};
    assert!(take(Assert, &mallory, 1).await.is_none());
    assert!(take(Register, &hers, 1).await.is_none());
    assert!(take(Assert, &hers, 2).await.is_none());
    let taken = take(Assert, &hers, 1).await.unwrap();
    assert_eq!(taken.state.as_slice(), b"CANARY-STATE");
    assert_eq!(taken.expires_at, later(300));
    assert!(take(Assert, &hers, 1).await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_answers_at_once_one_finds_the_challenge() {
    let world = World::new().await;
    let session = fresh_hash();
    world
        .store
        .ceremony_begin(ceremony(session, 1))
        .await
        .unwrap();
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let store = world.store.clone();
        tasks.push(tokio::spawn(async move {
            let purpose = CeremonyPurpose::Assert;
            let taken = store.ceremony_take(purpose, &session, &[1; 32]).await;
            taken.unwrap().is_some()
        }));
    }
    let mut found = 0;
    for task in tasks {
        found += usize::from(task.await.unwrap());
    }
    assert_eq!(found, 1);
}

#[tokio::test]
async fn a_session_has_four_challenges_open_and_time_sweeps_them() {
    let world = World::new().await;
    let session = fresh_hash();
    for n in 1..=6 {
        let new = ceremony(session, n);
        world.store.ceremony_begin(new).await.unwrap();
    }
    let open = "SELECT COUNT(*) FROM passkey_ceremony";
    assert_eq!(world.number(open).await, 4);
    let limits = crate::SweepLimits::default();
    world.store.sweep(later(301), limits).await.unwrap();
    assert_eq!(world.number(open).await, 0);
}

#[tokio::test]
async fn a_first_passkey_enrols_and_its_answer_opens_a_session() {
    let world = World::new().await;
    let outcome = world.enrols_with("alice", &registered(1)).await;
    let EnrolOutcome::Claimed(claimed) = outcome else {
        panic!("{outcome:?}")
    };
    let id = claimed.subscriber();
    let held = world.store.passkeys_held(Some(id), RP).await.unwrap();
    assert_eq!(held.held, Kinds::NONE.with(AuthenticatorKind::Passkey));
    assert_eq!(held.user_handle, Some(HANDLE));
    let elsewhere = world.store.passkeys_held(Some(id), "other.test").await;
    assert!(
        elsewhere.unwrap().held.is_empty(),
        "dead under another name"
    );

    let alice = Enrolled {
        who: person("alice"),
        id,
        secret: TotpSecret::from_bytes(vec![1; 20]),
        codes: Vec::new(),
    };
    let attempt = world.challenged(&alice, NOW).await;
    let material = world.material(attempt).await;
    let key = &held.keys[0];
    let context = world.claim_context(attempt, &material, NOW);
    let claim = world
        .claim(world.answered(key, &material, 5), context)
        .await;
    assert!(matches!(claim, Claim::Claimed(_)), "{claim:?}");
    let stored = "SELECT sign_count * 10 + backed_up FROM authenticator";
    assert_eq!(world.number(stored).await, 51);
    let kinds = world.kinds(10).await;
    assert!(kinds.contains(&AuditKind::PasskeyUsed.name()));
    assert!(!kinds.contains(&AuditKind::PasskeyRegressed.name()));
    world.audit_is_whole().await;
}

#[tokio::test]
async fn a_count_that_went_back_is_told_and_kept_at_its_highest() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let added = add(&world, &alice, 1, HANDLE).await;
    assert_eq!(added, DONE);
    for (count, kept) in [(9, 9), (4, 9)] {
        let attempt = world.challenged(&alice, NOW).await;
        let material = world.material(attempt).await;
        let key = world.keys_of(alice.id).await.remove(0);
        let context = world.claim_context(attempt, &material, NOW);
        let claim = world
            .claim(world.answered(&key, &material, count), context)
            .await;
        assert!(matches!(claim, Claim::Claimed(_)), "{claim:?}");
        let stored = "SELECT MAX(sign_count) FROM authenticator";
        assert_eq!(world.number(stored).await, kept);
    }
    let told = world.kinds(20).await;
    let regressed = told
        .iter()
        .filter(|kind| **kind == AuditKind::PasskeyRegressed.name());
    assert_eq!(regressed.count(), 1, "{told:?}");
}

const DONE: OwnActOutcome = OwnActOutcome::Done;

fn refused(why: OwnActRefusal) -> OwnActOutcome {
    OwnActOutcome::Refused(why)
}

/// What she would keep: this credential, under this name, for this handle.
struct Adding {
    label: Label,
    registered: Registered,
    handle: [u8; 32],
}

impl Adding {
    fn new(id: u8, handle: [u8; 32]) -> Self {
        Self {
            label: Label::parse(&format!("key {id}")).unwrap(),
            registered: registered(id),
            handle,
        }
    }

    fn under(&self, fresh: Accepted) -> Authorised<'_> {
        let key = NewKey {
            label: &self.label,
            registered: &self.registered,
            rp_id: RP,
            user_handle: self.handle,
        };
        authorise(fresh, OwnAct::AddPasskey(key)).unwrap()
    }
}

impl World {
    async fn own_context(
        &self,
        session: SessionHash,
        material: &Material,
        now: Timestamp,
    ) -> OwnActContext<'_> {
        let found = self.session(&session).await;
        OwnActContext {
            row: found.map_or(SessionRow(0), |found| found.row),
            hash: session,
            app: &self.app,
            version: material.version,
            form_mac: fresh(),
            client: CLIENT,
            now,
        }
    }
}

/// Adds a passkey under a fresh code.
async fn add(world: &World, who: &Enrolled, id: u8, handle: [u8; 32]) -> OwnActOutcome {
    let session = world
        .signed_in(who, NOW.minus(Duration::from_secs(90)))
        .await;
    let material = world.store.unlock_material(who.id).await.unwrap();
    let context = world.own_context(session, &material, NOW).await;
    let adding = Adding::new(id, handle);
    let authorised = adding.under(world.accepted(&material, NOW));
    world.store.own_act(authorised, context).await.unwrap()
}

/// W9: not even one after the other.
#[tokio::test]
async fn two_people_never_have_one_credential() {
    let world = World::new().await;
    let bob = world.enrolled("bob").await;
    assert!(matches!(
        world.enrols_with("alice", &registered(1)).await,
        EnrolOutcome::Claimed(_)
    ));
    assert_eq!(
        add(&world, &bob, 1, [8; 32]).await,
        refused(OwnActRefusal::PasskeyKnown)
    );
    let outcome = world.enrols_with("chen", &registered(1)).await;
    assert_eq!(outcome, EnrolOutcome::PasskeyKnown);
    let chen = "SELECT COUNT(*) FROM subscriber WHERE enrolled_at IS NOT NULL";
    assert_eq!(world.number(chen).await, 2, "chen is not half enrolled");
    world.audit_is_whole().await;
}

#[tokio::test]
async fn a_person_has_one_handle_and_may_have_several_keys() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let added = add(&world, &alice, 1, HANDLE).await;
    assert_eq!(added, DONE);
    let later_on = later(120);
    let session = world.signed_in(&alice, later(60)).await;
    let material = world.store.unlock_material(alice.id).await.unwrap();
    let context = world.own_context(session, &material, later_on).await;
    let fresh = || world.accepted(&material, later_on);
    let other = Adding::new(2, [9; 32]);
    let other = world.store.own_act(other.under(fresh()), context);
    assert_eq!(other.await.unwrap(), refused(OwnActRefusal::OtherHandle));
    let second = Adding::new(2, HANDLE);
    let second = world.store.own_act(second.under(fresh()), context);
    assert_eq!(second.await.unwrap(), DONE);
    assert_eq!(world.keys_of(alice.id).await.len(), 2);
    let rp_ids = world.store.passkey_rp_ids().await.unwrap();
    assert_eq!(rp_ids, [("ward".to_owned(), RP.to_owned(), 2)]);
}

#[tokio::test]
async fn a_further_key_needs_a_fresh_code_and_a_live_session() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let material = world.store.unlock_material(alice.id).await.unwrap();
    let context = world.own_context(fresh_hash(), &material, NOW).await;
    let adding = Adding::new(1, HANDLE);
    let nowhere = adding.under(world.accepted(&material, NOW));
    let nowhere = world.store.own_act(nowhere, context);
    assert_eq!(nowhere.await.unwrap(), OwnActOutcome::Gone);
    // The code that signed her in is spent.
    let session = world.signed_in(&alice, NOW).await;
    let material = world.store.unlock_material(alice.id).await.unwrap();
    let stale = world.material(world.challenged(&alice, NOW).await).await;
    let context = world.own_context(session, &material, NOW).await;
    let mut unspent = stale;
    unspent.oath[0].last_step = None;
    let again = adding.under(world.accepted(&unspent, NOW));
    let again = world.store.own_act(again, context);
    assert_eq!(again.await.unwrap(), OwnActOutcome::AlreadySpent);
    assert!(world.keys_of(alice.id).await.is_empty());
}

/// A name of hers tells one from another, and nobody has more than ten.
#[tokio::test]
async fn a_further_key_has_a_name_of_its_own_and_ends_what_was_remembered_before() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    assert_eq!(add(&world, &alice, 1, HANDLE).await, DONE);
    let session = world.signed_in(&alice, later(60)).await;
    let material = world.store.unlock_material(alice.id).await.unwrap();
    let context = world.own_context(session, &material, later(120)).await;
    let fresh = || world.accepted(&material, later(120));
    let same = Adding {
        label: Label::parse("KEY 1").unwrap(),
        ..Adding::new(2, HANDLE)
    };
    let taken = world.store.own_act(same.under(fresh()), context).await;
    assert_eq!(taken.unwrap(), refused(OwnActRefusal::LabelTaken));
    assert_eq!(world.keys_of(alice.id).await.len(), 1);
    let added =
        "SELECT COUNT(*) FROM audit WHERE kind = 'authenticator_added' AND reason = 'passkey'";
    assert_eq!(world.number(added).await, 1);
}

#[tokio::test]
async fn a_removed_key_opens_nothing_and_its_row_stays() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let added = add(&world, &alice, 1, HANDLE).await;
    assert_eq!(added, DONE);
    let attempt = world.challenged(&alice, NOW).await;
    let material = world.material(attempt).await;
    let key = world.keys_of(alice.id).await.remove(0);
    let accepted = world.answered(&key, &material, 1);
    world
        .execute("UPDATE authenticator SET removed_at = 1, secret = NULL WHERE kind = 'passkey'")
        .await;
    let claim = world
        .claim(accepted, world.claim_context(attempt, &material, NOW))
        .await;
    assert_eq!(claim, Claim::AlreadySpent);
    let rows = "SELECT COUNT(*) FROM authenticator WHERE credential_id IS NOT NULL";
    assert_eq!(world.number(rows).await, 1);
}

#[tokio::test]
async fn neither_credential_nor_challenge_lies_open_and_both_move_to_a_new_key() {
    let world = World::new().await;
    let _ = world.enrols_with("alice", &registered(1)).await;
    world
        .store
        .ceremony_begin(ceremony(fresh_hash(), 1))
        .await
        .unwrap();
    let open = "SELECT (SELECT COUNT(*) FROM authenticator WHERE instr(secret, 'CANARY') > 0)
                     + (SELECT COUNT(*) FROM passkey_ceremony WHERE instr(state, 'CANARY') > 0)";
    assert_eq!(world.number(open).await, 0);
    world.store.close().await;
    let both = Keys::new(2, vec![key(2), key(1)]).unwrap();
    let store = open_at(world.path(), both).await.unwrap();
    let resealed = store.reseal(NOW).await.unwrap();
    assert_eq!(resealed.dispensable, [1], "{resealed:?}");
}
