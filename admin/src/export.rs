//! Rows as files: CSV that no spreadsheet runs, and JSON lines. Streamed page by page, so a log of
//! millions of rows needs no memory.
//!
//! Which rows is the caller's choice; that an export is itself audited too.

use std::collections::HashMap;
use std::sync::Arc;

use anteroom_core::export::{AUDIT_COLUMNS, audit_cells, csv_safe};
use anteroom_core::ids::SubscriberId;
use anteroom_store::{AuditRow, StoreError};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use crate::Admin;
use crate::api::shapes::AuditEntry;
use crate::routes::Wanted;

/// Rows read at a time.
const PAGE: u32 = 1000;

/// How rows are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// RFC 4180, with a heading.
    Csv,
    /// An object a line.
    JsonLines,
}

/// How far an export has come.
struct Progress {
    admin: Arc<Admin>,
    wanted: Wanted,
    format: Format,
    beyond: Option<i64>,
    begun: bool,
    over: bool,
}

/// The audit log as a file.
pub(crate) fn audit(admin: Arc<Admin>, wanted: Wanted, format: Format) -> Response {
    let progress = Progress {
        admin,
        wanted,
        format,
        beyond: None,
        begun: false,
        over: false,
    };
    let rows = stream::unfold(progress, |mut progress| async move {
        if progress.over {
            return None;
        }
        let page = progress.page().await;
        // A file that breaks off is cut visibly: the connection ends in an error.
        progress.over |= page.is_err();
        Some((page, progress))
    });
    file(Body::from_stream(rows), "anteroom-audit", format)
}

/// A file that is whole already.
pub(crate) fn csv(name: &str, columns: &[&str], rows: &[Vec<String>]) -> Response {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory cannot fail; a row of another length would be a mistake of ours.
    let _ = writer.write_record(columns);
    for row in rows {
        let _ = writer.write_record(row.iter().map(|cell| csv_safe(cell).into_owned()));
    }
    let text = writer.into_inner().unwrap_or_default();
    file(Body::from(text), name, Format::Csv)
}

fn file(body: Body, name: &str, format: Format) -> Response {
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::JsonLines => ("application/jsonl; charset=utf-8", "jsonl"),
    };
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, body).into_response()
}

impl Progress {
    async fn page(&mut self) -> Result<Bytes, StoreError> {
        let query = self.wanted.query(self.beyond, PAGE, true);
        let rows = self.admin.store.audit_search(&query).await?;
        self.over = rows.len() < PAGE as usize;
        self.beyond = rows.last().map(|row| row.seq).or(self.beyond);
        let ids: Vec<SubscriberId> = rows.iter().filter_map(|row| row.event.subscriber).collect();
        let names = self.admin.store.subscriber_names(&ids).await?;
        let names: HashMap<SubscriberId, String> = names.into_iter().collect();
        let text = match self.format {
            Format::Csv => self.as_csv(&rows, &names),
            Format::JsonLines => as_lines(&rows),
        };
        self.begun = true;
        Ok(Bytes::from(text))
    }

    fn as_csv(&self, rows: &[AuditRow], names: &HashMap<SubscriberId, String>) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        if !self.begun {
            let _ = writer.write_record(AUDIT_COLUMNS);
        }
        for row in rows {
            let name = row.event.subscriber.and_then(|id| names.get(&id));
            let name = name.map(String::as_str);
            let cells = audit_cells(row.seq, row.at, &row.event, name, &row.hash);
            let _ = writer.write_record(cells.iter().map(|cell| csv_safe(cell).into_owned()));
        }
        writer.into_inner().unwrap_or_default()
    }
}

fn as_lines(rows: &[AuditRow]) -> Vec<u8> {
    let mut text = Vec::new();
    for row in rows {
        if let Ok(line) = serde_json::to_vec(&AuditEntry::of(row)) {
            text.extend_from_slice(&line);
            text.push(b'\n');
        }
    }
    text
}
