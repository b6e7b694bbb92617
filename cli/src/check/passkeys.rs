//! Passkeys in the store that the settings would leave dead, seen before the gateway starts.
//!
//! Only looks (`anteroom_store::glance`): needs no key, makes and changes no file, and so may be
//! asked beside a running gateway. What is dead is `dead_passkeys`' to say, as at every start.

use anteroom_config::inspect::{Finding, Level};
use anteroom_config::settings::Settings;
use anteroom_store::Glance;
use anteroom_store::glance::passkey_rp_ids;

use super::{finding, hinted, store_file};
use crate::dead_passkeys;

const SUBJECT: &str = "passkeys";

/// Compares the names that passkeys were made for with those of the settings.
pub async fn look(settings: &Settings) -> Vec<Finding> {
    let path = &settings.store.path;
    // What is no store is told by `store_file`.
    if !store_file::is_database(path) {
        return Vec::new();
    }
    let made_for = match passkey_rp_ids(path).await {
        Ok(Glance::Seen(made_for)) => made_for,
        Ok(Glance::Unfinished) => {
            let text = "not compared with rp_id: the store was not closed in an orderly way";
            let hint = "the next start of the gateway mends that, and says which are dead";
            return vec![hinted(Level::Warn, SUBJECT, text, hint)];
        }
        Err(problem) => {
            let text = format!("not compared with rp_id: {problem}");
            let hint = "run this as the user of the service; every start compares them too";
            return vec![hinted(Level::Warn, SUBJECT, text, hint)];
        }
    };
    let dead = dead_passkeys::look(settings, &made_for);
    if dead.is_empty() && !made_for.is_empty() {
        let count: u32 = made_for.iter().map(|(_, _, count)| count).sum();
        let text = format!("{count}, all made for names that the settings have");
        return vec![finding(Level::Ok, SUBJECT, text)];
    }
    dead
}
