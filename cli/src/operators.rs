//! `anteroom operator …`: the people who use the admin app, from the first owner on.
//!
//! Nobody gets a password here: a new or reset operator gets a one-time set-up link, which is
//! printed once. Everything is written to the audit log under the name of whoever runs the command.

use anteroom_core::operator::{Role, operator_name};
use anteroom_store::{OperatorAct, OperatorCreation, OperatorView, Paper, SetupLink};
use data_encoding::BASE64URL_NOPAD;

use crate::failure::Failure;
use crate::operator::Operator;
use crate::{columns, moment, say};

/// Makes an operator and prints her set-up link.
///
/// # Errors
/// When the name cannot be one or is taken, there is no admin app, or the store cannot write.
pub async fn create(operator: &Operator, name: &str, role: Role) -> Result<(), Failure> {
    let name = read_name(name)?;
    let (address, link) = new_link(operator)?;
    let made = operator
        .store
        .operator_create(&name, role, &link, &paper(operator, ""))
        .await?;
    match made {
        OperatorCreation::Created(_) => say::answer(handout(&name, role, &address, &link)),
        OperatorCreation::Taken => Err(Failure::failed(format!(
            "there is, or was, an operator called {name}; names are never given twice, because \
             the audit log knows people by them. For a new link: anteroom operator link {name}"
        ))),
    }
}

/// Lists operators.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(operator: &Operator) -> Result<(), Failure> {
    let all = operator.store.operator_list(operator.now).await?;
    if all.is_empty() {
        say::aside(
            "There is no operator yet. Make the first one: anteroom operator create NAME --role \
             owner",
        );
        return Ok(());
    }
    let head = [
        "NAME",
        "ROLE",
        "STATE",
        "FACTORS",
        "SESSIONS",
        "LAST SIGN-IN",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(all.iter().map(|one| {
        let factors = format!("{} app, {} recovery", one.totp_active, one.recovery_left);
        let last = one
            .last_login_at
            .map_or_else(|| "never".to_owned(), moment::in_utc);
        vec![
            one.name.clone(),
            one.role.name().to_owned(),
            state(one).to_owned(),
            factors,
            one.sessions.to_string(),
            last,
        ]
    }));
    say::answer(columns::aligned(&rows))
}

fn state(one: &OperatorView) -> &'static str {
    match (one.disabled_at, one.set_up, one.link_until) {
        (Some(_), ..) => "disabled",
        (None, true, _) => "active",
        (None, false, Some(_)) => "invited",
        (None, false, None) => "link expired",
    }
}

/// Prints a new link for an operator who has not been set up.
///
/// # Errors
/// When there is no such operator, or she has been set up.
pub async fn link(operator: &Operator, name: &str) -> Result<(), Failure> {
    let one = named(operator, name).await?;
    let (address, link) = new_link(operator)?;
    let issued = operator
        .store
        .operator_setup_issue(one.id, &link, &paper(operator, ""))
        .await?;
    match issued {
        Some(name) => say::answer(handout(&name, one.role, &address, &link)),
        None => Err(Failure::failed(format!(
            "{0} has been set up, or is disabled; to take password and phone away and begin anew: \
             anteroom operator reset {0} --reason TEXT",
            one.name
        ))),
    }
}

/// Takes password and factors away and prints a new link. Also for the last owner: whoever reads
/// the key file is trusted with that.
///
/// # Errors
/// When there is no such operator, nobody confirms, or the store cannot write.
pub async fn reset(
    operator: &Operator,
    name: &str,
    reason: &str,
    sure: bool,
) -> Result<(), Failure> {
    let one = named(operator, name).await?;
    let question = format!(
        "This takes password, phone, recovery codes, sessions and tokens from {}. Reset?",
        one.name
    );
    confirm(&question, sure)?;
    let (address, link) = new_link(operator)?;
    let done = operator
        .store
        .operator_reset(one.id, &link, true, &paper(operator, reason))
        .await?;
    done_or_why(done, &one.name)?;
    say::answer(handout(&one.name, one.role, &address, &link))
}

/// What else can be done to an operator.
#[derive(Clone, Copy)]
pub enum Act {
    /// Another role.
    Role(Role),
    /// May not sign in any more.
    Disable,
    /// May sign in again.
    Enable,
    /// May try again.
    Unlock,
    /// Signed out everywhere.
    SignOut,
}

/// Does one of these.
///
/// # Errors
/// When there is no such operator, she is the last owner, or the store cannot write.
pub async fn act(operator: &Operator, name: &str, act: Act, reason: &str) -> Result<(), Failure> {
    let one = named(operator, name).await?;
    let (store, paper, id) = (&operator.store, paper(operator, reason), one.id);
    let (done, told) = match act {
        Act::Role(role) => (
            store.operator_role_set(id, role, &paper).await?,
            format!(
                "{} is {} now; her sessions have ended.",
                one.name,
                role.name()
            ),
        ),
        Act::Disable => (
            store.operator_disable(id, &paper).await?,
            format!("{} may not sign in any more.", one.name),
        ),
        Act::Enable => (
            store.operator_enable(id, &paper).await?,
            format!("{} may sign in again.", one.name),
        ),
        Act::Unlock => (
            store.operator_unlock(id, &paper).await?,
            format!("{} may try again at once.", one.name),
        ),
        Act::SignOut => {
            let ended = store.operator_sessions_end(id, &one.name, &paper).await?;
            (
                OperatorAct::Done,
                format!("{} sessions of {} have ended.", ended, one.name),
            )
        }
    };
    done_or_why(done, &one.name)?;
    say::answer(told)
}

