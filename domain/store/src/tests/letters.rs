//! Letters: whose language they speak.

use anteroom_core::address::{AddressSource, MailAddress};
use anteroom_core::language::Language;
use anteroom_core::notice::Notice;

use super::*;
use crate::{Channel, Leased, NewAddress, Paper, Reader, Told};

const HOUR: Duration = Duration::from_secs(3600);

/// Tells mail of every notice, and writes an address of this person down.
async fn reachable(world: &World, id: SubscriberId, at: Timestamp) {
    let every = Notice::ALL.iter();
    let told = Told {
        people: every.map(|notice| (Channel::Mail, *notice)).collect(),
        operators: Vec::new(),
    };
    world.store.told_set(&told, at).await.unwrap();
    let address = MailAddress::parse("alice@clinic.test").unwrap();
    let new = NewAddress {
        subscriber: id,
        address: &address,
        source: AddressSource::Operator,
        hold: HOUR,
        paper: Paper::of("olga", at).because("staff list"),
    };
    let added = world.store.address_add(new).await.unwrap();
    assert!(
        matches!(added, crate::AddressAdded::Added { .. }),
        "{added:?}"
    );
}

async fn lease(world: &World, at: Timestamp) -> Leased {
    let leased = world.store.outbox_lease(Channel::Mail, HOUR, at).await;
    leased.unwrap().expect("a letter waits")
}

#[tokio::test]
async fn a_letter_speaks_the_language_its_reader_read_last_when_it_is_written() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    reachable(&world, alice.id, NOW).await;
    let paper = Paper::of("olga", NOW).because("lost phone");
    world
        .store
        .subscriber_reset(alice.id, &paper)
        .await
        .unwrap();
    // World releases in Spanish what it enrols in French.
    let leased = lease(&world, NOW).await;
    assert_eq!(leased.language, Some(Language::Es));
    let chosen = world.store.language_chosen(alice.id, Language::En);
    chosen.await.unwrap();
    let leased = lease(&world, NOW.plus(HOUR)).await;
    assert_eq!(
        leased.language,
        Some(Language::En),
        "chosen after it was queued"
    );
    assert_eq!(leased.tries, 2, "the same letter");
}

/// This office is told of resets.
fn office(name: &str) -> Told {
    let address = MailAddress::parse(name).unwrap();
    Told {
        operators: vec![(Notice::FactorsReset, address)],
        ..Told::default()
    }
}

#[tokio::test]
async fn operators_are_told_of_what_the_settings_say_and_former_ones_of_nothing() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let (former, new) = (office("it@clinic.test"), office("desk@clinic.test"));
    world.store.told_set(&former, NOW).await.unwrap();
    let paper = Paper::of("olga", NOW).because("lost phone");
    world
        .store
        .subscriber_reset(alice.id, &paper)
        .await
        .unwrap();
    world
        .store
        .subscriber_suspend(alice.id, &paper)
        .await
        .unwrap();
    let leased = lease(&world, NOW).await;
    assert_eq!((leased.reader, leased.language), (Reader::Operator, None));
    assert_eq!(leased.to.unwrap().expose(), "it@clinic.test");
    assert_eq!(leased.subscriber, alice.id, "about whom");

    // The lease runs out unanswered; by then another office is named.
    let later = NOW.plus(HOUR * 2);
    world.store.told_set(&new, later).await.unwrap();
    let again = world.store.outbox_lease(Channel::Mail, HOUR, later).await;
    assert!(again.unwrap().is_none(), "nothing waits for the former one");
    let state = world
        .store
        .outbox_state(Channel::Mail, later)
        .await
        .unwrap();
    assert_eq!((state.waiting, state.given_up), (0, 1));
}
