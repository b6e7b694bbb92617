//! Apps that share a realm share people and what these set up: warns where one app gives what is
//! worth nothing at another.
//!
//! Refuses nothing: an app may well be stricter than its neighbours. Each app by itself is read in
//! `app`.

use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::policy::EnrolmentPolicy;

use crate::raw::section::Section;
use crate::settings::AppSettings;

/// Looks at all apps, each beside those before it.
pub(super) fn shared(sections: &[Section<'_>], apps: &[AppSettings]) {
    passkeys(sections, apps);
    kinds(sections, apps);
    enrolments(sections, apps);
}

/// The weakest way to a first authenticator is the way to all apps of the realm (attack D14).
fn enrolments(sections: &[Section<'_>], apps: &[AppSettings]) {
    for (index, (section, app)) in sections.iter().zip(apps).enumerate() {
        let differs = |other: &&AppSettings| {
            let (mine, theirs) = (&app.policy, &other.policy);
            other.realm == app.realm
                && (mine.enrolment != theirs.enrolment
                    || mine.may_remove_last != theirs.may_remove_last)
        };
        let Some(other) = apps[..index].iter().find(differs) else {
            continue;
        };
        let found = format!(
            "{} at {}, {} at {}",
            name(&app.policy.enrolment),
            app.name,
            name(&other.policy.enrolment),
            other.name
        );
        let why = format!(
            "{} and {} share the realm \"{}\": whoever gets a first authenticator at the one has \
             it at the other, so the weaker of both holds for both",
            other.name, app.name, app.realm
        );
        let better = "the same [app.enrolment] and [app.factors] last in both";
        section
            .report()
            .warning(&section.place("enrolment"), found, better, &why);
    }
}

const fn name(policy: &EnrolmentPolicy) -> &'static str {
    match policy {
        EnrolmentPolicy::Code => "code",
        EnrolmentPolicy::Network(_) => "network",
        EnrolmentPolicy::Open { .. } => "open",
    }
}

/// What is set up at one app is refused at another that does not take its kind.
fn kinds(sections: &[Section<'_>], apps: &[AppSettings]) {
    for (index, (section, app)) in sections.iter().zip(apps).enumerate() {
        let differs = |other: &&AppSettings| {
            other.realm == app.realm && other.policy.kinds != app.policy.kinds
        };
        let Some(other) = apps[..index].iter().find(differs) else {
            continue;
        };
        let only = |one: &AppSettings, beside: &AppSettings| {
            let lacks = |kind: &AuthenticatorKind| !beside.policy.kinds.has(*kind);
            let names: Vec<_> = one
                .policy
                .kinds
                .iter()
                .filter(lacks)
                .map(AuthenticatorKind::name)
                .collect();
            (!names.is_empty()).then(|| format!("{} only at {}", names.join(", "), one.name))
        };
        let found: Vec<_> = [only(app, other), only(other, app)]
            .into_iter()
            .flatten()
            .collect();
        let why = format!(
            "{} and {} share the realm \"{}\": what somebody sets up at the one may open nothing \
             at the other, where only a recovery code helps",
            other.name, app.name, app.realm
        );
        let better = "the same kinds in [app.factors] of both";
        let at = section.place("factors");
        section
            .report()
            .warning(&at, found.join("; "), better, &why);
    }
}

/// Apps of one realm share people's factors; passkeys only where they share the name too.
fn passkeys(sections: &[Section<'_>], apps: &[AppSettings]) {
    let offers = |app: &AppSettings| {
        let offered = app.policy.kinds.has(AuthenticatorKind::Passkey);
        app.passkeys
            .as_ref()
            .filter(|_| offered)
            .map(|told| told.rp_id.clone())
    };
    for (index, (section, app)) in sections.iter().zip(apps).enumerate() {
        let Some(rp_id) = offers(app) else { continue };
        let other = apps[..index].iter().find(|before| {
            before.realm == app.realm && offers(before).is_some_and(|known| known != rp_id)
        });
        if let Some(other) = other {
            let why = format!(
                "{} and {} share the realm \"{}\", but a passkey of the one is dead at the other",
                other.name, app.name, app.realm
            );
            let better = "one rp_id in [app.passkeys] of both, which all their hosts end in";
            let at = section.place("passkeys");
            section
                .report()
                .warning(&at, format!("passkeys for {rp_id}"), better, &why);
        }
    }
}
