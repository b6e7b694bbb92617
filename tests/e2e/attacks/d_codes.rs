//! Family D, guessing a code: many sessions, addresses and spellings, washing the counter
//! (D01-D03). The counter is one per person, whatever session, address, protocol or method a guess
//! comes by. What a right code is worth is `d_spending`'s.

use anteroom_store::Paper;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::browser::send::Protocol;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, open_enrolment};

use crate::ward::{
    ALICE, BOB, CHALLENGE, DAY, HOUR, all_is_well, at_challenge, enrolled, id_of, nonce, password,
    post, sees_chart, sessions_of, sign_in, start_over, told,
};

pub(super) const RECOVERY: &str = "/.anteroom/recovery";

pub(super) async fn clinic(throttle: &str) -> Clinic {
    let lines = format!("{}[app.throttle]\n{throttle}\n", open_enrolment("demo"));
    Clinic::with_demo_as(&lines, "").await
}

/// What the throttle says in place of a form: seconds to wait.
pub(super) fn pause(page: &Page) -> Option<u64> {
    let seconds = page
        .header("retry-after")
        .and_then(|text| text.parse().ok());
    (page.status == 429).then(|| seconds.expect("a pause says how long it is"))
}

/// One guess in a fresh login. Waits out a pause first, and gives it.
pub(super) async fn guess(
    clinic: &Clinic,
    mut thief: Browser,
    by: &str,
    code: &str,
) -> Option<u64> {
    let mut page = password(&mut thief, ALICE).await;
    let waited = pause(&page);
    if let Some(seconds) = waited {
        start_over(&thief).await;
        clinic
            .world
            .clock
            .advance(std::time::Duration::from_secs(seconds));
        page = password(&mut thief, ALICE).await;
    }
    assert_eq!(
        (page.status, page.path()),
        (200, CHALLENGE),
        "{}",
        page.describe()
    );
    let answer = post(&thief, by, &[("nonce", &nonce(&page)), ("code", code)]).await;
    assert!(
        matches!(answer.status, 422 | 429 | 403),
        "{}",
        answer.describe()
    );
    if answer.status != 403 {
        start_over(&thief).await;
    }
    waited
}

/// No code of hers counts any more, she is told, and the others are not touched.
pub(super) async fn she_is_stopped(clinic: &Clinic, phone: &Phone) {
    assert_eq!(told(clinic, "authenticator_disabled").await, 1);
    assert!(told(clinic, "password_may_be_stolen").await >= 1);
    clinic.world.clock.advance(2 * HOUR);
    let mut thief = clinic.browser();
    let page = password(&mut thief, ALICE).await;
    assert_eq!(page.status, 403, "{}", page.describe());
    assert!(!sees_chart(&mut thief).await);
    let (_, bobs, _) = enrolled(clinic, BOB).await;
    all_is_well(clinic, BOB, &bobs).await;
    let (id, now) = (id_of(clinic, "alice").await, clinic.now());
    assert!(
        clinic
            .store()
            .subscriber_unlock(id, &Paper::of("helen", now))
            .await
            .unwrap()
    );
    all_is_well(clinic, ALICE, phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d01_guessing_over_many_sessions_meets_growing_pauses_and_a_ceiling() {
    let clinic = clinic("disable_at = 12").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let wrong = phone.wrong_code(clinic.world.clock.now());
    let mut pauses = Vec::new();
    for _ in 0..12 {
        pauses.extend(guess(&clinic, clinic.browser(), CHALLENGE, &wrong).await);
    }
    assert_eq!(
        pauses,
        [30, 60, 120, 240, 480, 960, 1920],
        "free tries, then doubling"
    );
    assert_eq!(told(&clinic, "challenge_failed").await, 12);
    she_is_stopped(&clinic, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d02_addresses_protocols_methods_and_forged_fields_share_the_same_counter() {
    let clinic = clinic("disable_at = 12").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let wrong = phone.wrong_code(clinic.world.clock.now());
    for round in 0..12_u8 {
        let thief = clinic
            .browser()
            .from_address(&format!("127.0.1.{}", round + 1))
            .always("X-Forwarded-For", &format!("10.9.8.{round}"))
            .called(&format!("agent {round}"))
            .over(if round % 2 == 0 {
                Protocol::H1
            } else {
                Protocol::H2
            });
        let (by, code) = match round % 3 {
            0 => (RECOVERY, "AAAA-BBBB-CCCC-DDDD-EEEE"),
            1 => (RECOVERY, wrong.as_str()),
            _ => (CHALLENGE, wrong.as_str()),
        };
        guess(&clinic, thief, by, code).await;
    }
    assert_eq!(told(&clinic, "challenge_failed").await, 12);
    she_is_stopped(&clinic, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d02_no_other_spelling_of_our_address_takes_a_code() {
    let clinic = clinic("").await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let mut alice = at_challenge(&clinic, ALICE).await;
    let form = nonce(alice.page());
    let code = phone.code_at(&clinic.world.clock);
    for alias in [
        "/.anteroom/./challenge",
        "/.anteroom//challenge",
        "//.anteroom/challenge",
        "/.ANTEROOM/challenge",
        "/.anteroom/challenge/",
        "/.anteroom/challenge;x=1",
        "/.anteroom/%63hallenge",
        "/.anteroom%2fchallenge",
        "/x/../.anteroom/challenge",
        "/.anteroom/challenge2",
    ] {
        let body = format!("nonce={form}&code={code}");
        let cookie = alice.cookie("__Host-anteroom").unwrap();
        let request = format!(
            "POST {alias} HTTP/1.1¶Host: emr.test¶Sec-Fetch-Site: same-origin¶\
             Sec-Fetch-Mode: navigate¶Sec-Fetch-Dest: document¶Cookie: __Host-anteroom={cookie}¶\
             Content-Type: application/x-www-form-urlencoded¶Content-Length: {}¶¶{body}",
            body.len(),
        );
        let answer = crate::ward::knock(&clinic, &request).await.unwrap();
        assert!(
            !(200..400).contains(&answer.status),
            "{alias}: {}",
            answer.everything()
        );
        assert_eq!(sessions_of(&clinic, "alice").await, 1, "{alias}");
    }
    alice.submit(&[("code", &code)]).await;
    assert_eq!(alice.follow_all().await.path(), "/patients");
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d03_successes_in_between_do_not_wash_the_rolling_count() {
    let clinic = clinic("rolling_cap = 12").await;
    let (_, phone, codes) = enrolled(&clinic, ALICE).await;
    let wrong = phone.wrong_code(clinic.world.clock.now());
    for round in 0..3 {
        for _ in 0..4 {
            assert_eq!(
                guess(&clinic, clinic.browser(), CHALLENGE, &wrong).await,
                None
            );
        }
        clinic.world.clock.next_step();
        if round == 0 {
            sign_in(&clinic, ALICE, &phone).await;
        } else if round == 1 {
            let mut alice = at_challenge(&clinic, ALICE).await;
            alice
                .submit_form("/.anteroom/recovery", &[("code", &codes[0])])
                .await;
            assert_eq!(alice.follow_all().await.path(), "/patients");
        }
    }
    // Twelve wrong ones within the month, four of them in a row at most: the cap is reached.
    let mut alice = at_challenge(&clinic, ALICE).await;
    let right = phone.code_at(&clinic.world.clock);
    let page = alice.submit(&[("code", &right)]).await;
    assert_eq!(page.status, 403, "{}", page.describe());
    assert!(!sees_chart(&mut alice).await);
    clinic.world.clock.advance(31 * DAY);
    all_is_well(&clinic, ALICE, &phone).await;
}
