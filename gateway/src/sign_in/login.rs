//! The login exchange: from a submitted password to a held answer (DESIGN 5.2, steps 1 and 2).
//!
//! In this order, and never another: read the form, make sure there is room, commit the taint, wait
//! for or cut what is under way on the session, send once, take the whole answer, ask the probe,
//! judge, act. Nothing of the answer passes by itself. Codes are `release`'s.

use std::sync::Arc;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::cookies::Jar;
use anteroom_core::ids::SessionId;
use anteroom_core::login::{LoginFacts, LoginVerdict, OnFile, judge_login};
use anteroom_core::outcome::Outcome;
use anteroom_core::session::Session;
use anteroom_core::time::Timestamp;
use anteroom_store::{StoreError, SubscriberView, Taint, TypedIdentity};
use bytes::Bytes;
use http::HeaderValue;
use http::header::COOKIE;
use pingora::http::RequestHeader;

use super::held::Held;
use super::hold::{self, Holding, Name};
use super::read_answer::{Judged, judge};
use super::repeat::Turn;
use super::submission::Submission;
use super::{jars, show, target};
use crate::arrival::Arrival;
use crate::cookies::incoming;
use crate::cookies::seal::Sealer;
use crate::cookies::token;
use crate::fail::Failure;
use crate::gateway::{Gateway, Visitor};
use crate::keys::{hash_session, sha256};
use crate::pages::Notice;
use crate::reply::Reply;
use crate::sessions::{Live, Spare};
use crate::upstream::exchange;
use crate::upstream::request::{self, Passage};

/// Runs a login, or gives the answer of the identical one that is already under way.
///
/// # Errors
/// When the store or the app fails, or a bound is reached.
pub async fn run(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    submission: Submission,
    now: Timestamp,
) -> Result<Reply, Failure> {
    if let Some(retry_seconds) = gateway
        .sources
        .wait(arrival.client, gateway.monotonic.elapsed())
    {
        return Err(Failure::refused(Notice::TooManyRequests { retry_seconds }));
    }
    match gateway
        .repeats
        .join(print(arrival, head, &submission.body))
        .await
    {
        Turn::Again(Some(reply)) => Ok((*reply).clone()),
        Turn::Again(None) => Err(Failure::refused(Notice::TryLoginAgain)),
        Turn::First(first) => {
            let reply = once(gateway, arrival, head, submission, now).await?;
            first.answer(&reply);
            Ok(reply)
        }
    }
}

/// Same app, same cookies, same path, same body: the same login.
fn print(arrival: &Arrival, head: &RequestHeader, body: &Bytes) -> [u8; 32] {
    let cookies: Vec<&[u8]> = head
        .headers
        .get_all(COOKIE)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    let cookies = cookies.join(&b"; "[..]);
    let target = arrival.target();
    sha256(&[
        arrival.app.name().as_str().as_bytes(),
        b"\0",
        target.as_bytes(),
        b"\0",
        &sha256(&[&cookies]),
        &sha256(&[body]),
        arrival.client.to_string().as_bytes(),
    ])
}

/// The session that a login travels on.
struct Travelling {
    /// Our id of it, tainted before the password leaves.
    id: SessionId,
    /// The browser does not have this id yet.
    fresh: bool,
    /// The upstream cookies that go along.
    jar: Jar,
    /// A verified session in which somebody logs in again.
    before: Option<Arc<Live>>,
}

