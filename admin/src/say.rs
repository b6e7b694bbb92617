//! Moments, places and factors in the words of the pages. All times are UTC and say so: the people
//! who read a log together may sit in different time zones.
//!
//! Never reads a clock: now is handed in.

use std::net::IpAddr;

use anteroom_core::authenticator::AuthenticatorKind;
use anteroom_core::moment;
use anteroom_core::time::Timestamp;
use anteroom_store::SubscriberListing;

use crate::Admin;
use crate::pages::When;
use crate::pages::people::Standing;

/// A moment as a person says it: "today 07:02 UTC", "Tuesday 07:02 UTC", "1 March 2031 07:02 UTC".
pub(crate) fn when(at: Timestamp, now: Timestamp) -> When {
    let clock = moment::clock(at);
    let text = match moment::days_between(at, now) {
        0 => format!("today {clock} UTC"),
        1 => format!("yesterday {clock} UTC"),
        -1 => format!("tomorrow {clock} UTC"),
        2..=6 => format!("{} {clock} UTC", moment::weekday(at)),
        _ => format!("{} {clock} UTC", moment::day_in_words(at)),
    };
    When::new(text, moment::rfc3339(at))
}

/// The same, where there may be none.
pub(crate) fn when_maybe(at: Option<Timestamp>, now: Timestamp) -> Option<When> {
    at.map(|at| when(at, now))
}

/// Where an address is, as people call it; else the address.
pub(crate) fn place(admin: &Admin, client: IpAddr) -> String {
    let named = admin.mine.place_of(client);
    named.map_or_else(|| client.to_canonical().to_string(), str::to_owned)
}

/// The display name of an app, or the name it was configured by.
pub(crate) fn app(admin: &Admin, name: &str) -> String {
    let found = admin
        .settings
        .apps
        .iter()
        .find(|app| app.name.as_str() == name);
    found.map_or_else(|| name.to_owned(), |app| app.display_name.clone())
}

/// The apps of a realm in words.
pub(crate) fn apps_of(admin: &Admin, realm: &str) -> String {
    let names: Vec<&str> = admin
        .apps_of(realm)
        .map(|app| app.display_name.as_str())
        .collect();
    if names.is_empty() {
        format!("{realm} (no app any more)")
    } else {
        names.join(", ")
    }
}

/// Realm, apps and tenant of a person.
pub(crate) fn place_of(admin: &Admin, realm: &str, tenant: &str) -> String {
    let apps = apps_of(admin, realm);
    if tenant.is_empty() {
        apps
    } else {
        format!("{apps} · {}", tenant.replace('\u{1f}', " · "))
    }
}

/// A person's factors in words.
pub(crate) fn factors(one: &SubscriberListing) -> String {
    let mut parts = Vec::new();
    for kind in AuthenticatorKind::ALL {
        let (name, names) = match kind {
            AuthenticatorKind::Passkey => ("Passkey", "passkeys"),
            AuthenticatorKind::Totp => ("Authenticator app", "authenticator apps"),
            AuthenticatorKind::Hardware => ("Hardware token", "hardware tokens"),
            AuthenticatorKind::Email => ("Codes by e-mail", "ways by e-mail"),
        };
        match one.kinds.iter().filter(|held| **held == kind).count() {
            0 => {}
            1 => parts.push(name.to_owned()),
            many => parts.push(format!("{many} {names}")),
        }
    }
    if one.totp_disabled > 0 {
        parts.push(format!("{} switched off", one.totp_disabled));
    }
    match one.recovery_left {
        0 => {}
        1 => parts.push("1 recovery code".to_owned()),
        many => parts.push(format!("{many} recovery codes")),
    }
    parts.join(", ")
}

/// How a person stands.
pub(crate) fn standing(admin: &Admin, one: &SubscriberListing, now: Timestamp) -> Standing {
    use anteroom_store::SubscriberStatus as Status;

    match one.status(&admin.throttle_of(&one.realm), now) {
        Status::Suspended => Standing::Suspended,
        Status::Disabled => Standing::Disabled,
        Status::Paused { .. } => Standing::Paused,
        Status::Reset | Status::Invited => Standing::NotEnrolled,
        Status::Enrolled => Standing::Ready,
    }
}

/// How a session was opened, from its RFC 8176 values.
pub(crate) fn factor_of(amr: &str, single_factor: bool) -> String {
    if single_factor {
        return "password alone".to_owned();
    }
    // Only a remembered computer opens a session with a password and no exception.
    if amr == "pwd" {
        return "a remembered computer".to_owned();
    }
    if amr == AuthenticatorKind::Email.amr() {
        return "code by e-mail".to_owned();
    }
    let says = |value: &str| amr.split(' ').any(|one| one == value);
    if says("swk") {
        return "a passkey".to_owned();
    }
    if says("email") {
        return "a code by e-mail".to_owned();
    }
    let otp = amr.split(' ').any(|value| value == "otp");
    if otp {
        "code from the phone"
    } else {
        "a saved or given code"
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_said_as_people_say_them() {
        let now = Timestamp::from_secs(1_930_154_405);
        let hours = |hours: i64| Timestamp::from_secs(1_930_154_405 + hours * 3600);
        let said = |at| when(at, now).text;
        assert_eq!(said(now), "today 18:00 UTC");
        assert_eq!(said(hours(-24)), "yesterday 18:00 UTC");
        assert_eq!(said(hours(24)), "tomorrow 18:00 UTC");
        assert_eq!(said(hours(-72)), "Wednesday 18:00 UTC");
        assert_eq!(said(hours(-24 * 7)), "22 February 2031 18:00 UTC");
        assert_eq!(said(hours(48)), "3 March 2031 18:00 UTC");
    }
}
