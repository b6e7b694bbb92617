//! Remembered devices: made beside a claimed code, found by their cookie, spent at a sign-in.
//!
//! A device's token is replaced in the transaction that opens its session, by a conditional update:
//! of two browsers that show the same token one passes. Whether one counts is judged by
//! `anteroom-core`'s `device`; here nothing is decided and no token is kept, only its hash. How
//! they end: [`device_end`](crate::device_end).

use std::net::IpAddr;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::device::{DeviceOnFile, Remembered, TokenSeen};
use anteroom_core::ids::{AppName, DeviceId, SessionHash, SessionRow, SubscriberId};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;
use subtle::ConstantTimeEq;

use crate::audit;
use crate::claim::Claimed;
use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, reading, writing};
use crate::release::{self, NewSession};
use crate::row;

/// How many devices one person may have remembered at one app; the one unused longest makes room.
const MOST: i64 = 10;

/// A device as lists show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceView {
    /// Which.
    pub id: DeviceId,
    /// Whose.
    pub subscriber: SubscriberId,
    /// For which app.
    pub app: AppName,
    /// In which network.
    pub network: String,
    /// Under which terms: it counts only while the settings say the same.
    pub terms: String,
    /// Which browser, coarsely.
    pub label: String,
    /// From which address it was last used.
    pub client: IpAddr,
    /// When it was remembered.
    pub created_at: Timestamp,
    /// When it last stood in for a code.
    pub last_used_at: Option<Timestamp>,
    /// Its end.
    pub expires_at: Timestamp,
}

/// A device found by its cookie, with what `anteroom-core` judges it by.
#[derive(Clone, Debug)]
pub struct DeviceFound {
    view: DeviceView,
    forgotten: bool,
    token: TokenSeen,
    rotated_at: Timestamp,
}

impl DeviceFound {
    /// As `judge_device` takes it.
    #[must_use]
    pub fn on_file(&self) -> DeviceOnFile<'_> {
        DeviceOnFile {
            id: self.view.id,
            subscriber: self.view.subscriber,
            app: &self.view.app,
            network: &self.view.network,
            terms: &self.view.terms,
            expires_at: self.view.expires_at,
            revoked: self.forgotten,
            token: self.token,
            rotated_at: self.rotated_at,
            last_client: self.view.client,
        }
    }
}

/// A device to be remembered.
#[derive(Clone, Copy)]
pub struct NewDevice<'a> {
    /// The app.
    pub app: &'a AppName,
    /// Random; stands in the cookie.
    pub selector: [u8; 16],
    /// SHA-256 of the token in the cookie.
    pub token: [u8; 32],
    /// In which network it is to count.
    pub network: &'a str,
    /// Under which terms.
    pub terms: &'a str,
    /// Which browser, coarsely.
    pub label: &'a str,
    /// From where.
    pub client: IpAddr,
    /// Its end.
    pub expires_at: Timestamp,
    /// Now: the moment of the second factor it stands for.
    pub now: Timestamp,
}

/// What a passage by a device needs beside the proof.
#[derive(Clone, Copy)]
pub struct DevicePassage<'a> {
    /// SHA-256 of the token that came.
    pub token: [u8; 32],
    /// SHA-256 of the one that takes its place.
    pub next: [u8; 32],
    /// The id that submitted the login; superseded, and tainted for good.
    pub tainted: SessionHash,
    /// The hash of the new session's id.
    pub verified: SessionHash,
    /// The app.
    pub app: &'a AppName,
    /// The fresh random key of its sealed cookies.
    pub jar_key: [u8; 32],
    /// The overall end.
    pub ends_at: Timestamp,
    /// From where.
    pub client: IpAddr,
    /// Now.
    pub now: Timestamp,
}

/// What became of a passage by a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum DevicePassed {
    /// Her session is open, under its factor's old moment.
    Opened(SessionRow),
    /// Its token was spent, it was forgotten, or she was suspended or reset, since it was judged.
    Over,
}

