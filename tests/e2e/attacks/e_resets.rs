//! E05 and B5 to B8: resets that somebody was talked into, too many of them, by one alone where two
//! are needed; links used twice; a stale session that would change factors. Telling the person by
//! mail is not there yet and not tested here.

use anteroom_core::operator::Role;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, eventually, open_enrolment};

use super::e_bench::{
    CHECK, api, bare, cookie, desk_with, invite, is_in, known, look, post, rows, stage, token,
    word_on,
};
use crate::desk::{DESK_COOKIE, Operator, PASSPHRASE, invited, operator};
use crate::ward::{
    ALICE, MINUTE, OURS, audit_is_whole, enrolled, listed, password, recovery_codes, sees_chart,
    sessions_of, told,
};

const WHY: [(&str, &str); 2] = [("reason", "lost her phone"), ("check", CHECK)];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e05_no_reset_without_a_reason_and_without_knowing_the_caller() {
    let (clinic, olga, alice) = stage().await;
    let bearer = token(&olga, &["people:help"]).await;
    let (page_of, api_of) = (
        format!("/people/{alice}/reset"),
        format!("/api/v1/people/{alice}/reset"),
    );
    let (long, before) = ("x".repeat(151), rows(&clinic).await);
    for (reason, check) in [
        ("", CHECK),
        ("   ", CHECK),
        ("\u{a0}\u{2003}", CHECK),
        (long.as_str(), CHECK),
        ("lost", ""),
        ("lost", "she sounded nice"),
        ("lost", "IN PERSON"),
    ] {
        let page = post(
            &olga.browser,
            &page_of,
            &[("reason", reason), ("check", check)],
        )
        .await;
        assert_eq!(
            page.status,
            422,
            "{reason:?} {check:?}: {}",
            page.describe()
        );
        let body = serde_json::json!({"reason": reason, "identity_check": check}).to_string();
        let answer = api(&clinic, "POST", &api_of, &bearer, &body).await;
        assert_eq!(answer.status, 400, "{reason:?} {check:?}");
    }
    for body in ["{}", "{\"reason\":\"x\"}", "[]", "null", "{\"reason\":1}"] {
        let answer = api(&clinic, "POST", &api_of, &bearer, body).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    assert_eq!(rows(&clinic).await, before);
    let page = post(&olga.browser, &page_of, &WHY).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert_eq!(told(&clinic, "identity_checked").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e05_one_operator_resets_so_many_an_hour_however_she_asks() {
    let clinic = desk_with("resets_per_hour = 3").await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let nora = operator(&clinic, "nora", Role::Helpdesk).await;
    let bearer = token(&maria, &["people:help"]).await;
    let mut people = Vec::new();
    for name in ["ann", "ben", "cleo", "dan", "eve", "finn", "gus", "hal"] {
        people.push(invite(&clinic, name).await);
    }
    let paths: Vec<String> = people
        .iter()
        .map(|id| format!("/people/{id}/reset"))
        .collect();
    let at_once = paths.iter().map(|path| post(&maria.browser, path, &WHY));
    let pages = futures_util::future::join_all(at_once).await;
    let done = pages.iter().filter(|page| page.status == 200).count();
    assert_eq!(done, 3, "at once as few as one after the other");
    assert_eq!(told(&clinic, "subscriber_reset").await, 3);
    let body = serde_json::json!({"reason": "x", "identity_check": CHECK}).to_string();
    let path = format!("/api{}", paths[0].replace("/people", "/v1/people"));
    assert_eq!(
        api(&clinic, "POST", &path, &bearer, &body).await.status,
        429
    );
    let page = post(&nora.browser, &paths[0], &WHY).await;
    assert_eq!(page.status, 200, "another operator: {}", page.describe());
    clinic.world.clock.advance(61 * MINUTE);
    assert_eq!(
        api(&clinic, "POST", &path, &bearer, &body).await.status,
        200
    );
    assert_eq!(told(&clinic, "subscriber_reset").await, 5);
}

async fn approval(clinic: &Clinic) -> i64 {
    let open = clinic.store().approvals_open(clinic.now()).await;
    open.expect("the store answers")[0].id.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e05_an_operators_reset_takes_two_owners() {
    let clinic = desk_with("four_eyes_operators = true").await;
    let olga = operator(&clinic, "olga", Role::Owner).await;
    let omar = operator(&clinic, "omar", Role::Owner).await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let nora = operator(&clinic, "nora", Role::Helpdesk).await;
    let page = post(&olga.browser, "/operators/maria/reset", &WHY).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert!(!page.text().contains("/set-up/") && is_in(&maria.browser).await);
    let id = approval(&clinic).await;
    let (grant, refuse) = (
        format!("/approvals/{id}/grant"),
        format!("/approvals/{id}/refuse"),
    );
    assert_eq!(
        post(&olga.browser, &grant, &[]).await.status,
        422,
        "her own"
    );
    for path in [&grant, &refuse] {
        for who in [&maria, &nora] {
            assert_eq!(
                post(&who.browser, path, &[]).await.status,
                403,
                "{} {path}",
                who.name
            );
        }
    }
    assert!(is_in(&maria.browser).await);
    let page = post(&omar.browser, &grant, &[]).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert!(
        page.text().contains("https://admin.test/set-up/"),
        "{}",
        page.describe()
    );
    assert!(!is_in(&maria.browser).await);
    assert_eq!(post(&omar.browser, &grant, &[]).await.status, 404, "once");
    assert_eq!(told(&clinic, "operator_reset").await, 1);
    audit_is_whole(&clinic).await;
}

const CHIEFS: &str = "[[admin.group]]\nname = \"Chiefs\"\nrealm = \"emr\"\npeople = [\"alice\"]";

async fn asked(clinic: &Clinic, by: &Operator, alice: i64) -> String {
    let page = post(&by.browser, &format!("/people/{alice}/reset"), &WHY).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert_eq!(told(clinic, "subscriber_reset").await, 0);
    format!("/approvals/{}/grant", approval(clinic).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e05_a_chiefs_reset_takes_two_and_counts_once() {
    let clinic = desk_with(CHIEFS).await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let nora = operator(&clinic, "nora", Role::Helpdesk).await;
    let nina = operator(&clinic, "nina", Role::Helpdesk).await;
    let ada = operator(&clinic, "ada", Role::Auditor).await;
    let (alice, bob) = (invite(&clinic, "alice").await, invite(&clinic, "bob").await);
    let bearer = token(&maria, &["people:help"]).await;
    let body = serde_json::json!({"reason": "x", "identity_check": CHECK}).to_string();
    let path = format!("/api/v1/people/{alice}/reset");
    assert_eq!(
        api(&clinic, "POST", &path, &bearer, &body).await.status,
        202,
        "it waits"
    );
    let grant = asked(&clinic, &maria, alice).await;
    assert_eq!(
        post(&maria.browser, &grant, &[]).await.status,
        422,
        "her own"
    );
    assert_eq!(
        post(&ada.browser, &grant, &[]).await.status,
        403,
        "she only reads"
    );
    // A merge would do as much, in either direction and under another spelling.
    for (whom, other) in [(alice, "bob"), (bob, "alice"), (bob, "ALICE")] {
        let mut pairs = WHY.to_vec();
        pairs.push(("other", other));
        let page = post(&nora.browser, &format!("/people/{whom}/merge"), &pairs).await;
        assert_eq!(page.status, 422, "{other}: {}", page.describe());
    }
    assert_eq!(told(&clinic, "subscribers_merged").await, 0);
    let (one, two) = tokio::join!(
        post(&nora.browser, &grant, &[]),
        post(&nina.browser, &grant, &[])
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404], "one of two");
    assert_eq!(told(&clinic, "subscriber_reset").await, 1);
    assert_eq!(told(&clinic, "approval_granted").await, 1);
    let page = post(&maria.browser, &format!("/people/{bob}/reset"), &WHY).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert_eq!(
        told(&clinic, "subscriber_reset").await,
        2,
        "others need one"
    );
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e05_what_was_asked_for_lapses_with_the_hour_and_with_its_askers_rights() {
    let clinic = desk_with(CHIEFS).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let mut nora = operator(&clinic, "nora", Role::Helpdesk).await;
    let alice = invite(&clinic, "alice").await;
    let grant = asked(&clinic, &maria, alice).await;
    let page = post(
        &olga.browser,
        "/operators/maria/role",
        &[("role", "auditor")],
    )
    .await;
    assert_eq!(page.status, 303, "{}", page.describe());
    assert_eq!(
        post(&nora.browser, &grant, &[]).await.status,
        404,
        "she was demoted"
    );
    let grant = asked(&clinic, &olga, alice).await;
    clinic.world.clock.advance(61 * MINUTE);
    nora.sign_in(&clinic).await;
    olga.sign_in(&clinic).await;
    assert_eq!(
        post(&nora.browser, &grant, &[]).await.status,
        404,
        "an hour is over"
    );
    let grant = asked(&clinic, &nora, alice).await;
    let page = post(
        &olga.browser,
        "/operators/nora/disable",
        &[("reason", "left")],
    )
    .await;
    assert_eq!(page.status, 303, "{}", page.describe());
    assert_eq!(
        post(&olga.browser, &grant, &[]).await.status,
        404,
        "she was disabled"
    );
    assert_eq!(told(&clinic, "subscriber_reset").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e05_a_reset_ends_sessions_shows_no_seed_and_signs_nobody_in() {
    let lines = format!("identity_checks = [\"{CHECK}\"]");
    let clinic = Clinic::with_admin(&open_enrolment("demo"), &lines).await;
    let (mut hers, phone, codes) = enrolled(&clinic, ALICE).await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    assert!(sees_chart(&mut hers).await);
    let id = listed(&clinic, "alice").await.expect("known").id;
    let page = look(&maria.browser, &format!("/people/{id}")).await;
    let reset = post(&maria.browser, &format!("/people/{id}/reset"), &WHY).await;
    assert_eq!(reset.status, 200, "{}", reset.describe());
    for page in [&page, &reset] {
        assert!(
            !page.everything().contains(phone.secret()),
            "{}",
            page.describe()
        );
        for code in &codes {
            assert!(!page.everything().contains(code), "{}", page.describe());
        }
        assert!(page.headers.all("set-cookie").is_empty());
    }
    assert_eq!(sessions_of(&clinic, "alice").await, 0);
    let hers = tokio::sync::Mutex::new(hers);
    eventually("the gateway hears of it", async || {
        !sees_chart(&mut *hers.lock().await).await
    })
    .await;
    // The password alone enrols nobody now, nor does the old phone help.
    let mut thief = clinic.browser();
    let page = password(&mut thief, ALICE).await;
    assert!(Phone::scan(&page).is_err(), "{}", page.describe());
    assert!(!sees_chart(&mut thief).await);
    assert!(thief.cookie(OURS).is_none() || !sees_chart(&mut thief).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b8_of_two_who_use_one_link_at_once_one_gets_a_factor() {
    let clinic = desk_with("").await;
    let link = invited(&clinic, "olga", Role::Owner).await;
    let mut each = Vec::new();
    for _ in 0..3 {
        let mut browser = clinic.desk();
        browser.open(&link).await;
        browser
            .submit(&[("password", PASSPHRASE), ("again", PASSPHRASE)])
            .await;
        let page = browser.follow_all().await;
        let phone = Phone::scan(&page).expect("a QR code");
        let pairs = [
            ("csrf", word_on(&page)),
            ("code", phone.code_at(&clinic.world.clock)),
        ];
        each.push((browser, pairs));
    }
    let at_once = each.iter().map(|(browser, pairs)| async move {
        let pairs = pairs
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        bare(browser, "/set-up/phone", &pairs).await
    });
    let pages = futures_util::future::join_all(at_once).await;
    let mut statuses: Vec<u16> = pages.iter().map(|page| page.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410, 410]);
    let mut signed_in = 0;
    for (browser, _) in &each {
        signed_in += usize::from(is_in(browser).await);
    }
    assert_eq!(signed_in, 1);
    let id = known(&clinic, "olga").await.id;
    let held = clinic
        .store()
        .operator_authenticators(id)
        .await
        .expect("it answers");
    assert_eq!(held.len(), 1, "exactly one");
    assert_eq!(look(&clinic.desk(), &link).await.status, 410);
    let pairs = [
        ("token", link.trim_start_matches("/set-up/")),
        ("password", PASSPHRASE),
        ("again", PASSPHRASE),
    ];
    assert_eq!(bare(&clinic.desk(), "/set-up", &pairs).await.status, 410);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b8_a_link_is_dead_after_a_reset_and_at_its_end() {
    let (clinic, olga, _) = stage().await;
    let link = invited(&clinic, "nadia", Role::Owner).await;
    let mut browser = clinic.desk();
    browser.open(&link).await;
    browser
        .submit(&[("password", PASSPHRASE), ("again", PASSPHRASE)])
        .await;
    let page = browser.follow_all().await;
    let phone = Phone::scan(&page).expect("a QR code");
    let made = post(&olga.browser, "/operators/nadia/link", &[]).await;
    assert_eq!(made.status, 200, "{}", made.describe());
    let pairs = [
        ("csrf", word_on(&page)),
        ("code", phone.code_at(&clinic.world.clock)),
    ];
    let pairs = pairs
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    assert_eq!(
        bare(&browser, "/set-up/phone", &pairs).await.status,
        410,
        "a newer link is out"
    );
    assert_eq!(look(&clinic.desk(), &link).await.status, 410);
    let newer = made.text();
    let start = newer.find("/set-up/").expect("the link is shown");
    let newer: String = newer[start..].chars().take("/set-up/".len() + 43).collect();
    assert_eq!(look(&clinic.desk(), &newer).await.status, 200);
    clinic.world.clock.advance(8 * crate::ward::DAY);
    assert_eq!(look(&clinic.desk(), &newer).await.status, 410, "too old");
    assert_eq!(told(&clinic, "operator_set_up").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b5_b6_b7_factors_change_only_with_a_fresh_code_of_ones_own() {
    let (clinic, mut olga, alice) = stage().await;
    let other = olga.browser.thief();
    let codes = olga.codes.clone();
    olga.sign_in(&clinic).await;
    clinic.world.clock.advance(6 * MINUTE);
    let wrong = olga.phone.wrong_code(clinic.world.clock.now());
    let reset = format!("/people/{alice}/reset");
    let new = "eleven brass kettles hum";
    let acts: [(&str, Vec<(&str, &str)>); 5] = [
        ("/me/recovery-codes", vec![]),
        ("/me/password", vec![("password", new), ("again", new)]),
        (
            "/me/tokens",
            vec![("label", "x"), ("scope", "audit:read"), ("days", "7")],
        ),
        ("/operators", vec![("name", "eve"), ("role", "owner")]),
        (&reset, WHY.to_vec()),
    ];
    for (path, pairs) in &acts {
        let page = post(&olga.browser, path, pairs).await;
        assert_eq!(page.status, 422, "{path}: {}", page.describe());
        assert!(page.has("fresh code"), "{path}: {}", page.describe());
        assert!(
            recovery_codes(&page).is_empty() && !page.text().contains("art_"),
            "{path}"
        );
    }
    let mut pairs = acts[0].1.clone();
    pairs.push(("own_code", &wrong));
    let page = post(&olga.browser, acts[0].0, &pairs).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(recovery_codes(&page).is_empty());
    for kind in ["recovery_codes_issued", "token_issued", "subscriber_reset"] {
        assert_eq!(told(&clinic, kind).await, 0, "{kind}");
    }
    // A right code opens one session's forms; the same code opens no other's.
    let right = olga.code(&clinic);
    let page = post(&olga.browser, "/me/recovery-codes", &[("own_code", &right)]).await;
    assert_eq!(recovery_codes(&page).len(), 10, "{}", page.describe());
    let page = post(&other, "/me/recovery-codes", &[("own_code", &right)]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(page.has("used already"), "{}", page.describe());
    // An old recovery code is worthless now.
    let page = post(&other, "/me/recovery-codes", &[("own_code", &codes[0])]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    // With another password every other session ends.
    let page = post(
        &olga.browser,
        "/me/password",
        &[("password", new), ("again", new)],
    )
    .await;
    assert_eq!(page.status, 303, "{}", page.describe());
    assert!(!is_in(&other).await && is_in(&olga.browser).await);
    assert!(!cookie(&olga.browser).is_empty() && DESK_COOKIE.starts_with("__Host-"));
}
