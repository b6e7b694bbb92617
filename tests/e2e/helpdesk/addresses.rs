//! Where mail reaches a person, at the desk: a helpdesk writes an address down and takes it away,
//! an auditor sees only that there is one.

use anteroom_core::operator::Role;

use crate::desk::{clinic_with_people, operator};
use crate::journeys::people::{ALICE, listing, newcomer};
use crate::ward::told;

const ADDRESS: &str = "alice.chen@clinic.test";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_written_down_shown_masked_to_an_auditor_and_taken_away() {
    let clinic = clinic_with_people("").await;
    newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let mut ada = operator(&clinic, "ada", Role::Auditor).await;
    let add = format!("/people/{}/addresses", listing(&clinic, "alice").await.id);
    let remove = format!("{add}/remove");

    // Attack D10: what is no plain address is told so, and comes back to be mended.
    helen.look_up("alice").await;
    let nasty = "a@x.test\r\nBcc: b@y.test";
    for typed in [nasty, "\u{430}lice@clinic.test", "alice"] {
        let page = helen
            .send(&add, &[("address", typed), ("reason", "staff list")])
            .await;
        assert_eq!(page.status, 422, "{}", page.describe());
        assert!(page.has("That is no e-mail address"), "{}", page.describe());
    }
    let page = helen
        .send(&add, &[("address", ADDRESS), ("reason", "")])
        .await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(page.has("Say why"), "{}", page.describe());
    assert_eq!(told(&clinic, "address_added").await, 0);

    let page = helen
        .send(&add, &[("address", ADDRESS), ("reason", "staff list")])
        .await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert!(
        page.has(ADDRESS) && page.has("by helen"),
        "{}",
        page.describe()
    );
    let page = ada.look_up("alice").await;
    assert!(page.has("a…@c…"), "{}", page.describe());
    assert!(!page.everything().contains(ADDRESS), "{}", page.describe());

    let page = helen
        .send(&add, &[("address", ADDRESS), ("reason", "again")])
        .await;
    assert!(page.has("on file already"), "{}", page.describe());
    let page = helen.send(&remove, &[("reason", "has left")]).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    assert!(page.has("No address"), "{}", page.describe());
    assert_eq!(told(&clinic, "address_added").await, 1);
    assert_eq!(told(&clinic, "address_removed").await, 1);
    clinic.world.must_not_leak(&[ADDRESS]);
}