async fn once(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    submission: Submission,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let name = typed_name(arrival, &submission)?;
    let mut visitor = gateway.visitor(arrival, &head.headers, now).await?;
    let mut turn = None;
    if let (Some(signed), None) = (&visitor.signed, &visitor.live) {
        let patience = gateway.settings.limits.login_deadline;
        turn = gateway.turns.take(signed.hash, patience).await;
        if turn.is_none() {
            return Err(Failure::refused(Notice::TryLoginAgain));
        }
        // Whoever had the turn before may have made another session of it.
        visitor = gateway.visitor(arrival, &head.headers, now).await?;
    }
    if let Some(name) = &name {
        let caps = hold::caps(gateway);
        let key = name.key(arrival);
        if !gateway
            .store
            .attempts_room(&key, arrival.client, &caps, now)
            .await?
        {
            return Err(Failure::refused(Notice::AttemptsFull));
        }
    }
    let travelling = travelling(gateway, arrival, head, &visitor).await?;
    let _thaw = travelling
        .before
        .as_ref()
        .map(|live| Thaw(Arc::clone(live)));
    if let Some(live) = &travelling.before
        && !is_same_person(gateway, arrival, live, name.as_ref()).await?
    {
        // It ends whatever the outcome, so it ends before the password leaves: a crash in between
        // must not leave a verified session that has become somebody else's upstream
        // (`DESIGN-CASES` 11).
        end_before(gateway, arrival, live, "relogin", now).await?;
    }
    let outcome = exchange(
        gateway,
        arrival,
        head,
        submission,
        name.as_ref(),
        travelling,
        now,
    )
    .await;
    drop(turn);
    if outcome.is_err()
        && let Some(live) = &visitor.live
        && !live.is_ended()
    {
        // Nobody can say whose session it is upstream now (attack F12).
        end_before(gateway, arrival, live, "relogin_broken", now).await?;
    }
    outcome
}

async fn is_same_person(
    gateway: &Gateway,
    arrival: &Arrival,
    live: &Live,
    name: Option<&Name>,
) -> Result<bool, Failure> {
    let Some(name) = name else { return Ok(false) };
    let view = gateway.store.subscriber_find(&name.key(arrival)).await?;
    Ok(view.is_some_and(|view| is_linked_to(&view, live)))
}

fn is_linked_to(view: &SubscriberView, live: &Live) -> bool {
    view.linked && live.subscriber == Some(view.id)
}

struct Thaw(Arc<Live>);

impl Drop for Thaw {
    fn drop(&mut self) {
        self.0.thaw();
    }
}

/// The typed name, folded; `None` for an empty one, which the app may refuse in its own words.
fn typed_name(arrival: &Arrival, submission: &Submission) -> Result<Option<Name>, Failure> {
    if submission.user.trim().is_empty() {
        return Ok(None);
    }
    let why = "the name holds characters that no name has";
    Name::of(arrival, &submission.tenant, &submission.user)
        .map(Some)
        .ok_or_else(|| Failure::refused(Notice::BadRequest { why }))
}

/// Finds the session that the login travels on, and stops everything else on it.
async fn travelling(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    visitor: &Visitor<'_>,
) -> Result<Travelling, Failure> {
    if let Some(live) = &visitor.live {
        return in_verified(gateway, arrival, head, live).await;
    }
    let Some(signed) = &visitor.signed else {
        let jar = jars::of_browser(arrival, &head.headers, None)?;
        return Ok(Travelling {
            id: gateway.new_session_id(),
            fresh: true,
            jar,
            before: None,
        });
    };
    // Ended, or the former id of a session that goes on under another: nothing of it travels.
    let gone = matches!(visitor.session, Session::Ended | Session::Verified(_));
    if gone {
        let jar = jars::of_browser(arrival, &head.headers, None)?;
        return Ok(Travelling {
            id: gateway.new_session_id(),
            fresh: true,
            jar,
            before: None,
        });
    }
    let from_browser = jars::of_browser(arrival, &head.headers, Some(signed))?;
    let tainted = visitor
        .record
        .as_ref()
        .and_then(|record| record.jar.as_deref());
    let own = match tainted {
        Some(sealed) => jars::open_for(signed.keys, jars::TAINTED_JAR, arrival, &signed.id, sealed),
        None => super::release::jar_of_pending(gateway, arrival, signed).await?,
    };
    let rules = &arrival.app.settings.profile.cookies;
    let jar = match own.as_deref().and_then(Jar::from_bytes) {
        // Newer than what the browser still holds from before, also in what it lacks.
        Some(own) => jars::with_scripts_own(own, &from_browser, rules),
        None => from_browser,
    };
    Ok(Travelling {
        id: signed.id.clone(),
        fresh: false,
        jar,
        before: None,
    })
}

