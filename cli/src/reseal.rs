//! `anteroom keys reseal`: after another key became the current one, makes the older ones
//! dispensable.
//!
//! Never changes the key file: taking a line out is the operator's act.

use crate::compose::key_number;
use crate::failure::Failure;
use crate::operator::Operator;
use crate::say;

/// Seals everything anew under the current key and says which lines may leave the key file.
///
/// # Errors
/// When a value does not open under the keys of the file, or the store cannot write.
pub async fn run(operator: &Operator) -> Result<(), Failure> {
    let resealed = operator.store.reseal(operator.now).await?;
    say::answer(match resealed.values {
        0 => "Everything is sealed under the current key.".to_owned(),
        1 => "1 value was sealed anew; all are under the current key now.".to_owned(),
        values => format!("{values} values were sealed anew; all are under the current key now."),
    })?;
    say::answer(match resealed.dispensable.as_slice() {
        [] if operator.key_names.len() < 2 => {
            "The key file holds no other key; there is nothing to take out.".to_owned()
        }
        [] => "Every key of the file is still needed: an enrolment code is open that was issued \
               under an older one. Run this again when it has been used or has lapsed."
            .to_owned(),
        gone => {
            let names = operator.key_names.iter();
            let names: Vec<&str> = names
                .map(String::as_str)
                .filter(|name| gone.contains(&key_number(name)))
                .collect();
            format!(
                "No longer needed in the store: {}. Take it out of the key file and restart. Who \
                 signed in before the new key came then has to sign in again, and older copies of \
                 the database still need it: keep the line with them.",
                names.join(", ")
            )
        }
    })
}
