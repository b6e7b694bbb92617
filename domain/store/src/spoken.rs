//! The language that a person reads: that of her last sign-in, or the one she chose since.
//!
//! Letters are written in it when nothing nearer is known. Written only for somebody whose second
//! factor passed: a stranger with her password cannot change what she reads. The letters themselves
//! are `anteroom-mail`'s.

use anteroom_core::ids::SubscriberId;
use anteroom_core::language::Language;

use crate::error::StoreError;
use crate::open::Store;
use crate::pools::{Conn, End, writing};

impl Store {
    /// Writes down the language that somebody chose.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn language_chosen(
        &self,
        id: SubscriberId,
        language: Language,
    ) -> Result<(), StoreError> {
        writing!(self, Kill, c => {
            reads(c, id, language).await?;
            Ok(End::Commit(()))
        })
    }
}

/// The same, in the transaction that `c` is in. Writes only what is new.
pub(crate) async fn reads(
    c: &mut Conn,
    id: SubscriberId,
    language: Language,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE subscriber SET language = $2 WHERE id = $1 AND language IS NOT $2")
        .bind(id.0)
        .bind(language.tag())
        .execute(&mut *c)
        .await?;
    Ok(())
}
