//! What a person does to her own sign-in: proof and deed together or not at all, once.

use std::collections::BTreeSet;

use anteroom_core::authenticator::{AuthenticatorKind, Kinds};
use anteroom_core::challenge::FirstCode;
use anteroom_core::ids::AuthenticatorId;
use anteroom_core::label::Label;
use anteroom_core::own_act::{NewAuthenticator, NotEnough, OwnAct, authorise};

use super::*;
use crate::{OwnActContext, OwnActOutcome, OwnActRefusal, RecoveryLookup};

const DONE: OwnActOutcome = OwnActOutcome::Done;

fn refused(why: OwnActRefusal) -> OwnActOutcome {
    OwnActOutcome::Refused(why)
}

/// Alice in a verified session of hers.
struct Home {
    world: World,
    alice: Enrolled,
    hash: SessionHash,
    row: SessionRow,
}

async fn home() -> Home {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let hash = world.signed_in(&alice, NOW).await;
    let row = world.session(&hash).await.unwrap().row;
    Home {
        world,
        alice,
        hash,
        row,
    }
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

impl Home {
    async fn material(&self) -> Material {
        self.world
            .store
            .unlock_material(self.alice.id)
            .await
            .unwrap()
    }

    fn context(&self, material: &Material, now: Timestamp) -> OwnActContext<'_> {
        OwnActContext {
            row: self.row,
            hash: self.hash,
            app: &self.world.app,
            version: material.version,
            form_mac: fresh(),
            client: CLIENT,
            now,
        }
    }

    /// Does it with a code of the first authenticator on file.
    async fn act(&self, act: OwnAct<'_>, now: Timestamp) -> OwnActOutcome {
        let material = self.material().await;
        let accepted = self.world.accepted(&material, now);
        let authorised = authorise(accepted, act).unwrap();
        let context = self.context(&material, now);
        self.world.store.own_act(authorised, context).await.unwrap()
    }

    /// A right recovery code, accepted.
    async fn paper(&self, material: &Material, which: usize) -> Accepted {
        let code = &self.alice.codes[which];
        let found = self
            .world
            .store
            .recovery_match(Some(self.alice.id), code)
            .await;
        let RecoveryLookup::Found(found) = found.unwrap() else {
            panic!("the recovery code is hers");
        };
        let facts = CodeFacts {
            typed: &code.shown(),
            oath: &material.on_file(),
            kinds: Kinds::PRESET,
            recovery: Some(found),
            given: None,
            throttle: &material.throttle,
            policy: &self.world.policy,
            expires_at: later(9999),
            proved: true,
        };
        match judge_code(&facts, NOW) {
            CodeVerdict::Accept(accepted) => accepted,
            other => panic!("the recovery code is {other:?}"),
        }
    }

    /// A new phone, scanned and its first code typed.
    async fn phone(&self, now: Timestamp) -> (anteroom_core::ids::OwnSetupId, FirstCode) {
        let candidate = TotpSecret::from_bytes(fresh::<20>().to_vec());
        let store = &self.world.store;
        let (setup, secret) = store
            .own_setup_seed(self.row, &candidate, now)
            .await
            .unwrap()
            .unwrap();
        let code = code_at(&secret, step_at(now));
        let FirstCodeVerdict::Accept(first) = judge_first_code(&secret, &code, now) else {
            panic!("the first code is right");
        };
        (setup, first)
    }

    async fn add(&self, name: &str, now: Timestamp) -> OwnActOutcome {
        let (setup, first) = self.phone(now).await;
        let label = label(name);
        let new = NewAuthenticator {
            setup,
            label: &label,
            first: &first,
        };
        self.act(OwnAct::Add(new), now).await
    }

    async fn names(&self) -> BTreeSet<String> {
        let own = self.world.store.own_factors(self.alice.id).await.unwrap();
        own.authenticators
            .into_iter()
            .map(|one| one.label)
            .collect()
    }

    async fn id_of(&self, name: &str) -> AuthenticatorId {
        let own = self.world.store.own_factors(self.alice.id).await.unwrap();
        own.authenticators
            .iter()
            .find(|one| one.label == name)
            .unwrap()
            .id
    }

    /// Another session of hers.
    async fn elsewhere(&self, now: Timestamp) -> SessionHash {
        self.world.signed_in(&self.alice, now).await
    }

    async fn lives(&self, session: &SessionHash) -> bool {
        self.world
            .session(session)
            .await
            .unwrap()
            .verified()
            .is_some()
    }
}

fn remove(id: AuthenticatorId, may_be_last: bool) -> OwnAct<'static> {
    OwnAct::Remove {
        id,
        usable: Kinds::PRESET,
        may_be_last,
    }
}

