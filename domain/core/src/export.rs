//! Rows for other programs: the columns of an export, and cells that no spreadsheet runs.
//!
//! One shape for every way out (files, the API, a SIEM's pull), so that they can be compared. Text
//! that came from outside is made harmless for spreadsheets only where a spreadsheet reads it, in
//! CSV: JSON keeps it as it is. Never writes a file.

use std::borrow::Cow;

use crate::audit::AuditEvent;
use crate::ids::AppName;
use crate::time::Timestamp;

/// The columns of the audit log, in CSV and as names in JSON.
pub const AUDIT_COLUMNS: [&str; 12] = [
    "seq",
    "at",
    "kind",
    "subscriber",
    "name",
    "app",
    "session",
    "client",
    "operator",
    "reason",
    "hash",
    "reference",
];

/// The columns of the report on factors; one row for each authenticator, or one for none.
pub const FACTOR_COLUMNS: [&str; 12] = [
    "subscriber",
    "name",
    "realm",
    "tenant",
    "suspended",
    "kind",
    "label",
    "proof",
    "enrolled_at",
    "last_used_at",
    "disabled",
    "recovery_left",
];

/// The columns of the report on resets.
pub const RESET_COLUMNS: [&str; 9] = [
    "seq",
    "at",
    "act",
    "subscriber",
    "name",
    "operator",
    "reason",
    "identity_check",
    "approved_by",
];

/// One row of the audit log as the cells of [`AUDIT_COLUMNS`]; what is not known is empty.
#[must_use]
pub fn audit_cells(
    seq: i64,
    at: Timestamp,
    event: &AuditEvent,
    name: Option<&str>,
    hash: &[u8; 32],
) -> [String; 12] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        seq.to_string(),
        at.rfc3339(),
        event.kind.name().to_owned(),
        event
            .subscriber
            .map(|id| id.to_string())
            .unwrap_or_default(),
        name.unwrap_or_default().to_owned(),
        event
            .app
            .as_ref()
            .map(AppName::to_string)
            .unwrap_or_default(),
        event
            .session
            .map(|session| session.short())
            .unwrap_or_default(),
        event
            .client
            .map(|client| client.to_string())
            .unwrap_or_default(),
        text(&event.operator),
        text(&event.reason),
        hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        event
            .reference
            .map(|reference| reference.to_string())
            .unwrap_or_default(),
    ]
}

/// A cell that a spreadsheet shows and does not run: what begins like a formula gets an apostrophe
/// in front, behind which every spreadsheet takes text for text (OWASP, "CSV Injection").
///
/// Also behind blanks, which some drop, and for the wide forms of the same signs, which some read
/// as the narrow ones. What turns the reading direction or steers a terminal becomes U+FFFD, so
/// that no name reads as another (attack E06). Quoting is the CSV writer's.
#[must_use]
pub fn csv_safe(cell: &str) -> Cow<'_, str> {
    let begins = |c: char| {
        matches!(
            c,
            '=' | '+'
                | '-'
                | '@'
                | '\t'
                | '\r'
                | '\n'
                | '\u{FF1D}'
                | '\u{FF0B}'
                | '\u{FF0D}'
                | '\u{FF20}'
        )
    };
    let steers = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
            || matches!(c,
                '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    let runs = cell.starts_with(begins) || cell.trim_start().starts_with(begins);
    match (runs, cell.contains(steers)) {
        (false, false) => Cow::Borrowed(cell),
        (true, false) => Cow::Owned(format!("'{cell}")),
        (runs, true) => {
            let apostrophe = if runs { "'" } else { "" };
            Cow::Owned(format!("{apostrophe}{}", cell.replace(steers, "\u{FFFD}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::AuditKind;

    #[test]
    fn nothing_that_begins_like_a_formula_stays_one() {
        for bad in [
            "=HYPERLINK(\"http://evil.test\",\"x\")",
            "=cmd|' /C calc'!A0",
            "+1+1",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            " =1",
            "\u{A0}+1",
            "\u{FF1D}1",
            "\u{FF20}x",
        ] {
            assert_eq!(csv_safe(bad), format!("'{bad}"), "{bad:?}");
        }
    }

    #[test]
    fn no_cell_turns_the_reading_direction() {
        assert_eq!(
            csv_safe("gpj.\u{202e}exe\u{1b}[2J"),
            "gpj.\u{FFFD}exe\u{FFFD}[2J"
        );
        assert_eq!(csv_safe("=1\u{2066}"), "'=1\u{FFFD}");
        assert_eq!(csv_safe("two\nlines"), "two\nlines");
    }

    #[test]
    fn harmless_text_is_left_alone() {
        for good in [
            "", "alice", "Zoë", "a=b", "1-2", "'x", "李 雷", "o'brien", " x",
        ] {
            assert!(
                matches!(csv_safe(good), Cow::Borrowed(same) if same == good),
                "{good:?}"
            );
        }
    }

    #[test]
    fn a_row_has_a_cell_for_every_column() {
        let event = AuditEvent::new(AuditKind::NoteAdded).operator("olga");
        let cells = audit_cells(
            7,
            Timestamp::from_secs(0),
            &event,
            Some("=alice"),
            &[0xab; 32],
        );
        let of = |column: &str| {
            let place = AUDIT_COLUMNS.iter().position(|one| *one == column).unwrap();
            cells[place].as_str()
        };
        assert_eq!((of("seq"), of("at")), ("7", "1970-01-01T00:00:00.000Z"));
        assert_eq!(
            (of("kind"), of("operator"), of("app")),
            ("note_added", "olga", "")
        );
        assert_eq!((of("name"), &of("hash")[..4]), ("=alice", "abab"));
    }
}
