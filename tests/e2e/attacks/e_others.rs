//! E04 (advisories I4, I7): nobody reaches what is another's by its number, and only the address
//! says who is meant.
//!
//! What a role may at all is `e_roles`' and `e_matrix`'.

use anteroom_core::operator::Role;

use super::e_bench::{CHECK, api, invite, is_in, known, look, post, rows, stage, token};
use crate::desk::operator;
use crate::ward::listed;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e04_sessions_and_tokens_of_others_are_not_found() {
    let (clinic, olga, _) = stage().await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let hers = token(&olga, &["audit:read"]).await;
    let id = known(&clinic, "olga").await.id;
    let sessions = clinic.store().operator_sessions_of(id, clinic.now()).await;
    let session = sessions.expect("the store answers")[0].row;
    let tokens = clinic
        .store()
        .api_tokens(Some(id))
        .await
        .expect("the store answers");
    let (session, held) = (session.0, tokens[0].id.0);
    for path in [
        format!("/me/sessions/{session}/end"),
        format!("/me/tokens/{held}/revoke"),
    ] {
        let page = post(&maria.browser, &path, &[("operator", "olga")]).await;
        assert_eq!(page.status, 404, "{path}: {}", page.describe());
    }
    // The owner too finds a token only under the name whose it is.
    let page = post(
        &olga.browser,
        &format!("/operators/maria/tokens/{held}/revoke"),
        &[],
    )
    .await;
    assert_eq!(page.status, 404, "{}", page.describe());
    assert!(is_in(&olga.browser).await);
    assert_eq!(
        api(&clinic, "GET", "/api/v1/audit", &hers, "").await.status,
        200
    );
}

/// What is done to people, by the last part of its address.
const ACTS: [&str; 12] = [
    "unlock",
    "reset",
    "temporary-code",
    "enrolment-code",
    "sign-out",
    "merge",
    "suspend",
    "reinstate",
    "revoke-temporary-code",
    "revoke-enrolment-code",
    "note",
    "sessions/1/end",
];

/// A form that would do for each of them.
const TYPED: [(&str, &str); 6] = [
    ("reason", "x"),
    ("check", CHECK),
    ("hours", "8"),
    ("uses", "1"),
    ("other", "eve"),
    ("note", "x"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e04_an_operators_own_factors_are_nobody_among_the_people() {
    let (clinic, olga, alice) = stage().await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let bearer = token(&maria, &["people:help"]).await;
    let reads = token(&maria, &["people:read"]).await;
    let id = known(&clinic, "olga").await.subscriber.0;
    let before = rows(&clinic).await;
    let odd = [
        id.to_string(),
        "0".to_owned(),
        "-1".to_owned(),
        "999999".to_owned(),
        "9223372036854775808".to_owned(),
        "1e3".to_owned(),
        "0x1".to_owned(),
        format!("+{alice}"),
        format!("%20{alice}"),
        format!("{alice}%00"),
        "alice".to_owned(),
        "%D9%A1".to_owned(),
    ];
    for id in &odd {
        assert_eq!(
            look(&maria.browser, &format!("/people/{id}")).await.status,
            404,
            "{id}"
        );
        for act in ACTS {
            let page = post(&maria.browser, &format!("/people/{id}/{act}"), &TYPED).await;
            assert_eq!(page.status, 404, "{id} {act}: {}", page.describe());
        }
        let body = format!("{{\"reason\":\"x\",\"identity_check\":\"{CHECK}\"}}");
        for act in ["unlock", "reset", "sign-out", "suspend", "reinstate"] {
            let path = format!("/api/v1/people/{id}/{act}");
            let answer = api(&clinic, "POST", &path, &bearer, &body).await;
            assert_eq!(answer.status, 404, "{path}");
        }
        let path = format!("/api/v1/people/{id}");
        assert_eq!(
            api(&clinic, "GET", &path, &reads, "").await.status,
            404,
            "{path}"
        );
        let path = format!("/api/v1/people/{id}/sessions/1");
        assert_eq!(
            api(&clinic, "DELETE", &path, &bearer, "").await.status,
            404,
            "{path}"
        );
    }
    for path in [
        "/approvals/1/grant",
        "/approvals/-1/refuse",
        "/approvals/x/grant",
    ] {
        let page = post(&maria.browser, path, &[]).await;
        assert_eq!(page.status, 404, "{path}: {}", page.describe());
    }
    for path in [
        "/audit/0",
        "/audit/-1",
        "/audit/99999999",
        "/audit/x",
        "/operators/nobody",
    ] {
        assert_eq!(look(&olga.browser, path).await.status, 404, "{path}");
    }
    assert_eq!(rows(&clinic).await, before, "nothing was done");
    assert!(is_in(&olga.browser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e04_only_the_address_says_who_is_meant() {
    let (clinic, olga, alice) = stage().await;
    let bob = invite(&clinic, "bob").await;
    let bobs = bob.to_string();
    let path = format!("/people/{alice}/suspend?id={bob}&subscriber={bob}");
    let pairs = [
        ("reason", "x"),
        ("id", bobs.as_str()),
        ("subscriber", &bobs),
        ("name", "bob"),
    ];
    let page = post(&olga.browser, &path, &pairs).await;
    assert_eq!(page.status, 303, "{}", page.describe());
    assert!(listed(&clinic, "alice").await.expect("known").suspended);
    assert!(!listed(&clinic, "bob").await.expect("known").suspended);
    // Twice the same field is refused, and so is what a body of the API should not hold.
    let pairs = [("reason", "x"), ("reason", "y")];
    let page = post(&olga.browser, &format!("/people/{bob}/suspend"), &pairs).await;
    assert_eq!(page.status, 400, "{}", page.describe());
    let bearer = token(&olga, &["people:help"]).await;
    let body = format!("{{\"reason\":\"x\",\"id\":{bob}}}");
    let path = format!("/api/v1/people/{alice}/reinstate");
    assert_eq!(
        api(&clinic, "POST", &path, &bearer, &body).await.status,
        400
    );
    assert!(listed(&clinic, "alice").await.expect("known").suspended);
    assert!(!listed(&clinic, "bob").await.expect("known").suspended);
}
