//! kill -9 at the worst moments, with the real binary on the same directory before and after.
//! Not enrolled or fully enrolled, codes spent at most once, the audit chain whole, nobody lost.

use std::time::{Duration, Instant};

use anteroom_core::audit::AuditKind;
use anteroom_core::time::Timestamp;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::Ask;
use anteroom_tests::browser::page::Page;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::binary::Binary;
use anteroom_tests::world::start::eventually;

use super::people::{
    ALICE, BOB, CHEN, Login, MALLORY, codes_on, must_be_closed, must_be_in, must_be_out, password,
    type_code, type_recovery,
};
use super::service::{enrol_now, real};
use super::wards::Ward;

/// The chain holds, by our reading of the file and by the operator's command.
async fn audit_holds(binary: &Binary) {
    let store = binary.store().await;
    let report = store.audit_verify(None).await.unwrap();
    assert!(report.first_problem.is_none(), "{:?}", report.first_problem);
    store.close().await;
    let said = binary.operate(&["audit", "verify"]).await;
    let words = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.status.success(), "{words}");
}

async fn recovery_left(binary: &Binary, name: &str) -> u32 {
    let store = binary.store().await;
    let found = store.subscriber_list(name, 1).await.unwrap();
    store.close().await;
    found[0].recovery_left
}

/// Sends this, and kills the binary while it is under way. `None` when no answer came.
async fn cut_off(
    binary: &mut Binary,
    browser: &Browser,
    ask: &Ask,
    after: Duration,
) -> Option<Page> {
    let sending = browser.fetch(ask);
    let answer = tokio::time::timeout(after, sending).await;
    binary.kill_9();
    answer.ok().and_then(Result::ok)
}

