//! Letters: whose language they speak.

use anteroom_core::address::{AddressSource, MailAddress};
use anteroom_core::language::Language;

use super::*;
use crate::{Channel, Leased, NewAddress, Paper};

const HOUR: Duration = Duration::from_secs(3600);

/// Tells mail of every notice, and writes an address of this person down.
async fn reachable(world: &World, id: SubscriberId, at: Timestamp) {
    let every = anteroom_core::notice::Notice::ALL.iter();
    let told = every.map(|notice| (Channel::Mail, *notice)).collect();
    world.store.told_set(&told).await.unwrap();
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
