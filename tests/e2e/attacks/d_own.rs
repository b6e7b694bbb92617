//! D16, D17, D19, D21 and D22 at a person's own page, and what peers were found to have done there:
//! advisories A3, A7, A8, A17, B2, B5, B6, B11, B14, B18.

use anteroom_core::audit::AuditKind;
use anteroom_tests::browser::form::urlencoded;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, open_enrolment};

use crate::journeys::people::{audited, id_of, issue_code, type_recovery};
use crate::ward::{
    ALICE, BOB, CHALLENGE, MINUTE, all_is_well, at_challenge, enrolled, nonce, post, sees_chart,
    sign_in,
};

const ME: &str = "/.anteroom/me";

/// Every form of the page, for the first authenticator and session of a clinic.
const FORMS: [&str; 8] = [
    "/.anteroom/me/add",
    "/.anteroom/me/move/1",
    "/.anteroom/me/rename/1",
    "/.anteroom/me/remove/1",
    "/.anteroom/me/codes",
    "/.anteroom/me/end/1",
    "/.anteroom/me/end-others",
    "/.anteroom/me/not-me",
];

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
async fn must_be_unchanged(clinic: &Clinic) {
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
    for path in [ME].into_iter().chain(FORMS) {
        let page = thief.new_tab().get(path).await;
        assert_eq!(
            (page.status, page.location()),
            (303, Some(CHALLENGE)),
            "{path}"
        );
        assert!(!page.everything().contains("Authenticator app"), "{path}");
    }
    for path in FORMS {
        // Even with the right code and the nonce of her challenge.
        let page = post(&thief, path, &filled(&hers, &code)).await;
        assert_eq!(
            (page.status, page.location()),
            (303, Some(CHALLENGE)),
            "{path}"
        );
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
        assert_eq!(
            (page.status, page.location()),
            (303, Some(CHALLENGE)),
            "{path}"
        );
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
    for path in [ME].into_iter().chain(FORMS) {
        let page = nobody.new_tab().get(path).await;
        assert_eq!(
            (page.status, page.location()),
            (303, Some("/login")),
            "{path}"
        );
    }
    clinic
        .world
        .clock
        .advance(15 * MINUTE + std::time::Duration::from_secs(1));
    let code = phone.code_at(&clinic.world.clock);
    for path in FORMS {
        let page = post(&alice, path, &filled(&hers, &code)).await;
        assert_eq!(
            (page.status, page.location()),
            (303, Some(CHALLENGE)),
            "{path}"
        );
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
    for path in FORMS {
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
            assert_eq!(page.status, 403, "{path} {bad}: {}", page.describe());
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
    for path in [ME].into_iter().chain(FORMS) {
        let read = alice.xhr("GET", path).await;
        assert_eq!(read.status, 403, "{path}: {}", read.describe());
        assert!(!read.everything().contains("Authenticator app"), "{path}");
        let framed = alice.frame(path).await;
        assert!(
            framed.pictures().is_empty() && !framed.has_field("code"),
            "{path}"
        );
        assert!(!framed.has("Two-step sign-in is on"), "{path}");
    }
    for path in FORMS {
        let hers = nonce(&alice.new_tab().get("/.anteroom/me/not-me").await);
        let page = alice.xhr_form(path, &filled(&hers, &code)).await;
        assert_eq!(page.status, 403, "{path}: {}", page.describe());
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
        assert_eq!(page.status, 403, "{path}: {}", page.describe());
        assert_eq!(page.header("service-worker-allowed"), None, "{path}");
    }
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d16_a_seed_is_shown_to_its_own_session_until_it_counts_and_never_again() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let page = alice.open("/.anteroom/me/add").await;
    let tablet = Phone::scan(&page).unwrap();
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(
        page.header("cross-origin-opener-policy"),
        Some("same-origin")
    );
    let mut other = sign_in(&clinic, ALICE, &phone).await;
    let theirs = Phone::scan(&other.open("/.anteroom/me/add").await).unwrap();
    assert_ne!(theirs.secret(), tablet.secret(), "each session has its own");
    clinic.world.clock.next_step();
    let (first, code) = (
        tablet.code_at(&clinic.world.clock),
        phone.code_at(&clinic.world.clock),
    );
    alice
        .submit(&[("label", "Tablet"), ("first", &first), ("code", &code)])
        .await;
    assert_eq!(
        alice.page().location(),
        Some(ME),
        "{}",
        alice.page().describe()
    );
    for path in [
        ME,
        "/.anteroom/me/add",
        "/.anteroom/me/move/1",
        "/.anteroom/me/rename/1",
    ] {
        let page = alice.new_tab().get(path).await;
        let seen = page
            .pictures()
            .iter()
            .any(|_| Phone::scan(&page).is_ok_and(|shown| shown.secret() == tablet.secret()));
        assert!(
            !seen && !page.everything().contains(tablet.secret()),
            "{path}"
        );
    }
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b18_d19_fields_that_nobody_asked_for_change_nothing() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let code = phone.code_at(&clinic.world.clock);
    alice.open("/.anteroom/me/remove/1").await;
    let hers = nonce(alice.page());
    let extra = [
        ("nonce", hers.as_str()),
        ("code", &code),
        ("may_be_last", "true"),
        ("usable", "email"),
        ("verified", "true"),
        ("admin", "true"),
        ("method", "none"),
        ("skip", "1"),
    ];
    let page = post(&alice, "/.anteroom/me/remove/1", &extra).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(
        page.has("This is your last authenticator"),
        "{}",
        page.describe()
    );
    for twice in ["code", "nonce", "label", "first"] {
        let body = urlencoded(&[(twice, "a"), (twice, "b"), ("x", &code)]);
        let pairs = [("nonce", hers.as_str()), (twice, "a"), (twice, "b")];
        let page = post(&alice, "/.anteroom/me/rename/1", &pairs).await;
        assert_eq!(
            page.status,
            400,
            "{twice} twice ({body}): {}",
            page.describe()
        );
    }
    // What is not hers, or no number at all, is not there.
    for path in [
        "rename/999",
        "rename/01",
        "rename/+1",
        "remove/-1",
        "move/99999999999999999999",
        "rename/x",
    ] {
        let page = alice.get(&format!("/.anteroom/me/{path}")).await;
        assert!(
            matches!(page.status, 400 | 404),
            "{path}: {}",
            page.describe()
        );
    }
    must_be_unchanged(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b05_what_is_somebody_elses_cannot_be_named() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    let (mut bob, bobs, _) = enrolled(&clinic, BOB).await;
    clinic.world.clock.next_step();
    let bob_id = id_of(&clinic, "bob").await;
    let theirs = clinic
        .store()
        .own_factors(bob_id)
        .await
        .unwrap()
        .authenticators[0]
        .id;
    let session = clinic.store().sessions_of(bob_id).await.unwrap()[0].row;
    for act in ["rename", "remove", "move"] {
        let page = alice.get(&format!("/.anteroom/me/{act}/{theirs}")).await;
        assert_eq!(page.status, 404, "{act}: {}", page.describe());
    }
    alice.open(&format!("/.anteroom/me/end/{session}")).await;
    alice
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    assert_eq!(alice.page().status, 422, "{}", alice.page().describe());
    assert!(sees_chart(&mut bob).await, "his session goes on");
    clinic.world.clock.next_step();
    all_is_well(&clinic, BOB, &bobs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b05_wrong_codes_at_the_page_are_slowed_like_those_at_the_challenge() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let wrong = phone.wrong_code(clinic.world.clock.now());
    alice.open("/.anteroom/me/end-others").await;
    for _ in 0..4 {
        alice.submit(&[("code", &wrong)]).await;
        assert_eq!(alice.page().status, 422, "{}", alice.page().describe());
    }
    alice.submit(&[("code", &wrong)]).await;
    assert_eq!(alice.page().status, 429, "{}", alice.page().describe());
    // The pause holds at another act, in another tab, and for the right code too.
    let mut tab = alice.new_tab();
    tab.open("/.anteroom/me/not-me").await;
    tab.submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    assert_eq!(tab.page().status, 429, "{}", tab.page().describe());
    must_be_unchanged(&clinic).await;
    clinic.world.clock.advance(MINUTE);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a17_a_session_entered_by_paper_is_asked_for_a_real_factor() {
    let lines = open_enrolment("demo")
        + "[app.login]\n[[app.login.fresh]]\npath = \"/admin/*\"\nwithin = \"5 min\"\n";
    let clinic = Clinic::with_demo_as(&lines, "").await;
    let (_, phone, codes) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let mut browser = at_challenge(&clinic, ALICE).await;
    type_recovery(&mut browser, &codes[0]).await;
    assert!(sees_chart(&mut browser).await);
    let admin = "/admin/whoami-headers";
    browser.open(admin).await;
    assert_eq!(
        browser.page().path(),
        CHALLENGE,
        "{}",
        browser.page().describe()
    );
    // Another code of paper is right, and not enough; nor is it used up.
    type_recovery(&mut browser, &codes[1]).await;
    assert_eq!(browser.page().status, 422, "{}", browser.page().describe());
    assert!(
        browser.page().has("from your own authenticator"),
        "{}",
        browser.page().describe()
    );
    // An unlock by paper does not make it fresh either.
    clinic
        .world
        .clock
        .advance(15 * MINUTE + std::time::Duration::from_secs(1));
    browser.open("/patients").await;
    type_recovery(&mut browser, &codes[1]).await;
    assert!(sees_chart(&mut browser).await);
    browser.open(admin).await;
    assert_eq!(
        browser.page().path(),
        CHALLENGE,
        "{}",
        browser.page().describe()
    );
    for path in ["rename/1", "remove/1", "codes", "add"] {
        let mut tab = browser.new_tab();
        tab.open(&format!("/.anteroom/me/{path}")).await;
        let first = Phone::scan(tab.page()).map(|new| new.code_at(&clinic.world.clock));
        let first = first.unwrap_or_default();
        let hers = nonce(tab.page());
        let fields = [
            ("nonce", hers.as_str()),
            ("label", "Mine"),
            ("first", &first),
            ("code", &codes[2]),
        ];
        let page = post(&tab, &format!("/.anteroom/me/{path}"), &fields).await;
        assert_eq!(page.status, 422, "{path}: {}", page.describe());
        assert!(
            page.has("not enough for this"),
            "{path}: {}",
            page.describe()
        );
    }
    browser.open(admin).await;
    browser
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    browser.follow_all().await;
    assert_eq!((browser.page().path(), browser.page().status), (admin, 200));
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a08_a_right_code_without_a_password_opens_nothing() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, codes) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let stranger = clinic.browser();
    let code = phone.code_at(&clinic.world.clock);
    for path in [CHALLENGE, "/.anteroom/recovery"].into_iter().chain(FORMS) {
        for proof in [code.as_str(), codes[0].as_str()] {
            let page = post(&stranger, path, &filled(&"0".repeat(32), proof)).await;
            assert_eq!(
                (page.status, page.location()),
                (303, Some("/login")),
                "{path}"
            );
        }
    }
    must_be_unchanged(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b14_a_name_is_text_wherever_it_is_shown() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    for nasty in [
        "<img src=x onerror=1>",
        "\"><script>x</script>",
        "</p></main>",
    ] {
        clinic.world.clock.next_step();
        alice.open("/.anteroom/me/rename/1").await;
        let code = phone.code_at(&clinic.world.clock);
        alice.submit(&[("label", nasty), ("code", &code)]).await;
        alice.follow_all().await;
        for path in [
            ME,
            "/.anteroom/me/rename/1",
            "/.anteroom/me/remove/1",
            "/.anteroom/me/move/1",
        ] {
            let page = alice.open(path).await;
            assert!(!page.text().contains(nasty), "{path}: {}", page.text());
            assert_eq!(page.status, 200, "{path}");
        }
    }
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b06_an_enrolment_code_adds_nothing_to_somebody_who_has_a_phone() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    let code = issue_code(&clinic, "emr.test", "alice").await;
    clinic.world.clock.next_step();
    let thief = at_challenge(&clinic, ALICE).await;
    let hers = nonce(thief.page());
    let page = post(
        &thief,
        "/.anteroom/enrol/code",
        &[("nonce", &hers), ("code", &code)],
    )
    .await;
    assert_eq!((page.status, page.location()), (303, Some(CHALLENGE)));
    alice.open("/.anteroom/me/end-others").await;
    alice.submit(&[("code", &code)]).await;
    assert_eq!(alice.page().status, 422, "{}", alice.page().describe());
    must_be_unchanged(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}
