//! The gateway's part in a sign-in, step by step, for tests.

use anteroom_core::authenticator::AuthenticatorKind;

use super::*;
use crate::{CodeTry, SessionRecord};

impl World {
    pub(in crate::tests) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open_at(dir.path().join("anteroom.sqlite"), keys()).await;
        Self::of(dir, store.unwrap())
    }

    pub(in crate::tests) fn of(dir: TempDir, store: Store) -> Self {
        let (app, policy) = (AppName::new("emr"), ThrottlePolicy::default());
        Self {
            dir,
            store,
            app,
            policy,
        }
    }

    pub(in crate::tests) fn path(&self) -> PathBuf {
        self.dir.path().join("anteroom.sqlite")
    }

    /// A connection of somebody who has the file and not the program.
    pub(in crate::tests) async fn raw(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.path())
            .connect()
            .await
            .unwrap()
    }

    pub(in crate::tests) async fn execute(&self, sql: &str) {
        let mut raw = self.raw().await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut raw)
            .await
            .unwrap();
        sqlx::Connection::close(raw).await.unwrap();
    }

    pub(in crate::tests) async fn number(&self, sql: &str) -> i64 {
        let mut raw = self.raw().await;
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut raw)
            .await
            .unwrap();
        row.get::<i64, _>(0)
    }

    pub(in crate::tests) async fn taint(
        &self,
        who: &Person,
        now: Timestamp,
    ) -> (SessionHash, SessionRow) {
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

    pub(in crate::tests) fn new_attempt<'a>(
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

    pub(in crate::tests) async fn withhold(&self, new: NewAttempt<'_>) -> Held {
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
    pub(in crate::tests) async fn challenged(&self, who: &Enrolled, now: Timestamp) -> Held {
        let (tainted, _) = self.taint(&who.who, now).await;
        self.withhold(self.new_attempt(&who.who, tainted, Some(who.id), now))
            .await
    }

    /// A login of somebody who is to enrol, up to the QR code.
    pub(in crate::tests) async fn enrolling(
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

    pub(in crate::tests) fn enrol_context<'a>(
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
            language: Language::Fr,
            client: CLIENT,
            now,
        }
    }

    pub(in crate::tests) async fn confirm(
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
    pub(in crate::tests) async fn enrolled(&self, name: &str) -> Enrolled {
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

    pub(in crate::tests) async fn release(
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
            kind: AuthenticatorKind::Totp,
            language: Language::Es,
            client: CLIENT,
            now,
        };
        self.store.attempt_release(claimed, context).await.unwrap()
    }

    pub(in crate::tests) async fn issue_code(&self, who: &Person, now: Timestamp) -> EnrolmentCode {
        let code = EnrolmentCode::mint(&fresh());
        let issue = EnrolmentCodeIssue {
            realm: "ward",
            tenant: "",
            display: &who.name,
            folded: &who.folded,
            spelling_key: &who.name,
            code: &code,
            expires_at: now.plus(Duration::from_secs(86_400)),
            paper: Paper::of("olga", now),
        };
        self.store.enrolment_code_issue(issue).await.unwrap();
        code
    }

    pub(in crate::tests) async fn attempt(&self, held: Held) -> Attempt {
        self.store
            .attempt_find(&held.pending)
            .await
            .unwrap()
            .unwrap()
    }

    pub(in crate::tests) async fn material(&self, held: Held) -> Material {
        self.store
            .challenge_material(&self.attempt(held).await)
            .await
            .unwrap()
    }

    pub(in crate::tests) fn judge(
        &self,
        material: &Material,
        typed: &str,
        now: Timestamp,
    ) -> CodeVerdict {
        let facts = CodeFacts {
            typed,
            oath: &material.on_file(),
            kinds: Kinds::PRESET,
            recovery: None,
            given: None,
            throttle: &material.throttle,
            policy: &self.policy,
            expires_at: now.plus(Duration::from_secs(300)),
            proved: true,
        };
        judge_code(&facts, now)
    }

    /// The right code of this moment, accepted.
    pub(in crate::tests) fn accepted(&self, material: &Material, now: Timestamp) -> Accepted {
        let code = code_at(&material.oath[0].secret, step_at(now));
        match self.judge(material, &code, now) {
            CodeVerdict::Accept(accepted) => accepted,
            other => panic!("the right code is {other:?}"),
        }
    }

    pub(in crate::tests) fn claim_context(
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
    pub(in crate::tests) async fn signed_in(&self, who: &Enrolled, now: Timestamp) -> SessionHash {
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

    pub(in crate::tests) fn failure<'a>(
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
            clock_off: None,
            client: CLIENT,
            now,
        }
    }

    /// Spends an accepted code.
    pub(in crate::tests) async fn claim(
        &self,
        accepted: Accepted,
        context: ClaimContext<'_>,
    ) -> Claim {
        self.store.challenge_claim(accepted, context).await.unwrap()
    }

    /// The session of this id, if there is a record of it.
    pub(in crate::tests) async fn session(&self, id: &SessionHash) -> Option<SessionRecord> {
        self.store.session_find(id).await.unwrap()
    }

    pub(in crate::tests) async fn kinds(&self, n: u32) -> Vec<&'static str> {
        let tail = self.store.audit_tail(n).await.unwrap();
        tail.iter().rev().map(|row| row.event.kind.name()).collect()
    }

    pub(in crate::tests) async fn audit_is_whole(&self) {
        let report = self.store.audit_verify(None).await.unwrap();
        assert_eq!(report.first_problem, None);
    }

    pub(in crate::tests) async fn try_code(&self, held: Held, code: &EnrolmentCode) -> CodeTry {
        let tried = self
            .store
            .enrolment_code_try(held.id, code, &self.policy, NOW)
            .await;
        tried.unwrap()
    }
}
