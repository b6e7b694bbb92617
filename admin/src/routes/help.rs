//! The acts on a person: each a form that says what will happen, and the deed.
//!
//! All go through one form ([`ActForm`]) and one reading of it; the rules stand in `crate::acts`,
//! the deeds in [`deeds`](super::deeds). Never shows a code twice, and never a person's own.

use anteroom_core::hardware_token::Serial;
use anteroom_core::totp::TypedCode;
use anteroom_store::Person;

use super::deeds::Deed;
use super::people::person;
use super::show::not_fresh;
use crate::acts;
use crate::pages::Problem;
use crate::pages::acts::{Act, ActForm, Typed};
use crate::web::proof::Helps;
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

/// The longest reason, in characters: with the operator's name it still fits an audit row.
const LONGEST_REASON: usize = 150;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Helps, _, _>("/people/{id}/unlock", |visit| ask(visit, Act::Unlock))
        .post::<Helps, _, _>("/people/{id}/unlock", |visit| act(visit, Act::Unlock))
        .get::<Helps, _, _>("/people/{id}/temporary-code", |v| {
            ask(v, Act::TemporaryCode)
        })
        .post::<Helps, _, _>("/people/{id}/temporary-code", |v| {
            act(v, Act::TemporaryCode)
        })
        .get::<Helps, _, _>("/people/{id}/enrolment-code", |v| {
            ask(v, Act::EnrolmentCode)
        })
        .post::<Helps, _, _>("/people/{id}/enrolment-code", |v| {
            act(v, Act::EnrolmentCode)
        })
        .get::<Helps, _, _>("/people/{id}/reset", |visit| ask(visit, Act::Reset))
        .post::<Helps, _, _>("/people/{id}/reset", |visit| act(visit, Act::Reset))
        .get::<Helps, _, _>("/people/{id}/sign-out", |visit| ask(visit, Act::SignOut))
        .post::<Helps, _, _>("/people/{id}/sign-out", |visit| act(visit, Act::SignOut))
        .get::<Helps, _, _>("/people/{id}/merge", |visit| ask(visit, Act::Merge))
        .post::<Helps, _, _>("/people/{id}/merge", |visit| act(visit, Act::Merge))
        .get::<Helps, _, _>("/people/{id}/suspend", |visit| ask(visit, Act::Suspend))
        .post::<Helps, _, _>("/people/{id}/suspend", |visit| act(visit, Act::Suspend))
        .get::<Helps, _, _>("/people/{id}/reinstate", |visit| ask(visit, Act::Reinstate))
        .post::<Helps, _, _>("/people/{id}/reinstate", |visit| act(visit, Act::Reinstate))
        .get::<Helps, _, _>("/people/{id}/revoke-temporary-code", |visit| {
            ask(visit, Act::RevokeTemporaryCode)
        })
        .post::<Helps, _, _>("/people/{id}/revoke-temporary-code", |visit| {
            act(visit, Act::RevokeTemporaryCode)
        })
        .get::<Helps, _, _>("/people/{id}/revoke-enrolment-code", |visit| {
            ask(visit, Act::RevokeEnrolmentCode)
        })
        .post::<Helps, _, _>("/people/{id}/revoke-enrolment-code", |visit| {
            act(visit, Act::RevokeEnrolmentCode)
        })
        .get::<Helps, _, _>("/people/{id}/token", |visit| ask(visit, Act::GiveToken))
        .post::<Helps, _, _>("/people/{id}/token", |visit| act(visit, Act::GiveToken))
        .get::<Helps, _, _>("/people/{id}/resync-token", |visit| {
            ask(visit, Act::ResyncToken)
        })
        .post::<Helps, _, _>("/people/{id}/resync-token", |visit| {
            act(visit, Act::ResyncToken)
        })
        .get::<Helps, _, _>("/people/{id}/revoke-token", |visit| {
            ask(visit, Act::RevokeToken)
        })
        .post::<Helps, _, _>("/people/{id}/revoke-token", |visit| {
            act(visit, Act::RevokeToken)
        })
}

async fn ask(visit: Visit<Helps>, act: Act) -> Answer {
    let found = person(&visit).await?;
    let page = form(&visit, act, &found, Typed::default(), None);
    visit.show(|chrome| page.render(chrome)).await
}

/// Whether the operator is asked how the caller was known: for what helps whoever calls.
const fn is_called_for(act: Act) -> bool {
    matches!(
        act,
        Act::Unlock
            | Act::TemporaryCode
            | Act::EnrolmentCode
            | Act::Reset
            | Act::Merge
            | Act::Reinstate
            | Act::GiveToken
            | Act::ResyncToken
    )
}

