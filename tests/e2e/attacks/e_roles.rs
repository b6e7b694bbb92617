//! E03 (advisories I3, I4): nobody gets more than her role holds at this moment.
//!
//! What is refused for its role stands in the audit log. Reaching what is another's by its number
//! is `e_others`'.

use anteroom_core::operator::Role;
use anteroom_store::{OperatorAct, Paper, SetupLink};
use anteroom_tests::browser::form::urlencoded;

use super::e_bench::{
    CHECK, FORM, api, connect, cookie, desk_with, is_in, known, look, post, rows, stage, token,
    word,
};
use crate::desk::{DESK_COOKIE, operator};
use crate::ward::{DAY, audit_is_whole, told};

/// What only an owner may post to.
const RULING: [&str; 14] = [
    "/operators",
    "/operators/maria/role",
    "/operators/ada/role",
    "/operators/olga/reset",
    "/operators/olga/disable",
    "/operators/olga/enable",
    "/operators/olga/unlock",
    "/operators/olga/link",
    "/operators/olga/end-sessions",
    "/operators/olga/tokens/1/revoke",
    "/emergency",
    "/emergency/1/close",
    "/emergency/sealed",
    "/emergency/sealed/1/revoke",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e03_neither_helpdesk_nor_auditor_makes_anybody_mighty() {
    let (clinic, _olga, alice) = stage().await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let ada = operator(&clinic, "ada", Role::Auditor).await;
    let pairs = [
        ("role", "owner"),
        ("name", "eve"),
        ("reason", "x"),
        ("check", CHECK),
        ("app", "emr"),
        ("minutes", "30"),
        ("count", "5"),
    ];
    for path in RULING {
        for who in [&maria, &ada] {
            let page = post(&who.browser, path, &pairs).await;
            assert_eq!(page.status, 403, "{} {path}: {}", who.name, page.describe());
        }
    }
    for act in [
        "unlock",
        "reset",
        "temporary-code",
        "suspend",
        "merge",
        "note",
        "sign-out",
    ] {
        let page = post(&ada.browser, &format!("/people/{alice}/{act}"), &pairs).await;
        assert_eq!(page.status, 403, "{act}: {}", page.describe());
    }
    for path in [
        "/audit/export.csv",
        "/audit/export.jsonl",
        "/report/factors.csv",
    ] {
        assert_eq!(look(&maria.browser, path).await.status, 403, "{path}");
        assert_eq!(look(&ada.browser, path).await.status, 403, "{path}");
    }
    assert_eq!(
        told(&clinic, "operator_refused").await,
        2 * RULING.len() + 7 + 6
    );
    // Fields that nobody asked for say nothing.
    for path in ["/me/recovery-codes/saved", "/me/sessions/end-others"] {
        let page = post(
            &maria.browser,
            path,
            &[("role", "owner"), ("admin", "true")],
        )
        .await;
        assert_eq!(page.status, 303, "{path}: {}", page.describe());
    }
    assert_eq!(known(&clinic, "maria").await.role, Role::Helpdesk);
    assert_eq!(known(&clinic, "ada").await.role, Role::Auditor);
    assert_eq!(known(&clinic, "olga").await.sessions, 1);
    let eve = clinic.store().operator_named("eve", clinic.now()).await;
    assert_eq!(eve.expect("the store answers"), None);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e03_nobody_changes_her_own_rights() {
    let (clinic, olga, _) = stage().await;
    let _second = operator(&clinic, "maria", Role::Owner).await;
    let before = rows(&clinic).await;
    for act in ["role", "disable", "enable", "reset", "unlock"] {
        let pairs = [("role", "auditor"), ("reason", "x"), ("check", CHECK)];
        let page = post(&olga.browser, &format!("/operators/olga/{act}"), &pairs).await;
        assert_eq!(page.status, 422, "{act}: {}", page.describe());
    }
    assert_eq!(rows(&clinic).await, before);
    assert_eq!(known(&clinic, "olga").await.role, Role::Owner);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e03_c10_a_demotion_and_a_disabling_count_with_the_very_next_request() {
    let (clinic, olga, _) = stage().await;
    for (path, pairs) in [
        ("role", vec![("role", "auditor")]),
        ("disable", vec![("reason", "left")]),
        ("reset", vec![("reason", "lost"), ("check", CHECK)]),
        ("end-sessions", vec![]),
    ] {
        let name: &'static str = match path {
            "role" => "rita",
            "disable" => "dora",
            "reset" => "rosa",
            _ => "ella",
        };
        let other = operator(&clinic, name, Role::Owner).await;
        assert!(is_in(&other.browser).await);
        let page = post(&olga.browser, &format!("/operators/{name}/{path}"), &pairs).await;
        assert!(matches!(page.status, 200 | 303), "{}", page.describe());
        let page = look(&other.browser, "/people").await;
        assert_eq!(
            page.location(),
            Some("/sign-in"),
            "{path}: {}",
            page.describe()
        );
    }
    // And one session ended in another tab of hers.
    let mut first = operator(&clinic, "sara", Role::Helpdesk).await;
    let old = first.browser.thief();
    first.sign_in(&clinic).await;
    assert!(is_in(&old).await);
    let page = post(&first.browser, "/me/sessions/end-others", &[]).await;
    assert_eq!(page.status, 303, "{}", page.describe());
    assert!(!is_in(&old).await && is_in(&first.browser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e03_a_form_begun_before_a_demotion_does_nothing_after_it() {
    let (clinic, olga, alice) = stage().await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let bearer = token(&maria, &["people:help"]).await;
    let word = word(&maria.browser).await;
    let form = urlencoded(&[("csrf", word.as_str()), ("reason", "x"), ("check", CHECK)]);
    let json = format!("{{\"reason\":\"x\",\"identity_check\":\"{CHECK}\"}}");
    let value = cookie(&maria.browser);
    let (mut page, mut program) = (connect(&clinic).await, connect(&clinic).await);
    let begun = [
        (
            &mut page,
            form,
            format!(
                "POST /people/{alice}/reset HTTP/1.1¶Host: admin.test¶\
                 Origin: https://admin.test¶Cookie: {DESK_COOKIE}={value}¶Content-Type: {FORM}¶"
            ),
        ),
        (
            &mut program,
            json,
            format!(
                "POST /api/v1/people/{alice}/reset HTTP/1.1¶Host: admin.test¶\
                 Authorization: Bearer {bearer}¶Content-Type: application/json¶"
            ),
        ),
    ];
    let mut waiting = Vec::new();
    for (client, body, head) in begun {
        let (first, rest) = body.split_at(9);
        client
            .say(&format!("{head}Content-Length: {}¶¶{first}", body.len()))
            .await;
        waiting.push((client, rest.to_owned()));
    }
    // Both are proven and wait for their body; a row written by each proof tells so.
    anteroom_tests::world::start::eventually("the token was looked at", async || {
        let tokens = clinic
            .store()
            .api_tokens(None)
            .await
            .expect("the store answers");
        tokens.iter().any(|one| one.last_used_at.is_some())
    })
    .await;
    let done = post(
        &olga.browser,
        "/operators/maria/role",
        &[("role", "auditor")],
    )
    .await;
    assert_eq!(done.status, 303, "{}", done.describe());
    let mut statuses = Vec::new();
    for (client, rest) in waiting {
        client.send(rest).await.expect("it still listens");
        statuses.push(client.answer().await.expect("an answer").status);
    }
    assert_eq!(statuses, [303, 403], "signed out, and refused");
    assert_eq!(told(&clinic, "subscriber_reset").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e03_a_token_loses_what_its_operators_role_loses() {
    let (clinic, olga, alice) = stage().await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let help = token(&maria, &["people:help"]).await;
    let read = token(&maria, &["people:read"]).await;
    let note = format!("/api/v1/people/{alice}/notes");
    let body = "{\"text\":\"called\"}";
    assert_eq!(api(&clinic, "POST", &note, &help, body).await.status, 200);
    assert_eq!(
        api(&clinic, "POST", &note, &read, body).await.status,
        403,
        "another scope"
    );
    assert_eq!(
        api(&clinic, "GET", "/api/v1/people", &help, "")
            .await
            .status,
        403
    );
    let page = post(
        &olga.browser,
        "/operators/maria/role",
        &[("role", "auditor")],
    )
    .await;
    assert_eq!(page.status, 303, "{}", page.describe());
    assert_eq!(api(&clinic, "POST", &note, &help, body).await.status, 403);
    assert_eq!(
        api(&clinic, "GET", "/api/v1/people", &read, "")
            .await
            .status,
        200
    );
    let page = post(
        &olga.browser,
        "/operators/maria/disable",
        &[("reason", "left")],
    )
    .await;
    assert_eq!(page.status, 303, "{}", page.describe());
    assert_eq!(
        api(&clinic, "GET", "/api/v1/people", &read, "")
            .await
            .status,
        401
    );
    // Enabled again, she has to make new ones.
    let page = post(
        &olga.browser,
        "/operators/maria/enable",
        &[("reason", "back")],
    )
    .await;
    assert_eq!(page.status, 303, "{}", page.describe());
    assert_eq!(
        api(&clinic, "GET", "/api/v1/people", &read, "")
            .await
            .status,
        401
    );
    assert_eq!(told(&clinic, "note_added").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e03_a_token_is_not_given_more_than_its_operators_role_holds() {
    let (clinic, _olga, _) = stage().await;
    let ada = operator(&clinic, "ada", Role::Auditor).await;
    for scopes in [
        &["people:help"][..],
        &["people:read", "people:help"],
        &["audit:read"],
        &["owner"],
        &[],
    ] {
        let mut pairs = vec![("label", "script"), ("days", "7")];
        pairs.extend(scopes.iter().map(|scope| ("scope", *scope)));
        let page = post(&ada.browser, "/me/tokens", &pairs).await;
        assert_eq!(page.status, 422, "{scopes:?}: {}", page.describe());
    }
    assert_eq!(
        clinic
            .store()
            .api_tokens(None)
            .await
            .expect("it answers")
            .len(),
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e03_with_no_operator_left_the_set_up_stays_closed() {
    let mut clinic = desk_with("").await;
    let olga = operator(&clinic, "olga", Role::Owner).await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let paper = Paper::of("root", clinic.now());
    let (owner, other) = (
        known(&clinic, "olga").await.id,
        known(&clinic, "maria").await.id,
    );
    let store = clinic.store();
    let last = store
        .operator_disable(owner, &paper)
        .await
        .expect("it answers");
    assert_eq!(last, OperatorAct::LastOwner, "the last one stays");
    let gone = store
        .operator_disable(other, &paper)
        .await
        .expect("it answers");
    assert_eq!(gone, OperatorAct::Done);
    let link = SetupLink {
        token: anteroom_tests::world::random(),
        expires_at: clinic.now().plus(DAY),
    };
    let reset = store
        .operator_reset(owner, &link, true, &paper)
        .await
        .expect("it answers");
    assert_eq!(reset, OperatorAct::Done);
    clinic.stop_admin().await;
    clinic.restart().await;
    for browser in [&olga.browser, &maria.browser, &clinic.desk()] {
        assert!(!is_in(browser).await);
        for path in [
            "/set-up",
            "/set-up/phone",
            "/set-up/AAAA",
            "/setup",
            "/install",
            "/",
        ] {
            let page = look(browser, path).await;
            assert!(
                matches!(page.status, 303 | 404 | 405 | 410),
                "{path}: {}",
                page.describe()
            );
            assert!(!page.has("Choose a password"), "{path}");
        }
        let pairs = [
            ("token", ""),
            ("password", "nine quiet lanterns drift"),
            ("name", "eve"),
        ];
        let page = super::e_bench::bare(browser, "/set-up", &pairs).await;
        assert_eq!(page.status, 410, "{}", page.describe());
    }
}
