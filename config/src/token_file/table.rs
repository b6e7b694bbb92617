//! CSV: one token on each line. Columns by their names, or without a heading in the order serial,
//! secret, type, digits, period, counter, algorithm.
//!
//! Never guesses how a secret is written where both readings are possible: that is refused, and
//! `hex:` or `base32:` before it settles it. Look next: `pskc` for the other kind of file.

use anteroom_core::hardware_token::TokenSeed;
use data_encoding::{BASE32_NOPAD, HEXUPPER};
use zeroize::Zeroizing;

use super::{Line, MOST_TOKENS, TokenFileProblem};
use crate::list;

/// The columns, each with the names that makers and programs give it.
const NAMES: [&[&str]; 7] = [
    &["serial", "serial number", "serialnumber"],
    &["secret", "secret key", "secretkey", "seed", "key"],
    &["type", "kind"],
    &["digits", "otp length"],
    &[
        "period",
        "time interval",
        "timeinterval",
        "interval",
        "time step",
    ],
    &["counter"],
    &["algorithm", "hash"],
];

const SERIAL: usize = 0;
const SECRET: usize = 1;
const TYPE: usize = 2;
const DIGITS: usize = 3;
const PERIOD: usize = 4;
const COUNTER: usize = 5;
const ALGORITHM: usize = 6;

pub(super) fn read(text: &str) -> Result<Vec<Line>, TokenFileProblem> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let (mut lines, mut columns) = (Vec::new(), std::array::from_fn(Some));
    for (nth, record) in reader.records().enumerate() {
        if lines.len() >= MOST_TOKENS {
            return Err(TokenFileProblem::TooMany);
        }
        let at = list::line_of(text, &record);
        match record {
            Ok(record) => match heading(&record).filter(|_| nth == 0) {
                Some(named) => columns = named,
                None => lines.push((at, token(&record, &columns))),
            },
            Err(_) => lines.push((at, Err("the line cannot be read".to_owned()))),
        }
    }
    Ok(lines)
}

/// Which column stands where, if this is a heading.
fn heading(record: &csv::StringRecord) -> Option<[Option<usize>; 7]> {
    let place = |names: &&[&str]| {
        let mut cells = record.iter();
        cells.position(|cell| names.contains(&cell.to_lowercase().as_str()))
    };
    let mut columns = [None; 7];
    for (column, names) in columns.iter_mut().zip(&NAMES) {
        *column = place(names);
    }
    (columns[SERIAL].is_some() && columns[SECRET].is_some()).then_some(columns)
}

fn token(record: &csv::StringRecord, columns: &[Option<usize>; 7]) -> Result<TokenSeed, String> {
    let cell = |column: usize| {
        let place = columns.get(column).copied().flatten();
        place.and_then(|at| record.get(at)).unwrap_or_default()
    };
    let number = |column: usize, name: &str, absent: u64| match cell(column) {
        "" => Ok(absent),
        text => text
            .parse()
            .map_err(|_| format!("the {name} is not a number")),
    };
    TokenSeed::check_algorithm(cell(ALGORITHM)).map_err(|problem| problem.to_string())?;
    let period = match cell(TYPE).to_ascii_lowercase().as_str() {
        "" | "totp" => Some(number(PERIOD, "period", 30)?),
        "hotp" => None,
        _ => return Err("the type is neither totp nor hotp".to_owned()),
    };
    let digits = number(DIGITS, "number of digits", 6)?;
    let counter = number(COUNTER, "counter", 0)?;
    let secret = secret(cell(SECRET))?;
    TokenSeed::check(cell(SERIAL), &secret, period, digits, counter)
        .map_err(|problem| problem.to_string())
}

/// Reads a secret in hex or base32; spaces and hyphens between its groups do not matter.
fn secret(text: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let plain = |text: &str| -> Zeroizing<String> {
        let kept = text.chars().filter(|c| !matches!(c, ' ' | '-' | '='));
        Zeroizing::new(kept.map(|c| c.to_ascii_uppercase()).collect())
    };
    let hex = |text: &str| {
        HEXUPPER
            .decode(plain(text).as_bytes())
            .ok()
            .map(Zeroizing::new)
    };
    let base32 = |text: &str| {
        let decoded = BASE32_NOPAD.decode(plain(text).as_bytes());
        decoded.ok().map(Zeroizing::new)
    };
    let lower = text.to_ascii_lowercase();
    let found = if lower.starts_with("hex:") {
        hex(text.get(4..).unwrap_or_default())
    } else if lower.starts_with("base32:") {
        base32(text.get(7..).unwrap_or_default())
    } else {
        match (hex(text), base32(text)) {
            (Some(_), Some(_)) if !text.is_empty() => {
                return Err(
                    "the secret could be hex and base32; write hex: or base32: before it"
                        .to_owned(),
                );
            }
            (hex, base32) => hex.or(base32),
        }
    };
    found.ok_or_else(|| "the secret is neither hex nor base32".to_owned())
}
