//! The deeds behind the forms of [`help`](super::help): what is done to a person, and what is shown
//! afterwards.
//!
//! A deed exists only when its form was in order; what opens a way in takes a `Fresh`. The rules
//! stand in `crate::acts`, the transactions in the store. Hardware tokens: `hardware_tokens`.

use anteroom_core::fold::{fold, spelling_key};
use anteroom_core::ids::SubscriberId;
use anteroom_store::{Alias, EnrolmentCodeIssue, Merge, NameKey, Paper, Person};

use super::help::again;
use super::show::done;
use crate::acts::{self, Reset, Temporary};
use crate::pages::acts::{Act, Typed};
use crate::pages::results::{CodeKind, CodeShown, Waiting};
use crate::pages::{Done, Problem};
use crate::say::when;
use crate::web::failure::Failure;
use crate::web::fresh::Fresh;
use crate::web::proof::Helps;
use crate::web::visit::{Answer, Visit};

/// An act whose form was in order.
pub(super) struct Deed<'a> {
    pub(super) visit: &'a Visit<Helps>,
    pub(super) act: Act,
    pub(super) found: &'a Person,
    pub(super) typed: &'a Typed,
}

impl Deed<'_> {
    pub(super) fn id(&self) -> SubscriberId {
        self.found.listing.id
    }

    pub(super) fn paper(&self) -> Paper<'_> {
        self.visit.paper(&self.typed.reason, &self.typed.check)
    }

    pub(super) fn back(&self) -> String {
        format!("/people/{}", self.id())
    }

    pub(super) async fn again(&self, what: &str, then: &str) -> Answer {
        let problem = Problem::new("", what, then);
        again(
            self.visit,
            self.act,
            self.found,
            self.typed.clone(),
            problem,
        )
        .await
    }

    /// What opens no way in.
    pub(super) async fn harmless(&self) -> Answer {
        let (store, paper, id) = (&self.visit.admin.store, self.paper(), self.id());
        let (changed, told) = match self.act {
            Act::Unlock => (store.subscriber_unlock(id, &paper).await?, Done::Unlocked),
            Act::SignOut => {
                let ended = store.subscriber_sign_out(id, &paper).await?;
                (ended.is_some(), Done::SignedOut)
            }
            Act::Suspend => (store.subscriber_suspend(id, &paper).await?, Done::Suspended),
            Act::Reinstate => (store.subscriber_resume(id, &paper).await?, Done::Reinstated),
            Act::RevokeTemporaryCode => (
                store.temporary_code_revoke(id, paper).await?,
                Done::CodeRevoked,
            ),
            Act::RevokeEnrolmentCode => (
                store.enrolment_code_revoke(id, &paper).await?,
                Done::CodeRevoked,
            ),
            _ => return Err(Failure::NotFound),
        };
        if changed {
            return Ok(done(&self.back(), told));
        }
        self.again(
            "Nothing was changed: it was so already, or somebody was faster.",
            "Look at the person's page.",
        )
        .await
    }

    /// What opens a way in: with a fresh factor of the operator's own.
    pub(super) async fn dangerous(&self, fresh: Fresh) -> Answer {
        match self.act {
            Act::Reset => self.reset(fresh).await,
            Act::TemporaryCode => self.temporary(fresh).await,
            Act::EnrolmentCode => self.enrolment(fresh).await,
            Act::Merge => self.merge(fresh).await,
            Act::GiveToken => self.give_token(fresh).await,
            Act::ResyncToken => self.resync_token(fresh).await,
            Act::RevokeToken => self.revoke_token(fresh).await,
            _ => Err(Failure::NotFound),
        }
    }

    async fn reset(&self, fresh: Fresh) -> Answer {
        let (visit, paper) = (self.visit, self.paper());
        let one = &self.found.listing;
        match acts::reset(&visit.admin, self.found, visit.who.id(), &paper, fresh).await? {
            Reset::Done { code, expires_at } => {
                let page = CodeShown {
                    kind: CodeKind::Enrolment,
                    whom: one.display_name.clone(),
                    back: self.back(),
                    code: code.shown(),
                    expires: when(expires_at, visit.now),
                    uses: 1,
                    after_reset: true,
                };
                visit.show(|chrome| page.render(chrome)).await
            }
            Reset::Waits { until } => {
                let page = Waiting {
                    what: format!("Reset the second factor of {}", one.display_name),
                    expires: when(until, visit.now),
                    back: self.back(),
                };
                visit.show(|chrome| page.render(chrome)).await
            }
            Reset::TooMany => {
                self.again(
                    "You have done as many resets within an hour as are allowed.",
                    "Ask another operator, or wait.",
                )
                .await
            }
            Reset::NoSuch => Err(Failure::NotFound),
        }
    }

    async fn temporary(&self, fresh: Fresh) -> Answer {
        let (visit, paper, typed) = (self.visit, self.paper(), self.typed);
        let wanted = (typed.hours, typed.uses);
        let issued = acts::temporary_code(&visit.admin, self.id(), wanted, &paper, fresh);
        match issued.await? {
            Temporary::Issued { code, expires_at } => {
                let page = CodeShown {
                    kind: CodeKind::Temporary,
                    whom: self.found.listing.display_name.clone(),
                    back: self.back(),
                    code: code.shown(),
                    expires: when(expires_at, visit.now),
                    uses: typed.uses,
                    after_reset: false,
                };
                visit.show(|chrome| page.render(chrome)).await
            }
            Temporary::NotEnrolled => {
                self.again(
                    "No phone is connected, so there is nothing that a temporary code could \
                     stand in for.",
                    "Give an enrolment code instead.",
                )
                .await
            }
            Temporary::Suspended => {
                self.again("Suspended: no code would help.", "Reinstate first.")
                    .await
            }
            Temporary::NoSuch => Err(Failure::NotFound),
        }
    }

    async fn enrolment(&self, _fresh: Fresh) -> Answer {
        let (visit, one) = (self.visit, &self.found.listing);
        if one.suspended {
            return self
                .again("Suspended: no code would help.", "Reinstate first.")
                .await;
        }
        if one.totp_active + one.totp_disabled + one.recovery_left > 0 {
            let what = "A phone is connected already; an enrolment code is for the first one.";
            return self
                .again(what, "If the phone is lost, reset instead.")
                .await;
        }
        let Ok(folded) = fold(&one.display_name) else {
            return Err(Failure::NotFound);
        };
        let (code, expires_at) = acts::new_enrolment_code(&visit.admin, visit.now);
        let spelling = visit.admin.apps_of(&one.realm).next();
        let rule = spelling.map(|app| app.profile.spelling).unwrap_or_default();
        let key = spelling_key(&one.display_name, &rule);
        let issue = EnrolmentCodeIssue {
            realm: &one.realm,
            tenant: &one.tenant,
            display: &one.display_name,
            folded: &folded,
            spelling_key: &key,
            code: &code,
            expires_at,
            paper: self.paper(),
        };
        visit.admin.store.enrolment_code_issue(issue).await?;
        let page = CodeShown {
            kind: CodeKind::Enrolment,
            whom: one.display_name.clone(),
            back: self.back(),
            code: code.shown(),
            expires: when(expires_at, visit.now),
            uses: 1,
            after_reset: false,
        };
        visit.show(|chrome| page.render(chrome)).await
    }

    /// Another spelling: linked where only case or accents differ, else made to lead here.
    async fn merge(&self, _fresh: Fresh) -> Answer {
        let (visit, one, other) = (self.visit, &self.found.listing, self.typed.other.as_str());
        let (store, paper) = (&visit.admin.store, self.paper());
        let Ok(folded) = fold(other) else {
            return self
                .again("Nobody can have that name.", "Check the spelling.")
                .await;
        };
        let rule = visit.admin.apps_of(&one.realm).next();
        let rule = rule.map(|app| app.profile.spelling).unwrap_or_default();
        let key = spelling_key(other, &rule);
        let name = NameKey {
            realm: &one.realm,
            tenant: &one.tenant,
            folded: &folded,
            spelling_key: &key,
        };
        let linked = match store.subscriber_find(&name).await? {
            Some(found) if found.id == one.id => {
                store.spelling_link(one.id, &key, other, &paper).await?
            }
            Some(_) => return self.merge_person(&name).await,
            None => match store
                .alias_add(one.id, &folded, &key, other, &paper)
                .await?
            {
                Alias::Added => true,
                Alias::Already => false,
                Alias::Taken => return self.again("That name is somebody else's.", "").await,
                Alias::Unknown => return Err(Failure::NotFound),
            },
        };
        if linked {
            return Ok(done(&self.back(), Done::Merged));
        }
        self.again(
            "That spelling was this person's already.",
            "Nothing was changed.",
        )
        .await
    }

    async fn merge_person(&self, name: &NameKey<'_>) -> Answer {
        let store = &self.visit.admin.store;
        let Some(from) = store.subscriber_find(name).await? else {
            return Err(Failure::NotFound);
        };
        // It takes factors away and lets another's stand in: one operator's doing is not enough
        // where a reset is more than hers (attack E05).
        let other = store.person(from.id).await?.ok_or(Failure::NotFound)?;
        let admin = &self.visit.admin;
        if [self.found, &other]
            .into_iter()
            .any(|one| acts::needs_second(admin, one))
        {
            let what = "One of the two may only be reset with a second operator, so they cannot \
                        be merged here.";
            return self.again(what, "Whoever runs the server can.").await;
        }
        match store
            .subscribers_merge(from.id, self.id(), &self.paper())
            .await?
        {
            Merge::Done { .. } => Ok(done(&self.back(), Done::Merged)),
            Merge::Same => self.again("They are one person already.", "").await,
            Merge::Suspended => {
                self.again(
                    "One of the two is suspended and the other is not.",
                    "Suspend or reinstate first, so that both stand alike.",
                )
                .await
            }
            Merge::Apart | Merge::Unknown => {
                self.again(
                    "Those two cannot be merged.",
                    "They belong to different places.",
                )
                .await
            }
        }
    }
}