async fn in_verified(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    live: &Arc<Live>,
) -> Result<Travelling, Failure> {
    if !live.freeze() {
        return Err(Failure::refused(Notice::TryLoginAgain));
    }
    // What already runs would be carried out on what may now be somebody else's session: cut it,
    // but let short requests finish first (`DESIGN-CASES` 11).
    for _ in 0..20 {
        if live.open_exchanges() == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let spare = Spare {
        connection: &arrival.connection,
        own: 0,
    };
    live.cut(None, Some(&spare));
    let app = arrival.app.name();
    let rules = &arrival.app.settings.profile.cookies;
    let lines = head
        .headers
        .get_all(COOKIE)
        .iter()
        .map(HeaderValue::as_bytes);
    let sealer = Sealer::new(&live.jar_key, app);
    let opened = incoming::open(
        lines,
        Some(&sealer),
        rules,
        live,
        token::name(arrival.secure),
    );
    let jar = opened.map_err(jars::conflict)?.jar;
    let id = gateway.new_session_id();
    Ok(Travelling {
        id,
        fresh: true,
        jar,
        before: Some(Arc::clone(live)),
    })
}

#[allow(
    clippy::too_many_arguments,
    reason = "the parts of one login, each needed once"
)]
async fn exchange(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    submission: Submission,
    name: Option<&Name>,
    travelling: Travelling,
    now: Timestamp,
) -> Result<Reply, Failure> {
    let keys = jars::current(gateway)?;
    let hash = hash_session(&travelling.id);
    let rules = &arrival.app.settings.profile.cookies;
    let plain = jars::without_plain(&travelling.jar, rules).to_bytes();
    let sealed = jars::seal_for(
        gateway,
        keys,
        jars::TAINTED_JAR,
        arrival,
        &travelling.id,
        &plain,
    )?;
    let typed = TypedIdentity {
        tenant: submission.tenant.clone(),
        name: name.map(|name| name.typed.clone()).unwrap_or_default(),
    };
    let row = gateway
        .store
        .login_taint(Taint {
            session: hash,
            app: arrival.app.name(),
            values: &incoming::fingerprints(&travelling.jar, rules),
            typed: &typed,
            jar: &sealed,
            client: arrival.client,
            expires_at: now.plus(jars::ANONYMOUS),
            now,
        })
        .await
        .map_err(|problem| match problem {
            // Somebody else has made another session of this id meanwhile: its jar is not to be
            // used.
            StoreError::Conflict { .. } => Failure::refused(Notice::TryLoginAgain),
            other => other.into(),
        })?;
    gateway.inflight.drain(&hash).await;
    let answer = send(
        gateway,
        arrival,
        head,
        submission.body,
        &travelling.jar,
        now,
    )
    .await?;
    let mut jar = travelling.jar;
    jars::merge(&mut jar, &answer, &arrival.path, now);
    let judged = judge(gateway, arrival, head, &answer, &mut jar, now).await;
    let jar = jars::without_plain(&jar, rules);
    let named = match &judged.name {
        Some(probed) => Name::of(arrival, &submission.tenant, probed),
        None => name.cloned(),
    };
    let view = match &named {
        Some(named) => gateway.store.subscriber_find(&named.key(arrival)).await?,
        None => None,
    };
    let facts = LoginFacts {
        outcome: judged.outcome,
        proved: judged.proved,
        mismatch: false,
        on_file: on_file(view.as_ref()),
        client: arrival.client,
    };
    let verdict = judge_login(&facts, &arrival.app.settings.policy, now);
    gateway
        .metrics
        .login(arrival.app.name().as_str(), verdict_name(verdict));
    Act {
        gateway,
        arrival,
        row,
        id: travelling.id,
        fresh: travelling.fresh,
        before: travelling.before,
        answer,
        jar,
        judged,
        named,
        view,
        wanted: target::wanted(gateway, arrival, &head.headers),
        now,
    }
    .act(verdict)
    .await
}

