//! `anteroom audit search` and `export`: the rows that are wanted, on the screen or as a file.
//!
//! Reads page by page, so that a log of any length fits. An export is itself in the log before its
//! first row leaves. Cells of a CSV are made harmless for spreadsheets; JSON lines hold the text as
//! it is.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::export::{AUDIT_COLUMNS, audit_cells, csv_safe};
use anteroom_core::ids::{AppName, SubscriberId};
use anteroom_core::reference::Reference;
use anteroom_core::time::Timestamp;
use anteroom_store::{AuditQuery, AuditRow};
use serde_json::Value;

use crate::audit_log::{self, Names, TOLD_EVERY};
use crate::failure::Failure;
use crate::operator::{Operator, Scope};
use crate::{moment, people, say};

/// Rows read at a time.
const PAGE: u32 = 1_000;

/// Which rows.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Filters {
    /// Not before: 2031-03-01, 2031-03-01T18:00 (UTC), or a span back from now such as '30 d'
    #[arg(long, value_name = "WHEN")]
    pub from: Option<String>,
    /// Only before
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Only of this kind, such as challenge_failed; can be given several times
    #[arg(long = "kind", value_name = "KIND")]
    pub kinds: Vec<String>,
    /// Only about this person
    #[arg(long, value_name = "NAME")]
    pub person: Option<String>,
    /// Only by this operator
    #[arg(long = "by", value_name = "OPERATOR")]
    pub by: Option<String>,
    /// Only at this app
    #[arg(long, value_name = "APP")]
    pub app: Option<String>,
    /// Only what the request did whose page shows this reference
    #[arg(long, value_name = "REFERENCE")]
    pub reference: Option<String>,
}

/// How rows are written.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Comma-separated values, safe to open in a spreadsheet
    Csv,
    /// JSON, an object a line
    Jsonl,
}

/// The filters, understood.
#[derive(Debug)]
struct Wanted {
    subscriber: Option<SubscriberId>,
    operator: Option<String>,
    app: Option<AppName>,
    reference: Option<Reference>,
    kinds: Vec<AuditKind>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Wanted {
    async fn of(operator: &Operator, filters: &Filters) -> Result<Self, Failure> {
        let subscriber = match &filters.person {
            None => None,
            Some(name) => Some(people::find(operator, name, &Scope::default()).await?.id),
        };
        let kinds = filters.kinds.iter().map(|name| kind(name));
        Ok(Self {
            subscriber,
            operator: filters.by.clone(),
            app: filters.app.as_deref().map(AppName::new),
            reference: filters.reference.as_deref().map(reference).transpose()?,
            kinds: kinds.collect::<Result<_, _>>()?,
            from: when(filters.from.as_deref(), "--from", operator.now)?,
            until: when(filters.until.as_deref(), "--until", operator.now)?,
        })
    }

    fn query(&self) -> AuditQuery<'_> {
        AuditQuery {
            subscriber: self.subscriber,
            operator: self.operator.as_deref(),
            app: self.app.as_ref(),
            reference: self.reference,
            kinds: &self.kinds,
            from: self.from,
            until: self.until,
            limit: PAGE,
            ..AuditQuery::default()
        }
    }
}

