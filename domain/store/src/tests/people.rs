//! What operators read about people: search, one person in full, the front page's numbers; and
//! that operators themselves are nowhere among them.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::operator::OPERATOR_REALM;

use super::*;
use crate::{PeoplePage, PeopleQuery, PersonState, ResetWithCode, Throttles};

const NO_POLICIES: Throttles<'static> = Throttles { by_realm: &[] };
const DAY: u64 = 86_400;

async fn search(world: &World, query: PeopleQuery<'_>) -> PeoplePage {
    let limit = if query.limit == 0 { 50 } else { query.limit };
    let query = PeopleQuery { limit, ..query };
    let found = world.store.people_search(&query, &NO_POLICIES, NOW).await;
    found.unwrap()
}

fn names(page: &PeoplePage) -> Vec<&str> {
    let people = page.people.iter();
    people.map(|one| one.display_name.as_str()).collect()
}

async fn of_text(world: &World, text: &str) -> Vec<String> {
    let query = PeopleQuery {
        text,
        ..PeopleQuery::default()
    };
    let page = search(world, query).await;
    names(&page).into_iter().map(str::to_owned).collect()
}

async fn in_state(world: &World, state: PersonState) -> Vec<String> {
    let query = PeopleQuery {
        state: Some(state),
        ..PeopleQuery::default()
    };
    let page = search(world, query).await;
    names(&page).into_iter().map(str::to_owned).collect()
}

/// An operator's own factors, as the admin app makes them.
async fn operators_factors(world: &World) -> SubscriberId {
    let sql = format!(
        "INSERT INTO subscriber (realm, tenant, folded, display_name, created_at, enrolled_at)
         VALUES ('{OPERATOR_REALM}', '', 'olga', 'olga', 1, 1)"
    );
    world.execute(&sql).await;
    SubscriberId(world.number("SELECT MAX(id) FROM subscriber").await)
}

