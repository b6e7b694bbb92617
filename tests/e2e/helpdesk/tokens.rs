//! Hardware tokens at the desk: an owner brings a maker's file in, a helpdesk gives one to a nurse
//! without a phone, puts it right on the telephone, and takes it away when it is lost.

use anteroom_core::operator::Role;
use anteroom_tests::own_pages::ME;
use anteroom_tests::token::Token;
use anteroom_tests::world::start::Clinic;

use crate::desk::{Operator, clinic_with_desk, issue_code, operator};
use crate::ward::{
    ALICE, CHALLENGE, DAY, MINUTE, at_challenge, audit_is_whole, id_of, password, sees_chart, told,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_of_tokens_comes_in_one_is_given_and_lost_and_another_given() {
    let clinic = clinic_with_desk().await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let tokens = [
        Token::with_clock("FT-100", 30, 6),
        Token::with_clock("FT-101", 30, 8),
    ];
    issue_code(&clinic, "alice", 1, DAY).await;

    olga.see("/hardware-tokens").await;
    let bad = format!("{}\nFT-102,nonsense\n", tokens[0].line());
    let import = "/hardware-tokens/import";
    let page = olga
        .send(import, &[("file", &bad), ("reason", "night shift")])
        .await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(page.has("line 2"), "{}", page.describe());
    let file = format!("{}\n{}\n", tokens[0].line(), tokens[1].line());
    let page = olga
        .send(import, &[("file", &file), ("reason", "night shift")])
        .await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert!(
        page.has("2 added") && page.has("FT101"),
        "{}",
        page.describe()
    );
    assert!(!helen.see("/hardware-tokens").await.has("Bring a maker"));

    let give = "Give a hardware token";
    let page = helen.act("alice", give, &[("other", "ft 100")]).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert!(page.has("Hardware token"), "{}", page.describe());
    let mut alice = at_challenge(&clinic, ALICE).await;
    alice
        .submit_form(CHALLENGE, &[("code", &tokens[0].shows(&clinic))])
        .await;
    alice.follow_all().await;
    assert!(sees_chart(&mut alice).await);

    let revoke = "Revoke a hardware token";
    let page = helen.act("alice", revoke, &[("other", "FT-101")]).await;
    assert_eq!(page.status, 422, "not hers: {}", page.describe());
    let page = helen.act("alice", revoke, &[("other", "FT-100")]).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    clinic.world.clock.next_step();
    let page = password(&mut clinic.browser(), ALICE).await;
    assert_eq!(page.path(), "/.anteroom/enrol/code", "{}", page.describe());
    let page = helen.act("alice", give, &[("other", "FT-100")]).await;
    assert!(page.has("out of use for good"), "{}", page.describe());
    helen.act("alice", give, &[("other", "FT-101")]).await;
    let mut alice = at_challenge(&clinic, ALICE).await;
    alice
        .submit_form(CHALLENGE, &[("code", &tokens[1].shows(&clinic))])
        .await;
    alice.follow_all().await;
    assert!(sees_chart(&mut alice).await);
    assert_eq!(told(&clinic, "hardware_token_assigned").await, 2);
    assert_eq!(told(&clinic, "hardware_tokens_imported").await, 1);
}

const RIGHT: &str = "Put a hardware token right";

/// Alice with a token of the desk's, whose clock lost five minutes in a drawer.
async fn with_a_slow_token(clinic: &Clinic, helen: &mut Operator) -> Token {
    let mut token = Token::with_clock("FT-200", 30, 6);
    issue_code(clinic, "alice", 1, DAY).await;
    token.given_to(clinic, id_of(clinic, "alice").await).await;
    token.ahead = -5 * 60;
    helen.see("/people").await;
    token
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_put_right_by_two_codes_that_the_nurse_reads_out_on_the_telephone() {
    let clinic = clinic_with_desk().await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let token = with_a_slow_token(&clinic, &mut helen).await;
    let mut alice = at_challenge(&clinic, ALICE).await;
    alice
        .submit_form(CHALLENGE, &[("code", &token.shows(&clinic))])
        .await;
    alice.page().must_be(422);
    clinic.world.clock.next_step();
    let first = token.shows(&clinic);
    clinic.world.clock.next_step();
    let second = token.shows(&clinic);
    let codes = [("other", "ft 200"), ("first", &first), ("second", &second)];
    let page = helen.act("alice", RIGHT, &codes).await;
    page.must_be(200);
    page.must_say("the next code of that token works");
    assert!(!page.everything().contains(&first));
    // It signed nobody in, and what was read out is spent.
    assert!(!sees_chart(&mut alice.new_tab()).await);
    for spent in [&first, &second] {
        alice.submit_form(CHALLENGE, &[("code", spent)]).await;
        alice.page().must_be(422);
    }
    clinic.world.clock.next_step();
    let code = token.shows(&clinic);
    alice.submit_form(CHALLENGE, &[("code", &code)]).await;
    alice.follow_all().await;
    assert!(sees_chart(&mut alice).await);
    assert_eq!(told(&clinic, "hardware_token_resynchronised").await, 1);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d07_nobody_guesses_codes_through_the_helpdesk_and_no_token_of_others_is_named() {
    let clinic = clinic_with_desk().await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let token = with_a_slow_token(&clinic, &mut helen).await;
    issue_code(&clinic, "bob", 1, DAY).await;
    let bobs = Token::with_clock("FT-201", 30, 6);
    bobs.given_to(&clinic, id_of(&clinic, "bob").await).await;
    let first = token.shows(&clinic);
    clinic.world.clock.next_step();
    let second = token.shows(&clinic);
    let tries = [
        (
            "FT-201",
            first.as_str(),
            second.as_str(),
            "no token of this person",
        ),
        ("FT-999", &first, &second, "no token of this person"),
        ("FT-200", &first, "", "Type both codes"),
        ("FT-200", "12345", &second, "Type both codes"),
        ("FT-200", &second, &first, "not two fresh codes in a row"),
        ("FT-200", &first, &first, "not two fresh codes in a row"),
    ];
    for (serial, first, second, told) in tries {
        let codes = [("other", serial), ("first", first), ("second", second)];
        let page = helen.act("alice", RIGHT, &codes).await;
        page.must_refuse(told);
        let typed = [first, second].into_iter().filter(|code| code.len() == 6);
        assert!(typed.into_iter().all(|code| !page.text().contains(code)));
    }
    assert_eq!(told(&clinic, "challenge_failed").await, 2);
    // As slow as at the door: a pause, in which the right ones are not looked at either.
    let wrong = [
        ("other", "FT-200"),
        ("first", "000000"),
        ("second", "000001"),
    ];
    for _ in 0..3 {
        helen.act("alice", RIGHT, &wrong).await.must_be(422);
    }
    let codes = [("other", "FT-200"), ("first", &first), ("second", &second)];
    let page = helen.act("alice", RIGHT, &codes).await;
    page.must_refuse("Codes are not looked at until");
    assert_eq!(told(&clinic, "hardware_token_resynchronised").await, 0);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_factor_of_the_operators_own_is_not_enough_to_put_a_token_right() {
    let clinic = clinic_with_desk().await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let token = with_a_slow_token(&clinic, &mut helen).await;
    clinic.world.clock.advance(6 * MINUTE);
    let first = token.shows(&clinic);
    clinic.world.clock.next_step();
    let second = token.shows(&clinic);
    let codes = [("other", "FT-200"), ("first", &first), ("second", &second)];
    let page = helen.act("alice", RIGHT, &codes).await;
    page.must_be(422);
    page.must_say("Your own code");
    assert_eq!(told(&clinic, "hardware_token_resynchronised").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_given_a_token_makes_recovery_codes_on_her_own_page() {
    let clinic = clinic_with_desk().await;
    let token = Token::with_clock("FT-300", 30, 6);
    issue_code(&clinic, "alice", 1, DAY).await;
    token.given_to(&clinic, id_of(&clinic, "alice").await).await;
    let mut alice = at_challenge(&clinic, ALICE).await;
    alice
        .submit_form(CHALLENGE, &[("code", &token.shows(&clinic))])
        .await;
    alice.follow_all().await;
    assert!(sees_chart(&mut alice).await);
    let page = alice.open(ME).await;
    page.must_say("Hardware token.");
    page.must_say("You have no recovery codes. Make some and keep them");
    page.must_say("Signed in with your hardware token");
    assert!(!page.has("Move to a new phone"), "{}", page.describe());
    alice.click("Make recovery codes").await;
    clinic.world.clock.next_step();
    alice.submit(&[("code", &token.shows(&clinic))]).await;
    alice.follow_all().await;
    let codes = alice.page().recovery_codes();
    assert_eq!(codes.len(), 10, "{}", alice.page().describe());
    alice.press("I have saved them", &[]).await;
    alice.follow_all().await;
    alice.page().must_say("You have 10 codes left");
    let mut lost = at_challenge(&clinic, ALICE).await;
    lost.submit_form("/.anteroom/recovery", &[("code", &codes[0])])
        .await;
    lost.follow_all().await;
    assert!(sees_chart(&mut lost).await);
    audit_is_whole(&clinic).await;
}
