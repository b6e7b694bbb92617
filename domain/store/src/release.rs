//! Opening verified sessions: after an enrolment was confirmed and its codes shown, and, by policy,
//! without a second factor.
//!
//! The session of a claimed code is opened in [`claim`](crate::claim)'s own transaction, with what
//! is here.

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::ids::{AppName, DeviceId, EmergencyId, SessionHash, SessionRow, SubscriberId};
use anteroom_core::language::Language;
use anteroom_core::means::Means;
use anteroom_core::time::Timestamp;

use crate::attempt;
use crate::audit;
use crate::claim::Claimed;
use crate::emergency;
use crate::error::StoreError;
use crate::open::{Inner, Store};
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::session_end;
use crate::session_record::jar_key_place;
use crate::spoken;

/// What a release needs beside the proof.
#[derive(Clone, Copy)]
pub struct ReleaseContext {
    /// The hash of the verified session's new id.
    pub verified: SessionHash,
    /// The fresh random key of its sealed cookies.
    pub jar_key: [u8; 32],
    /// When the second factor passed: the confirmation.
    pub authenticated_at: Timestamp,
    /// The overall end.
    pub ends_at: Timestamp,
    /// What was set up in it.
    pub kind: AuthenticatorKind,
    /// The language of the page it was asked for on: her letters are written in it from now on.
    pub language: Language,
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// What became of a release.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Release {
    /// The session was opened now.
    Created(SessionRow),
    /// It was open already: by the claim, or by the same form sent before.
    Already {
        /// Which row.
        row: SessionRow,
        /// Its id's hash; the one asked for only where ids are derived, not drawn.
        session: SessionHash,
    },
    /// The attempt is over: reset, suspended, ended, too late.
    Gone,
}

/// Somebody who is let through without a second factor: by policy (`optional`, `by DATE`), or by an
/// exception.
#[derive(Clone, Copy)]
pub struct SingleFactor<'a> {
    /// The id that submitted the login; superseded, and tainted for good.
    pub tainted: SessionHash,
    /// The hash of the new session's id.
    pub verified: SessionHash,
    /// The app.
    pub app: &'a AppName,
    /// Who, where that is known.
    pub subscriber: Option<SubscriberId>,
    /// The exception by which she passes; `None` means by policy.
    pub emergency: Option<EmergencyId>,
    /// The fresh random key of its sealed cookies.
    pub jar_key: [u8; 32],
    /// The overall end; that of the exception where it comes earlier.
    pub ends_at: Timestamp,
    /// RFC 8176 values, separated by spaces.
    pub amr: &'a str,
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// What became of a passage without a second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Passage {
    /// Her session is open.
    Opened(SessionRow),
    /// The exception was closed, or she was suspended, since her login was judged.
    Over,
}

/// A verified session to be opened.
pub(crate) struct NewSession<'a> {
    pub(crate) hash: SessionHash,
    pub(crate) app: &'a AppName,
    pub(crate) subscriber: Option<SubscriberId>,
    pub(crate) jar_key: [u8; 32],
    pub(crate) authenticated_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) amr: &'a str,
    pub(crate) single_factor: bool,
    pub(crate) emergency: Option<EmergencyId>,
    pub(crate) device: Option<DeviceId>,
    pub(crate) now: Timestamp,
}

