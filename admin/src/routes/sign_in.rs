//! Signing in and out: name and password, then a second factor, always both.
//!
//! Judges nothing itself: the password is the store's to try, the code `web::fresh`'s. Every step
//! gets a session id of its own (attack E09).

use anteroom_core::ids::SessionHash;
use anteroom_core::operator::operator_name;
use anteroom_core::throttle::ThrottlePolicy;
use anteroom_store::{
    OperatorClaim, OperatorPass, OperatorSession, OperatorStage, Paper, PasswordTry, PasswordTyped,
};
use http::StatusCode;
use subtle::ConstantTimeEq;

use crate::pages::door::{SecondFactor, SignIn, Told};
use crate::pages::{Door, Problem};
use crate::web::cookie::{self, Shown};
use crate::web::failure::{Failure, html, to};
use crate::web::fresh::{Judged, NotFresh, judge};
use crate::web::proof::Reads;
use crate::web::table::Routes;
use crate::web::visit::{Answer, Knock, Visit};

/// The longest pause for a name after wrong passwords: its owner must not wait for an hour because
/// somebody plays with the form.
const LONGEST_PAUSE: std::time::Duration = std::time::Duration::from_secs(15 * 60);
/// The longest password that is looked at, in bytes.
const LONGEST_PASSWORD: usize = 256;

pub(super) fn routes() -> Routes {
    Routes::new()
        .open("GET", "/sign-in", ask)
        .open("POST", "/sign-in", password)
        .open("GET", "/sign-in/code", ask_code)
        .open("POST", "/sign-in/code", code)
        .open("POST", "/sign-in/recovery", recovery)
        .open("POST", "/sign-in/again", start_over)
        .open("GET", "/signed-out", signed_out)
        .post::<Reads, _, _>("/sign-out", sign_out)
}

async fn ask(knock: Knock) -> Answer {
    if let Some(session) = session_of(&knock).await? {
        match session.stage {
            OperatorStage::Open => return Ok(to("/", None)),
            OperatorStage::Password => return Ok(to("/sign-in/code", None)),
            OperatorStage::Setup => {}
        }
    }
    let reference = knock.admin.reference();
    let door = Door {
        csrf: "",
        reference: &reference,
    };
    if knock.query.text("idle") == "1" {
        return Ok(html(StatusCode::OK, Told::Ended.render(&door)));
    }
    Ok(html(StatusCode::OK, SignIn::default().render(&door)))
}

async fn session_of(knock: &Knock) -> Result<Option<OperatorSession>, Failure> {
    let Some(shown) = &knock.shown else {
        return Ok(None);
    };
    let (store, hash) = (&knock.admin.store, shown.hash());
    let found = store.operator_session_find(&hash, &knock.host, knock.now);
    Ok(found.await?)
}

fn password_policy() -> ThrottlePolicy {
    ThrottlePolicy {
        longest_pause: LONGEST_PAUSE,
        ..ThrottlePolicy::default()
    }
}

async fn password(knock: Knock) -> Answer {
    let admin = &knock.admin;
    if let Some(seconds) = admin.sources.must_wait(knock.client, knock.now) {
        return Err(Failure::TooMany { seconds });
    }
    let typed = knock.form.text("name");
    let password = knock.form.exactly("password");
    let again = |what: &str, then: &str| {
        let reference = admin.reference();
        let page = SignIn {
            name: typed.chars().take(64).collect(),
            problem: Some(Problem::new("", what, then)),
        };
        let door = Door {
            csrf: "",
            reference: &reference,
        };
        html(StatusCode::UNPROCESSABLE_ENTITY, page.render(&door))
    };
    if typed.is_empty() || password.is_empty() {
        return Ok(again("Name and password are both needed.", ""));
    }
    let wrong = "Name and password do not belong together.";
    let then = "Check both and try again. An owner can reset your access.";
    let Some(name) = operator_name(typed).filter(|_| password.len() <= LONGEST_PASSWORD) else {
        admin.sources.failed(knock.client, knock.now);
        return Ok(again(wrong, then));
    };
    let (shown, policy) = (Shown::new(admin.random()), password_policy());
    let tried = admin.store.operator_password_try(PasswordTyped {
        name: &name,
        password,
        session: shown.hash(),
        host: &knock.host,
        client: knock.client,
        policy: &policy,
        now: knock.now,
    });
    match tried.await? {
        PasswordTry::Right => Ok(to("/sign-in/code", Some(shown.line(admin.tls())))),
        PasswordTry::Wrong => {
            admin.sources.failed(knock.client, knock.now);
            Ok(again(wrong, then))
        }
        PasswordTry::Paused { until } => {
            admin.sources.failed(knock.client, knock.now);
            Ok(paused(&knock, until))
        }
        PasswordTry::Busy => Err(Failure::TooMany { seconds: 5 }),
    }
}

fn paused(knock: &Knock, until: anteroom_core::time::Timestamp) -> axum::response::Response {
    let seconds = until.since(knock.now).as_secs().max(1);
    let reference = knock.admin.reference();
    let door = Door {
        csrf: "",
        reference: &reference,
    };
    let page = Told::Paused { seconds }.render(&door);
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, page);
    let after = http::HeaderValue::from(seconds);
    response
        .headers_mut()
        .insert(http::header::RETRY_AFTER, after);
    response
}

/// The half-way session, or where to go instead.
async fn half_way(knock: &Knock) -> Result<Result<OperatorSession, &'static str>, Failure> {
    Ok(match session_of(knock).await? {
        Some(session) if session.stage == OperatorStage::Password => Ok(session),
        Some(session) if session.stage == OperatorStage::Open => Err("/"),
        _ => Err("/sign-in"),
    })
}

