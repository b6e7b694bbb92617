//! Operators: the list, a new one, one operator's page, and what an owner does to her.
//!
//! Nobody gets a password here: a new or reset operator gets a one-time link. An owner cannot
//! demote or disable herself, and the store keeps the last one. Reset, disable and enable stand in
//! [`operator_forms`](super::operator_forms).

use anteroom_core::ids::TokenId;
use anteroom_core::operator::{Role, operator_name};
use anteroom_core::time::Timestamp;
use anteroom_store::{OperatorAct, OperatorCreation, OperatorView, SetupLink};
use data_encoding::BASE64URL_NOPAD;

use super::account::token_rows;
use super::person_rows::authenticators;
use super::set_up::link_hash;
use super::show::{done, not_fresh};
use crate::pages::operators::{OneOperator, Operators, Row, State};
use crate::pages::results::LinkShown;
use crate::pages::{Done, Problem};
use crate::say::{when, when_maybe};
use crate::web::failure::Failure;
use crate::web::proof::{Grants, Reads, Rules};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Reads, _, _>("/operators", list)
        .post::<Rules, _, _>("/operators", create)
        .get::<Reads, _, _>("/operators/{name}", one)
        .post::<Rules, _, _>("/operators/{name}/role", role)
        .post::<Rules, _, _>("/operators/{name}/link", link)
        .post::<Rules, _, _>("/operators/{name}/end-sessions", end_sessions)
        .post::<Rules, _, _>("/operators/{name}/unlock", unlock)
        .post::<Rules, _, _>("/operators/{name}/tokens/{id}/revoke", revoke_token)
}

/// The operator that the path names.
pub(super) async fn named<P: Grants>(visit: &Visit<P>) -> Result<OperatorView, Failure> {
    let name = operator_name(visit.word("name")).ok_or(Failure::NotFound)?;
    let found = visit.admin.store.operator_named(&name, visit.now).await?;
    found.ok_or(Failure::NotFound)
}

fn state(one: &OperatorView) -> State {
    match (one.disabled_at, one.set_up, one.link_until) {
        (Some(_), ..) => State::Disabled,
        (None, true, _) => State::Active,
        (None, false, Some(_)) => State::Invited,
        (None, false, None) => State::LinkOver,
    }
}

fn factors(one: &OperatorView) -> String {
    match (one.totp_active, one.recovery_left) {
        (0, _) => "none".to_owned(),
        (1, left) => format!("Authenticator app, {left} recovery codes"),
        (many, left) => format!("{many} authenticator apps, {left} recovery codes"),
    }
}

async fn list(visit: Visit<Reads>) -> Answer {
    let page = listed(&visit, String::new(), Role::Helpdesk, None).await?;
    visit.show(|chrome| page.render(chrome)).await
}

async fn listed<P: Grants>(
    visit: &Visit<P>,
    typed_name: String,
    typed_role: Role,
    problem: Option<Problem>,
) -> Result<Operators, Failure> {
    let all = visit.admin.store.operator_list(visit.now).await?;
    let row = |one: &OperatorView| Row {
        name: one.name.clone(),
        role: one.role,
        state: state(one),
        factors: factors(one),
        last: when_maybe(one.last_login_at, visit.now),
        sessions: one.sessions,
    };
    Ok(Operators {
        rows: all.iter().map(row).collect(),
        typed_name,
        typed_role,
        fresh_needed: visit.needs_code(),
        problem,
    })
}

/// A new set-up link: the token for the address, and what the store keeps of it.
pub(super) fn new_link<P: Grants>(visit: &Visit<P>) -> Result<(String, SetupLink), Failure> {
    let token = BASE64URL_NOPAD.encode(&visit.admin.random::<32>());
    let hash = link_hash(&token).ok_or(Failure::NotFound)?;
    let link = SetupLink {
        token: hash,
        expires_at: visit.now.plus(visit.admin.mine.setup_for),
    };
    Ok((token, link))
}

pub(super) async fn show_link(
    visit: &Visit<Rules>,
    name: &str,
    token: &str,
    until: Timestamp,
) -> Answer {
    let page = LinkShown {
        whom: name.to_owned(),
        back: format!("/operators/{name}"),
        link: visit.address(&format!("/set-up/{token}")),
        expires: when(until, visit.now),
    };
    visit.show(|chrome| page.render(chrome)).await
}

async fn create(visit: Visit<Rules>) -> Answer {
    let typed: String = visit.form.text("name").chars().take(64).collect();
    let role = Role::from_name(visit.form.text("role"));
    let again = async |problem: Problem| {
        let role = role.unwrap_or(Role::Helpdesk);
        let page = listed(&visit, typed.clone(), role, Some(problem)).await?;
        visit.show_again(|chrome| page.render(chrome)).await
    };
    let Some(name) = operator_name(&typed) else {
        return again(Problem::new(
            "name",
            "That cannot be a name here.",
            "Use up to 32 lower-case letters, digits and . - _ @, such as olga or olga@clinic.ca.",
        ))
        .await;
    };
    let Some(role) = role else {
        return again(Problem::new("role", "Choose a role.", "")).await;
    };
    if let Err(why) = visit.fresh().await? {
        return again(not_fresh(why)).await;
    }
    let (token, link) = new_link(&visit)?;
    let paper = visit.paper("", "");
    match visit
        .admin
        .store
        .operator_create(&name, role, &link, &paper)
        .await?
    {
        OperatorCreation::Created(_) => show_link(&visit, &name, &token, link.expires_at).await,
        OperatorCreation::Taken => {
            again(Problem::new(
                "name",
                "There is, or was, an operator of that name.",
                "Names are never given twice, because the audit log knows people by them.",
            ))
            .await
        }
    }
}

