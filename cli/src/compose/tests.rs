//! Key files and stores that fit, and those that do not.
//!
//! The gateway itself is started by the end-to-end tests.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;

use anteroom_config::keys::new_text;
use tempfile::TempDir;

use super::*;
use crate::demo_config;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    folder
}

fn settings(dir: &Path) -> Settings {
    let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
    demo_config::settings(at(0), at(9), dir).unwrap()
}

fn ring(names: &[&str]) -> KeyRing {
    let keys = names.iter().enumerate();
    KeyRing {
        current: names[0].to_owned(),
        keys: keys
            .map(|(n, name)| ((*name).to_owned(), [n as u8; 32]))
            .collect(),
    }
}

async fn refusal(dir: &Path) -> ComposeError {
    match open(settings(dir), &Ambient::system()).await {
        Ok(_) => panic!("it opened"),
        Err(problem) => problem,
    }
}

#[test]
fn key_numbers_are_part_of_the_stored_format() {
    assert_eq!(key_number("k-2f7a91c0"), 18_262_665);
    assert_eq!(key_number("k-0001471d"), 0xd687_52dc);
}

#[test]
fn the_current_key_stays_the_current_one() {
    let keys = store_keys(&ring(&["new", "old"])).unwrap();
    assert_eq!(keys.current_id(), key_number("new"));
    let ids: Vec<u32> = keys.ids().collect();
    assert_eq!(ids, [key_number("new"), key_number("old")]);
}

#[test]
fn two_names_of_one_number_are_refused() {
    let problem = store_keys(&ring(&["k-0001471d", "k-0001ca01"]))
        .err()
        .unwrap();
    let said = problem.to_string();
    assert!(
        said.contains("k-0001471d") && said.contains("k-0001ca01"),
        "{said}"
    );
}

#[tokio::test]
async fn a_first_run_makes_key_and_store_and_a_second_one_opens_them() {
    let dir = folder();
    for _ in 0..2 {
        let composed = open(settings(dir.path()), &Ambient::system())
            .await
            .unwrap();
        composed.store.ping().await.unwrap();
        composed.store.close().await;
    }
    for name in ["anteroom.key", "anteroom.db"] {
        let mode = fs::metadata(dir.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_store_whose_key_file_is_gone_gets_no_new_one() {
    let dir = folder();
    let composed = open(settings(dir.path()), &Ambient::system())
        .await
        .unwrap();
    composed.store.close().await;
    let key = dir.path().join("anteroom.key");
    fs::remove_file(&key).unwrap();
    let problem = refusal(dir.path()).await;
    assert!(matches!(problem, ComposeError::KeyLost { .. }), "{problem}");
    assert!(!key.exists());
}

#[tokio::test]
async fn a_rotated_key_file_opens_only_with_the_old_line_kept() {
    let dir = folder();
    let ambient = Ambient::system();
    let composed = open(settings(dir.path()), &ambient).await.unwrap();
    composed.store.close().await;
    let key = dir.path().join("anteroom.key");
    let old = fs::read_to_string(&key).unwrap();
    let new = new_text(&ambient.entropy);
    fs::write(&key, new.as_str()).unwrap();
    let problem = refusal(dir.path()).await;
    let said = problem.to_string();
    assert!(said.contains("put the old line back"), "{said}");
    fs::write(&key, format!("{}{old}", new.as_str())).unwrap();
    let composed = open(settings(dir.path()), &ambient).await.unwrap();
    assert_eq!(composed.keys.keys.len(), 2);
    composed.store.close().await;
}

#[tokio::test]
async fn a_key_file_that_others_can_read_is_refused_with_the_cure() {
    let dir = folder();
    let composed = open(settings(dir.path()), &Ambient::system())
        .await
        .unwrap();
    composed.store.close().await;
    let key = dir.path().join("anteroom.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let said = refusal(dir.path()).await.to_string();
    assert!(
        said.contains("anteroom.key") && said.contains("0644"),
        "{said}"
    );
    assert!(said.contains("chmod 600"), "{said}");
}
