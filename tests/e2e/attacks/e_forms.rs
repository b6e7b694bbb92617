//! E01: no other site and no old form makes the admin app do anything, and nothing is done by GET.
//! After each refusal the store is as it was.

use anteroom_core::operator::Role;
use anteroom_tests::browser::ask::Kind;
use anteroom_tests::browser::form::urlencoded;
use anteroom_tests::world::start::Clinic;

use super::e_bench::{CHECK, FORM, bare, cookie, is_in, knock_desk, look, post, rows, stage, word};
use crate::desk::{DESK_COOKIE, PASSPHRASE, invited, operator};
use crate::ward::told;

const ORIGINS: [&str; 11] = [
    "Sec-Fetch-Site: cross-site¶Origin: https://evil.test¶",
    "Sec-Fetch-Site: same-site¶Origin: https://sister.admin.test¶",
    "Sec-Fetch-Site: none¶Origin: https://admin.test¶",
    "Sec-Fetch-Site: same-origin¶Sec-Fetch-Site: cross-site¶Origin: https://admin.test¶",
    "Origin: null¶",
    "Origin: https://emr.test¶",
    "Origin: http://admin.test¶",
    "Origin: https://admin.test.evil.test¶",
    "Origin: https://admin.test:1¶",
    "Origin: https://admin.test¶Origin: https://evil.test¶",
    "",
];

