//! A person looks after her own sign-in: a second phone, a new one, a lost one, recovery codes, a
//! session she left open at work, a sign-in that was not hers. Every change asks for a fresh code.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_tests::browser::Browser;
use anteroom_tests::own_pages::ME;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, coded_enrolment, open_enrolment};

use super::people::{
    ALICE, Person, all_is_well, audited, codes_on, issue_code, listing, must_be_at_login,
    must_be_in, must_be_out, newcomer, password, password_for, sign_in, type_code, type_recovery,
};

/// Alice, signed in, at her own page.
async fn at_home(clinic: &Clinic) -> (Browser, Person) {
    let mut browser = clinic.browser();
    let alice = newcomer(clinic, &mut browser, ALICE).await;
    browser.open(ME).await;
    must_be_at_her_page(&browser);
    (browser, alice)
}

fn must_be_at_her_page(browser: &Browser) {
    let page = browser.page();
    assert_eq!((page.path(), page.status), (ME, 200), "{}", page.describe());
    page.must_say("Two-step sign-in is on");
    assert!(
        page.pictures().is_empty(),
        "no secret is shown again: {}",
        page.describe()
    );
}

/// Opens what a link leads to and fills the form there.
async fn change(browser: &mut Browser, link: &str, entries: &[(&str, &str)]) {
    browser.open(ME).await;
    browser.click(link).await;
    browser.page().must_be(200);
    browser.submit(entries).await;
    browser.follow_all().await;
}

