//! Lists that people keep in a table program (CSV): on which line a record stands.
//!
//! Reads no file and knows no column: those are [`token_file`](crate::token_file)'s and, for lists
//! of people, the command line's.

/// The line of a record, good or bad, as an editor counts it from 1: empty lines count, and those
/// inside of quotation marks.
#[must_use]
pub fn line_of(text: &str, record: &Result<csv::StringRecord, csv::Error>) -> u32 {
    let position = match record {
        Ok(record) => record.position(),
        Err(problem) => problem.position(),
    };
    line_at(text, position.map_or(0, csv::Position::byte))
}

/// The line of what begins at this byte.
fn line_at(text: &str, byte: u64) -> u32 {
    let start = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
    let (before, from) = text.as_bytes().split_at(start);
    let empty = from.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let ends = before.iter().chain(empty).filter(|byte| **byte == b'\n');
    u32::try_from(ends.count())
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}