async fn ask_code(knock: Knock) -> Answer {
    match half_way(&knock).await? {
        Ok(session) => Ok(code_page(&knock, &session, StatusCode::OK, false, None)),
        Err(place) => Ok(to(place, None)),
    }
}

fn code_page(
    knock: &Knock,
    session: &OperatorSession,
    status: StatusCode,
    recovery: bool,
    problem: Option<Problem>,
) -> axum::response::Response {
    let csrf = knock.shown.as_ref().map(Shown::csrf).unwrap_or_default();
    let reference = knock.admin.reference();
    let door = Door {
        csrf: &csrf,
        reference: &reference,
    };
    let page = SecondFactor {
        name: session.name.clone(),
        recovery,
        problem,
    };
    html(status, page.render(&door))
}

async fn code(knock: Knock) -> Answer {
    second_factor(knock, false).await
}

async fn recovery(knock: Knock) -> Answer {
    second_factor(knock, true).await
}

async fn second_factor(knock: Knock, recovery: bool) -> Answer {
    let session = match half_way(&knock).await? {
        Ok(session) => session,
        Err(place) => return Ok(to(place, None)),
    };
    let old = belongs(&knock)?;
    let typed = knock.form.text("code");
    let again = |problem: Problem| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        code_page(&knock, &session, status, recovery, Some(problem))
    };
    if typed.is_empty() {
        return Ok(again(Problem::new("code", "Type your code.", "")));
    }
    if let Some(seconds) = knock.admin.sources.must_wait(knock.client, knock.now) {
        return Err(Failure::TooMany { seconds });
    }
    let whose = (session.subscriber, session.name.as_str());
    for _ in 0..3 {
        let judged = judge(&knock.admin, whose, typed, knock.client, knock.now).await?;
        let (accepted, material) = match judged {
            Judged::Right(accepted, material) => (accepted, material),
            Judged::Not(NotFresh::Paused { until }) => return Ok(paused(&knock, until)),
            Judged::Not(why) => return Ok(again(problem_of(why, recovery))),
        };
        let shown = Shown::new(knock.admin.random());
        let claim = OperatorClaim {
            old,
            new: shown.hash(),
            version: material.version,
            host: &knock.host,
            client: knock.client,
            ends_at: knock.now.plus(knock.admin.mine.overall),
            now: knock.now,
        };
        match knock.admin.store.operator_claim(accepted, claim).await? {
            OperatorPass::Open(_) => {
                return Ok(to("/", Some(shown.line(knock.admin.tls()))));
            }
            OperatorPass::AlreadySpent => {
                return Ok(again(problem_of(NotFresh::Reused, recovery)));
            }
            OperatorPass::Stale => {}
            OperatorPass::Gone => return Ok(to("/sign-in", None)),
        }
    }
    Ok(again(problem_of(NotFresh::Wrong, recovery)))
}

/// The hash of the session whose own word the form brought.
pub(super) fn belongs(knock: &Knock) -> Result<SessionHash, Failure> {
    let shown = knock.shown.as_ref().ok_or(Failure::SignIn)?;
    let (given, wanted) = (knock.form.text("csrf"), shown.csrf());
    if bool::from(given.as_bytes().ct_eq(wanted.as_bytes())) {
        Ok(shown.hash())
    } else {
        Err(Failure::OldForm)
    }
}

/// What a refused code is told as.
pub(super) fn problem_of(why: NotFresh, recovery: bool) -> Problem {
    let field = "code";
    match why {
        NotFresh::Wanted => Problem::new(field, "Type your code.", ""),
        NotFresh::Wrong if recovery => Problem::new(
            field,
            "That recovery code is not one of yours, or was used before.",
            "Check each letter, or use the code from your phone.",
        ),
        NotFresh::Wrong => Problem::new(
            field,
            "That code is not right.",
            "Wait for the next one and type it; the phone's clock must be set to automatic.",
        ),
        NotFresh::Reused => Problem::new(
            field,
            "That code was used already.",
            "Wait for the next one: a new code comes every 30 seconds.",
        ),
        NotFresh::Paused { .. } => Problem::new(field, "Please wait before the next try.", ""),
        NotFresh::Stopped => Problem::new(
            field,
            "Your authenticator is switched off after too many wrong codes.",
            "Use a recovery code, or ask an owner to unlock you.",
        ),
    }
}

/// Gives up between password and code, so that somebody else can sign in here.
async fn start_over(knock: Knock) -> Answer {
    let session = match half_way(&knock).await? {
        Ok(session) => session,
        Err(place) => return Ok(to(place, None)),
    };
    belongs(&knock)?;
    let mut paper = Paper::of(&session.name, knock.now);
    paper.client = Some(knock.client);
    let store = &knock.admin.store;
    store
        .operator_session_end(session.row, None, "given_up", &paper)
        .await?;
    Ok(to("/sign-in", Some(cookie::taken_away(knock.admin.tls()))))
}

async fn sign_out(visit: Visit<Reads>) -> Answer {
    let mut paper = Paper::of(visit.who.name(), visit.now);
    paper.client = Some(visit.client);
    let row = visit.who.session().row;
    visit
        .admin
        .store
        .operator_session_end(row, None, "sign_out", &paper)
        .await?;
    Ok(to(
        "/signed-out",
        Some(cookie::taken_away(visit.admin.tls())),
    ))
}

async fn signed_out(knock: Knock) -> Answer {
    let reference = knock.admin.reference();
    let door = Door {
        csrf: "",
        reference: &reference,
    };
    Ok(html(StatusCode::OK, Told::SignedOut.render(&door)))
}
