//! An operator's own page: sessions, recovery codes, password, tokens for the API.
//!
//! Everything here is hers alone: ids of other operators' sessions and tokens are not found (attack
//! E04).

use std::time::Duration;

use anteroom_core::ids::{OperatorSessionRow, TokenId};
use anteroom_core::operator::Scope;
use anteroom_core::recovery_code::RecoveryCode;
use anteroom_core::time::Timestamp;
use anteroom_store::{TokenIssue, TokenView};
use data_encoding::BASE64URL_NOPAD;

use super::person_rows::authenticators;
use super::set_up::new_codes;
use super::show::{done, not_fresh};
use crate::api::token_hash;
use crate::pages::door::RecoveryCodes;
use crate::pages::me::{Me, MeForm, OwnSession, TokenRow, TypedToken};
use crate::pages::results::TokenShown;
use crate::pages::{Done, Problem};
use crate::password::{FEWEST_CHARS, judge_password};
use crate::say::{self, when, when_maybe};
use crate::web::failure::Failure;
use crate::web::proof::{Grants, HoldsTokens, Reads};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

/// For how many days a token may work; the first is the default.
const DAYS: [u32; 4] = [90, 30, 7, 365];
/// The longest name of a token, in characters.
const LONGEST_LABEL: usize = 60;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Reads, _, _>("/me", me)
        .post::<Reads, _, _>("/me/sessions/{id}/end", end_session)
        .post::<Reads, _, _>("/me/sessions/end-others", end_others)
        .post::<Reads, _, _>("/me/recovery-codes", recovery_codes)
        .post::<Reads, _, _>("/me/recovery-codes/saved", saved)
        .post::<Reads, _, _>("/me/password", password)
        .post::<HoldsTokens, _, _>("/me/tokens", token)
        .post::<HoldsTokens, _, _>("/me/tokens/{id}/revoke", revoke)
}

async fn me(visit: Visit<Reads>) -> Answer {
    let page = sheet(&visit, TypedToken::default(), None).await?;
    visit.show(|chrome| page.render(chrome)).await
}

/// Tokens as rows.
pub(super) fn token_rows(tokens: &[TokenView], now: Timestamp) -> Vec<TokenRow> {
    let row = |one: &TokenView| {
        let live = one.revoked_at.is_none() && one.expires_at > now;
        let names: Vec<&str> = one.scopes.iter().map(|scope| scope.name()).collect();
        TokenRow {
            id: one.id.0,
            label: one.label.clone(),
            scopes: names.join(" "),
            created: when(one.created_at, now),
            expires: when(one.expires_at, now),
            last_used: when_maybe(one.last_used_at, now),
            live,
            state: match one.revoked_at {
                Some(_) => "revoked".to_owned(),
                None if live => "works".to_owned(),
                None => "expired".to_owned(),
            },
        }
    };
    tokens.iter().map(row).collect()
}

async fn sheet<P: Grants>(
    visit: &Visit<P>,
    typed: TypedToken,
    problem: Option<(MeForm, Problem)>,
) -> Result<Me, Failure> {
    let (admin, now, id) = (&visit.admin, visit.now, visit.who.id());
    let mine = visit.who.session().row;
    let sessions = admin.store.operator_sessions_of(id, now).await?;
    let session = |one: &anteroom_store::OperatorSession| OwnSession {
        id: one.row.0,
        this: one.row == mine,
        since: when(one.created_at, now),
        active: when(one.active_at, now),
        from: say::place(admin, one.client),
    };
    let held = admin.store.operator_authenticators(id).await?;
    let operator = admin.store.operator_find(id, now).await?;
    let role = visit.who.role();
    let scopes = Scope::ALL
        .into_iter()
        .filter(|scope| role.may(scope.needs()));
    let (form, problem) = problem.map_or((MeForm::Token, None), |(form, it)| (form, Some(it)));
    Ok(Me {
        role,
        sessions: sessions.iter().map(session).collect(),
        authenticators: authenticators(&held, now),
        recovery_left: operator.map_or(0, |one| one.recovery_left),
        tokens: token_rows(&admin.store.api_tokens(Some(id)).await?, now),
        scopes: scopes.collect(),
        days: DAYS.to_vec(),
        typed,
        least: u32::try_from(FEWEST_CHARS).unwrap_or(8),
        fresh_needed: visit.needs_code(),
        problem,
        problem_form: form,
    })
}

async fn again<P: Grants>(
    visit: &Visit<P>,
    typed: TypedToken,
    form: MeForm,
    problem: Problem,
) -> Answer {
    let page = sheet(visit, typed, Some((form, problem))).await?;
    visit.show_again(|chrome| page.render(chrome)).await
}

async fn end_session(visit: Visit<Reads>) -> Answer {
    let row = OperatorSessionRow(visit.id("id")?);
    let paper = visit.paper("", "");
    let (store, who) = (&visit.admin.store, visit.who.id());
    if !store
        .operator_session_end(row, Some(who), "ended_by_owner", &paper)
        .await?
    {
        return Err(Failure::NotFound);
    }
    Ok(done("/me", Done::SessionEnded))
}

