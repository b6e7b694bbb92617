//! D16, D17, D21-D23 and rows W1-W14 at the form by which a person adds a passkey on her own page
//! (advisories A17, B5, B7, B9): a stolen session, a script of the app, a colleague's answer or a
//! code of paper adds nothing. Honest ones: `journeys::own_keys`.

use anteroom_core::audit::AuditKind;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::phone::Phone;
use anteroom_tests::security_key::SecurityKey;
use anteroom_tests::world::start::{Clinic, open_enrolment};

use super::d_registration::broken;
use crate::journeys::own_keys::{ADD, keys_of, offered};
use crate::journeys::passkeys::{HOME, enrolled_with_key};
use crate::journeys::people::{audited, type_recovery};
use crate::ward::{
    ALICE, BOB, CHALLENGE, MINUTE, all_is_well, at_challenge, audit_is_whole, enrolled, nonce,
    post, sees_chart, told,
};

/// Alice with her phone, signed in, at the form; and what stands in it.
async fn stage(lines: &str) -> (Clinic, Browser, Phone, Vec<String>, Page) {
    let lines = format!("{}{lines}", open_enrolment("demo"));
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let (mut alice, phone, codes) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let page = alice.open(ADD).await;
    assert_eq!(
        (page.status, page.path()),
        (200, ADD),
        "{}",
        page.describe()
    );
    (clinic, alice, phone, codes, page)
}

/// Posts the form with this new key and this code.
async fn send(browser: &Browser, nonce: &str, made: &str, code: &str) -> Page {
    let fields = [
        ("nonce", nonce),
        ("label", "Mine"),
        ("made", made),
        ("code", code),
    ];
    post(browser, ADD, &fields).await
}

