//! What an operator does at her own account: recovery codes, her password, and the code of her own
//! phone that an older session asks for.

use anteroom_core::audit::AuditKind;
use anteroom_core::operator::Role;
use anteroom_tests::phone::Phone;

use crate::desk::{Operator, PASSPHRASE, clinic_with_people, code_shown, operator};
use crate::journeys::people::{ALICE, audited, newcomer};
use crate::ward::{HOUR, MINUTE, recovery_codes};

const OTHER_PASSPHRASE: &str = "seven pale ferries hum at dusk";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recovery_code_signs_an_operator_in_once_and_new_ones_replace_them_all() {
    let clinic = clinic_with_people("").await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let old = olga.codes.clone();
    let enter = async |olga: &mut Operator, password: &str, code: &str| {
        olga.browser = clinic.desk();
        olga.see("/").await;
        olga.browser
            .submit(&[("name", "olga"), ("password", password)])
            .await;
        olga.browser.follow_all().await;
        olga.send("/sign-in/recovery", &[("code", code)]).await
    };
    let page = enter(&mut olga, PASSPHRASE, &old[0]).await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/"),
        "{}",
        page.describe()
    );
    let page = olga.see("/me").await;
    assert!(
        page.has("Recovery codes left: nine."),
        "{}",
        page.describe()
    );
    let page = olga.press("Make new recovery codes", &[]).await;
    let new = recovery_codes(&page);
    assert_eq!(new.len(), 10, "{}", page.describe());
    let page = olga.press("I have saved them", &[]).await;
    assert!(
        page.has("Your new recovery codes count from now"),
        "{}",
        page.describe()
    );
    for used in [&old[0], &old[1]] {
        let page = enter(&mut olga, PASSPHRASE, used).await;
        assert_eq!(page.status, 422, "{}", page.describe());
    }
    // Half-way in, she may start over.
    let page = olga
        .press("Start over, or sign in as somebody else", &[])
        .await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/sign-in"),
        "{}",
        page.describe()
    );
    let page = enter(&mut olga, PASSPHRASE, &new[0]).await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/"),
        "{}",
        page.describe()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_counts_at_once_and_ends_her_other_sessions() {
    let clinic = clinic_with_people("").await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut other = Operator {
        name: olga.name,
        browser: clinic.desk(),
        phone: Phone::from_base32(olga.phone.secret()).expect("it was good before"),
        codes: Vec::new(),
    };
    other.sign_in(&clinic).await;
    let page = olga.see("/me").await;
    assert!(page.has("End all but this one"), "{}", page.describe());
    for (password, again, said) in [
        ("password1", "password1", "common"),
        (
            OTHER_PASSPHRASE,
            PASSPHRASE,
            "The two passwords are not the same.",
        ),
    ] {
        let page = olga
            .press(
                "Change password",
                &[("password", password), ("again", again)],
            )
            .await;
        assert!(page.status == 422 && page.has(said), "{}", page.describe());
    }
    let both = [("password", OTHER_PASSPHRASE), ("again", OTHER_PASSPHRASE)];
    let page = olga.press("Change password", &both).await;
    assert!(page.has("Your password is changed."), "{}", page.describe());
    assert_eq!(other.see("/me").await.path(), "/sign-in");
    let page = other
        .browser
        .submit(&[("name", "olga"), ("password", PASSPHRASE)])
        .await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert_eq!(olga.see("/me").await.status, 200);
    clinic.world.must_not_leak(&[OTHER_PASSPHRASE, PASSPHRASE]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_session_asks_for_her_own_code_and_keeps_what_was_typed() {
    let clinic = clinic_with_people("").await;
    newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    clinic.world.clock.advance(6 * MINUTE);
    let why = [("reason", "phone under a tram"), ("own_code", "000000")];
    let page = helen.act("alice", "Reset second factor", &why).await;
    assert!(
        page.status == 422 && page.has("Your own code was not right."),
        "{}",
        page.describe()
    );
    assert!(page.text().contains("value=\"phone under a tram\""));
    assert!(!page.text().contains("000000"));
    assert_eq!(audited(&clinic, AuditKind::SubscriberReset).await, 0);
    let own = helen.code(&clinic);
    let page = helen.browser.submit(&[("own_code", &own)]).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    code_shown(&page);
    // From now on the factor is fresh again; an unlock never asked for one.
    helen.look_up("alice").await;
    helen.browser.click("Give an enrolment code").await;
    assert!(!helen.browser.page().has_field("own_code"));
    clinic.world.clock.advance(HOUR);
    let page = helen.see("/people").await;
    assert_eq!(page.path(), "/sign-in", "{}", page.describe());
    assert!(page.has("was not used for a while"), "{}", page.describe());
}
