//! `anteroom audit report`: what an auditor asks for, as rows.
//!
//! Who has which factor since when; resets with operator, approver and reason; operators over time.
//! Reads only.

use anteroom_core::export::{AUDIT_COLUMNS, FACTOR_COLUMNS, RESET_COLUMNS, audit_cells};
use anteroom_core::time::Timestamp;
use anteroom_store::{FactorRow, PersonFactors, ResetRow};
use serde_json::{Value, json};

use crate::audit_export::{self, Format, Rows};
use crate::audit_log::{self, Names};
use crate::failure::Failure;
use crate::moment::rfc3339;
use crate::operator::Operator;

/// Rows or people read at a time.
const PAGE: u32 = 500;

/// Which report.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Report {
    /// Who has which second factor, since when
    Factors,
    /// Resets, temporary codes, merges and suspensions, with operator, approver, reason and check
    Resets,
    /// Operators and their roles over time
    Operators,
}

/// Writes a report to standard output, oldest first.
///
/// # Errors
/// When a moment is none, the store cannot be read, or nobody reads on.
pub async fn run(
    operator: &Operator,
    report: Report,
    from: Option<&str>,
    until: Option<&str>,
    format: Format,
) -> Result<(), Failure> {
    let from = audit_export::when(from, "--from", operator.now)?;
    let until = audit_export::when(until, "--until", operator.now)?;
    let span = (
        from.unwrap_or_default(),
        until.unwrap_or(Timestamp::from_millis(i64::MAX)),
    );
    let mut out = Rows::new(format);
    match report {
        Report::Factors => factors(operator, &mut out).await?,
        Report::Resets => resets(operator, span, &mut out).await?,
        Report::Operators => operators(operator, span, &mut out).await?,
    }
    out.finish()
}

async fn factors(operator: &Operator, out: &mut Rows) -> Result<(), Failure> {
    out.head(&FACTOR_COLUMNS)?;
    let mut after = None;
    loop {
        let page = operator.store.report_factors(after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.id);
        for one in &page {
            if one.factors.is_empty() {
                put_factor(out, one, None)?;
            }
            for factor in &one.factors {
                put_factor(out, one, Some(factor))?;
            }
        }
    }
}

fn put_factor(
    out: &mut Rows,
    one: &PersonFactors,
    factor: Option<&FactorRow>,
) -> Result<(), Failure> {
    let tenant = one.tenant.replace(crate::operator::TENANT_SEPARATOR, " / ");
    let text = |of: fn(&FactorRow) -> String| factor.map(of);
    let values: [Option<String>; 12] = [
        Some(one.id.to_string()),
        Some(one.display_name.clone()),
        Some(one.realm.clone()),
        Some(tenant),
        Some(one.suspended.to_string()),
        text(|factor| factor.kind.clone()),
        text(|factor| factor.label.clone()),
        text(|factor| factor.proof.clone()),
        text(|factor| rfc3339(factor.enrolled_at)),
        factor.and_then(|factor| factor.last_used_at).map(rfc3339),
        text(|factor| factor.disabled.to_string()),
        Some(one.recovery_left.to_string()),
    ];
    put(out, &FACTOR_COLUMNS, values)
}

async fn resets(
    operator: &Operator,
    (from, until): (Timestamp, Timestamp),
    out: &mut Rows,
) -> Result<(), Failure> {
    out.head(&RESET_COLUMNS)?;
    let (mut beyond, mut names) = (None, Names::default());
    loop {
        let page = operator
            .store
            .report_resets(from, until, beyond, PAGE)
            .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        beyond = Some(last.seq);
        let ids = page.iter().filter_map(|row| row.subscriber);
        names.meet(operator, ids).await?;
        for row in page {
            let name = names.known(row.subscriber).map(str::to_owned);
            put(out, &RESET_COLUMNS, reset_values(row, name))?;
        }
    }
}

fn reset_values(row: ResetRow, name: Option<String>) -> [Option<String>; 9] {
    [
        Some(row.seq.to_string()),
        Some(rfc3339(row.at)),
        Some(row.kind.name().to_owned()),
        row.subscriber.map(|id| id.to_string()),
        name,
        row.operator,
        row.reason,
        row.identity_check,
        row.approved_by,
    ]
}

async fn operators(
    operator: &Operator,
    (from, until): (Timestamp, Timestamp),
    out: &mut Rows,
) -> Result<(), Failure> {
    out.head(&AUDIT_COLUMNS)?;
    let mut beyond = None;
    loop {
        let page = operator
            .store
            .report_operators(from, until, beyond, PAGE)
            .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        beyond = Some(last.seq);
        for row in &page {
            out.put(
                || audit_log::as_json(row, None),
                || audit_cells(row.seq, row.at, &row.event, None, &row.hash),
            )?;
        }
    }
}

/// A row whose JSON has the columns' names, and `null` where a cell is empty.
fn put<const N: usize>(
    out: &mut Rows,
    columns: &[&str; N],
    values: [Option<String>; N],
) -> Result<(), Failure> {
    let object = || {
        let fields = columns.iter().zip(&values);
        let fields = fields.map(|(name, value)| ((*name).to_owned(), json!(value)));
        Value::Object(fields.collect())
    };
    let cells = || values.clone().map(Option::unwrap_or_default);
    out.put(object, cells)
}
