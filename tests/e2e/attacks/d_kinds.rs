//! D19 and advisory A21 across apps: one realm, two policies. What the stricter app turned off is
//! refused where it is judged, and is no reason to enrol anew. Honest: `journeys::neighbours`.

use anteroom_tests::world::start::{Plan, open_enrolment};

use crate::journeys::people::{ALICE, must_be_in, must_be_out, newcomer, password, type_code};
use crate::journeys::wards::Ward;

/// Her phone opens the lenient app. At the strict one, the same right code is a wrong one, by
/// either form; and a password alone offers no new factor to whoever types it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d19_a21_a_kind_that_one_app_turned_off_does_not_open_it_though_the_realm_knows_it() {
    let (lenient, strict) = (Ward::open().await, Ward::open().await);
    let realm = format!("realm = \"clinic\"\n{}", open_enrolment("demo"));
    let passkeys = format!("{realm}[app.factors]\nkinds = [\"passkey\"]\n");
    let plan = Plan::empty().app("north", &lenient.upstream, &realm).app(
        "south",
        &strict.upstream,
        &passkeys,
    );
    let clinic = plan.open().await;
    let mut at_north = clinic.browser_at("north.test");
    let alice = newcomer(&clinic, &mut at_north, ALICE).await;

    let mut at_south = clinic.browser_at("south.test");
    password(&mut at_south, ALICE).await;
    assert_eq!(
        at_south.page().path(),
        "/.anteroom/challenge",
        "{}",
        at_south.page().describe()
    );
    type_code(&mut at_south, &alice.next_code(&clinic)).await;
    assert_ne!(
        at_south.page().status,
        200,
        "{}",
        at_south.page().describe()
    );
    must_be_out(&mut at_south).await;

    // No way round it: the addresses where a factor is set up send her back.
    let mut round = clinic.browser_at("south.test");
    password(&mut round, ALICE).await;
    for address in ["/.anteroom/enrol", "/.anteroom/enrol/passkey"] {
        round.open(address).await;
        round.follow_all().await;
        assert!(!round.page().has("Add to"), "{}", round.page().describe());
        assert_ne!(round.page().path(), address, "{}", round.page().describe());
    }
    must_be_out(&mut round).await;

    // What was tried there cost her nothing at the app that takes it.
    let mut again = clinic.browser_at("north.test");
    password(&mut again, ALICE).await;
    type_code(&mut again, &alice.next_code(&clinic)).await;
    must_be_in(&mut again).await;
}
