//! How many sign-ins may wait for a second factor, and which one has to go: [`room_for`].
//!
//! What stands behind a proved password and what a name alone brought about are counted apart
//! (attack D09): whoever knows no more than names takes nobody's place but his own. Counts nothing
//! and ends nothing itself: that is the store's, in the transaction that holds the answer.

/// How many live attempts there may be (DESIGN section 8).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AttemptCaps {
    /// Per name, whether or not somebody is enrolled under it; without a proved password, per name
    /// at one client address.
    pub per_subscriber_or_name: u32,
    /// Per client address.
    pub per_source: u32,
    /// In all, proved or not: what bounds memory and disk.
    pub total: u32,
}

impl Default for AttemptCaps {
    fn default() -> Self {
        Self {
            per_subscriber_or_name: 5,
            per_source: 20,
            total: 5000,
        }
    }
}

/// The live attempts, as far as one more has to do with them. No count need go beyond its cap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// Proved, under its name.
    pub proved_of_name: u32,
    /// Proved, from its address.
    pub proved_of_source: u32,
    /// Unproved, under its name and from its address.
    pub unproved_of_name_here: u32,
    /// Unproved, from its address.
    pub unproved_of_source: u32,
    /// All of them.
    pub total: u32,
    /// Whether any of all is unproved.
    pub any_unproved: bool,
}

/// Whether one more attempt may be held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Room {
    /// Yes.
    Free,
    /// Yes, once the oldest of these has ended.
    InPlaceOf(Displaced),
    /// No: its password is not sent, or its answer is dropped.
    Full,
}

/// Among which unproved attempts the oldest has to go. Never a proved one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Displaced {
    /// Those under the same name and from the same address.
    OfNameHere,
    /// Those from the same address.
    OfSource,
    /// All.
    Any,
}

/// Decides whether one more attempt may be held, and in whose place.
///
/// An unproved one is never refused for what others did to its name: it takes the place of its
/// like. There is no cap on a name over all addresses, for then five addresses were enough to push
/// her own attempt out; tries are counted per name wherever they are typed, so more attempts give
/// no more tries.
pub const fn room_for(proved: bool, waiting: &Waiting, caps: &AttemptCaps) -> Room {
    if proved {
        if waiting.proved_of_name >= caps.per_subscriber_or_name
            || waiting.proved_of_source >= caps.per_source
        {
            return Room::Full;
        }
    } else if waiting.unproved_of_name_here >= caps.per_subscriber_or_name {
        return Room::InPlaceOf(Displaced::OfNameHere);
    } else if waiting.unproved_of_source >= caps.per_source {
        return Room::InPlaceOf(Displaced::OfSource);
    }
    match (waiting.total < caps.total, waiting.any_unproved) {
        (true, _) => Room::Free,
        (false, true) => Room::InPlaceOf(Displaced::Any),
        (false, false) => Room::Full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPS: AttemptCaps = AttemptCaps {
        per_subscriber_or_name: 5,
        per_source: 20,
        total: 100,
    };

    fn room(proved: bool, change: impl FnOnce(&mut Waiting)) -> Room {
        let mut waiting = Waiting::default();
        change(&mut waiting);
        room_for(proved, &waiting, &CAPS)
    }

    #[test]
    fn there_is_room_up_to_each_cap() {
        let below = |waiting: &mut Waiting| {
            *waiting = Waiting {
                proved_of_name: 4,
                proved_of_source: 19,
                unproved_of_name_here: 4,
                unproved_of_source: 19,
                total: 99,
                any_unproved: true,
            };
        };
        assert_eq!(room(true, below), Room::Free);
        assert_eq!(room(false, below), Room::Free);
    }

    #[test]
    fn proved_ones_stop_at_their_caps() {
        assert_eq!(room(true, |waiting| waiting.proved_of_name = 5), Room::Full);
        assert_eq!(
            room(true, |waiting| waiting.proved_of_source = 20),
            Room::Full
        );
    }

    #[test]
    fn what_a_name_alone_brought_about_refuses_nobody() {
        for (here, source) in [(5, 5), (5, 20), (1, 20), (0, 20)] {
            let full = |waiting: &mut Waiting| {
                waiting.unproved_of_name_here = here;
                waiting.unproved_of_source = source;
                waiting.any_unproved = true;
                waiting.total = source;
            };
            assert_eq!(room(true, full), Room::Free, "{here} {source}");
            let place = if here == 5 {
                Displaced::OfNameHere
            } else {
                Displaced::OfSource
            };
            assert_eq!(room(false, full), Room::InPlaceOf(place), "{here} {source}");
        }
    }

    #[test]
    fn proved_ones_do_not_count_against_what_a_name_alone_brings_about() {
        let full = |waiting: &mut Waiting| {
            waiting.proved_of_name = 5;
            waiting.proved_of_source = 20;
            waiting.total = 20;
        };
        assert_eq!(room(false, full), Room::Free);
    }

    #[test]
    fn a_full_table_loses_an_unproved_one_first_and_never_a_proved_one() {
        for proved in [true, false] {
            let mixed = room(proved, |waiting| {
                waiting.total = 100;
                waiting.any_unproved = true;
            });
            assert_eq!(mixed, Room::InPlaceOf(Displaced::Any));
            assert_eq!(room(proved, |waiting| waiting.total = 100), Room::Full);
        }
    }

    /// Over all counts around the caps: what is held afterwards never exceeds the total.
    #[test]
    fn the_total_is_never_exceeded() {
        for bits in 0..64_u32 {
            let at = |bit: u32, cap: u32| if bits & (1 << bit) == 0 { cap - 1 } else { cap };
            let waiting = Waiting {
                proved_of_name: at(0, 5),
                proved_of_source: at(1, 20),
                unproved_of_name_here: at(2, 5),
                unproved_of_source: at(3, 20),
                total: at(4, 100),
                any_unproved: true,
            };
            for proved in [true, false] {
                let free = room_for(proved, &waiting, &CAPS) == Room::Free;
                assert!(!free || waiting.total < 100, "{waiting:?}");
            }
        }
    }
}