/// A post with her cookie and her word, and exactly these other fields.
async fn raw(clinic: &Clinic, cookie: &str, path: &str, fields: &str, body: &str) -> u16 {
    let request = format!(
        "POST {path} HTTP/1.1¶Host: admin.test¶{fields}Cookie: {DESK_COOKIE}={cookie}¶\
         Content-Length: {}¶Connection: close¶¶{body}",
        body.len()
    );
    knock_desk(clinic, &request).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e01_a_form_counts_only_from_our_own_page_with_its_own_word() {
    let (clinic, olga, alice) = stage().await;
    let maria = operator(&clinic, "maria", Role::Owner).await;
    let (hers, foreign) = (word(&olga.browser).await, word(&maria.browser).await);
    let (reset, value) = (format!("/people/{alice}/reset"), cookie(&olga.browser));
    let before = rows(&clinic).await;
    let good = urlencoded(&[("csrf", hers.as_str()), ("reason", "x"), ("check", CHECK)]);
    for origin in ORIGINS {
        let fields = format!("{origin}Content-Type: {FORM}¶");
        for path in [reset.as_str(), "/operators/maria/role", "/sign-out"] {
            let status = raw(&clinic, &value, path, &fields, &good).await;
            assert_eq!(status, 403, "{path} {origin}");
        }
    }
    let upper = hers.to_uppercase();
    for bad in ["", foreign.as_str(), upper.as_str(), &hers[..42], "AAAA"] {
        let pairs = [("csrf", bad), ("reason", "x"), ("check", CHECK)];
        let page = bare(&olga.browser, &reset, &pairs).await;
        assert_eq!(page.status, 403, "{bad}: {}", page.describe());
    }
    let without = bare(&olga.browser, &reset, &[("reason", "x"), ("check", CHECK)]).await;
    assert_eq!(without.status, 403, "{}", without.describe());
    let address = format!("{reset}?csrf={hers}");
    let in_address = bare(
        &olga.browser,
        &address,
        &[("reason", "x"), ("check", CHECK)],
    )
    .await;
    assert_eq!(in_address.status, 403, "{}", in_address.describe());
    assert_eq!(rows(&clinic).await, before, "nothing was done");
    assert_eq!(told(&clinic, "subscriber_reset").await, 0);
    let page = post(&olga.browser, &reset, &[("reason", "x"), ("check", CHECK)]).await;
    assert_eq!(page.status, 200, "the honest form: {}", page.describe());
    assert_eq!(told(&clinic, "subscriber_reset").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e01_no_other_shape_of_body_and_no_other_method_does_anything() {
    let (clinic, olga, alice) = stage().await;
    let (hers, value) = (word(&olga.browser).await, cookie(&olga.browser));
    let reset = format!("/people/{alice}/reset");
    let before = rows(&clinic).await;
    let own = "Origin: https://admin.test¶";
    let json = format!("{{\"csrf\":\"{hers}\",\"reason\":\"x\",\"check\":\"{CHECK}\"}}");
    let pairs = urlencoded(&[("csrf", hers.as_str()), ("reason", "x"), ("check", CHECK)]);
    for (kind, body) in [
        ("text/plain", &json),
        ("text/plain", &pairs),
        ("application/json", &json),
        ("application/xml", &pairs),
    ] {
        let fields = format!("{own}Content-Type: {kind}¶");
        let status = raw(&clinic, &value, &reset, &fields, body).await;
        assert_eq!(status, 400, "{kind}");
    }
    assert_eq!(raw(&clinic, &value, &reset, own, &pairs).await, 400);
    // By GET, a form is only shown, whatever the address or the fields say.
    for (method, fields, path) in [
        ("GET", "", format!("{reset}?{pairs}")),
        (
            "GET",
            "X-HTTP-Method-Override: POST¶",
            format!("{reset}?{pairs}"),
        ),
        (
            "GET",
            "X-Method-Override: POST¶",
            format!("{reset}?_method=POST&{pairs}"),
        ),
        ("HEAD", "", format!("{reset}?{pairs}")),
    ] {
        let request = format!(
            "{method} {path} HTTP/1.1¶Host: admin.test¶{fields}\
             Cookie: {DESK_COOKIE}={value}¶Connection: close¶¶"
        );
        let mut client = super::e_bench::connect(&clinic).await;
        client.say(&request).await;
        let answer = match method {
            "HEAD" => client.answer_to_head().await,
            _ => client.answer().await,
        };
        assert_eq!(answer.expect("an answer").status, 200, "{method} {path}");
    }
    for path in [
        "/sign-out",
        "/me/sessions/end-others",
        "/me/recovery-codes",
        "/staff/issue",
    ] {
        let page = look(&olga.browser, path).await;
        assert_eq!(page.status, 405, "{path}: {}", page.describe());
    }
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"] {
        let request = format!(
            "{method} {reset} HTTP/1.1¶Host: admin.test¶{own}Content-Type: {FORM}¶\
             Cookie: {DESK_COOKIE}={value}¶Content-Length: {}¶Connection: close¶¶{pairs}",
            pairs.len()
        );
        assert_eq!(knock_desk(&clinic, &request).await.status, 405, "{method}");
    }
    assert_eq!(rows(&clinic).await, before, "nothing was done");
    assert!(is_in(&olga.browser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e01_no_other_site_signs_anybody_in_or_sets_anybody_up() {
    let (clinic, mut olga, _) = stage().await;
    let _mallory = operator(&clinic, "mallory", Role::Helpdesk).await;
    let link = invited(&clinic, "nadia", Role::Helpdesk).await;
    let token = link.trim_start_matches("/set-up/");
    let (before, mine) = (rows(&clinic).await, cookie(&olga.browser));
    let sign_in = [("name", "mallory"), ("password", PASSPHRASE)];
    let set_up = [
        ("token", token),
        ("password", PASSPHRASE),
        ("again", PASSPHRASE),
    ];
    for from in [
        "https://evil.test/trap",
        "https://emr.test/",
        "https://sister.admin.test/",
    ] {
        for (path, pairs) in [("/sign-in", &sign_in[..]), ("/set-up", &set_up[..])] {
            let ask = olga.browser.foreign("POST", from, path, Kind::Document);
            let page = olga.browser.fetch(&ask.body(FORM, urlencoded(pairs))).await;
            let page = page.expect("an answer");
            assert_eq!(page.status, 403, "{from} {path}: {}", page.describe());
            assert!(page.set_cookie_line(DESK_COOKIE).is_none(), "{from} {path}");
        }
    }
    assert_eq!(rows(&clinic).await, before);
    assert_eq!(cookie(&olga.browser), mine, "she is still herself");
    assert!(olga.browser.open("/").await.has("olga"));
    // The link still works for its owner.
    crate::desk::set_up(&clinic, &mut clinic.desk(), &link).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e01_the_word_of_an_ended_session_is_worth_nothing_in_the_next() {
    let (clinic, mut olga, alice) = stage().await;
    let old = word(&olga.browser).await;
    olga.sign_in(&clinic).await;
    let path = format!("/people/{alice}/note");
    let pairs = [("csrf", old.as_str()), ("note", "forged")];
    let page = bare(&olga.browser, &path, &pairs).await;
    assert_eq!(page.status, 403, "{}", page.describe());
    assert_eq!(told(&clinic, "note_added").await, 0);
    let page = post(&olga.browser, &path, &[("note", "honest")]).await;
    assert_eq!(page.status, 303, "{}", page.describe());
}