impl Store {
    /// Remembers a device for the person of a claimed code; `None` when the code's session has
    /// ended since: what ends everything of hers must not be outlived by a computer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: do not set the cookie.
    pub async fn device_remember(
        &self,
        claimed: &Claimed,
        new: NewDevice<'_>,
    ) -> Result<Option<DeviceId>, StoreError> {
        let (whose, now) = (claimed.subscriber(), new.now);
        writing!(self, Kill, c => {
            make_room(c, whose, new.app, now).await?;
            let made = sqlx::query(
                "INSERT INTO device (subscriber_id, app, selector, token, network, terms, label,
                                     client, factor_at, created_at, rotated_at, expires_at)
                 SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9, $10
                 WHERE EXISTS (SELECT 1 FROM session WHERE hash = $11 AND state = 'verified')
                 RETURNING id",
            )
            .bind(whose.0)
            .bind(new.app.as_str())
            .bind(&new.selector[..])
            .bind(&new.token[..])
            .bind(new.network)
            .bind(new.terms)
            .bind(new.label)
            .bind(new.client.to_string())
            .bind(now.as_millis())
            .bind(new.expires_at.as_millis())
            .bind(&claimed.session().0[..])
            .fetch_optional(&mut *c)
            .await?;
            let Some(made) = made else { return Ok(End::Rollback(None)) };
            let event = AuditEvent::new(AuditKind::DeviceRemembered)
                .subscriber(whose)
                .app(new.app)
                .session(claimed.session())
                .client(new.client)
                .reason(new.label);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(Some(DeviceId(row::get(&made, "id")?))))
        })
    }

    /// The device of a cookie: by its selector, the token compared without telling how far it fits.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: then a code is asked for.
    pub async fn device_find(
        &self,
        selector: &[u8; 16],
        token: &[u8; 32],
    ) -> Result<Option<DeviceFound>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query("SELECT * FROM device WHERE selector = $1")
                .bind(&selector[..])
                .fetch_optional(&mut *c)
                .await?
        });
        let Some(found) = found else { return Ok(None) };
        let current: [u8; 32] = row::bytes(&found, "token")?;
        let former: Option<[u8; 32]> = row::bytes_maybe(&found, "former")?;
        let is = |other: &[u8; 32]| bool::from(other.ct_eq(token));
        let seen = match (is(&current), former.as_ref().is_some_and(is)) {
            (true, _) => TokenSeen::Current,
            (false, true) => TokenSeen::Former,
            (false, false) => TokenSeen::Neither,
        };
        Ok(Some(DeviceFound {
            view: view(&found)?,
            forgotten: row::at_maybe(&found, "forgotten_at")?.is_some(),
            token: seen,
            rotated_at: row::at(&found, "rotated_at")?,
        }))
    }

    /// Spends the device's token and opens her session, in one transaction.
    ///
    /// The session counts as verified when the device was remembered, not now: whatever wants a
    /// fresher factor asks for one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the login was never tainted; [`StoreError::Unavailable`],
    /// [`StoreError::Full`]: it is not known whether the token was spent; ask for a code.
    pub async fn device_pass(
        &self,
        remembered: Remembered,
        passage: DevicePassage<'_>,
    ) -> Result<DevicePassed, StoreError> {
        let (id, now) = (remembered.id(), passage.now);
        writing!(self, PowerCut, c => {
            let Some(factor_at) = spend(c, &remembered, &passage).await? else {
                return Ok(End::Rollback(DevicePassed::Over));
            };
            release::tainted_supersede(c, passage.tainted, passage.app, now).await?;
            let session = NewSession {
                hash: passage.verified,
                app: passage.app,
                subscriber: Some(remembered.subscriber()),
                jar_key: passage.jar_key,
                authenticated_at: factor_at,
                ends_at: passage.ends_at,
                amr: "pwd",
                single_factor: false,
                emergency: None,
                device: Some(id),
                now,
            };
            let row = release::session_open(c, &self.inner, &session).await?;
            let event = AuditEvent::new(AuditKind::DevicePassage)
                .subscriber(remembered.subscriber())
                .app(passage.app)
                .session(passage.verified)
                .client(passage.client);
            audit::append(c, &self.inner.keys, &[event], now).await?;
            Ok(End::Commit(DevicePassed::Opened(row)))
        })
    }
}

/// Takes the token that was judged, if it is still the current one; gives the moment of the factor
/// that it stands for.
async fn spend(
    c: &mut Conn,
    remembered: &Remembered,
    passage: &DevicePassage<'_>,
) -> Result<Option<Timestamp>, StoreError> {
    let spent = sqlx::query(
        "UPDATE device SET former = token, token = $3, rotated_at = $4, last_used_at = $4,
                client = $5
         WHERE id = $1 AND token = $2 AND app = $6 AND forgotten_at IS NULL AND expires_at > $4
           AND EXISTS (SELECT 1 FROM subscriber s WHERE s.id = device.subscriber_id
                       AND s.suspended_at IS NULL AND s.enrolled_at IS NOT NULL)
         RETURNING factor_at",
    )
    .bind(remembered.id().0)
    .bind(&passage.token[..])
    .bind(&passage.next[..])
    .bind(passage.now.as_millis())
    .bind(passage.client.to_string())
    .bind(passage.app.as_str())
    .fetch_optional(&mut *c)
    .await?;
    spent
        .as_ref()
        .map(|spent| row::at(spent, "factor_at"))
        .transpose()
}

async fn make_room(
    c: &mut Conn,
    whose: SubscriberId,
    app: &AppName,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE device SET forgotten_at = $3, forgotten_why = 'made_room'
         WHERE forgotten_at IS NULL AND id IN
             (SELECT id FROM device WHERE subscriber_id = $1 AND app = $2
                     AND forgotten_at IS NULL
              ORDER BY COALESCE(last_used_at, created_at) DESC, id DESC LIMIT -1 OFFSET $4)",
    )
    .bind(whose.0)
    .bind(app.as_str())
    .bind(now.as_millis())
    .bind(MOST - 1)
    .execute(&mut *c)
    .await?;
    Ok(())
}

pub(crate) fn view(found: &SqliteRow) -> Result<DeviceView, StoreError> {
    Ok(DeviceView {
        id: DeviceId(row::get(found, "id")?),
        subscriber: SubscriberId(row::get(found, "subscriber_id")?),
        app: AppName::new(row::get(found, "app")?),
        network: row::get(found, "network")?,
        terms: row::get(found, "terms")?,
        label: row::get(found, "label")?,
        client: row::address(found, "client")?,
        created_at: row::at(found, "created_at")?,
        last_used_at: row::at_maybe(found, "last_used_at")?,
        expires_at: row::at(found, "expires_at")?,
    })
}
