//! D16 and D19 in the forms of a person's own page: what a seed, a field, a foreign id, a name and
//! a code of paper do there; advisories A17, B5, B6, B14, B18. Who gets the forms is `d_own`'s.

use anteroom_tests::browser::form::urlencoded;
use anteroom_tests::own_pages::ME;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, open_enrolment};

use super::d_own::must_be_unchanged;
use crate::journeys::people::{id_of, issue_code, type_recovery};
use crate::ward::{
    ALICE, BOB, CHALLENGE, MINUTE, all_is_well, at_challenge, enrolled, nonce, post, sees_chart,
    sign_in,
};

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
    page.must_be(422);
    page.must_say("This is your last authenticator");
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
        page.must_be(404);
    }
    alice.open(&format!("/.anteroom/me/end/{session}")).await;
    alice
        .submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    alice.page().must_be(422);
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
        alice.page().must_be(422);
    }
    alice.submit(&[("code", &wrong)]).await;
    alice.page().must_be(429);
    // The pause holds at another act, in another tab, and for the right code too.
    let mut tab = alice.new_tab();
    tab.open("/.anteroom/me/not-me").await;
    tab.submit(&[("code", &phone.code_at(&clinic.world.clock))])
        .await;
    tab.page().must_be(429);
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
    browser.page().must_stand_at(CHALLENGE);
    // Another code of paper is right, and not enough; nor is it used up.
    type_recovery(&mut browser, &codes[1]).await;
    browser.page().must_be(422);
    browser.page().must_say("from your own authenticator");
    // An unlock by paper does not make it fresh either.
    clinic
        .world
        .clock
        .advance(15 * MINUTE + std::time::Duration::from_secs(1));
    browser.open("/patients").await;
    type_recovery(&mut browser, &codes[1]).await;
    assert!(sees_chart(&mut browser).await);
    browser.open(admin).await;
    browser.page().must_stand_at(CHALLENGE);
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
        page.must_be(422);
        page.must_say("not enough for this");
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
    page.must_lead_to(CHALLENGE);
    alice.open("/.anteroom/me/end-others").await;
    alice.submit(&[("code", &code)]).await;
    alice.page().must_be(422);
    must_be_unchanged(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}