/// Reads a moment that was typed for an option.
///
/// # Errors
/// When it is none.
pub fn when(
    typed: Option<&str>,
    option: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, Failure> {
    let Some(typed) = typed else { return Ok(None) };
    let read = moment::read(typed, now).ok_or_else(|| {
        Failure::usage(format!(
            "{option} {typed:?}: a date such as 2031-03-01, a moment such as 2031-03-01T18:00 \
             (UTC), or a span back from now such as '6 y', '30 d', '12 h'"
        ))
    })?;
    Ok(Some(read))
}

fn reference(typed: &str) -> Result<Reference, Failure> {
    Reference::parse(typed).ok_or_else(|| {
        Failure::usage(format!(
            "--reference {typed:?}: eight letters and digits, as they stand at the foot of the page"
        ))
    })
}

fn kind(name: &str) -> Result<AuditKind, Failure> {
    AuditKind::from_name(name).ok_or_else(|| {
        let part = name.split('_').next().unwrap_or(name);
        let known = AuditKind::ALL.iter().map(|kind| kind.name());
        let close: Vec<_> = known.filter(|known| known.contains(part)).collect();
        let hint = if close.is_empty() {
            String::new()
        } else {
            format!("; perhaps {}?", close.join(", "))
        };
        Failure::usage(format!("there is no kind {name:?}{hint}"))
    })
}

/// Prints the newest `n` rows that are wanted, oldest of them first.
///
/// # Errors
/// When a filter makes no sense, or the store cannot be read.
pub async fn search(
    operator: &Operator,
    filters: &Filters,
    n: u32,
    json: bool,
) -> Result<(), Failure> {
    let wanted = Wanted::of(operator, filters).await?;
    let mut names = Names::default();
    let (mut found, mut beyond) = (Vec::new(), None);
    while found.len() < n as usize {
        let query = AuditQuery {
            beyond,
            ..wanted.query()
        };
        let page = operator.store.audit_search(&query).await?;
        beyond = page.last().map(|row| row.seq);
        let last = page.len() < PAGE as usize;
        found.extend(page);
        if last {
            break;
        }
    }
    found.truncate(n as usize);
    let ids = found.iter().filter_map(|row| row.event.subscriber);
    names.meet(operator, ids).await?;
    for row in found.iter().rev() {
        let who = names.known(row.event.subscriber);
        if json {
            say::answer(audit_log::as_json(row, who))?;
        } else {
            say::answer(audit_log::line(row, who))?;
        }
    }
    if found.is_empty() {
        say::aside("No row is like that.");
    }
    Ok(())
}

/// Writes every row that is wanted to standard output, oldest first.
///
/// # Errors
/// When a filter makes no sense, the export cannot be noted in the log, or nobody reads on.
pub async fn export(operator: &Operator, filters: &Filters, format: Format) -> Result<(), Failure> {
    let mut wanted = Wanted::of(operator, filters).await?;
    // Rows of this moment and later are not waited for: the export is a thing of the past.
    wanted.until.get_or_insert(operator.now);
    let noted = AuditEvent::new(AuditKind::AuditExported)
        .operator(&operator.name)
        .reason(&described(&wanted, format));
    operator.store.audit_append(&[noted], operator.now).await?;
    let (mut out, mut names) = (Rows::new(format), Names::default());
    out.head(&AUDIT_COLUMNS)?;
    let (mut count, mut beyond) = (0_u64, None);
    loop {
        let query = AuditQuery {
            beyond,
            oldest_first: true,
            ..wanted.query()
        };
        let page = operator.store.audit_search(&query).await?;
        let ids = page.iter().filter_map(|row| row.event.subscriber);
        names.meet(operator, ids).await?;
        for row in &page {
            put(&mut out, row, names.known(row.event.subscriber))?;
        }
        let before = count / TOLD_EVERY;
        count += page.len() as u64;
        if count / TOLD_EVERY > before {
            say::aside(format!("{count} rows so far"));
        }
        beyond = page.last().map(|row| row.seq);
        if page.len() < PAGE as usize {
            break;
        }
    }
    out.finish()?;
    say::aside(format!("{count} rows."));
    Ok(())
}

fn put(out: &mut Rows, row: &AuditRow, who: Option<&str>) -> Result<(), Failure> {
    out.put(
        || audit_log::as_json(row, who),
        || audit_cells(row.seq, row.at, &row.event, who, &row.hash),
    )
}

fn described(wanted: &Wanted, format: Format) -> String {
    let mut said = match format {
        Format::Csv => "csv".to_owned(),
        Format::Jsonl => "jsonl".to_owned(),
    };
    let mut part = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            said.push_str(&format!(" {name} {value}"));
        }
    };
    part("from", wanted.from.map(moment::rfc3339));
    part("until", wanted.until.map(moment::rfc3339));
    part("person", wanted.subscriber.map(|id| format!("#{id}")));
    part("by", wanted.operator.clone());
    part("app", wanted.app.as_ref().map(AppName::to_string));
    let kinds: Vec<_> = wanted.kinds.iter().map(|kind| kind.name()).collect();
    part("kinds", (!kinds.is_empty()).then(|| kinds.join(" ")));
    said
}

/// Rows on their way to standard output.
pub struct Rows {
    csv: Option<csv::Writer<std::io::Stdout>>,
}

impl Rows {
    /// Writes in this format.
    #[must_use]
    pub fn new(format: Format) -> Self {
        let csv = (format == Format::Csv).then(|| csv::Writer::from_writer(std::io::stdout()));
        Self { csv }
    }

    /// The names of the columns, where the format has a line for them.
    ///
    /// # Errors
    /// [`Failure::Unheard`] when nobody reads.
    pub fn head(&mut self, columns: &[&str]) -> Result<(), Failure> {
        match &mut self.csv {
            None => Ok(()),
            Some(csv) => csv.write_record(columns).map_err(|_| Failure::Unheard),
        }
    }

    /// One row, in whichever form the format asks for.
    ///
    /// # Errors
    /// [`Failure::Unheard`] when nobody reads.
    pub fn put<C: AsRef<[String]>>(
        &mut self,
        object: impl FnOnce() -> Value,
        cells: impl FnOnce() -> C,
    ) -> Result<(), Failure> {
        let Some(csv) = &mut self.csv else {
            return say::answer(object());
        };
        let cells = cells();
        let safe = cells.as_ref().iter().map(|cell| csv_safe(cell));
        let written = csv.write_record(safe.map(|cell| cell.into_owned().into_bytes()));
        written.map_err(|_| Failure::Unheard)
    }

    /// Sees the last row off.
    ///
    /// # Errors
    /// [`Failure::Unheard`] when nobody reads.
    pub fn finish(mut self) -> Result<(), Failure> {
        match &mut self.csv {
            None => Ok(()),
            Some(csv) => csv.flush().map_err(|_| Failure::Unheard),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_is_none_names_close_ones() {
        assert_eq!(kind("note_added").ok(), Some(AuditKind::NoteAdded));
        let said = kind("challenge_fail")
            .expect_err("no such kind")
            .to_string();
        assert!(said.contains("challenge_failed"), "{said}");
    }

    #[test]
    fn what_was_exported_is_told() {
        let wanted = Wanted {
            reference: None,
            subscriber: Some(SubscriberId(3)),
            operator: Some("olga".to_owned()),
            app: None,
            kinds: vec![AuditKind::NoteAdded],
            from: None,
            until: Some(Timestamp::from_secs(0)),
        };
        assert_eq!(
            described(&wanted, Format::Csv),
            "csv until 1970-01-01T00:00:00.000Z person #3 by olga kinds note_added"
        );
    }
}
