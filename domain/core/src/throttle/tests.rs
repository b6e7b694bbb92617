//! The table of pauses, the ceilings, and what no sequence of right and wrong codes may do.

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_secs(1_800_000_000);

fn later(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}

fn wrong(times: u32) -> Throttle {
    let policy = ThrottlePolicy::default();
    (0..times).fold(Throttle::default(), |throttle, _| {
        throttle.after_failure(&policy, START)
    })
}

#[test]
fn the_first_tries_are_free_and_then_pauses_double_to_an_hour() {
    let policy = ThrottlePolicy::default();
    let pauses: Vec<Option<u64>> = (0..=14)
        .map(|n| policy.pause_after(n).map(|pause| pause.as_secs()))
        .collect();
    let expected = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600].map(Some);
    assert_eq!(pauses[..5], [None; 5]);
    assert_eq!(pauses[5..], expected);
    assert_eq!(policy.pause_after(u32::MAX), Some(policy.longest_pause));
}

#[test]
fn a_pause_ends_on_the_millisecond() {
    let policy = ThrottlePolicy::default();
    let throttle = wrong(5);
    let until = later(30);
    assert_eq!(wrong(4).standing(&policy, START), ThrottleStanding::Open);
    assert_eq!(
        throttle.standing(&policy, START),
        ThrottleStanding::Paused { until }
    );
    let just_before = until.minus(Duration::from_millis(1));
    assert_eq!(
        throttle.standing(&policy, just_before),
        ThrottleStanding::Paused { until }
    );
    assert_eq!(throttle.standing(&policy, until), ThrottleStanding::Open);
}

#[test]
fn fifty_in_a_row_are_the_end_until_an_operator_helps() {
    let policy = ThrottlePolicy::default();
    let throttle = wrong(50);
    assert_ne!(
        wrong(49).standing(&policy, START),
        ThrottleStanding::Exhausted
    );
    assert_eq!(
        throttle.standing(&policy, START),
        ThrottleStanding::Exhausted
    );
    assert_eq!(
        throttle.standing(&policy, later(10_000_000)),
        ThrottleStanding::Exhausted
    );
    let helped = throttle.after_unlock(START);
    assert_eq!(helped.standing(&policy, START), ThrottleStanding::Open);
}

#[test]
fn washing_the_counter_with_successes_reaches_the_rolling_cap() {
    let policy = ThrottlePolicy::default();
    let mut throttle = Throttle::default();
    let mut now = START;
    for _ in 0..50 {
        for _ in 0..4 {
            assert_eq!(throttle.standing(&policy, now), ThrottleStanding::Open);
            throttle = throttle.after_failure(&policy, now);
        }
        throttle = throttle.after_success(now);
        now = now.plus(Duration::from_secs(3600));
    }
    assert_eq!(throttle.rolling, 200);
    assert_eq!(throttle.standing(&policy, now), ThrottleStanding::Exhausted);
    let month_later = START.plus(policy.rolling_window);
    assert_eq!(
        throttle.standing(&policy, month_later),
        ThrottleStanding::Open
    );
    assert_eq!(throttle.after_failure(&policy, month_later).rolling, 1);
}

#[test]
fn a_clock_that_jumps_back_shuts_nobody_out() {
    let policy = ThrottlePolicy::default();
    let throttle = wrong(20);
    let year = Duration::from_secs(365 * 24 * 3600);
    let past = START.minus(year);
    assert_eq!(throttle.standing(&policy, past), ThrottleStanding::Open);
    // The next wrong code writes a pause by the new clock.
    let next = throttle.after_failure(&policy, past);
    let until = past.plus(policy.longest_pause);
    assert_eq!(
        next.standing(&policy, past),
        ThrottleStanding::Paused { until }
    );
    assert_eq!(next.consecutive, 21);
    assert_eq!(next.window_started_at, past);
}

/// What may happen to a subscriber, in whatever session and by whatever method.
#[derive(Clone, Debug)]
enum Event {
    Wrong { method: u8 },
    Right,
    Wait(u32),
    JumpBack(u32),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => (0_u8..3).prop_map(|method| Event::Wrong { method }),
        1 => Just(Event::Right),
        3 => (0_u32..8000).prop_map(Event::Wait),
        1 => (0_u32..8000).prop_map(Event::JumpBack),
    ];
    proptest::collection::vec(event, 0..120)
}

fn play(events: &[Event]) -> (Throttle, Timestamp) {
    let policy = ThrottlePolicy::default();
    let (mut throttle, mut now) = (Throttle::default(), START);
    for event in events {
        match event {
            Event::Wrong { .. } => throttle = throttle.after_failure(&policy, now),
            Event::Right => throttle = throttle.after_success(now),
            Event::Wait(seconds) => now = now.plus(Duration::from_secs(u64::from(*seconds))),
            Event::JumpBack(seconds) => now = now.minus(Duration::from_secs(u64::from(*seconds))),
        }
    }
    (throttle, now)
}

proptest! {
    #[test]
    fn one_more_wrong_code_never_makes_things_better(events in events()) {
        let policy = ThrottlePolicy::default();
        let (throttle, now) = play(&events);
        let next = throttle.after_failure(&policy, now);
        prop_assert!(next.pause(&policy, now) >= throttle.pause(&policy, now));
        prop_assert_eq!(next.consecutive, throttle.consecutive + 1);
        if throttle.standing(&policy, now) == ThrottleStanding::Exhausted {
            prop_assert_eq!(next.standing(&policy, now), ThrottleStanding::Exhausted);
        }
    }

    #[test]
    fn a_pause_is_never_longer_than_the_longest(events in events(), ahead in 0_u32..100_000) {
        let policy = ThrottlePolicy::default();
        let (throttle, now) = play(&events);
        let now = now.plus(Duration::from_secs(u64::from(ahead)));
        if let ThrottleStanding::Paused { until } = throttle.standing(&policy, now) {
            prop_assert!(until > now);
            prop_assert!(until.since(now) <= policy.longest_pause);
        }
    }

    #[test]
    fn success_never_clears_the_rolling_count(events in events()) {
        let (throttle, now) = play(&events);
        let after = throttle.after_success(now);
        prop_assert_eq!(after.rolling, throttle.rolling);
        prop_assert_eq!(after.consecutive, 0);
        prop_assert_eq!(after.paused_until, None);
        prop_assert!(after.window_started_at <= now || throttle.rolling == 0);
    }

    #[test]
    fn it_does_not_matter_by_which_method_or_session_the_codes_came(events in events()) {
        let other_methods: Vec<Event> = events.iter().map(|event| match event {
            Event::Wrong { method } => Event::Wrong { method: (method + 1) % 3 },
            other => other.clone(),
        }).collect();
        prop_assert_eq!(play(&events), play(&other_methods));
        let wrong = events.iter().filter(|event| matches!(event, Event::Wrong { .. })).count();
        let (throttle, _) = play(&events);
        prop_assert_eq!(throttle.rolling as usize, wrong);
    }

    #[test]
    fn no_state_makes_the_throttle_panic(
        consecutive: u32, rolling: u32, window: i64, paused: Option<i64>, now: i64
    ) {
        let policy = ThrottlePolicy::default();
        let throttle = Throttle {
            consecutive,
            rolling,
            window_started_at: Timestamp::from_millis(window),
            paused_until: paused.map(Timestamp::from_millis),
        };
        let now = Timestamp::from_millis(now);
        let _ = throttle.standing(&policy, now);
        let _ = throttle.after_failure(&policy, now).after_success(now).after_unlock(now);
    }
}
