//! Tokens for the JSON API: issued to an operator, scoped, expiring, known here only by their hash.
//!
//! A token never may more than its operator may at the moment of its use: role and state are read
//! with it. Never judges a scope against a route; the admin app does.

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{OperatorId, TokenId};
use anteroom_core::operator::{Role, Scope};
use anteroom_core::time::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::error::StoreError;
use crate::open::Store;
use crate::operator_account::role;
use crate::paper::Paper;
use crate::pools::{End, reading, writing};
use crate::row;

/// How often the moment of its last use is written.
const TOUCHED_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

/// A token as its list shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenView {
    /// Which.
    pub id: TokenId,
    /// Whose.
    pub operator: OperatorId,
    /// Her name.
    pub name: String,
    /// Her role at this moment.
    pub role: Role,
    /// What it is for, in her words.
    pub label: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was made worthless.
    pub revoked_at: Option<Timestamp>,
}

/// A token to be issued.
#[derive(Clone, Copy, Debug)]
pub struct TokenIssue<'a> {
    /// Whose.
    pub operator: OperatorId,
    /// What it is for.
    pub label: &'a str,
    /// SHA-256 of its 256 random bits.
    pub hash: [u8; 32],
    /// What it may be used for.
    pub scopes: &'a [Scope],
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl Store {
    /// Issues a token.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such operator; [`StoreError::Unavailable`],
    /// [`StoreError::Full`]: do not show the token.
    pub async fn api_token_issue(
        &self,
        issue: &TokenIssue<'_>,
        paper: &Paper<'_>,
    ) -> Result<TokenId, StoreError> {
        let names: Vec<&str> = issue.scopes.iter().map(|scope| scope.name()).collect();
        let scopes = names.join(" ");
        writing!(self, PowerCut, c => {
            let issued = sqlx::query(
                "INSERT INTO api_token (operator_id, label, hash, scopes, created_at, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
            )
            .bind(issue.operator.0)
            .bind(issue.label)
            .bind(&issue.hash[..])
            .bind(&scopes)
            .bind(paper.now.as_millis())
            .bind(issue.expires_at.as_millis())
            .fetch_one(&mut *c)
            .await?;
            let about = format!("{}: {scopes}", issue.label);
            let event = paper.event(AuditKind::TokenIssued).reason(&about);
            audit::append(c, &self.inner.keys, &[event], paper.now).await?;
            Ok(End::Commit(TokenId(row::get(&issued, "id")?)))
        })
    }

    /// The live token of this hash; notes that it was used.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn api_token_use(
        &self,
        hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<TokenView>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT t.*, o.name, o.role FROM api_token t JOIN operator o ON o.id = t.operator_id
                 WHERE t.hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2
                   AND o.disabled_at IS NULL",
            )
            .bind(&hash[..])
            .bind(now.as_millis())
            .fetch_optional(&mut *c)
            .await?
        });
        let Some(found) = found else { return Ok(None) };
        let token = view(&found)?;
        let is_due = |at: Timestamp| now.since(at) >= TOUCHED_EVERY;
        if token.last_used_at.is_none_or(is_due) {
            writing!(self, Kill, c => {
                sqlx::query("UPDATE api_token SET last_used_at = $2 WHERE id = $1")
                    .bind(token.id.0)
                    .bind(now.as_millis())
                    .execute(&mut *c)
                    .await?;
                Ok(End::Commit(()))
            })?;
        }
        Ok(Some(token))
    }

    /// An operator's tokens, or everybody's; the latest first, dead ones too.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn api_tokens(&self, of: Option<OperatorId>) -> Result<Vec<TokenView>, StoreError> {
        let found = reading!(self, c => {
            sqlx::query(
                "SELECT t.*, o.name, o.role FROM api_token t JOIN operator o ON o.id = t.operator_id
                 WHERE $1 IS NULL OR t.operator_id = $1 ORDER BY t.id DESC LIMIT 500",
            )
            .bind(of.map(|id| id.0))
            .fetch_all(&mut *c)
            .await?
        });
        found.iter().map(view).collect()
    }

    /// Makes a token worthless; `only_of` names whose it must be, where that matters. `false` when
    /// there is no such live token.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn api_token_revoke(
        &self,
        id: TokenId,
        only_of: Option<OperatorId>,
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        writing!(self, PowerCut, c => {
            let label: Option<String> = sqlx::query_scalar(
                "UPDATE api_token SET revoked_at = $2
                 WHERE id = $1 AND revoked_at IS NULL AND ($3 IS NULL OR operator_id = $3)
                 RETURNING label",
            )
            .bind(id.0)
            .bind(paper.now.as_millis())
            .bind(only_of.map(|of| of.0))
            .fetch_optional(&mut *c)
            .await?;
            let Some(label) = label else { return Ok(End::Rollback(false)) };
            let event = paper.event(AuditKind::TokenRevoked).reason(&label);
            audit::append(c, &self.inner.keys, &[event], paper.now).await?;
            Ok(End::Commit(true))
        })
    }
}

fn view(found: &SqliteRow) -> Result<TokenView, StoreError> {
    let scopes: &str = row::get(found, "scopes")?;
    Ok(TokenView {
        id: TokenId(row::get(found, "id")?),
        operator: OperatorId(row::get(found, "operator_id")?),
        name: row::get(found, "name")?,
        role: role(found)?,
        label: row::get(found, "label")?,
        scopes: scopes.split(' ').filter_map(Scope::from_name).collect(),
        created_at: row::at(found, "created_at")?,
        expires_at: row::at(found, "expires_at")?,
        last_used_at: row::at_maybe(found, "last_used_at")?,
        revoked_at: row::at_maybe(found, "revoked_at")?,
    })
}
