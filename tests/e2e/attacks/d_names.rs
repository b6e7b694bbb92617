//! D12: nobody learns from our answers who exists, who has a phone, and who is switched off.
//! Compares everything that comes back, byte for byte, once what is random in it is blotted out.

use anteroom::demo::FailureMode;
use anteroom_store::Paper;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::login::Login;
use anteroom_tests::world::start::Clinic;
use regex::Regex;

use crate::ward::{
    ALICE, CHALLENGE, CHEN, MALLORY, all_is_well, audit_is_whole, enrolled, id_of, nonce, post,
};

/// Enrolled, not enrolled, nobody, switched off, reset.
const NAMES: [&str; 5] = ["alice", "bob", "ghost", "mallory", "dr.chen"];

async fn clinic() -> (Clinic, anteroom_tests::phone::Phone) {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    enrolled(&clinic, MALLORY).await;
    enrolled(&clinic, CHEN).await;
    let now = clinic.now();
    let mallory = id_of(&clinic, "mallory").await;
    assert!(
        clinic
            .store()
            .subscriber_suspend(mallory, &Paper::of("helen", now).because("left"))
            .await
            .unwrap()
    );
    let chen = id_of(&clinic, "dr.chen").await;
    assert!(
        clinic
            .store()
            .subscriber_reset(chen, &Paper::of("helen", now).because("new phone"))
            .await
            .unwrap()
    );
    (clinic, phone)
}

/// All that came, with what differs between any two answers blotted out by its length.
fn blotted(page: &Page) -> String {
    let everything = page.everything();
    let random = Regex::new(
        r"(?x) (?<a>anteroom[a-z-]*=|WBSESSION=|nonce..value=.|_token..value=.|
                     reference[^0-9A-Z]{1,40})
               (?<v>[A-Za-z0-9_.-]{8,})",
    )
    .unwrap();
    let blot = |found: &regex::Captures<'_>| format!("{}<{}>", &found["a"], found["v"].len());
    let text = random.replace_all(&everything, blot).into_owned();
    // The app's own date, and the short reference that every page of ours carries.
    let date = Regex::new(r"(?i)\ndate: [^\n]*").unwrap();
    let reference = Regex::new(r">[0-9A-HJKMNP-TV-Z]{8}<").unwrap();
    let text = date.replace_all(&text, "\ndate");
    format!(
        "{}{}",
        page.path(),
        reference.replace_all(&text, ">REFERENCE<")
    )
}

async fn try_password(browser: &mut Browser, name: &str) -> Vec<String> {
    let mut said = Vec::new();
    browser.open("/login").await;
    let wrong = Login {
        name: "",
        password: "not the password",
    };
    browser
        .submit(&[("username", name), ("password", wrong.password)])
        .await;
    said.push(blotted(browser.page()));
    browser.follow_all().await;
    said.push(blotted(browser.page()));
    said
}

fn all_alike(told: &[(&str, Vec<String>)]) {
    let (first, rest) = told.split_first().unwrap();
    for (name, said) in rest {
        assert_eq!(said.len(), first.1.len());
        for (step, (one, other)) in first.1.iter().zip(said).enumerate() {
            assert_eq!(one, other, "step {step}: {} against {name}", first.0);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d12_a_wrong_password_looks_the_same_for_every_name() {
    let (clinic, phone) = clinic().await;
    let mut told = Vec::new();
    for name in NAMES {
        let mut browser = clinic.browser();
        let mut said = try_password(&mut browser, name).await;
        let challenge = browser.get(CHALLENGE).await;
        said.push(blotted(&challenge));
        told.push((name, said));
    }
    assert!(told[0].1[1].contains("is not right"), "{}", told[0].1[1]);
    all_alike(&told);
    audit_is_whole(&clinic).await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d12_case_24_an_answer_nobody_understands_looks_the_same_for_every_name() {
    let (clinic, phone) = clinic().await;
    let mut told = Vec::new();
    for name in NAMES {
        clinic
            .demo
            .as_ref()
            .unwrap()
            .failure_modes([FailureMode::JsonOk]);
        let mut browser = clinic.browser();
        let mut said = try_password(&mut browser, name).await;
        let page = browser.page().clone();
        assert_eq!(
            (page.status, page.path()),
            (200, CHALLENGE),
            "{}",
            page.describe()
        );
        let form = nonce(&page);
        let right = phone.code_at(&clinic.world.clock);
        for code in [
            "000000",
            "12345",
            right.as_str(),
            "AAAA-BBBB-CCCC-DDDD-EEEE",
            "1",
            "2",
        ] {
            // For alice this very code is the one she enrolled with: spent, so as wrong as any.
            let path = if code.len() > 6 {
                "/.anteroom/recovery"
            } else {
                CHALLENGE
            };
            let answer = post(&browser, path, &[("nonce", &form), ("code", code)]).await;
            assert!(
                matches!(answer.status, 422 | 429),
                "{code}: {}",
                answer.describe()
            );
            said.push(blotted(&answer));
        }
        for path in [
            "/.anteroom/enrol",
            "/.anteroom/enrol/code",
            "/.anteroom/recovery-codes",
        ] {
            said.push(blotted(&browser.get(path).await));
        }
        assert!(
            !browser
                .get("/patients/1001")
                .await
                .everything()
                .contains("CANARY-PHI")
        );
        told.push((name, said));
    }
    all_alike(&told);
    // None of this cost alice herself a try: the password was never right.
    assert_eq!(
        crate::ward::listed(&clinic, "alice")
            .await
            .unwrap()
            .throttle
            .consecutive,
        0
    );
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d12_the_comparison_sees_a_difference_where_there_is_one() {
    let (clinic, _) = clinic().await;
    let mut told = Vec::new();
    for (name, password) in [("alice", "Stethoscope-1"), ("bob", "Otoscope-2")] {
        let mut browser = clinic.browser();
        browser.open("/login").await;
        browser
            .submit(&[("username", name), ("password", password)])
            .await;
        told.push(blotted(browser.page()));
    }
    // After the right password the two are told apart: one has a phone, the other has none.
    assert_ne!(told[0], told[1]);
}