/// Moments spread over the time that such a request takes: no two runs of the test need the same.
fn moments(most: Duration, count: u32) -> impl Iterator<Item = Duration> {
    (0..count).map(move |n| {
        let mut byte = [0];
        anteroom_config::ambient::entropy(&mut byte);
        let within = u32::from(byte[0]);
        most * (n * 256 + within) / (count * 256)
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_password_and_code_she_types_the_code_and_is_in() {
    let ward = Ward::open().await;
    let mut binary = real(&ward, "").await;
    let mut first = binary.browser();
    let codes = enrol_now(&binary, &mut first, ALICE).await;
    let mut browser = binary.browser();
    password(&mut browser, ALICE).await;
    let passwords = ward.record.for_path("/login").len();
    binary.kill_9();
    binary.run().await;
    must_be_in(&mut first).await;
    type_recovery(&mut browser, &codes[0]).await;
    assert_eq!(
        browser.page().path(),
        "/patients",
        "{}",
        browser.page().describe()
    );
    must_be_in(&mut browser).await;
    let again = ward.record.for_path("/login").len();
    assert_eq!(again, passwords, "no password was sent a second time");
    // Killed while a password is under way: nothing of its answer is anywhere, she types it again.
    let mut halfway = binary.browser();
    halfway.open("/patients").await;
    let entries = [("username", ALICE.name), ("password", ALICE.password)];
    let ask = halfway.form_ask(&halfway.form_with(&entries), &entries, None);
    for after in moments(Duration::from_millis(60), 3) {
        if let Some(page) = cut_off(&mut binary, &halfway, &ask, after).await {
            must_be_closed(&page);
        }
        binary.run().await;
        must_be_out(&mut halfway.new_tab()).await;
    }
    let mut fresh = binary.browser();
    password(&mut fresh, ALICE).await;
    type_recovery(&mut fresh, &codes[1]).await;
    must_be_in(&mut fresh).await;
    audit_holds(&binary).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_killed_right_after_the_code_it_was_spent_once_and_the_form_still_opens() {
    let ward = Ward::open().await;
    let limits = "[limits]\nattempts_per_subscriber = 20\n";
    let mut binary = real(&ward, limits).await;
    let mut first = binary.browser();
    let codes = enrol_now(&binary, &mut first, ALICE).await;
    // One that nobody disturbs tells how long it takes, so that the others are cut in the middle.
    let mut calm = binary.browser();
    password(&mut calm, ALICE).await;
    let begun = Instant::now();
    type_recovery(&mut calm, &codes[0]).await;
    let most = begun.elapsed().mul_f32(1.1);
    let (mut answered, mut spent_unheard) = (0, 0);
    for (round, after) in (1..9).zip(moments(most, 8)) {
        let code = &codes[round as usize];
        let mut browser = binary.browser();
        password(&mut browser, ALICE).await;
        let form = browser.page().forms();
        let form = form
            .iter()
            .find(|form| form.is_called("/.anteroom/recovery"))
            .unwrap();
        let ask = browser.form_ask(form, &[("code", code)], None);
        let answer = cut_off(&mut binary, &browser, &ask, after).await;
        let left = recovery_left(&binary, "alice").await;
        let spent = 10 - round - left;
        assert!(spent <= 1, "round {round}: {left} codes left");
        binary.run().await;
        if let Some(page) = answer {
            answered += 1;
            assert_eq!(page.location(), Some("/patients"), "{}", page.describe());
            assert_eq!(spent, 1, "an answer without a spent code");
        } else {
            spent_unheard += spent;
            // She presses the button again: the same form, the same code.
            let again = browser.fetch(&ask).await.unwrap();
            assert_eq!(
                again.location(),
                Some("/patients"),
                "{after:?}: {}",
                again.describe()
            );
        }
        must_be_in(&mut browser).await;
        assert_eq!(
            recovery_left(&binary, "alice").await,
            10 - round - 1,
            "spent once"
        );
        // The code opens nothing for anybody else.
        let mut thief = binary.browser();
        password(&mut thief, ALICE).await;
        type_recovery(&mut thief, code).await;
        assert_eq!(thief.page().status, 422, "{}", thief.page().describe());
        must_be_closed(thief.page());
        must_be_in(&mut first).await;
        audit_holds(&binary).await;
    }
    eprintln!("killed 8 times: {answered} answered, {spent_unheard} spent but not heard");
    let store = binary.store().await;
    let rows = store.audit_tail(2000).await.unwrap();
    let used = rows
        .iter()
        .filter(|row| row.event.kind == AuditKind::RecoveryCodeUsed)
        .count();
    assert_eq!(used, 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_killed_the_moment_a_code_is_spent_the_same_form_opens_the_session_once() {
    let ward = Ward::open().await;
    let mut binary = real(&ward, "").await;
    let codes = enrol_now(&binary, &mut binary.browser(), ALICE).await;
    let mut browser = binary.browser();
    password(&mut browser, ALICE).await;
    let form = browser.page().forms();
    let form = form
        .iter()
        .find(|form| form.is_called("/.anteroom/recovery"))
        .unwrap();
    let ask = browser.form_ask(form, &[("code", &codes[0])], None);
    // Whatever the answer was, it went to a copy of her jar: she never heard it.
    let lost = browser.thief();
    let store = binary.store().await;
    let spent = eventually("the code is spent", async || {
        store.subscriber_list("alice", 1).await.unwrap()[0].recovery_left == 9
    });
    tokio::join!(spent, async { drop(lost.fetch(&ask).await) });
    binary.kill_9();
    store.close().await;
    binary.run().await;
    must_be_out(&mut browser.new_tab()).await;
    let again = browser.fetch(&ask).await.unwrap();
    assert_eq!(again.location(), Some("/patients"), "{}", again.describe());
    must_be_in(&mut browser).await;
    assert_eq!(recovery_left(&binary, "alice").await, 9, "spent once");
    let store = binary.store().await;
    let id = store.subscriber_list("alice", 1).await.unwrap()[0].id;
    assert_eq!(
        store.sessions_of(id).await.unwrap().len(),
        2,
        "this one and the first one"
    );
    audit_holds(&binary).await;
}

/// What an enrolling browser is shown after a restart.
enum Shown {
    /// The same seed as before.
    Seed(Phone),
    /// Fully enrolled: the recovery codes.
    Codes(Vec<String>),
}

async fn looks_again(browser: &mut Browser) -> Shown {
    browser.open("/.anteroom/enrol").await;
    let codes = codes_on(browser.page());
    match Phone::scan(browser.page()) {
        Ok(phone) => Shown::Seed(phone),
        Err(_) if codes.len() == 10 => Shown::Codes(codes),
        Err(_) => panic!("neither seed nor codes: {}", browser.page().describe()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_killed_at_each_step_of_an_enrolment_she_goes_on_where_she_was() {
    let ward = Ward::open().await;
    let mut binary = real(&ward, "").await;
    let mut alice = binary.browser();
    password(&mut alice, ALICE).await;
    alice.take_phone().await;
    let phone = Phone::scan(alice.page()).unwrap();
    binary.kill_9();
    binary.run().await;
    let Shown::Seed(same) = looks_again(&mut alice).await else {
        panic!("nothing was confirmed")
    };
    assert_eq!(
        same.secret(),
        phone.secret(),
        "the phone she scanned is still the right one"
    );

    type_code(&mut alice, &phone.code(binary.now())).await;
    let codes = codes_on(alice.page());
    assert_eq!(codes.len(), 10, "{}", alice.page().describe());
    binary.kill_9();
    binary.run().await;
    let Shown::Codes(again) = looks_again(&mut alice).await else {
        panic!("it was confirmed")
    };
    assert_eq!(again, codes, "the same codes can still be had");
    must_be_out(&mut alice.new_tab()).await;
    alice.press("I have saved them", &[]).await;
    binary.kill_9();
    binary.run().await;
    alice.open("/patients").await;
    must_be_in(&mut alice).await;
    let mut second = binary.browser();
    password(&mut second, ALICE).await;
    type_recovery(&mut second, &codes[0]).await;
    must_be_in(&mut second).await;
    audit_holds(&binary).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_killed_while_an_enrolment_is_confirmed_it_is_none_or_whole() {
    let ward = Ward::open().await;
    let mut binary = real(&ward, "").await;
    let people: [Login; 4] = [ALICE, BOB, MALLORY, CHEN];
    let (mut whole, mut none) = (0, 0);
    for (login, after) in people
        .into_iter()
        .zip(moments(Duration::from_millis(700), 4))
    {
        let mut browser = binary.browser();
        password(&mut browser, login).await;
        browser.take_phone().await;
        let phone = Phone::scan(browser.page()).unwrap();
        let entries = [("code", phone.code(binary.now()))];
        let entries = [(entries[0].0, entries[0].1.as_str())];
        let ask = browser.form_ask(&browser.form_with(&entries), &entries, None);
        let answer = cut_off(&mut binary, &browser, &ask, after).await;
        let store = binary.store().await;
        let found = store.subscriber_list(login.name, 1).await.unwrap();
        store.close().await;
        let enrolled = found.first().is_some_and(|one| one.enrolled_at.is_some());
        if let Some(one) = found.first() {
            let parts = (one.totp_active, one.recovery_left);
            assert_eq!(parts, if enrolled { (1, 10) } else { (0, 0) }, "{after:?}");
        }
        assert!(
            answer.is_none() || enrolled,
            "an answer without an enrolment"
        );
        binary.run().await;
        let codes = match looks_again(&mut browser).await {
            Shown::Codes(codes) => {
                assert!(enrolled);
                whole += 1;
                codes
            }
            Shown::Seed(same) => {
                assert!(!enrolled, "enrolled, but no codes to be had");
                assert_eq!(same.secret(), phone.secret());
                none += 1;
                type_code(&mut browser, &phone.code(binary.now())).await;
                codes_on(browser.page())
            }
        };
        assert_eq!(codes.len(), 10, "{}", browser.page().describe());
        browser.press("I have saved them", &[]).await;
        browser.follow_all().await;
        must_be_in(&mut browser).await;
        let mut second = binary.browser();
        password(&mut second, login).await;
        type_recovery(&mut second, &codes[9]).await;
        must_be_in(&mut second).await;
    }
    eprintln!("killed four times: {whole} whole, {none} not begun");
    audit_holds(&binary).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_crash_people_are_asked_early_never_late() {
    let ward = Ward::open().await;
    let mut binary = real(&ward, "").await;
    let mut browser = binary.browser();
    enrol_now(&binary, &mut browser, ALICE).await;
    must_be_in(&mut browser).await;
    let last = Timestamp::from_millis(i64::try_from((binary.now() + 1) * 1000).unwrap());
    binary.kill_9();
    let store = binary.store().await;
    let id = store.subscriber_list("alice", 1).await.unwrap()[0].id;
    let sessions = store.sessions_of(id).await.unwrap();
    store.close().await;
    assert_eq!(sessions.len(), 1);
    assert!(
        sessions[0].active_at <= last,
        "the store says she was active later than she was"
    );
    binary.run().await;
    must_be_in(&mut browser).await;
}
