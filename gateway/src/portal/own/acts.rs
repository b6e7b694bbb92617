//! The small acts: rename, remove, new recovery codes, end one session or all others, forget one
//! remembered computer or all, not me.
//!
//! Each has a page that says what will happen and asks for a code in the same form. Nothing is
//! changed by a GET.

use anteroom_core::ids::{AuthenticatorId, DeviceId, SessionRow};
use anteroom_core::label::{Label, LabelProblem};
use anteroom_core::own_act::OwnAct;

use super::{
    Herself, codes, codes_left, devices, has_only_a_token, herself, id_in, label_of, show,
};
use crate::fail::Failure;
use crate::pages::Notice;
use crate::pages::own::{ActForm, ActWhat, OwnPage, OwnProblem};
use crate::portal::Answer;
use crate::portal::visit::{Posted, Visit, nonce_text};
use crate::reply::Reply;
use crate::sign_in::target;

/// One of these acts, as its path names it.
#[derive(Clone, Copy)]
enum Which {
    Rename,
    Remove,
    Codes,
    End,
    Others,
    Forget,
    ForgetAll,
    NotMe,
}

macro_rules! handlers {
    ($($get:ident, $post:ident => $which:expr;)*) => {
        $(
            pub(super) async fn $get(visit: Visit) -> Answer {
                ask(&visit, $which).await.into()
            }

            pub(super) async fn $post(visit: Visit) -> Answer {
                take(&visit, $which).await.into()
            }
        )*
    };
}

handlers! {
    get_rename, post_rename => Which::Rename;
    get_remove, post_remove => Which::Remove;
    get_codes, post_codes => Which::Codes;
    get_end, post_end => Which::End;
    get_others, post_others => Which::Others;
    get_forget, post_forget => Which::Forget;
    get_forget_all, post_forget_all => Which::ForgetAll;
    get_not_me, post_not_me => Which::NotMe;
}

async fn ask(visit: &Visit, which: Which) -> Result<Reply, Failure> {
    match herself(visit).await? {
        Ok(herself) => form(visit, &herself, which, None, None).await,
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn take(visit: &Visit, which: Which) -> Result<Reply, Failure> {
    let herself = match herself(visit).await? {
        Ok(herself) => herself,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let posted = visit.posted()?;
    posted.belongs_to(&herself.nonce(visit))?;
    match carry_out(visit, &herself, which, &posted).await? {
        Ok(reply) => Ok(reply),
        Err(problem) => {
            let label = Some(posted.label.as_str());
            form(visit, &herself, which, label, Some(problem)).await
        }
    }
}

async fn carry_out(
    visit: &Visit,
    herself: &Herself<'_>,
    which: Which,
    posted: &Posted,
) -> Result<Result<Reply, OwnProblem>, Failure> {
    let policy = &visit.arrival.app.settings.policy;
    let act = async |act, done| herself.act(visit, posted, act, done).await;
    match which {
        Which::Rename => {
            let label = match Label::parse(&posted.label) {
                Ok(label) => label,
                Err(problem) => return Ok(Err(problem_of(problem))),
            };
            let id = AuthenticatorId(id_in(visit)?);
            act(OwnAct::Rename { id, label: &label }, target::ME).await
        }
        Which::Remove => {
            let id = AuthenticatorId(id_in(visit)?);
            let remove = OwnAct::Remove {
                id,
                usable: policy.kinds,
                may_be_last: policy.may_remove_last,
            };
            act(remove, target::ME).await
        }
        Which::Codes => {
            let minted = codes::mint(visit);
            let sealed = codes::seal(visit, &herself.signed, &minted)?;
            let renew = OwnAct::RenewCodes {
                codes: &minted,
                sealed: &sealed,
            };
            act(renew, codes::CODES).await
        }
        Which::End => act(OwnAct::EndSession(SessionRow(id_in(visit)?)), target::ME).await,
        Which::Others => act(OwnAct::EndOthers, target::ME).await,
        Which::Forget => act(OwnAct::ForgetDevice(DeviceId(id_in(visit)?)), target::ME).await,
        Which::ForgetAll => act(OwnAct::ForgetDevices, target::ME).await,
        Which::NotMe => act(OwnAct::NotMe, target::ME).await,
    }
}

pub(super) const fn problem_of(problem: LabelProblem) -> OwnProblem {
    match problem {
        LabelProblem::Empty => OwnProblem::LabelEmpty,
        LabelProblem::TooLong => OwnProblem::LabelTooLong,
    }
}

async fn form(
    visit: &Visit,
    herself: &Herself<'_>,
    which: Which,
    typed: Option<&str>,
    problem: Option<OwnProblem>,
) -> Result<Reply, Failure> {
    let policy = &visit.arrival.app.settings.policy;
    let factors = herself.factors(visit).await?;
    let remembered = devices::remembered(visit, herself.subscriber).await?;
    let what = match which {
        Which::Rename => {
            let label = label_of(&factors, AuthenticatorId(id_in(visit)?))?;
            let label = typed.unwrap_or(label);
            ActWhat::Rename { label }
        }
        Which::Remove => {
            let id = AuthenticatorId(id_in(visit)?);
            let others = factors.authenticators.iter().filter(|one| one.id != id);
            ActWhat::Remove {
                label: label_of(&factors, id)?,
                last: policy.may_remove_last && others.count() == 0,
            }
        }
        Which::Codes => ActWhat::Codes {
            left: codes_left(&factors),
        },
        Which::End => {
            id_in(visit)?;
            ActWhat::End
        }
        Which::Others => ActWhat::EndOthers,
        Which::Forget => {
            let id = DeviceId(id_in(visit)?);
            let found = remembered.iter().find(|one| one.id == id);
            let one = found.ok_or_else(|| Failure::refused(Notice::NotFound))?;
            ActWhat::Forget { label: &one.label }
        }
        Which::ForgetAll => ActWhat::ForgetAll,
        Which::NotMe => ActWhat::NotMe,
    };
    let ends_them = matches!(which, Which::Remove | Which::Codes | Which::NotMe);
    let nonce = nonce_text(&herself.nonce(visit));
    let proof = herself.proof(visit, &factors).await?;
    let form = ActForm {
        nonce: &nonce,
        action: &visit.arrival.path,
        what,
        proof: proof.on_page(),
        token: has_only_a_token(factors.kinds()),
        forgets: ends_them && !remembered.is_empty(),
        problem,
    };
    Ok(show(visit, OwnPage::Act(form), problem))
}
