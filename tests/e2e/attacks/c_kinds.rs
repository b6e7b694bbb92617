//! Family C, one kind of code in another's place (C12): the phone's six digits, a recovery code, an
//! enrolment code, a temporary code and one of a sealed envelope, each in every field that takes
//! another kind, and each for an app or a person that it is not for.

use anteroom_tests::world::start::{Clinic, Plan, coded_enrolment, open_enrolment};

use crate::ward::{
    ALICE, BOB, CHALLENGE, DAY, HOUR, all_is_well, at_challenge, enrolled, give_code, id_of,
    issue_code, nonce, password, post, print_codes, sees_chart, start_over, told, wardbook,
};

use super::d_codes::RECOVERY;

const ENROL_CODE: &str = "/.anteroom/enrol/code";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c12_no_other_kind_enrols_and_no_enrolment_code_verifies() {
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    // Alice enrols as she should.
    let code = issue_code(&clinic, "alice", 1, DAY).await;
    let mut alice = clinic.browser();
    password(&mut alice, ALICE).await;
    alice.submit(&[("code", &code)]).await;
    alice.follow_all().await;
    let (phone, recovery) = crate::ward::enrol_here(&mut alice, &clinic).await;
    let temporary = give_code(&clinic, "alice", 5, DAY).await;
    let (_, sealed) = print_codes(&clinic, "emr", 1).await;
    let bobs = issue_code(&clinic, "bob", 2, DAY).await;

    // Bob has only a password, and everything of Alice's.
    let mut bob = clinic.browser();
    let page = password(&mut bob, BOB).await;
    assert_eq!(page.path(), ENROL_CODE, "{}", page.describe());
    let form = nonce(&page);
    let six = phone.code_at(&clinic.world.clock);
    for other in [&temporary, &sealed[0], &recovery[0], &six, &code] {
        let page = post(&bob, ENROL_CODE, &[("nonce", &form), ("code", other)]).await;
        assert!(
            !(300..400).contains(&page.status),
            "{other}: {}",
            page.describe()
        );
        for path in [CHALLENGE, RECOVERY] {
            let page = post(&bob, path, &[("nonce", &form), ("code", other)]).await;
            assert!(
                !sees_chart(&mut bob).await,
                "{path} {other}: {}",
                page.describe()
            );
        }
    }
    start_over(&bob).await;
    let (id, now) = (id_of(&clinic, "bob").await, clinic.now());
    assert!(
        clinic
            .store()
            .subscriber_unlock(id, &anteroom_store::Paper::of("helen", now))
            .await
            .unwrap()
    );

    // An enrolment code, hers or Bob's, is no second factor.
    let mut thief = at_challenge(&clinic, ALICE).await;
    let form = nonce(thief.page());
    for (path, other) in [(CHALLENGE, &bobs), (RECOVERY, &bobs), (CHALLENGE, &code)] {
        let page = post(&thief, path, &[("nonce", &form), ("code", other)]).await;
        assert_eq!(page.status, 422, "{path} {other}: {}", page.describe());
    }
    assert!(!sees_chart(&mut thief).await);
    assert_eq!(told(&clinic, "temporary_code_used").await, 0);
    assert_eq!(told(&clinic, "sealed_code_used").await, 0);
    assert_eq!(told(&clinic, "recovery_code_used").await, 0);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c12_parts_and_sums_of_one_kind_are_no_other_kind() {
    let clinic = Clinic::with_demo_as(&open_enrolment("demo"), "").await;
    let (_, phone, recovery) = enrolled(&clinic, ALICE).await;
    let temporary = give_code(&clinic, "alice", 5, DAY).await;
    let (_, sealed) = print_codes(&clinic, "emr", 1).await;
    let digits: String = temporary.split('-').collect();
    let odd = [
        digits[..6].to_owned(),
        digits[4..].to_owned(),
        format!("{digits}{digits}"),
        format!("{digits}{digits}1234"),
        sealed[0][..24].to_owned(),
        format!("{}-AAAA", recovery[0]),
        digits.replace('1', "I").replace('0', "O") + " ",
        digits
            .chars()
            .map(|c| char::from_u32(c as u32 - 0x30 + 0xFF10).unwrap())
            .collect(),
    ];
    let mut tries = 0;
    for typed in odd.iter().filter(|typed| typed.trim() != digits) {
        for path in [CHALLENGE, RECOVERY] {
            let thief = at_challenge(&clinic, ALICE).await;
            let form = nonce(thief.page());
            let page = post(&thief, path, &[("nonce", &form), ("code", typed)]).await;
            assert_eq!(page.status, 422, "{path} {typed}: {}", page.describe());
            start_over(&thief).await;
            tries += 1;
            if tries % 4 == 0 {
                let (id, now) = (id_of(&clinic, "alice").await, clinic.now());
                assert!(
                    clinic
                        .store()
                        .subscriber_unlock(id, &anteroom_store::Paper::of("helen", now))
                        .await
                        .unwrap()
                );
            }
        }
    }
    assert_eq!(
        told(&clinic, "session_verified").await,
        1,
        "the one she enrolled in"
    );
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c12_a_code_of_one_apps_envelope_opens_no_other_app() {
    let (_one, emr) = wardbook().await;
    let (_two, lab) = wardbook().await;
    let lines = open_enrolment("demo");
    let clinic = Plan::empty()
        .app("emr", &emr, &lines)
        .app("lab", &lab, &lines)
        .open()
        .await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let (_, sealed) = print_codes(&clinic, "lab", 1).await;
    let mut alice = at_challenge(&clinic, ALICE).await;
    let page = alice.submit_form(RECOVERY, &[("code", &sealed[0])]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(!sees_chart(&mut alice).await);
    assert_eq!(told(&clinic, "sealed_code_used").await, 0);
    clinic.world.clock.advance(HOUR);
    all_is_well(&clinic, ALICE, &phone).await;
}
