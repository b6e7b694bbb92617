//! E10 and E11: the admin app is on its own listener and under its own names only, and no other
//! page frames it.

use anteroom_core::operator::Role;
use anteroom_tests::h2client::{H2Ask, H2Client};
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::Clinic;

use super::e_bench::{bare, connect, cookie, is_in, knock_desk, known, look, stage};
use crate::desk::{DESK_COOKIE, clinic_with_desk, operator};
use crate::ward::knock;

/// What only the admin app says.
const WORDS: [&str; 5] = [
    "admin-",
    "Anteroom admin",
    "/sign-in/code",
    "openapi",
    "Helpdesk",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e10_the_public_listener_knows_no_admin_app() {
    let clinic = clinic_with_desk().await;
    let olga = operator(&clinic, "olga", Role::Owner).await;
    let hers = format!("Cookie: {DESK_COOKIE}={}¶", cookie(&olga.browser));
    let paths = [
        "/people",
        "/sign-in",
        "/operators",
        "/me",
        "/api/v1/people",
        "/api/v1/openapi.json",
    ];
    for path in paths {
        for request in [
            format!("GET {path} HTTP/1.1¶Host: admin.test¶{hers}¶"),
            format!("GET https://admin.test{path} HTTP/1.1¶Host: admin.test¶{hers}¶"),
            format!("GET https://admin.test{path} HTTP/1.1¶Host: emr.test¶{hers}¶"),
            format!("GET {path} HTTP/1.1¶Host: emr.test¶X-Forwarded-Host: admin.test¶{hers}¶"),
            format!("GET {path} HTTP/1.1¶Host: emr.test¶Forwarded: host=admin.test¶{hers}¶"),
            format!("GET {path} HTTP/1.1¶Host: emr.test¶{hers}¶"),
            format!("GET /.anteroom{path} HTTP/1.1¶Host: emr.test¶{hers}¶"),
        ] {
            let Ok(answer) = knock(&clinic, &request).await else {
                continue;
            };
            assert_ne!(answer.status, 200, "{request}");
            let all = answer.everything();
            for word in WORDS {
                assert!(!all.contains(word), "{request}: {word} in {all}");
            }
        }
        let trust = clinic.world.ca.trust();
        let client = H2Client::tls(clinic.addr, &trust, Sni::Name("emr.test"))
            .await
            .expect("TLS");
        let ask = H2Ask::get(&format!("https://admin.test{path}"));
        if let Ok(answer) = client.ask(ask).await {
            assert!(
                matches!(answer.status, 400 | 404 | 421),
                "{path}: {}",
                answer.everything()
            );
        }
    }
    let public = clinic.world.browser("https://emr.test");
    assert_ne!(look(&public, "/people").await.status, 200);
    assert!(is_in(&olga.browser).await, "she is where she was");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e11_only_its_own_names_reach_it() {
    let (clinic, olga, _) = stage().await;
    let hers = format!("Cookie: {DESK_COOKIE}={}¶", cookie(&olga.browser));
    for host in [
        "Host: rebind.evil",
        "Host: emr.test",
        "Host: localhost",
        "Host: 127.0.0.1",
        "Host: admin.test.evil",
        "Host: xadmin.test",
        "Host: admin.test.",
        "Host: admin.test@evil.test",
        "Host: evil@admin.test",
        "Host: admin.test:80@evil.test",
        "Host: admin.test:",
        "Host: admin.test:x",
        "Host: admin.test, evil.test",
        "Host:",
        "Host: admin.test¶Host: rebind.evil",
        "Host: rebind.evil¶Host: admin.test",
        "Host: admin.test¶Host: admin.test",
        "X-Forwarded-Host: admin.test",
        "Host: rebind.evil¶X-Forwarded-Host: admin.test",
    ] {
        for path in ["/people", "/sign-in", "/api/v1/openapi.json"] {
            let request = format!("GET {path} HTTP/1.1¶{host}¶{hers}Connection: close¶¶");
            let answer = knock_desk(&clinic, &request).await;
            assert!(
                matches!(answer.status, 400 | 421),
                "{host} {path}: {}",
                answer.everything()
            );
            assert!(answer.set_cookies().is_empty(), "{host}");
        }
    }
    for (target, host) in [
        ("https://rebind.evil/people", "admin.test"),
        ("https://admin.test/people", "rebind.evil"),
        ("https://admin.test/people", "admin.test:1"),
    ] {
        let request = format!("GET {target} HTTP/1.1¶Host: {host}¶{hers}Connection: close¶¶");
        assert_eq!(
            knock_desk(&clinic, &request).await.status,
            421,
            "{target} {host}"
        );
    }
    for request in [
        "GET /people HTTP/1.0¶¶",
        "CONNECT admin.test:443 HTTP/1.1¶Host: admin.test¶¶",
    ] {
        let mut client = connect(&clinic).await;
        client.say(request).await;
        if let Ok(answer) = client.answer().await {
            assert!(answer.status >= 400, "{request}: {}", answer.everything());
        }
    }
    assert!(is_in(&olga.browser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e11_a_link_is_written_with_our_own_name_or_not_at_all() {
    let (clinic, olga, _) = stage().await;
    let word = super::e_bench::word(&olga.browser).await;
    let body = format!("csrf={word}&name=eve&role=owner");
    for host in [
        "admin.test:80@evil.test",
        "evil.test",
        "admin.test:evil.test",
    ] {
        for target in ["/operators", "https://admin.test/operators"] {
            let request = format!(
                "POST {target} HTTP/1.1¶Host: {host}¶Origin: https://{host}¶\
                 Cookie: {DESK_COOKIE}={}¶Content-Type: application/x-www-form-urlencoded¶\
                 Content-Length: {}¶Connection: close¶¶{body}",
                cookie(&olga.browser),
                body.len()
            );
            let answer = knock_desk(&clinic, &request).await;
            assert!(
                matches!(answer.status, 400 | 421),
                "{host}: {}",
                answer.everything()
            );
        }
    }
    let eve = clinic.store().operator_named("eve", clinic.now()).await;
    assert_eq!(eve.expect("the store answers"), None);
    assert_eq!(known(&clinic, "olga").await.sessions, 1);
}

async fn dressed(clinic: &Clinic, path: &str, cookie: &str) {
    let request = format!("GET {path} HTTP/1.1¶Host: admin.test¶{cookie}Connection: close¶¶");
    let answer = knock_desk(clinic, &request).await;
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.contains("frame-ancestors 'none'"),
        "{path}: {}",
        answer.everything()
    );
    assert!(
        policy.contains("base-uri 'none'") && policy.contains("form-action 'self'"),
        "{path}"
    );
    for (name, value) in [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(
            answer.header(name),
            Some(value),
            "{path}: {}",
            answer.everything()
        );
    }
    assert!(answer.headers.has("strict-transport-security"), "{path}");
    if !path.starts_with("/assets/admin-") {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
    assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e11_nobody_frames_a_page_whatever_its_answer() {
    let (clinic, olga, alice) = stage().await;
    let hers = format!("Cookie: {DESK_COOKIE}={}¶", cookie(&olga.browser));
    for cookie in ["", hers.as_str()] {
        for path in [
            "/",
            "/sign-in",
            "/people",
            "/me",
            "/nowhere",
            "/people/999",
            "/set-up/x",
            "/signed-out",
            "/api/v1/people",
            "/api/v1/openapi.json",
            "/api/v1/nowhere",
            "/audit/export.csv",
            "/assets/x.css",
            &format!("/people/{alice}/reset"),
            "/me/tokens",
        ] {
            dressed(&clinic, path, cookie).await;
        }
    }
    let page = bare(
        &clinic.desk(),
        "/sign-in",
        &[("name", "x"), ("password", "x")],
    )
    .await;
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
}
