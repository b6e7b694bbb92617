//! A doctor is locked out and calls: found by a part of her name, the page says what is wrong, and
//! she is in again by an unlock, by a temporary code, or by a reset and a new phone.

use anteroom_core::audit::AuditKind;
use anteroom_core::operator::Role;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::world::start::Clinic;

use crate::desk::{CHECK, Operator, clinic_with_people, code_shown, operator};
use crate::journeys::people::{
    ALICE, Person, all_is_well, audited, enrol, must_be_closed, must_be_in, must_be_out, newcomer,
    password, type_code, type_recovery,
};
use crate::ward::{HOUR, MINUTE};

/// Types the password and five wrong codes. The clock stands still, so the pause goes on.
async fn lock_out(clinic: &Clinic, alice: &Person) -> Browser {
    clinic.world.clock.advance(10 * MINUTE);
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    let wrong = alice.phone.wrong_code(clinic.world.clock.now());
    for _ in 0..5 {
        type_code(&mut browser, &wrong).await;
    }
    browser
}

/// Signs in with the code that the phone shows at this moment, and does not wait for another one.
async fn sign_in_now(clinic: &Clinic, alice: &Person) -> Browser {
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    let code = alice.phone.code_at(&clinic.world.clock);
    type_code(&mut browser, &code).await;
    assert_eq!(
        browser.page().path(),
        "/patients",
        "{}",
        browser.page().describe()
    );
    must_be_in(&mut browser).await;
    browser
}

async fn desk(clinic: &Clinic) -> Operator {
    operator(clinic, "helen", Role::Helpdesk).await
}