impl Store {
    /// The claim of an enrolment whose recovery codes are still to be shown, by its pending
    /// session. A claim by a code is never found so: the pending id alone gets nothing (attack
    /// B18).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn attempt_claimed(
        &self,
        pending: &SessionHash,
    ) -> Result<Option<Claimed>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT a.id, a.verified, a.subscriber_id, a.display_name
                 FROM session s JOIN attempt a ON a.pending_session_id = s.id
                 WHERE s.hash = $1 AND s.state = 'pending' AND a.state = 'claimed'
                   AND a.claimed_code_mac IS NULL",
            )
            .bind(&pending.0[..])
            .fetch_optional(&mut *c)
            .await?
        });
        found
            .map(|found| {
                Ok(Claimed {
                    attempt: anteroom_core::ids::AttemptId(row::get(&found, "id")?),
                    session: row::hash(&found, "verified")?,
                    subscriber: SubscriberId(row::get(&found, "subscriber_id")?),
                    display_name: row::get(&found, "display_name")?,
                })
            })
            .transpose()
    }

    /// Marks a claimed attempt as handed over, ends its pending session, drops its sealed recovery
    /// codes and, after an enrolment, opens the verified session. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the new id is taken; [`StoreError::Unavailable`],
    /// [`StoreError::Full`].
    pub async fn attempt_release(
        &self,
        claimed: &Claimed,
        context: ReleaseContext,
    ) -> Result<Release, StoreError> {
        let now = context.now;
        writing!(self, PowerCut, c => {
            let found = sqlx::query(
                "SELECT a.app, a.state, a.verified, a.pending_session_id,
                        a.expires_at > $2 AND s.suspended_at IS NULL AND s.enrolled_at IS NOT NULL
                            AS good, v.id AS verified_id
                 FROM attempt a JOIN subscriber s ON s.id = a.subscriber_id
                 LEFT JOIN session v ON v.hash = a.verified AND v.state = 'verified'
                 WHERE a.id = $1 AND a.state IN ('claimed', 'released') AND a.subscriber_id = $3",
            )
            .bind(claimed.attempt.0)
            .bind(now.as_millis())
            .bind(claimed.subscriber.0)
            .fetch_optional(&mut *c)
            .await?;
            let Some(found) = found else { return Ok(End::Rollback(Release::Gone)) };
            let opened = row::get::<Option<i64>>(&found, "verified_id")?.map(SessionRow);
            let released = row::get::<&str>(&found, "state")? == "released";
            let app = AppName::new(row::get(&found, "app")?);
            let (session, outcome, opens) = match opened {
                Some(row) => {
                    let session = row::hash(&found, "verified")?;
                    (session, Release::Already { row, session }, false)
                }
                None if released || !row::get::<bool>(&found, "good")? => {
                    return Ok(End::Rollback(Release::Gone));
                }
                None => {
                    let session = context.session(&app, claimed.subscriber);
                    let row = session_open(c, &self.inner, &session).await?;
                    (context.verified, Release::Created(row), true)
                }
            };
            if released {
                return Ok(End::Rollback(outcome));
            }
            let pending = SessionRow(row::get(&found, "pending_session_id")?);
            mark_released(c, claimed, session).await?;
            spoken::reads(c, claimed.subscriber, context.language).await?;
            session_end::supersede(c, pending, now).await?;
            let event = |kind| {
                AuditEvent::new(kind)
                    .subscriber(claimed.subscriber)
                    .app(&app)
                    .session(session)
                    .client(context.client)
            };
            let mut events = vec![event(AuditKind::Released)];
            if opens {
                let means = Means::of_kind(context.kind).name();
                events.insert(0, event(AuditKind::SessionVerified).reason(means));
            }
            audit::append(c, &self.inner.keys, &events, now).await?;
            Ok(End::Commit(outcome))
        })
    }

    /// Opens a session for somebody who passes without a second factor. Marked as such for good;
    /// audited as such (DESIGN rule 4). One that passes by an exception ends with it at the latest,
    /// and only opens while that is open and its owner is not suspended.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when `tainted` was never tainted or the new id is taken;
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn single_factor_open(
        &self,
        passage: SingleFactor<'_>,
    ) -> Result<Passage, StoreError> {
        let now = passage.now;
        writing!(self, PowerCut, c => {
            let Some(ends_at) = passage_end(c, &passage).await? else {
                return Ok(End::Rollback(Passage::Over));
            };
            tainted_supersede(c, passage.tainted, passage.app, now).await?;
            let session = NewSession {
                hash: passage.verified,
                app: passage.app,
                subscriber: passage.subscriber,
                jar_key: passage.jar_key,
                // No second factor has passed: for every rule about its age it is as old as can be.
                authenticated_at: Timestamp::default(),
                ends_at,
                amr: passage.amr,
                single_factor: true,
                emergency: passage.emergency,
                device: None,
                now,
            };
            let row = session_open(c, &self.inner, &session).await?;
            let kind = match passage.emergency {
                Some(_) => AuditKind::EmergencyPassage,
                None => AuditKind::SingleFactorPassage,
            };
            let mut event = AuditEvent::new(kind)
                .app(passage.app)
                .session(passage.verified)
                .client(passage.client);
            event.subscriber = passage.subscriber;
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(Passage::Opened(row)))
        })
    }
}

