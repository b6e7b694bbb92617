//! What the desk does to people besides unlocking them: suspend, sign out, end one session, note,
//! merge, revoke. Each is looked at from the gateway: it must change what happens there.

use std::time::Duration;

use anteroom_core::audit::AuditKind;
use anteroom_core::operator::Role;
use anteroom_tests::browser::Browser;
use anteroom_tests::login::Login;
use anteroom_tests::world::start::{Clinic, eventually};

use crate::cases::oldapp;
use crate::desk::{clinic_with_desk, clinic_with_people, code_shown, operator};
use crate::journeys::people::{
    ALICE, BOB, CHEN, Person, all_is_well, audited, enrol, must_be_closed, must_be_in, must_be_out,
    newcomer, password, sign_in, type_code,
};
use crate::ward::MINUTE;

/// The gateway lets this browser in no more, within the two seconds that are promised.
async fn soon_out(browser: &mut Browser) {
    let tab = browser.new_tab();
    let out = eventually("the session is cut", async || {
        tab.new_tab().get("/patients/1001").await.status != 200
    });
    let cut = tokio::time::timeout(Duration::from_secs(2), out).await;
    assert!(cut.is_ok(), "it took more than two seconds");
    must_be_out(browser).await;
}

/// Types the password of `login` and the code of somebody else's phone.
async fn in_as(clinic: &Clinic, login: Login, phone_of: &Person) -> Browser {
    clinic.world.clock.next_step();
    let mut browser = clinic.browser();
    password(&mut browser, login).await;
    assert_eq!(
        browser.page().path(),
        "/.anteroom/challenge",
        "{}",
        browser.page().describe()
    );
    type_code(&mut browser, &phone_of.phone.code_at(&clinic.world.clock)).await;
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_person_is_cut_off_and_stays_out_until_she_is_reinstated() {
    let clinic = clinic_with_people("").await;
    let mut browser = clinic.browser();
    let alice = newcomer(&clinic, &mut browser, ALICE).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let page = helen
        .act("alice", "Suspend", &[("reason", "left us")])
        .await;
    assert!(
        page.has("Suspended. They cannot sign in until somebody reinstates them."),
        "{}",
        page.describe()
    );
    assert!(page.has("Is suspended since today 08:00 UTC. Nobody can sign in under this name."));
    soon_out(&mut browser).await;
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    assert_eq!(again.page().status, 403, "{}", again.page().describe());
    let page = helen.see("/people?state=suspended").await;
    assert!(page.has("One person found."), "{}", page.describe());
    // Neither code would help; the page does not offer to suspend once more.
    let page = helen.act("alice", "Give a temporary code", &[]).await;
    assert!(
        page.has("Suspended: no code would help."),
        "{}",
        page.describe()
    );

    let page = helen.act("alice", "Reinstate", &[]).await;
    assert!(
        page.has("Reinstated. They can sign in as before."),
        "{}",
        page.describe()
    );
    must_be_out(&mut browser).await;
    sign_in(&clinic, &mut clinic.browser(), &alice).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_everywhere_ends_every_session_and_no_right() {
    let clinic = clinic_with_people("").await;
    let (mut ward, mut office) = (clinic.browser(), clinic.browser());
    let alice = newcomer(&clinic, &mut ward, ALICE).await;
    sign_in(&clinic, &mut office, &alice).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let page = helen.act("alice", "Sign out everywhere", &[]).await;
    assert!(page.has("Signed out everywhere."), "{}", page.describe());
    assert!(page.has("Not signed in anywhere."), "{}", page.describe());
    soon_out(&mut ward).await;
    soon_out(&mut office).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_session_is_ended_and_the_other_goes_on() {
    let clinic = clinic_with_people("").await;
    let (mut ward, mut office) = (clinic.browser(), clinic.browser());
    let alice = newcomer(&clinic, &mut ward, ALICE).await;
    clinic.world.clock.advance(5 * MINUTE);
    sign_in(&clinic, &mut office, &alice).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let page = helen.look_up("alice").await;
    for words in ["from the phone", "today 08:00 UTC", "front desk"] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    let old = "End the session at Ward emr since today 08:00 UTC";
    let page = helen.press(old, &[]).await;
    assert!(page.has("That session has ended."), "{}", page.describe());
    soon_out(&mut ward).await;
    must_be_in(&mut office).await;
    let left = helen.look_up("alice").await.text();
    assert_eq!(left.matches("/end\"").count(), 1, "{left}");
    // The same button of an older page has nothing to end any more, and says so.
    helen.browser.back().await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_is_read_by_the_next_operator_as_it_was_written() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    helen.look_up("alice").await;
    let text = "Calls from <b>home</b> on Mondays & says \"Alys\"";
    let page = helen.press("Save note", &[("note", text)]).await;
    assert!(page.has("Your note is saved."), "{}", page.describe());
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let page = olga.look_up("alice").await;
    assert!(
        page.has(text) && page.has("helen, today 08:0"),
        "{}",
        page.describe()
    );
    assert!(!page.text().contains("<b>home</b>"));
    let page = helen.press("Save note", &[("note", "  ")]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    // What was written is nobody's business in the log.
    let page = olga.see("/audit?kind=note_added").await;
    assert!(
        page.has("Note written") && !page.has("Mondays"),
        "{}",
        page.describe()
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spelling_that_was_held_is_linked_and_the_same_phone_counts() {
    let (clinic, _upstream) = oldapp::clinic_with_desk().await;
    let (_, phone) = oldapp::enrolled(&clinic, "alice").await;
    let mut held = clinic.browser();
    let page = oldapp::password(&mut held, "ALICE", "right").await;
    assert_eq!(page.status, 403, "{}", page.describe());
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let page = helen.see("/").await;
    for words in [
        "A sign-in under another spelling was stopped this week.",
        "spellings held 1",
    ] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    let page = helen
        .act("alice", "Merge another spelling", &[("other", "ALICE")])
        .await;
    assert!(
        page.has("The two spellings now lead to the same person."),
        "{}",
        page.describe()
    );
    assert!(page.has("ALICE since today"), "{}", page.visible());
    let mut browser = oldapp::sign_in(&clinic, "ALICE", &phone).await;
    assert!(browser.get("/home.php").await.has(oldapp::CANARY));
    let page = helen
        .act("alice", "Merge another spelling", &[("other", "ALICE")])
        .await;
    assert!(
        page.has("That spelling was this person's already."),
        "{}",
        page.describe()
    );
    assert_eq!(audited(&clinic, AuditKind::SpellingLinked).await, 1);
    oldapp::all_is_well(&clinic, "alice", &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_nobody_used_yet_becomes_an_alias() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let page = helen
        .act("alice", "Merge another spelling", &[("other", CHEN.name)])
        .await;
    assert!(
        page.has("The two spellings now lead to the same person."),
        "{}",
        page.describe()
    );
    let mut browser = in_as(&clinic, CHEN, &alice).await;
    must_be_in(&mut browser).await;
    let page = helen.see("/people?name=dr.chen").await;
    assert!(
        page.has("One person found.") && page.has("alice"),
        "{}",
        page.describe()
    );
    let page = helen
        .act("alice", "Merge another spelling", &[("other", CHEN.name)])
        .await;
    assert!(
        page.has("That spelling was this person's already."),
        "{}",
        page.describe()
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_known_names_become_one_person_and_only_her_phone_counts() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut other = clinic.browser();
    let bob = newcomer(&clinic, &mut other, BOB).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let old = helen.look_up("bob").await.path().to_owned();
    let page = helen
        .act("alice", "Merge another spelling", &[("other", "bob")])
        .await;
    assert!(
        page.has("The two spellings now lead to the same person."),
        "{}",
        page.describe()
    );
    soon_out(&mut other).await;
    let mut browser = in_as(&clinic, BOB, &alice).await;
    must_be_in(&mut browser).await;
    let mut wrong = in_as(&clinic, BOB, &bob).await;
    must_be_closed(wrong.page());
    must_be_out(&mut wrong).await;
    // The old address of the other name leads to the one person.
    let page = helen.see(&old).await;
    assert_eq!((page.heading().as_str(), page.status), ("alice", 200));
    assert_ne!(page.path(), old);
    assert!(page.has("bob merged"), "{}", page.describe());
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_enrolment_code_connects_no_phone_and_the_next_one_does() {
    let clinic = clinic_with_desk().await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let first = crate::ward::issue_code(&clinic, "alice", 1, crate::ward::DAY).await;
    helen.look_up("alice").await;
    helen.browser.click("Revoke it").await;
    let page = helen.fill(&[]).await;
    assert!(
        page.has("That code no longer works."),
        "{}",
        page.describe()
    );
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    type_code(&mut browser, &first).await;
    assert_eq!(browser.page().status, 422, "{}", browser.page().describe());
    // "What would help" offers the next one.
    let page = helen.act("alice", "Give an enrolment code", &[]).await;
    let second = code_shown(&page);
    type_code(&mut browser, &second).await;
    let alice = enrol(&mut browser, &clinic, ALICE).await;
    must_be_in(&mut browser).await;
    let page = helen.look_up("alice").await;
    let ways = page.links();
    assert!(
        !ways
            .iter()
            .any(|(text, _)| text == "Give an enrolment code"),
        "{ways:?}"
    );
    clinic.world.must_not_leak(&[&first, &second]);
    all_is_well(&clinic, &alice).await;
}