async fn end_others(visit: Visit<Reads>) -> Answer {
    let (store, who, mine) = (&visit.admin.store, visit.who.id(), visit.who.session().row);
    let paper = visit.paper("", "");
    for one in store.operator_sessions_of(who, visit.now).await? {
        if one.row != mine {
            store
                .operator_session_end(one.row, Some(who), "ended_by_owner", &paper)
                .await?;
        }
    }
    Ok(done("/me", Done::SessionEnded))
}

async fn recovery_codes(visit: Visit<Reads>) -> Answer {
    if let Err(why) = visit.fresh().await? {
        let typed = TypedToken::default();
        return again(&visit, typed, MeForm::Codes, not_fresh(why)).await;
    }
    let codes = new_codes(&visit.admin);
    let shown = codes.iter().map(RecoveryCode::shown).collect();
    let paper = visit.paper("", "");
    visit
        .admin
        .store
        .operator_codes_renew(visit.who.id(), codes, &paper)
        .await?;
    let page = RecoveryCodes {
        account: visit.who.name().to_owned(),
        codes: shown,
        action: "/me/recovery-codes/saved".to_owned(),
    };
    visit.show(|chrome| page.render_inside(chrome)).await
}

async fn saved(_visit: Visit<Reads>) -> Answer {
    Ok(done("/me", Done::CodesSaved))
}

async fn password(visit: Visit<Reads>) -> Answer {
    let typed = TypedToken::default();
    let chosen = visit.form.exactly("password");
    let problem = match judge_password(chosen, visit.who.name()) {
        Err(problem) => Some(Problem::new("password", problem.to_string(), "")),
        Ok(()) if visit.form.exactly("again") != chosen => Some(Problem::new(
            "again",
            "The two passwords are not the same.",
            "Type the same password twice.",
        )),
        Ok(()) => None,
    };
    if let Some(problem) = problem {
        return again(&visit, typed, MeForm::Password, problem).await;
    }
    if let Err(why) = visit.fresh().await? {
        return again(&visit, typed, MeForm::Password, not_fresh(why)).await;
    }
    let (paper, mine) = (visit.paper("", ""), visit.who.session().row);
    visit
        .admin
        .store
        .operator_password_set(visit.who.id(), chosen, mine, &paper)
        .await?;
    Ok(done("/me", Done::PasswordChanged))
}

async fn token(visit: Visit<HoldsTokens>) -> Answer {
    let words = visit.form.text("scope").split(' ');
    let typed = TypedToken {
        label: visit.form.text("label").chars().take(200).collect(),
        scopes: words.filter_map(Scope::from_name).collect(),
        days: visit.form.number("days").unwrap_or(0),
    };
    let role = visit.who.role();
    let problem = if typed.label.is_empty() || typed.label.chars().count() > LONGEST_LABEL {
        Some(Problem::new(
            "label",
            "Say what the token is for, in 1 to 60 characters.",
            "",
        ))
    } else if typed.scopes.is_empty() {
        Some(Problem::new("scope", "Choose what the token may do.", ""))
    } else if !typed.scopes.iter().all(|scope| role.may(scope.needs())) {
        Some(Problem::new(
            "scope",
            "Your role does not hold all of that.",
            "",
        ))
    } else if !DAYS.contains(&typed.days) {
        Some(Problem::new("days", "Choose for how long.", ""))
    } else {
        None
    };
    if let Some(problem) = problem {
        return again(&visit, typed, MeForm::Token, problem).await;
    }
    if let Err(why) = visit.fresh().await? {
        return again(&visit, typed, MeForm::Token, not_fresh(why)).await;
    }
    let token = format!(
        "art_{}",
        BASE64URL_NOPAD.encode(&visit.admin.random::<32>())
    );
    let life = Duration::from_secs(u64::from(typed.days) * 24 * 3600);
    let issue = TokenIssue {
        operator: visit.who.id(),
        label: &typed.label,
        hash: token_hash(&token),
        scopes: &typed.scopes,
        expires_at: visit.now.plus(life),
    };
    let paper = visit.paper("", "");
    visit.admin.store.api_token_issue(&issue, &paper).await?;
    let page = TokenShown {
        label: typed.label.clone(),
        token,
        scopes: typed
            .scopes
            .iter()
            .map(|scope| scope.name().to_owned())
            .collect(),
        expires: when(issue.expires_at, visit.now),
    };
    visit.show(|chrome| page.render(chrome)).await
}

async fn revoke(visit: Visit<HoldsTokens>) -> Answer {
    let id = TokenId(visit.id("id")?);
    let who = visit.who.id();
    let paper = visit.paper("", "");
    if !visit
        .admin
        .store
        .api_token_revoke(id, Some(who), &paper)
        .await?
    {
        return Err(Failure::NotFound);
    }
    Ok(done("/me", Done::TokenRevoked))
}