/// When the session of a passage ends; `None` when nobody may pass (any more).
async fn passage_end(
    c: &mut Conn,
    passage: &SingleFactor<'_>,
) -> Result<Option<Timestamp>, StoreError> {
    let Some(id) = passage.emergency else {
        return Ok(Some(passage.ends_at));
    };
    let open = emergency::open_at(c, passage.app, passage.now).await?;
    let Some(open) = open.filter(|open| open.id == id) else {
        return Ok(None);
    };
    let good = sqlx::query("SELECT 1 FROM subscriber WHERE id = $1 AND suspended_at IS NULL")
        .bind(passage.subscriber.map(|id| id.0))
        .fetch_optional(&mut *c)
        .await?;
    Ok(good.map(|_| passage.ends_at.min(open.ends_at)))
}

/// The verified id takes over from the one that submitted the login. Whatever else was held for
/// that one ends: it would be released by nobody.
pub(crate) async fn tainted_supersede(
    c: &mut Conn,
    tainted: SessionHash,
    app: &AppName,
    now: Timestamp,
) -> Result<(), StoreError> {
    let superseded = sqlx::query(
        "UPDATE session SET superseded_at = $2
         WHERE hash = $1 AND state = 'tainted' AND app = $3 RETURNING id",
    )
    .bind(&tainted.0[..])
    .bind(now.as_millis())
    .bind(app.as_str())
    .fetch_optional(&mut *c)
    .await?;
    let Some(superseded) = superseded else {
        let constraint = "passage_tainted_first".to_owned();
        return Err(StoreError::Conflict { constraint });
    };
    let tainted = SessionRow(row::get(&superseded, "id")?);
    attempt::end_of_tainted(c, tainted, now).await
}

impl ReleaseContext {
    fn session<'s>(&self, app: &'s AppName, subscriber: SubscriberId) -> NewSession<'s> {
        NewSession {
            hash: self.verified,
            app,
            subscriber: Some(subscriber),
            jar_key: self.jar_key,
            authenticated_at: self.authenticated_at,
            ends_at: self.ends_at,
            amr: self.kind.amr(),
            single_factor: false,
            emergency: None,
            device: None,
            now: self.now,
        }
    }
}

/// Opens a verified session in the transaction that `c` is in, its key sealed for its row.
pub(crate) async fn session_open(
    c: &mut Conn,
    inner: &Inner,
    new: &NewSession<'_>,
) -> Result<SessionRow, StoreError> {
    let opened = sqlx::query(
        "INSERT INTO session (hash, app, state, subscriber_id, created_at, authenticated_at,
                              active_at, ends_at, amr, single_factor, emergency_id,
                              device_id)
         VALUES ($1, $2, 'verified', $3, $4, $5, $4, $6, $7, $8, $9, $10) RETURNING id",
    )
    .bind(&new.hash.0[..])
    .bind(new.app.as_str())
    .bind(new.subscriber.map(|id| id.0))
    .bind(new.now.as_millis())
    .bind(new.authenticated_at.as_millis())
    .bind(new.ends_at.as_millis())
    .bind(new.amr)
    .bind(new.single_factor)
    .bind(new.emergency.map(|id| id.0))
    .bind(new.device.map(|id| id.0))
    .fetch_one(&mut *c)
    .await?;
    let id: i64 = row::get(&opened, "id")?;
    // Sealed with the row's id as associated data, which is known only now.
    sqlx::query("UPDATE session SET jar_key = $2 WHERE id = $1")
        .bind(id)
        .bind(inner.seal(jar_key_place(id), &new.jar_key)?)
        .execute(&mut *c)
        .await?;
    if let Some(subscriber) = new.subscriber {
        sqlx::query("UPDATE subscriber SET last_login_at = $2 WHERE id = $1")
            .bind(subscriber.0)
            .bind(new.now.as_millis())
            .execute(&mut *c)
            .await?;
    }
    Ok(SessionRow(id))
}

async fn mark_released(
    c: &mut Conn,
    claimed: &Claimed,
    session: SessionHash,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE attempt SET state = 'released', verified = $2, codes = NULL
         WHERE id = $1 AND state = 'claimed'",
    )
    .bind(claimed.attempt.0)
    .bind(&session.0[..])
    .execute(&mut *c)
    .await?;
    Ok(())
}
