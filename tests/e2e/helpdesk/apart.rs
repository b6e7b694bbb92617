//! One of the two is stopped: without the admin app people sign in, without the gateway the desk
//! works, and what it did holds when the gateway returns.

use anteroom_core::operator::Role;
use anteroom_tests::browser::ask::{Ask, Kind};

use crate::desk::{clinic_with_people, code_shown, operator};
use crate::journeys::people::{
    ALICE, BOB, all_is_well, enrol, must_be_in, must_be_out, newcomer, password, sign_in, type_code,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_admin_app_stopped_people_sign_in_as_always() {
    let mut clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    clinic.stop_admin().await;
    let desk = helen.browser.new_tab();
    let ask = Ask::new("GET", desk.at_home("/"), Kind::Document, None);
    assert!(desk.fetch(&ask).await.is_err(), "the desk still answers");
    sign_in(&clinic, &mut clinic.browser(), &alice).await;
    newcomer(&clinic, &mut clinic.browser(), BOB).await;
    // It returns on the same store, and her session there is still hers.
    clinic.start_admin().await;
    let page = helen.see("/people").await;
    assert!(page.has("alice") && page.has("bob"), "{}", page.describe());
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_gateway_stopped_the_desk_works_and_it_holds_when_the_gateway_returns() {
    let mut clinic = clinic_with_people("").await;
    let (mut hers, mut his) = (clinic.browser(), clinic.browser());
    newcomer(&clinic, &mut hers, ALICE).await;
    let bob = newcomer(&clinic, &mut his, BOB).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    clinic.stop().await;
    let page = helen.see("/").await;
    assert_eq!(page.status, 200, "{}", page.describe());
    let page = helen.act("alice", "Reset second factor", &[]).await;
    let code = code_shown(&page);
    let page = helen.look_up("alice").await;
    assert!(
        page.has("An enrolment code is open."),
        "{}",
        page.describe()
    );
    clinic.start().await;

    must_be_out(&mut hers).await;
    must_be_in(&mut his).await;
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    assert_eq!(again.page().path(), "/.anteroom/enrol/code");
    type_code(&mut again, &code).await;
    let alice = enrol(&mut again, &clinic, ALICE).await;
    must_be_in(&mut again).await;
    sign_in(&clinic, &mut clinic.browser(), &bob).await;
    all_is_well(&clinic, &alice).await;
}
