//! Setting an operator up by her one-time link: a password, a phone, recovery codes.
//!
//! Nothing counts until the first code of the phone was right; then all of it does, once per link.
//! The rules for passwords are `crate::password`'s.

use anteroom_core::challenge::{CodeHint, FirstCodeVerdict, judge_first_code};
use anteroom_core::recovery_code::RecoveryCode;
use anteroom_core::totp::{TotpSecret, otpauth_uri};
use anteroom_store::{SettingUp, SetupConfirmation, SetupOpening, SetupStanding};
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;

use super::sign_in::belongs;
use crate::Admin;
use crate::pages::door::{RecoveryCodes, SetUpPassword, SetUpPhone, Told};
use crate::pages::{Door, Problem, qr};
use crate::password::{FEWEST_CHARS, judge_password};
use crate::web::cookie::{Shown, sha256};
use crate::web::failure::{Failure, html, to};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Knock};

/// How operators' phones list the entry.
const ISSUER: &str = "Anteroom admin";
/// Recovery codes of an operator.
const CODES: usize = 10;

pub(super) fn routes() -> Routes {
    Routes::new()
        .open("GET", "/set-up/{token}", open_link)
        .open("POST", "/set-up", choose)
        .open("GET", "/set-up/phone", phone)
        .open("POST", "/set-up/phone", confirm)
        .open("POST", "/set-up/done", done)
}

/// What the store knows a link by.
#[must_use]
pub fn link_hash(token: &str) -> Option<[u8; 32]> {
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
    (bytes.len() == 32).then(|| sha256(&[b"anteroom-admin/set-up", &bytes]))
}

