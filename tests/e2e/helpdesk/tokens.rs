//! Hardware tokens at the desk: an owner brings a maker's file in, a helpdesk gives one to a nurse
//! without a phone, and takes it away when it is lost.

use anteroom_core::operator::Role;
use anteroom_tests::token::Token;

use crate::desk::{clinic_with_desk, issue_code, operator};
use crate::ward::{ALICE, CHALLENGE, DAY, at_challenge, password, sees_chart, told};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_of_tokens_comes_in_one_is_given_and_lost_and_another_given() {
    let clinic = clinic_with_desk().await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let tokens = [
        Token::with_clock("FT-100", 30, 6),
        Token::with_clock("FT-101", 30, 8),
    ];
    issue_code(&clinic, "alice", 1, DAY).await;

    olga.see("/hardware-tokens").await;
    let bad = format!("{}\nFT-102,nonsense\n", tokens[0].line());
    let import = "/hardware-tokens/import";
    let page = olga
        .send(import, &[("file", &bad), ("reason", "night shift")])
        .await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(page.has("line 2"), "{}", page.describe());
    let file = format!("{}\n{}\n", tokens[0].line(), tokens[1].line());
    let page = olga
        .send(import, &[("file", &file), ("reason", "night shift")])
        .await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert!(
        page.has("2 added") && page.has("FT101"),
        "{}",
        page.describe()
    );
    assert!(!helen.see("/hardware-tokens").await.has("Bring a maker"));

    let give = "Give a hardware token";
    let page = helen.act("alice", give, &[("other", "ft 100")]).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert!(page.has("Hardware token"), "{}", page.describe());
    let mut alice = at_challenge(&clinic, ALICE).await;
    alice
        .submit_form(CHALLENGE, &[("code", &tokens[0].shows(&clinic))])
        .await;
    alice.follow_all().await;
    assert!(sees_chart(&mut alice).await);

    let revoke = "Revoke a hardware token";
    let page = helen.act("alice", revoke, &[("other", "FT-101")]).await;
    assert_eq!(page.status, 422, "not hers: {}", page.describe());
    let page = helen.act("alice", revoke, &[("other", "FT-100")]).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    clinic.world.clock.next_step();
    let page = password(&mut clinic.browser(), ALICE).await;
    assert_eq!(page.path(), "/.anteroom/enrol/code", "{}", page.describe());
    let page = helen.act("alice", give, &[("other", "FT-100")]).await;
    assert!(page.has("out of use for good"), "{}", page.describe());
    helen.act("alice", give, &[("other", "FT-101")]).await;
    let mut alice = at_challenge(&clinic, ALICE).await;
    alice
        .submit_form(CHALLENGE, &[("code", &tokens[1].shows(&clinic))])
        .await;
    alice.follow_all().await;
    assert!(sees_chart(&mut alice).await);
    assert_eq!(told(&clinic, "hardware_token_assigned").await, 2);
    assert_eq!(told(&clinic, "hardware_tokens_imported").await, 1);
}
