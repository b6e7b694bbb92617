//! `anteroom token …`: hardware tokens from their maker's file to somebody's hand, and out of use.
//!
//! A file is read once and its seeds are sealed in the store; nothing here ever prints one. Every
//! change is one transaction with its audit event. Reading files is the config room's, what two
//! codes say is `core::challenge`'s.

use std::io::Read;
use std::path::Path;

use anteroom_config::secret_file;
use anteroom_config::settings::SecretPath;
use anteroom_config::token_file::{self, MOST_BYTES, TokenFormat};
use anteroom_core::challenge::{ResyncVerdict, judge_read_out};
use anteroom_core::hardware_token::Serial;
use anteroom_store::{
    HardwareToken, HardwareTokenState, ImportReport, Paper, TokenAssigned, TokenQuery, TokenRevoked,
};

use crate::failure::Failure;
use crate::operator::{Operator, Scope};
use crate::say::quoted;
use crate::{columns, moment, people, say};

/// Whoever runs the server is not counted.
const NO_LIMIT: u32 = u32::MAX;

/// Brings the tokens of a maker's file in: all of them, or none.
///
/// # Errors
/// When the file cannot be read, has a bad line, or the store cannot write.
pub async fn import(
    operator: &Operator,
    file: &Path,
    format: Option<TokenFormat>,
    key_file: Option<&Path>,
    dry_run: bool,
) -> Result<(), Failure> {
    let shown = file.display();
    let unread = |problem| Failure::failed(format!("{shown} cannot be read: {problem}"));
    let mut bytes = Vec::new();
    let open = std::fs::File::open(file).map_err(unread)?;
    // One byte more than is taken, so that a larger file is refused and never held.
    open.take(MOST_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unread)?;
    let bytes = zeroize::Zeroizing::new(bytes);
    let format = format.unwrap_or_else(|| TokenFormat::of(&bytes));
    let key = key_file.map(transport_key).transpose()?;
    let given = key.as_ref().map(|key| key.as_str());
    let tokens = token_file::read(&bytes, format, given)
        .map_err(|problem| Failure::failed(format!("{shown}: {problem}")))?;
    let paper = operator.paper();
    let done = operator
        .store
        .hardware_tokens_import(&tokens, dry_run, &paper);
    let report = done.await?;
    say::answer(told(&report, dry_run))?;
    if !dry_run {
        say::aside(format!(
            "{shown} holds the secrets of these tokens: whoever has it can make their codes.\n\
             Destroy it, and every copy that was sent."
        ));
    }
    Ok(())
}

/// What opens encrypted keys: held to the rules of every file with a secret.
fn transport_key(path: &Path) -> Result<zeroize::Zeroizing<String>, Failure> {
    let secret = SecretPath {
        path: path.to_owned(),
        is_credential: false,
    };
    secret_file::read(&secret).map_err(|problem| Failure::failed(problem.to_string()))
}

fn told(report: &ImportReport, dry_run: bool) -> String {
    let verb = if dry_run { "would be added" } else { "added" };
    let mut lines = vec![format!(
        "{} {verb}, {} known already.",
        report.added.len(),
        report.known.len()
    )];
    lines.extend(
        report
            .known
            .iter()
            .map(|known| format!("  {known} was here before and stays as it is.")),
    );
    lines.join("\n")
}

/// Lists tokens.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(
    operator: &Operator,
    text: &str,
    state: Option<HardwareTokenState>,
    json: bool,
) -> Result<(), Failure> {
    let query = TokenQuery { text, state };
    let found = operator.store.hardware_tokens(&query).await?;
    if json {
        let tokens: Vec<_> = found.iter().map(as_json).collect();
        return say::answer(serde_json::Value::from(tokens));
    }
    if found.is_empty() {
        say::aside("No such token. Bring a maker's file in with: anteroom token import FILE");
        return Ok(());
    }
    let heading = ["SERIAL", "KIND", "DIGITS", "STATE", "WHOSE"].map(str::to_owned);
    let rows = found.iter().map(|one| {
        let holder = one.holder.as_ref();
        vec![
            one.serial.to_string(),
            one.factor.name().to_owned(),
            one.digits.count().to_string(),
            one.state.name().to_owned(),
            holder.map_or_else(String::new, |holder| holder.display_name.clone()),
        ]
    });
    let rows: Vec<_> = std::iter::once(heading.to_vec()).chain(rows).collect();
    say::answer(columns::aligned(&rows))
}

fn as_json(one: &HardwareToken) -> serde_json::Value {
    let holder = one.holder.as_ref();
    serde_json::json!({
        "serial": one.serial.as_str(),
        "kind": one.factor.name(),
        "period": one.factor.period(),
        "digits": one.digits.count(),
        "state": one.state.name(),
        "name": holder.map(|holder| holder.display_name.as_str()),
        "realm": holder.map(|holder| holder.realm.as_str()),
    })
}

