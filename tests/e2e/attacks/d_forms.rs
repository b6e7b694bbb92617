//! D17: no other site, no old form and no attacker's own token moves anything of ours.
//! Each refusal is followed by the honest post, which must still work.

use anteroom_tests::answer::Answer;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::Kind;
use anteroom_tests::browser::form::urlencoded;
use anteroom_tests::browser::page::Page;
use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, coded_enrolment};

use crate::ward::{
    ALICE, BOB, CHALLENGE, MALLORY, OURS, all_is_well, at_challenge, enrolled, issue_code, knock,
    listed, nonce, password, post, posting, sees_chart, sessions_of, told,
};

/// Posts with our cookie and exactly these other fields.
async fn raw(clinic: &Clinic, of: &Browser, path: &str, fields: &str, body: &str) -> Answer {
    let cookie = of.cookie(OURS).unwrap();
    let request = format!(
        "POST {path} HTTP/1.1¶Host: emr.test¶{fields}Cookie: {OURS}={cookie}¶\
         Content-Type: application/x-www-form-urlencoded¶Content-Length: {}¶¶{body}",
        body.len(),
    );
    knock(clinic, &request)
        .await
        .unwrap_or_else(|why| panic!("{fields}: {why}"))
}

const BAD_ORIGINS: [&str; 9] = [
    "Sec-Fetch-Site: cross-site¶Sec-Fetch-Mode: navigate¶Sec-Fetch-Dest: document¶",
    "Sec-Fetch-Site: same-site¶Sec-Fetch-Mode: navigate¶Sec-Fetch-Dest: document¶",
    "Sec-Fetch-Site: none¶Sec-Fetch-Mode: navigate¶Sec-Fetch-Dest: document¶",
    "Sec-Fetch-Site: same-origin¶Sec-Fetch-Mode: cors¶Sec-Fetch-Dest: empty¶",
    "Sec-Fetch-Site: same-origin¶Sec-Fetch-Mode: no-cors¶Sec-Fetch-Dest: image¶",
    "Accept: text/html¶Origin: null¶",
    "Accept: text/html¶Origin: https://evil.test¶",
    "Accept: text/html¶Referer: https://emr.test.evil.test/.anteroom/challenge¶",
    "Accept: text/html¶",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d17_a_code_counts_only_from_our_own_page_with_its_own_nonce() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let (_, _, _) = enrolled(&clinic, MALLORY).await;
    clinic.world.clock.next_step();
    let mut alice = at_challenge(&clinic, ALICE).await;
    let mallory = at_challenge(&clinic, MALLORY).await;
    let (hers, foreign) = (nonce(alice.page()), nonce(mallory.page()));
    let code = phone.code_at(&clinic.world.clock);
    let good = urlencoded(&[("nonce", hers.as_str()), ("code", code.as_str())]);
    for path in [
        CHALLENGE,
        "/.anteroom/recovery",
        "/.anteroom/cancel",
        "/.anteroom/sign-out",
    ] {
        for fields in BAD_ORIGINS {
            let answer = raw(&clinic, &alice, path, fields, &good).await;
            assert_eq!(
                answer.status,
                403,
                "{path} {fields}: {}",
                answer.everything()
            );
            assert!(answer.set_cookies().is_empty(), "{path} {fields}");
        }
    }
    let upper = hers.to_uppercase();
    let cut = &hers[..31];
    for bad in [
        "",
        foreign.as_str(),
        upper.as_str(),
        cut,
        "00000000000000000000000000000000",
    ] {
        let page = post(&alice, CHALLENGE, &[("nonce", bad), ("code", &code)]).await;
        assert_eq!(page.status, 403, "{bad}: {}", page.describe());
    }
    let page = post(&alice, CHALLENGE, &[("code", &code)]).await;
    assert_eq!(page.status, 403, "no nonce: {}", page.describe());
    assert_eq!(sessions_of(&clinic, "alice").await, 1);
    assert_eq!(
        told(&clinic, "challenge_failed").await,
        0,
        "none of it cost a try"
    );
    assert_eq!(alice.submit(&[("code", &code)]).await.status, 303);
    assert!(sees_chart(&mut alice).await);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d17_an_old_forms_nonce_is_worth_nothing_in_the_next_login() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    clinic.world.clock.next_step();
    let mut alice = at_challenge(&clinic, ALICE).await;
    let old = nonce(alice.page());
    alice
        .press("Start over, or sign in as somebody else", &[])
        .await;
    alice.follow_all().await;
    alice
        .submit(&[("username", ALICE.name), ("password", ALICE.password)])
        .await;
    alice.follow_all().await;
    let code = phone.code_at(&clinic.world.clock);
    let page = post(&alice, CHALLENGE, &[("nonce", &old), ("code", &code)]).await;
    assert_eq!(page.status, 403, "{}", page.describe());
    assert_eq!(alice.submit(&[("code", &code)]).await.status, 303);
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d17_no_foreign_form_enrols_or_confirms() {
    let clinic = Clinic::with_demo_as(&coded_enrolment("demo"), "").await;
    let invitation = issue_code(&clinic, "bob", 5, crate::ward::DAY).await;
    let mut bob = clinic.browser();
    let form = nonce(&password(&mut bob, BOB).await);
    let refused = async |bob: &Browser, path: &str, pairs: &[(&str, &str)]| {
        for fields in BAD_ORIGINS {
            let answer = raw(&clinic, bob, path, fields, &urlencoded(pairs)).await;
            assert_eq!(
                answer.status,
                403,
                "{path} {fields}: {}",
                answer.everything()
            );
        }
        let mut without = posting(bob, path, &[]);
        let bare: Vec<_> = pairs
            .iter()
            .filter(|(name, _)| *name != "nonce")
            .copied()
            .collect();
        without.body = Some((
            "application/x-www-form-urlencoded".into(),
            urlencoded(&bare).into(),
        ));
        let page: Page = bob.fetch(&without).await.unwrap();
        assert_eq!(page.status, 403, "{path}: {}", page.describe());
    };
    refused(
        &bob,
        "/.anteroom/enrol/code",
        &[("nonce", &form), ("code", &invitation)],
    )
    .await;
    bob.submit(&[("code", &invitation)]).await;
    bob.follow_all().await;
    let page = bob.take_phone().await;
    let phone = Phone::scan(&page).unwrap();
    let form = nonce(&page);
    let code = phone.code_at(&clinic.world.clock);
    refused(
        &bob,
        "/.anteroom/enrol",
        &[("nonce", &form), ("code", &code)],
    )
    .await;
    assert!(listed(&clinic, "bob").await.unwrap().enrolled_at.is_none());
    bob.submit(&[("code", &code)]).await;
    let page = bob.follow_all().await;
    refused(
        &bob,
        "/.anteroom/recovery-codes",
        &[("nonce", &nonce(&page))],
    )
    .await;
    assert_eq!(sessions_of(&clinic, "bob").await, 0);
    bob.press("I have saved them", &[]).await;
    bob.follow_all().await;
    assert!(sees_chart(&mut bob).await);
    all_is_well(&clinic, BOB, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d17_case_12_another_site_cannot_log_her_in_as_somebody_else() {
    let clinic = Clinic::with_demo().await;
    let (mut alice, phone, _) = enrolled(&clinic, ALICE).await;
    assert!(sees_chart(&mut alice).await);
    clinic.record().clear();
    let before = alice.cookie(OURS);
    let pairs = [
        ("username", MALLORY.name),
        ("password", MALLORY.password),
        ("next", "/"),
    ];
    for from in ["https://evil.test/trap", "https://sister.emr.test/"] {
        let page = alice.cross_site_post(from, "/login", &pairs).await;
        assert_eq!(page.status, 403, "{from}: {}", page.describe());
        assert!(page.set_cookie_line(OURS).is_none(), "{from}");
    }
    for kind in [Kind::Frame, Kind::Fetch, Kind::Resource("image")] {
        let page = alice
            .cross_site_load("https://evil.test/", "/login", kind)
            .await;
        assert!(
            page.set_cookie_line(OURS).is_none(),
            "{kind:?}: {}",
            page.describe()
        );
    }
    assert!(
        clinic
            .record()
            .all()
            .iter()
            .all(|served| served.method != "POST")
    );
    assert_eq!(alice.cookie(OURS), before, "her session is untouched");
    assert!(sees_chart(&mut alice).await);
    all_is_well(&clinic, ALICE, &phone).await;
}
