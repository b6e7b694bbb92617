//! Hardware tokens as they came from their maker: brought in, listed, searched.
//!
//! A seed is sealed here until its token is given to somebody, and then is the authenticator's
//! ([`hardware_token_acts`](crate::hardware_token_acts)). Never reads a maker's file (the config
//! room does), never shows a seed.

use anteroom_core::audit::AuditKind;
use anteroom_core::hardware_token::{Serial, TokenSeed};
use anteroom_core::ids::SubscriberId;
use anteroom_core::oath::{Digits, MovingFactor};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::error::StoreError;
use crate::open::{Inner, Store};
use crate::paper::Paper;
use crate::pools::{Conn, End, reading, writing};
use crate::row;
use crate::seal::Place;
use crate::subscriber::contains_pattern;

/// The most tokens that a list shows.
pub const MOST_LISTED: u32 = 500;

/// What an import did, or would do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    /// New ones.
    pub added: Vec<Serial>,
    /// Those whose serial number was here before: nothing was changed.
    pub known: Vec<Serial>,
}

/// How a token stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HardwareTokenState {
    /// To be given to somebody.
    Free,
    /// Somebody's.
    Assigned,
    /// Lost, broken or returned, or its person was reset: its seed is destroyed.
    Revoked,
}

impl HardwareTokenState {
    /// Every state, in the order of a menu.
    pub const ALL: [Self; 3] = [Self::Free, Self::Assigned, Self::Revoked];

    /// The word of lists and addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Assigned => "assigned",
            Self::Revoked => "revoked",
        }
    }

    /// Reads [`name`](Self::name) back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Whose a token is, or was last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenHolder {
    /// Who.
    pub id: SubscriberId,
    /// Her name.
    pub display_name: String,
    /// Her realm.
    pub realm: String,
    /// When a code of it was last right.
    pub last_used_at: Option<Timestamp>,
}

/// One token as an operator sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HardwareToken {
    /// What stands on its back.
    pub serial: Serial,
    /// What moves its codes on.
    pub factor: MovingFactor,
    /// How many digits they have.
    pub digits: Digits,
    /// How it stands.
    pub state: HardwareTokenState,
    /// When it came in.
    pub imported_at: Timestamp,
    /// When it was given.
    pub assigned_at: Option<Timestamp>,
    /// When it was taken out of use.
    pub revoked_at: Option<Timestamp>,
    /// To whom it was given.
    pub holder: Option<TokenHolder>,
}

/// What is searched for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TokenQuery<'a> {
    /// A part of the serial number or of the holder's name; empty for all.
    pub text: &'a str,
    /// Only in this state.
    pub state: Option<HardwareTokenState>,
}

impl Store {
    /// Brings tokens in, all of them or, on an error, none. A serial number that is here already
    /// stays as it is, so that an old file can neither bring a revoked token back nor turn a
    /// counter back. With `dry_run` nothing is kept, and the report says what would have been done.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`]: nothing was brought in.
    pub async fn hardware_tokens_import(
        &self,
        tokens: &[TokenSeed],
        dry_run: bool,
        paper: &Paper<'_>,
    ) -> Result<ImportReport, StoreError> {
        writing!(self, PowerCut, c => {
            let mut report = ImportReport::default();
            for token in tokens {
                let added = add(c, &self.inner, token, paper).await?;
                let list = if added { &mut report.added } else { &mut report.known };
                list.push(token.serial.clone());
            }
            if dry_run || report.added.is_empty() {
                return Ok(End::Rollback(report));
            }
            let many = format!("{} added, {} known", report.added.len(), report.known.len());
            let about = paper.about(&many);
            let events = paper.because(&about).events(AuditKind::HardwareTokensImported, None);
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
            Ok(End::Commit(report))
        })
    }

