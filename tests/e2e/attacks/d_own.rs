//! D17, D21 and D22 at a person's own page: who sees it, whose form counts, and what scripts and
//! frames get; what peers were found to have done there: advisories A3, A7, A8, B2, B5, B6, B11.
//! What its forms do is `d_own_acts`'.

use anteroom_core::audit::AuditKind;
use anteroom_tests::own_pages::{ME, own_forms, own_pages};
use anteroom_tests::world::start::Clinic;

use crate::journeys::people::{audited, id_of};
use crate::ward::{
    ALICE, BOB, CHALLENGE, MINUTE, all_is_well, at_challenge, enrolled, nonce, post, sees_chart,
};

/// What an attacker would fill in, with a right code.
fn filled<'a>(nonce: &'a str, code: &'a str) -> [(&'static str, &'a str); 4] {
    [
        ("nonce", nonce),
        ("code", code),
        ("label", "Mine"),
        ("first", "123456"),
    ]
}

/// Nothing of hers was changed.
pub(super) async fn must_be_unchanged(clinic: &Clinic) {
    let alice = id_of(clinic, "alice").await;
    let own = clinic.store().own_factors(alice).await.unwrap();
    let labels: Vec<_> = own
        .authenticators
        .iter()
        .map(|one| one.label.as_str())
        .collect();
    assert_eq!((labels, own.recovery.left), (vec!["Authenticator app"], 10));
    for kind in [
        AuditKind::AuthenticatorAdded,
        AuditKind::AuthenticatorRenamed,
        AuditKind::AuthenticatorReplaced,
        AuditKind::AuthenticatorRemoved,
        AuditKind::NotMeReported,
    ] {
        assert_eq!(audited(clinic, kind).await, 0, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b02_b05_b06_b11_a_login_that_waits_for_its_code_sees_and_changes_nothing() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let thief = at_challenge(&clinic, ALICE).await;
    let hers = nonce(thief.page());
    let code = phone.code_at(&clinic.world.clock);
    for path in own_pages() {
        let page = thief.new_tab().get(path).await;
        page.must_lead_to(CHALLENGE);
        assert!(!page.everything().contains("Authenticator app"), "{path}");
    }
    for path in own_forms() {
        // Even with the right code and the nonce of her challenge.
        let page = post(&thief, path, &filled(&hers, &code)).await;
        page.must_lead_to(CHALLENGE);
    }
    // The set-up pages of a first enrolment lead back to the challenge as well.
    for path in [
        "/.anteroom/enrol",
        "/.anteroom/enrol/code",
        "/.anteroom/enrol/method",
        "/.anteroom/recovery-codes",
        "/.anteroom/recovery-codes.txt",
    ] {
        let page = thief.new_tab().get(path).await;
        page.must_lead_to(CHALLENGE);
        assert!(page.pictures().is_empty());
    }
    must_be_unchanged(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a03_a07_nobody_and_a_locked_session_get_no_form_and_are_not_listened_to() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    alice.open("/.anteroom/me/not-me").await;
    let hers = nonce(alice.page());
    let nobody = clinic.browser();
    for path in own_pages() {
        let page = nobody.new_tab().get(path).await;
        page.must_lead_to("/login");
    }
    clinic
        .world
        .clock
        .advance(15 * MINUTE + std::time::Duration::from_secs(1));
    let code = phone.code_at(&clinic.world.clock);
    for path in own_forms() {
        let page = post(&alice, path, &filled(&hers, &code)).await;
        page.must_lead_to(CHALLENGE);
    }
    must_be_unchanged(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d17_a_form_counts_only_with_the_nonce_of_its_own_session_and_act() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    let (mut bob, _, _) = enrolled(&clinic, BOB).await;
    clinic.world.clock.next_step();
    let code = phone.code_at(&clinic.world.clock);
    for path in own_forms() {
        let own = alice.open("/.anteroom/me/end-others").await;
        let (other_act, foreign) = (nonce(&own), nonce(&bob.open("/.anteroom/me/not-me").await));
        for bad in [
            "",
            "00000000000000000000000000000000",
            foreign.as_str(),
            other_act.as_str(),
        ] {
            if path == "/.anteroom/me/end-others" && bad == other_act {
                continue;
            }
            let page = post(&alice, path, &filled(bad, &code)).await;
            page.must_be(403);
        }
        let page = post(
            &alice,
            path,
            &[("nonce", &other_act), ("nonce", &other_act)],
        )
        .await;
        assert!(page.status == 400, "two nonces: {}", page.describe());
    }
    must_be_unchanged(&clinic).await;
    assert!(sees_chart(&mut bob).await);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d21_scripts_and_frames_of_the_app_neither_read_nor_write() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let code = phone.code_at(&clinic.world.clock);
    for path in own_pages() {
        let read = alice.xhr("GET", path).await;
        read.must_be(403);
        assert!(!read.everything().contains("Authenticator app"), "{path}");
        let framed = alice.frame(path).await;
        assert!(
            framed.pictures().is_empty() && !framed.has_field("code"),
            "{path}"
        );
        assert!(!framed.has("Two-step sign-in is on"), "{path}");
    }
    for path in own_forms() {
        let hers = nonce(&alice.new_tab().get("/.anteroom/me/not-me").await);
        let page = alice.xhr_form(path, &filled(&hers, &code)).await;
        page.must_be(403);
    }
    must_be_unchanged(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d22_no_service_worker_is_given_from_our_pages() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    for path in [ME, "/.anteroom/me/add", "/sw.js"] {
        let page = alice.service_worker(path).await;
        page.must_be(403);
        assert_eq!(page.header("service-worker-allowed"), None, "{path}");
    }
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a08_a_right_code_without_a_password_opens_nothing() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, codes) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let stranger = clinic.browser();
    let code = phone.code_at(&clinic.world.clock);
    for path in [CHALLENGE, "/.anteroom/recovery"]
        .into_iter()
        .chain(own_forms())
    {
        for proof in [code.as_str(), codes[0].as_str()] {
            let page = post(&stranger, path, &filled(&"0".repeat(32), proof)).await;
            page.must_lead_to("/login");
        }
    }
    must_be_unchanged(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_link_and_form_of_the_page_is_among_the_addresses_that_are_attacked() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    let known: Vec<&str> = own_pages().collect();
    let mut seen = 0;
    for path in own_pages() {
        let page = alice.open(path).await;
        let links = page.links().into_iter().map(|(_, to)| to);
        let forms = page.forms().into_iter().map(|form| form.action);
        for to in links.chain(forms).filter(|to| to.starts_with(ME)) {
            assert!(known.contains(&to.as_str()), "{path} leads to {to}");
            seen += 1;
        }
    }
    assert!(seen > known.len(), "{seen}");
    all_is_well(&clinic, ALICE, &phone).await;
}