async fn one(visit: Visit<Reads>) -> Answer {
    let found = named(&visit).await?;
    let page = sheet(&visit, found, None).await?;
    visit.show(|chrome| page.render(chrome)).await
}

async fn sheet<P: Grants>(
    visit: &Visit<P>,
    one: OperatorView,
    problem: Option<Problem>,
) -> Result<OneOperator, Failure> {
    let (store, now) = (&visit.admin.store, visit.now);
    let held = store.operator_authenticators(one.id).await?;
    let tokens = store.api_tokens(Some(one.id)).await?;
    Ok(OneOperator {
        role: one.role,
        state: state(&one),
        created: when(one.created_at, now),
        last: when_maybe(one.last_login_at, now),
        link_expires: when_maybe(one.link_until, now),
        authenticators: authenticators(&held, now),
        recovery_left: one.recovery_left,
        sessions: one.sessions,
        tokens: token_rows(&tokens, now),
        four_eyes: visit.admin.mine.four_eyes_operators,
        own: one.id == visit.who.id(),
        fresh_needed: visit.needs_code(),
        created_by: one.created_by,
        name: one.name,
        problem,
    })
}

async fn refused(visit: &Visit<Rules>, one: OperatorView, problem: Problem) -> Answer {
    let page = sheet(visit, one, Some(problem)).await?;
    visit.show_again(|chrome| page.render(chrome)).await
}

/// Why an act on an operator did not happen; nothing where it did.
pub(super) fn not_done(act: OperatorAct) -> Option<Problem> {
    let (what, then) = match act {
        OperatorAct::Done => return None,
        OperatorAct::Already => ("It was so already.", "Nothing was changed."),
        OperatorAct::Unknown => ("There is no such operator any more.", ""),
        OperatorAct::LastOwner => (
            "This is the last owner who can sign in.",
            "Make another owner first: without one, nobody could help the operators.",
        ),
    };
    Some(Problem::new("", what, then))
}

/// Nobody takes rights from herself by mistake, or gives herself others (attack E03).
pub(super) fn about_herself(visit: &Visit<Rules>, one: &OperatorView) -> Option<Problem> {
    (one.id == visit.who.id())
        .then(|| Problem::new("", "You cannot do this to yourself.", "Another owner can."))
}

async fn role(visit: Visit<Rules>) -> Answer {
    let one = named(&visit).await?;
    if let Some(problem) = about_herself(&visit, &one) {
        return refused(&visit, one, problem).await;
    }
    let Some(role) = Role::from_name(visit.form.text("role")) else {
        return refused(&visit, one, Problem::new("role", "Choose a role.", "")).await;
    };
    if let Err(why) = visit.fresh().await? {
        return refused(&visit, one, not_fresh(why)).await;
    }
    let paper = visit.paper("", "");
    match not_done(
        visit
            .admin
            .store
            .operator_role_set(one.id, role, &paper)
            .await?,
    ) {
        Some(problem) => refused(&visit, one, problem).await,
        None => Ok(done(&format!("/operators/{}", one.name), Done::RoleChanged)),
    }
}

async fn link(visit: Visit<Rules>) -> Answer {
    let one = named(&visit).await?;
    if let Err(why) = visit.fresh().await? {
        return refused(&visit, one, not_fresh(why)).await;
    }
    let (token, link) = new_link(&visit)?;
    let paper = visit.paper("", "");
    match visit
        .admin
        .store
        .operator_setup_issue(one.id, &link, &paper)
        .await?
    {
        Some(name) => show_link(&visit, &name, &token, link.expires_at).await,
        None => {
            let what = "A new link is for operators who have not been set up.";
            refused(
                &visit,
                one,
                Problem::new("", what, "Reset this operator instead."),
            )
            .await
        }
    }
}

async fn end_sessions(visit: Visit<Rules>) -> Answer {
    let one = named(&visit).await?;
    let paper = visit.paper("", "");
    visit
        .admin
        .store
        .operator_sessions_end(one.id, &one.name, &paper)
        .await?;
    Ok(done(
        &format!("/operators/{}", one.name),
        Done::OperatorSignedOut,
    ))
}

async fn revoke_token(visit: Visit<Rules>) -> Answer {
    let (one, id) = (named(&visit).await?, TokenId(visit.id("id")?));
    let paper = visit.paper("", "");
    if !visit
        .admin
        .store
        .api_token_revoke(id, Some(one.id), &paper)
        .await?
    {
        return Err(Failure::NotFound);
    }
    Ok(done(
        &format!("/operators/{}", one.name),
        Done::TokenRevoked,
    ))
}

async fn unlock(visit: Visit<Rules>) -> Answer {
    let one = named(&visit).await?;
    // With a stolen session she could guess her own code for ever, unlocking in between.
    if let Some(problem) = about_herself(&visit, &one) {
        return refused(&visit, one, problem).await;
    }
    let paper = visit.paper("", "");
    match not_done(visit.admin.store.operator_unlock(one.id, &paper).await?) {
        Some(problem) => refused(&visit, one, problem).await,
        None => Ok(done(&format!("/operators/{}", one.name), Done::Unlocked)),
    }
}
