//! A look into the file: what it tells, and that it leaves nothing behind.

use std::collections::BTreeSet;

use super::*;
use crate::Glance;
use crate::glance::passkey_rp_ids;

fn files(world: &World) -> BTreeSet<std::ffi::OsString> {
    let path = world.path();
    let entries = std::fs::read_dir(path.parent().unwrap()).unwrap();
    entries.map(|entry| entry.unwrap().file_name()).collect()
}

async fn made(world: &World) {
    let alice = world.enrolled("alice").await;
    let key = "INSERT INTO authenticator
                   (subscriber_id, kind, label, proof, secret, credential_id, rp_id, sign_count,
                    backup_eligible, backed_up, enrolled_at)
               SELECT id, 'passkey', 'key', 'own', x'00', x'0707', 'emr.test', 0, 0, 0, 1
               FROM subscriber";
    world.execute(key).await;
    drop(alice);
}

#[tokio::test]
async fn it_sees_what_the_store_sees_while_that_is_open_and_after_it_was_closed() {
    let world = World::new().await;
    made(&world).await;
    let told = world.store.passkey_rp_ids().await.unwrap();
    assert_eq!(told, [("ward".to_owned(), "emr.test".to_owned(), 1)]);
    let before = files(&world);
    assert_eq!(
        passkey_rp_ids(&world.path()).await.unwrap(),
        Glance::Seen(told.clone())
    );
    assert_eq!(files(&world), before);
    world.store.close().await;
    let before = files(&world);
    assert_eq!(
        passkey_rp_ids(&world.path()).await.unwrap(),
        Glance::Seen(told)
    );
    assert_eq!(files(&world), before, "nothing was made beside it");
}

#[tokio::test]
async fn what_is_no_store_is_an_error_and_is_not_made_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    assert!(passkey_rp_ids(&path).await.is_err());
    assert!(!path.exists());
    std::fs::write(&path, b"SQLite format 3\0 and then nonsense").unwrap();
    assert!(passkey_rp_ids(&path).await.is_err());
    std::fs::write(folder.path().join("none.db-wal"), b"left over").unwrap();
    assert_eq!(passkey_rp_ids(&path).await.unwrap(), Glance::Unfinished);
}
