//! Family D, what one code is worth: spent once whatever the race, for its step and its neighbours
//! only, and in one spelling (D04-D08). Guessing is `d_codes`'.

use anteroom_store::Paper;
use std::collections::HashSet;

use anteroom_tests::browser::send::Protocol;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::Clinic;
use futures_util::future::join_all;

use crate::ward::{
    ALICE, CHALLENGE, HOUR, MINUTE, all_is_well, at_challenge, audit_is_whole, enrolled, given,
    id_of, nonce, password, post, posting, sees_chart, sessions_of, sign_in, sign_out, start_over,
    told,
};

use super::d_codes::{RECOVERY, clinic};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d04_a_code_is_never_taken_twice_nor_the_one_before_it() {
    let clinic = clinic("").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.advance(2 * MINUTE);
    clinic.world.clock.next_step();
    let used = clinic.world.clock.now();
    let alice = sign_in(&clinic, ALICE, &phone).await;
    sign_out(&alice).await;
    for (later, code) in [(5, used), (35, used), (35, used - 30)] {
        clinic.world.clock.set_ms((used as i64 + later) * 1000);
        let mut thief = at_challenge(&clinic, ALICE).await;
        let page = thief.submit(&[("code", &phone.code(code))]).await;
        assert_eq!(page.status, 422, "{later} {}", page.describe());
        assert!(!sees_chart(&mut thief).await, "{later}");
        start_over(&thief).await;
    }
    assert!(told(&clinic, "code_reused").await >= 2);
    assert_eq!(
        sessions_of(&clinic, "alice").await,
        1,
        "the one she enrolled in"
    );
    all_is_well(&clinic, ALICE, &phone).await;
}