fn must_say(page: &Page, words: &[&str]) {
    for word in words {
        assert!(page.has(word), "{word:?} is not on {}", page.describe());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_says_what_is_wrong_and_an_unlock_lets_her_sign_in_at_once() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut stuck = lock_out(&clinic, &alice).await;
    let mut helen = desk(&clinic).await;
    let right = alice.phone.code_at(&clinic.world.clock);
    let mut other = clinic.browser();
    password(&mut other, ALICE).await;
    assert_eq!(other.page().status, 429, "{}", other.page().describe());
    must_be_out(&mut stuck).await;

    let page = helen.see("/people?name=LIC").await;
    must_say(
        &page,
        &[
            "One person found.",
            "alice",
            "Locked for a while",
            "Ward emr",
        ],
    );
    let page = helen.browser.click("alice").await;
    must_say(
        &page,
        &[
            "Is locked after wrong codes, until today 08:10 UTC.",
            "Last trouble: Five wrong codes at Ward emr from the front desk.",
            "What would help",
            "They can type a code again at once.",
            "A sign that the password may be stolen",
        ],
    );
    helen.browser.click("Unlock").await;
    // Without a reason, or without saying how she was known, nothing happens, and nothing typed is
    // lost.
    let page = helen.browser.submit(&[("check", CHECK)]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    must_say(&page, &["Say why, in a few words."]);
    let page = helen
        .browser
        .submit(&[("reason", "new phone, old codes")])
        .await;
    assert_eq!(page.status, 303, "{}", page.describe());
    let page = helen.browser.follow_all().await;
    must_say(
        &page,
        &[
            "Unlocked. They can type a code again right now.",
            "Can sign in with password and second factor.",
            "Unlocked by helen from the front desk: “new phone, old codes”.",
            &format!("Identity verified by helen from the front desk: “{CHECK}”."),
        ],
    );
    assert_eq!(right, alice.phone.code_at(&clinic.world.clock));
    sign_in_now(&clinic, &alice).await;
    assert_eq!(audited(&clinic, AuditKind::SubscriberUnlocked).await, 1);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unlock_without_reason_or_identity_check_changes_nothing() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    lock_out(&clinic, &alice).await;
    let mut helen = desk(&clinic).await;
    helen.look_up("alice").await;
    helen.browser.click("Unlock").await;
    let page = helen.browser.submit(&[("reason", "she says so")]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    must_say(
        &page,
        &[
            "Say how you made sure who is asking.",
            "call back on a known number first",
        ],
    );
    assert!(page.text().contains("value=\"she says so\""));
    let mut other = clinic.browser();
    password(&mut other, ALICE).await;
    assert_eq!(other.page().status, 429, "{}", other.page().describe());
    assert_eq!(audited(&clinic, AuditKind::SubscriberUnlocked).await, 0);
    clinic.world.clock.advance(HOUR);
    all_is_well(&clinic, &alice).await;
}

/// Types the password and this code, and is told this at the gateway.
async fn is_told(clinic: &Clinic, code: &str, words: &str) {
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    type_recovery(&mut browser, code).await;
    assert_eq!(browser.page().status, 422, "{}", browser.page().describe());
    must_say(browser.page(), &[words]);
    must_be_closed(browser.page());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_temporary_code_lets_her_in_and_her_page_says_what_became_of_it() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    lock_out(&clinic, &alice).await;
    let mut helen = desk(&clinic).await;
    let page = helen
        .act("alice", "Give a temporary code", &[("hours", "1")])
        .await;
    must_say(
        &page,
        &[
            "Temporary code for alice",
            "until today 09:10 UTC",
            "You see this code only now.",
        ],
    );
    let first = code_shown(&page);
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    type_recovery(&mut browser, &first).await;
    must_be_in(&mut browser).await;
    let page = helen.look_up("alice").await;
    must_say(&page, &["used up today 08:10 UTC", "Can sign in"]);
    assert!(!page.has(&first));
    clinic.world.clock.advance(MINUTE);
    is_told(
        &clinic,
        &first,
        "This temporary code was used up at 08:10 UTC",
    )
    .await;
    let page = helen.look_up("alice").await;
    must_say(
        &page,
        &["used up today 08:10 UTC", "refused today 08:11 UTC"],
    );

    // One that nobody used in time.
    let page = helen
        .act(
            "alice",
            "Give a temporary code",
            &[("hours", "1"), ("uses", "5")],
        )
        .await;
    let second = code_shown(&page);
    clinic.world.clock.advance(HOUR);
    is_told(&clinic, &second, "This temporary code expired at").await;
    helen.sign_in(&clinic).await;
    let page = helen.look_up("alice").await;
    must_say(
        &page,
        &["expired today 09:11 UTC", "refused today 09:11 UTC"],
    );

    // One that was read to the wrong person.
    let page = helen.act("alice", "Give a temporary code", &[]).await;
    let third = code_shown(&page);
    helen.look_up("alice").await;
    helen.browser.click("Revoke it").await;
    let page = helen.fill(&[]).await;
    must_say(&page, &["That code no longer works.", "revoked today"]);
    is_told(&clinic, &third, "This temporary code was withdrawn at").await;
    clinic.world.must_not_leak(&[&first, &second, &third]);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_and_a_new_phone_make_the_old_phone_and_the_old_codes_worthless() {
    let clinic = clinic_with_people("").await;
    let mut lost = clinic.browser();
    let alice = newcomer(&clinic, &mut lost, ALICE).await;
    lock_out(&clinic, &alice).await;
    let mut helen = desk(&clinic).await;
    let page = helen.act("alice", "Reset second factor", &[]).await;
    must_say(
        &page,
        &[
            "Enrolment code for alice",
            "The second factor is reset, and all sessions have ended.",
            "until tomorrow 08:10 UTC, once",
        ],
    );
    let code = code_shown(&page);
    let page = helen.look_up("alice").await;
    must_say(
        &page,
        &[
            "Has no second factor yet. An enrolment code is open.",
            "An enrolment code is open until tomorrow 08:10 UTC. helen gave it today 08:10 UTC.",
            "Second factor reset by helen",
        ],
    );

    // The old phone asks for nothing any more: only the code that was read out goes on.
    let mut second = clinic.browser();
    password(&mut second, ALICE).await;
    assert_eq!(second.page().path(), "/.anteroom/enrol/code");
    for old in [
        alice.phone.code_at(&clinic.world.clock),
        alice.codes[0].clone(),
    ] {
        type_code(&mut second, &old).await;
        assert_ne!(second.page().path(), "/.anteroom/enrol");
        must_be_closed(second.page());
    }
    let mut second = clinic.browser();
    password(&mut second, ALICE).await;
    type_code(&mut second, &code).await;
    let renewed = enrol(&mut second, &clinic, ALICE).await;
    must_be_in(&mut second).await;
    assert_ne!(renewed.phone.secret(), alice.phone.secret());

    clinic.world.clock.next_step();
    let mut third = clinic.browser();
    password(&mut third, ALICE).await;
    type_code(&mut third, &alice.phone.code_at(&clinic.world.clock)).await;
    must_be_out(&mut third).await;
    let mut third = clinic.browser();
    password(&mut third, ALICE).await;
    type_recovery(&mut third, &alice.codes[1]).await;
    must_be_out(&mut third).await;
    must_be_out(&mut lost).await;
    let page = helen.look_up("alice").await;
    must_say(
        &page,
        &[
            "Can sign in with password and second factor.",
            "Second factor set up",
        ],
    );
    clinic.world.must_not_leak(&[&code]);
    all_is_well(&clinic, &renewed).await;
}