/// Whether a second factor of the operator's own must be fresh: for what opens a way in.
const fn is_dangerous(act: Act) -> bool {
    matches!(
        act,
        Act::TemporaryCode
            | Act::EnrolmentCode
            | Act::Reset
            | Act::Merge
            | Act::GiveToken
            | Act::ResyncToken
            | Act::RevokeToken
    )
}

fn form(
    visit: &Visit<Helps>,
    act: Act,
    found: &Person,
    typed: Typed,
    problem: Option<Problem>,
) -> ActForm {
    let one = &found.listing;
    let mine = &visit.admin.mine;
    let temporary = act == Act::TemporaryCode;
    let list = |values: &[u32], wanted: bool| if wanted { values.to_vec() } else { Vec::new() };
    ActForm {
        act,
        whom: one.display_name.clone(),
        action: format!("/people/{}/{}", one.id, act.segment()),
        back: format!("/people/{}", one.id),
        checks: if is_called_for(act) {
            mine.identity_checks.clone()
        } else {
            Vec::new()
        },
        hours: list(&mine.temporary_code_hours, temporary),
        uses: list(&mine.temporary_code_uses, temporary),
        facts: Vec::new(),
        four_eyes: act == Act::Reset && acts::needs_second(&visit.admin, found),
        fresh_needed: is_dangerous(act) && visit.needs_code(),
        typed,
        problem,
    }
}

/// What was typed, in bounds.
fn typed(visit: &Visit<Helps>) -> Typed {
    let cut = |text: &str| text.chars().take(400).collect::<String>();
    Typed {
        reason: cut(visit.form.text("reason")),
        check: cut(visit.form.text("check")),
        hours: visit.form.number("hours").unwrap_or(0),
        uses: visit.form.number("uses").unwrap_or(0),
        other: cut(visit.form.text("other")),
    }
}

/// What is wrong with a reason, if anything is.
pub(super) fn without_reason(reason: &str) -> Option<Problem> {
    if reason.is_empty() {
        return Some(Problem::new(
            "reason",
            "Say why, in a few words.",
            "An auditor will read it.",
        ));
    }
    (reason.chars().count() > LONGEST_REASON).then(|| {
        let what = format!("The reason has more than {LONGEST_REASON} characters.");
        Problem::new("reason", what, "Put the rest into a note.")
    })
}

fn refuse(visit: &Visit<Helps>, act: Act, typed: &Typed) -> Option<Problem> {
    let mine = &visit.admin.mine;
    if let Some(problem) = without_reason(&typed.reason) {
        return Some(problem);
    }
    if is_called_for(act) && !mine.identity_checks.contains(&typed.check) {
        return Some(Problem::new(
            "check",
            "Say how you made sure who is asking.",
            "If you could not, call back on a known number first.",
        ));
    }
    if act == Act::TemporaryCode {
        if !mine.temporary_code_hours.contains(&typed.hours) {
            return Some(Problem::new("hours", "Choose for how many hours.", ""));
        }
        if !mine.temporary_code_uses.contains(&typed.uses) {
            return Some(Problem::new("uses", "Choose how often it works.", ""));
        }
    }
    if act == Act::Merge && typed.other.is_empty() {
        return Some(Problem::new("other", "Type the other spelling.", ""));
    }
    let of_token = matches!(act, Act::GiveToken | Act::ResyncToken | Act::RevokeToken);
    if of_token && Serial::parse(&typed.other).is_none() {
        let then = "It has up to 32 letters and digits.";
        let what = "Type the serial number of the token.";
        return Some(Problem::new("other", what, then));
    }
    let is_code = |field| TypedCode::parse(visit.form.text(field)).is_some();
    (act == Act::ResyncToken && !(is_code("first") && is_code("second"))).then(|| {
        let then = "Each has the 6 or 8 digits that the token shows.";
        Problem::new("first", "Type both codes.", then)
    })
}

async fn act(visit: Visit<Helps>, act: Act) -> Answer {
    let found = person(&visit).await?;
    let typed = typed(&visit);
    if let Some(problem) = refuse(&visit, act, &typed) {
        return again(&visit, act, &found, typed, problem).await;
    }
    let fresh = if is_dangerous(act) {
        match visit.fresh().await? {
            Ok(fresh) => Some(fresh),
            Err(why) => return again(&visit, act, &found, typed, not_fresh(why)).await,
        }
    } else {
        None
    };
    let deed = Deed {
        visit: &visit,
        act,
        found: &found,
        typed: &typed,
    };
    match fresh {
        Some(fresh) => deed.dangerous(fresh).await,
        None => deed.harmless().await,
    }
}

pub(super) async fn again(
    visit: &Visit<Helps>,
    act: Act,
    found: &Person,
    typed: Typed,
    problem: Problem,
) -> Answer {
    let page = form(visit, act, found, typed, Some(problem));
    visit.show_again(|chrome| page.render(chrome)).await
}
