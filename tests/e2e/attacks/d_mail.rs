//! Family D, codes by mail: bombing (D10), binding (D11), the weaker way (D19, A16), a changed
//! address (D20), and what others got wrong (advisories B4, C5, C6).

use std::time::Duration;

use anteroom_core::mail_code::MailCode;
use anteroom_store::AddressAdded;
use anteroom_tests::apps::post::PostOffice;
use anteroom_tests::browser::Browser;
use anteroom_tests::require;
use anteroom_tests::world::start::Clinic;

use crate::journeys::mail::{ADDRESS, clinic_with_mail, give_address};
use crate::journeys::mail_code::{
    ENROL_MAIL, MAIL, enrol_by_mail, known_by_address, mail_allowed, press_send, send,
};
use crate::journeys::people::{ALICE, newcomer, password};
use crate::ward::{DAY, MINUTE, id_of, nonce, post as post_form, sees_chart, told};

/// Alice's password typed, and codes by mail her way.
async fn half_way(clinic: &Clinic) -> Browser {
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    assert_eq!(browser.page().path(), MAIL, "{}", browser.page().describe());
    browser
}

async fn by_mail(post: &PostOffice) -> Clinic {
    let clinic = clinic_with_mail(post, &mail_allowed()).await;
    known_by_address(&clinic).await;
    enrol_by_mail(&clinic, post).await;
    post.wait_for(2);
    clinic.world.clock.advance(20 * MINUTE);
    clinic
}

async fn type_code(browser: &mut Browser, code: &str) -> u16 {
    browser.submit(&[("code", code)]).await;
    browser.follow_all().await.status
}

