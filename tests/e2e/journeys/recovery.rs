//! When the phone is lost, slow or mistyped: recovery codes, pauses, the ceiling, the operator.
//! A stolen password gets nobody in here either, and every way out is told with a phone number.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_core::throttle::ThrottlePolicy;
use anteroom_store::{Paper, SubscriberStatus};
use anteroom_tests::world::start::{Clinic, eventually, open_enrolment};

use super::people::{
    ALICE, BOB, all_is_well, audited, enrol, id_of, issue_code, listing, must_be_closed,
    must_be_in, must_be_out, newcomer, password, sign_in, type_code, type_recovery,
};

const CHALLENGE: &str = "/.anteroom/challenge";
const IDLE: Duration = Duration::from_secs(15 * 60 + 1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_recovery_code_signs_in_once_and_the_rest_are_counted_on_unlock() {
    let clinic = Clinic::with_demo().await;
    let mut first = clinic.browser();
    let alice = newcomer(&clinic, &mut first, ALICE).await;
    for (used, code) in alice.codes.iter().take(2).enumerate() {
        let mut browser = clinic.browser();
        password(&mut browser, ALICE).await;
        // As people type: small letters, blanks for dashes.
        let typed = if used == 0 {
            code.clone()
        } else {
            code.to_lowercase().replace('-', " ")
        };
        type_recovery(&mut browser, &typed).await;
        must_be_in(&mut browser).await;
        let left = 9 - u32::try_from(used).unwrap();
        assert_eq!(listing(&clinic, "alice").await.recovery_left, left);

        clinic.world.clock.advance(IDLE);
        browser.open("/patients").await;
        browser.page().must_stand_at(CHALLENGE);
        browser
            .page()
            .must_say(&format!("You have {left} codes left"));
        // The one just used does not unlock either.
        type_recovery(&mut browser, code).await;
        browser.page().must_be(422);
        must_be_closed(browser.page());
    }
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    for spent in &alice.codes[..2] {
        type_recovery(&mut browser, spent).await;
        browser.page().must_be(422);
        browser.page().must_say("recovery code");
        must_be_out(&mut browser.new_tab()).await;
    }
    assert_eq!(audited(&clinic, AuditKind::RecoveryCodeUsed).await, 2);
    // The form for the phone is on the same page and still works.
    type_code(&mut browser, &alice.next_code(&clinic)).await;
    must_be_in(&mut browser).await;
    // Somebody else's codes are worth nothing under her name.
    let mut bobs = clinic.browser();
    let bob = newcomer(&clinic, &mut bobs, BOB).await;
    let mut thief = clinic.browser();
    password(&mut thief, ALICE).await;
    type_recovery(&mut thief, &bob.codes[0]).await;
    thief.page().must_be(422);
    assert_eq!(listing(&clinic, "bob").await.recovery_left, 10);
    clinic
        .world
        .must_not_leak(&[&alice.codes[0], &alice.codes[5], &bob.codes[0]]);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recovery_code_unlocks_and_the_last_one_is_said_to_be_gone() {
    let lines = open_enrolment("demo") + "[app.challenge]\nrecovery_codes = 5\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    browser.take_phone().await;
    let phone = anteroom_tests::phone::Phone::scan(browser.page()).unwrap();
    type_code(&mut browser, &phone.code_at(&clinic.world.clock)).await;
    let codes = super::people::codes_on(browser.page());
    assert_eq!(codes.len(), 5, "{}", browser.page().describe());
    browser.press("I have saved them", &[]).await;
    browser.follow_all().await;
    for (used, code) in codes.iter().enumerate() {
        clinic.world.clock.advance(IDLE);
        browser.open("/patients/1001").await;
        let left = 5 - used;
        browser.page().must_say(&format!("You have {left} "));
        type_recovery(&mut browser, code).await;
        browser.page().must_stand_at("/patients/1001");
        assert!(browser.page().has("CANARY-PHI-1001"));
    }
    clinic.world.clock.advance(IDLE);
    browser.open("/patients").await;
    assert!(browser.page().has("You have used all your recovery codes"));
    let alice = super::people::Person {
        login: ALICE,
        phone,
        codes,
    };
    type_code(&mut browser, &alice.next_code(&clinic)).await;
    must_be_in(&mut browser).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_codes_are_paused_with_a_time_and_a_phone_number_and_the_pause_ends() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    clinic.world.clock.next_step();
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    let wrong = alice.phone.wrong_code(clinic.world.clock.now());
    for tries in ["4 tries", "3 tries", "2 tries", "1 try"] {
        type_code(&mut browser, &wrong).await;
        assert_eq!(browser.page().status, 422);
        browser.page().must_say("did not match");
        browser.page().must_say(tries);
    }
    type_code(&mut browser, &wrong).await;
    let page = browser.page().clone();
    page.must_be(429);
    assert_eq!(page.header("retry-after"), Some("30"));
    assert!(
        page.has("about 30 seconds") && page.has("+1 555 0101"),
        "{}",
        page.describe()
    );
    page.must_say("it@clinic.test");

    // Neither the right code nor another session nor a recovery code is looked at meanwhile.
    let mut other = clinic.browser();
    password(&mut other, ALICE).await;
    other.page().must_be(429);
    clinic.world.clock.advance(Duration::from_secs(10));
    browser.back().await;
    type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
    browser.page().must_be(429);
    browser.page().must_say("about 20 seconds");
    must_be_out(&mut browser.new_tab()).await;
    assert_eq!(listing(&clinic, "alice").await.recovery_left, 10);

    clinic.world.clock.advance(Duration::from_secs(21));
    browser.click("Try again").await;
    browser.follow_all().await;
    browser.page().must_be(200);
    type_code(&mut browser, &alice.phone.code_at(&clinic.world.clock)).await;
    browser.page().must_stand_at("/patients");
    must_be_in(&mut browser).await;
    assert_eq!(audited(&clinic, AuditKind::ThrottlePaused).await, 1);
    assert_eq!(audited(&clinic, AuditKind::PasswordMayBeStolen).await, 1);

    // Bob never noticed.
    newcomer(&clinic, &mut clinic.browser(), BOB).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_ceiling_the_phone_is_dead_until_the_operator_unlocks_it() {
    let throttle = "[app.throttle]\nfree_tries = 3\nfirst_pause = \"10 s\"\ndisable_at = 5\n";
    let clinic = Clinic::with_demo_as(&(open_enrolment("demo") + throttle), "").await;
    let mut signed_in = clinic.browser();
    let alice = newcomer(&clinic, &mut signed_in, ALICE).await;
    let mut thief = clinic.browser();
    password(&mut thief, ALICE).await;
    let wrong = alice.phone.wrong_code(clinic.world.clock.now());
    for pause in [0, 0, 0, 11, 21] {
        clinic.world.clock.advance(Duration::from_secs(pause));
        thief.open(CHALLENGE).await;
        type_code(&mut thief, &wrong).await;
    }
    thief.page().must_be(403);
    assert!(thief.page().has("switched off") && thief.page().has("+1 555 0101"));
    let policy = ThrottlePolicy {
        free_tries: 3,
        disable_at: 5,
        ..ThrottlePolicy::default()
    };
    let seen = listing(&clinic, "alice").await;
    assert_eq!(
        seen.status(&policy, clinic.now()),
        SubscriberStatus::Disabled
    );
    assert_eq!(audited(&clinic, AuditKind::AuthenticatorDisabled).await, 1);

    // However long one waits, and with the right code.
    clinic.world.clock.advance(Duration::from_secs(2 * 60 * 60));
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    browser.page().must_be(403);
    assert!(browser.page().has("switched off") && browser.page().has("+1 555 0101"));
    must_be_out(&mut browser).await;

    let id = id_of(&clinic, "alice").await;
    assert!(
        clinic
            .store()
            .subscriber_unlock(id, &Paper::of("operator:it", clinic.now()))
            .await
            .unwrap()
    );
    all_is_well(&clinic, &alice).await;
    assert_eq!(audited(&clinic, AuditKind::SubscriberUnlocked).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_ends_the_session_within_two_seconds_and_enrolment_needs_a_code_again() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let before = newcomer(&clinic, &mut browser, ALICE).await;
    let mut waiting = clinic.browser();
    password(&mut waiting, ALICE).await;
    let bob = newcomer(&clinic, &mut clinic.browser(), BOB).await;
    let id = id_of(&clinic, "alice").await;
    let paper = Paper::of("operator:it", clinic.now()).because("phone lost");
    let reset = clinic.store().subscriber_reset(id, &paper);
    assert!(reset.await.unwrap());
    let ended = async {
        eventually("the session ends", async || {
            let mut tab = browser.new_tab();
            tab.get("/patients/1001").await.status != 200
        })
        .await;
    };
    let within = tokio::time::timeout(Duration::from_secs(2), ended).await;
    assert!(within.is_ok(), "the session lived on for two seconds");
    must_be_out(&mut browser).await;
    // What was held for her before is gone too.
    type_code(&mut waiting, &before.next_code(&clinic)).await;
    must_be_out(&mut waiting).await;

    // Enrolment is open here, but not after a reset.
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    again.page().must_stand_at("/.anteroom/enrol/code");
    let code = issue_code(&clinic, "emr.test", "alice").await;
    type_code(&mut again, &code).await;
    let after = enrol(&mut again, &clinic, ALICE).await;
    must_be_in(&mut again).await;
    assert_ne!(after.phone.secret(), before.phone.secret());

    // Old phone and old recovery codes are scrap.
    let mut thief = clinic.browser();
    password(&mut thief, ALICE).await;
    type_code(&mut thief, &before.next_code(&clinic)).await;
    thief.page().must_be(422);
    type_recovery(&mut thief, &before.codes[3]).await;
    thief.page().must_be(422);
    all_is_well(&clinic, &bob).await;
    all_is_well(&clinic, &after).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_suspended_is_out_within_two_seconds_and_back_when_resumed() {
    let clinic = Clinic::with_demo().await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let id = id_of(&clinic, "alice").await;
    let now = clinic.now();
    assert!(
        clinic
            .store()
            .subscriber_suspend(id, &Paper::of("operator:it", now).because("on leave"))
            .await
            .unwrap()
    );
    let ended = eventually("the session ends", async || {
        browser.new_tab().get("/patients/1001").await.status != 200
    });
    assert!(
        tokio::time::timeout(Duration::from_secs(2), ended)
            .await
            .is_ok()
    );
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    again.page().must_say("+1 555 0101");
    clinic.world.clock.next_step();
    if again.page().has_field("code") {
        type_code(&mut again, &alice.phone.code_at(&clinic.world.clock)).await;
    }
    must_be_out(&mut again).await;
    assert!(
        clinic
            .store()
            .subscriber_resume(id, &Paper::of("operator:it", clinic.now()))
            .await
            .unwrap()
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_phone_and_a_used_code_are_told_apart_from_a_wrong_one() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    clinic.world.clock.advance(Duration::from_secs(20 * 60));
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    let now = clinic.world.clock.now();
    type_code(&mut browser, &alice.phone.code(now - 4 * 60)).await;
    browser.page().must_say("about 4 minutes slow");
    type_code(&mut browser, &alice.phone.code(now + 7 * 60)).await;
    // Not so of one that will be right: that would give a guess away.
    browser.page().must_say("did not match");
    assert!(!browser.page().has("fast"), "{}", browser.page().describe());
    type_code(&mut browser, "12 34").await;
    browser.page().must_say("not a 6-digit code");
    type_code(&mut browser, "").await;
    browser.page().must_be(200);
    must_be_closed(browser.page());
    let code = alice.phone.code(now);
    type_code(&mut browser, &format!(" {} {} ", &code[..3], &code[3..])).await;
    must_be_in(&mut browser).await;

    let mut second = clinic.browser();
    password(&mut second, ALICE).await;
    type_code(&mut second, &code).await;
    second.page().must_say("already been used");
    must_be_closed(second.page());
    assert_eq!(audited(&clinic, AuditKind::CodeReused).await, 1);
    type_code(&mut second, &alice.next_code(&clinic)).await;
    must_be_in(&mut second).await;

    // One step early or late is no problem; a step before the last one spent is.
    for late in [-1_i64, 1] {
        clinic.world.clock.advance(Duration::from_secs(5 * 60));
        let mut browser = clinic.browser();
        password(&mut browser, ALICE).await;
        let at = clinic.world.clock.now().saturating_add_signed(late * 30);
        type_code(&mut browser, &alice.phone.code(at)).await;
        must_be_in(&mut browser).await;
    }
    clinic.world.clock.advance(Duration::from_secs(60));
    let mut last = clinic.browser();
    sign_in(&clinic, &mut last, &alice).await;
    all_is_well(&clinic, &alice).await;
}
