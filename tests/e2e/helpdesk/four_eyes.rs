//! Four eyes: the reset of an operator, or of somebody in a named group, happens when a second
//! operator grants it with a code of her own, and not before.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_core::operator::Role;
use anteroom_tests::world::start::{Clinic, eventually};

use crate::desk::{
    CHECK, Operator, PASSPHRASE, clinic_with_people, code_shown, operator, path_of, secret_shown,
    set_up,
};
use crate::journeys::people::{
    ALICE, BOB, all_is_well, audited, enrol, must_be_in, must_be_out, newcomer, password, type_code,
};
use crate::ward::{HOUR, MINUTE};

const FOUR_EYES: &str = "four_eyes_operators = true\n[[admin.group]]\nname = \"Chiefs\"\n\
    realm = \"emr\"\npeople = [\"Alice\"]\n";
const GRANT: &str = "Grant: do it now";

async fn clinic() -> Clinic {
    clinic_with_people(FOUR_EYES).await
}

/// Helen asks for the reset of a chief.
async fn asked(helen: &mut Operator) {
    let page = helen
        .act("alice", "Reset second factor", &[("reason", "phone lost")])
        .await;
    assert_eq!(page.heading(), "Waits for a second operator");
    assert!(
        page.has("Nothing has happened yet.") && page.has("Reset the second factor of alice"),
        "{}",
        page.describe()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reset_of_a_chief_waits_for_another_operator_and_her_own_code() {
    let clinic = clinic().await;
    let mut hers = clinic.browser();
    newcomer(&clinic, &mut hers, ALICE).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let mut hugo = operator(&clinic, "hugo", Role::Helpdesk).await;
    asked(&mut helen).await;
    must_be_in(&mut hers).await;
    // Not by herself, neither by a button nor without one.
    let page = helen.see("/approvals").await;
    assert!(
        page.has("You asked for this yourself"),
        "{}",
        page.describe()
    );
    assert!(!page.text().contains("/grant\""));
    let csrf = page.forms()[0].field("csrf").expect("a form").value.clone();
    let page = crate::ward::post(&helen.browser, "/approvals/1/grant", &[("csrf", &csrf)]).await;
    assert!(page.status == 422 && page.has("another operator has to grant it"));

    clinic.world.clock.advance(6 * MINUTE);
    let page = hugo.see("/approvals").await;
    for words in ["helen, today 08:", "phone lost", CHECK] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    assert!(page.has_field("own_code"), "{}", page.describe());
    let wrong = hugo.phone.wrong_code(clinic.world.clock.now());
    let page = hugo.press(GRANT, &[("own_code", &wrong)]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    must_be_in(&mut hers).await;
    let own = hugo.code(&clinic);
    let page = hugo.press(GRANT, &[("own_code", &own)]).await;
    let code = code_shown(&page);
    eventually("she is cut off", async || {
        hers.new_tab().get("/patients/1001").await.status != 200
    })
    .await;
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    type_code(&mut again, &code).await;
    let alice = enrol(&mut again, &clinic, ALICE).await;

    // Both names are in the log and in the report, and the request is gone.
    let page = hugo.see("/audit?kind=approval_granted").await;
    assert!(page.has("operator hugo"), "{}", page.describe());
    let page = hugo.see("/audit?kind=subscriber_reset").await;
    assert!(
        page.has("operator helen") && page.has("phone lost"),
        "{}",
        page.describe()
    );
    let page = hugo.see("/report").await;
    for words in ["helen with hugo", "phone lost", CHECK] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    assert!(hugo.see("/approvals").await.forms().len() < 2);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_in_no_group_is_reset_at_once() {
    let clinic = clinic().await;
    newcomer(&clinic, &mut clinic.browser(), BOB).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let page = helen.act("bob", "Reset second factor", &[]).await;
    assert_eq!(page.heading(), "Enrolment code for bob");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_taken_back_or_lapsed_does_nothing() {
    let clinic = clinic().await;
    let mut hers = clinic.browser();
    let alice = newcomer(&clinic, &mut hers, ALICE).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let mut hugo = operator(&clinic, "hugo", Role::Helpdesk).await;
    asked(&mut helen).await;
    hugo.see("/approvals").await;
    let page = hugo.press("Refuse", &[]).await;
    assert!(
        page.has("Refused. Nothing was changed."),
        "{}",
        page.describe()
    );
    asked(&mut helen).await;
    helen.see("/approvals").await;
    let page = helen.press("Take it back", &[]).await;
    assert!(
        page.has("Refused. Nothing was changed."),
        "{}",
        page.describe()
    );
    asked(&mut helen).await;
    let stale = hugo.see("/approvals").await;
    assert!(stale.has("Reset the second factor of alice"));
    clinic.world.clock.advance(14 * MINUTE);
    for _ in 0..3 {
        hugo.see("/").await;
        hers.get("/patients/1001").await;
        clinic.world.clock.advance(14 * MINUTE);
    }
    hugo.see("/").await;
    clinic.world.clock.advance(6 * MINUTE);
    let page = hugo.see("/approvals").await;
    assert!(!page.text().contains("/grant\""), "{}", page.describe());
    let csrf = stale.forms()[0]
        .field("csrf")
        .expect("a form")
        .value
        .clone();
    let own = hugo.code(&clinic);
    let pairs = [("csrf", csrf.as_str()), ("own_code", &own)];
    let page = crate::ward::post(&hugo.browser, "/approvals/3/grant", &pairs).await;
    assert_eq!(page.status, 404, "{}", page.describe());
    assert_eq!(audited(&clinic, AuditKind::SubscriberReset).await, 0);
    assert_eq!(audited(&clinic, AuditKind::ApprovalRefused).await, 2);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_is_reset_when_another_owner_grants_it() {
    let clinic = clinic().await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut oscar = operator(&clinic, "oscar", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    olga.see("/operators/helen").await;
    olga.browser.click("Reset password and phone").await;
    let page = olga.fill(&[]).await;
    assert_eq!(page.heading(), "Waits for a second operator");
    let page = helen.see("/approvals").await;
    assert!(!page.text().contains("/grant\""), "{}", page.describe());
    oscar.see("/approvals").await;
    let page = oscar.press(GRANT, &[]).await;
    assert_eq!(
        page.heading(),
        "Set-up link for helen",
        "{}",
        page.describe()
    );
    let link = secret_shown(&page);

    // Her session, her password and her phone are gone; the link is the way back.
    let page = helen.see("/people").await;
    assert_eq!(page.path(), "/sign-in", "{}", page.describe());
    let page = helen
        .browser
        .submit(&[("name", "helen"), ("password", PASSPHRASE)])
        .await;
    assert_eq!(page.status, 422, "{}", page.describe());
    let old = helen.phone.secret().to_owned();
    let (phone, _) = set_up(&clinic, &mut helen.browser, path_of(&link)).await;
    assert_ne!(phone.secret(), old);
    let page = oscar.see("/report").await;
    assert!(page.has("olga"), "{}", page.describe());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_operator_asked_is_not_granted_after_she_was_disabled() {
    let clinic = clinic().await;
    let mut hers = clinic.browser();
    let alice = newcomer(&clinic, &mut hers, ALICE).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    asked(&mut helen).await;
    olga.see("/operators/helen").await;
    olga.browser.click("Disable").await;
    let page = olga.fill(&[]).await;
    assert!(
        page.has("Disabled. They cannot sign in any more."),
        "{}",
        page.describe()
    );
    let page = olga.see("/approvals").await;
    assert!(!page.text().contains("/grant\""), "{}", page.describe());
    assert_eq!(audited(&clinic, AuditKind::SubscriberReset).await, 0);
    clinic.world.clock.advance(Duration::from_secs(1));
    must_be_in(&mut hers).await;
    clinic.world.clock.advance(HOUR);
    must_be_out(&mut hers).await;
    all_is_well(&clinic, &alice).await;
}
