//! `anteroom emergency …`: break-glass. Exceptions for one app, and codes for sealed envelopes.
//!
//! An exception needs two names, one of them the operator's; nobody can check here that the second
//! person agreed, but the audit log says who was named. Codes are printed once and kept as MACs.

use std::time::Duration;

use anteroom_config::settings::AppSettings;
use anteroom_core::sealed_code::SealedCode;
use anteroom_store::{EmergencyOpened, EmergencyView, Paper, SealedBatch};

use crate::failure::Failure;
use crate::operator::{Operator, Scope};
use crate::{columns, moment, say};

/// The longest exception that can be asked for; the configuration may allow less.
pub const MOST_MINUTES: u64 = 24 * 60;
/// The most codes in one batch.
pub const MOST_CODES: u32 = 200;
/// How many exceptions `list` shows.
const LISTED: u32 = 20;

/// What is asked for with `open`.
pub struct Opening<'w> {
    /// For how long.
    pub minutes: u64,
    /// Why.
    pub reason: &'w str,
    /// The second person.
    pub second: &'w str,
    /// Do not ask.
    pub sure: bool,
}

/// Opens an exception.
///
/// # Errors
/// When it would be too long, lacks a second person, is open already, or is not confirmed.
pub async fn open(operator: &Operator, app: &str, wanted: Opening<'_>) -> Result<(), Failure> {
    let app = named(operator, app)?;
    let (title, name) = (&app.display_name, app.name.as_str());
    let life = Duration::from_secs(wanted.minutes * 60);
    let longest = operator
        .settings
        .admin
        .as_ref()
        .map(|admin| admin.emergency_longest);
    if let Some(longest) = longest.filter(|longest| life > *longest) {
        return Err(Failure::usage(format!(
            "the configuration allows {} at most",
            moment::in_words(longest)
        )));
    }
    let question = format!(
        "For {} everybody known at {title} will get in with a password alone. Open it?",
        moment::in_words(life)
    );
    if !wanted.sure && !say::asks_yes(&question)? {
        return Err(Failure::failed(
            "not confirmed; nothing was changed (--yes answers beforehand)",
        ));
    }
    let paper = Paper {
        approved_by: Some(wanted.second),
        ..Paper::of(&operator.name, operator.now).because(wanted.reason)
    };
    let ends_at = operator.now.plus(life);
    match operator
        .store
        .emergency_open(&app.name, ends_at, paper)
        .await?
    {
        EmergencyOpened::Opened(_) => say::answer(format!(
            "Emergency access to {title} is open until {}. It ends by itself, and every session \
             that began under it with it.\n\
             To close it before: anteroom emergency close {name}",
            moment::in_utc(ends_at)
        )),
        EmergencyOpened::Already(open) => Err(Failure::failed(format!(
            "it is open already, until {}, by {} and {}; nothing was changed",
            moment::in_utc(open.ends_at),
            open.opened_by,
            open.approved_by
        ))),
        EmergencyOpened::NoSecond => Err(Failure::usage(format!(
            "--second has to name somebody else than you ({})",
            operator.name
        ))),
    }
}

/// Closes what is open for an app.
///
/// # Errors
/// When nothing is open, or the store cannot write.
pub async fn close(operator: &Operator, app: &str) -> Result<(), Failure> {
    let app = named(operator, app)?;
    let title = &app.display_name;
    let paper = Paper::of(&operator.name, operator.now);
    match operator.store.emergency_close(&app.name, paper).await? {
        Some(sessions) => say::answer(format!(
            "Emergency access to {title} is closed; {} that began under it end within two \
             seconds.",
            counted(sessions, "session")
        )),
        None => Err(Failure::failed(format!(
            "no emergency access to {title} is open; nothing was changed"
        ))),
    }
}

/// Lists the latest exceptions.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(operator: &Operator) -> Result<(), Failure> {
    let found = operator.store.emergencies_latest(LISTED).await?;
    if found.is_empty() {
        say::aside("Emergency access was never opened.");
        return Ok(());
    }
    let head = ["APP", "STATE", "OPENED", "ENDS", "BY", "AND", "REASON"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(found.iter().map(|one| line(operator, one)));
    say::answer(columns::aligned(&rows))
}