async fn send(
    gateway: &Gateway,
    arrival: &Arrival,
    head: &RequestHeader,
    body: Bytes,
    jar: &Jar,
    now: Timestamp,
) -> Result<exchange::Answer, Failure> {
    let mut out = head.clone();
    request::for_exchange(&mut out);
    let passage = Passage {
        app: &arrival.app,
        client: arrival.client,
        host: &arrival.host,
        secure: arrival.secure,
    };
    request::rewrite(&mut out, &passage);
    let line = jar.header_for(&arrival.path, now);
    request::set_cookie_line(
        &mut out,
        line.and_then(|line| HeaderValue::from_bytes(&line).ok()),
    );
    let limits = &gateway.settings.limits;
    let sent = exchange::send(&arrival.app, out, body, limits.login_deadline).await;
    let arriving = sent.map_err(Failure::Login)?;
    arriving
        .whole(limits.withheld_answer)
        .await
        .map_err(Failure::Login)
}

fn on_file(view: Option<&SubscriberView>) -> OnFile {
    match view {
        None => OnFile::Nobody,
        Some(view) if !view.linked => OnFile::OtherSpelling,
        Some(view) => OnFile::Known {
            enrolled: view.totp_active > 0 || view.recovery_left > 0 && view.totp_disabled == 0,
            was_reset: view.was_reset,
            disabled: view.totp_disabled > 0 && view.totp_active == 0,
            suspended: view.suspended,
        },
    }
}

const fn verdict_name(verdict: LoginVerdict) -> &'static str {
    match verdict {
        LoginVerdict::ShowFailure => "failure",
        LoginVerdict::ShowRetry => "retry",
        LoginVerdict::Challenge => "challenge",
        LoginVerdict::ChallengeInVain => "challenge_in_vain",
        LoginVerdict::Enrol(_) => "enrol",
        LoginVerdict::EnrolWithCode => "enrol_with_code",
        LoginVerdict::LetThrough => "let_through",
        LoginVerdict::HoldSpelling => "hold_spelling",
        LoginVerdict::Stopped => "stopped",
    }
}

/// Everything that carrying out a verdict needs.
struct Act<'a> {
    gateway: &'a Gateway,
    arrival: &'a Arrival,
    row: anteroom_core::ids::SessionRow,
    id: SessionId,
    fresh: bool,
    before: Option<Arc<Live>>,
    answer: exchange::Answer,
    jar: Jar,
    judged: Judged,
    named: Option<Name>,
    view: Option<SubscriberView>,
    wanted: Option<String>,
    now: Timestamp,
}

impl Act<'_> {
    async fn act(self, verdict: LoginVerdict) -> Result<Reply, Failure> {
        self.settle_before(verdict).await?;
        match verdict {
            LoginVerdict::ShowFailure => self.show_failure().await,
            LoginVerdict::ShowRetry => {
                self.keep_jar().await?;
                Err(Failure::refused(Notice::TryLoginAgain))
            }
            LoginVerdict::Challenge | LoginVerdict::ChallengeInVain => {
                let in_vain = verdict == LoginVerdict::ChallengeInVain;
                self.withhold(None, in_vain, target::CHALLENGE).await
            }
            LoginVerdict::Enrol(proof) => self.withhold(Some(proof), false, target::ENROL).await,
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

    async fn audit(&self, kind: AuditKind) -> Result<(), Failure> {
        let mut event = AuditEvent::new(kind)
            .app(self.arrival.app.name())
            .session(hash_session(&self.id))
            .client(self.arrival.client);
        event.subscriber = self.view.as_ref().map(|view| view.id);
        self.gateway.store.audit_append(&[event], self.now).await?;
        Ok(())
    }
}

async fn end_before(
    gateway: &Gateway,
    arrival: &Arrival,
    live: &Arc<Live>,
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
