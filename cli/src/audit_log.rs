//! `anteroom audit …`: read the audit log's end, verify its chain, print its head.
//!
//! Never changes a row. A verification adds one of its own, which says who did it. Search and
//! export are `audit_export`'s, retention is `audit_retention`'s, reports `audit_report`'s.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{AppName, SubscriberId};
use anteroom_store::{AuditHead, AuditRow};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::operator::Operator;
use crate::{moment, say};

/// How often `--follow` looks.
const POLL: Duration = Duration::from_millis(500);
/// Rows of a long walk after which it is said how far it is.
pub(crate) const TOLD_EVERY: u64 = 200_000;
/// Rows read at a time.
const PAGE: u32 = 500;

/// Verifies the whole chain, and that it contains `head` if one was kept.
///
/// # Errors
/// When the log is not what was written, or the head is not one.
pub async fn verify(operator: &Operator, head: Option<&str>) -> Result<(), Failure> {
    let expected = head.map(read_head).transpose()?;
    let report = operator
        .store
        .audit_verify_telling(expected.as_ref(), told_now_and_then)
        .await?;
    if let Some(problem) = report.first_problem {
        return Err(Failure::failed(format!(
            "the audit log does NOT verify: {problem}.\n\
             {} rows before that are good. Keep the database file as it is, and look who could \
             write to it.",
            report.rows
        )));
    }
    let event = AuditEvent::new(AuditKind::AuditVerified)
        .operator(&operator.name)
        .reason(&format!("{} rows", report.rows));
    operator.store.audit_append(&[event], operator.now).await?;
    let outside = if expected.is_some() {
        ", and contains the head that you kept"
    } else {
        ""
    };
    let gone = match report.pruned {
        0 => String::new(),
        rows => format!(" (the first {rows} were removed by retention)"),
    };
    say::answer(format!(
        "The audit log is whole: {} rows, each as it was written{gone}{outside}.",
        report.rows
    ))?;
    let head = operator.store.audit_head().await?;
    say::aside("Keep this head outside of this machine; with --head it proves more next time:");
    say::answer(head)
}

/// Says on standard error how far a long walk is.
fn told_now_and_then(rows: u64) {
    if rows.is_multiple_of(TOLD_EVERY) {
        say::aside(format!("{rows} rows so far"));
    }
}

/// Reads a head from the command line: itself, or a file that holds it.
fn read_head(given: &str) -> Result<AuditHead, Failure> {
    let text = match std::fs::read_to_string(Path::new(given)) {
        Ok(text) => text,
        Err(_) => given.to_owned(),
    };
    text.trim()
        .parse()
        .map_err(|problem| Failure::usage(format!("--head {given}: {problem}")))
}

/// Prints the head.
///
/// # Errors
/// When the log's end is not what was written.
pub async fn head(operator: &Operator) -> Result<(), Failure> {
    say::answer(operator.store.audit_head().await?)
}

/// Prints the newest rows, oldest first; then new ones as they come.
///
/// # Errors
/// When the store cannot be read.
pub async fn tail(operator: &Operator, n: u32, follow: bool, json: bool) -> Result<(), Failure> {
    let mut names = Names::default();
    let mut rows = operator.store.audit_tail(n).await?;
    rows.reverse();
    let mut last = match rows.last() {
        Some(row) => row.seq,
        None => operator.store.audit_head().await?.seq,
    };
    print(operator, &mut names, &rows, json).await?;
    if !follow {
        return Ok(());
    }
    loop {
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => return Ok(pressed?),
            () = tokio::time::sleep(POLL) => {}
        }
        let rows = operator.store.audit_after(last, PAGE).await?;
        last = rows.last().map_or(last, |row| row.seq);
        print(operator, &mut names, &rows, json).await?;
    }
}

async fn print(
    operator: &Operator,
    names: &mut Names,
    rows: &[AuditRow],
    json: bool,
) -> Result<(), Failure> {
    for row in rows {
        let who = names.of(operator, row.event.subscriber).await?;
        if json {
            say::answer(as_json(row, who))?;
        } else {
            say::answer(line(row, who))?;
        }
    }
    Ok(())
}