/// Gives a token to somebody.
///
/// # Errors
/// When there is no such token or person, it is not free, or the store cannot write.
pub async fn assign(
    operator: &Operator,
    serial: &str,
    name: &str,
    scope: &Scope,
    (reason, identity_check): (&str, &str),
) -> Result<(), Failure> {
    let serial = read(serial)?;
    let one = people::find(operator, name, scope).await?;
    let who = &one.display_name;
    let paper = Paper {
        reason,
        identity_check,
        ..operator.paper()
    };
    let done = operator
        .store
        .hardware_token_assign(&serial, one.id, NO_LIMIT, &paper);
    match done.await? {
        TokenAssigned::Done { enrolled: true } => say::answer(format!(
            "Token {serial} is {who}'s, and {who} needs nothing else to sign in with it.\n\
             There are no recovery codes with it: if it is lost, revoke it and assign another."
        )),
        TokenAssigned::Done { enrolled: false } => say::answer(format!(
            "Token {serial} is {who}'s, beside what {who} had before."
        )),
        TokenAssigned::NoSuchToken => Err(no_such(&serial)),
        TokenAssigned::Taken => Err(Failure::failed(format!(
            "token {serial} is somebody's already; `anteroom token list {serial}` says whose"
        ))),
        TokenAssigned::Revoked => Err(Failure::failed(format!(
            "token {serial} is out of use for good; its secret is destroyed"
        ))),
        TokenAssigned::Suspended => Err(Failure::failed(format!(
            "{who} is suspended; anteroom subscriber resume {} lifts that",
            quoted(who)
        ))),
        TokenAssigned::NoSuchSubscriber | TokenAssigned::TooMany => Err(Failure::failed(format!(
            "{who} is gone from the store; nothing was changed"
        ))),
    }
}

/// Takes a token out of use for good.
///
/// # Errors
/// When there is no such token, it is out of use already, or the store cannot write.
pub async fn revoke(operator: &Operator, serial: &str, reason: &str) -> Result<(), Failure> {
    let serial = read(serial)?;
    let paper = operator.paper();
    let paper = paper.because(reason);
    let done = operator
        .store
        .hardware_token_revoke(&serial, NO_LIMIT, &paper);
    match done.await? {
        TokenRevoked::Done { reset: false } => say::answer(format!(
            "Token {serial} is out of use; its secret is destroyed."
        )),
        TokenRevoked::Done { reset: true } => say::answer(format!(
            "Token {serial} is out of use, and whose it was has no second factor left.\n\
             Next: assign another token, or give an enrolment code."
        )),
        TokenRevoked::NoSuchToken => Err(no_such(&serial)),
        TokenRevoked::Already | TokenRevoked::TooMany => Err(Failure::failed(format!(
            "token {serial} was out of use already; nothing was changed"
        ))),
    }
}

/// Puts a token right with two codes in a row that somebody reads out.
///
/// # Errors
/// When the codes do not follow one another, tries are paused, or the token is nobody's.
pub async fn resync(operator: &Operator, serial: &str, codes: (&str, &str)) -> Result<(), Failure> {
    let serial = read(serial)?;
    let found = operator.store.hardware_token_material(&serial).await?;
    let Some((holder, material)) = found else {
        return Err(Failure::failed(format!(
            "token {serial} is nobody's; there is nothing to put right"
        )));
    };
    let person = operator.store.person(holder).await?;
    let realm = person.map(|one| one.listing.realm).unwrap_or_default();
    let policy = operator.throttle_of(&realm);
    let (on_file, throttle) = (material.on_file(), &material.throttle);
    let paper = operator.paper();
    match judge_read_out(&on_file, throttle, &policy, codes, operator.now) {
        ResyncVerdict::Accept(accepted) => {
            let store = &operator.store;
            let done = store.hardware_token_resync(holder, &serial, accepted, &paper);
            if done.await? {
                return say::answer(format!(
                    "Token {serial} is right again from these codes on."
                ));
            }
            Err(Failure::failed(format!(
                "the codes of token {serial} were used meanwhile; nothing was changed"
            )))
        }
        ResyncVerdict::Wrong { .. } => {
            let store = &operator.store;
            store
                .hardware_token_resync_fail(holder, &serial, &policy, &paper)
                .await?;
            Err(Failure::failed(format!(
                "those are not two fresh codes in a row of token {serial}; it counts as one wrong \
                 try of its owner"
            )))
        }
        ResyncVerdict::Paused { until } => Err(Failure::failed(format!(
            "tries are paused for {}",
            moment::in_words(until.since(operator.now))
        ))),
        ResyncVerdict::Stopped | ResyncVerdict::Expired => Err(Failure::failed(format!(
            "token {serial} is switched off by too many wrong codes or a suspension; \
             unlock or resume its owner first"
        ))),
    }
}

fn read(serial: &str) -> Result<Serial, Failure> {
    Serial::parse(serial).ok_or_else(|| {
        Failure::usage("a serial number has 1 to 32 letters and digits, as printed on the token")
    })
}

fn no_such(serial: &Serial) -> Failure {
    Failure::failed(format!(
        "no token has the serial number {serial}; `anteroom token list` shows them all"
    ))
}
