//! Staff without phones: a token of hardware, its slow clock, its button pressed in a pocket, and
//! two codes in a row that put it right. The arithmetic stands in `core::oath`; the desk's part in
//! `helpdesk::tokens`.

use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::token::Token;
use anteroom_tests::world::start::{Clinic, coded_enrolment};

use crate::ward::{
    ALICE, BOB, CHALLENGE, DAY, HOUR, at_challenge, audit_is_whole, enrolled, id_of, issue_code,
    nonce, post, sees_chart, sign_out, told,
};

const TWO_CODES: &str = "/.anteroom/token";

async fn clinic() -> Clinic {
    Clinic::with_demo_as(&coded_enrolment("demo"), "").await
}

/// Alice, invited by name only, with this token in her pocket.
async fn alice_with(token: &Token) -> Clinic {
    let clinic = clinic().await;
    issue_code(&clinic, "alice", 1, DAY).await;
    let id = id_of(&clinic, "alice").await;
    token.given_to(&clinic, id).await;
    clinic
}

/// Types a code where the page asks for one.
async fn types(browser: &mut Browser, code: &str) -> Page {
    browser.submit_form(CHALLENGE, &[("code", code)]).await;
    browser.follow_all().await
}

/// Types two codes where the page asks for those.
async fn types_two(browser: &mut Browser, first: &str, second: &str) -> Page {
    browser
        .submit_form(TWO_CODES, &[("code", first), ("second", second)])
        .await;
    browser.follow_all().await
}

fn is_in(page: &Page) -> bool {
    (page.status, page.path()) == (200, "/patients")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nurse_with_a_token_of_eight_digits_signs_in_and_no_code_counts_twice() {
    let token = Token::with_clock("FT-2308471", 60, 8);
    let clinic = alice_with(&token).await;
    let mut alice = at_challenge(&clinic, ALICE).await;
    assert!(
        alice.page().has("6 or 8 digits"),
        "{}",
        alice.page().describe()
    );
    let code = token.shows(&clinic);
    let spaced = format!(" {} {} ", &code[..4], &code[4..]);
    let page = types(&mut alice, &spaced).await;
    assert!(is_in(&page), "{}", page.describe());
    assert!(sees_chart(&mut alice).await);
    sign_out(&alice).await;

    let mut thief = at_challenge(&clinic, ALICE).await;
    let page = types(&mut thief, &code).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(page.has("already been used"), "{}", page.describe());
    assert_eq!(told(&clinic, "code_reused").await, 1);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_loses_three_minutes_in_a_year_is_followed_and_twice_put_right() {
    let mut token = Token::with_clock("901", 30, 6);
    let clinic = alice_with(&token).await;
    let mut put_right = 0;
    for month in 1..=12 {
        clinic.world.clock.advance(30 * DAY);
        token.ahead = -15 * month;
        let mut alice = at_challenge(&clinic, ALICE).await;
        let page = types(&mut alice, &token.shows(&clinic)).await;
        if is_in(&page) {
            continue;
        }
        assert_eq!(page.status, 422, "{}", page.describe());
        assert!(
            page.has("clock is about"),
            "month {month}: {}",
            page.describe()
        );
        clinic.world.clock.next_step();
        let first = token.shows(&clinic);
        clinic.world.clock.next_step();
        let page = types_two(&mut alice, &first, &token.shows(&clinic)).await;
        assert!(is_in(&page), "month {month}: {}", page.describe());
        put_right += 1;
    }
    assert_eq!(put_right, 2);
    assert_eq!(told(&clinic, "hardware_token_resynchronised").await, 2);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_button_pressed_four_times_in_a_pocket_is_forgiven() {
    let mut token = Token::with_button("HB7", 6);
    let clinic = alice_with(&token).await;
    for _ in 0..4 {
        token.press();
    }
    let mut alice = at_challenge(&clinic, ALICE).await;
    let page = types(&mut alice, &token.press()).await;
    assert!(is_in(&page), "{}", page.describe());
    assert_eq!(told(&clinic, "hardware_token_resynchronised").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_button_pressed_forty_times_needs_two_codes_in_a_row() {
    let mut token = Token::with_button("HB8", 8);
    let clinic = alice_with(&token).await;
    let skipped: Vec<String> = (0..40).map(|_| token.press()).collect();
    let mut alice = at_challenge(&clinic, ALICE).await;
    let page = types(&mut alice, &token.press()).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(
        page.has("My token’s codes are not taken"),
        "{}",
        page.describe()
    );
    // Two that do not follow one another, then two that do.
    let (first, _between, third) = (token.press(), token.press(), token.press());
    let page = types_two(&mut alice, &first, &third).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(page.has("not two codes in a row"), "{}", page.describe());
    let (first, second) = (token.press(), token.press());
    let page = types_two(&mut alice, &first, &second).await;
    assert!(is_in(&page), "{}", page.describe());
    assert_eq!(told(&clinic, "challenge_failed").await, 2);
    sign_out(&alice).await;

    // Neither they nor any that was skipped opens anything again.
    let mut thief = at_challenge(&clinic, ALICE).await;
    let page = types_two(&mut thief, &first, &second).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    let page = types(&mut thief, &skipped[39]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d07_two_codes_are_slowed_like_single_ones_and_count_only_within_reach() {
    let mut token = Token::with_button("HB9", 6);
    let clinic = alice_with(&token).await;
    // Farther than anybody presses by chance.
    for _ in 0..1200 {
        token.skip();
    }
    let alice = at_challenge(&clinic, ALICE).await;
    let word = nonce(alice.page());
    for _ in 0..5 {
        let (first, second) = (token.press(), token.press());
        let entries = [
            ("nonce", word.as_str()),
            ("code", first.as_str()),
            ("second", second.as_str()),
        ];
        let page = post(&alice, TWO_CODES, &entries).await;
        assert!(matches!(page.status, 422 | 429), "{}", page.describe());
    }
    let (first, second) = (token.press(), token.press());
    let entries = [
        ("nonce", word.as_str()),
        ("code", first.as_str()),
        ("second", second.as_str()),
    ];
    let page = post(&alice, TWO_CODES, &entries).await;
    assert_eq!(page.status, 429, "{}", page.describe());
    assert_eq!(told(&clinic, "hardware_token_resynchronised").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_a_phone_is_neither_shown_nor_given_the_form_for_two_codes() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, BOB).await;
    clinic.world.clock.advance(HOUR);
    let mut bob = at_challenge(&clinic, BOB).await;
    let form = format!("action=\"{TWO_CODES}\"");
    assert!(!bob.page().text().contains(&form));
    let word = nonce(bob.page());
    bob.open(TWO_CODES).await;
    assert!(
        !bob.page().text().contains(&form),
        "{}",
        bob.page().describe()
    );
    let first = phone.code_at(&clinic.world.clock);
    clinic.world.clock.next_step();
    let second = phone.code_at(&clinic.world.clock);
    let entries = [
        ("nonce", word.as_str()),
        ("code", first.as_str()),
        ("second", second.as_str()),
    ];
    let page = post(&bob, TWO_CODES, &entries).await;
    assert_eq!(page.status, 403, "{}", page.describe());
    assert!(!sees_chart(&mut bob).await);
}
