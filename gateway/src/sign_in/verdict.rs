//! Carrying out what was judged of a login: shown, withheld, refused, and what becomes of a
//! verified session in which somebody logged in again.
//!
//! Judges nothing (`anteroom_core::login::judge_login`). Releases nothing but what an exception
//! lets through: codes are `release`'s, remembered devices `remembered`'s.

use super::hand_over::{Handed, hand_over};
use super::held::Held;
use super::hold::{self, Holding, Name};
use super::login::is_linked_to;
use super::read_answer::Judged;
use super::{jars, methods, show, target};
use crate::arrival::Arrival;
use crate::cookies::device::DeviceCookie;
use crate::fail::Failure;
use crate::gateway::Gateway;
use crate::keys::hash_session;
use crate::pages::Notice;
use crate::passkeys::allowed;
use crate::reply::Reply;
use crate::sessions::{Live, Spare};
use crate::upstream::exchange;
use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::authenticator::Reachable;
use anteroom_core::cookies::Jar;
use anteroom_core::ids::{EmergencyId, SessionId};
use anteroom_core::login::LoginVerdict;
use anteroom_core::outcome::Outcome;
use anteroom_core::time::Timestamp;
use anteroom_store::{Passage, SingleFactor, SubscriberView};
use std::sync::Arc;

pub(super) const fn verdict_name(verdict: LoginVerdict) -> &'static str {
    match verdict {
        LoginVerdict::ShowFailure => "failure",
        LoginVerdict::ShowRetry => "retry",
        LoginVerdict::Challenge => "challenge",
        LoginVerdict::ChallengeInVain => "challenge_in_vain",
        LoginVerdict::Enrol(_) => "enrol",
        LoginVerdict::EnrolWithCode => "enrol_with_code",
        LoginVerdict::LetThrough => "let_through",
        LoginVerdict::EmergencyPassage => "emergency",
        LoginVerdict::HoldSpelling => "hold_spelling",
        LoginVerdict::Stopped => "stopped",
    }
}

/// Everything that carrying out a verdict needs.
pub(super) struct Act<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) arrival: &'a Arrival,
    pub(super) row: anteroom_core::ids::SessionRow,
    pub(super) id: SessionId,
    pub(super) fresh: bool,
    pub(super) before: Option<Arc<Live>>,
    pub(super) answer: exchange::Answer,
    pub(super) jar: Jar,
    pub(super) judged: Judged,
    pub(super) named: Option<Name>,
    pub(super) view: Option<SubscriberView>,
    pub(super) exception: Option<EmergencyId>,
    pub(super) device: Option<DeviceCookie>,
    pub(super) wanted: Option<String>,
    pub(super) now: Timestamp,
}

