//! Family D, codes that an operator gave: they work although somebody hammers the account (D09b),
//! once per use whatever the race, for one person only, and during a pause of the thief's making
//! too. Which kind counts where is `c_kinds`'.

use futures_util::future::join_all;

use anteroom_tests::login::Login;
use anteroom_tests::world::start::{Clinic, open_enrolment};

use crate::ward::{
    ALICE, BOB, CHALLENGE, HOUR, MALLORY, MINUTE, all_is_well, at_challenge, audit_is_whole,
    enrolled, give_code, id_of, nonce, password, post, posting, print_codes, sees_chart,
    start_over, told,
};

use super::d_codes::{RECOVERY, clinic, guess, pause};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d09_an_operators_code_works_although_a_thief_has_paused_the_account() {
    let clinic = clinic("disable_at = 8").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let wrong = phone.wrong_code(clinic.world.clock.now());
    // (b) with the password: until the pause, and then until everything is disabled.
    for tries in [6, 2] {
        for _ in 0..tries {
            guess(&clinic, clinic.browser(), CHALLENGE, &wrong).await;
        }
        let mut alice = clinic.browser();
        let page = password(&mut alice, ALICE).await;
        assert!(matches!(page.status, 403 | 429), "{}", page.describe());
        if page.status == 429 {
            start_over(&alice).await;
        }
        let code = give_code(&clinic, "alice", 1, HOUR).await;
        let mut alice = at_challenge(&clinic, ALICE).await;
        alice.submit_form(RECOVERY, &[("code", &code)]).await;
        alice.follow_all().await;
        assert!(sees_chart(&mut alice).await, "{}", alice.page().describe());
        if tries == 6 {
            // The consecutive count was forgotten; the ceiling is eight away again.
            for _ in 0..6 {
                guess(&clinic, clinic.browser(), CHALLENGE, &wrong).await;
            }
        }
    }
    assert!(told(&clinic, "password_may_be_stolen").await >= 1);
    assert_eq!(told(&clinic, "authenticator_disabled").await, 1);
    let (id, now) = (id_of(&clinic, "alice").await, clinic.now());
    assert!(
        clinic
            .store()
            .subscriber_unlock(id, &anteroom_store::Paper::of("helen", now))
            .await
            .unwrap()
    );
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d09_an_operators_code_and_an_envelopes_open_a_pause_that_a_thief_began() {
    let clinic = clinic("").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let wrong = phone.wrong_code(clinic.world.clock.now());
    // The helpdesk has given her one, and the thief goes on: her form was open before.
    let code = give_code(&clinic, "alice", 5, 10 * HOUR).await;
    let (_, sealed) = print_codes(&clinic, "emr", 1).await;
    let open = at_challenge(&clinic, ALICE).await;
    let form = nonce(open.page());
    for _ in 0..5 {
        guess(&clinic, clinic.browser(), CHALLENGE, &wrong).await;
    }
    let page = post(&open, RECOVERY, &[("nonce", &form), ("code", &sealed[0])]).await;
    assert_eq!(page.status, 303, "{}", page.describe());
    for _ in 0..5 {
        guess(&clinic, clinic.browser(), CHALLENGE, &wrong).await;
    }
    // And she comes anew, to the page of the pause, which leads her on.
    let mut alice = clinic.browser();
    let page = password(&mut alice, ALICE).await;
    assert_eq!(pause(&page), Some(30), "{}", page.describe());
    assert!(page.has("Use a temporary code"), "{}", page.describe());
    let page = alice.open(RECOVERY).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    // Her phone's code waits: only what was given is looked at.
    let phones = phone.code_at(&clinic.world.clock);
    let page = post(
        &alice,
        CHALLENGE,
        &[("nonce", &nonce(&page)), ("code", &phones)],
    )
    .await;
    assert_eq!(pause(&page), Some(30), "{}", page.describe());
    alice.submit_form(RECOVERY, &[("code", &code)]).await;
    alice.follow_all().await;
    assert!(sees_chart(&mut alice).await, "{}", alice.page().describe());
    assert_eq!(told(&clinic, "sealed_code_used").await, 1);
    assert_eq!(told(&clinic, "temporary_code_used").await, 1);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d09_guessing_at_ten_digits_in_a_pause_comes_to_an_end_and_disables_nothing() {
    let clinic = clinic("").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let thief = at_challenge(&clinic, ALICE).await;
    let form = nonce(thief.page());
    for _ in 0..5 {
        guess(&clinic, clinic.browser(), RECOVERY, "98765-43210").await;
    }
    let failed = told(&clinic, "challenge_failed").await;
    let typed =
        async |code: &str| post(&thief, RECOVERY, &[("nonce", &form), ("code", code)]).await;
    // Before there is a code nothing is compared; then a hundred times, and never more.
    for _ in 0..5 {
        assert_eq!(pause(&typed("98765-43210").await), Some(30));
    }
    let code = give_code(&clinic, "alice", 5, 10 * HOUR).await;
    for _ in 0..5 {
        guess(&clinic, clinic.browser(), RECOVERY, "98765-43210").await;
    }
    for _ in 0..100 {
        assert_eq!(pause(&typed("98765-43210").await), Some(30));
    }
    assert_eq!(
        pause(&typed(&code).await),
        Some(30),
        "its looks are used up"
    );
    assert_eq!(told(&clinic, "challenge_failed").await, failed + 5);
    assert_eq!(told(&clinic, "authenticator_disabled").await, 0);
    assert_eq!(told(&clinic, "temporary_code_used").await, 0);
    // Outside a pause it counts as ever, and a new one has looks of its own.
    clinic.world.clock.advance(MINUTE);
    assert_eq!(typed(&code).await.status, 303);
    all_is_well(&clinic, ALICE, &phone).await;
}

/// Posts one code at once in ten held logins of these people; gives how many were let in.
async fn race(clinic: &Clinic, who: &[Login], code: &str) -> usize {
    let mut tabs = Vec::new();
    for n in 0..10 {
        let mut tab = clinic.browser();
        let page = password(&mut tab, who[n % who.len()]).await;
        assert_eq!(page.path(), CHALLENGE, "{}", page.describe());
        tabs.push(tab);
    }
    let asks: Vec<_> = tabs
        .iter()
        .map(|tab| {
            posting(
                tab,
                RECOVERY,
                &[("nonce", &nonce(tab.page())), ("code", code)],
            )
        })
        .collect();
    let posts = tabs.iter().zip(&asks).map(|(tab, ask)| tab.fetch(ask));
    let answers = join_all(posts).await;
    let pages = answers.into_iter().map(|answer| answer.expect("an answer"));
    let won = pages
        .inspect(|page| {
            assert!(
                matches!(page.status, 303 | 422 | 429),
                "{}",
                page.describe()
            );
        })
        .filter(|page| page.status == 303)
        .count();
    for tab in &tabs {
        start_over(tab).await;
    }
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d06_of_ten_posts_of_one_given_code_as_many_win_as_it_has_uses() {
    let lines = open_enrolment("demo") + "[app.throttle]\nfree_tries = 10\n";
    let limits = "[limits]\nattempts_per_subscriber = 30\nattempts_per_source = 60\n";
    let clinic = Clinic::with_demo_as(&lines, limits).await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    enrolled(&clinic, BOB).await;
    for uses in [1, 3] {
        let before = told(&clinic, "session_verified").await;
        let code = give_code(&clinic, "alice", uses, HOUR).await;
        assert_eq!(race(&clinic, &[ALICE], &code).await, uses as usize);
        let opened = told(&clinic, "session_verified").await - before;
        assert_eq!(opened, uses as usize);
        // What the losers were counted is forgotten: nobody is paused by the race before.
        let (id, now) = (id_of(&clinic, "alice").await, clinic.now());
        let paper = anteroom_store::Paper::of("helen", now);
        let unlocked = clinic.store().subscriber_unlock(id, &paper);
        assert!(unlocked.await.unwrap());
    }
    assert_eq!(told(&clinic, "temporary_code_used").await, 4);
    // A code of an envelope is one person's, whoever they are.
    let (_, sealed) = print_codes(&clinic, "emr", 1).await;
    assert_eq!(race(&clinic, &[ALICE, BOB], &sealed[0]).await, 1);
    assert_eq!(told(&clinic, "sealed_code_used").await, 1);
    audit_is_whole(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c12_alices_code_typed_by_mallory_is_just_wrong_and_spends_nothing() {
    let clinic = clinic("").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    enrolled(&clinic, MALLORY).await;
    let code = give_code(&clinic, "alice", 1, HOUR).await;
    let mut mallory = at_challenge(&clinic, MALLORY).await;
    let page = mallory.submit_form(RECOVERY, &[("code", &code)]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(
        page.has("temporary code did not match"),
        "{}",
        page.describe()
    );
    assert!(!sees_chart(&mut mallory).await);
    assert_eq!(told(&clinic, "temporary_code_refused").await, 0);
    assert_eq!(told(&clinic, "challenge_failed").await, 1);
    let mut alice = at_challenge(&clinic, ALICE).await;
    alice.submit_form(RECOVERY, &[("code", &code)]).await;
    alice.follow_all().await;
    assert!(sees_chart(&mut alice).await);
    all_is_well(&clinic, ALICE, &phone).await;
}