async fn must_be_without_keys(clinic: &Clinic) {
    assert_eq!(keys_of(clinic, ALICE).await, 0);
    assert_eq!(audited(clinic, AuditKind::AuthenticatorAdded).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b05_without_a_fresh_factor_in_the_same_request_no_key_is_added() {
    let (clinic, alice, phone, codes, _) = stage("").await;
    let wrong = phone.wrong_code(clinic.world.clock.now());
    for (code, said) in [
        ("", "No code was typed"),
        (wrong.as_str(), "That code did not match"),
        (codes[0].as_str(), "That code is not enough for this."),
    ] {
        // A fresh offer each time: nothing but the proof is wrong.
        let page = alice.new_tab().get(ADD).await;
        let made = SecurityKey::new(HOME).create(&offered(&page));
        let sent = send(&alice, &nonce(&page), &made, code).await;
        assert_eq!(sent.status, 422, "{code}: {}", sent.describe());
        assert!(sent.has(said), "{code}: {}", sent.describe());
    }
    must_be_without_keys(&clinic).await;
    // A17: the recovery code was right, and was not used up by what it may not do.
    let mut lost = at_challenge(&clinic, ALICE).await;
    type_recovery(&mut lost, &codes[0]).await;
    assert!(sees_chart(&mut lost).await, "{}", lost.page().describe());
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_was_spent_adds_nothing_and_a_key_that_cannot_be_taken_spends_no_code() {
    let (clinic, alice, phone, _, page) = stage("").await;
    let code = phone.code_at(&clinic.world.clock);
    let not_made = send(&alice, &nonce(&page), "{}", &code).await;
    assert_eq!(not_made.status, 422, "{}", not_made.describe());
    let again = SecurityKey::new(HOME).create(&offered(&not_made));
    let taken = send(&alice, &nonce(&not_made), &again, &code).await;
    assert_eq!(
        taken.location(),
        Some("/.anteroom/me"),
        "{}",
        taken.describe()
    );
    assert_eq!(keys_of(&clinic, ALICE).await, 1);
    // The same code for another key.
    let page = alice.new_tab().get(ADD).await;
    let other = SecurityKey::new(HOME).create(&offered(&page));
    let fields = [
        ("nonce", nonce(&page)),
        ("label", "Other".to_owned()),
        ("made", other),
        ("code", code),
    ];
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let refused = post(&alice, ADD, &fields).await;
    assert_eq!(refused.status, 422, "{}", refused.describe());
    assert_eq!(keys_of(&clinic, ALICE).await, 1);
    assert_eq!(told(&clinic, "code_reused").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d21_d22_scripts_frames_and_other_sites_neither_read_nor_add() {
    let (clinic, mut alice, phone, _, page) = stage("").await;
    let made = SecurityKey::new(HOME).create(&offered(&page));
    let (hers, code) = (nonce(&page), phone.code_at(&clinic.world.clock));
    let read = alice.xhr("GET", ADD).await;
    assert_eq!(read.status, 403, "{}", read.describe());
    for page in [
        read,
        alice.frame(ADD).await,
        alice.service_worker(ADD).await,
    ] {
        assert!(
            !page.everything().contains("data-make"),
            "{}",
            page.describe()
        );
    }
    let fields = [
        ("nonce", hers.as_str()),
        ("label", "Mine"),
        ("made", &made),
        ("code", &code),
    ];
    let scripted = alice.xhr_form(ADD, &fields).await;
    assert_eq!(scripted.status, 403, "{}", scripted.describe());
    let foreign = alice
        .cross_site_post("https://evil.test/", ADD, &fields)
        .await;
    assert!(foreign.status == 403 || foreign.is_redirect());
    must_be_without_keys(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d17_b07_neither_another_sessions_nonce_nor_its_challenge_nor_a_named_person_counts() {
    let (clinic, alice, phone, _, page) = stage("").await;
    let (bob, _, _) = enrolled(&clinic, BOB).await;
    clinic.world.clock.next_step();
    let his = bob.new_tab().get(ADD).await;
    let code = phone.code_at(&clinic.world.clock);
    let mine = SecurityKey::new(HOME).create(&offered(&page));
    for bad in ["", "00000000000000000000000000000000", &nonce(&his)] {
        let sent = send(&alice, bad, &mine, &code).await;
        assert_eq!(sent.status, 403, "{bad}: {}", sent.describe());
    }
    let for_bob = SecurityKey::new(HOME).create(&offered(&his));
    let sent = send(&alice, &nonce(&page), &for_bob, &code).await;
    assert_eq!(sent.status, 422, "{}", sent.describe());
    must_be_without_keys(&clinic).await;
    // What is named in the form is nobody's to name: it is hers.
    let fresh = alice.new_tab().get(ADD).await;
    let made = SecurityKey::new(HOME).create(&offered(&fresh));
    let fields = [
        ("nonce", nonce(&fresh)),
        ("label", "Mine".to_owned()),
        ("made", made),
        ("code", code),
        ("user", "bob".to_owned()),
        ("subscriber", "2".to_owned()),
    ];
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(post(&alice, ADD, &fields).await.status, 303);
    assert_eq!(keys_of(&clinic, ALICE).await, 1);
    assert_eq!(keys_of(&clinic, BOB).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b02_a_login_that_waits_nobody_and_a_locked_session_are_not_listened_to() {
    let (clinic, alice, phone, _, page) = stage("").await;
    let made = SecurityKey::new(HOME).create(&offered(&page));
    let (hers, code) = (nonce(&page), phone.code_at(&clinic.world.clock));
    let waiting = at_challenge(&clinic, ALICE).await;
    let nobody = clinic.browser();
    for (who, to) in [(&waiting, CHALLENGE), (&nobody, "/login")] {
        let read = who.new_tab().get(ADD).await;
        assert_eq!(read.location(), Some(to), "{}", read.describe());
        let sent = send(who, &hers, &made, &code).await;
        assert_eq!(sent.location(), Some(to), "{}", sent.describe());
    }
    clinic.world.clock.advance(16 * MINUTE);
    let code = phone.code_at(&clinic.world.clock);
    let sent = send(&alice, &hers, &made, &code).await;
    assert_eq!(sent.location(), Some(CHALLENGE), "{}", sent.describe());
    must_be_without_keys(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b09_w02_a_challenge_is_answered_once_and_not_after_five_minutes() {
    let (clinic, alice, phone, _, page) = stage("").await;
    let made = SecurityKey::new(HOME).create(&offered(&page));
    let wrong = phone.wrong_code(clinic.world.clock.now());
    // It is taken before anybody looks whether the code is right.
    let first = send(&alice, &nonce(&page), &made, &wrong).await;
    assert_eq!(first.status, 422, "{}", first.describe());
    let code = phone.code_at(&clinic.world.clock);
    let again = send(&alice, &nonce(&page), &made, &code).await;
    assert_eq!(again.status, 422, "{}", again.describe());
    let late = alice.new_tab().get(ADD).await;
    let made = SecurityKey::new(HOME).create(&offered(&late));
    clinic.world.clock.advance(5 * MINUTE);
    let code = phone.code_at(&clinic.world.clock);
    let sent = send(&alice, &nonce(&late), &made, &code).await;
    assert_eq!(sent.status, 422, "{}", sent.describe());
    must_be_without_keys(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d23_each_row_of_the_new_key_broken_alone_adds_nothing() {
    let (clinic, alice, phone, _, mut page) = stage("").await;
    let (_, known, _) = enrolled_with_key(&clinic, BOB).await;
    let rows = broken(&known);
    for (row, lie) in rows {
        let made = SecurityKey::new(HOME).create_but(&offered(&page), &lie);
        let code = phone.code_at(&clinic.world.clock);
        page = send(&alice, &nonce(&page), &made, &code).await;
        assert_eq!(page.status, 422, "{row}: {}", page.describe());
        assert_eq!(keys_of(&clinic, ALICE).await, 0, "{row}");
    }
    // None of them spent her code.
    let made = SecurityKey::new(HOME).create(&offered(&page));
    let code = phone.code_at(&clinic.world.clock);
    let taken = send(&alice, &nonce(&page), &made, &code).await;
    assert_eq!(taken.status, 303, "{}", taken.describe());
    audit_is_whole(&clinic).await;
}

/// The proof may be a passkey's answer: one that is not hers, not to this session's challenge, or
/// not fresh, is none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_colleagues_key_or_an_answer_used_before_proves_nothing() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, mut hers, _) = enrolled_with_key(&clinic, ALICE).await;
    let (_, mut bobs, _) = enrolled_with_key(&clinic, BOB).await;
    let page = alice.open(ADD).await;
    let asked = SecurityKey::asked(&page).expect("a challenge for the key she has");
    let try_it = async |page: &Page, answer: &str| {
        let made = SecurityKey::new(HOME).create(&offered(page));
        let nonce = nonce(page);
        let fields = [
            ("nonce", nonce.as_str()),
            ("label", "Second"),
            ("answer", answer),
            ("made", &made),
        ];
        post(&alice, ADD, &fields).await
    };
    let page = try_it(&page, &bobs.sign(&asked)).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert_eq!(told(&clinic, "challenge_failed").await, 1, "a wrong try");
    let asked = SecurityKey::asked(&page).expect("a challenge");
    let right = hers.sign(&asked);
    let taken = try_it(&page, &right).await;
    assert_eq!(taken.status, 303, "{}", taken.describe());
    let page = alice.new_tab().get(ADD).await;
    let replayed = try_it(&page, &right).await;
    assert_eq!(replayed.status, 422, "{}", replayed.describe());
    assert_eq!(keys_of(&clinic, ALICE).await, 2);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d19_where_policy_has_no_passkeys_the_address_gives_none() {
    let lines = open_enrolment("demo") + "[app.factors]\nkinds = [\"totp\"]\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let me = alice.open("/.anteroom/me").await;
    assert!(!me.has("Add a passkey"), "{}", me.describe());
    let hers = nonce(&me);
    let read = alice.new_tab().get(ADD).await;
    assert_eq!(read.status, 403, "{}", read.describe());
    let code = phone.code_at(&clinic.world.clock);
    let sent = send(&alice, &hers, "{}", &code).await;
    assert_eq!(sent.status, 403, "{}", sent.describe());
    must_be_without_keys(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}
