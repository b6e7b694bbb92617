//! D14-D16: a stolen password alone enrols nobody, a reset opens no window, and a secret is shown
//! once, to the person who enrols, and never again.

use anteroom_store::Paper;
use anteroom_tests::browser::page::Page;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, coded_enrolment, open_enrolment};

use crate::ward::{
    ALICE, BOB, CHALLENGE, DAY, HOUR, all_is_well, at_challenge, audit_is_whole, enrol_here,
    enrolled, id_of, issue_code, listed, nonce, password, post, sees_chart, sign_in, told,
};

const ENROL: &str = "/.anteroom/enrol";
const ENROL_CODE: &str = "/.anteroom/enrol/code";

fn shows_no_secret(page: &Page) {
    let text = page.everything();
    for trace in ["otpauth", "data:image", "secret="] {
        assert!(!text.contains(trace), "{trace}: {}", page.describe());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d14_the_first_to_know_the_password_cannot_enrol() {
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    let mut thief = clinic.browser().from_address("127.0.7.7");
    let page = password(&mut thief, BOB).await;
    assert_eq!(
        (page.status, page.path()),
        (200, ENROL_CODE),
        "{}",
        page.describe()
    );
    shows_no_secret(&page);
    let form = nonce(&page);
    for path in [
        ENROL,
        CHALLENGE,
        "/.anteroom/recovery-codes",
        "/.anteroom/recovery-codes.txt",
    ] {
        let page = thief.get(path).await;
        assert!(
            page.is_redirect() || page.status == 403,
            "{path}: {}",
            page.describe()
        );
        shows_no_secret(&page);
    }
    for (path, code) in [
        (ENROL, "123456"),
        (CHALLENGE, "123456"),
        ("/.anteroom/recovery-codes", "x"),
        (ENROL_CODE, ""),
        (ENROL_CODE, "AAAA-AAAA"),
        (ENROL_CODE, "%"),
    ] {
        let page = post(&thief, path, &[("nonce", &form), ("code", code)]).await;
        assert!(page.status >= 300, "{path} {code}: {}", page.describe());
        shows_no_secret(&page);
    }
    assert!(!sees_chart(&mut thief).await);
    assert!(
        listed(&clinic, "bob")
            .await
            .is_none_or(|bob| bob.enrolled_at.is_none())
    );
    assert_eq!(told(&clinic, "enrolment_confirmed").await, 0);
    // The honest bob comes with the code that the helpdesk gave him.
    let code = issue_code(&clinic, "bob", 1, DAY).await;
    let mut bob = clinic.browser();
    password(&mut bob, BOB).await;
    bob.submit(&[("code", &code)]).await;
    bob.follow_all().await;
    let (phone, _) = enrol_here(&mut bob, &clinic).await;
    assert!(sees_chart(&mut bob).await);
    // The thief's attempt, still open, is worth nothing now.
    let page = post(&thief, ENROL_CODE, &[("nonce", &form), ("code", &code)]).await;
    shows_no_secret(&page);
    assert!(!sees_chart(&mut thief).await);
    all_is_well(&clinic, BOB, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d14_enrolment_codes_cannot_be_guessed() {
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    let right = issue_code(&clinic, "bob", 9, DAY).await;
    let mut thief = clinic.browser();
    let form = nonce(&password(&mut thief, BOB).await);
    let mut statuses = Vec::new();
    for n in 0..6 {
        let code = format!("AAAA-AAA{}", char::from(b'B' + n));
        let page = post(&thief, ENROL_CODE, &[("nonce", &form), ("code", &code)]).await;
        statuses.push(page.status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
    assert_eq!(told(&clinic, "enrolment_code_failed").await, 5);
    // In a pause not even the right one is looked at.
    let page = post(&thief, ENROL_CODE, &[("nonce", &form), ("code", &right)]).await;
    assert_eq!(page.status, 429, "{}", page.describe());
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d15_after_a_reset_the_password_enrols_nobody_even_where_enrolment_is_open() {
    let clinic = Clinic::with_demo_as(&open_enrolment("demo"), "").await;
    let (mut before, old, _) = enrolled(&clinic, ALICE).await;
    let id = id_of(&clinic, "alice").await;
    let now = clinic.now();
    assert!(
        clinic
            .store()
            .subscriber_reset(id, &Paper::of("helen", now).because("lost phone"))
            .await
            .unwrap()
    );
    let mut thief = clinic.browser();
    let page = password(&mut thief, ALICE).await;
    assert_eq!(
        (page.status, page.path()),
        (200, ENROL_CODE),
        "{}",
        page.describe()
    );
    shows_no_secret(&page);
    let form = nonce(&page);
    // Codes that are not hers, or not any more: somebody else's, an older one, one too late.
    let bobs = issue_code(&clinic, "bob", 1, DAY).await;
    let older = issue_code(&clinic, "alice", 2, DAY).await;
    let short = issue_code(&clinic, "alice", 3, HOUR).await;
    for code in [&bobs, &older] {
        let page = post(&thief, ENROL_CODE, &[("nonce", &form), ("code", code)]).await;
        assert_eq!(page.status, 422, "{}", page.describe());
    }
    clinic.world.clock.advance(2 * HOUR);
    let mut late = clinic.browser();
    password(&mut late, ALICE).await;
    let page = late.submit(&[("code", &short)]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    // The session from before the reset, and the old phone, are worth nothing.
    assert!(!sees_chart(&mut before).await);
    assert!(!sees_chart(&mut thief).await && !sees_chart(&mut late).await);
    let good = issue_code(&clinic, "alice", 4, HOUR).await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    alice.submit(&[("code", &good)]).await;
    alice.follow_all().await;
    let (phone, _) = enrol_here(&mut alice, &clinic).await;
    assert_ne!(phone.secret(), old.secret());
    // Used up: the same code again starts nothing.
    clinic.world.clock.next_step();
    let mut again = at_challenge(&clinic, ALICE).await;
    assert_eq!(again.get(ENROL_CODE).await.location(), Some(CHALLENGE));
    again.get(CHALLENGE).await;
    let page = again
        .submit(&[("code", &old.code_at(&clinic.world.clock))])
        .await;
    assert_eq!(page.status, 422, "{}", page.describe());
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d15_an_account_that_slept_for_two_years_still_asks_for_its_code() {
    let clinic = Clinic::with_demo_as(&open_enrolment("demo"), "").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.advance(2 * 365 * DAY);
    clinic
        .running()
        .gateway()
        .store
        .sweep(clinic.now(), Default::default())
        .await
        .unwrap();
    let mut thief = at_challenge(&clinic, ALICE).await;
    for path in [ENROL, ENROL_CODE] {
        let page = thief.get(path).await;
        assert_eq!(page.location(), Some(CHALLENGE), "{}", page.describe());
    }
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d16_the_secret_is_shown_only_while_it_does_not_count_yet() {
    let clinic = Clinic::with_demo().await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let page = alice.take_phone().await;
    assert_eq!((page.status, page.path()), (200, ENROL));
    let phone = Phone::scan(&page).unwrap();
    // Looking again, in another tab too, shows the same secret, so that two phones agree.
    let mut tab = alice.new_tab();
    let second = tab.get(ENROL).await;
    assert_eq!(Phone::scan(&second).unwrap().secret(), phone.secret());
    let head = alice.xhr("HEAD", ENROL).await;
    assert!(head.body.is_empty());
    for page in [&page, &second] {
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("referrer-policy"), Some("same-origin"));
        assert!(
            page.header("content-security-policy")
                .unwrap()
                .contains("default-src 'none'")
        );
        let loaded = page
            .pictures()
            .into_iter()
            .chain(page.links().into_iter().map(|l| l.1));
        for address in loaded {
            let own = ["data:", "/", "otpauth://", "mailto:", "tel:", "sms:"];
            assert!(
                own.iter().any(|start| address.starts_with(start)),
                "{address}"
            );
        }
    }
    // A script of the app, a frame, another site: none of them gets the page.
    for other in [alice.xhr("GET", ENROL).await, alice.frame(ENROL).await] {
        shows_no_secret(&other);
    }
    shows_no_secret(&alice.stranger().get(ENROL).await);
    enrol_here(&mut alice, &clinic).await;
    let codes = "/.anteroom/recovery-codes";
    for path in [ENROL, ENROL_CODE, codes, "/.anteroom/recovery-codes.txt"] {
        shows_no_secret(&alice.get(path).await);
        let page = tab.get(path).await;
        shows_no_secret(&page);
        assert!(
            crate::ward::recovery_codes(&page).is_empty(),
            "{}",
            page.describe()
        );
    }
    for _ in 0..3 {
        shows_no_secret(&alice.back().await);
    }
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d18_a_client_cannot_choose_secret_person_or_period() {
    let clinic = Clinic::with_demo().await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    let page = alice.take_phone().await;
    let phone = Phone::scan(&page).unwrap();
    let chosen = Phone::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
    let clock = &clinic.world.clock;
    let extras = [
        ("secret", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        ("user", "bob"),
        ("username", "bob"),
        ("digits", "1"),
        ("period", "86400"),
        ("algorithm", "MD5"),
        ("verified", "true"),
        ("method", "none"),
        ("skip", "1"),
    ];
    let form = nonce(&page);
    let with = |code: &str| {
        let mut pairs = vec![
            ("nonce".to_owned(), form.clone()),
            ("code".into(), code.into()),
        ];
        pairs.extend(
            extras
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into())),
        );
        pairs
    };
    let send = async |code: &str| {
        let pairs = with(code);
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        post(&alice, ENROL, &pairs).await
    };
    assert_eq!(
        send(&chosen.code_at(clock)).await.status,
        422,
        "not her secret"
    );
    assert_eq!(send("").await.status, 422, "no code at all");
    let taken = send(&phone.code_at(clock)).await;
    assert_eq!(
        taken.location(),
        Some("/.anteroom/recovery-codes"),
        "{}",
        taken.describe()
    );
    alice.get("/.anteroom/recovery-codes").await;
    alice.press("I have saved them", &[]).await;
    alice.follow_all().await;
    assert!(listed(&clinic, "bob").await.is_none());
    clock.next_step();
    sign_in(&clinic, ALICE, &phone).await;
    clock.next_step();
    let mut thief = at_challenge(&clinic, ALICE).await;
    assert_eq!(
        thief
            .submit(&[("code", &chosen.code_at(clock))])
            .await
            .status,
        422
    );
    all_is_well(&clinic, ALICE, &phone).await;
}
