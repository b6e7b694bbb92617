//! Family D, passkeys (D23; rows W1-W14 of the standards; advisories A14, B7, B9, B10, B12, B13):
//! every answer is right but in one respect, and none opens anything. Honest ones:
//! `journeys::passkeys`.

use anteroom_core::ids::SubscriberId;
use anteroom_store::PasskeyMaterial;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::security_key::{BACKED_UP, ELIGIBLE, Lie, PRESENT, SecurityKey, VERIFIED};
use anteroom_tests::world::start::{Clinic, open_enrolment};
use serde_json::json;

use crate::journeys::passkeys::{ANSWER, ENROL, HOME, answer, enrolled_with_key, set_up_key};
use crate::ward::{
    ALICE, BOB, MALLORY, MINUTE, at_challenge, audit_is_whole, id_of, nonce, password, post,
    sees_chart, sessions_of, told,
};

/// What the store holds of her passkeys, whole.
pub(super) async fn on_file(clinic: &Clinic, id: SubscriberId) -> Vec<(Vec<u8>, u32)> {
    let held = clinic.store().passkeys_held(Some(id), "emr.test").await;
    let told = |key: PasskeyMaterial| (key.kept, key.sign_count);
    held.expect("the store answers")
        .keys
        .into_iter()
        .map(told)
        .collect()
}

/// Tells whether an answer opened nothing.
async fn is_refused(browser: &mut Browser, page: &Page) -> bool {
    page.status == 422 && !sees_chart(browser).await
}

/// Why the newest wrong try was wrong, as the audit log says.
async fn why(clinic: &Clinic) -> String {
    let rows = clinic
        .store()
        .audit_tail(50)
        .await
        .expect("the store answers");
    // Newest first.
    let newest = rows
        .into_iter()
        .find(|row| row.event.kind.name() == "challenge_failed")
        .expect("a wrong try");
    newest.event.reason.unwrap_or_default()
}

/// Options with some answer's worth of time: an unhurried person, so that no pause is met.
pub(super) async fn asked(clinic: &Clinic) -> (Browser, Page) {
    let browser = at_challenge(clinic, ALICE).await;
    let page = browser.page().clone();
    (browser, page)
}

