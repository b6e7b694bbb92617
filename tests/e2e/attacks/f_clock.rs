//! F09: the clock jumps, by a bad time source, a restored machine or an attacker. Used steps stay
//! used, what has ended stays ended, and nobody is shut out for years.

use std::time::Duration;

use anteroom_tests::world::start::{Clinic, eventually};

use crate::ward::{
    ALICE, CHALLENGE, DAY, HOUR, MINUTE, all_is_well, at_challenge, audit_is_whole, enrolled,
    nonce, password, post, sees_chart, sessions_of, sign_in, told,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_clock_set_back_makes_no_used_code_new() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, codes) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.advance(2 * DAY);
    clinic.world.clock.next_step();
    let used = clinic.world.clock.now();
    sign_in(&clinic, ALICE, &phone).await;
    let passed = told(&clinic, "challenge_passed").await;
    for back in [30 * MINUTE, HOUR, DAY] {
        clinic.world.clock.set_ms(used as i64 * 1000);
        clinic.world.clock.rewind(back);
        let mut thief = at_challenge(&clinic, ALICE).await;
        let now = clinic.world.clock.now();
        let form = nonce(thief.page());
        for code in [phone.code(used), phone.code(now), phone.code(now + 30)] {
            let page = post(&thief, CHALLENGE, &[("nonce", &form), ("code", &code)]).await;
            assert!(
                matches!(page.status, 422 | 429),
                "{back:?}: {}",
                page.describe()
            );
        }
        assert!(!sees_chart(&mut thief).await, "{back:?}");
        crate::ward::start_over(&thief).await;
        clinic.world.clock.advance(2 * HOUR);
    }
    assert_eq!(told(&clinic, "challenge_passed").await, passed);
    // Meanwhile a recovery code lets her in.
    clinic.world.clock.rewind(DAY);
    let mut alice = at_challenge(&clinic, ALICE).await;
    alice
        .submit_form("/.anteroom/recovery", &[("code", &codes[0])])
        .await;
    assert!(sees_chart(&mut alice).await);
    clinic.world.clock.set_ms(used as i64 * 1000);
    clinic.world.clock.advance(HOUR);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_session_that_was_over_does_not_come_back_with_the_old_time() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    let (mut idle, start) = (alice.thief(), clinic.world.clock.now_ms());
    assert!(sees_chart(&mut alice).await);
    for jump in [13 * HOUR, 10 * 365 * DAY] {
        clinic.world.clock.advance(jump);
        assert!(!sees_chart(&mut alice).await, "{jump:?}");
        assert!(!sees_chart(&mut idle).await, "{jump:?}");
        clinic.world.clock.set_ms(start);
        assert!(
            !sees_chart(&mut alice).await,
            "{jump:?} and back: {}",
            alice.page().describe()
        );
        assert!(!sees_chart(&mut idle).await, "{jump:?} and back");
    }
    assert_eq!(
        sessions_of(&clinic, "alice").await,
        0,
        "the record knows it too"
    );
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_session_over_unseen_does_not_come_back_either() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    let start = clinic.world.clock.now_ms();
    clinic.world.clock.advance(13 * HOUR);
    // Nobody asks for anything: the gateway itself has to notice.
    eventually("the session is ended", async || {
        sessions_of(&clinic, "alice").await == 0
    })
    .await;
    clinic.world.clock.set_ms(start);
    assert!(!sees_chart(&mut alice).await);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_sign_in_that_ran_out_does_not_come_back_with_the_old_time() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let mut waiting = at_challenge(&clinic, ALICE).await;
    let (form, start) = (nonce(waiting.page()), clinic.world.clock.now_ms());
    clinic.world.clock.advance(6 * MINUTE);
    let page = waiting.get(CHALLENGE).await;
    assert!(!page.has_field("code"), "{}", page.describe());
    clinic.world.clock.set_ms(start);
    let code = phone.code_at(&clinic.world.clock);
    let page = post(&waiting, CHALLENGE, &[("nonce", &form), ("code", &code)]).await;
    assert!(crate::ward::given(&page).is_none(), "{}", page.describe());
    assert!(!sees_chart(&mut waiting).await);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_pauses_survive_a_small_step_and_cannot_shut_her_out_for_years() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let wrong = phone.wrong_code(clinic.world.clock.now());
    clinic.world.clock.next_step();
    let thief = at_challenge(&clinic, ALICE).await;
    let form = nonce(thief.page());
    for _ in 0..5 {
        post(&thief, CHALLENGE, &[("nonce", &form), ("code", &wrong)]).await;
    }
    // An NTP step of some seconds back lengthens the pause by as much and ends nothing.
    clinic.world.clock.rewind(Duration::from_secs(8));
    let right = phone.code_at(&clinic.world.clock);
    let page = post(&thief, CHALLENGE, &[("nonce", &form), ("code", &right)]).await;
    assert_eq!(page.status, 429, "{}", page.describe());
    // Counted ten years ahead by a mad clock, and back: at most one try is given away.
    let start = clinic.world.clock.now_ms();
    clinic.world.clock.advance(10 * 365 * DAY);
    let mad = at_challenge(&clinic, ALICE).await;
    let form = nonce(mad.page());
    for _ in 0..3 {
        post(&mad, CHALLENGE, &[("nonce", &form), ("code", &wrong)]).await;
    }
    clinic.world.clock.set_ms(start);
    clinic.world.clock.advance(2 * HOUR);
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    alice
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    assert!(sees_chart(&mut alice).await, "{}", alice.page().describe());
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_jump_is_told_to_the_operator() {
    let clinic = Clinic::with_demo().await;
    let metric = async || {
        let private = clinic.running().private.unwrap();
        let mut client = anteroom_tests::raw::RawClient::plain(private)
            .await
            .unwrap();
        let ask = "GET /metrics HTTP/1.1¶Host: x¶Connection: close¶¶";
        client.ask(ask).await.unwrap().has("kind=\"clock_jump\"")
    };
    assert!(!metric().await);
    clinic.world.clock.rewind(HOUR);
    eventually("the jump is counted", metric).await;
}
