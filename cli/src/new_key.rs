//! `anteroom keys new`: one line for the key file.
//!
//! Writes no file: which key becomes the current one, and when, is the operator's act.

use anteroom_config::ambient::Entropy;
use anteroom_config::keys;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::say;

/// Prints a new key line, and beside it what to do with it.
///
/// # Errors
/// When it cannot be written.
pub fn run(entropy: &Entropy) -> Result<(), Failure> {
    let text = keys::new_text(entropy);
    let line = text
        .lines()
        .find(|line| !line.starts_with('#'))
        .unwrap_or_default();
    let line = Zeroizing::new(line.to_owned());
    say::aside(
        "# A new key. Put this line on top of the key file, above the old ones, which stay: what \
         they\n# sealed is opened by them. Then restart. Keep a copy of the file elsewhere.",
    );
    say::answer(line.as_str())
}