fn at_door(knock: &Knock, csrf: &str, render: impl FnOnce(&Door<'_>) -> String) -> String {
    let reference = knock.admin.reference();
    render(&Door {
        csrf,
        reference: &reference,
    })
}

fn over(knock: &Knock) -> Response {
    let page = at_door(knock, "", |door| Told::LinkOver.render(door));
    html(StatusCode::GONE, page)
}

/// For whom the link works.
async fn link(knock: &Knock, token: &str) -> Result<Option<(String, [u8; 32])>, Failure> {
    let Some(hash) = link_hash(token) else {
        return Ok(None);
    };
    let standing = knock.admin.store.operator_setup_standing(&hash, knock.now);
    Ok(match standing.await? {
        SetupStanding::Live { name, .. } => Some((name, hash)),
        SetupStanding::Used | SetupStanding::Worthless => None,
    })
}

async fn open_link(knock: Knock) -> Answer {
    let token = knock.word("token").to_owned();
    match link(&knock, &token).await? {
        Some((name, _)) => password_page(&knock, name, token, None).await,
        None => Ok(over(&knock)),
    }
}

async fn password_page(
    knock: &Knock,
    name: String,
    token: String,
    problem: Option<Problem>,
) -> Answer {
    let operator = knock.admin.store.operator_named(&name, knock.now).await?;
    let Some(operator) = operator else {
        return Ok(over(knock));
    };
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = SetUpPassword {
        name,
        role: operator.role,
        token,
        least: u32::try_from(FEWEST_CHARS).unwrap_or(8),
        problem,
    };
    Ok(html(status, at_door(knock, "", |door| page.render(door))))
}

async fn choose(knock: Knock) -> Answer {
    let token = knock.form.text("token").to_owned();
    let Some((name, hash)) = link(&knock, &token).await? else {
        return Ok(over(&knock));
    };
    let password = knock.form.exactly("password");
    let problem = match judge_password(password, &name) {
        Err(problem) => Some(Problem::new("password", problem.to_string(), "")),
        Ok(()) if knock.form.exactly("again") != password => Some(Problem::new(
            "again",
            "The two passwords are not the same.",
            "Type the same password twice.",
        )),
        Ok(()) => None,
    };
    if problem.is_some() {
        return password_page(&knock, name, token, problem).await;
    }
    let (shown, seed) = (Shown::new(knock.admin.random()), new_seed(&knock.admin));
    let begun = knock.admin.store.operator_setup_begin(SetupOpening {
        token: &hash,
        password,
        seed: &seed,
        session: shown.hash(),
        host: &knock.host,
        client: knock.client,
        now: knock.now,
    });
    match begun.await? {
        Some(_) => Ok(to("/set-up/phone", Some(shown.line(knock.admin.tls())))),
        None => Ok(over(&knock)),
    }
}

/// A seed of 160 bits.
pub(super) fn new_seed(admin: &Admin) -> TotpSecret {
    TotpSecret::from_bytes(admin.random::<20>().to_vec())
}

/// A fresh set of recovery codes.
pub(super) fn new_codes(admin: &Admin) -> Vec<RecoveryCode> {
    let mint = |_| RecoveryCode::mint(&admin.random());
    (0..CODES).map(mint).collect()
}

async fn setting_up(knock: &Knock) -> Result<Option<SettingUp>, Failure> {
    let Some(shown) = &knock.shown else {
        return Ok(None);
    };
    let (store, hash) = (&knock.admin.store, shown.hash());
    let found = store.operator_setting_up(&hash, &knock.host, knock.now);
    Ok(found.await?)
}

async fn phone(knock: Knock) -> Answer {
    match setting_up(&knock).await? {
        Some(setting_up) => Ok(phone_page(&knock, &setting_up, None)),
        None => Ok(over(&knock)),
    }
}

fn phone_page(knock: &Knock, setting_up: &SettingUp, problem: Option<Problem>) -> Response {
    let uri = otpauth_uri(&setting_up.seed, ISSUER, &setting_up.name);
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = SetUpPhone {
        account: setting_up.name.clone(),
        qr_png: qr::qr_png(&uri).unwrap_or_default(),
        secret_groups: setting_up.seed.in_groups_of_four(),
        uri,
        problem,
    };
    let csrf = knock.shown.as_ref().map(Shown::csrf).unwrap_or_default();
    html(status, at_door(knock, &csrf, |door| page.render(door)))
}

async fn confirm(knock: Knock) -> Answer {
    let Some(setting_up) = setting_up(&knock).await? else {
        return Ok(over(&knock));
    };
    let session = belongs(&knock)?;
    let typed = knock.form.text("code");
    let first = match judge_first_code(&setting_up.seed, typed, knock.now) {
        FirstCodeVerdict::Accept(first) => first,
        FirstCodeVerdict::Wrong { hint } => {
            return Ok(phone_page(&knock, &setting_up, Some(first_problem(hint))));
        }
    };
    let (shown, codes) = (Shown::new(knock.admin.random()), new_codes(&knock.admin));
    let shown_codes = codes.iter().map(RecoveryCode::shown).collect();
    let confirmed = knock.admin.store.operator_setup_confirm(
        first,
        SetupConfirmation {
            session,
            new: shown.hash(),
            label: "Phone",
            codes,
            host: &knock.host,
            client: knock.client,
            ends_at: knock.now.plus(knock.admin.mine.overall),
            now: knock.now,
        },
    );
    if confirmed.await?.is_none() {
        return Ok(over(&knock));
    }
    let page = RecoveryCodes {
        account: setting_up.name,
        codes: shown_codes,
        action: "/set-up/done".to_owned(),
    };
    let page = at_door(&knock, &shown.csrf(), |door| page.render(door));
    let mut response = html(StatusCode::OK, page);
    let cookie = shown.line(knock.admin.tls());
    response
        .headers_mut()
        .append(http::header::SET_COOKIE, cookie);
    Ok(response)
}

fn first_problem(hint: Option<CodeHint>) -> Problem {
    match hint {
        Some(CodeHint::Malformed) => Problem::new(
            "code",
            "That is not a code of six digits.",
            "Type the six digits that the app shows for this entry.",
        ),
        Some(CodeHint::ClockOff { minutes }) => {
            let off = minutes.unsigned_abs();
            let way = if minutes < 0 { "slow" } else { "fast" };
            Problem::new(
                "code",
                format!("Your phone's clock is about {off} minutes {way}."),
                "Set it to automatic, then type the next code.",
            )
        }
        Some(CodeHint::TokenSlow { .. } | CodeHint::SwitchedOff) | None => Problem::new(
            "code",
            "That code is not right.",
            "Make sure that you have scanned this picture, and type the next code.",
        ),
    }
}

async fn done(_knock: Knock) -> Answer {
    Ok(to("/", None))
}
