//! Secrets at rest: unreadable, and of no use in another row.

use sqlx::Row;

use super::*;
use crate::seal::{self, Place};

const PLACE: Place = Place {
    table: "authenticator",
    column: "secret",
    row: 7,
};

#[test]
fn what_is_sealed_opens_only_at_its_place() {
    let keys = keys();
    let sealed = seal::seal(&keys, PLACE, fresh(), b"seed").unwrap();
    assert_eq!(
        seal::open(&keys, PLACE, &sealed).unwrap().as_slice(),
        b"seed"
    );
    let elsewhere = [
        Place { row: 8, ..PLACE },
        Place {
            column: "label",
            ..PLACE
        },
        Place {
            table: "attempt",
            ..PLACE
        },
    ];
    for place in elsewhere {
        assert!(matches!(
            seal::open(&keys, place, &sealed),
            Err(StoreError::Corrupt { .. })
        ));
    }
}

/// The derivation is part of the stored format: another one opens no database that is out there.
#[test]
fn each_purpose_has_a_key_of_its_own_and_stays_as_it_is() {
    use crate::keys::Purpose;

    let keys = keys();
    let macs = [
        Purpose::EnrolmentCode,
        Purpose::AuditAnchor,
        Purpose::KeyCheck,
    ]
    .map(|purpose| data_encoding::HEXLOWER.encode(&keys.mac(purpose, &[b"x"]).1[..8]));
    assert_eq!(
        macs,
        ["ce7424e3c8dbcc6a", "cf51e5bccee59812", "8ff03a96a7823cb4"]
    );
    assert_eq!(
        data_encoding::HEXLOWER.encode(&keys.sealing().1[..8]),
        "95fe9d98b2d6e6d1"
    );
}

#[test]
fn every_changed_or_missing_byte_is_noticed() {
    let keys = keys();
    let sealed = seal::seal(&keys, PLACE, fresh(), b"seed").unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(seal::open(&keys, PLACE, &changed).is_err(), "byte {at}");
        assert!(
            seal::open(&keys, PLACE, &sealed[..at]).is_err(),
            "cut at {at}"
        );
    }
}

#[test]
fn equal_secrets_do_not_look_equal() {
    let keys = keys();
    let [one, two] = [(); 2].map(|()| seal::seal(&keys, PLACE, fresh(), b"seed").unwrap());
    assert_ne!(one, two);
}

#[tokio::test]
async fn a_seed_copied_to_another_subscriber_does_not_open() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let mallory = world.enrolled("mallory").await;
    world
        .execute(&format!(
            "UPDATE authenticator SET secret = (SELECT secret FROM authenticator
             WHERE subscriber_id = {}) WHERE subscriber_id = {}",
            mallory.id, alice.id
        ))
        .await;
    let held = world.challenged(&alice, NOW).await;
    let refused = world
        .store
        .challenge_material(&world.attempt(held).await)
        .await
        .unwrap_err();
    let StoreError::Corrupt { table, column, .. } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!((&*table, &*column), ("authenticator", "secret"));
}

#[tokio::test]
async fn a_jar_key_copied_to_another_session_does_not_open() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let one = world.signed_in(&alice, NOW).await;
    let two = world.signed_in(&alice, later(60)).await;
    let before = world.session(&one).await.unwrap();
    let other = world.session(&two).await.unwrap();
    assert_ne!(before.jar_key, other.jar_key);
    world
        .execute(&format!(
            "UPDATE session SET jar_key = (SELECT jar_key FROM session WHERE id = {})
             WHERE id = {}",
            other.row, before.row
        ))
        .await;
    let refused = world.store.session_find(&one).await.unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }));
    assert!(!refused.to_string().contains('['));
}

#[tokio::test]
async fn no_seed_code_or_key_is_in_the_file_in_the_clear() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let code = world.issue_code(&person("bob"), NOW).await;
    let hash = world.signed_in(&alice, NOW).await;
    let record = world.session(&hash).await.unwrap();
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(world.dir.path()).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let secrets: [&[u8]; 5] = [
        alice.secret.expose(),
        alice.secret.to_base32().leak().as_bytes(),
        alice.codes[0].secret_part().as_bytes(),
        code.expose().as_bytes(),
        &record.jar_key.unwrap(),
    ];
    for secret in secrets {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
}

#[tokio::test]
async fn debug_output_shows_no_secret() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let hash = world.signed_in(&alice, NOW).await;
    let record = world.session(&hash).await.unwrap();
    let held = world.challenged(&alice, later(60)).await;
    let shown = format!(
        "{record:?} {:?} {:?} {:?}",
        world.material(held).await,
        world.attempt(held).await,
        world.store
    );
    for secret in [
        record.jar_key.unwrap().to_vec(),
        alice.secret.expose().to_vec(),
    ] {
        assert!(!shown.contains(&format!("{secret:?}")));
    }
    let mut raw = world.raw().await;
    let columns = sqlx::query("SELECT name FROM pragma_table_info('audit')");
    let names: Vec<String> = columns
        .fetch_all(&mut raw)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert!(
        names
            .iter()
            .all(|name| !name.contains("code") && !name.contains("cookie"))
    );
}