impl Act<'_> {
    pub(super) async fn act(self, verdict: LoginVerdict) -> Result<Reply, Failure> {
        if self.judged.outcome == Outcome::Unknown {
            // Many of these mean that the app has changed: operators are shown an alarm.
            self.audit(AuditKind::LoginUnknown).await?;
        }
        self.settle_before(verdict).await?;
        match verdict {
            LoginVerdict::ShowFailure => self.show_failure().await,
            LoginVerdict::ShowRetry => {
                self.keep_jar().await?;
                Err(Failure::refused(Notice::TryLoginAgain))
            }
            LoginVerdict::Challenge => match self.pass_by_device().await? {
                Some(reply) => Ok(reply),
                None => self.withhold(None, false, target::CHALLENGE).await,
            },
            LoginVerdict::ChallengeInVain => self.withhold(None, true, target::CHALLENGE).await,
            LoginVerdict::Enrol(proof) => {
                // Whether mail reaches her is the choice's to find out; where nothing can be set
                // up, that page says so.
                let choice = methods::choice(allowed(self.arrival), Reachable { email: true });
                let place = methods::start(&choice).unwrap_or(target::ENROL);
                self.withhold(Some(proof), false, place).await
            }
            LoginVerdict::EnrolWithCode => {
                let proof = anteroom_core::enrolment::EnrolmentProof::Code;
                self.withhold(Some(proof), false, target::ENROL_CODE).await
            }
            LoginVerdict::HoldSpelling => {
                self.audit(AuditKind::SpellingHeld).await?;
                Err(Failure::refused(Notice::SpellingHeld))
            }
            LoginVerdict::Stopped => {
                self.audit(AuditKind::LoginFailed).await?;
                Err(Failure::refused(Notice::Stopped))
            }
            LoginVerdict::EmergencyPassage => self.pass_by_exception().await,
            // The configuration refuses every mode that leads here.
            LoginVerdict::LetThrough => Err(Failure::refused(Notice::NoAccessYet)),
        }
    }

    /// What becomes of a verified session in which somebody logged in again (`DESIGN-CASES` 11):
    /// the same person's failure locks it; everything else ends it.
    async fn settle_before(&self, verdict: LoginVerdict) -> Result<(), Failure> {
        let Some(live) = &self.before else {
            return Ok(());
        };
        if live.is_ended() {
            return Ok(());
        }
        let same = self
            .view
            .as_ref()
            .is_some_and(|view| is_linked_to(view, live));
        if same && verdict == LoginVerdict::ShowFailure {
            self.gateway.store.session_lock(live.row, self.now).await?;
            live.lock();
            return Ok(());
        }
        end_before(self.gateway, self.arrival, live, "relogin", self.now).await
    }

    async fn show_failure(self) -> Result<Reply, Failure> {
        let (gateway, arrival) = (self.gateway, self.arrival);
        gateway
            .sources
            .failed(arrival.client, gateway.monotonic.elapsed());
        self.audit(AuditKind::LoginFailed).await?;
        self.keep_jar().await?;
        let reply = show::show_once(arrival, &self.answer);
        let reply = jars::give_plain(
            gateway,
            arrival,
            &self.answer,
            &arrival.path,
            reply,
            self.now,
        );
        let locked = self.before.as_ref().is_some_and(|live| !live.is_ended());
        if !self.fresh || locked {
            return Ok(reply);
        }
        let line = jars::our_cookie(gateway, arrival, &self.id, self.now, jars::ANONYMOUS)?;
        Ok(reply.with_cookie(line.as_bytes()))
    }

    async fn keep_jar(&self) -> Result<(), Failure> {
        let keys = jars::current(self.gateway)?;
        let plain = self.jar.to_bytes();
        let sealed = jars::seal_for(
            self.gateway,
            keys,
            jars::TAINTED_JAR,
            self.arrival,
            &self.id,
            &plain,
        )?;
        self.gateway
            .store
            .tainted_jar_put(self.row, &sealed)
            .await?;
        Ok(())
    }

    async fn withhold(
        self,
        enrolling: Option<anteroom_core::enrolment::EnrolmentProof>,
        in_vain: bool,
        page: &'static str,
    ) -> Result<Reply, Failure> {
        // An empty name that the app did not refuse: nobody can be challenged, and nothing is
        // released.
        let Some(name) = &self.named else {
            return Err(Failure::refused(Notice::TryLoginAgain));
        };
        let display = self
            .view
            .as_ref()
            .map_or(name.typed.as_str(), |view| &view.display_name);
        let known = hold::challengeable(self.view.as_ref());
        let holding = Holding {
            tainted: hash_session(&self.id),
            subscriber: if in_vain { None } else { known },
            display,
            name,
            outcome: self.judged.outcome,
            proved: self.judged.proved && self.judged.outcome != Outcome::Unknown,
            enrolling,
            held: Held {
                answer: self.answer.clone(),
                jar: self.jar.clone(),
                wanted: self.wanted.clone(),
            },
        };
        hold::withhold(self.gateway, self.arrival, holding, page, self.now).await
    }

    /// A right password is enough for as long as the exception is open. What the app answered is
    /// handed over as after a code, under a session that is marked and ends with the exception.
    async fn pass_by_exception(self) -> Result<Reply, Failure> {
        let (gateway, arrival, now) = (self.gateway, self.arrival, self.now);
        let id = gateway.new_session_id();
        let lifetimes = &arrival.app.settings.policy.lifetimes;
        let passage = SingleFactor {
            tainted: hash_session(&self.id),
            verified: hash_session(&id),
            app: arrival.app.name(),
            subscriber: self.view.as_ref().map(|view| view.id),
            emergency: self.exception,
            jar_key: gateway.random(),
            ends_at: now.plus(lifetimes.overall),
            amr: "pwd",
            client: arrival.client,
            now,
        };
        let closed = || Failure::refused(Notice::TryLoginAgain);
        match gateway.store.single_factor_open(passage).await? {
            Passage::Opened(_) => {}
            Passage::Over => return Err(closed()),
        }
        let app = arrival.app.name().as_str();
        gateway.metrics.broke_glass(app, "passage");
        tracing::warn!(
            reference = %arrival.reference,
            app,
            "somebody passed with a password alone, by an exception; the audit log says who"
        );
        let held = Held {
            answer: self.answer,
            jar: self.jar,
            wanted: self.wanted,
        };
        let handed = Handed {
            keys: jars::current(gateway)?,
            id: &id,
            submitted_to: &arrival.target(),
            held: &held,
        };
        let reply = hand_over(gateway, arrival, handed, now).await?;
        reply.ok_or_else(closed)
    }

    async fn audit(&self, kind: AuditKind) -> Result<(), Failure> {
        let mut event = AuditEvent::new(kind)
            .app(self.arrival.app.name())
            .session(hash_session(&self.id))
            .client(self.arrival.client);
        event.subscriber = self.view.as_ref().map(|view| view.id);
        if kind == AuditKind::SpellingHeld
            && let Some(name) = &self.named
        {
            // What an operator has to link, if it is hers: a name, never a password, which was
            // right.
            event = event.reason(&name.typed);
        }
        self.gateway.store.audit_append(&[event], self.now).await?;
        Ok(())
    }
}

pub(super) async fn end_before(
    gateway: &Gateway,
    arrival: &Arrival,
    live: &Live,
    why: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    // Here first: if the store cannot be told, this node at least has forgotten the key.
    let spare = Spare {
        connection: &arrival.connection,
        own: 0,
    };
    gateway.sessions.end(live, Some(&spare));
    gateway.store.session_end(live.row, why, now).await?;
    Ok(())
}
