//! Family D, registrations of passkeys (rows W1-W14; advisories A14, B7, B9): none that is wrong in
//! one respect, comes again or is somebody else's makes a key. Answers at a sign-in: `d_passkeys`.

use anteroom_tests::security_key::{BACKED_UP, Lie, PRESENT, SecurityKey, VERIFIED};
use anteroom_tests::world::start::Clinic;
use serde_json::json;

use super::d_passkeys::{asked, lie, on_file};
use crate::journeys::passkeys::{ANSWER, ENROL, HOME, answer, enrolled_with_key, set_up_key};
use crate::ward::{
    ALICE, BOB, MALLORY, at_challenge, audit_is_whole, enrolled, id_of, nonce, password, post,
    sees_chart, told,
};

/// A registration is captured and replayed, and posted into another login.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b9_a_captured_registration_makes_no_second_key() {
    let clinic = Clinic::with_demo().await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let page = alice.open(ENROL).await;
    let options = SecurityKey::asked(&page).expect("an offer");
    let made = SecurityKey::new(HOME).create(&options);
    let mut bob = clinic.browser();
    password(&mut bob, BOB).await;
    let his = bob.open(ENROL).await;
    let foreign = post(&bob, ENROL, &[("nonce", &nonce(&his)), ("answer", &made)]).await;
    assert_eq!(foreign.status, 422, "{}", foreign.describe());
    let fields = [("nonce", nonce(&page)), ("answer", made)];
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(post(&alice, ENROL, &fields).await.status, 303);
    let again = post(&alice, ENROL, &fields).await;
    assert_eq!(
        again.location(),
        Some("/.anteroom/recovery-codes"),
        "{}",
        again.describe()
    );
    let id = id_of(&clinic, ALICE.name).await;
    assert_eq!(on_file(&clinic, id).await.len(), 1);
}

/// A registration with one thing wrong, for each row of the standard; `known` is a key of somebody
/// else.
pub(super) fn broken(known: &SecurityKey) -> [(&'static str, Lie); 12] {
    let origin = |origin: &str| lie(|lie| lie.origin = Some(origin.to_owned()));
    [
        ("w1", lie(|lie| lie.kind = Some("webauthn.get"))),
        ("w2", lie(|lie| lie.challenge = Some("A".repeat(43)))),
        ("w3", origin("https://emr.test.evil")),
        ("b13", origin("https://bademr.test")),
        (
            "w4",
            lie(|lie| lie.more = Some(json!({ "crossOrigin": true }))),
        ),
        ("w5", lie(|lie| lie.rp_id = Some("evil.test"))),
        ("w6", lie(|lie| lie.flags = Some(VERIFIED))),
        ("w7", lie(|lie| lie.flags = Some(PRESENT | BACKED_UP))),
        ("w8", lie(|lie| lie.other_algorithm = true)),
        ("w9 long", lie(|lie| lie.id = Some(vec![7; 1024]))),
        ("w9 short", lie(|lie| lie.id = Some(vec![7; 8]))),
        ("w9 taken", lie(|lie| lie.id = Some(known.id.clone()))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d23_each_row_of_a_registration_broken_alone_makes_no_key() {
    let clinic = Clinic::with_demo().await;
    let (_, known, _) = enrolled_with_key(&clinic, MALLORY).await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let rows = broken(&known);
    let mut page = alice.open(ENROL).await;
    for (row, lie) in rows {
        let options = SecurityKey::asked(&page).unwrap_or_else(|| panic!("{row}: no offer"));
        let made = SecurityKey::new(HOME).create_but(&options, &lie);
        page = post(
            &alice,
            ENROL,
            &[("nonce", &nonce(&page)), ("answer", &made)],
        )
        .await;
        assert_eq!(page.status, 422, "{row}: {}", page.describe());
    }
    assert_eq!(
        told(&clinic, "enrolment_confirmed").await,
        1,
        "mallory's own"
    );
    set_up_key(&mut alice).await;
    audit_is_whole(&clinic).await;
}

/// A14: "done" without an answer, and an answer before anything was asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a14_saying_done_is_not_doing() {
    let clinic = Clinic::with_demo().await;
    let (_, mut key, _) = enrolled_with_key(&clinic, ALICE).await;
    let (mut browser, page) = asked(&clinic).await;
    let options = SecurityKey::asked(&page).expect("a challenge");
    let nonce = nonce(&page);
    for done in ["", "done", "true", "{}", "[]", "null", "{\"id\":\"x\"}"] {
        let shown = post(&browser, ANSWER, &[("nonce", &nonce), ("answer", done)]).await;
        assert!(
            matches!(shown.status, 200 | 422),
            "{done}: {}",
            shown.describe()
        );
        assert!(!sees_chart(&mut browser).await, "{done}");
    }
    let twice = [
        ("nonce", nonce.as_str()),
        ("answer", "{}"),
        ("answer", "{}"),
    ];
    assert_eq!(post(&browser, ANSWER, &twice).await.status, 400);
    let (_, other, _) = enrolled(&clinic, BOB).await;
    drop(other);
    // Bob holds a phone and no key: nobody asked him, whatever he brings.
    let bob = at_challenge(&clinic, BOB).await;
    let shown = answer(&bob, bob.page(), &key.sign(&options)).await;
    assert_eq!(shown.status, 422, "{}", shown.describe());
    assert_eq!(told(&clinic, "challenge_failed").await, 0, "nobody guessed");
}

/// B7: who registers is the session's to say; without one there is nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b7_nobody_registers_a_key_for_somebody_else() {
    let clinic = Clinic::with_demo().await;
    let stranger = clinic.browser();
    let posted = post(
        &stranger,
        ENROL,
        &[("nonce", ""), ("answer", "{}"), ("user", "bob")],
    )
    .await;
    assert_eq!(
        posted.status,
        303,
        "to the login page: {}",
        posted.describe()
    );
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let page = alice.open(ENROL).await;
    let made = SecurityKey::new(HOME).create(&SecurityKey::asked(&page).expect("an offer"));
    let nonce = nonce(&page);
    let fields = [
        ("nonce", nonce.as_str()),
        ("answer", &made),
        ("user", "bob"),
        ("name", "bob"),
    ];
    assert_eq!(post(&alice, ENROL, &fields).await.status, 303);
    let id = id_of(&clinic, ALICE.name).await;
    assert_eq!(on_file(&clinic, id).await.len(), 1);
    let mut bob = clinic.browser();
    let his = password(&mut bob, BOB).await;
    assert_eq!(his.path(), "/.anteroom/enrol/method", "bob has nothing yet");
    // Who is enrolled adds nothing at the login (B6, B11).
    let (browser, _) = asked(&clinic).await;
    let mut browser = browser;
    let page = browser.open(ENROL).await;
    assert_eq!(page.path(), "/.anteroom/challenge");
}
