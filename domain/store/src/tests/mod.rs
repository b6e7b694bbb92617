//! The store on real files in temporary directories: races, crashes, tampering, bounds.
//!
//! [`World`] opens a store and plays the gateway's part; each module holds the sentences about one
//! family of tables. Time is a value here, randomness a counter.

mod attempts;
mod audit;
mod audit_reading;
mod audit_retention;
mod challenge;
mod crash;
mod devices;
mod enrolment;
mod exceptions;
mod files;
mod given;
mod glance;
mod hardware_tokens;
mod letters;
mod merging;
mod operators;
mod own_acts;
mod passkeys;
mod people;
mod races;
mod recovery;
mod reports;
mod scale;
mod sealing;
mod sessions;
mod sweeping;
mod timing;
mod world;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anteroom_core::attempts::AttemptCaps;
use anteroom_core::authenticator::Kinds;
use anteroom_core::challenge::{Accepted, CodeFacts, CodeVerdict, FirstCodeVerdict};
use anteroom_core::challenge::{judge_code, judge_first_code};
use anteroom_core::enrolment::{EnrolmentCode, EnrolmentProof};
use anteroom_core::fold::{Folded, fold};
use anteroom_core::ids::{AppName, AttemptId, SessionHash, SessionRow, SubscriberId};
use anteroom_core::language::Language;
use anteroom_core::recovery_code::RecoveryCode;
use anteroom_core::throttle::ThrottlePolicy;
use anteroom_core::time::Timestamp;
use anteroom_core::totp::{TotpSecret, code_at, step_at};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row};
use tempfile::TempDir;

use crate::{
    Attempt, ChallengeFailure, Claim, ClaimContext, Claimed, EnrolContext, EnrolOutcome,
    EnrolmentCodeIssue, Entropy, Keys, Material, NameKey, NewAttempt, Paper, Release,
    ReleaseContext, Store, StoreError, StoreOptions, Taint, TypedIdentity, Withheld,
};

pub(super) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub(super) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

pub(super) fn later(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

pub(super) fn key(id: u32) -> (u32, [u8; 32]) {
    (id, [u8::try_from(id).unwrap(); 32])
}

pub(super) fn keys() -> Keys {
    Keys::new(1, vec![key(1)]).unwrap()
}

static DRAWN: AtomicU64 = AtomicU64::new(1);

/// Never the same bytes twice: a counter, hashed with the process, because a test starts another
/// one.
pub(super) fn entropy() -> Entropy {
    Arc::new(|buffer: &mut [u8]| {
        for chunk in buffer.chunks_mut(32) {
            let n = DRAWN.fetch_add(1, Ordering::Relaxed);
            let drawn = [n.to_be_bytes(), u64::from(std::process::id()).to_be_bytes()].concat();
            let drawn = ring::digest::digest(&ring::digest::SHA256, &drawn);
            chunk.copy_from_slice(&drawn.as_ref()[..chunk.len()]);
        }
    })
}

pub(super) fn fresh<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    entropy()(&mut bytes);
    bytes
}

pub(super) fn fresh_hash() -> SessionHash {
    SessionHash(fresh())
}

/// Who posts: a name at an app.
#[derive(Clone)]
pub(super) struct Person {
    pub name: String,
    pub folded: Folded,
}

pub(super) fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        folded: fold(name).unwrap(),
    }
}

impl Person {
    pub(super) fn key(&self) -> NameKey<'_> {
        NameKey {
            realm: "ward",
            tenant: "",
            folded: &self.folded,
            spelling_key: &self.name,
        }
    }
}

/// Somebody who is enrolled.
pub(super) struct Enrolled {
    pub who: Person,
    pub id: SubscriberId,
    pub secret: TotpSecret,
    pub codes: Vec<RecoveryCode>,
}

/// A held attempt as the gateway knows it.
#[derive(Clone, Copy)]
pub(super) struct Held {
    pub tainted: SessionHash,
    pub pending: SessionHash,
    pub id: AttemptId,
}

/// A store in a directory of its own.
pub(super) struct World {
    pub dir: TempDir,
    pub store: Store,
    pub app: AppName,
    pub policy: ThrottlePolicy,
}

pub(super) async fn open_at(path: PathBuf, keys: Keys) -> Result<Store, StoreError> {
    Store::open(StoreOptions::new(path, keys, entropy()), NOW).await
}