fn line(operator: &Operator, one: &EmergencyView) -> Vec<String> {
    let state = match &one.closed_by {
        _ if one.is_open(operator.now) => "open".to_owned(),
        Some(by) => format!("closed by {by}"),
        None => "over".to_owned(),
    };
    vec![
        one.app.as_str().to_owned(),
        state,
        moment::in_utc(one.opened_at),
        moment::in_utc(one.closed_at.unwrap_or(one.ends_at)),
        one.opened_by.clone(),
        one.approved_by.clone(),
        anteroom_core::audit::clean_text(&one.reason),
    ]
}

/// Prints codes for sealed envelopes.
///
/// # Errors
/// When the store cannot write: then no code is shown.
pub async fn print_codes(
    operator: &Operator,
    app: &str,
    count: u32,
    reason: &str,
) -> Result<(), Failure> {
    let app = named(operator, app)?;
    let mint = |_| {
        let mut random = [0; 15];
        (operator.entropy)(&mut random);
        SealedCode::mint(&random)
    };
    let codes: Vec<SealedCode> = (0..count).map(mint).collect();
    let paper = Paper::of(&operator.name, operator.now).because(reason);
    let batch = operator
        .store
        .sealed_codes_issue(&app.name, &codes, paper)
        .await?;
    let lines: Vec<String> = (1_u32..)
        .zip(&codes)
        .map(|(serial, code)| format!("{batch}-{serial:<4}  {}", code.shown()))
        .collect();
    say::answer(format!(
        "Codes for sealed envelopes, {}, batch {batch}, printed {}\n\
         Each lets one enrolled person in once, after the password. Seal each by itself, and\n\
         write its number on the envelope, so that it is known which one was opened.\n\
         \n{}\n\
         \n\
         These codes are shown only now. What was used: anteroom emergency codes {}",
        app.display_name,
        moment::in_utc(operator.now),
        lines.join("\n"),
        app.name.as_str()
    ))
}

/// Lists what was printed and used for an app. Never a code.
///
/// # Errors
/// When the store cannot be read.
pub async fn codes(operator: &Operator, app: &str) -> Result<(), Failure> {
    let app = named(operator, app)?;
    let batches = operator.store.sealed_codes_of(&app.name).await?;
    if batches.is_empty() {
        say::aside(format!("No codes were printed for {}.", app.display_name));
        return Ok(());
    }
    let text: Vec<String> = batches.iter().map(batch_text).collect();
    say::answer(text.join("\n"))
}

fn batch_text(one: &SealedBatch) -> String {
    let mut text = format!(
        "batch {}: {} of {} left, printed {} by {}",
        one.batch,
        one.left,
        one.total,
        moment::in_utc(one.issued_at),
        one.operator
    );
    for used in &one.used {
        text.push_str(&format!(
            "\n  {}-{} used {} by {}",
            one.batch,
            used.serial,
            moment::in_utc(used.at),
            anteroom_core::audit::clean_text(&used.name)
        ));
    }
    text
}

/// Makes the unused codes of a batch worthless.
///
/// # Errors
/// When none is left of it, or the store cannot write.
pub async fn revoke_codes(operator: &Operator, app: &str, batch: i64) -> Result<(), Failure> {
    let app = named(operator, app)?;
    let paper = Paper::of(&operator.name, operator.now);
    let revoked = operator
        .store
        .sealed_codes_revoke(&app.name, batch, paper)
        .await?;
    if revoked == 0 {
        return Err(Failure::failed(format!(
            "{} has no unused codes in batch {batch}; nothing was changed",
            app.display_name
        )));
    }
    say::answer(format!(
        "{} of batch {batch} count no more. Destroy the envelopes.",
        counted(revoked, "code")
    ))
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn named<'o>(operator: &'o Operator, app: &str) -> Result<&'o AppSettings, Failure> {
    let scope = Scope {
        app: Some(app.to_owned()),
        ..Scope::default()
    };
    let found = operator.apps(&scope)?;
    found
        .first()
        .copied()
        .ok_or_else(|| Failure::usage("no app is configured"))
}
