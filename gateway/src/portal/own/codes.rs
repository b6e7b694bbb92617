//! New recovery codes of somebody who is signed in: shown until she says that she has them.
//!
//! The same pages as at an enrolment (`portal::saved_codes`), at the same addresses; those ask here
//! first whether a verified session has codes waiting. Sealed under the session's id, which the
//! store does not know.

use anteroom_core::recovery_code::RecoveryCode;

use super::herself;
use crate::cookies::token::Signed;
use crate::fail::Failure;
use crate::pages::Page;
use crate::portal::saved_codes;
use crate::portal::visit::{Visit, nonce_text};
use crate::reply::Reply;
use crate::sign_in::{jars, target};

/// Where they are shown.
pub(super) const CODES: &str = "/.anteroom/recovery-codes";
/// Purpose of the key under which they wait.
const SEALED: &str = "own recovery codes";

/// As many as policy says.
pub(in crate::portal) fn mint(visit: &Visit) -> Vec<RecoveryCode> {
    let count = usize::from(visit.arrival.app.settings.policy.recovery_codes);
    (0..count)
        .map(|_| RecoveryCode::mint(&visit.gateway.random()))
        .collect()
}

pub(super) fn seal(
    visit: &Visit,
    signed: &Signed<'_>,
    codes: &[RecoveryCode],
) -> Result<Vec<u8>, Failure> {
    let shown: Vec<String> = codes.iter().map(RecoveryCode::shown).collect();
    let plain = zeroize::Zeroizing::new(shown.join("\n"));
    let (gateway, arrival) = (&visit.gateway, &visit.arrival);
    jars::seal_for(
        gateway,
        signed.keys,
        SEALED,
        arrival,
        &signed.id,
        plain.as_bytes(),
    )
}

/// What waits in this session.
struct Waiting {
    codes: Vec<String>,
    account: String,
    nonce: [u8; 16],
    row: anteroom_core::ids::SessionRow,
}

async fn waiting(visit: &Visit) -> Result<Option<Waiting>, Failure> {
    let Ok(herself) = herself(visit).await? else {
        return Ok(None);
    };
    let store = &visit.gateway.store;
    let Some(sealed) = store.own_codes(herself.live.row, visit.now).await? else {
        return Ok(None);
    };
    let (keys, id) = (herself.signed.keys, &herself.signed.id);
    let opened = jars::open_for(keys, SEALED, &visit.arrival, id, &sealed);
    let Some(text) = opened.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Ok(None);
    };
    let person = store.person(herself.subscriber).await?;
    Ok(Some(Waiting {
        codes: text.lines().map(str::to_owned).collect(),
        account: person.map_or_else(String::new, |person| person.listing.display_name),
        nonce: herself.nonce(visit),
        row: herself.live.row,
    }))
}

/// The page with the codes; `None` when no verified session has any waiting.
pub(in crate::portal) async fn show(visit: &Visit) -> Result<Option<Reply>, Failure> {
    let waiting = waiting(visit).await?;
    Ok(waiting.map(|waiting| {
        visit.show(&Page::RecoveryCodes {
            nonce: &nonce_text(&waiting.nonce),
            codes: &waiting.codes,
            account: &waiting.account,
            step: None,
        })
    }))
}

/// The same as a file.
pub(in crate::portal) async fn download(visit: &Visit) -> Result<Option<Reply>, Failure> {
    let waiting = waiting(visit).await?;
    Ok(waiting.map(|waiting| saved_codes::codes_as_file(visit, &waiting.codes, &waiting.account)))
}

/// She has them.
pub(in crate::portal) async fn seen(visit: &Visit) -> Result<Option<Reply>, Failure> {
    let Some(waiting) = waiting(visit).await? else {
        return Ok(None);
    };
    visit.posted()?.belongs_to(&waiting.nonce)?;
    visit.gateway.store.own_codes_seen(waiting.row).await?;
    Ok(Some(Reply::redirect(target::ME)))
}
