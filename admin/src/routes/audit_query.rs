//! A search of the audit log: as typed, as understood, and as it stands in an address.
//!
//! Reads nothing but names of people. Never shows a row: that is `audit`'s.

use anteroom_core::audit::AuditKind;
use anteroom_core::ids::{AppName, SubscriberId};
use anteroom_core::moment::parse_day;
use anteroom_core::operator::operator_name;
use anteroom_core::reference::Reference;
use anteroom_core::time::Timestamp;
use anteroom_store::{AuditQuery, PeopleQuery, Throttles};

use super::people::policies;
use crate::pages::Problem;
use crate::pages::audit::Query;
use crate::web::failure::Failure;
use crate::web::proof::Grants;
use crate::web::visit::Visit;

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// A search as it was understood.
pub(crate) struct Wanted {
    subscriber: Option<SubscriberId>,
    operator: Option<String>,
    app: Option<AppName>,
    kinds: Vec<AuditKind>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    reference: Option<Reference>,
}

impl Wanted {
    /// The search as the store takes it.
    pub(crate) fn query(
        &self,
        beyond: Option<i64>,
        limit: u32,
        oldest_first: bool,
    ) -> AuditQuery<'_> {
        AuditQuery {
            subscriber: self.subscriber,
            operator: self.operator.as_deref(),
            app: self.app.as_ref(),
            kinds: &self.kinds,
            session: None,
            reference: self.reference,
            from: self.from,
            until: self.until,
            beyond,
            oldest_first,
            limit,
        }
    }
}

pub(super) fn typed<P: Grants>(visit: &Visit<P>) -> Query {
    let text = |name: &str| visit.query.text(name).chars().take(100).collect::<String>();
    Query {
        person: text("person"),
        operator: text("operator"),
        app: text("app"),
        kind: text("kind"),
        from: text("from"),
        until: text("until"),
        reference: text("reference"),
    }
}

/// Understands a search, or says what was wrong with it.
pub(super) async fn understand<P: Grants>(
    visit: &Visit<P>,
    query: &Query,
) -> Result<Result<Wanted, Problem>, Failure> {
    let mut wanted = Wanted {
        subscriber: visit.query.number("id").map(SubscriberId),
        operator: None,
        app: None,
        kinds: Vec::new(),
        from: None,
        until: None,
        reference: None,
    };
    if !query.person.is_empty() {
        match person_named(visit, &query.person).await? {
            Ok(id) => wanted.subscriber = Some(id),
            Err(problem) => return Ok(Err(problem)),
        }
    }
    if !query.operator.is_empty() {
        // Also names that act at the command line, which have a shape of their own.
        wanted.operator =
            Some(operator_name(&query.operator).unwrap_or_else(|| query.operator.clone()));
    }
    if !query.app.is_empty() {
        let app = visit
            .admin
            .settings
            .apps
            .iter()
            .find(|app| app.name.as_str() == query.app);
        // An app that is gone from the configuration is still in the log.
        wanted.app = Some(app.map_or_else(|| AppName::new(&query.app), |app| app.name.clone()));
    }
    if !query.reference.is_empty() {
        let Some(reference) = Reference::parse(&query.reference) else {
            let then = "It has eight letters and digits, as they stand at the foot of the page.";
            let what = "That is not a reference.";
            return Ok(Err(Problem::new("reference", what, then)));
        };
        wanted.reference = Some(reference);
    }
    if !query.kind.is_empty() {
        let Some(kind) = AuditKind::from_name(&query.kind) else {
            return Ok(Err(Problem::new(
                "kind",
                "There is no such kind of event.",
                "",
            )));
        };
        wanted.kinds.push(kind);
    }
    for (text, field, into, later) in [
        (&query.from, "from", &mut wanted.from, false),
        (&query.until, "until", &mut wanted.until, true),
    ] {
        if text.is_empty() {
            continue;
        }
        let Some(day) = parse_day(text) else {
            let then = "Write it as 2031-03-01.";
            return Ok(Err(Problem::new(field, "That is not a day.", then)));
        };
        // The last day is meant with all its hours.
        *into = Some(if later { day.plus(DAY) } else { day });
    }
    Ok(Ok(wanted))
}

/// The one person whose name holds this.
async fn person_named<P: Grants>(
    visit: &Visit<P>,
    text: &str,
) -> Result<Result<SubscriberId, Problem>, Failure> {
    let by_realm = policies(&visit.admin);
    let throttles = Throttles {
        by_realm: &by_realm,
    };
    let query = PeopleQuery {
        text,
        limit: 20,
        ..PeopleQuery::default()
    };
    let found = visit
        .admin
        .store
        .people_search(&query, &throttles, visit.now)
        .await?;
    let exact = found
        .people
        .iter()
        .find(|one| one.display_name.eq_ignore_ascii_case(text));
    Ok(match (exact, found.people.as_slice()) {
        (Some(one), _) => Ok(one.id),
        (None, [one]) if !found.more => Ok(one.id),
        (None, []) => Err(Problem::new("person", "Nobody's name contains this.", "")),
        (None, [first, ..]) => {
            let then = format!("Write more of the name, such as {}.", first.display_name);
            Err(Problem::new(
                "person",
                "Several people's names contain this.",
                then,
            ))
        }
    })
}

/// The search as it stands in an address; what is empty is left out.
pub(super) fn pairs(query: &Query) -> Vec<(&str, &str)> {
    let all = [
        ("person", query.person.as_str()),
        ("operator", &query.operator),
        ("app", &query.app),
        ("kind", &query.kind),
        ("from", &query.from),
        ("until", &query.until),
        ("reference", &query.reference),
    ];
    all.into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}
