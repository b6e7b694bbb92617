//! Two names, one person: what leads where, and what is gone.

use super::*;
use crate::{Alias, CodeTry, Merge, PeopleQuery, RecoveryLookup, Throttles};

async fn merge(world: &World, from: SubscriberId, into: SubscriberId) -> Merge {
    let paper = Paper::of("olga", NOW).because("married");
    world
        .store
        .subscribers_merge(from, into, &paper)
        .await
        .unwrap()
}

async fn invited(world: &World, name: &str) -> SubscriberId {
    world.issue_code(&person(name), NOW).await;
    found(world, name).await
}

async fn found(world: &World, name: &str) -> SubscriberId {
    let found = world.store.subscriber_find(&person(name).key()).await;
    found.unwrap().unwrap().id
}

#[tokio::test]
async fn after_a_merge_the_name_leads_to_the_other_and_its_factors_are_gone() {
    let world = World::new().await;
    let (old, new) = (
        world.enrolled("achen").await,
        world.enrolled("amoreau").await,
    );
    let session = world.signed_in(&old, NOW).await;
    let kept = world.signed_in(&new, NOW).await;
    let held = world.challenged(&old, NOW).await;
    assert_eq!(
        merge(&world, old.id, new.id).await,
        Merge::Done { into: new.id }
    );
    let view = world
        .store
        .subscriber_find(&old.who.key())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (view.id, view.linked, view.display_name.as_str()),
        (new.id, true, "amoreau")
    );
    assert!(world.session(&session).await.unwrap().jar_key.is_none());
    assert!(world.session(&kept).await.unwrap().jar_key.is_some());
    assert!(
        world
            .store
            .attempt_find(&held.pending)
            .await
            .unwrap()
            .is_none()
    );
    let code = world
        .store
        .recovery_match(Some(old.id), &old.codes[0])
        .await;
    assert_eq!(code.unwrap(), RecoveryLookup::Nothing);
    assert!(
        world
            .store
            .unlock_material(old.id)
            .await
            .unwrap()
            .oath
            .is_empty()
    );
    world.audit_is_whole().await;
}

#[tokio::test]
async fn a_merged_name_is_shown_under_the_person_and_the_log_says_where_it_went() {
    let world = World::new().await;
    let (old, new) = (
        world.enrolled("achen").await,
        world.enrolled("amoreau").await,
    );
    assert_eq!(
        merge(&world, old.id, new.id).await,
        Merge::Done { into: new.id }
    );
    let person = world.store.person(old.id).await.unwrap().unwrap();
    assert_eq!((person.listing.id, person.merged.len()), (new.id, 1));
    assert_eq!(
        (person.authenticators.len(), person.spellings.len()),
        (2, 2)
    );
    let list = world.store.subscriber_list("achen", 5).await.unwrap();
    assert_eq!((list.len(), list[0].id), (1, new.id));
    let query = PeopleQuery {
        text: "chen",
        limit: 5,
        ..PeopleQuery::default()
    };
    let page = world
        .store
        .people_search(&query, &Throttles { by_realm: &[] }, NOW)
        .await
        .unwrap();
    assert_eq!((page.people.len(), page.people[0].id), (1, new.id));
    let of_name = world
        .store
        .subscribers_of_name(&old.who.folded)
        .await
        .unwrap();
    assert_eq!((of_name.len(), of_name[0].id), (1, new.id));
    let trail = world.store.audit_of_subscriber(old.id, 10).await.unwrap();
    let act = trail
        .iter()
        .find(|row| row.event.kind.name() == "subscribers_merged")
        .unwrap();
    let said = format!("into amoreau (#{}): married", new.id);
    assert_eq!(act.event.reason.as_deref(), Some(said.as_str()));
    world.audit_is_whole().await;
}

