//! A person looks after her passkeys on her own page: adds one beside her phone, one beside
//! another, and proves every other change by a key where she has no phone at all.
//!
//! What nobody may do there is `attacks::d_own_passkey`'s; real browsers are in `tests/browser`.

use anteroom_core::audit::AuditKind;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::login::Login;
use anteroom_tests::phone::Phone;
use anteroom_tests::security_key::SecurityKey;
use anteroom_tests::world::start::{Clinic, open_enrolment};
use serde_json::Value;

use super::passkeys::{HOME, enrolled_with_key};
use super::people::audited;
use crate::ward::{
    ALICE, CHALLENGE, all_is_well, at_challenge, audit_is_whole, enrolled, id_of, nonce, password,
    post, sees_chart, sign_out, told,
};

pub const ME: &str = "/.anteroom/me";
pub const ADD: &str = "/.anteroom/me/add-passkey";
const DEVICE: &str = "__Host-anteroom-device";

/// What the form asks the browser for, of the new key.
pub fn offered(page: &Page) -> Value {
    let options = page.attribute("data-make");
    let options = options.unwrap_or_else(|| panic!("no offer on {}", page.describe()));
    serde_json::from_str(&options).expect("the script can read it")
}

/// How many passkeys somebody has.
pub async fn keys_of(clinic: &Clinic, who: Login) -> usize {
    let id = id_of(clinic, who.name).await;
    let held = clinic.store().passkeys_held(Some(id), "emr.test").await;
    held.expect("the store answers").keys.len()
}

/// Adds a key with a code of her phone, and comes back to her page.
async fn add_by_code(
    clinic: &Clinic,
    browser: &mut Browser,
    phone: &Phone,
    name: &str,
) -> SecurityKey {
    clinic.world.clock.next_step();
    browser.open(ME).await;
    let page = browser.click("Add a passkey or security key").await;
    let mut key = SecurityKey::new(HOME);
    let made = key.create(&offered(&page));
    let code = phone.code_at(&clinic.world.clock);
    let entries = [("label", name), ("made", &made), ("code", &code)];
    browser
        .press("Add a passkey or security key", &entries)
        .await;
    let page = browser.follow_all().await;
    assert_eq!((page.status, page.path()), (200, ME), "{}", page.describe());
    key
}

/// Answers the challenge shown with this key.
async fn sign_in_with(browser: &mut Browser, key: &mut SecurityKey) {
    let signed = key.sign(&SecurityKey::asked(browser.page()).expect("a challenge"));
    browser
        .press("Use your passkey or security key", &[("answer", &signed)])
        .await;
    browser.follow_all().await;
    assert!(sees_chart(browser).await, "{}", browser.page().describe());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_her_phone_she_adds_a_key_and_signs_in_with_either() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    let mut key = add_by_code(&clinic, &mut alice, &phone, "Blue key").await;
    let page = alice.page();
    for said in ["Blue key", "Passkey or security key.", "Authenticator app"] {
        assert!(page.has(said), "{said}: {}", page.describe());
    }
    assert_eq!(audited(&clinic, AuditKind::AuthenticatorAdded).await, 1);

    let mut second = at_challenge(&clinic, ALICE).await;
    sign_in_with(&mut second, &mut key).await;
    assert_eq!(told(&clinic, "passkey_used").await, 1);
    all_is_well(&clinic, ALICE, &phone).await;
}

/// With keys alone, and no phone: a second one is added under the first, and every other change of
/// her page is proved by a key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_phone_a_key_proves_each_change_of_hers() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, mut first, _) = enrolled_with_key(&clinic, ALICE).await;
    let page = alice.open(ADD).await;
    assert!(!page.has_field("code"), "she has none: {}", page.describe());
    let known = offered(&page)["excludeCredentials"]
        .as_array()
        .map(Vec::len);
    assert_eq!(known, Some(1), "the one that she has is not made again");
    let signed = first.sign(&SecurityKey::asked(&page).expect("a challenge"));
    let mut second = SecurityKey::new(HOME);
    let made = second.create(&offered(&page));
    assert_eq!(second.handle, first.handle, "one handle for all her keys");
    let entries = [("label", "Spare"), ("answer", &signed), ("made", &made)];
    alice.press("Add a passkey or security key", &entries).await;
    let page = alice.follow_all().await;
    assert!(page.has("Spare"), "{}", page.describe());

    let page = alice.click("Rename").await;
    let signed = first.sign(&SecurityKey::asked(&page).expect("a challenge"));
    let entries = [("label", "Old one"), ("answer", signed.as_str())];
    alice.press("Rename an authenticator", &entries).await;
    let page = alice.follow_all().await;
    assert!(page.has("Old one"), "{}", page.describe());

    let page = alice.open("/.anteroom/me/codes").await;
    let signed = second.sign(&SecurityKey::asked(&page).expect("a challenge"));
    let entries = [("answer", signed.as_str())];
    alice.press("Make new recovery codes", &entries).await;
    let page = alice.follow_all().await;
    assert_eq!(page.recovery_codes().len(), 10, "{}", page.describe());
    assert!(!page.has("Step "), "no wizard: {}", page.describe());

    let mut next = at_challenge(&clinic, ALICE).await;
    sign_in_with(&mut next, &mut second).await;
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_form_sent_twice_is_one_key_and_a_browser_without_scripts_is_told() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let page = alice.open(ADD).await;
    let code = phone.code_at(&clinic.world.clock);
    let entries = [("label", "Key"), ("code", code.as_str())];
    let told_so = alice.press("Add a passkey or security key", &entries).await;
    assert!(
        told_so.has("This browser did not ask for a passkey."),
        "{}",
        told_so.describe()
    );
    let made = SecurityKey::new(HOME).create(&offered(&page));
    let nonce = nonce(&page);
    let fields = [
        ("nonce", nonce.as_str()),
        ("label", "Key"),
        ("made", &made),
        ("code", &code),
    ];
    for _ in 0..2 {
        let sent = post(&alice, ADD, &fields).await;
        assert_eq!(sent.location(), Some(ME), "{}", sent.describe());
    }
    assert_eq!(keys_of(&clinic, ALICE).await, 1);
    assert_eq!(audited(&clinic, AuditKind::AuthenticatorAdded).await, 1);
}