/// Lists the API tokens of all operators, or revokes one.
///
/// # Errors
/// When there is no such live token, or the store cannot be read or written.
pub async fn tokens(operator: &Operator, revoke: Option<i64>) -> Result<(), Failure> {
    let store = &operator.store;
    if let Some(id) = revoke {
        let id = anteroom_core::ids::TokenId(id);
        if !store
            .api_token_revoke(id, None, &paper(operator, ""))
            .await?
        {
            return Err(Failure::failed(format!(
                "there is no live token {id}; `anteroom operator tokens` lists them"
            )));
        }
        return say::answer(format!("Token {id} no longer works."));
    }
    let all = store.api_tokens(None).await?;
    let head = ["ID", "OPERATOR", "FOR", "SCOPES", "ENDS", "STATE"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(all.iter().map(|one| {
        let scopes: Vec<&str> = one.scopes.iter().map(|scope| scope.name()).collect();
        let state = match one.revoked_at {
            Some(_) => "revoked",
            None if one.expires_at <= operator.now => "expired",
            None => "works",
        };
        vec![
            one.id.to_string(),
            one.name.clone(),
            one.label.clone(),
            scopes.join(" "),
            moment::in_utc(one.expires_at),
            state.to_owned(),
        ]
    }));
    say::answer(columns::aligned(&rows))
}

fn paper<'a>(operator: &'a Operator, reason: &'a str) -> Paper<'a> {
    Paper::of(&operator.name, operator.now).because(reason)
}

fn read_name(name: &str) -> Result<String, Failure> {
    operator_name(name).ok_or_else(|| {
        Failure::usage(format!(
            "{name:?} cannot be an operator's name: up to 32 lower-case letters, digits and \
             . - _ @, beginning with a letter or digit, such as olga or olga@clinic.test"
        ))
    })
}

async fn named(operator: &Operator, name: &str) -> Result<OperatorView, Failure> {
    let name = read_name(name)?;
    let found = operator.store.operator_named(&name, operator.now).await?;
    found.ok_or_else(|| {
        Failure::failed(format!(
            "there is no operator called {name}; `anteroom operator list` shows them all"
        ))
    })
}

fn done_or_why(done: OperatorAct, name: &str) -> Result<(), Failure> {
    let why = match done {
        OperatorAct::Done => return Ok(()),
        OperatorAct::Already => "it was so already; nothing was changed".to_owned(),
        OperatorAct::Unknown => format!("{name} is gone from the store; nothing was changed"),
        OperatorAct::LastOwner => format!(
            "{name} is the last owner who can sign in; make another owner first: anteroom \
             operator create NAME --role owner"
        ),
    };
    Err(Failure::failed(why))
}

fn confirm(question: &str, sure: bool) -> Result<(), Failure> {
    if sure || say::asks_yes(question)? {
        return Ok(());
    }
    Err(Failure::failed(
        "not confirmed; nothing was changed (--yes answers beforehand)",
    ))
}

/// A new link: its address, and what the store keeps of it.
fn new_link(operator: &Operator) -> Result<(String, SetupLink), Failure> {
    let admin = operator.settings.admin.as_ref().ok_or_else(|| {
        Failure::usage(
            "the configuration has no [admin] section, so there is no admin app to sign in to; \
             the smallest one is:\n[admin]\naddr = \"127.0.0.1:8443\"",
        )
    })?;
    let mut random = [0; 32];
    (operator.entropy)(&mut random);
    let token = BASE64URL_NOPAD.encode(&random);
    let hash = anteroom_admin::link_hash(&token).ok_or_else(|| Failure::failed("no link"))?;
    let (scheme, usual) = if admin.tls.is_some() {
        ("https", 443)
    } else {
        ("http", 80)
    };
    let host = admin.hosts.first().map_or("localhost", String::as_str);
    let port = admin.addr.port();
    let port = if port == usual {
        String::new()
    } else {
        format!(":{port}")
    };
    let link = SetupLink {
        token: hash,
        expires_at: operator.now.plus(admin.setup_for),
    };
    Ok((format!("{scheme}://{host}{port}/set-up/{token}"), link))
}

fn handout(name: &str, role: Role, address: &str, link: &SetupLink) -> String {
    let until = moment::in_utc(link.expires_at);
    format!(
        "Set-up link for {name} ({role}):\n\n  {address}\n\n\
         It works once, until {until}. Open it in a browser, choose a password and connect an\n\
         authenticator app. It is shown only now; hand it over in person or by a way you trust.",
        role = role.name()
    )
}
