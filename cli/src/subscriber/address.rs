//! `anteroom subscriber address …` and `import`: where mail reaches people.
//!
//! An address is shown whole only here and to operators; the audit log says that one was added,
//! never which. Whether an address may be one is `anteroom_core::address`'s rule.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anteroom_config::list;
use anteroom_core::address::{AddressSource, HOLD, MailAddress};
use anteroom_core::moment as core_moment;
use anteroom_store::{AddressAdded, AddressView, NewAddress, NewPerson};

use crate::failure::Failure;
use crate::operator::{self, Operator, Scope};
use crate::{people, say};

/// The largest list that is read: more people than any clinic has.
const LARGEST_LIST: u64 = 8 * 1024 * 1024;

fn hold(operator: &Operator) -> Duration {
    let mail = operator.settings.mail.as_ref();
    mail.map_or(HOLD, |mail| mail.address_hold)
}

/// Lists a person's addresses.
///
/// # Errors
/// When there is no such person, or the store cannot be read.
pub async fn list(operator: &Operator, name: &str, scope: &Scope) -> Result<(), Failure> {
    let one = people::find(operator, name, scope).await?;
    let known = operator.store.addresses_of(one.id).await?;
    if known.is_empty() {
        return say::answer(format!("{} has no address on file.", one.display_name));
    }
    let lines: Vec<String> = known.iter().map(|known| line(operator, known)).collect();
    say::answer(lines.join("\n"))
}

fn line(operator: &Operator, known: &AddressView) -> String {
    let by = known.operator.as_deref().unwrap_or("herself");
    let since = core_moment::in_utc(known.added_at);
    let mut line = format!("{}  since {since}, by {by}", known.address.expose());
    if known.codes_from > operator.now {
        let from = core_moment::in_utc(known.codes_from);
        line.push_str(&format!("; takes codes from {from} on"));
    }
    line
}

/// Adds an address.
///
/// # Errors
/// When it is none, there is no such person, or the store cannot write.
pub async fn add(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    address: &str,
    reason: &str,
) -> Result<(), Failure> {
    let address = read(address)?;
    let one = people::find(operator, name, scope).await?;
    let who = &one.display_name;
    let added = operator
        .store
        .address_add(NewAddress {
            subscriber: one.id,
            address: &address,
            source: AddressSource::Operator,
            hold: hold(operator),
            paper: operator.paper().because(reason),
        })
        .await?;
    match added {
        AddressAdded::Added { codes_from, .. } if codes_from > operator.now => {
            say::answer(format!(
                "{who} gets notices at {} now, and codes from {} on; other addresses were told.",
                address.expose(),
                core_moment::in_utc(codes_from)
            ))
        }
        AddressAdded::Added { .. } => {
            say::answer(format!("{who} gets mail at {} now.", address.expose()))
        }
        AddressAdded::Already => say::answer(format!(
            "{who} had this address already; nothing was changed."
        )),
        AddressAdded::TooMany => Err(Failure::failed(format!(
            "{who} has as many addresses as anybody may; remove one first"
        ))),
        AddressAdded::NoSuch => Err(Failure::failed(format!("{who} is gone from the store"))),
    }
}

/// Removes an address.
///
/// # Errors
/// When it is not hers, or the store cannot write.
pub async fn remove(
    operator: &Operator,
    name: &str,
    scope: &Scope,
    address: &str,
    reason: &str,
) -> Result<(), Failure> {
    let address = read(address)?;
    let one = people::find(operator, name, scope).await?;
    let known = operator.store.addresses_of(one.id).await?;
    let known = known.into_iter().find(|known| known.address == address);
    let paper = operator.paper().because(reason);
    let removed = match known {
        Some(known) => {
            let store = &operator.store;
            store.address_remove(one.id, known.id, false, paper).await?
        }
        None => false,
    };
    if !removed {
        return Err(Failure::failed(format!(
            "this is no address of {}; nothing was changed",
            one.display_name
        )));
    }
    say::answer(format!(
        "{} gets no mail there any more; the address was told so.",
        one.display_name
    ))
}

