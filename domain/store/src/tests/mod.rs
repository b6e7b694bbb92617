//! The store on real files in temporary directories: races, crashes, tampering, bounds.
//!
//! [`World`] opens a store and plays the gateway's part; each module holds the sentences about one
//! family of tables. Time is a value here, randomness a counter.

mod attempts;
mod audit;
mod challenge;
mod crash;
mod enrolment;
mod files;
mod races;
mod scale;
mod sealing;
mod sessions;
mod sweeping;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anteroom_core::challenge::{Accepted, CodeFacts, CodeVerdict, FirstCodeVerdict};
use anteroom_core::challenge::{judge_code, judge_first_code};
use anteroom_core::enrolment::{EnrolmentCode, EnrolmentProof};
use anteroom_core::fold::{Folded, fold};
use anteroom_core::ids::{AppName, AttemptId, SessionHash, SessionRow, SubscriberId};
use anteroom_core::recovery_code::RecoveryCode;
use anteroom_core::throttle::ThrottlePolicy;
use anteroom_core::time::Timestamp;
use anteroom_core::totp::{TotpSecret, code_at, step_at};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Row};
use tempfile::TempDir;

use crate::{
    Attempt, AttemptCaps, ChallengeFailure, Claim, ClaimContext, Claimed, EnrolContext,
    EnrolOutcome, EnrolmentCodeIssue, Entropy, Keys, Material, NameKey, NewAttempt, Release,
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

/// Never the same bytes twice in one run: a counter, hashed.
pub(super) fn entropy() -> Entropy {
    Arc::new(|buffer: &mut [u8]| {
        for chunk in buffer.chunks_mut(32) {
            let n = DRAWN.fetch_add(1, Ordering::Relaxed);
            let drawn = ring::digest::digest(&ring::digest::SHA256, &n.to_be_bytes());
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

impl World {
    pub(super) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open_at(dir.path().join("anteroom.sqlite"), keys())
            .await
            .unwrap();
        Self {
            dir,
            store,
            app: AppName::new("emr"),
            policy: ThrottlePolicy::default(),
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.dir.path().join("anteroom.sqlite")
    }

    /// A connection of somebody who has the file and not the program.
    pub(super) async fn raw(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.path())
            .connect()
            .await
            .unwrap()
    }

    pub(super) async fn execute(&self, sql: &str) {
        let mut raw = self.raw().await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut raw)
            .await
            .unwrap();
        sqlx::Connection::close(raw).await.unwrap();
    }

    pub(super) async fn number(&self, sql: &str) -> i64 {
        let mut raw = self.raw().await;
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut raw)
            .await
            .unwrap();
        row.get::<i64, _>(0)
    }

    pub(super) async fn taint(&self, who: &Person, now: Timestamp) -> (SessionHash, SessionRow) {
        let session = fresh_hash();
        let typed = TypedIdentity {
            tenant: String::new(),
            name: who.name.clone(),
        };
        let taint = Taint {
            session,
            app: &self.app,
            values: &[],
            typed: &typed,
            jar: b"sealed jar",
            client: CLIENT,
            expires_at: now.plus(Duration::from_secs(86_400)),
            now,
        };
        (session, self.store.login_taint(taint).await.unwrap())
    }

    pub(super) fn new_attempt<'a>(
        &'a self,
        who: &'a Person,
        tainted: SessionHash,
        subscriber: Option<SubscriberId>,
        now: Timestamp,
    ) -> NewAttempt<'a> {
        NewAttempt {
            tainted,
            pending: fresh_hash(),
            app: &self.app,
            realm: "ward",
            tenant: "",
            typed_name: &who.name,
            folded: &who.folded,
            spelling_key: &who.name,
            display_name: &who.name,
            subscriber,
            outcome: "success",
            proved: true,
            enrolling: None,
            answer: b"sealed answer",
            submitted_path: "/login",
            client: CLIENT,
            expires_at: now.plus(Duration::from_secs(300)),
            form_nonce: fresh(),
            now,
            caps: AttemptCaps {
                per_subscriber_or_name: 1000,
                per_source: 1000,
                total: 5000,
            },
        }
    }

    pub(super) async fn withhold(&self, new: NewAttempt<'_>) -> Held {
        match self.store.attempt_withhold(new).await.unwrap() {
            Withheld::Row(id) => Held {
                tainted: new.tainted,
                pending: new.pending,
                id,
            },
            Withheld::Full => panic!("no room"),
        }
    }

    /// A login of somebody enrolled, up to the challenge.
    pub(super) async fn challenged(&self, who: &Enrolled, now: Timestamp) -> Held {
        let (tainted, _) = self.taint(&who.who, now).await;
        self.withhold(self.new_attempt(&who.who, tainted, Some(who.id), now))
            .await
    }

    /// A login of somebody who is to enrol, up to the QR code.
    pub(super) async fn enrolling(
        &self,
        who: &Person,
        proof: EnrolmentProof,
        now: Timestamp,
    ) -> Held {
        let (tainted, _) = self.taint(who, now).await;
        let mut new = self.new_attempt(who, tainted, None, now);
        new.enrolling = Some(proof);
        self.withhold(new).await
    }

    pub(super) fn enrol_context<'a>(
        &self,
        attempt: AttemptId,
        codes: &[RecoveryCode],
        now: Timestamp,
    ) -> EnrolContext<'a> {
        EnrolContext {
            attempt,
            label: "phone",
            codes: codes.to_vec(),
            codes_sealed: b"sealed codes",
            verified: fresh_hash(),
            needs_code: false,
            client: CLIENT,
            now,
        }
    }

    pub(super) async fn confirm(
        &self,
        attempt: AttemptId,
        secret: &TotpSecret,
        context: EnrolContext<'_>,
    ) -> EnrolOutcome {
        let now = context.now;
        let code = code_at(secret, step_at(now));
        let FirstCodeVerdict::Accept(first) = judge_first_code(secret, &code, now) else {
            panic!("the first code of attempt {attempt} is right");
        };
        self.store.enrolment_confirm(first, context).await.unwrap()
    }

    /// Enrols somebody whole, with two recovery codes, an hour before [`NOW`].
    pub(super) async fn enrolled(&self, name: &str) -> Enrolled {
        let now = NOW.minus(Duration::from_secs(3600));
        let who = person(name);
        let held = self.enrolling(&who, EnrolmentProof::Open, now).await;
        let secret = TotpSecret::from_bytes(fresh::<20>().to_vec());
        self.store
            .enrolment_seed(held.id, &secret, now)
            .await
            .unwrap()
            .unwrap();
        let codes = vec![RecoveryCode::mint(&fresh()), RecoveryCode::mint(&fresh())];
        let context = self.enrol_context(held.id, &codes, now);
        let verified = context.verified;
        let EnrolOutcome::Claimed(claimed) = self.confirm(held.id, &secret, context).await else {
            panic!("{name} enrols first");
        };
        let released = self.release(&claimed, verified, now).await;
        assert!(matches!(released, Release::Created(_)));
        Enrolled {
            who,
            id: claimed.subscriber(),
            secret,
            codes,
        }
    }

    pub(super) async fn release(
        &self,
        claimed: &Claimed,
        verified: SessionHash,
        now: Timestamp,
    ) -> Release {
        let context = ReleaseContext {
            verified,
            jar_key: fresh(),
            authenticated_at: now,
            ends_at: now.plus(Duration::from_secs(12 * 3600)),
            amr: "pwd otp mfa",
            client: CLIENT,
            now,
        };
        self.store.attempt_release(claimed, context).await.unwrap()
    }

    pub(super) async fn issue_code(&self, who: &Person, now: Timestamp) -> EnrolmentCode {
        let code = EnrolmentCode::mint(&fresh());
        let issue = EnrolmentCodeIssue {
            realm: "ward",
            tenant: "",
            display: &who.name,
            folded: &who.folded,
            spelling_key: &who.name,
            code: &code,
            expires_at: now.plus(Duration::from_secs(86_400)),
            operator: "olga",
            now,
        };
        self.store.enrolment_code_issue(issue).await.unwrap();
        code
    }

    pub(super) async fn attempt(&self, held: Held) -> Attempt {
        self.store
            .attempt_find(&held.pending)
            .await
            .unwrap()
            .unwrap()
    }

    pub(super) async fn material(&self, held: Held) -> Material {
        self.store
            .challenge_material(&self.attempt(held).await)
            .await
            .unwrap()
    }

    pub(super) fn judge(&self, material: &Material, typed: &str, now: Timestamp) -> CodeVerdict {
        let facts = CodeFacts {
            typed,
            totp: &material.on_file(),
            recovery: None,
            throttle: &material.throttle,
            policy: &self.policy,
            expires_at: now.plus(Duration::from_secs(300)),
            proved: true,
        };
        judge_code(&facts, now)
    }

    /// The right code of this moment, accepted.
    pub(super) fn accepted(&self, material: &Material, now: Timestamp) -> Accepted {
        let code = code_at(&material.totp[0].secret, step_at(now));
        match self.judge(material, &code, now) {
            CodeVerdict::Accept(accepted) => accepted,
            other => panic!("the right code is {other:?}"),
        }
    }

    pub(super) fn claim_context(
        &self,
        held: Held,
        material: &Material,
        now: Timestamp,
    ) -> ClaimContext<'static> {
        ClaimContext {
            attempt: held.id,
            version: material.version,
            code_mac: fresh(),
            verified: fresh_hash(),
            jar_key: fresh(),
            authenticated_at: now,
            ends_at: now.plus(Duration::from_secs(12 * 3600)),
            amr: "pwd otp mfa",
            client: CLIENT,
            now,
        }
    }

    /// A whole sign-in: the verified session's hash.
    pub(super) async fn signed_in(&self, who: &Enrolled, now: Timestamp) -> SessionHash {
        let held = self.challenged(who, now).await;
        let material = self.material(held).await;
        let context = self.claim_context(held, &material, now);
        let accepted = self.accepted(&material, now);
        let Claim::Claimed(claimed) = self.store.challenge_claim(accepted, context).await.unwrap()
        else {
            panic!("a right code is claimed");
        };
        claimed.session()
    }

    pub(super) fn failure<'a>(
        &'a self,
        held: Held,
        material: &Material,
        subscriber: Option<SubscriberId>,
        now: Timestamp,
    ) -> ChallengeFailure<'a> {
        ChallengeFailure {
            version: material.version,
            subscriber,
            attempt: Some(held.id),
            session: held.pending,
            app: &self.app,
            policy: &self.policy,
            kind: anteroom_core::audit::AuditKind::ChallengeFailed,
            client: CLIENT,
            now,
        }
    }

    pub(super) async fn kinds(&self, n: u32) -> Vec<&'static str> {
        let tail = self.store.audit_tail(n).await.unwrap();
        tail.iter().rev().map(|row| row.event.kind.name()).collect()
    }

    pub(super) async fn audit_is_whole(&self) {
        let report = self.store.audit_verify(None).await.unwrap();
        assert_eq!(report.first_problem, None);
    }
}

pub(super) async fn open_at(path: PathBuf, keys: Keys) -> Result<Store, StoreError> {
    Store::open(StoreOptions::new(path, keys, entropy()), NOW).await
}
