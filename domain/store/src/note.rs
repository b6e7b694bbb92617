//! What operators write down about a person.
//!
//! The audit log says who wrote when, never what: a note may name things that do not belong there.
//! Notes are read with the person ([`person`](crate::person)).

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::SubscriberId;

use crate::audit;
use crate::error::StoreError;
use crate::factors;
use crate::open::Store;
use crate::paper::Paper;
use crate::pools::{End, writing};

/// The longest note, in characters; what is longer is cut.
pub const MAX_NOTE_CHARS: usize = 2_000;

impl Store {
    /// Writes a note down. `false` when there is no such person, or nothing in the note.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Full`].
    pub async fn note_add(
        &self,
        id: SubscriberId,
        text: &str,
        paper: &Paper<'_>,
    ) -> Result<bool, StoreError> {
        let text = clean_note(text);
        if text.is_empty() {
            return Ok(false);
        }
        writing!(self, PowerCut, c => {
            if !factors::is_person(c, id).await? {
                return Ok(End::Rollback(false));
            }
            sqlx::query(
                "INSERT INTO note (subscriber_id, at, operator, text) VALUES ($1, $2, $3, $4)",
            )
            .bind(id.0)
            .bind(paper.now.as_millis())
            .bind(paper.operator)
            .bind(&text)
            .execute(&mut *c)
            .await?;
            let events = paper.events(AuditKind::NoteAdded, Some(id));
            audit::append(c, &self.inner.keys, &events, paper.now).await?;
            Ok(End::Commit(true))
        })
    }
}

/// The note as it is kept: lines stay lines, whatever else steers a terminal or turns the reading
/// direction does not.
fn clean_note(text: &str) -> String {
    let lines = text.trim().lines().map(|line| {
        let steers = |c: char| {
            c.is_control()
                || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
                    | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
        };
        let clean = line.trim_end().chars();
        let clean = clean.map(|c| if c == '\t' { ' ' } else { c });
        clean
            .map(|c| if steers(c) { '\u{FFFD}' } else { c })
            .collect::<String>()
    });
    let all = lines.collect::<Vec<_>>().join("\n");
    all.chars().take(MAX_NOTE_CHARS).collect()
}
