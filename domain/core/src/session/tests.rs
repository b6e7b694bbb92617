//! The boundaries of a session's age, to the second, and clocks that jump.
//!
//! What each standing leads to is in `tests/decision_table.rs`.

use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);

fn limits() -> Lifetimes {
    Lifetimes::default()
}

/// Verified an hour ago and last active `quiet` ago.
fn quiet_for(quiet: Duration) -> Verified {
    Verified {
        authenticated_at: NOW.minus(HOUR),
        active_at: NOW.minus(quiet),
        ends_at: NOW.plus(11 * HOUR),
        locked: false,
    }
}

fn standing(session: Verified) -> Standing {
    session.standing(&limits(), NOW)
}

#[test]
fn a_session_locks_on_the_second_its_idle_time_is_over() {
    let idle = limits().idle;
    for (quiet, wanted) in [
        (Duration::ZERO, Standing::Fresh),
        (idle - SECOND, Standing::Fresh),
        (idle, Standing::Locked),
        (idle + SECOND, Standing::Locked),
    ] {
        assert_eq!(standing(quiet_for(quiet)), wanted, "{quiet:?}");
    }
}

#[test]
fn a_lock_becomes_an_end_on_the_second_its_stretch_is_over() {
    let end = limits().idle + limits().unlock_within;
    for (quiet, wanted) in [
        (end - SECOND, Standing::Locked),
        (end, Standing::Over),
        (end + SECOND, Standing::Over),
    ] {
        assert_eq!(standing(quiet_for(quiet)), wanted, "{quiet:?}");
    }
}

#[test]
fn an_imposed_lock_holds_while_people_work_and_ends_like_any_other() {
    let imposed = |quiet| Verified {
        locked: true,
        ..quiet_for(quiet)
    };
    let end = limits().idle + limits().unlock_within;
    assert_eq!(standing(imposed(Duration::ZERO)), Standing::Locked);
    assert_eq!(standing(imposed(end - SECOND)), Standing::Locked);
    assert_eq!(standing(imposed(end)), Standing::Over);
}

#[test]
fn overall_age_ends_a_session_however_busy_it_is() {
    let busy = quiet_for(Duration::ZERO);
    for (ends_at, wanted) in [
        (NOW.plus(SECOND), Standing::Fresh),
        (NOW.plus(Duration::from_millis(1)), Standing::Fresh),
        (NOW, Standing::Over),
        (NOW.minus(SECOND), Standing::Over),
    ] {
        assert_eq!(standing(Verified { ends_at, ..busy }), wanted);
        let locked = Verified {
            ends_at,
            locked: true,
            ..busy
        };
        let wanted = match wanted {
            Standing::Fresh => Standing::Locked,
            other => other,
        };
        assert_eq!(standing(locked), wanted);
    }
}

#[test]
fn no_lock_can_be_undone_where_the_policy_makes_idle_an_end() {
    let strict = Lifetimes {
        unlock_within: Duration::ZERO,
        ..limits()
    };
    let idle = quiet_for(strict.idle);
    assert_eq!(idle.standing(&strict, NOW), Standing::Over);
    let nearly = quiet_for(strict.idle - SECOND);
    assert_eq!(nearly.standing(&strict, NOW), Standing::Fresh);
}

#[test]
fn a_clock_that_jumps_forward_asks_early() {
    let busy = quiet_for(Duration::ZERO);
    assert_eq!(busy.standing(&limits(), NOW.plus(HOUR)), Standing::Locked);
    let ten_years = HOUR * 24 * 3650;
    assert_eq!(
        busy.standing(&limits(), NOW.plus(ten_years)),
        Standing::Over
    );
}

#[test]
fn a_clock_that_jumps_back_makes_no_idle_session_young() {
    let idle = quiet_for(limits().idle + SECOND);
    assert_eq!(standing(idle), Standing::Locked);
    for back in [HOUR, 24 * HOUR, 24 * 3650 * HOUR] {
        assert_eq!(
            idle.standing(&limits(), NOW.minus(back)),
            Standing::Locked,
            "{back:?}"
        );
    }
    let over = Verified {
        ends_at: NOW,
        ..quiet_for(Duration::ZERO)
    };
    assert_eq!(standing(over), Standing::Over);
    assert_eq!(
        over.standing(&limits(), NOW.minus(24 * HOUR)),
        Standing::Locked
    );
}

#[test]
fn two_nodes_may_differ_by_seconds() {
    let busy = quiet_for(Duration::ZERO);
    assert_eq!(
        busy.standing(&limits(), NOW.minus(45 * SECOND)),
        Standing::Fresh
    );
    assert_eq!(
        busy.standing(&limits(), NOW.minus(60 * SECOND)),
        Standing::Fresh
    );
    assert_eq!(
        busy.standing(&limits(), NOW.minus(61 * SECOND)),
        Standing::Locked
    );
}

proptest! {
    #[test]
    fn time_alone_never_makes_a_session_better(
        authenticated in 0_i64..100_000, active in 0_i64..100_000, ends in 0_i64..200_000,
        locked: bool, now in 0_i64..200_000, later in 0_i64..100_000,
    ) {
        let session = Verified {
            authenticated_at: Timestamp::from_secs(authenticated),
            active_at: Timestamp::from_secs(active),
            ends_at: Timestamp::from_secs(ends),
            locked,
        };
        // From the moment on that the session was last seen: before it, time heals a clock.
        let now = now.max(active).max(authenticated);
        let rank = |now| match session.standing(&limits(), Timestamp::from_secs(now)) {
            Standing::Fresh => 0,
            Standing::Locked => 1,
            Standing::Over => 2,
        };
        prop_assert!(rank(now) <= rank(now + later));
    }

    #[test]
    fn no_moments_make_it_panic_and_none_outlives_its_end(
        authenticated: i64, active: i64, ends: i64, locked: bool, now: i64,
        idle: u64, unlock: u64,
    ) {
        let limits = Lifetimes {
            idle: Duration::from_secs(idle),
            unlock_within: Duration::from_secs(unlock),
            overall: Duration::MAX,
        };
        let session = Verified {
            authenticated_at: Timestamp::from_millis(authenticated),
            active_at: Timestamp::from_millis(active),
            ends_at: Timestamp::from_millis(ends),
            locked,
        };
        let standing = session.standing(&limits, Timestamp::from_millis(now));
        prop_assert!(now < ends || standing == Standing::Over);
        prop_assert!(!locked || standing != Standing::Fresh);
    }
}
