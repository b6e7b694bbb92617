//! `kill -9` at any instant: not enrolled or fully enrolled, codes spent at most once, the chain
//! intact.
//!
//! The test binary starts itself as a child that signs people in as fast as it can, prints what it
//! was told was done, and is killed. Then the file is opened again and held against what the child
//! printed.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::*;

/// Names the directory for the child; its absence makes the child's test do nothing.
const DIRECTORY: &str = "ANTEROOM_STORE_CRASH_DIR";

fn seed_of(n: u32) -> TotpSecret {
    let digest = ring::digest::digest(&ring::digest::SHA256, &n.to_be_bytes());
    TotpSecret::from_bytes(digest.as_ref()[..20].to_vec())
}

async fn world_at(dir: TempDir) -> World {
    let store = open_at(dir.path().join("anteroom.sqlite"), keys())
        .await
        .unwrap();
    World::of(dir, store)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a child process is told its directory this way"
)]
fn directory() -> Option<std::ffi::OsString> {
    std::env::var_os(DIRECTORY)
}

/// The child, started by the test below; without a directory it is nobody's child and does nothing.
#[tokio::test]
async fn child_that_is_killed() {
    let Some(directory) = directory() else { return };
    let path = PathBuf::from(directory).join("anteroom.sqlite");
    let store = open_at(path, keys()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let world = World::of(dir, store);
    for n in 0.. {
        let who = person(&format!("name{n}"));
        let held = world.enrolling(&who, EnrolmentProof::Open, NOW).await;
        println!("tainted {}", hex(&held.tainted));
        world
            .store
            .enrolment_seed(held.id, &seed_of(n), NOW)
            .await
            .unwrap();
        let context = world.enrol_context(held.id, &[], NOW);
        let outcome = world.confirm(held.id, &seed_of(n), context).await;
        let EnrolOutcome::Claimed(claimed) = outcome else {
            panic!("{outcome:?}")
        };
        println!("enrolled {n}");
        let (secret, id) = (seed_of(n), claimed.subscriber());
        let whole = Enrolled {
            who,
            id,
            secret,
            codes: Vec::new(),
        };
        let session = world.signed_in(&whole, later(60)).await;
        println!("signed-in {}", hex(&session));
    }
}

fn hex(hash: &SessionHash) -> String {
    data_encoding::HEXLOWER.encode(&hash.0)
}

fn unhex(text: &str) -> SessionHash {
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
    SessionHash(bytes.try_into().unwrap())
}

/// Lets the child run until it has said `lines` things, kills it, and gives all that it said.
fn run_and_kill(directory: &std::path::Path, lines: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "tests::crash::child_that_is_killed",
            "--nocapture",
        ])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut told: Vec<String> = said.by_ref().take(lines).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said between our reading and its death, but for a line cut in the middle.
    let mut rest: Vec<String> = said.collect();
    rest.pop();
    told.extend(rest);
    told
}

#[tokio::test]
async fn a_killed_process_leaves_everything_whole() {
    for round in 0..4 {
        let dir = tempfile::tempdir().unwrap();
        let told = run_and_kill(dir.path(), 20 + 7 * round);
        let world = world_at(dir).await;
        world.audit_is_whole().await;
        let mut signed_in = 0;
        for line in &told {
            match line.split_once(' ') {
                Some(("tainted", hash)) => {
                    assert!(
                        world.store.tainted(&unhex(hash), &[]).await.unwrap(),
                        "{line}"
                    );
                }
                Some(("enrolled", n)) => {
                    let who = person(&format!("name{n}"));
                    let view = world
                        .store
                        .subscriber_find(&who.key())
                        .await
                        .unwrap()
                        .unwrap();
                    assert_eq!((view.totp_active, view.linked), (1, true), "{line}");
                }
                Some(("signed-in", hash)) => {
                    let record = world
                        .store
                        .session_find(&unhex(hash))
                        .await
                        .unwrap()
                        .unwrap();
                    assert!(
                        record.verified().is_some() && record.jar_key.is_some(),
                        "{line}"
                    );
                    signed_in += 1;
                }
                _ => {}
            }
        }
        assert!(signed_in >= 3, "{told:?}");
        nothing_is_half_done(&world).await;
    }
}

/// Everybody is enrolled whole or not at all, and every spent code has its session and its audit
/// row.
async fn nothing_is_half_done(world: &World) {
    let half = "SELECT COUNT(*) FROM subscriber s WHERE (s.enrolled_at IS NULL) =
                EXISTS (SELECT 1 FROM authenticator a WHERE a.subscriber_id = s.id
                        AND length(a.secret) > 0)";
    assert_eq!(world.number(half).await, 0);
    let count = |sql: &'static str| world.number(sql);
    let claimed = count("SELECT COUNT(*) FROM attempt WHERE claimed_code_mac IS NOT NULL").await;
    let verified = count("SELECT COUNT(*) FROM session WHERE state = 'verified'").await;
    let passed = count("SELECT COUNT(*) FROM audit WHERE kind = 'challenge_passed'").await;
    let stepped = count("SELECT COUNT(*) FROM authenticator WHERE last_used_at IS NOT NULL").await;
    assert_eq!((claimed, claimed, claimed), (verified, passed, stepped));
    // And the spent ones stay spent: the same code again, in a new login.
    for n in 0..3 {
        let who = person(&format!("name{n}"));
        let view = world
            .store
            .subscriber_find(&who.key())
            .await
            .unwrap()
            .unwrap();
        let whole = Enrolled {
            who,
            id: view.id,
            secret: seed_of(n),
            codes: Vec::new(),
        };
        let held = world.challenged(&whole, later(60)).await;
        let material = world.material(held).await;
        assert_eq!(material.oath[0].last_step, Some(step_at(later(60))));
    }
}

/// The files as they lie on the disk in the middle of the work are what a killed process leaves.
#[tokio::test]
async fn a_store_that_was_dropped_and_not_closed_opens_again() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let session = world.signed_in(&alice, NOW).await;
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(world.dir.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let copied = world_at(copy).await;
    copied.audit_is_whole().await;
    let record = copied.store.session_find(&session).await.unwrap().unwrap();
    assert!(record.verified().is_some());
}

/// What a power cut must not undo is waited for; what it may undo is not, and is faster for it.
#[tokio::test]
async fn spending_waits_for_the_disk_and_tainting_does_not() {
    use crate::pools::{End, Survives, writing};

    const FULL: i64 = 2;
    const NORMAL: i64 = 1;
    let world = World::new().await;
    let store = &world.store;
    let synchronous = async || -> Result<(i64, i64, i64), StoreError> {
        let spent = writing!(store, PowerCut, c => {
            Ok(End::Rollback(sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *c).await?))
        })?;
        let tainted = writing!(store, Kill, c => {
            Ok(End::Rollback(sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *c).await?))
        })?;
        let again = writing!(store, PowerCut, c => {
            Ok(End::Rollback(sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *c).await?))
        })?;
        Ok((spent, tainted, again))
    };
    assert_eq!(synchronous().await.unwrap(), (FULL, NORMAL, FULL));
    assert_ne!(Survives::Kill.begin(), Survives::PowerCut.begin());
}