/// Posts one code twenty times at once over two held logins; gives the ids that were handed out.
async fn race(clinic: &Clinic, protocol: Protocol, path: &str, code: &str) -> HashSet<String> {
    let mut tabs = Vec::new();
    for _ in 0..2 {
        let mut tab = clinic.browser().over(protocol);
        let page = password(&mut tab, ALICE).await;
        assert_eq!(
            (page.status, page.path()),
            (200, CHALLENGE),
            "{}",
            page.describe()
        );
        tabs.push(tab);
    }
    let asks: Vec<_> = tabs
        .iter()
        .map(|tab| posting(tab, path, &[("nonce", &nonce(tab.page())), ("code", code)]))
        .collect();
    let posts = (0..20).map(|n| tabs[n % 2].fetch(&asks[n % 2]));
    let answers = join_all(posts).await;
    let mut winners = HashSet::new();
    let mut ids = HashSet::new();
    for (n, answer) in answers.into_iter().enumerate() {
        let page = answer.expect("an answer");
        assert!(
            matches!(page.status, 303 | 403 | 422 | 429),
            "{}",
            page.describe()
        );
        if page.status == 303 {
            winners.insert(n % 2);
            ids.extend(given(&page));
        }
    }
    assert_eq!(winners.len(), 1, "one of two logins wins");
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d05_twenty_posts_of_one_right_code_open_exactly_one_session() {
    let clinic = clinic("").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    for run in 0..10 {
        clinic.world.clock.advance(HOUR);
        clinic.world.clock.next_step();
        let before = told(&clinic, "session_verified").await;
        let passed = told(&clinic, "challenge_passed").await;
        let code = phone.code_at(&clinic.world.clock);
        let protocol = if run % 2 == 0 {
            Protocol::H1
        } else {
            Protocol::H2
        };
        let ids = race(&clinic, protocol, CHALLENGE, &code).await;
        assert_eq!(ids.len(), 1, "run {run}");
        assert_eq!(
            told(&clinic, "session_verified").await,
            before + 1,
            "run {run}"
        );
        assert_eq!(
            told(&clinic, "challenge_passed").await,
            passed + 1,
            "run {run}"
        );
    }
    clinic.world.clock.advance(HOUR);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d06_twenty_posts_of_one_recovery_code_spend_it_once() {
    let clinic = clinic("").await;
    let (_, phone, codes) = enrolled(&clinic, ALICE).await;
    for (run, code) in codes.iter().take(2).enumerate() {
        clinic.world.clock.advance(HOUR);
        let before = told(&clinic, "session_verified").await;
        let ids = race(&clinic, Protocol::H1, RECOVERY, code).await;
        assert_eq!(ids.len(), 1, "run {run}");
        assert_eq!(
            told(&clinic, "session_verified").await,
            before + 1,
            "run {run}"
        );
        assert_eq!(told(&clinic, "recovery_code_used").await, run + 1);
        let left = crate::ward::listed(&clinic, "alice")
            .await
            .unwrap()
            .recovery_left;
        assert_eq!(left as usize, 9 - run);
    }
    clinic.world.clock.advance(HOUR);
    // How many of the twenty were counted the race decides: they are forgotten, so that the spent
    // code is refused for itself and not for a pause.
    let (id, now) = (id_of(&clinic, "alice").await, clinic.now());
    let paper = Paper::of("helen", now);
    let unlocked = clinic.store().subscriber_unlock(id, &paper);
    assert!(unlocked.await.unwrap());
    let mut thief = at_challenge(&clinic, ALICE).await;
    let page = thief.submit_form(RECOVERY, &[("code", &codes[0])]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(!sees_chart(&mut thief).await);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d07_only_the_neighbouring_steps_count_and_a_later_one_spends_the_earlier() {
    let clinic = clinic("").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    for steps in -3_i64..=3 {
        clinic.world.clock.advance(10 * MINUTE);
        clinic.world.clock.next_step();
        let time = clinic
            .world
            .clock
            .now()
            .checked_add_signed(steps * 30)
            .unwrap();
        let mut alice = at_challenge(&clinic, ALICE).await;
        let page = alice.submit(&[("code", &phone.code(time))]).await;
        let right = steps.abs() <= 1;
        assert_eq!(
            page.status,
            if right { 303 } else { 422 },
            "{steps}: {}",
            page.describe()
        );
        assert_eq!(sees_chart(&mut alice).await, right, "{steps}");
        if !right {
            start_over(&alice).await;
        }
    }
    clinic.world.clock.advance(10 * MINUTE);
    clinic.world.clock.next_step();
    let now = clinic.world.clock.now();
    let mut ahead = at_challenge(&clinic, ALICE).await;
    assert_eq!(
        ahead
            .submit(&[("code", &phone.code(now + 30))])
            .await
            .status,
        303
    );
    let mut after = at_challenge(&clinic, ALICE).await;
    let page = after.submit(&[("code", &phone.code(now))]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(!sees_chart(&mut after).await);
    start_over(&after).await;
    clinic.world.clock.next_step();
    all_is_well(&clinic, ALICE, &phone).await;
}

/// A code that begins with a zero: some readings lose it.
fn zero_first(clinic: &Clinic, phone: &Phone) -> String {
    for _ in 0..500 {
        clinic.world.clock.next_step();
        let code = phone.code_at(&clinic.world.clock);
        if code.starts_with('0') {
            return code;
        }
    }
    panic!("no code began with a zero for four hours");
}

fn mapped(code: &str, zero: u32) -> String {
    let digit = |c: char| char::from_u32(zero + c.to_digit(10).unwrap_or(0)).unwrap();
    code.chars().map(digit).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d08_odd_spellings_of_a_code_cost_a_try_and_open_nothing() {
    let clinic = clinic("free_tries = 10").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let code = zero_first(&clinic, &phone);
    let alice = at_challenge(&clinic, ALICE).await;
    let form = nonce(alice.page());
    let odd = [
        mapped(&code, 0xFF10),
        mapped(&code, 0x0660),
        mapped(&code, 0x1D7CE),
        format!("+{code}"),
        format!("-{code}"),
        format!("{code}0"),
        format!("0{code}"),
        code.trim_start_matches('0').to_owned(),
        code[..5].to_owned(),
        "1e5".to_owned(),
        "0x1".to_owned(),
        format!("{code}."),
        format!("{code},{code}"),
        format!("{code}\u{200b}"),
        format!("'{code}' OR 1=1"),
    ];
    for (tries, text) in odd.iter().enumerate() {
        let page = post(&alice, CHALLENGE, &[("nonce", &form), ("code", text)]).await;
        assert_eq!(page.status, 422, "{text:?}: {}", page.describe());
        assert_eq!(
            told(&clinic, "challenge_failed").await,
            tries + 1,
            "{text:?}"
        );
        if tries % 8 == 7 {
            let (id, now) = (id_of(&clinic, "alice").await, clinic.now());
            assert!(
                clinic
                    .store()
                    .subscriber_unlock(id, &Paper::of("helen", now))
                    .await
                    .unwrap()
            );
        }
    }
    assert_eq!(
        told(&clinic, "session_verified").await,
        1,
        "the one she enrolled in"
    );
    // Inner blanks are what people type; they are dropped, and this one counts.
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let page = post(&alice, CHALLENGE, &[("nonce", &form), ("code", &spaced)]).await;
    assert_eq!(page.status, 303, "{}", page.describe());
    audit_is_whole(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d08_a_form_that_is_not_one_plain_form_with_one_code_is_refused() {
    let clinic = clinic("").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let code = phone.code_at(&clinic.world.clock);
    let alice = at_challenge(&clinic, ALICE).await;
    let form = nonce(alice.page());
    for (body, kind, status) in [
        (
            format!("nonce={form}&code={code}&code={code}"),
            "application/x-www-form-urlencoded",
            400,
        ),
        (
            format!("nonce={form}&code={code}%00"),
            "application/x-www-form-urlencoded",
            400,
        ),
        (
            format!("nonce={form}&code=%00{code}"),
            "application/x-www-form-urlencoded",
            400,
        ),
        (
            format!("nonce={form}&code[]={code}"),
            "application/x-www-form-urlencoded",
            400,
        ),
        (
            format!("nonce={form}&code={code}&Code=1"),
            "application/x-www-form-urlencoded",
            400,
        ),
        (
            format!("{{\"nonce\":\"{form}\",\"code\":{code}}}"),
            "application/json",
            415,
        ),
        (format!("nonce={form}&code={code}"), "text/plain", 415),
        (
            format!("nonce={form}&code={}", "9".repeat(1 << 20)),
            "application/x-www-form-urlencoded",
            413,
        ),
    ] {
        let mut ask = posting(&alice, CHALLENGE, &[]);
        ask.body = Some((kind.to_owned(), body.clone().into_bytes()));
        let page = alice.fetch(&ask).await.expect("an answer");
        let start: String = body.chars().take(60).collect();
        assert_eq!(page.status, status, "{start}: {}", page.describe());
    }
    assert_eq!(told(&clinic, "session_verified").await, 1);
    let page = post(&alice, CHALLENGE, &[("nonce", &form), ("code", &code)]).await;
    assert_eq!(page.status, 303, "{}", page.describe());
    all_is_well(&clinic, ALICE, &phone).await;
}
