//! Where each kind of authenticator is set up: one table, for the first one and those beside it.
//!
//! Never decides which kinds are open to somebody: that is `core::authenticator::may_set_up`. A
//! kind without a place is one that no page sets up.

use anteroom_core::authenticator::{AuthenticatorKind, Kinds, Reachable, may_set_up};

use super::target;

/// At a first enrolment.
const fn first(kind: AuthenticatorKind) -> Option<&'static str> {
    match kind {
        AuthenticatorKind::Totp => Some(target::ENROL),
        AuthenticatorKind::Passkey => Some(target::ENROL_PASSKEY),
        AuthenticatorKind::Email => Some(target::ENROL_MAIL),
        AuthenticatorKind::Hardware => None,
    }
}

/// From a person's own page.
pub const fn beside_others(kind: AuthenticatorKind) -> Option<&'static str> {
    match kind {
        AuthenticatorKind::Totp => Some("/.anteroom/me/add"),
        AuthenticatorKind::Passkey => Some("/.anteroom/me/add-passkey"),
        AuthenticatorKind::Hardware | AuthenticatorKind::Email => None,
    }
}

/// What somebody who has none yet may choose from, strongest first, and where each is set up.
#[must_use]
pub fn choice(allowed: Kinds, reachable: Reachable) -> Vec<(AuthenticatorKind, &'static str)> {
    let open = may_set_up(Kinds::NONE, allowed, reachable);
    open.iter()
        .filter_map(|kind| first(kind).map(|path| (kind, path)))
        .collect()
}

/// Where a set-up begins: at the choice, or where there is none at the one place there is. `None`
/// where policy leaves nothing that a person could set up herself.
#[must_use]
pub fn start(choice: &[(AuthenticatorKind, &'static str)]) -> Option<&'static str> {
    match choice {
        [] => None,
        [(_, only)] => Some(only),
        _ => Some(target::ENROL_METHOD),
    }
}

/// Steps of a set-up: an operator's code, the choice, the set-up itself, the recovery codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Steps {
    /// Whether an operator's code comes first.
    pub coded: bool,
    /// Whether there is anything to choose.
    pub chosen: bool,
}

impl Steps {
    /// How many there are.
    #[must_use]
    pub const fn all(self) -> u8 {
        2 + self.coded as u8 + self.chosen as u8
    }

    /// Which one the choice is.
    #[must_use]
    pub const fn choice(self) -> u8 {
        1 + self.coded as u8
    }

    /// Which one the set-up itself is.
    #[must_use]
    pub const fn set_up(self) -> u8 {
        self.all() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_MAIL: Reachable = Reachable { email: false };

    #[test]
    fn where_one_way_is_open_nothing_is_asked() {
        let only = choice(Kinds::NONE.with(AuthenticatorKind::Totp), NO_MAIL);
        assert_eq!(only, [(AuthenticatorKind::Totp, target::ENROL)]);
        assert_eq!(start(&only), Some(target::ENROL));
    }

    #[test]
    fn by_itself_an_app_offers_a_passkey_and_a_phone() {
        let two = choice(Kinds::PRESET, NO_MAIL);
        assert_eq!(
            two,
            [
                (AuthenticatorKind::Passkey, target::ENROL_PASSKEY),
                (AuthenticatorKind::Totp, target::ENROL),
            ]
        );
        assert_eq!(start(&two), Some(target::ENROL_METHOD));
    }

    #[test]
    fn what_only_an_operator_gives_is_no_way_to_begin() {
        let hardware = choice(Kinds::NONE.with(AuthenticatorKind::Hardware), NO_MAIL);
        assert_eq!(start(&hardware), None);
    }

    #[test]
    fn the_steps_are_counted_as_they_are_walked() {
        let steps = |coded, chosen| Steps { coded, chosen };
        let told = |steps: Steps| (steps.choice(), steps.set_up(), steps.all());
        assert_eq!(told(steps(false, false)).1, 1);
        assert_eq!(told(steps(false, true)), (1, 2, 3));
        assert_eq!(told(steps(true, true)), (2, 3, 4));
        assert_eq!(
            (steps(true, false).set_up(), steps(true, false).all()),
            (2, 3)
        );
    }
}
