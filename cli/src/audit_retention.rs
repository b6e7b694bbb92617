//! `anteroom audit prune`: lets the oldest rows of the log go.
//!
//! Asks first, and says what is left. What removes them by itself, by the configured years, is the
//! service's.

use crate::audit_export;
use crate::failure::Failure;
use crate::operator::Operator;
use crate::{moment, say};

/// Removes the rows before a moment.
///
/// # Errors
/// When the moment is none, the operator does not confirm, a row is not what was written, or the
/// store cannot write.
pub async fn prune(operator: &Operator, older_than: &str, sure: bool) -> Result<(), Failure> {
    let older_than = audit_export::when(Some(older_than), "--older-than", operator.now)?
        .ok_or_else(|| Failure::usage("--older-than is needed"))?;
    let until = moment::in_utc(older_than);
    let question = format!(
        "This removes every row of the audit log before {until}, for good. Export them first.\n\
         A head that was kept before the removed rows' end proves nothing afterwards. Remove them?"
    );
    if !sure && !say::asks_yes(&question)? {
        return Err(Failure::failed(
            "not confirmed; nothing was changed (--yes answers beforehand)",
        ));
    }
    let pruned = operator
        .store
        .audit_prune(older_than, &operator.paper())
        .await?;
    say::answer(match pruned.rows {
        0 => format!("No row is older than {until}; nothing was removed."),
        rows => format!(
            "{rows} rows are removed, the last of them number {}; the log verifies from the next \
             one on.",
            pruned.through
        ),
    })
}