/// Names of subscribers, read when they are first met.
#[derive(Default)]
pub(crate) struct Names {
    known: HashMap<SubscriberId, String>,
}

impl Names {
    /// Reads the names of a whole page at once.
    pub(crate) async fn meet(
        &mut self,
        operator: &Operator,
        ids: impl Iterator<Item = SubscriberId>,
    ) -> Result<(), Failure> {
        let mut new: Vec<_> = ids.filter(|id| !self.known.contains_key(id)).collect();
        new.sort_unstable();
        new.dedup();
        if !new.is_empty() {
            let found = operator.store.subscriber_names(&new).await?;
            self.known.extend(found);
        }
        Ok(())
    }

    /// A name that was met.
    pub(crate) fn known(&self, id: Option<SubscriberId>) -> Option<&str> {
        id.and_then(|id| self.known.get(&id)).map(String::as_str)
    }

    async fn of(
        &mut self,
        operator: &Operator,
        id: Option<SubscriberId>,
    ) -> Result<Option<&str>, Failure> {
        let Some(id) = id else { return Ok(None) };
        if !self.known.contains_key(&id) {
            self.known
                .extend(operator.store.subscriber_names(&[id]).await?);
        }
        Ok(self.known.get(&id).map(String::as_str))
    }
}

/// One row for people: when, number, what, and whatever else is known.
#[must_use]
pub fn line(row: &AuditRow, who: Option<&str>) -> String {
    let event = &row.event;
    let mut text = format!(
        "{}  #{:<6} {:<24}",
        moment::in_utc(row.at),
        row.seq,
        event.kind.name()
    );
    let mut field = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&format!(" {name}={value}"));
        }
    };
    // Text is cleaned where it enters the log; quotes show where it ends.
    field(
        "who",
        who.map(|who| format!("{:?}", anteroom_core::audit::clean_text(who))),
    );
    field("app", event.app.as_ref().map(AppName::to_string));
    field("session", event.session.map(|session| session.short()));
    field("client", event.client.map(|client| client.to_string()));
    field("operator", event.operator.clone());
    field(
        "reason",
        event.reason.as_ref().map(|reason| format!("{reason:?}")),
    );
    field("reference", event.reference.map(|one| one.to_string()));
    text.truncate(text.trim_end().len());
    text
}

/// One row for a script.
#[must_use]
pub fn as_json(row: &AuditRow, who: Option<&str>) -> Value {
    let event = &row.event;
    json!({
        "seq": row.seq,
        "at": moment::rfc3339(row.at),
        "kind": event.kind.name(),
        "subscriber": event.subscriber.map(|id| id.0),
        "name": who,
        "app": event.app.as_ref().map(AppName::as_str),
        "session": event.session.map(|session| session.short()),
        "client": event.client.map(|client| client.to_string()),
        "operator": event.operator,
        "reason": event.reason,
        "reference": event.reference.map(|one| one.to_string()),
        "hash": HEXLOWER.encode(&row.hash),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anteroom_core::time::Timestamp;

    #[test]
    fn a_row_is_one_line_whatever_stands_in_it() {
        let event = AuditEvent::new(AuditKind::SubscriberReset)
            .subscriber(SubscriberId(3))
            .operator("jane")
            .reason("lost phone\nFAKE LINE");
        let row = AuditRow {
            seq: 12,
            at: Timestamp::from_secs(1_930_154_405),
            event,
            hash: [7; 32],
        };
        let said = line(&row, Some("ali\u{1b}[31mce"));
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!said.contains('\u{1b}'), "{said}");
        assert!(
            said.starts_with("2031-03-01 18:00:05 UTC  #12     subscriber_reset"),
            "{said}"
        );
        assert!(
            said.contains("operator=jane") && said.contains("lost phone"),
            "{said}"
        );
        assert_eq!(as_json(&row, None)["at"], "2031-03-01T18:00:05.000Z");
    }

    #[test]
    fn a_head_that_is_none_is_named() {
        let problem = read_head("nonsense").expect_err("no head");
        assert!(problem.to_string().contains("nonsense"), "{problem}");
        assert_eq!(problem.code(), 2);
    }
}