/// Scans the new phone on the page that a link leads to, and proves both.
async fn connect(
    clinic: &Clinic,
    browser: &mut Browser,
    link: &str,
    name: &str,
    proof: &str,
) -> Phone {
    browser.open(ME).await;
    browser.click(link).await;
    let phone = Phone::scan(browser.page()).expect("the page shows a QR code");
    let first = phone.code_at(&clinic.world.clock);
    let entries = [("label", name), ("first", first.as_str()), ("code", proof)];
    browser.submit(&entries).await;
    browser.follow_all().await;
    phone
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_phone_stands_beside_the_first_and_either_signs_in() {
    let clinic = Clinic::with_demo().await;
    let (mut browser, alice) = at_home(&clinic).await;
    browser.page().must_say("Authenticator app");
    assert!(browser.page().has("You have 10 codes left"));
    assert!(browser.page().has("This browser") && browser.page().has("127.0.0.x"));
    let code = alice.next_code(&clinic);
    let tablet = connect(
        &clinic,
        &mut browser,
        "Add another phone",
        " Tablet\u{202e} <b> ",
        &code,
    )
    .await;
    must_be_at_her_page(&browser);
    browser.page().must_say("Tablet <b>");
    assert!(browser.page().has("An authenticator was added"));
    assert_eq!(audited(&clinic, AuditKind::AuthenticatorAdded).await, 1);
    for phone in [&tablet, &alice.phone] {
        clinic.world.clock.next_step();
        let mut fresh = clinic.browser();
        password(&mut fresh, ALICE).await;
        type_code(&mut fresh, &phone.code_at(&clinic.world.clock)).await;
        must_be_in(&mut fresh).await;
    }
    clinic.world.must_not_leak(&[tablet.secret()]);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_made_phone_never_counts_and_every_mistake_is_told() {
    let clinic = Clinic::with_demo().await;
    let (mut browser, alice) = at_home(&clinic).await;
    browser.click("Add another phone").await;
    let tablet = Phone::scan(browser.page()).unwrap();
    browser.reload().await;
    assert_eq!(
        Phone::scan(browser.page()).unwrap().secret(),
        tablet.secret()
    );
    // It signs nobody in yet.
    clinic.world.clock.next_step();
    let mut early = clinic.browser();
    password(&mut early, ALICE).await;
    type_code(&mut early, &tablet.code_at(&clinic.world.clock)).await;
    early.page().must_be(422);
    let (first, good) = (
        tablet.code_at(&clinic.world.clock),
        alice.phone.code_at(&clinic.world.clock),
    );
    let bad = alice.phone.wrong_code(clinic.world.clock.now());
    let wrong_first = tablet.wrong_code(clinic.world.clock.now());
    for (label, first, code, told) in [
        ("", first.as_str(), good.as_str(), "No name was typed"),
        (
            "authenticator APP",
            &first,
            &good,
            "another one of that name",
        ),
        (&"x".repeat(41), &first, &good, "too long"),
        ("Tablet", &wrong_first, &good, "did not match"),
        ("Tablet", &first, "", "No code was typed"),
        ("Tablet", &first, &bad, "did not match"),
        ("Tablet", &first, &alice.codes[0], "not enough for this"),
    ] {
        browser
            .submit(&[("label", label), ("first", first), ("code", code)])
            .await;
        let page = browser.page();
        page.must_be(422);
        page.must_say(told);
    }
    assert_eq!(listing(&clinic, "alice").await.recovery_left, 10);
    // Nothing of that used the good code up.
    browser
        .submit(&[("label", "Tablet"), ("first", &first), ("code", &good)])
        .await;
    browser.follow_all().await;
    must_be_at_her_page(&browser);
    assert!(browser.page().has("Tablet"));
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_old_phone_in_hand_she_moves_to_a_new_one() {
    let clinic = Clinic::with_demo().await;
    let (mut browser, alice) = at_home(&clinic).await;
    clinic.world.clock.next_step();
    let mut at_work = clinic.browser();
    sign_in(&clinic, &mut at_work, &alice).await;
    let code = alice.next_code(&clinic);
    let link = "Move to a new phone";
    let new = connect(&clinic, &mut browser, link, "New phone", &code).await;
    must_be_at_her_page(&browser);
    browser.page().must_say("moved to a new phone");
    // The other session ended with the old phone, this one stays.
    must_be_out(&mut at_work).await;
    must_be_in(&mut browser).await;
    clinic.world.clock.next_step();
    let mut old = clinic.browser();
    password(&mut old, ALICE).await;
    type_code(&mut old, &alice.phone.code_at(&clinic.world.clock)).await;
    old.page().must_be(422);
    type_code(&mut old, &new.code_at(&clinic.world.clock)).await;
    must_be_in(&mut old).await;
    let alice = Person {
        phone: new,
        ..alice
    };
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_phone_lost_recovery_codes_lead_to_a_new_one() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut browser = clinic.browser();
    password_for(&mut browser, ME, ALICE).await;
    type_recovery(&mut browser, &alice.codes[0]).await;
    must_be_at_her_page(&browser);
    browser.page().must_say("with a recovery code");
    let new = connect(
        &clinic,
        &mut browser,
        "Move to a new phone",
        "New phone",
        &alice.codes[1],
    )
    .await;
    must_be_at_her_page(&browser);
    browser.page().must_say("You have 8 codes left");
    let alice = Person {
        phone: new,
        ..alice
    };
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_recovery_codes_are_shown_once_and_the_old_ones_die() {
    let clinic = Clinic::with_demo().await;
    let (mut browser, alice) = at_home(&clinic).await;
    change(
        &mut browser,
        "Make new recovery codes",
        &[("code", &alice.next_code(&clinic))],
    )
    .await;
    browser.page().must_stand_at("/.anteroom/recovery-codes");
    let codes = codes_on(browser.page());
    assert_eq!(codes.len(), 10, "{}", browser.page().describe());
    assert!(codes.iter().all(|code| !alice.codes.contains(code)));
    let file = browser.new_tab().get("/.anteroom/recovery-codes.txt").await;
    assert!(file.text().contains(&codes[9]), "{}", file.describe());
    browser.press("I have saved them", &[]).await;
    browser.follow_all().await;
    must_be_at_her_page(&browser);
    assert!(browser.page().has("New recovery codes were made"));
    for page in ["/.anteroom/recovery-codes", "/.anteroom/recovery-codes.txt"] {
        let page = browser.new_tab().open(page).await;
        assert!(
            !page.everything().contains(&codes[0]),
            "{}",
            page.describe()
        );
    }
    let mut lost = clinic.browser();
    password(&mut lost, ALICE).await;
    type_recovery(&mut lost, &alice.codes[0]).await;
    lost.page().must_be(422);
    type_recovery(&mut lost, &codes[0]).await;
    must_be_in(&mut lost).await;
    clinic.world.must_not_leak(&[&codes[0], &codes[9]]);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn she_renames_her_phone_and_cannot_remove_the_last_one() {
    let clinic = Clinic::with_demo().await;
    let (mut browser, alice) = at_home(&clinic).await;
    let code = alice.next_code(&clinic);
    change(
        &mut browser,
        "Rename",
        &[("label", "Ward phone"), ("code", &code)],
    )
    .await;
    must_be_at_her_page(&browser);
    browser.page().must_say("Ward phone");
    let code = alice.next_code(&clinic);
    change(&mut browser, "Remove", &[("code", &code)]).await;
    browser.page().must_be(422);
    assert!(browser.page().has("This is your last authenticator"));
    // The code was not used up; with a second phone the first may go.
    let tablet = connect(&clinic, &mut browser, "Add another phone", "Tablet", &code).await;
    change(
        &mut browser,
        "Remove Ward phone",
        &[("code", &alice.next_code(&clinic))],
    )
    .await;
    must_be_at_her_page(&browser);
    assert!(
        !browser.page().has("Remove Ward phone"),
        "{}",
        browser.page().describe()
    );
    let alice = Person {
        phone: tablet,
        ..alice
    };
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_policy_lets_the_last_one_go_the_next_sign_in_begins_anew() {
    let lines = coded_enrolment("demo") + "[app.factors]\nlast = \"may-remove\"\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut browser = clinic.browser();
    let code = issue_code(&clinic, "emr.test", "alice").await;
    password(&mut browser, ALICE).await;
    type_code(&mut browser, &code).await;
    let alice = super::people::enrol(&mut browser, &clinic, ALICE).await;
    browser.open(ME).await;
    browser.click("Remove").await;
    browser.page().must_say("is your last one");
    browser.submit(&[("code", &alice.next_code(&clinic))]).await;
    browser.follow_all().await;
    browser.page().must_stand_at("/.anteroom/signed-out");
    must_be_out(&mut browser.new_tab()).await;
    // As at her first sign-in: her password alone leads to the operator's code, nowhere else.
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    again.page().must_stand_at("/.anteroom/enrol/code");
    assert_eq!(listing(&clinic, "alice").await.recovery_left, 0);
    let code = issue_code(&clinic, "emr.test", "alice").await;
    type_code(&mut again, &code).await;
    let alice = super::people::enrol(&mut again, &clinic, ALICE).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_home_she_ends_the_session_that_she_left_open_at_work() {
    let clinic = Clinic::with_demo().await;
    let mut at_work = clinic.browser();
    let alice = newcomer(&clinic, &mut at_work, ALICE).await;
    let mut home = clinic.browser();
    sign_in(&clinic, &mut home, &alice).await;
    let code = alice.next_code(&clinic);
    change(&mut home, "End it", &[("code", &code)]).await;
    must_be_at_her_page(&home);
    assert!(
        !home.page().has("Another browser"),
        "{}",
        home.page().describe()
    );
    must_be_out(&mut at_work).await;
    must_be_in(&mut home).await;
    // All others at once, and a recovery code is enough for that.
    for _ in 0..2 {
        sign_in(&clinic, &mut clinic.browser(), &alice).await;
    }
    change(
        &mut home,
        "End all other sessions",
        &[("code", &alice.codes[3])],
    )
    .await;
    must_be_at_her_page(&home);
    assert!(
        !home.page().has("Another browser"),
        "{}",
        home.page().describe()
    );
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_was_not_hers_is_ended_marked_and_told() {
    let clinic = Clinic::with_demo().await;
    let mut thief = clinic.browser();
    let alice = newcomer(&clinic, &mut thief, ALICE).await;
    let mut home = clinic.browser();
    sign_in(&clinic, &mut home, &alice).await;
    home.open(ME).await;
    home.click("This was not me").await;
    home.page().must_say("change your password");
    assert!(
        home.page().has("+1 555 0101"),
        "whom to call: {}",
        home.page().describe()
    );
    home.submit(&[("code", &alice.next_code(&clinic))]).await;
    home.follow_all().await;
    must_be_at_her_page(&home);
    must_be_out(&mut thief).await;
    assert_eq!(audited(&clinic, AuditKind::NotMeReported).await, 1);
    assert_eq!(audited(&clinic, AuditKind::PasswordMayBeStolen).await, 1);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn her_page_is_where_she_wanted_to_go_and_a_locked_session_is_asked_first() {
    let clinic = Clinic::with_demo().await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut browser = clinic.browser();
    browser.open(ME).await;
    must_be_at_login(&browser);
    password_for(&mut browser, ME, ALICE).await;
    type_code(&mut browser, &alice.next_code(&clinic)).await;
    must_be_at_her_page(&browser);
    clinic
        .world
        .clock
        .advance(std::time::Duration::from_secs(15 * 60 + 1));
    browser.open(ME).await;
    browser.page().must_stand_at("/.anteroom/challenge");
    assert!(!browser.page().has("Authenticator app, added"));
    type_code(&mut browser, &alice.next_code(&clinic)).await;
    must_be_at_her_page(&browser);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_form_sent_twice_is_one_change() {
    let clinic = Clinic::with_demo().await;
    let (mut browser, alice) = at_home(&clinic).await;
    browser.click("Add another phone").await;
    let phone = Phone::scan(browser.page()).unwrap();
    let code = alice.next_code(&clinic);
    let first = phone.code_at(&clinic.world.clock);
    let entries = [
        ("label", "Tablet"),
        ("first", first.as_str()),
        ("code", code.as_str()),
    ];
    let form = browser.form_with(&entries);
    let ask = browser.form_ask(&form, &entries, None);
    for _ in 0..2 {
        let page = browser.fetch(&ask).await.unwrap();
        page.must_lead_to(ME);
    }
    assert_eq!(audited(&clinic, AuditKind::AuthenticatorAdded).await, 1);
    assert_eq!(audited(&clinic, AuditKind::CodeReused).await, 0);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_phone_may_be_set_up_the_page_says_so_and_none_is() {
    let lines = open_enrolment("demo") + "[app.factors]\nkinds = [\"hardware\"]\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    for place in ["/.anteroom/enrol", "/.anteroom/enrol/method"] {
        let page = browser.new_tab().open(place).await;
        page.must_be(403);
        assert!(
            page.pictures().is_empty() && page.has("+1 555 0101"),
            "{}",
            page.describe()
        );
    }
    must_be_out(&mut browser).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_sign_in_is_told_as_it_was_written_down_and_never_guessed() {
    let clinic = Clinic::with_demo().await;
    let (mut browser, alice) = at_home(&clinic).await;
    // Written before the log told by what a sign-in was finished, at the moment of a recovery code.
    let id = super::people::id_of(&clinic, "alice").await;
    let event = |kind| AuditEvent::new(kind).subscriber(id);
    let old = [
        event(AuditKind::SessionVerified),
        event(AuditKind::RecoveryCodeUsed),
    ];
    let appended = clinic.store().audit_append(&old, clinic.now()).await;
    appended.expect("the store takes it");
    let page = browser.open(ME).await;
    let text = page.visible();
    let signed_in = text.matches("Signed in").count() - 1;
    assert_eq!(signed_in, 2, "{}", page.describe());
    page.must_say("Signed in with your authenticator app");
    page.must_say("A recovery code was used");
    assert!(!page.has("Signed in with a recovery code"));
    all_is_well(&clinic, &alice).await;
}
