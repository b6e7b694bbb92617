//! Finding the one subscriber that an operator means; suggesting close names when there is none.
//!
//! Changes nothing. A name finds by its fold, as at a login, so that a slip of case or accent does
//! not matter; which person was found is always said.

use anteroom_store::SubscriberListing;

use crate::failure::Failure;
use crate::operator::{self, Operator, Scope};

/// More people than any clinic has; a bound on memory all the same.
const EVERYBODY: u32 = 1_000_000;
/// How many close names are suggested.
const SUGGESTIONS: usize = 3;
/// How alike a name must be to be suggested; 1 is the same.
const ALIKE: f64 = 0.75;

/// The subscriber of this name.
///
/// # Errors
/// Suggests close names when there is none, and names the choices when there are several.
pub async fn find(
    operator: &Operator,
    name: &str,
    scope: &Scope,
) -> Result<SubscriberListing, Failure> {
    let mut found = all_of_name(operator, name, scope).await?;
    match (found.pop(), found.is_empty()) {
        (None, _) => Err(nobody(operator, name).await?),
        (Some(one), true) => Ok(one),
        (Some(one), false) => {
            found.push(one);
            Err(several(name, &found))
        }
    }
}

/// All subscribers of this name that the scope allows: at most one for each realm and tenant.
///
/// # Errors
/// When the name cannot be one, or the store cannot be read.
pub async fn all_of_name(
    operator: &Operator,
    name: &str,
    scope: &Scope,
) -> Result<Vec<SubscriberListing>, Failure> {
    let wanted = operator::folded(name)?;
    let realm = match (&scope.app, &scope.realm) {
        (None, None) => None,
        _ => operator.apps(scope)?.first().map(|app| app.realm.clone()),
    };
    let tenant = (!scope.tenant.is_empty()).then(|| operator::joined_tenant(scope));
    let mut found = operator.store.subscribers_of_name(&wanted).await?;
    found.retain(|one| {
        realm.as_ref().is_none_or(|realm| *realm == one.realm)
            && tenant.as_ref().is_none_or(|tenant| *tenant == one.tenant)
    });
    Ok(found)
}

/// Names that may have been meant, the closest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn close_names(operator: &Operator, name: &str) -> Result<Vec<String>, Failure> {
    let everybody = operator.store.subscriber_list("", EVERYBODY).await?;
    let names = everybody.into_iter().map(|one| one.display_name);
    Ok(closest(name, names))
}

fn closest(name: &str, known: impl Iterator<Item = String>) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut rated: Vec<(f64, String)> = known
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    rated.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    rated.dedup_by(|one, other| one.1 == other.1);
    rated.truncate(SUGGESTIONS);
    rated.into_iter().map(|(_, name)| name).collect()
}

async fn nobody(operator: &Operator, name: &str) -> Result<Failure, Failure> {
    let close = close_names(operator, name).await?;
    let hint = if close.is_empty() {
        "people are known from their first sign-in or enrolment code on; \
         `anteroom subscriber list` shows them all"
            .to_owned()
    } else {
        format!("perhaps {}?", close.join(", "))
    };
    Ok(Failure::failed(format!(
        "nobody is known as {name}; {hint}"
    )))
}

fn several(name: &str, found: &[SubscriberListing]) -> Failure {
    let lines: Vec<String> = found.iter().map(choice).collect();
    Failure::usage(format!(
        "{} people are known as {name}; say which one:\n{}",
        found.len(),
        lines.join("\n")
    ))
}

/// The options that choose one of several.
fn choice(one: &SubscriberListing) -> String {
    let mut line = format!("  --realm {}", one.realm);
    for tenant in one
        .tenant
        .split(operator::TENANT_SEPARATOR)
        .filter(|tenant| !tenant.is_empty())
    {
        line.push_str(" --tenant ");
        line.push_str(tenant);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names_are_suggested_closest_first_and_few() {
        let known = ["alice", "Alicia", "bob", "alice", "alina", "malice"].map(str::to_owned);
        let close = closest("alcie", known.into_iter());
        assert_eq!(close.first().map(String::as_str), Some("alice"));
        assert!(
            close.len() <= SUGGESTIONS && !close.contains(&"bob".to_owned()),
            "{close:?}"
        );
        assert_eq!(
            closest("zoe", ["alice".to_owned()].into_iter()),
            Vec::<String>::new()
        );
    }
}