pub(super) fn lie(change: impl FnOnce(&mut Lie)) -> Lie {
    let mut lie = Lie::default();
    change(&mut lie);
    lie
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d23_each_row_broken_alone_is_refused_named_and_leaves_the_credential_as_it_was() {
    let origin = |origin: &str| lie(|lie| lie.origin = Some(origin.to_owned()));
    let more = |more| lie(|lie| lie.more = Some(more));
    let flags = |flags| lie(|lie| lie.flags = Some(flags));
    let rows = [
        ("w1", "type", lie(|lie| lie.kind = Some("webauthn.create"))),
        ("w3 relay", "origin", origin("https://emr-test.evil")),
        ("w3 suffix", "origin", origin("https://emr.test.evil")),
        ("b13 prefix", "origin", origin("https://bademr.test")),
        ("b13 scheme", "origin", origin("http://emr.test")),
        ("b13 port", "origin", origin("https://emr.test:444")),
        ("b13 below", "origin", origin("https://sub.emr.test")),
        ("w4 framed", "framed", more(json!({ "crossOrigin": true }))),
        (
            "w4 top",
            "framed",
            more(json!({ "topOrigin": "https://evil.test" })),
        ),
        (
            "w5",
            "relying_party",
            lie(|lie| lie.rp_id = Some("evil.test")),
        ),
        ("w6", "presence", flags(VERIFIED)),
        (
            "w7 no eligibility",
            "backup",
            flags(PRESENT | VERIFIED | BACKED_UP),
        ),
        ("w7 flipped", "backup", flags(PRESENT | VERIFIED | ELIGIBLE)),
        (
            "w10 handle",
            "user_handle",
            lie(|lie| lie.user_handle = Some(vec![9; 32])),
        ),
        (
            "w10 unknown",
            "credential",
            lie(|lie| lie.id = Some(vec![9; 32])),
        ),
        ("w11", "signature", lie(|lie| lie.bent = true)),
    ];
    // So few at once that no pause comes between.
    for some in rows.chunks(8) {
        each_is_refused(some).await;
    }
}

async fn each_is_refused(rows: &[(&str, &str, Lie)]) {
    let throttle = "[app.throttle]\nfree_tries = 10\n";
    let lines = format!("{}{throttle}", open_enrolment("demo"));
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let (_, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
    let id = id_of(&clinic, ALICE.name).await;
    let before = on_file(&clinic, id).await;
    let (mut browser, mut page) = asked(&clinic).await;
    for (tries, (row, fault, lie)) in rows.iter().enumerate() {
        let options = SecurityKey::asked(&page).unwrap_or_else(|| panic!("{row}: no challenge"));
        page = answer(&browser, &page, &key.sign_but(&options, lie)).await;
        let refused = is_refused(&mut browser, &page).await;
        assert!(refused, "{row}: {}", page.describe());
        assert_eq!(told(&clinic, "challenge_failed").await, tries + 1, "{row}");
        assert_eq!(why(&clinic).await, format!("passkey {fault}"), "{row}");
        // B10: nothing is noted of an answer that was not accepted.
        assert_eq!(on_file(&clinic, id).await, before, "{row}");
    }
    let options = SecurityKey::asked(&page).expect("a challenge");
    let page = answer(&browser, &page, &key.sign(&options)).await;
    assert_eq!(page.status, 303, "and the honest one: {}", page.describe());
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w2_an_answer_to_no_challenge_of_this_session_is_nothing_and_costs_nothing() {
    let held = "[app.challenge]\npending_for = \"10 min\"\n";
    let lines = format!("{}{held}", open_enrolment("demo"));
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let (_, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
    let (mut browser, page) = asked(&clinic).await;
    let (_, other) = asked(&clinic).await;
    let mine = SecurityKey::asked(&page).expect("a challenge");
    let foreign = SecurityKey::asked(&other).expect("a challenge");
    let invented = lie(|lie| lie.challenge = Some("A".repeat(43)));
    for signed in [key.sign(&foreign), key.sign_but(&mine, &invented)] {
        let shown = answer(&browser, &page, &signed).await;
        assert!(
            is_refused(&mut browser, &shown).await,
            "{}",
            shown.describe()
        );
    }
    // Five minutes: too old, and gone with the looking.
    let (mut late, page) = asked(&clinic).await;
    let options = SecurityKey::asked(&page).expect("a challenge");
    clinic.world.clock.advance(5 * MINUTE);
    let shown = answer(&late, &page, &key.sign(&options)).await;
    assert!(is_refused(&mut late, &shown).await, "{}", shown.describe());
    assert_eq!(told(&clinic, "challenge_failed").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b9_a_captured_answer_opens_nothing_again() {
    let clinic = Clinic::with_demo().await;
    let (_, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
    let (browser, page) = asked(&clinic).await;
    let signed = key.sign(&SecurityKey::asked(&page).expect("a challenge"));
    let first = answer(&browser, &page, &signed).await;
    assert_eq!(first.status, 303, "{}", first.describe());
    let before = sessions_of(&clinic, ALICE.name).await;
    clinic.world.clock.advance(MINUTE);
    let again = answer(&browser, &page, &signed).await;
    assert_ne!(again.status, 200, "{}", again.describe());
    let (mut thief, stolen) = asked(&clinic).await;
    let replayed = answer(&thief, &stolen, &signed).await;
    assert!(
        is_refused(&mut thief, &replayed).await,
        "{}",
        replayed.describe()
    );
    assert_eq!(sessions_of(&clinic, ALICE.name).await, before);
}

/// The race of B9: one answer, posted twenty times at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn b9_one_answer_twenty_times_at_once_is_one_session() {
    let clinic = Clinic::with_demo().await;
    let (_, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
    let before = sessions_of(&clinic, ALICE.name).await;
    let (browser, page) = asked(&clinic).await;
    let signed = key.sign(&SecurityKey::asked(&page).expect("a challenge"));
    let posts = (0..20).map(|_| answer(&browser, &page, &signed));
    let pages = futures_util::future::join_all(posts).await;
    let opened = pages.iter().filter(|page| page.status == 303).count();
    assert!(opened >= 1, "one of them came first");
    assert_eq!(sessions_of(&clinic, ALICE.name).await, before + 1);
    assert_eq!(told(&clinic, "passkey_used").await, 1);
    assert_eq!(told(&clinic, "challenge_failed").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w10_mallorys_key_does_not_open_alices_login() {
    let clinic = Clinic::with_demo().await;
    enrolled_with_key(&clinic, ALICE).await;
    let (_, mut hers, _) = enrolled_with_key(&clinic, MALLORY).await;
    let (mut browser, page) = asked(&clinic).await;
    let signed = hers.sign(&SecurityKey::asked(&page).expect("a challenge"));
    let shown = answer(&browser, &page, &signed).await;
    assert!(
        is_refused(&mut browser, &shown).await,
        "{}",
        shown.describe()
    );
    assert_eq!(why(&clinic).await, "passkey credential");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b12_a_required_verification_is_looked_at() {
    let lines = format!(
        "{}[app.passkeys]\nuser_verification = \"required\"\n",
        open_enrolment("demo")
    );
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let page = alice.open(ENROL).await;
    let options = SecurityKey::asked(&page).expect("an offer");
    assert_eq!(
        options["authenticatorSelection"]["userVerification"],
        "required"
    );
    let touched = lie(|lie| lie.flags = Some(PRESENT));
    let made = SecurityKey::new(HOME).create_but(&options, &touched);
    let page = post(
        &alice,
        ENROL,
        &[("nonce", &nonce(&page)), ("answer", &made)],
    )
    .await;
    assert_eq!(page.status, 422, "{}", page.describe());
    let (mut key, _) = set_up_key(&mut alice).await;
    let (mut browser, page) = asked(&clinic).await;
    let options = SecurityKey::asked(&page).expect("a challenge");
    assert_eq!(options["userVerification"], "required");
    let shown = answer(&browser, &page, &key.sign_but(&options, &touched)).await;
    assert!(
        is_refused(&mut browser, &shown).await,
        "{}",
        shown.describe()
    );
    assert!(
        shown.has("did not check that it is you"),
        "{}",
        shown.describe()
    );
    let options = SecurityKey::asked(&shown).expect("a fresh challenge");
    assert_eq!(
        answer(&browser, &shown, &key.sign(&options)).await.status,
        303
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w12_a_count_that_went_back_is_told_and_opens_all_the_same() {
    let clinic = Clinic::with_demo().await;
    let (_, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
    for (count, regressions) in [(9, 0), (4, 1), (10, 1)] {
        key.count = count - 1;
        let (browser, page) = asked(&clinic).await;
        let signed = key.sign(&SecurityKey::asked(&page).expect("a challenge"));
        let opened = answer(&browser, &page, &signed).await;
        assert_eq!(opened.status, 303, "{count}: {}", opened.describe());
        assert_eq!(
            told(&clinic, "passkey_regressed").await,
            regressions,
            "{count}"
        );
    }
}

/// W13, D12: before the password was right, nothing tells alice with a passkey from bob without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w13_no_credential_is_named_before_the_password_was_right() {
    let clinic = Clinic::with_demo().await;
    let (_, key, _) = enrolled_with_key(&clinic, ALICE).await;
    let id = data_encoding::BASE64URL_NOPAD.encode(&key.id);
    let mut pages = Vec::new();
    for who in [ALICE, BOB] {
        let mut stranger = clinic.browser();
        stranger.open("/patients").await;
        stranger
            .submit(&[("username", who.name), ("password", "wrong")])
            .await;
        let page = stranger.follow_all().await;
        assert!(!page.everything().contains(&id) && !page.everything().contains("passkey"));
        pages.push((page.status, page.text().replace(who.name, "NAME").len()));
        let nosy = stranger.open("/.anteroom/challenge").await;
        assert!(
            !nosy.everything().contains("data-options"),
            "{}",
            nosy.describe()
        );
        let posted = post(&stranger, ANSWER, &[("nonce", ""), ("answer", "{}")]).await;
        assert_eq!(
            posted.status,
            303,
            "to the login page: {}",
            posted.describe()
        );
    }
    assert_eq!(pages[0], pages[1]);
}

/// W14: by the handle nobody is known who is not known already.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w14_the_handle_is_random_and_the_same_for_every_key_of_one_person() {
    let clinic = Clinic::with_demo().await;
    let mut handles = Vec::new();
    for who in [ALICE, BOB] {
        let (_, key, _) = enrolled_with_key(&clinic, who).await;
        let handle = key.handle.expect("a handle");
        assert_eq!(handle.len(), 32);
        assert!(
            !handle
                .windows(3)
                .any(|part| who.name.as_bytes().starts_with(part))
        );
        handles.push(handle);
    }
    assert_ne!(handles[0], handles[1]);
}

/// A bad signature is a wrong try like a wrong code: the same counter, the same pause.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_answers_and_wrong_codes_share_one_pause() {
    let clinic = Clinic::with_demo().await;
    let (_, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
    let (mut browser, mut page) = asked(&clinic).await;
    let bent = lie(|lie| lie.bent = true);
    for _ in 0..4 {
        let options = SecurityKey::asked(&page).expect("a challenge");
        page = answer(&browser, &page, &key.sign_but(&options, &bent)).await;
        assert_eq!(page.status, 422, "{}", page.describe());
    }
    let wrong = [("nonce", nonce(&page)), ("code", "000000".to_owned())];
    let wrong: Vec<_> = wrong.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let paused = post(&browser, "/.anteroom/challenge", &wrong).await;
    assert_eq!(paused.status, 429, "{}", paused.describe());
    let codes = |code| [("nonce", nonce(&page)), ("code", code)];
    let again = codes("000000".to_owned());
    let again: Vec<_> = again.iter().map(|(n, v)| (*n, v.as_str())).collect();
    for _ in 0..3 {
        let held = post(&browser, "/.anteroom/challenge", &again).await;
        assert_eq!(held.status, 429, "{}", held.describe());
    }
    // Asked anew, on the page for who has no phone; a bent answer is held back and costs nothing.
    let page = browser.get("/.anteroom/recovery").await;
    assert_eq!(page.status, 200, "{}", page.describe());
    let options = SecurityKey::asked(&page).expect("a challenge");
    let held = answer(&browser, &page, &key.sign_but(&options, &bent)).await;
    assert_eq!(held.status, 429, "{}", held.describe());
    assert_eq!(told(&clinic, "challenge_failed").await, 5);
    // Others' wrong codes do not keep out whoever holds the key (attack D09).
    let page = browser.get("/.anteroom/recovery").await;
    let options = SecurityKey::asked(&page).expect("a challenge");
    let right = answer(&browser, &page, &key.sign(&options)).await;
    assert_eq!(right.status, 303, "{}", right.describe());
}
