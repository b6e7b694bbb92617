//! Making a person known before her first sign-in, so that an address can be on file for it.
//!
//! She is not enrolled by that and nothing of hers is changed: her first sign-in still needs what
//! the app's policy asks for. An invitation with a code is
//! [`enrolment_code`](crate::enrolment_code)'s.

use anteroom_core::audit::AuditKind;
use anteroom_core::fold::Folded;
use anteroom_core::ids::SubscriberId;

use crate::audit;
use crate::enrolment_code::{Name, subscriber_ensure};
use crate::error::StoreError;
use crate::open::Store;
use crate::operator;
use crate::paper::Paper;
use crate::pools::{End, writing};
use crate::row;

/// A person as an operator's list names her.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// Her realm.
    pub realm: &'a str,
    /// Her tenant; empty where the app has none.
    pub tenant: &'a str,
    /// Her name, folded: it finds.
    pub folded: &'a Folded,
    /// The name as her apps tell spellings apart: linked where she is new.
    pub spelling_keys: &'a [String],
    /// Her name for pages, where she is new.
    pub display: &'a str,
}

impl Store {
    /// The person of this name, made known when she is not yet. Somebody who is known keeps the
    /// spellings she has: a list of addresses is no reason to let another spelling be her.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn person_ensure(
        &self,
        new: &NewPerson<'_>,
        paper: &Paper<'_>,
    ) -> Result<SubscriberId, StoreError> {
        let name = Name {
            realm: new.realm,
            tenant: new.tenant,
            folded: new.folded,
        };
        writing!(self, Kill, c => {
            let known = sqlx::query(
                "SELECT COALESCE(merged_into, id) AS id FROM subscriber
                 WHERE realm = $1 AND tenant = $2 AND folded = $3",
            )
            .bind(new.realm)
            .bind(new.tenant)
            .bind(new.folded.as_str())
            .fetch_optional(&mut *c)
            .await?;
            if let Some(known) = known {
                return Ok(End::Rollback(SubscriberId(row::get(&known, "id")?)));
            }
            let id = subscriber_ensure(c, name, new.display, paper.now).await?;
            for key in new.spelling_keys {
                operator::link(c, id, key, new.display, paper.now).await?;
            }
            let what = paper.about(new.display);
            let events = paper.because(&what).events(AuditKind::SpellingLinked, Some(id));
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
            Ok(End::Commit(id))
        })
    }
}
