//! Hardware tokens: the list, the import of a maker's file, and the deeds of giving and revoking.
//!
//! A file goes from the form to the store and is nowhere kept. Who needs a second operator for a
//! reset is given no token here, and loses none: both are as mighty as a reset (attack E05). Two
//! codes that are read out open nothing: they only say where the token stands.

use anteroom_config::token_file::{self, TokenFormat};
use anteroom_core::challenge::{ResyncVerdict, judge_read_out};
use anteroom_core::hardware_token::Serial;
use anteroom_core::oath::MovingFactor;
use anteroom_core::operator::Permission;
use anteroom_store::hardware_token::MOST_LISTED;
use anteroom_store::{
    HardwareToken, HardwareTokenState, ImportReport, TokenAssigned, TokenQuery, TokenRevoked,
};

use super::deeds::Deed;
use super::show::{done, not_fresh};
use crate::acts;
use crate::pages::hardware_tokens::{HardwareTokens, TokenRow};
use crate::pages::{Choice, Done, Problem};
use crate::say::when;
use crate::web::failure::Failure;
use crate::web::fresh::Fresh;
use crate::web::proof::{Grants, Reads, Rules};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Reads, _, _>("/hardware-tokens", look)
        .post::<Rules, _, _>("/hardware-tokens/import", import)
}

async fn look(visit: Visit<Reads>) -> Answer {
    let page = sheet(&visit, String::new(), None).await?;
    visit.show(|chrome| page.render(chrome)).await
}

async fn sheet<P: Grants>(
    visit: &Visit<P>,
    told: String,
    problem: Option<Problem>,
) -> Result<HardwareTokens, Failure> {
    let text: String = visit.query.text("text").chars().take(100).collect();
    let state = HardwareTokenState::from_name(visit.query.text("state"));
    let query = TokenQuery { text: &text, state };
    let found = visit.admin.store.hardware_tokens(&query).await?;
    let states = HardwareTokenState::ALL.into_iter();
    Ok(HardwareTokens {
        state: state
            .map(HardwareTokenState::name)
            .unwrap_or_default()
            .to_owned(),
        states: states
            .map(|one| Choice::new(one.name(), one.name()))
            .collect(),
        more: found.len() >= MOST_LISTED as usize,
        rows: found.iter().map(|one| row(visit, one)).collect(),
        may_import: visit.who.role().may(Permission::Operators),
        told,
        reason: visit.form.text("reason").chars().take(400).collect(),
        fresh_needed: visit.needs_code(),
        text,
        problem,
    })
}

fn row<P: Grants>(visit: &Visit<P>, one: &HardwareToken) -> TokenRow {
    let every = match one.factor {
        MovingFactor::Time { period } => format!("every {period} seconds"),
        MovingFactor::Counter => "by a button".to_owned(),
    };
    let since = one
        .revoked_at
        .or(one.assigned_at)
        .unwrap_or(one.imported_at);
    let holder = one.holder.as_ref();
    TokenRow {
        serial: one.serial.to_string(),
        kind: format!("{} digits, {every}", one.digits.count()),
        state: one.state.name().to_owned(),
        since: when(since, visit.now),
        holder: holder.map(|her| (her.display_name.clone(), format!("/people/{}", her.id))),
    }
}

async fn import(visit: Visit<Rules>) -> Answer {
    let reason = visit.form.text("reason");
    if reason.is_empty() || reason.chars().count() > 150 {
        let what = "Say why, in 1 to 150 characters.";
        return again(
            &visit,
            Problem::new("reason", what, "An auditor will read it."),
        )
        .await;
    }
    let file = visit.form.exactly("file").as_bytes();
    let tokens = match token_file::read(file, TokenFormat::of(file), None) {
        Ok(tokens) => tokens,
        Err(problem) => {
            let problem = Problem::new("file", problem.to_string(), "Nothing was taken.");
            return again(&visit, problem).await;
        }
    };
    if let Err(why) = visit.fresh().await? {
        return again(&visit, not_fresh(why)).await;
    }
    let paper = visit.paper(reason, "");
    let store = &visit.admin.store;
    let report = store.hardware_tokens_import(&tokens, false, &paper).await?;
    let page = sheet(&visit, told(&report), None).await?;
    visit.show(|chrome| page.render(chrome)).await
}

fn told(report: &ImportReport) -> String {
    let (added, known) = (report.added.len(), report.known.len());
    format!("{added} added, {known} known already and left as they are. Destroy the file now.")
}

async fn again(visit: &Visit<Rules>, problem: Problem) -> Answer {
    let page = sheet(visit, String::new(), Some(problem)).await?;
    visit.show_again(|chrome| page.render(chrome)).await
}

