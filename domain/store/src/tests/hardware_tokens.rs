//! Hardware tokens: in from a file, given, spent, put right, revoked; and many at once (attacks
//! D04, D05, E05).

use anteroom_core::challenge::{ResyncVerdict, judge_resync};
use anteroom_core::hardware_token::{Serial, TokenSeed};
use anteroom_core::oath::Digits;
use anteroom_core::totp::{TimeStep, code_of};

use super::*;
use crate::{HardwareTokenState, TokenAssigned, TokenQuery, TokenRevoked};

const NO_LIMIT: u32 = u32::MAX;
const SEED: &[u8] = b"12345678901234567890";

fn seed(serial: &str, period: Option<u64>, next: u64) -> TokenSeed {
    TokenSeed::check(serial, SEED, period, 8, next).unwrap()
}

fn serial(text: &str) -> Serial {
    Serial::parse(text).unwrap()
}

fn press(count: u64) -> String {
    code_of(
        &TotpSecret::from_bytes(SEED),
        Digits::Eight,
        TimeStep(count),
    )
}

impl World {
    async fn import(&self, tokens: &[TokenSeed]) {
        let paper = Paper::of("olga", NOW);
        let report = self.store.hardware_tokens_import(tokens, false, &paper);
        assert_eq!(report.await.unwrap().added.len(), tokens.len());
    }

    async fn assign(&self, token: &str, id: SubscriberId) -> TokenAssigned {
        let (token, paper) = (serial(token), Paper::of("olga", NOW).because("no phone"));
        let done = self
            .store
            .hardware_token_assign(&token, id, NO_LIMIT, &paper);
        done.await.unwrap()
    }

    async fn invited(&self, name: &str) -> SubscriberId {
        let who = person(name);
        self.issue_code(&who, NOW).await;
        let found = self.store.subscriber_find(&who.key()).await.unwrap();
        found.unwrap().id
    }

    /// A nurse whose only factor is a token with a button, next at 10.
    async fn nurse(&self) -> Enrolled {
        self.import(&[seed("T1", None, 10)]).await;
        let id = self.invited("nora").await;
        let done = self.assign("t1", id).await;
        assert_eq!(done, TokenAssigned::Done { enrolled: true });
        Enrolled {
            who: person("nora"),
            id,
            secret: TotpSecret::from_bytes(SEED),
            codes: Vec::new(),
        }
    }

    async fn state(&self, token: &str) -> HardwareTokenState {
        let query = TokenQuery {
            text: token,
            state: None,
        };
        let found = self.store.hardware_tokens(&query).await.unwrap();
        let [one] = found.as_slice() else {
            panic!("{found:?}");
        };
        one.state
    }
}

#[tokio::test]
async fn a_file_comes_in_once_and_a_dry_run_leaves_nothing() {
    let world = World::new().await;
    let tokens = [seed("A1", Some(30), 0), seed("A2", None, 7)];
    let paper = Paper::of("olga", NOW);
    let dry = world.store.hardware_tokens_import(&tokens, true, &paper);
    assert_eq!(dry.await.unwrap().added.len(), 2);
    assert_eq!(world.number("SELECT COUNT(*) FROM hardware_token").await, 0);
    world.import(&tokens).await;
    let again = [tokens[0].clone(), seed("A2", None, 0), seed("A3", None, 0)];
    let report = world.store.hardware_tokens_import(&again, false, &paper);
    let report = report.await.unwrap();
    assert_eq!(report.added, [serial("A3")]);
    assert_eq!(report.known, [serial("A1"), serial("A2")]);
    // The counter was not turned back.
    let counter = "SELECT counter FROM hardware_token WHERE serial = 'A2'";
    assert_eq!(world.number(counter).await, 6);
    let seeds = "SELECT COUNT(*) FROM hardware_token WHERE instr(secret, '12345') > 0";
    assert_eq!(world.number(seeds).await, 0, "sealed");
    world.audit_is_whole().await;
}

#[tokio::test]
async fn a_token_enrols_who_has_nothing_and_her_enrolment_code_dies() {
    let world = World::new().await;
    let nurse = world.nurse().await;
    let enrolled = "SELECT COUNT(*) FROM subscriber WHERE enrolled_at IS NOT NULL";
    assert_eq!(world.number(enrolled).await, 1);
    let live = "SELECT COUNT(*) FROM enrolment_code WHERE killed_at IS NULL";
    assert_eq!(world.number(live).await, 0);
    let left = "SELECT COUNT(*) FROM hardware_token WHERE secret IS NOT NULL";
    assert_eq!(world.number(left).await, 0, "the seed moved on");
    let held = world.challenged(&nurse, NOW).await;
    let material = world.material(held).await;
    assert!(material.has_token());
    assert_eq!(material.oath[0].secret.expose(), SEED);
    assert_eq!(material.oath[0].label, "Token T1");
    world.audit_is_whole().await;
}