fn names(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

#[tokio::test]
async fn a_second_phone_counts_from_its_first_code_on_and_has_a_name_of_its_own() {
    let home = home().await;
    let (setup, _) = home.phone(later(40)).await;
    assert_eq!(
        home.phone(later(50)).await.0,
        setup,
        "a reload shows the same seed"
    );
    assert_eq!(
        home.names().await,
        names(&["phone"]),
        "nothing half-made counts"
    );
    assert_eq!(
        home.add("PHONE", later(60)).await,
        refused(OwnActRefusal::LabelTaken)
    );
    // Nothing was spent by the refusal: the same code still does it.
    assert_eq!(home.add("Tablet", later(60)).await, DONE);
    assert_eq!(home.names().await, names(&["phone", "Tablet"]));
    assert_ne!(home.phone(later(70)).await.0, setup, "a seed is used once");
    let told = [
        "challenge_passed",
        "authenticator_added",
        "enrolment_started",
    ];
    assert_eq!(home.world.kinds(3).await, told);
    home.world.audit_is_whole().await;
}

#[tokio::test]
async fn a_set_up_waits_ten_minutes_and_belongs_to_its_session() {
    let home = home().await;
    let (setup, first) = home.phone(later(40)).await;
    let tablet = label("Tablet");
    let new = NewAuthenticator {
        setup,
        label: &tablet,
        first: &first,
    };
    assert_eq!(
        home.act(OwnAct::Add(new), later(700)).await,
        refused(OwnActRefusal::SetupOver)
    );
    // Another session of hers cannot finish it.
    let (setup, first) = home.phone(later(800)).await;
    let other = home.elsewhere(later(830)).await;
    let other = Home {
        row: home.world.session(&other).await.unwrap().row,
        hash: other,
        world: home.world,
        alice: home.alice,
    };
    let new = NewAuthenticator {
        setup,
        label: &tablet,
        first: &first,
    };
    assert_eq!(
        other.act(OwnAct::Add(new), later(900)).await,
        refused(OwnActRefusal::SetupOver)
    );
    assert_eq!(other.names().await, names(&["phone"]));
}

#[tokio::test]
async fn a_locked_or_ended_session_sets_up_nothing_and_changes_nothing() {
    let home = home().await;
    let candidate = TotpSecret::from_bytes(fresh::<20>().to_vec());
    let store = &home.world.store;
    store.session_lock(home.row, later(10)).await.unwrap();
    let seed = store
        .own_setup_seed(home.row, &candidate, later(11))
        .await
        .unwrap();
    assert!(seed.is_none());
    assert_eq!(
        home.act(OwnAct::EndOthers, later(40)).await,
        OwnActOutcome::Gone
    );
    store
        .session_end(home.row, "test", later(50))
        .await
        .unwrap();
    assert_eq!(
        home.act(OwnAct::NotMe, later(70)).await,
        OwnActOutcome::Gone
    );
}

#[tokio::test]
async fn a_new_phone_takes_the_place_of_the_old_one_in_one_step() {
    let home = home().await;
    let elsewhere = home.elsewhere(later(30)).await;
    let (setup, first) = home.phone(later(60)).await;
    let phone = label("phone");
    let new = NewAuthenticator {
        setup,
        label: &phone,
        first: &first,
    };
    let old = home.id_of("phone").await;
    assert_eq!(
        home.act(OwnAct::Replace { old, new }, later(60)).await,
        DONE
    );
    assert_eq!(home.names().await, names(&["phone"]), "the name moves too");
    assert_ne!(home.id_of("phone").await, old);
    assert!(!home.lives(&elsewhere).await && home.lives(&home.hash).await);
    // A second one with the same old phone finds it gone.
    let (setup, first) = home.phone(later(90)).await;
    let new = NewAuthenticator {
        setup,
        label: &phone,
        first: &first,
    };
    let again = OwnAct::Replace { old, new };
    assert_eq!(
        home.act(again, later(120)).await,
        refused(OwnActRefusal::NotHers)
    );
    let whole =
        "SELECT COUNT(*) FROM authenticator WHERE removed_at IS NOT NULL AND secret IS NULL";
    assert_eq!(home.world.number(whole).await, 1);
}

#[tokio::test]
async fn a_lost_phone_is_replaced_by_a_recovery_code_that_does_nothing_else() {
    let home = home().await;
    let (setup, first) = home.phone(later(60)).await;
    let phone = label("New phone");
    let new = NewAuthenticator {
        setup,
        label: &phone,
        first: &first,
    };
    let old = home.id_of("phone").await;
    let material = home.material().await;
    for act in [OwnAct::Add(new), remove(old, true), remove(old, false)] {
        let accepted = home.paper(&material, 0).await;
        assert_eq!(authorise(accepted, act).unwrap_err(), NotEnough, "{act:?}");
    }
    let accepted = home.paper(&material, 0).await;
    let authorised = authorise(accepted, OwnAct::Replace { old, new }).unwrap();
    let context = home.context(&material, later(60));
    let store = &home.world.store;
    assert_eq!(store.own_act(authorised, context).await.unwrap(), DONE);
    assert_eq!(home.names().await, names(&["New phone"]));
    assert_eq!(home.material().await.recovery_left, 1);
    assert!(home.world.kinds(8).await.contains(&"recovery_code_used"));
}

#[tokio::test]
async fn the_last_authenticator_stays_unless_policy_lets_it_go() {
    let home = home().await;
    let phone = home.id_of("phone").await;
    let keep = refused(OwnActRefusal::LastOne);
    assert_eq!(home.act(remove(phone, false), later(60)).await, keep);
    // One of a kind that is not allowed, or that is switched off, does not count as another.
    assert_eq!(home.add("Tablet", later(60)).await, DONE);
    home.world
        .execute(
            "UPDATE authenticator SET disabled_at = 1, disabled_by = 'operator'
             WHERE label = 'Tablet'",
        )
        .await;
    assert_eq!(home.act(remove(phone, false), later(90)).await, keep);
    home.world
        .execute("UPDATE authenticator SET disabled_at = NULL, disabled_by = NULL")
        .await;
    let other_kinds = OwnAct::Remove {
        id: phone,
        usable: Kinds::NONE.with(AuthenticatorKind::Passkey),
        may_be_last: false,
    };
    assert_eq!(home.act(other_kinds, later(90)).await, keep);
    assert_eq!(home.act(remove(phone, false), later(90)).await, DONE);
    assert_eq!(home.names().await, names(&["Tablet"]));
}

#[tokio::test]
async fn who_goes_without_stands_where_she_stood_before_her_first_phone() {
    let home = home().await;
    let elsewhere = home.elsewhere(later(30)).await;
    let phone = home.id_of("phone").await;
    assert_eq!(
        home.act(remove(phone, true), later(60)).await,
        OwnActOutcome::SignedOut
    );
    assert!(!home.lives(&elsewhere).await && !home.lives(&home.hash).await);
    let own = home.world.store.own_factors(home.alice.id).await.unwrap();
    assert_eq!((own.authenticators.len(), own.recovery.left), (0, 0));
    let stands = "SELECT enrolled_at IS NULL AND was_reset = 0 FROM subscriber";
    assert_eq!(home.world.number(stands).await, 1);
    home.world.audit_is_whole().await;
}

#[tokio::test]
async fn new_recovery_codes_make_the_old_ones_worthless_and_wait_to_be_seen() {
    let home = home().await;
    let fresh_codes = [RecoveryCode::mint(&fresh()), RecoveryCode::mint(&fresh())];
    let act = OwnAct::RenewCodes {
        codes: &fresh_codes,
        sealed: b"sealed for showing",
    };
    assert_eq!(home.act(act, later(60)).await, DONE);
    let store = &home.world.store;
    let look = async |code: &RecoveryCode| {
        store
            .recovery_match(Some(home.alice.id), code)
            .await
            .unwrap()
    };
    assert_eq!(look(&home.alice.codes[0]).await, RecoveryLookup::Nothing);
    assert!(matches!(
        look(&fresh_codes[1]).await,
        RecoveryLookup::Found(_)
    ));
    let shown = store.own_codes(home.row, later(61)).await.unwrap();
    assert_eq!(shown.as_deref(), Some(&b"sealed for showing"[..]));
    assert_eq!(store.own_codes(home.row, later(9999)).await.unwrap(), None);
    store.own_codes_seen(home.row).await.unwrap();
    assert_eq!(store.own_codes(home.row, later(62)).await.unwrap(), None);
    assert!(home.world.kinds(1).await.contains(&"recovery_codes_issued"));
}

#[tokio::test]
async fn she_ends_sessions_of_her_own_and_of_nobody_else() {
    let home = home().await;
    let one = home.elsewhere(later(30)).await;
    let two = home.elsewhere(later(60)).await;
    let bob = home.world.enrolled("bob").await;
    let bobs = home.world.signed_in(&bob, NOW).await;
    let row = async |hash: &SessionHash| home.world.session(hash).await.unwrap().row;
    let not_hers = refused(OwnActRefusal::NotHers);
    for foreign in [row(&bobs).await, home.row, SessionRow(999)] {
        let act = OwnAct::EndSession(foreign);
        assert_eq!(home.act(act, later(90)).await, not_hers, "{foreign}");
    }
    let act = OwnAct::EndSession(row(&one).await);
    assert_eq!(home.act(act, later(90)).await, DONE);
    assert!(!home.lives(&one).await && home.lives(&two).await);
    assert_eq!(home.act(OwnAct::EndOthers, later(120)).await, DONE);
    assert!(!home.lives(&two).await && home.lives(&home.hash).await && home.lives(&bobs).await);
}

#[tokio::test]
async fn not_me_ends_everything_but_this_and_remembers_the_password() {
    let home = home().await;
    let thief = home.elsewhere(later(30)).await;
    let waiting = home.world.challenged(&home.alice, later(35)).await;
    assert_eq!(home.act(OwnAct::NotMe, later(60)).await, DONE);
    assert!(!home.lives(&thief).await && home.lives(&home.hash).await);
    let attempt = home
        .world
        .store
        .attempt_find(&waiting.pending)
        .await
        .unwrap();
    assert!(attempt.is_none(), "an unfinished sign-in ends too");
    let kinds = home.world.kinds(5).await;
    assert!(kinds.contains(&"not_me_reported") && kinds.contains(&"password_may_be_stolen"));
    let marked = "SELECT stolen_notice_at IS NOT NULL FROM subscriber";
    assert_eq!(home.world.number(marked).await, 1);
}

#[tokio::test]
async fn a_code_does_one_thing_and_the_same_form_is_one_act() {
    let home = home().await;
    let material = home.material().await;
    let context = home.context(&material, later(60));
    let act = || authorise(home.world.accepted(&material, later(60)), OwnAct::EndOthers).unwrap();
    let store = &home.world.store;
    assert_eq!(store.own_act(act(), context).await.unwrap(), DONE);
    let again = async |mac| store.own_act_again(home.row, mac, later(61)).await.unwrap();
    assert!(again(&context.form_mac).await);
    assert_eq!(
        store.own_act(act(), context).await.unwrap(),
        OwnActOutcome::Again
    );
    // Another form with the same code.
    let other = OwnActContext {
        form_mac: fresh(),
        ..context
    };
    assert_eq!(
        store.own_act(act(), other).await.unwrap(),
        OwnActOutcome::AlreadySpent
    );
    assert!(!again(&other.form_mac).await);
}

#[tokio::test]
async fn of_twenty_forms_with_one_code_one_is_done() {
    let home = home().await;
    let material = home.material().await;
    let mut forms = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (store, material) = (home.world.store.clone(), material.clone());
        let accepted = home.world.accepted(&material, later(60));
        let (row, hash, app) = (home.row, home.hash, home.world.app.clone());
        forms.spawn(async move {
            let context = OwnActContext {
                row,
                hash,
                app: &app,
                version: material.version,
                form_mac: fresh(),
                client: CLIENT,
                now: later(60),
            };
            let authorised = authorise(accepted, OwnAct::EndOthers).unwrap();
            store.own_act(authorised, context).await.unwrap()
        });
    }
    let mut done = 0;
    while let Some(outcome) = forms.join_next().await {
        match outcome.unwrap() {
            OwnActOutcome::Done => done += 1,
            OwnActOutcome::AlreadySpent | OwnActOutcome::Stale => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(done, 1);
}

#[tokio::test]
async fn a_wrong_code_in_between_makes_the_proof_stale() {
    let home = home().await;
    let material = home.material().await;
    let authorised =
        authorise(home.world.accepted(&material, later(60)), OwnAct::EndOthers).unwrap();
    let held = home.world.challenged(&home.alice, later(50)).await;
    let failure = home
        .world
        .failure(held, &material, Some(home.alice.id), later(59));
    home.world.store.challenge_fail(failure).await.unwrap();
    let outcome = home
        .world
        .store
        .own_act(authorised, home.context(&material, later(60)))
        .await;
    assert_eq!(outcome.unwrap(), OwnActOutcome::Stale);
}

#[tokio::test]
async fn a_remembered_computer_is_forgotten_by_its_owner_alone_and_once() {
    let home = home().await;
    let mallory = home.world.enrolled("mallory").await;
    let theirs = home.world.remember(&mallory, [7; 32], later(40)).await;
    let count = async |id| {
        let found = home.world.store.devices_of(id, later(50)).await;
        found.unwrap().len()
    };
    let gone = refused(OwnActRefusal::NotHers);
    assert_eq!(
        home.act(OwnAct::ForgetDevice(theirs), later(60)).await,
        gone
    );
    assert_eq!(count(mallory.id).await, 1);
    // Nothing was spent by the refusal, and all of hers are none of his.
    assert_eq!(home.act(OwnAct::ForgetDevices, later(60)).await, DONE);
    assert_eq!(count(mallory.id).await, 1);
    assert!(!home.world.kinds(100).await.contains(&"device_forgotten"));
}
