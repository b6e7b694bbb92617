//! The phone is at home: ten digits read out by the helpdesk, at a sign-in and at an unlock, and
//! what is said when they do not count any more. Envelopes are `emergency`'s.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_store::Paper;
use anteroom_tests::browser::Browser;
use anteroom_tests::world::start::Clinic;

use crate::ward::{HOUR, give_code};

use super::people::{
    ALICE, all_is_well, audited, id_of, must_be_closed, must_be_in, must_be_out, newcomer,
    password, type_code, type_recovery,
};

const IDLE: Duration = Duration::from_secs(15 * 60 + 1);

/// Types the password and this code, and expects to be told these words.
async fn is_told(browser: &mut Browser, code: &str, words: &str) {
    password(browser, ALICE).await;
    type_recovery(browser, code).await;
    let page = browser.page();
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(page.has(words), "{words}: {}", page.describe());
    must_be_closed(page);
    must_be_out(&mut browser.new_tab()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_without_her_phone_signs_in_and_unlocks_until_the_code_is_used_up() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let code = give_code(&clinic, "alice", 3, 10 * HOUR).await;
    // As it was written down on a piece of paper.
    let written = code.replace('-', " ");
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    assert!(browser.page().has("temporary code from the helpdesk"));
    type_recovery(&mut browser, &written).await;
    assert_eq!(
        browser.page().path(),
        "/patients",
        "{}",
        browser.page().describe()
    );
    must_be_in(&mut browser).await;
    clinic.world.clock.advance(IDLE);
    browser.open("/patients/1001").await;
    must_be_closed(browser.page());
    type_recovery(&mut browser, &code).await;
    assert_eq!(
        browser.page().path(),
        "/patients/1001",
        "{}",
        browser.page().describe()
    );
    must_be_in(&mut browser).await;
    // In the field for six digits it counts as well, where no browser checks the pattern.
    let mut other = clinic.browser();
    password(&mut other, ALICE).await;
    type_code(&mut other, &code).await;
    must_be_in(&mut other).await;
    assert_eq!(audited(&clinic, AuditKind::TemporaryCodeUsed).await, 3);

    clinic.world.clock.advance(Duration::from_secs(60));
    let said = "This temporary code was used up at 08:15 UTC on 2 March";
    is_told(&mut clinic.browser(), &code, said).await;
    assert_eq!(audited(&clinic, AuditKind::TemporaryCodeRefused).await, 1);
    let id = id_of(&clinic, "alice").await;
    let seen = clinic.store().temporary_codes_of(id, 5).await.unwrap();
    assert_eq!(
        (seen[0].uses_left, seen[0].refused_at),
        (0, Some(clinic.now()))
    );
    let digits: String = code.split('-').collect();
    clinic.world.must_not_leak(&[&code, &digits]);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_and_a_withdrawn_code_are_told_apart_with_their_time() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let id = id_of(&clinic, "alice").await;
    let expired = give_code(&clinic, "alice", 5, HOUR).await;
    clinic.world.clock.advance(HOUR);
    let said = "This temporary code expired at 09:00 UTC on 2 March";
    is_told(&mut clinic.browser(), &expired, said).await;
    let withdrawn = give_code(&clinic, "alice", 5, HOUR).await;
    clinic.world.clock.advance(Duration::from_secs(120));
    let paper = Paper::of("helen", clinic.now());
    assert!(
        clinic
            .store()
            .temporary_code_revoke(id, paper)
            .await
            .unwrap()
    );
    assert!(
        !clinic
            .store()
            .temporary_code_revoke(id, paper)
            .await
            .unwrap()
    );
    let said = "This temporary code was withdrawn at 09:02 UTC on 2 March";
    is_told(&mut clinic.browser(), &withdrawn, said).await;
    // A newer one withdraws the one before; the one that nobody ever gave is just wrong.
    let older = give_code(&clinic, "alice", 5, HOUR).await;
    let newer = give_code(&clinic, "alice", 5, HOUR).await;
    is_told(&mut clinic.browser(), &older, "was withdrawn at 09:02 UTC").await;
    is_told(
        &mut clinic.browser(),
        "00000-00000",
        "temporary code did not match",
    )
    .await;
    assert_eq!(audited(&clinic, AuditKind::TemporaryCodeRefused).await, 3);
    assert_eq!(audited(&clinic, AuditKind::ChallengeFailed).await, 1);
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    type_recovery(&mut browser, &newer).await;
    must_be_in(&mut browser).await;
    // A reset takes it back too.
    let stolen = anteroom_store::Paper::of("helen", clinic.now()).because("stolen");
    let reset = clinic.store().subscriber_reset(id, &stolen);
    assert!(reset.await.unwrap());
    let left = clinic.store().temporary_codes_of(id, 1).await.unwrap();
    assert!(left[0].revoked_at.is_some());
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    assert_eq!(again.page().path(), "/.anteroom/enrol/code");
    type_code(&mut again, &newer).await;
    must_be_out(&mut again).await;
    drop(alice);
}
