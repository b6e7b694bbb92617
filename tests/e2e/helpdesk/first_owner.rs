//! The first owner: a link from the command line, a password, a phone, and then every morning.
//!
//! Never goes further than the front page; what is done there stands beside.

use anteroom_core::operator::Role;

use crate::desk::{clinic_with_desk, invited, operator, set_up};

#[tokio::test]
async fn the_first_owner_sets_herself_up_and_signs_in_the_next_morning() {
    let clinic = clinic_with_desk().await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    assert!(
        olga.browser.page().has("olga"),
        "{}",
        olga.browser.page().describe()
    );
    olga.browser.press("Sign out", &[]).await;
    let page = olga.browser.follow_all().await;
    assert_eq!(page.heading(), "You are signed out");
    let page = olga.browser.open("/").await;
    assert_eq!(page.path(), "/sign-in", "{}", page.describe());
    let page = olga.sign_in(&clinic).await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/"),
        "{}",
        page.describe()
    );
}

#[tokio::test]
async fn a_link_sets_up_once_and_never_again() {
    let clinic = clinic_with_desk().await;
    let link = invited(&clinic, "olga", Role::Owner).await;
    set_up(&clinic, &mut clinic.desk(), &link).await;
    let mut other = clinic.desk();
    let page = other.open(&link).await;
    assert_eq!(
        (page.status, page.heading().as_str()),
        (410, "This link no longer works")
    );
}

#[tokio::test]
async fn every_page_of_an_owner_opens() {
    let clinic = clinic_with_desk().await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let pages = [
        "/",
        "/people",
        "/approvals",
        "/staff",
        "/emergency",
        "/audit",
        "/audit/verify",
        "/audit/1",
        "/report",
        "/operators",
        "/operators/olga",
        "/policy",
        "/me",
        "/api/v1/openapi.json",
        "/audit/export.csv",
        "/audit/export.jsonl",
        "/report/factors.csv",
    ];
    for path in pages {
        let page = olga.browser.open(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.describe());
    }
}