    /// Tokens by serial number, at most [`MOST_LISTED`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn hardware_tokens(
        &self,
        query: &TokenQuery<'_>,
    ) -> Result<Vec<HardwareToken>, StoreError> {
        let serial = Serial::parse(query.text);
        let pattern = contains_pattern(query.text);
        let by_serial = serial.map(|serial| contains_pattern(serial.as_str()));
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT * FROM (
                    SELECT t.serial, t.digits, t.period, t.imported_at, t.assigned_at,
                           COALESCE(t.revoked_at, a.removed_at) AS revoked_at,
                           a.subscriber_id, a.last_used_at, s.display_name, s.realm, s.folded,
                           CASE WHEN t.secret IS NOT NULL THEN 'free'
                                WHEN t.revoked_at IS NULL AND a.removed_at IS NULL THEN 'assigned'
                                ELSE 'revoked' END AS state
                    FROM hardware_token t
                    LEFT JOIN authenticator a ON a.id = t.authenticator_id
                    LEFT JOIN subscriber s ON s.id = a.subscriber_id)
                 WHERE ($1 IS NULL OR state = $1)
                   AND (serial LIKE $2 ESCAPE '\\' OR folded LIKE $3 ESCAPE '\\'
                        OR display_name LIKE $3 ESCAPE '\\')
                 ORDER BY serial LIMIT $4",
            )
            .bind(query.state.map(HardwareTokenState::name))
            .bind(by_serial.as_ref().unwrap_or(&pattern))
            .bind(&pattern)
            .bind(i64::from(MOST_LISTED))
            .fetch_all(&mut *c)
            .await?
        });
        found.iter().map(HardwareToken::decode).collect()
    }

    /// The tokens that a person holds, for her page.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn hardware_tokens_of(
        &self,
        holder: SubscriberId,
    ) -> Result<Vec<Serial>, StoreError> {
        let found: Vec<(String,)> = reading!(self, c => {
            sqlx::query_as(
                "SELECT t.serial FROM hardware_token t
                 JOIN authenticator a ON a.id = t.authenticator_id
                 WHERE a.subscriber_id = $1 AND a.removed_at IS NULL ORDER BY t.serial",
            )
            .bind(holder.0)
            .fetch_all(&mut *c)
            .await?
        });
        let serials = found.into_iter().map(|(serial,)| serial);
        Ok(serials.map(Serial::from_stored).collect())
    }
}

impl HardwareToken {
    fn decode(found: &SqliteRow) -> Result<Self, StoreError> {
        let holder = match row::get::<Option<i64>>(found, "subscriber_id")? {
            None => None,
            Some(id) => Some(TokenHolder {
                id: SubscriberId(id),
                display_name: row::get(found, "display_name")?,
                realm: row::get(found, "realm")?,
                last_used_at: row::at_maybe(found, "last_used_at")?,
            }),
        };
        let factor = MovingFactor::of_period(row::get(found, "period")?);
        let state = HardwareTokenState::from_name(row::get(found, "state")?);
        Ok(Self {
            serial: Serial::from_stored(row::get(found, "serial")?),
            factor: factor.ok_or_else(|| row::odd("period"))?,
            digits: Digits::of_count(row::get(found, "digits")?)
                .ok_or_else(|| row::odd("digits"))?,
            state: state.ok_or_else(|| row::odd("state"))?,
            imported_at: row::at(found, "imported_at")?,
            assigned_at: row::at_maybe(found, "assigned_at")?,
            revoked_at: row::at_maybe(found, "revoked_at")?,
            holder,
        })
    }
}

/// Adds one; `false` when its serial number is here already.
async fn add(
    c: &mut Conn,
    inner: &Inner,
    token: &TokenSeed,
    paper: &Paper<'_>,
) -> Result<bool, StoreError> {
    let spent = token
        .next_counter
        .checked_sub(1)
        .filter(|_| token.factor == MovingFactor::Counter);
    let spent = spent.map(i64::try_from).transpose();
    let added = sqlx::query(
        "INSERT INTO hardware_token (serial, digits, period, counter, secret, imported_at,
                                     imported_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (serial) DO NOTHING RETURNING id",
    )
    .bind(token.serial.as_str())
    .bind(i64::try_from(token.digits.count()).unwrap_or_default())
    .bind(token.factor.period())
    .bind(spent.map_err(|_| row::odd("counter"))?)
    .bind(&b""[..])
    .bind(paper.now.as_millis())
    .bind(paper.operator)
    .fetch_optional(&mut *c)
    .await?;
    let Some(added) = added else { return Ok(false) };
    let id: i64 = row::get(&added, "id")?;
    // Sealed with the row's id as associated data, which is known only now.
    sqlx::query("UPDATE hardware_token SET secret = $2 WHERE id = $1")
        .bind(id)
        .bind(inner.seal(token_place(id), token.secret.expose())?)
        .execute(&mut *c)
        .await?;
    Ok(true)
}

pub(crate) const fn token_place(token: i64) -> Place {
    Place {
        table: "hardware_token",
        column: "secret",
        row: token,
    }
}