#[tokio::test]
async fn a_part_of_the_name_finds_whatever_its_case_and_accents() {
    let world = World::new().await;
    for name in ["Moreau, Zoë", "alice.moreau", "bob", "50%_off!"] {
        world.issue_code(&person(name), NOW).await;
    }
    assert_eq!(
        of_text(&world, "MOREAU").await,
        ["alice.moreau", "Moreau, Zoë"]
    );
    assert_eq!(of_text(&world, "zoe").await, ["Moreau, Zoë"]);
    assert_eq!(of_text(&world, " Zoë ").await, ["Moreau, Zoë"]);
    assert_eq!(of_text(&world, "%").await, ["50%_off!"]);
    assert_eq!(of_text(&world, "_").await, ["50%_off!"]);
    assert_eq!(of_text(&world, "nobody").await, Vec::<String>::new());
    assert_eq!(of_text(&world, "").await.len(), 4);
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let world = World::new().await;
    for number in 0..7 {
        world.issue_code(&person(&format!("p{number}")), NOW).await;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let query = PeopleQuery {
            after,
            limit: 3,
            ..PeopleQuery::default()
        };
        let page = search(&world, query).await;
        seen.extend(page.people.iter().map(|one| one.display_name.clone()));
        after = page.people.last().map(|one| one.id);
        assert_eq!(page.more, seen.len() < 7);
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
}

#[tokio::test]
async fn each_state_finds_its_own() {
    let world = World::new().await;
    let (alice, bob) = (world.enrolled("alice").await, world.enrolled("bob").await);
    let carol = world.enrolled("carol").await;
    world.issue_code(&person("dora"), NOW).await;
    let paper = Paper::of("olga", NOW);
    let reset = world.store.subscriber_reset(carol.id, &paper);
    assert!(reset.await.unwrap());
    let suspended = world.store.subscriber_suspend(bob.id, &paper);
    assert!(suspended.await.unwrap());
    assert_eq!(in_state(&world, PersonState::Enrolled).await, ["alice"]);
    assert_eq!(in_state(&world, PersonState::Suspended).await, ["bob"]);
    assert_eq!(
        in_state(&world, PersonState::NotEnrolled).await,
        ["carol", "dora"]
    );
    assert_eq!(
        in_state(&world, PersonState::Stopped).await,
        Vec::<String>::new()
    );
    let held = world.challenged(&alice, NOW).await;
    for _ in 0..5 {
        let material = world.material(held).await;
        let failure = world.failure(held, &material, Some(alice.id), NOW);
        world.store.challenge_fail(failure).await.unwrap();
    }
    assert_eq!(in_state(&world, PersonState::Stopped).await, ["alice"]);
    assert_eq!(
        in_state(&world, PersonState::Enrolled).await,
        Vec::<String>::new()
    );
    for state in PersonState::ALL {
        assert_eq!(PersonState::from_name(state.name()), Some(state));
    }
}

/// The window's cap stops somebody whose pause was cleared by a right code, and a lower cap of her
/// realm counts.
#[tokio::test]
async fn who_is_stopped_by_the_window_alone_is_found_under_her_realms_policy() {
    let world = World::new().await;
    world.enrolled("alice").await;
    let window = format!(
        "UPDATE subscriber SET throttle_rolling = 60, throttle_window_at = {}",
        NOW.as_millis()
    );
    world.execute(&window).await;
    let query = PeopleQuery {
        state: Some(PersonState::Stopped),
        limit: 10,
        ..PeopleQuery::default()
    };
    let strict = ThrottlePolicy {
        rolling_cap: 60,
        ..ThrottlePolicy::default()
    };
    let by_realm = [("ward", strict)];
    let throttles = Throttles {
        by_realm: &by_realm,
    };
    let found = world
        .store
        .people_search(&query, &throttles, NOW)
        .await
        .unwrap();
    assert_eq!(names(&found), ["alice"]);
    let found = world
        .store
        .people_search(&query, &NO_POLICIES, NOW)
        .await
        .unwrap();
    assert!(found.people.is_empty());
}

#[tokio::test]
async fn operators_are_nobody_among_the_people() {
    let world = World::new().await;
    let olga = operators_factors(&world).await;
    let paper = Paper::of("mallory", NOW).because("let me in");
    let store = &world.store;
    assert!(
        search(&world, PeopleQuery::default())
            .await
            .people
            .is_empty()
    );
    assert!(store.subscriber_list("", 10).await.unwrap().is_empty());
    assert!(
        store
            .subscribers_of_name(&fold("olga").unwrap())
            .await
            .unwrap()
            .is_empty()
    );
    assert!(store.person(olga).await.unwrap().is_none());
    assert!(!store.subscriber_reset(olga, &paper).await.unwrap());
    let code = EnrolmentCode::mint(&fresh());
    let reset = store.subscriber_reset_with_code(olga, &code, later(60), 9, &paper);
    assert_eq!(reset.await.unwrap(), ResetWithCode::NoSuch);
    assert!(!store.subscriber_unlock(olga, &paper).await.unwrap());
    assert!(!store.subscriber_suspend(olga, &paper).await.unwrap());
    assert!(!store.subscriber_resume(olga, &paper).await.unwrap());
    assert_eq!(store.subscriber_sign_out(olga, &paper).await.unwrap(), None);
    assert!(!store.note_add(olga, "a note", &paper).await.unwrap());
    let overview = store.overview(&NO_POLICIES, NOW, NOW).await.unwrap();
    assert_eq!((overview.enrolled, overview.not_enrolled), (0, 0));
}

#[tokio::test]
async fn a_person_is_shown_with_what_she_has_and_had() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world.signed_in(&alice, NOW).await;
    let found = world.store.person(alice.id).await.unwrap().unwrap();
    assert_eq!(found.listing.display_name, "alice");
    assert_eq!(found.spellings[0].display, "alice");
    assert_eq!(found.authenticators.len(), 1);
    assert_eq!(found.authenticators[0].proof, EnrolmentProof::Open.name());
    assert_eq!(found.authenticators[0].last_used_at, Some(NOW));
    assert_eq!(
        (found.recovery.left, found.recovery.last_used_at),
        (2, None)
    );
    assert!(found.recovery.issued_at.is_some() && found.enrolment_code.is_none());

    let code = EnrolmentCode::mint(&fresh());
    let paper = Paper {
        identity_check: "called back on 0101",
        approved_by: Some("oscar"),
        client: Some(CLIENT),
        ..Paper::of("olga", later(5)).because("lost phone")
    };
    let reset = world
        .store
        .subscriber_reset_with_code(alice.id, &code, later(600), 9, &paper);
    assert_eq!(reset.await.unwrap(), ResetWithCode::Done);
    let found = world.store.person(alice.id).await.unwrap().unwrap();
    assert!(found.listing.was_reset && found.listing.code_issued);
    assert_eq!(found.authenticators[0].removed_at, Some(later(5)));
    assert_eq!(found.recovery.left, 0);
    let open = found.enrolment_code.unwrap();
    assert_eq!(
        (open.operator.as_str(), open.expires_at),
        ("olga", later(600))
    );
    let kinds = world.kinds(7).await;
    assert_eq!(
        kinds,
        [
            "subscriber_reset",
            "identity_checked",
            "approval_granted",
            "authenticator_removed",
            "session_ended",
            "session_ended",
            "enrolment_code_issued",
        ]
    );
    let trail = world.store.audit_tail(7).await.unwrap();
    let said = |n: usize| trail[6 - n].event.reason.clone().unwrap_or_default();
    assert_eq!(
        (said(0), said(1)),
        ("lost phone".into(), "called back on 0101".into())
    );
    assert_eq!(trail[4].event.operator.as_deref(), Some("oscar"));
    assert_eq!(trail[6].event.client, Some(CLIENT));
    // The code that came with the reset is the one that enrols.
    let held = world.enrolling(&alice.who, EnrolmentProof::Code, NOW).await;
    assert_eq!(world.try_code(held, &code).await, crate::CodeTry::Ok);
    assert!(
        world
            .store
            .person(SubscriberId(99))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn notes_are_kept_newest_first_and_their_words_stay_out_of_the_log() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let store = &world.store;
    for number in 0..25 {
        let text = format!("note {number}\nsecond\u{1b} line");
        assert!(
            store
                .note_add(alice.id, &text, &Paper::of("olga", NOW))
                .await
                .unwrap()
        );
    }
    assert!(
        !store
            .note_add(alice.id, " \n ", &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    let nobody = store
        .note_add(SubscriberId(99), "x", &Paper::of("olga", NOW))
        .await;
    assert!(!nobody.unwrap());
    let found = store.person(alice.id).await.unwrap().unwrap();
    assert_eq!(found.notes.len(), 20);
    assert_eq!(found.notes[0].text, "note 24\nsecond\u{FFFD} line");
    let event = &store.audit_tail(1).await.unwrap()[0].event;
    assert_eq!(
        (event.kind, event.reason.as_deref()),
        (AuditKind::NoteAdded, None)
    );
}

#[tokio::test]
async fn an_operator_ends_one_session_of_that_person_and_no_other() {
    let world = World::new().await;
    let (alice, bob) = (world.enrolled("alice").await, world.enrolled("bob").await);
    world.signed_in(&alice, NOW).await;
    let hers = world.store.sessions_of(alice.id).await.unwrap();
    let (row, others) = (hers[0].row, hers.len() - 1);
    let paper = Paper::of("olga", NOW).because("left at the front desk");
    let store = &world.store;
    assert!(
        !store
            .session_end_by_operator(bob.id, row, &paper)
            .await
            .unwrap()
    );
    assert!(
        store
            .session_end_by_operator(alice.id, row, &paper)
            .await
            .unwrap()
    );
    assert!(
        !store
            .session_end_by_operator(alice.id, row, &paper)
            .await
            .unwrap()
    );
    assert_eq!(store.sessions_of(alice.id).await.unwrap().len(), others);
    let trail = store.audit_tail(2).await.unwrap();
    assert_eq!(trail[0].event.kind, AuditKind::SessionEnded);
    assert_eq!(trail[1].event.operator.as_deref(), Some("olga"));
    assert_eq!(trail[1].event.session, Some(hers[0].hash));
}

#[tokio::test]
async fn the_front_page_counts_what_happened_since_midnight_and_before() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world.issue_code(&person("bob"), NOW).await;
    world.signed_in(&alice, NOW).await;
    let held = world.challenged(&alice, NOW).await;
    let material = world.material(held).await;
    let mut failure = world.failure(held, &material, Some(alice.id), NOW);
    failure.clock_off = Some(-4);
    world.store.challenge_fail(failure).await.unwrap();
    assert_eq!(
        world.store.audit_tail(1).await.unwrap()[0]
            .event
            .reason
            .as_deref(),
        Some("clock_off -4")
    );
    let held_spelling = AuditEvent::new(AuditKind::SpellingHeld).subscriber(alice.id);
    let used = AuditEvent::new(AuditKind::RecoveryCodeUsed).subscriber(alice.id);
    let unknown = AuditEvent::new(AuditKind::LoginUnknown).app(&world.app);
    let events = [held_spelling, used, unknown];
    world.store.audit_append(&events, NOW).await.unwrap();

    let midnight = NOW.minus(Duration::from_secs(60));
    let seen = world
        .store
        .overview(&NO_POLICIES, midnight, NOW)
        .await
        .unwrap();
    assert_eq!(
        (seen.enrolled, seen.not_enrolled, seen.suspended),
        (1, 1, 0)
    );
    assert_eq!(seen.locked_now, 0);
    assert_eq!(seen.today.of(AuditKind::SessionVerified), 1);
    assert_eq!(seen.today.of(AuditKind::ChallengeFailed), 1);
    assert_eq!(seen.today.at(AuditKind::LoginUnknown, "emr"), 1);
    assert_eq!(seen.today.at(AuditKind::LoginUnknown, "lab"), 0);
    assert_eq!(seen.today.of(AuditKind::SpellingHeld), 1);
    assert_eq!(seen.days.len(), 14);
    assert_eq!((seen.days[13].from, seen.days[13].verified), (midnight, 1));
    // The enrolment was an hour ago: yesterday, for this midnight.
    assert_eq!((seen.days[12].verified, seen.days[13].failed), (1, 1));
    assert_eq!(seen.recovery_used[0].name.as_deref(), Some("alice"));
    assert_eq!((seen.spelling_held.len(), seen.maybe_stolen.len()), (1, 0));
    assert_eq!(seen.clock_off_people, 1);

    let week_on = later(8 * DAY);
    let seen = world
        .store
        .overview(&NO_POLICIES, week_on, week_on)
        .await
        .unwrap();
    assert!(seen.recovery_used.is_empty() && seen.today.counts.is_empty());
    assert_eq!((seen.clock_off_people, seen.days[5].verified), (0, 1));
}
