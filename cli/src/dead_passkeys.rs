//! Passkeys that the settings would leave dead: made for a name that no app of their realm has any
//! more (W5).
//!
//! Compares two lists and says what it saw; never opens the store (`serve` does) and never touches
//! a passkey: with the former name back in the settings they live again.

use anteroom_config::inspect::{Finding, Level};
use anteroom_config::settings::Settings;

use crate::check::hinted;

/// One finding for every name of the store, with its realm and how many passkeys are made for it,
/// that the settings do not have.
pub fn look(settings: &Settings, made_for: &[(String, String, u32)]) -> Vec<Finding> {
    let is_known = |realm: &str, rp_id: &str| {
        settings.apps.iter().any(|app| {
            let named = app.passkeys.as_ref().map(|told| told.rp_id.as_str());
            app.realm == realm && named == Some(rp_id)
        })
    };
    made_for
        .iter()
        .filter(|(realm, rp_id, _)| !is_known(realm, rp_id))
        .map(|(realm, rp_id, count)| {
            let text = format!(
                "{count} of the realm \"{realm}\" were made for {rp_id}, which no app there is \
                 called: they are dead, and whoever holds nothing else needs the helpdesk"
            );
            let hint = format!("[app.passkeys] rp_id = \"{rp_id}\" brings them back");
            hinted(Level::Fail, "passkeys", text, &hint)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_name_that_no_app_has_any_more_is_told_with_its_number() {
        let settings = anteroom_config::parse(anteroom_config::EXAMPLE, Path::new("/"));
        let settings = settings.expect("the example is good");
        let row = |realm: &str, rp_id: &str| (realm.to_owned(), rp_id.to_owned(), 3);
        assert!(look(&settings, &[row("clinic", "emr.clinic.test")]).is_empty());
        for (realm, rp_id) in [("clinic", "old.test"), ("charts", "emr.clinic.test")] {
            let found = look(&settings, &[row(realm, rp_id)]);
            assert_eq!(found.len(), 1, "{realm} {rp_id}");
            assert!(
                found[0].text.contains("3 of the realm"),
                "{}",
                found[0].text
            );
        }
    }
}