impl Deed<'_> {
    /// The serial number that the form was checked to hold.
    fn serial(&self) -> Result<Serial, Failure> {
        Serial::parse(&self.typed.other).ok_or(Failure::NotFound)
    }

    async fn needs_whoever_runs_it(&self) -> Answer {
        let what = "This person may only be reset with a second operator, so tokens are not given \
                    or revoked here.";
        self.again(what, "Whoever runs the server can.").await
    }

    pub(super) async fn give_token(&self, _fresh: Fresh) -> Answer {
        let (admin, serial) = (&self.visit.admin, self.serial()?);
        if acts::needs_second(admin, self.found) {
            return self.needs_whoever_runs_it().await;
        }
        let (most, paper) = (admin.mine.resets_per_hour, self.paper());
        let given = admin
            .store
            .hardware_token_assign(&serial, self.id(), most, &paper);
        match given.await? {
            TokenAssigned::Done { .. } => Ok(done(&self.back(), Done::TokenGiven)),
            TokenAssigned::NoSuchToken => {
                self.again("No token has that serial number.", "Check it on its back.")
                    .await
            }
            TokenAssigned::Taken => self.again("That token is somebody’s already.", "").await,
            TokenAssigned::Revoked => {
                self.again("That token is out of use for good.", "Take another one.")
                    .await
            }
            TokenAssigned::Suspended => {
                self.again("Suspended: no code would help.", "Reinstate first.")
                    .await
            }
            TokenAssigned::TooMany => {
                self.again(
                    "You have given as many tokens within an hour as are allowed.",
                    "Ask another operator, or wait.",
                )
                .await
            }
            TokenAssigned::NoSuchSubscriber => Err(Failure::NotFound),
        }
    }

    /// Two codes that the caller read out: right ones say where the token stands, wrong ones cost
    /// its owner a try, so that nobody guesses through the helpdesk (attack D07).
    pub(super) async fn resync_token(&self, _fresh: Fresh) -> Answer {
        let (admin, serial, now) = (&self.visit.admin, self.serial()?, self.visit.now);
        let found = admin.store.hardware_token_material(&serial).await?;
        // The address named the person: a token of somebody else is none of hers.
        let hers = found.filter(|(holder, _)| *holder == self.id());
        let Some((holder, material)) = hers else {
            return self.not_hers().await;
        };
        let policy = admin.throttle_of(&self.found.listing.realm);
        let form = &self.visit.form;
        let codes = (form.text("first"), form.text("second"));
        let (on_file, throttle) = (material.on_file(), &material.throttle);
        let (store, paper) = (&admin.store, self.paper());
        match judge_read_out(&on_file, throttle, &policy, codes, now) {
            ResyncVerdict::Accept(accepted) => {
                let done_now = store.hardware_token_resync(holder, &serial, accepted, &paper);
                if done_now.await? {
                    return Ok(done(&self.back(), Done::TokenRight));
                }
                let what = "Those codes were used meanwhile.";
                self.again(what, "Nothing was changed.").await
            }
            ResyncVerdict::Wrong { .. } => {
                store
                    .hardware_token_resync_fail(holder, &serial, &policy, &paper)
                    .await?;
                let what = "Those are not two fresh codes in a row of that token.";
                let then = "It counts as one wrong code of theirs. Let them read out two new ones.";
                self.again(what, then).await
            }
            ResyncVerdict::Paused { until } => {
                let what = format!("Codes are not looked at until {}.", when(until, now).text);
                self.again(&what, "There were too many wrong ones.").await
            }
            ResyncVerdict::Stopped | ResyncVerdict::Expired => {
                let what = "That token is switched off after too many wrong codes.";
                self.again(what, "Unlock the person first.").await
            }
        }
    }

    async fn not_hers(&self) -> Answer {
        let what = "That is no token of this person.";
        self.again(what, "Check the serial number.").await
    }

    pub(super) async fn revoke_token(&self, _fresh: Fresh) -> Answer {
        let (admin, serial) = (&self.visit.admin, self.serial()?);
        if acts::needs_second(admin, self.found) {
            return self.needs_whoever_runs_it().await;
        }
        // The address named the person: a token of somebody else is none of hers.
        let hers = admin.store.hardware_tokens_of(self.id()).await?;
        if !hers.contains(&serial) {
            return self.not_hers().await;
        }
        let (most, paper) = (admin.mine.resets_per_hour, self.paper());
        match admin
            .store
            .hardware_token_revoke(&serial, most, &paper)
            .await?
        {
            TokenRevoked::Done { reset: true } => Ok(done(&self.back(), Done::HardwareReset)),
            TokenRevoked::Done { reset: false } => Ok(done(&self.back(), Done::HardwareRevoked)),
            TokenRevoked::TooMany => {
                self.again(
                    "You have done as many resets within an hour as are allowed.",
                    "Ask another operator, or wait.",
                )
                .await
            }
            TokenRevoked::NoSuchToken | TokenRevoked::Already => {
                self.again("It was out of use already.", "").await
            }
        }
    }
}