fn other(code: &str) -> String {
    let number: u64 = code.parse().expect("digits");
    let mut random = [0; 16];
    random[8..].copy_from_slice(&((number + 1) % 100_000_000).to_be_bytes());
    MailCode::mint(&random).expose().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d10_resending_is_bounded_over_all_sessions_and_says_when() {
    let post = require!(PostOffice::open());
    let clinic = by_mail(&post).await;
    let before = post.mails().len();
    let mut alice = half_way(&clinic).await;
    for _ in 0..2 {
        send(&mut alice, &post).await;
    }
    let mut another = half_way(&clinic).await;
    send(&mut another, &post).await;
    for browser in [&mut alice, &mut another] {
        let page = press_send(browser).await;
        assert_eq!(page.status, 429, "{}", page.describe());
        assert!(page.has("Enough messages were sent"), "{}", page.describe());
    }
    assert_eq!(post.mails().len(), before + 3);
    // What was sent still counts.
    let code = post.mails().pop().expect("a mail").code();
    assert_eq!(type_code(&mut another, &code).await, 200);
    assert!(sees_chart(&mut another).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d11_a_code_counts_in_its_own_login_the_newest_only_ten_minutes_and_once() {
    let post = require!(PostOffice::open());
    let clinic = by_mail(&post).await;
    let mut thief = half_way(&clinic).await;
    let mut alice = half_way(&clinic).await;
    let first = send(&mut alice, &post).await;
    // In another login of hers, through the form of that one.
    let stolen = send(&mut thief, &post).await;
    assert_eq!(type_code(&mut thief, &first).await, 422);
    assert_eq!(type_code(&mut alice, &stolen).await, 422);
    let newest = send(&mut alice, &post).await;
    assert_eq!(
        type_code(&mut alice, &first).await,
        422,
        "a newer one was sent"
    );
    clinic.world.clock.advance(Duration::from_secs(9 * 60));
    assert_eq!(type_code(&mut alice, &newest).await, 200);
    assert!(sees_chart(&mut alice).await);
    assert_eq!(
        type_code(&mut thief, &newest).await,
        422,
        "spent, and not of this login"
    );

    clinic.world.clock.advance(20 * MINUTE);
    let mut late = half_way(&clinic).await;
    let code = send(&mut late, &post).await;
    clinic.world.clock.advance(Duration::from_secs(10 * 60 + 1));
    // The login went with it: what comes is the app's own form again.
    type_code(&mut late, &code).await;
    assert!(!sees_chart(&mut late).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c5_five_wrong_codes_end_the_sent_one_and_a_new_one_brings_no_new_tries() {
    let post = require!(PostOffice::open());
    let lines = format!("{}[app.throttle]\nfree_tries = 10\n", mail_allowed());
    let clinic = clinic_with_mail(&post, &lines).await;
    known_by_address(&clinic).await;
    enrol_by_mail(&clinic, &post).await;
    post.wait_for(2);
    clinic.world.clock.advance(20 * MINUTE);

    let mut thief = half_way(&clinic).await;
    let form_nonce = nonce(thief.page());
    for round in 0..2 {
        let code = send(&mut thief, &post).await;
        let wrong = other(&code);
        for _ in 0..5 {
            let fields = [("nonce", form_nonce.as_str()), ("code", wrong.as_str())];
            let answer = post_form(&thief, MAIL, &fields).await;
            assert!(matches!(answer.status, 422 | 429), "{}", answer.describe());
        }
        let fields = [("nonce", form_nonce.as_str()), ("code", code.as_str())];
        let answer = post_form(&thief, MAIL, &fields).await;
        let expected = if round == 0 { 422 } else { 429 };
        assert_eq!(answer.status, expected, "{}", answer.describe());
        if round == 0 {
            thief.open(MAIL).await;
        }
    }
    assert!(!sees_chart(&mut thief).await);
    assert!(told(&clinic, "throttle_paused").await >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c6_without_a_pending_login_there_is_nothing_to_send_and_nothing_to_learn() {
    let post = require!(PostOffice::open());
    let clinic = by_mail(&post).await;
    let before = post.mails().len();
    let mut answers = Vec::new();
    for login in [None, Some(("alice", "wrong")), Some(("nobody", "wrong"))] {
        let mut browser = clinic.browser();
        browser.open("/patients").await;
        if let Some((name, secret)) = login {
            let entries = [("username", name), ("password", secret)];
            browser.submit(&entries).await;
            browser.follow_all().await;
        }
        let nonce = "00".repeat(16);
        let answer = post_form(&browser, "/.anteroom/mail/send", &[("nonce", &nonce)]).await;
        answers.push((answer.status, answer.body.len()));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(post.mails().len(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d19_a16_who_holds_a_phone_is_never_let_in_by_mail_whatever_is_asked_for() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let id = id_of(&clinic, "alice").await;
    let added = give_address(&clinic, id, ADDRESS).await;
    assert!(matches!(added, AddressAdded::Added { .. }));
    clinic.world.clock.advance(2 * DAY);

    let mut thief = clinic.browser();
    let page = crate::ward::password(&mut thief, crate::ward::ALICE).await;
    assert_eq!(page.path(), "/.anteroom/challenge", "{}", page.describe());
    let nonce = nonce(&page);
    for path in ["/.anteroom/mail/send", "/.anteroom/enrol/email/send"] {
        let fields = [("nonce", nonce.as_str()), ("method", "email")];
        let answer = post_form(&thief, path, &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.describe());
    }
    let page = thief.open(MAIL).await;
    assert_ne!(page.path(), MAIL, "{}", page.describe());
    assert!(!page.has("Send a code"), "{}", page.describe());
    let page = thief.open(ENROL_MAIL).await;
    assert_ne!(page.path(), ENROL_MAIL, "{}", page.describe());
    assert!(
        post.mails()
            .iter()
            .all(|mail| !mail.subject().contains("sign-in code"))
    );
    assert!(told(&clinic, "mail_code_refused").await >= 1);
    crate::journeys::people::all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d20_a_changed_address_is_told_to_the_old_one_and_gets_no_code_for_a_day() {
    let post = require!(PostOffice::open());
    let clinic = by_mail(&post).await;
    let id = id_of(&clinic, "alice").await;
    let known = clinic.store().addresses_of(id).await.expect("the store");
    let added = give_address(&clinic, id, "evil@thief.test").await;
    let AddressAdded::Added { codes_from, .. } = added else {
        panic!("{added:?}");
    };
    assert_eq!(codes_from, clinic.now().plus(DAY));
    let mails = post.wait_for(3);
    assert_eq!(mails[2].to, [ADDRESS]);
    let paper = anteroom_store::Paper::of("olga", clinic.now()).because("moved");
    let removed = clinic
        .store()
        .address_remove(id, known[0].id, false, paper)
        .await;
    assert!(removed.expect("the store"));
    post.wait_for(5);

    let thief = half_way(&clinic).await;
    assert!(
        thief
            .page()
            .has("no e-mail address of yours that may receive codes now"),
        "{}",
        thief.page().describe()
    );
    let before = post.mails().len();
    let fields = [("nonce", nonce(thief.page()))];
    let fields = fields
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    post_form(&thief, "/.anteroom/mail/send", &fields).await;
    assert_eq!(post.mails().len(), before);
    clinic.world.clock.advance(DAY);
    let mut later = half_way(&clinic).await;
    send(&mut later, &post).await;
    assert_eq!(post.mails().pop().expect("a mail").to, ["evil@thief.test"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b4_an_address_in_the_request_is_nobodys() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;
    // Nobody wrote an address down for her: the way is not there at all.
    let mut thief = clinic.browser();
    password(&mut thief, ALICE).await;
    let form_nonce = nonce(thief.page());
    let page = thief.open(ENROL_MAIL).await;
    assert_ne!(page.path(), ENROL_MAIL, "{}", page.describe());
    let fields = [
        ("nonce", form_nonce.as_str()),
        ("email", "evil@thief.test"),
        ("address", "evil@thief.test"),
    ];
    post_form(&thief, "/.anteroom/enrol/email/send", &fields).await;
    post_form(
        &thief,
        "/.anteroom/enrol/email?email=evil@thief.test",
        &fields,
    )
    .await;
    drop(thief);

    // And where one is on file, the code goes there.
    known_by_address(&clinic).await;
    let mut thief = clinic.browser();
    password(&mut thief, ALICE).await;
    let page = thief.open(ENROL_MAIL).await;
    let form_nonce = nonce(&page);
    let fields = [("nonce", form_nonce.as_str()), ("email", "evil@thief.test")];
    post_form(&thief, "/.anteroom/enrol/email/send", &fields).await;
    assert_eq!(post.wait_for(1)[0].to, [ADDRESS]);
}
