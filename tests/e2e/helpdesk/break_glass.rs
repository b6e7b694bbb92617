//! Break-glass at the desk: an owner asks, a second operator grants, everybody sees it, and it ends
//! by the clock or by a button. Sealed codes on paper besides.

use std::time::Duration;

use anteroom_core::operator::Role;
use anteroom_tests::browser::Browser;
use anteroom_tests::world::start::{Clinic, eventually};

use crate::desk::{Operator, clinic_with_people, codes_shown, operator};
use crate::journeys::people::{
    ALICE, BOB, all_is_well, must_be_in, must_be_out, newcomer, password, type_recovery,
};
use crate::ward::MINUTE;

const BANNER: &str = "Emergency exception at Ward emr: no codes are asked for until";
const WHY: &str = "the phone network is down";

/// Olga asks for an hour, helen grants it.
async fn opened(olga: &mut Operator, helen: &mut Operator) {
    olga.see("/emergency").await;
    let asked = [("app", "emr"), ("minutes", "60"), ("reason", WHY)];
    olga.browser.submit(&asked).await;
    let page = olga.browser.follow_all().await;
    assert_eq!(
        page.heading(),
        "Waits for a second operator",
        "{}",
        page.describe()
    );
    assert!(!olga.see("/").await.has(BANNER));
    let page = helen.see("/approvals").await;
    assert!(
        page.has("Open emergency access to Ward emr for 60 minutes") && page.has(WHY),
        "{}",
        page.describe()
    );
    let page = helen.press("Grant: do it now", &[]).await;
    assert!(
        page.has("The exception is open, and everybody is told."),
        "{}",
        page.describe()
    );
}

/// Passes with the password alone.
async fn pass(clinic: &Clinic) -> Browser {
    let mut browser = clinic.browser();
    browser.open("/patients").await;
    browser
        .submit(&[("username", ALICE.name), ("password", ALICE.password)])
        .await;
    browser.follow_all().await;
    must_be_in(&mut browser).await;
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_operators_open_it_every_page_says_so_and_it_ends_by_the_clock() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let mut anna = operator(&clinic, "anna", Role::Auditor).await;
    opened(&mut olga, &mut helen).await;
    let pages = [
        "/",
        "/people",
        "/approvals",
        "/staff",
        "/emergency",
        "/audit",
        "/audit/verify",
        "/report",
        "/operators",
        "/policy",
        "/me",
    ];
    for path in pages {
        let page = olga.see(path).await;
        assert!(page.has(BANNER), "{path}: {}", page.describe());
        assert!(page.has("Opened by olga."), "{path}: {}", page.describe());
    }
    let page = anna.see("/people").await;
    assert!(page.has(BANNER), "{}", page.describe());
    let page = olga.see("/").await;
    assert!(page.has("Emergency access is open: a password alone is enough."));

    let mut browser = pass(&clinic).await;
    let mut ticker = browser.socket("/ws/ticker").await.expect("it opens");
    let page = olga.see("/emergency").await;
    for words in ["by olga, with helen", WHY, "one sign-in"] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    for _ in 0..4 {
        clinic.world.clock.advance(14 * MINUTE);
        must_be_in(&mut browser).await;
        olga.see("/").await;
    }
    clinic
        .world
        .clock
        .advance(4 * MINUTE + Duration::from_secs(30));
    must_be_out(&mut browser).await;
    assert!(
        ticker.closed(Duration::from_secs(3)).await,
        "the socket goes on"
    );
    let page = olga.see("/emergency").await;
    assert!(!page.has(BANNER), "{}", page.describe());
    assert!(page.has("No exception is open.") && page.has("Earlier exceptions"));
    let mut after = clinic.browser();
    password(&mut after, ALICE).await;
    assert_eq!(after.page().path(), "/.anteroom/challenge");
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_it_cuts_off_whoever_passed_within_two_seconds() {
    let clinic = clinic_with_people("").await;
    let mut ordinary = clinic.browser();
    newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let bob = newcomer(&clinic, &mut ordinary, BOB).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    opened(&mut olga, &mut helen).await;
    let mut browser = pass(&clinic).await;
    olga.see("/emergency").await;
    let page = olga.press("Close it now at Ward emr", &[]).await;
    assert!(
        page.has("The exception is closed. Codes are asked for again."),
        "{}",
        page.describe()
    );
    let tab = browser.new_tab();
    let cut = eventually("she is cut off", async || {
        tab.new_tab().get("/patients/1001").await.status != 200
    });
    let cut = tokio::time::timeout(Duration::from_secs(2), cut).await;
    assert!(cut.is_ok(), "it took more than two seconds");
    must_be_out(&mut browser).await;
    must_be_in(&mut ordinary).await;
    let page = olga.see("/emergency").await;
    assert!(page.has("closed by olga"), "{}", page.describe());
    let mut after = clinic.browser();
    password(&mut after, ALICE).await;
    assert_eq!(after.page().path(), "/.anteroom/challenge");
    all_is_well(&clinic, &bob).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn helpdesk_and_auditor_cannot_ask_and_an_owner_cannot_grant_her_own() {
    let clinic = clinic_with_people("").await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let page = helen.see("/emergency").await;
    assert!(!page.has_field("minutes"), "{}", page.describe());
    let csrf = page.forms()[0].field("csrf").expect("a form").value.clone();
    let asked = [
        ("csrf", csrf.as_str()),
        ("app", "emr"),
        ("minutes", "60"),
        ("reason", WHY),
    ];
    let page = crate::ward::post(&helen.browser, "/emergency", &asked).await;
    assert_eq!(page.status, 403, "{}", page.describe());
    olga.see("/emergency").await;
    olga.browser.submit(&asked[1..]).await;
    let page = olga.see("/approvals").await;
    assert!(!page.text().contains("/grant\""), "{}", page.describe());
    let csrf = page.forms()[0].field("csrf").expect("a form").value.clone();
    let page = crate::ward::post(&olga.browser, "/approvals/1/grant", &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(!olga.see("/").await.has(BANNER));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sealed_codes_are_printed_used_once_listed_and_revoked() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    olga.see("/emergency").await;
    let wanted = [
        ("app", "emr"),
        ("count", "5"),
        ("reason", "for the night safe"),
    ];
    let page = olga.browser.submit(&wanted).await;
    let codes = codes_shown(&page);
    assert_eq!((page.status, codes.len()), (200, 5), "{}", page.describe());
    for words in ["batch 1 · number 5", "You see these codes only now."] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    type_recovery(&mut browser, &codes[1]).await;
    must_be_in(&mut browser).await;
    let page = olga.see("/emergency").await;
    assert!(page.has("No. 2: alice, today 08:0"), "{}", page.describe());
    assert!(!page.has(&codes[1]) && !page.has(&codes[0]));
    let page = olga.send("/emergency/sealed/", &[]).await;
    assert!(
        page.has("Those sealed codes no longer work."),
        "{}",
        page.describe()
    );
    assert!(page.has("batch 1, revoked"), "{}", page.describe());
    let mut other = clinic.browser();
    password(&mut other, ALICE).await;
    type_recovery(&mut other, &codes[2]).await;
    assert_eq!(other.page().status, 422, "{}", other.page().describe());
    must_be_out(&mut other).await;
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    clinic.world.must_not_leak(&codes);
    all_is_well(&clinic, &alice).await;
}