#[tokio::test]
async fn d04_a_spent_press_and_those_before_it_never_count_again() {
    let world = World::new().await;
    let nurse = world.nurse().await;
    let held = world.challenged(&nurse, NOW).await;
    let material = world.material(held).await;
    // Three presses in a pocket, then this one.
    let CodeVerdict::Accept(accepted) = world.judge(&material, &press(13), NOW) else {
        panic!("within the look-ahead");
    };
    let context = world.claim_context(held, &material, NOW);
    assert!(matches!(
        world.claim(accepted, context).await,
        Claim::Claimed(_)
    ));
    let held = world.challenged(&nurse, later(5)).await;
    let material = world.material(held).await;
    for spent in 10..=13 {
        let verdict = world.judge(&material, &press(spent), later(5));
        assert!(
            matches!(verdict, CodeVerdict::Replayed { .. }),
            "{verdict:?}"
        );
    }
    let verdict = world.judge(&material, &press(14), later(5));
    assert!(matches!(verdict, CodeVerdict::Accept(_)), "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn d05_one_press_in_twenty_logins_opens_one_session() {
    let world = World::new().await;
    let nurse = world.nurse().await;
    let mut calls = Vec::new();
    for _ in 0..20 {
        let held = world.challenged(&nurse, NOW).await;
        let material = world.material(held).await;
        let context = world.claim_context(held, &material, NOW);
        let CodeVerdict::Accept(accepted) = world.judge(&material, &press(10), NOW) else {
            panic!("right until spent");
        };
        let store = world.store.clone();
        calls.push(async move { store.challenge_claim(accepted, context).await.unwrap() });
    }
    let calls: Vec<_> = calls.into_iter().map(tokio::spawn).collect();
    let (mut claimed, mut spent) = (0, 0);
    for call in calls {
        match call.await.unwrap() {
            Claim::Claimed(_) => claimed += 1,
            Claim::AlreadySpent => spent += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((claimed, spent), (1, 19));
    let step = "SELECT last_step FROM authenticator";
    assert_eq!(world.number(step).await, 10);
    world.audit_is_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_people_one_is_given_the_token() {
    let world = World::new().await;
    world.import(&[seed("T9", Some(30), 0)]).await;
    let mut calls = Vec::new();
    for nth in 0..20 {
        let id = world.invited(&format!("nurse{nth}")).await;
        let store = world.store.clone();
        calls.push(tokio::spawn(async move {
            let (token, paper) = (serial("T9"), Paper::of("olga", NOW));
            let done = store.hardware_token_assign(&token, id, NO_LIMIT, &paper);
            done.await.unwrap()
        }));
    }
    let mut given = 0;
    for call in calls {
        match call.await.unwrap() {
            TokenAssigned::Done { enrolled: true } => given += 1,
            TokenAssigned::Taken => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(given, 1);
    let enrolled = "SELECT COUNT(*) FROM subscriber WHERE enrolled_at IS NOT NULL";
    assert_eq!(world.number(enrolled).await, 1, "nobody else was");
}

#[tokio::test]
async fn d07_two_codes_put_a_token_right_once_and_wrong_ones_are_counted() {
    let world = World::new().await;
    let nurse = world.nurse().await;
    let token = serial("T1");
    let paper = Paper::of("olga", NOW);
    let judge = |material: &Material, one: u64, two: u64| {
        let facts = CodeFacts {
            typed: &press(one),
            oath: &material.on_file(),
            kinds: Kinds::PRESET,
            recovery: None,
            given: None,
            throttle: &material.throttle,
            policy: &world.policy,
            expires_at: later(300),
            proved: true,
        };
        judge_resync(&facts, &press(two), NOW)
    };
    let (holder, material) = world
        .store
        .hardware_token_material(&token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(holder, nurse.id);
    assert!(matches!(
        judge(&material, 50, 52),
        ResyncVerdict::Wrong { .. }
    ));
    world
        .store
        .hardware_token_resync_fail(holder, &token, &world.policy, &paper)
        .await
        .unwrap();
    let wrong = "SELECT throttle_consecutive FROM subscriber WHERE display_name = 'nora'";
    assert_eq!(world.number(wrong).await, 1);
    for expected in [true, false] {
        let ResyncVerdict::Accept(accepted) = judge(&material, 50, 51) else {
            panic!("two in a row");
        };
        let done = world
            .store
            .hardware_token_resync(holder, &token, accepted, &paper);
        assert_eq!(done.await.unwrap(), expected, "spent once");
    }
    assert_eq!(
        world.number("SELECT last_step FROM authenticator").await,
        51
    );
    let kinds = world.kinds(4).await;
    assert!(
        kinds.contains(&"hardware_token_resynchronised"),
        "{kinds:?}"
    );
    world.audit_is_whole().await;
}

#[tokio::test]
async fn revoking_the_only_one_is_a_reset_and_is_counted_as_one() {
    let world = World::new().await;
    let nurse = world.nurse().await;
    let paper = Paper::of("olga", NOW).because("lost");
    let token = serial("T1");
    let revoke = |most| world.store.hardware_token_revoke(&token, most, &paper);
    assert_eq!(revoke(0).await.unwrap(), TokenRevoked::TooMany);
    assert_eq!(world.state("T1").await, HardwareTokenState::Assigned);
    let done = revoke(5).await.unwrap();
    assert_eq!(done, TokenRevoked::Done { reset: true });
    assert_eq!(revoke(5).await.unwrap(), TokenRevoked::Already);
    assert_eq!(world.state("T1").await, HardwareTokenState::Revoked);
    assert_eq!(world.assign("T1", nurse.id).await, TokenAssigned::Revoked);
    let needs = "SELECT was_reset FROM subscriber WHERE display_name = 'nora'";
    assert_eq!(
        world.number(needs).await,
        1,
        "her next enrolment needs a code"
    );
    let seeds = "SELECT COUNT(*) FROM authenticator WHERE secret IS NOT NULL";
    assert_eq!(world.number(seeds).await, 0);
    world.audit_is_whole().await;
}

#[tokio::test]
async fn revoking_one_of_two_leaves_the_other_and_ends_her_sessions() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world.import(&[seed("T1", Some(60), 0)]).await;
    let given = world.assign("T1", alice.id).await;
    assert_eq!(given, TokenAssigned::Done { enrolled: false });
    world.signed_in(&alice, NOW).await;
    let paper = Paper::of("olga", NOW).because("lost");
    let token = serial("T1");
    let done = world.store.hardware_token_revoke(&token, 0, &paper);
    assert_eq!(done.await.unwrap(), TokenRevoked::Done { reset: false });
    assert!(world.store.sessions_of(alice.id).await.unwrap().is_empty());
    world.signed_in(&alice, later(60)).await;
}

#[tokio::test]
async fn e05_one_operator_gives_only_so_many_to_people_who_have_a_factor() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world
        .import(&[
            seed("T1", None, 0),
            seed("T2", None, 0),
            seed("T3", None, 0),
        ])
        .await;
    let bob = world.invited("bob").await;
    let paper = Paper::of("mallory", NOW);
    let give = async |token: &str, id, most| {
        let token = serial(token);
        let done = world.store.hardware_token_assign(&token, id, most, &paper);
        done.await.unwrap()
    };
    let enrolled = |enrolled| TokenAssigned::Done { enrolled };
    assert_eq!(give("T1", alice.id, 1).await, enrolled(false));
    assert_eq!(give("T2", alice.id, 1).await, TokenAssigned::TooMany);
    // Who has nothing may be given one all the same.
    assert_eq!(give("T3", bob, 1).await, enrolled(true));
    assert_eq!(world.state("T2").await, HardwareTokenState::Free);
}

#[tokio::test]
async fn tokens_are_found_by_a_part_of_the_serial_number_or_of_the_name() {
    let world = World::new().await;
    world.nurse().await;
    world.import(&[seed("X77", Some(30), 0)]).await;
    let found = async |text: &str, state| {
        let query = TokenQuery { text, state };
        let found = world.store.hardware_tokens(&query).await.unwrap();
        let serials = found.iter().map(|one| one.serial.to_string());
        serials.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found("", None).await, "T1 X77");
    assert_eq!(found("x-7", None).await, "X77");
    assert_eq!(found("NOR", None).await, "T1");
    assert_eq!(found("%", None).await, "");
    assert_eq!(found("", Some(HardwareTokenState::Free)).await, "X77");
    assert_eq!(found("", Some(HardwareTokenState::Assigned)).await, "T1");
}

#[tokio::test]
async fn a_sealed_seed_of_a_token_moves_under_a_new_key() {
    let world = World::new().await;
    world.import(&[seed("T1", None, 0)]).await;
    let path = world.path();
    world.store.close().await;
    let rotated = Keys::new(2, vec![key(1), key(2)]).unwrap();
    let store = open_at(path.clone(), rotated).await.unwrap();
    let resealed = store.reseal(NOW).await.unwrap();
    assert_eq!(resealed.dispensable, [1]);
    store.close().await;
    let alone = Keys::new(2, vec![key(2)]).unwrap();
    let store = open_at(path, alone).await.unwrap();
    let world = World::of(world.dir, store);
    let id = world.invited("nora").await;
    let done = world.assign("T1", id).await;
    assert_eq!(done, TokenAssigned::Done { enrolled: true });
}
