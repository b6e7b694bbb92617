//! Codes by mail on a person's own page: bound to that act and session (D11), bounded with those of
//! sign-ins (D10), never sent to who holds more (D19). What an honest person sees is
//! `journeys::mail_code`'s; codes by mail at a sign-in are `d_mail`'s.

use anteroom_tests::apps::post::PostOffice;
use anteroom_tests::browser::Browser;
use anteroom_tests::own_pages::ME;
use anteroom_tests::phone::Phone;
use anteroom_tests::require;
use anteroom_tests::world::start::Clinic;

use crate::journeys::mail::clinic_with_mail;
use crate::journeys::mail_code::{
    MAIL, enrol_by_mail, known_by_address, mail_allowed, press_send, send,
};
use crate::journeys::people::{ALICE, password};
use crate::ward::{CHALLENGE, HOUR, MINUTE, give_code, nonce, post as post_form, sees_chart, told};

const ADD: &str = "/.anteroom/me/add";
const SEND: &str = "/.anteroom/me/add/send";

/// Alice, signed in by a code in her mail: one of three that she may have in a quarter of an hour.
async fn stage(post: &PostOffice) -> (Clinic, Browser) {
    let fresh = "[app.login]\n[[app.login.fresh]]\npath = \"/patients/1002\"\nwithin = \"5 min\"\n";
    let clinic = clinic_with_mail(post, &(mail_allowed() + fresh)).await;
    known_by_address(&clinic).await;
    enrol_by_mail(&clinic, post).await;
    post.wait_for(2);
    clinic.world.clock.advance(20 * MINUTE);
    let mut alice = half_way(&clinic).await;
    let code = send(&mut alice, post).await;
    alice.submit(&[("code", &code)]).await;
    alice.follow_all().await;
    assert!(sees_chart(&mut alice).await);
    (clinic, alice)
}

/// Alice's password typed, and codes by mail her way.
async fn half_way(clinic: &Clinic) -> Browser {
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    browser.page().must_stand_at(MAIL);
    browser
}

/// Fills the form that this browser shows, with the right first code of its own seed.
async fn add(clinic: &Clinic, browser: &mut Browser, code: &str) {
    browser.open(ADD).await;
    let phone = Phone::scan(browser.page()).expect("a QR code");
    let first = phone.code_at(&clinic.world.clock);
    browser
        .submit(&[("label", "Mine"), ("first", &first), ("code", code)])
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d11_a_code_for_her_page_counts_for_that_act_in_that_session_once() {
    let post = require!(PostOffice::open());
    let (clinic, mut alice) = stage(&post).await;
    let lent = give_code(&clinic, "alice", 1, HOUR).await;
    let mut other = half_way(&clinic).await;
    other.open("/.anteroom/recovery").await;
    other.submit(&[("code", &lent)]).await;
    other.follow_all().await;
    assert!(sees_chart(&mut other).await);
    let mut thief = half_way(&clinic).await;
    let of_thief = nonce(thief.page());

    alice.open(ADD).await;
    let code = send(&mut alice, &post).await;
    // At a challenge, in another session of hers, and for another act it is nothing.
    let fields = [("nonce", of_thief.as_str()), ("code", code.as_str())];
    post_form(&thief, MAIL, &fields).await.must_be(422);
    assert!(!sees_chart(&mut thief).await);
    add(&clinic, &mut other, &code).await;
    other.page().must_be(422);
    alice.open("/.anteroom/me/end-others").await;
    alice.submit(&[("code", &code)]).await;
    alice.page().must_be(422);
    // Nor is the code of a sign-in anything here.
    thief.open(MAIL).await;
    let of_login = send(&mut thief, &post).await;
    add(&clinic, &mut alice, &of_login).await;
    alice.page().must_be(422);
    assert_eq!(told(&clinic, "authenticator_added").await, 0);
    add(&clinic, &mut alice, &code).await;
    alice.page().must_lead_to(ME);
    assert_eq!(told(&clinic, "authenticator_added").await, 1);

    // Spent; and with a phone on file neither code is worth anything any more.
    clinic.world.clock.next_step();
    add(&clinic, &mut alice, &code).await;
    alice.page().must_be(422);
    let fields = [("nonce", of_thief.as_str()), ("code", of_login.as_str())];
    post_form(&thief, MAIL, &fields).await;
    assert!(!sees_chart(&mut thief).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d11_a_code_for_her_page_unlocks_nothing_in_the_very_session_it_was_sent_for() {
    let post = require!(PostOffice::open());
    let (clinic, mut alice) = stage(&post).await;
    clinic.world.clock.advance(6 * MINUTE);
    alice.open(ADD).await;
    let code = send(&mut alice, &post).await;
    let hers = nonce(alice.page());
    alice.open("/patients/1002").await;
    alice.page().must_stand_at(CHALLENGE);
    let fields = [("nonce", hers.as_str()), ("code", code.as_str())];
    for place in [CHALLENGE, MAIL] {
        let page = post_form(&alice, place, &fields).await;
        assert_ne!(page.status, 200, "{}", page.describe());
        assert_eq!(told(&clinic, "session_unlocked").await, 0);
    }
    let page = alice.open("/patients/1002").await;
    assert!(!page.everything().contains("CANARY-PHI"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d10_codes_for_her_page_are_counted_with_those_of_sign_ins_and_the_newest_counts() {
    let post = require!(PostOffice::open());
    let (clinic, mut alice) = stage(&post).await;
    alice.open(ADD).await;
    let first = send(&mut alice, &post).await;
    let newest = send(&mut alice, &post).await;
    let before = post.mails().len();
    let page = press_send(&mut alice).await;
    page.must_be(429);
    page.must_say("Enough messages were sent");
    page.must_say("Another one can be sent in");
    assert_eq!(post.mails().len(), before);
    let mut elsewhere = half_way(&clinic).await;
    press_send(&mut elsewhere).await.must_be(429);
    add(&clinic, &mut alice, &first).await;
    alice.page().must_be(422);
    add(&clinic, &mut alice, &newest).await;
    alice.page().must_lead_to(ME);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d19_a_form_kept_from_before_sends_nothing_to_who_has_a_phone_now() {
    let post = require!(PostOffice::open());
    let (clinic, mut alice) = stage(&post).await;
    alice.open(ADD).await;
    let forms = alice.page().forms();
    let kept = forms.iter().find(|form| form.action == SEND);
    let kept = kept.expect("a form that sends").fields.clone();
    let kept = kept.iter().find(|field| field.name == "nonce");
    let kept = kept.expect("a nonce").value.clone();
    let code = send(&mut alice, &post).await;
    // Neither another form's nonce nor none sends one.
    let foreign = nonce(&alice.new_tab().open("/.anteroom/me/not-me").await);
    for bad in ["", &foreign] {
        post_form(&alice, SEND, &[("nonce", bad)])
            .await
            .must_be(403);
    }
    add(&clinic, &mut alice, &code).await;
    alice.page().must_lead_to(ME);
    let before = told(&clinic, "mail_code_sent").await;
    let page = post_form(&alice, SEND, &[("nonce", &kept)]).await;
    page.must_lead_to(ADD);
    assert_eq!(told(&clinic, "mail_code_sent").await, before);
    assert_eq!(told(&clinic, "mail_code_refused").await, 1);
}