#[tokio::test]
async fn a_person_signs_in_under_the_merged_name_with_the_remaining_phone() {
    let world = World::new().await;
    let (old, new) = (
        world.enrolled("achen").await,
        world.enrolled("amoreau").await,
    );
    assert_eq!(
        merge(&world, old.id, new.id).await,
        Merge::Done { into: new.id }
    );
    let as_old = Enrolled {
        who: old.who.clone(),
        id: new.id,
        secret: new.secret,
        codes: vec![],
    };
    let verified = world.signed_in(&as_old, NOW).await;
    assert_eq!(
        world.session(&verified).await.unwrap().subscriber,
        Some(new.id)
    );
    // What ends the person's sign-ins ends those under her other name.
    let held = world.challenged(&as_old, later(60)).await;
    let out = world
        .store
        .subscriber_sign_out(new.id, &Paper::of("olga", later(60)))
        .await;
    // The one of her enrolment, and this one.
    assert_eq!(out.unwrap(), Some(2));
    assert!(
        world
            .store
            .attempt_find(&held.pending)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn merges_never_chain_and_never_circle() {
    let world = World::new().await;
    let (a, b) = (invited(&world, "a").await, invited(&world, "b").await);
    let c = invited(&world, "c").await;
    assert_eq!(merge(&world, a, a).await, Merge::Same);
    assert_eq!(merge(&world, a, b).await, Merge::Done { into: b });
    assert_eq!(merge(&world, a, b).await, Merge::Same);
    assert_eq!(merge(&world, b, a).await, Merge::Same);
    assert_eq!(merge(&world, a, c).await, Merge::Unknown);
    assert_eq!(merge(&world, b, c).await, Merge::Done { into: c });
    for name in ["a", "b", "c"] {
        assert_eq!(
            found(&world, name).await,
            c,
            "{name} leads there in one step"
        );
    }
    let d = invited(&world, "d").await;
    assert_eq!(merge(&world, d, a).await, Merge::Done { into: c });
    assert_eq!(merge(&world, SubscriberId(99), c).await, Merge::Unknown);
    assert_eq!(merge(&world, c, SubscriberId(99)).await, Merge::Unknown);
}

#[tokio::test]
async fn people_of_different_tenants_or_standing_are_not_merged() {
    let world = World::new().await;
    let (a, b) = (invited(&world, "a").await, invited(&world, "b").await);
    world
        .execute(&format!(
            "UPDATE subscriber SET tenant = 'north' WHERE id = {a}"
        ))
        .await;
    assert_eq!(merge(&world, a, b).await, Merge::Apart);
    world.execute("UPDATE subscriber SET tenant = ''").await;
    assert!(
        world
            .store
            .subscriber_suspend(a, &Paper::of("olga", NOW))
            .await
            .unwrap()
    );
    assert_eq!(merge(&world, a, b).await, Merge::Suspended);
    assert_eq!(merge(&world, b, a).await, Merge::Suspended);
}

/// Otherwise the password of the merged name would be enough to enrol as her.
#[tokio::test]
async fn who_had_factors_and_is_merged_into_nobody_enrolled_needs_a_code() {
    let world = World::new().await;
    let old = world.enrolled("achen").await;
    let new = invited(&world, "amoreau").await;
    assert_eq!(merge(&world, old.id, new).await, Merge::Done { into: new });
    let view = world
        .store
        .subscriber_find(&old.who.key())
        .await
        .unwrap()
        .unwrap();
    assert!(view.was_reset && view.enrolled_at.is_none());
    // And a code issued under either name is hers.
    let code = world.issue_code(&old.who, NOW).await;
    let held = world
        .enrolling(&person("amoreau"), EnrolmentProof::Code, NOW)
        .await;
    assert_eq!(world.try_code(held, &code).await, CodeTry::Ok);
    let held = world.enrolling(&old.who, EnrolmentProof::Code, NOW).await;
    assert_eq!(world.try_code(held, &code).await, CodeTry::Ok);
}

#[tokio::test]
async fn the_stricter_count_of_wrong_codes_holds() {
    let world = World::new().await;
    let (old, new) = (
        world.enrolled("achen").await,
        world.enrolled("amoreau").await,
    );
    let held = world.challenged(&old, NOW).await;
    for _ in 0..5 {
        let material = world.material(held).await;
        let failure = world.failure(held, &material, Some(old.id), NOW);
        world.store.challenge_fail(failure).await.unwrap();
    }
    let before = world.store.unlock_material(old.id).await.unwrap().throttle;
    assert_eq!(
        merge(&world, old.id, new.id).await,
        Merge::Done { into: new.id }
    );
    let after = world.store.unlock_material(new.id).await.unwrap().throttle;
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_second_name_leads_to_its_person_from_the_first_sign_in_on() {
    let world = World::new().await;
    let (alice, bob) = (world.enrolled("alice").await, world.enrolled("bob").await);
    let paper = Paper::of("olga", NOW).because("her old name");
    let add = async |into: SubscriberId, name: &str| {
        let who = person(name);
        let added = world
            .store
            .alias_add(into, &who.folded, name, name, &paper)
            .await;
        added.unwrap()
    };
    assert_eq!(add(alice.id, "a.chen").await, Alias::Added);
    assert_eq!(add(alice.id, "a.chen").await, Alias::Already);
    assert_eq!(add(alice.id, "A.Chen").await, Alias::Added);
    assert_eq!(add(alice.id, "ALICE").await, Alias::Added);
    assert_eq!(add(bob.id, "a.chen").await, Alias::Taken);
    assert_eq!(add(alice.id, "bob").await, Alias::Taken);
    assert_eq!(add(SubscriberId(99), "x").await, Alias::Unknown);
    let view = world
        .store
        .subscriber_find(&person("a.chen").key())
        .await
        .unwrap()
        .unwrap();
    assert!(view.id == alice.id && view.linked);
    assert_eq!(world.store.subscriber_list("", 9).await.unwrap().len(), 2);
    let event = &world.store.audit_tail(1).await.unwrap()[0].event;
    assert_eq!(event.reason.as_deref(), Some("ALICE: her old name"));
}
