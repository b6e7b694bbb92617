//! The file: how it is created, which ones are refused, what a full disk does.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::*;
use crate::{FileProblem, KeyProblem, SweepLimits};

#[tokio::test]
async fn an_empty_directory_becomes_a_database_of_the_owner_alone() {
    let world = World::new().await;
    for entry in std::fs::read_dir(world.dir.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
    world.store.ping().await.unwrap();
    let migrations = std::fs::read_dir("migrations/sqlite").unwrap().count();
    let applied = world.number("SELECT COUNT(*) FROM _sqlx_migrations").await;
    assert_eq!(applied, i64::try_from(migrations).unwrap());
    assert_eq!(world.number("SELECT COUNT(*) FROM meta").await, 1);
}

#[tokio::test]
async fn opening_again_changes_nothing() {
    let world = World::new().await;
    let head = world.store.audit_head().await.unwrap();
    world.store.close().await;
    let again = open_at(world.path(), keys()).await.unwrap();
    assert_eq!(again.audit_head().await.unwrap(), head);
}

#[tokio::test]
async fn a_file_that_others_may_read_is_refused() {
    for mode in [0o604, 0o666, 0o660, 0o602] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.sqlite");
        std::fs::write(&path, b"").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let refused = open_at(path, keys()).await.unwrap_err();
        let StoreError::File { problem, .. } = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(problem, FileProblem::LooseMode(mode));
    }
}

#[tokio::test]
async fn a_link_or_a_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("link.sqlite");
    symlink(dir.path().join("elsewhere"), &link).unwrap();
    let refused = open_at(link, keys()).await.unwrap_err();
    assert!(matches!(
        refused,
        StoreError::File {
            problem: FileProblem::Symlink,
            ..
        }
    ));
    let refused = open_at(dir.path().to_owned(), keys()).await.unwrap_err();
    assert!(matches!(
        refused,
        StoreError::File {
            problem: FileProblem::NotAFile,
            ..
        }
    ));
}

#[tokio::test]
async fn another_key_of_the_same_number_is_refused() {
    let world = World::new().await;
    world.store.close().await;
    let other = Keys::new(1, vec![(1, [9; 32])]).unwrap();
    let refused = open_at(world.path(), other).await.unwrap_err();
    assert!(matches!(refused, StoreError::Key(KeyProblem::Other(1))));
    assert_eq!(
        refused.to_string(),
        "key 1 is not the key of that number with which this database was written"
    );
}

#[tokio::test]
async fn leaving_out_a_key_that_is_in_use_is_refused() {
    let world = World::new().await;
    world.store.close().await;
    let only_new = Keys::new(2, vec![key(2)]).unwrap();
    let refused = open_at(world.path(), only_new).await.unwrap_err();
    assert!(matches!(refused, StoreError::Key(KeyProblem::Missing(1))));
}

#[tokio::test]
async fn after_a_rotation_old_values_open_and_new_ones_use_the_new_key() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world.store.close().await;
    let rotated = Keys::new(2, vec![key(1), key(2)]).unwrap();
    let store = open_at(world.path(), rotated).await.unwrap();
    let world = World { store, ..world };
    world.signed_in(&alice, NOW).await;
    let key_ids = "SELECT COUNT(*) FROM session WHERE hex(jar_key) LIKE '0100000002%'";
    assert_eq!(world.number(key_ids).await, 1);
    assert!(world.kinds(100).await.contains(&"key_rotated"));
    world.audit_is_whole().await;
}