/// A computer that was remembered under the phone alone asks again; remembered by the key, it does
/// not, until her factors change once more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_ends_what_was_remembered_and_may_have_a_computer_remembered_itself() {
    let lines = open_enrolment("demo") + "[app.remembered_devices]\ndays = 14\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let mut hers = at_challenge(&clinic, ALICE).await;
    let code = phone.code_at(&clinic.world.clock);
    hers.submit(&[("code", &code), ("remember", "1")]).await;
    hers.follow_all().await;
    let mut key = add_by_code(&clinic, &mut hers, &phone, "Key").await;
    sign_out(&hers).await;
    assert_eq!(password(&mut hers, ALICE).await.path(), CHALLENGE);
    assert_eq!(audited(&clinic, AuditKind::DevicePassage).await, 0);

    let signed = key.sign(&SecurityKey::asked(hers.page()).expect("a challenge"));
    let entries = [("answer", signed.as_str()), ("remember", "1")];
    hers.press("Use your passkey or security key", &entries)
        .await;
    hers.follow_all().await;
    assert!(sees_chart(&mut hers).await, "{}", hers.page().describe());
    assert!(hers.cookie(DEVICE).is_some());
    sign_out(&hers).await;
    assert_eq!(password(&mut hers, ALICE).await.path(), "/patients");
    assert_eq!(audited(&clinic, AuditKind::DevicePassage).await, 1);
}

/// The box on the form for a passkey: the same as on the one for a code, and never ticked unasked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_tick_a_key_has_nothing_remembered_and_without_the_policy_there_is_no_box() {
    let words = "Do not ask for a code on this computer for 14 days";
    for (lines, box_there) in [("[app.remembered_devices]\ndays = 14\n", true), ("", false)] {
        let lines = open_enrolment("demo") + lines;
        let clinic = Clinic::with_demo_as(&lines, "").await;
        let (_, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
        let mut hers = at_challenge(&clinic, ALICE).await;
        assert_eq!(
            hers.page().has(words),
            box_there,
            "{}",
            hers.page().describe()
        );
        let signed = key.sign(&SecurityKey::asked(hers.page()).expect("a challenge"));
        let nonce = nonce(hers.page());
        let mut fields = vec![("nonce", nonce.as_str()), ("answer", &signed)];
        if !box_there {
            // Somebody who sends the field all the same is not remembered either.
            fields.push(("remember", "1"));
        }
        let sent = post(&hers, "/.anteroom/challenge/passkey", &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.describe());
        assert_eq!(audited(&clinic, AuditKind::DeviceRemembered).await, 0);
        sign_out(&hers).await;
        assert_eq!(password(&mut hers, ALICE).await.path(), CHALLENGE);
    }
}

/// The way of last time stands first, with the focus; the other is one press away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_of_last_time_comes_first_at_the_next_sign_in() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    let mut key = add_by_code(&clinic, &mut alice, &phone, "Key").await;
    let stands_first = |page: &Page, by_key: bool| {
        let heading = if by_key {
            "Use your passkey"
        } else {
            "Enter your code"
        };
        assert_eq!(page.heading(), heading, "{}", page.describe());
        let html = page.text();
        let (button, field) = (html.find("data-passkey"), html.find("id=\"code\""));
        let (button, field) = (button.expect("the key"), field.expect("the code"));
        assert_eq!(button < field, by_key, "the order on the page");
        let focus = html.find("autofocus").expect("something has the focus");
        let nearest = html[..focus].rfind("<form").expect("in a form");
        assert_eq!(html[nearest..focus].contains("data-passkey"), by_key);
    };
    // She added the key, but signed in with her phone.
    let mut last_by_key = false;
    for by_key in [false, true, true, false] {
        let mut next = at_challenge(&clinic, ALICE).await;
        stands_first(next.page(), last_by_key);
        clinic.world.clock.next_step();
        if by_key {
            sign_in_with(&mut next, &mut key).await;
        } else {
            let code = phone.code_at(&clinic.world.clock);
            next.submit(&[("code", &code)]).await;
            next.follow_all().await;
            assert!(sees_chart(&mut next).await, "{}", next.page().describe());
        }
        last_by_key = by_key;
    }
    let last = at_challenge(&clinic, ALICE).await;
    stands_first(last.page(), false);
}