fn read(address: &str) -> Result<MailAddress, Failure> {
    MailAddress::parse(address).map_err(|why| Failure::usage(why.to_string()))
}

/// Reads a list of names and addresses (CSV with a head: `name,email`) and adds each. Every line is
/// looked at before the first one counts.
///
/// # Errors
/// Names the lines that cannot be meant; nothing was changed then.
pub async fn import(
    operator: &Operator,
    file: &Path,
    scope: &Scope,
    reason: &str,
) -> Result<(), Failure> {
    let lines = lines(file)?;
    let apps = operator.apps(scope)?;
    let Some(first) = apps.first() else {
        return Err(Failure::usage("no app is configured"));
    };
    let tenant = operator::tenant_of(&apps, scope)?;
    let (mut added, mut already, mut full) = (0_u32, 0_u32, 0_u32);
    for (name, address) in &lines {
        let folded = operator::folded(name)?;
        let keys = operator::spelling_keys(name, &apps);
        let new = NewPerson {
            realm: &first.realm,
            tenant: &tenant,
            folded: &folded,
            spelling_keys: &keys,
            display: name,
        };
        let paper = operator.paper().because(reason);
        let subscriber = operator.store.person_ensure(&new, &paper).await?;
        let outcome = operator
            .store
            .address_add(NewAddress {
                subscriber,
                address,
                source: AddressSource::Import,
                hold: hold(operator),
                paper,
            })
            .await?;
        match outcome {
            AddressAdded::Added { .. } => added += 1,
            AddressAdded::Already => already += 1,
            AddressAdded::TooMany | AddressAdded::NoSuch => full += 1,
        }
    }
    say::answer(format!(
        "{added} added, {already} on file already, {full} with too many addresses."
    ))
}

/// The text of a list. One byte more than is taken is asked for, so that a larger one is refused
/// and no person is left out unsaid.
fn text_of(file: &Path) -> Result<String, Failure> {
    let unread = |problem| Failure::failed(format!("{} cannot be read: {problem}", file.display()));
    let mut text = String::new();
    let open = std::fs::File::open(file).map_err(unread)?;
    open.take(LARGEST_LIST + 1)
        .read_to_string(&mut text)
        .map_err(unread)?;
    if text.len() as u64 > LARGEST_LIST {
        let most = LARGEST_LIST >> 20;
        return Err(Failure::usage(format!(
            "the list is larger than {most} MiB; nothing was changed. Bring it in in parts"
        )));
    }
    Ok(text)
}

/// The lines of a list, checked.
fn lines(file: &Path) -> Result<Vec<(String, MailAddress)>, Failure> {
    let text = text_of(file)?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let head = reader
        .headers()
        .map_err(|problem| Failure::usage(problem.to_string()))?;
    let column = |wanted: &str| {
        let found = head
            .iter()
            .position(|name| name.eq_ignore_ascii_case(wanted));
        found.ok_or_else(|| {
            Failure::usage(format!(
                "the list has no column {wanted}; its head is: name,email"
            ))
        })
    };
    let (names, addresses) = (column("name")?, column("email")?);
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let line = list::line_of(&text, &record);
        let Ok(record) = record else {
            wrong.push(format!("line {line}: it cannot be read"));
            continue;
        };
        let (name, address) = (record.get(names), record.get(addresses));
        match (name.filter(|name| !name.is_empty()), address) {
            (Some(name), Some(address)) => match MailAddress::parse(address) {
                Ok(address) => match operator::folded(name) {
                    Ok(_) => lines.push((name.to_owned(), address)),
                    Err(why) => wrong.push(format!("line {line}: {why}")),
                },
                Err(why) => wrong.push(format!("line {line}: {why}")),
            },
            _ => wrong.push(format!("line {line}: a name and an address are needed")),
        }
    }
    if wrong.is_empty() {
        return Ok(lines);
    }
    Err(Failure::usage(format!(
        "nothing was changed; mend these lines:\n{}",
        wrong.join("\n")
    )))
}