#[tokio::test]
async fn a_key_is_forgotten_when_everything_is_sealed_anew() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let session = world.signed_in(&alice, NOW).await;
    let bob = person("bob");
    let held = world.enrolling(&bob, EnrolmentProof::Open, NOW).await;
    let seed = TotpSecret::from_bytes(fresh::<20>().to_vec());
    world
        .store
        .enrolment_seed(held.id, &seed, NOW)
        .await
        .unwrap();
    world.issue_code(&bob, NOW).await;
    let key_of = |world: &World| {
        let (store, session) = (world.store.clone(), session);
        async move { store.session_find(&session).await.unwrap().unwrap().jar_key }
    };
    let jar_key = key_of(&world).await;
    world.store.close().await;
    let both = Keys::new(2, vec![key(1), key(2)]).unwrap();
    let world = World {
        store: open_at(world.path(), both).await.unwrap(),
        ..world
    };
    let resealed = world.store.reseal(NOW).await.unwrap();
    // Alice's seed, her two jar keys, and the seed being enrolled; bob's code still needs key 1.
    assert_eq!(
        (resealed.values, resealed.dispensable.as_slice()),
        (4, &[][..])
    );
    world
        .store
        .sweep(later(9 * 86_400), SweepLimits::default())
        .await
        .unwrap();
    let resealed = world.store.reseal(later(9 * 86_400)).await.unwrap();
    assert_eq!(resealed.dispensable, [1]);
    // Said again, for whom the first answer was lost.
    let again = world.store.reseal(NOW).await.unwrap();
    assert_eq!((again.values, again.dispensable), (0, vec![1]));
    world.store.close().await;
    let new = Keys::new(2, vec![key(2)]).unwrap();
    let world = World {
        store: open_at(world.path(), new).await.unwrap(),
        ..world
    };
    world.audit_is_whole().await;
    let held = world.challenged(&alice, later(9 * 86_400)).await;
    assert_eq!(world.material(held).await.oath[0].secret, alice.secret);
    assert!(jar_key.is_some());
}

#[test]
fn keys_without_a_current_one_or_with_two_of_one_number_are_refused() {
    assert_eq!(
        Keys::new(2, vec![key(1)]).unwrap_err(),
        KeyProblem::NoCurrent(2)
    );
    assert_eq!(
        Keys::new(1, vec![key(1), key(1)]).unwrap_err(),
        KeyProblem::Twice(1)
    );
    assert!(!format!("{:?}", keys()).contains("[1, 1"));
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    let world = World::new().await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum,
                 execution_time) VALUES (9999, 'later', 1, x'00', 0)";
    world.execute(later).await;
    world.store.close().await;
    let refused = open_at(world.path(), keys()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Migration(_)), "{refused:?}");
}

/// Fills the file until writes are refused, with nothing left behind by the refused ones.
async fn fill(world: &World) {
    let typed = TypedIdentity {
        tenant: String::new(),
        name: "x".repeat(200),
    };
    let mut full = 0;
    while full < 3 {
        let taint = Taint {
            session: fresh_hash(),
            app: &world.app,
            values: &[fresh()],
            typed: &typed,
            jar: &[7; 8192],
            client: CLIENT,
            expires_at: later(60),
            now: NOW,
        };
        match world.store.login_taint(taint).await {
            Ok(_) => {}
            Err(StoreError::Full) => full += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    let taints = "SELECT COUNT(*) FROM session WHERE state = 'tainted'";
    let told = "SELECT COUNT(*) FROM audit WHERE kind = 'login_tainted'";
    assert_eq!(world.number(taints).await, world.number(told).await);
}

/// F08: a decision that cannot be written is not taken, and the store recovers with the disk.
#[tokio::test]
async fn a_full_disk_closes_everything_and_halves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("anteroom.sqlite");
    let mut options = StoreOptions::new(&path, keys(), entropy());
    options.max_page_count = Some(240);
    let store = Store::open(options, NOW).await.unwrap();
    let world = World::of(dir, store);
    let alice = world.enrolled("alice").await;
    let held = world.challenged(&alice, NOW).await;
    let material = world.material(held).await;
    fill(&world).await;
    // Large enough not to fit into what room the last page may have.
    let mut context = world.claim_context(held, &material, NOW);
    context.amr = Box::leak("otp ".repeat(20_000).into_boxed_str());
    let accepted = world.accepted(&material, NOW);
    let refused = world.store.challenge_claim(accepted, context).await;
    assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    assert!(world.session(&context.verified).await.is_none());
    world.audit_is_whole().await;
    // Some writes SQLite undoes as a whole by itself, behind the driver's back: one row, one
    // statement.
    let session = world.store.sessions_of(alice.id).await.unwrap()[0].row;
    for _ in 0..3 {
        let refused = world.store.session_kept_put(session, &[7; 1 << 20]).await;
        assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    }
    // Room is made, and the same open store goes on.
    world
        .execute(
            "DELETE FROM session WHERE state = 'tainted'
             AND id NOT IN (SELECT tainted_session_id FROM attempt)",
        )
        .await;
    world.store.ping().await.unwrap();
    context.amr = "otp";
    let accepted = world.accepted(&material, NOW);
    let claim = world.claim(accepted, context).await;
    assert!(matches!(claim, Claim::Claimed(_)), "{claim:?}");
}
