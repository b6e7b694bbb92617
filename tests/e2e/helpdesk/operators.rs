//! Operators among themselves: invited, promoted, disabled, reset, unlocked; and what an auditor
//! sees and cannot do. What each does at her own account stands in `own_account`.

use anteroom_core::operator::Role;

use crate::desk::{
    Operator, PASSPHRASE, clinic_with_people, invited, operator, path_of, secret_shown, set_up,
};
use crate::journeys::people::{ALICE, all_is_well, newcomer};
use crate::ward::{HOUR, MINUTE};

/// Olga makes a link for somebody new.
async fn link_for(olga: &mut Operator, name: &str, role: &str) -> String {
    olga.see("/operators").await;
    let page = olga.browser.submit(&[("name", name), ("role", role)]).await;
    assert_eq!(
        page.heading(),
        format!("Set-up link for {name}"),
        "{}",
        page.describe()
    );
    path_of(&secret_shown(&page)).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_invites_a_helpdesk_and_an_auditor_and_each_becomes_what_she_was_invited_as() {
    let clinic = clinic_with_people("").await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let link = link_for(&mut olga, "helen", "helpdesk").await;
    let page = olga.see("/operators/helen").await;
    assert!(
        page.has("Has not used the set-up link yet"),
        "{}",
        page.describe()
    );
    // A new link makes the first one worthless.
    let page = olga.press("Make a new set-up link", &[]).await;
    let newer = path_of(&secret_shown(&page)).to_owned();
    assert_eq!(clinic.desk().open(&link).await.status, 410);
    let mut helens = clinic.desk();
    set_up(&clinic, &mut helens, &newer).await;
    assert!(
        helens.page().has("helen Helpdesk"),
        "{}",
        helens.page().describe()
    );
    let link = link_for(&mut olga, "anna", "auditor").await;
    let mut annas = clinic.desk();
    set_up(&clinic, &mut annas, &link).await;
    assert!(
        annas.page().has("anna Auditor"),
        "{}",
        annas.page().describe()
    );
    let page = olga.see("/operators").await;
    for words in ["helen Helpdesk", "anna Auditor", "olga Owner"] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    // Names are never given twice, and some are none.
    for (name, said) in [
        ("helen", "There is, or was, an operator of that name."),
        ("Björk Ö", "That cannot be a name here."),
    ] {
        let page = olga.see("/operators").await;
        assert_eq!(page.status, 200);
        let page = olga
            .browser
            .submit(&[("name", name), ("role", "owner")])
            .await;
        assert!(page.status == 422 && page.has(said), "{}", page.describe());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_auditor_reads_everything_sees_no_buttons_and_is_refused_every_act() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut anna = operator(&clinic, "anna", Role::Auditor).await;
    let pages = [
        "/",
        "/people",
        "/people/1",
        "/approvals",
        "/emergency",
        "/audit",
        "/audit/1",
        "/report",
        "/operators",
        "/operators/anna",
        "/policy",
    ];
    for path in pages {
        let page = anna.see(path).await;
        assert_eq!(
            (page.status, page.path()),
            (200, path),
            "{}",
            page.describe()
        );
        let forms = page.forms();
        let posts = forms.iter().filter(|form| form.method == "POST");
        let posts: Vec<&str> = posts.map(|form| form.action.as_str()).collect();
        assert_eq!(posts, ["/sign-out"], "{path}");
    }
    let page = anna.see("/people/1").await;
    for act in ["Unlock", "Reset second factor", "Suspend", "Revoke it"] {
        assert!(!page.links().iter().any(|(text, _)| text == act), "{act}");
    }
    let csrf = page.forms()[0].field("csrf").expect("a form").value.clone();
    for path in [
        "unlock",
        "reset",
        "suspend",
        "note",
        "temporary-code",
        "sign-out",
    ] {
        let path = format!("/people/1/{path}");
        let pairs = [("csrf", csrf.as_str()), ("reason", "x"), ("note", "x")];
        let page = crate::ward::post(&anna.browser, &path, &pairs).await;
        assert_eq!(page.status, 403, "{path}: {}", page.describe());
    }
    for path in ["/staff", "/people/1/reset"] {
        assert_eq!(anna.see(path).await.status, 403, "{path}");
    }
    let page = anna.see("/audit?kind=operator_refused").await;
    assert!(page.has("auditor wanted"), "{}", page.describe());
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_role_ends_her_sessions_and_a_disabled_operator_stays_out_until_enabled() {
    let clinic = clinic_with_people("").await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    olga.see("/operators/helen").await;
    let page = olga.press("Change role", &[("role", "auditor")]).await;
    assert!(
        page.has("The role is changed, and their sessions have ended."),
        "{}",
        page.describe()
    );
    assert_eq!(helen.see("/people").await.path(), "/sign-in");
    let page = helen.sign_in(&clinic).await;
    assert!(page.has("helen Auditor"), "{}", page.describe());
    assert_eq!(helen.see("/staff").await.status, 403);

    olga.see("/operators/helen").await;
    olga.browser.click("Disable").await;
    let page = olga.fill(&[]).await;
    assert!(
        page.has("Disabled. They cannot sign in any more."),
        "{}",
        page.describe()
    );
    assert_eq!(helen.see("/people").await.path(), "/sign-in");
    let page = helen
        .browser
        .submit(&[("name", "helen"), ("password", PASSPHRASE)])
        .await;
    assert_eq!(page.status, 422, "{}", page.describe());
    olga.see("/operators/helen").await;
    olga.browser.click("Enable").await;
    let page = olga.fill(&[]).await;
    assert!(
        page.has("Enabled. They can sign in again."),
        "{}",
        page.describe()
    );
    let page = helen.sign_in(&clinic).await;
    assert!(page.has("helen Auditor"), "{}", page.describe());
    let page = olga.see("/report").await;
    for words in [
        "helen: helpdesk to auditor",
        "Operator disabled: “helen: rang us at seven”.",
        "Operator enabled",
    ] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_operator_begins_anew_by_her_link_and_nobody_does_it_to_herself() {
    let clinic = clinic_with_people("").await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    olga.see("/operators/helen").await;
    olga.browser.click("Reset password and phone").await;
    let page = olga.fill(&[]).await;
    let link = path_of(&secret_shown(&page)).to_owned();
    assert_eq!(helen.see("/people").await.path(), "/sign-in");
    set_up(&clinic, &mut helen.browser, &link).await;
    // The last owner cannot be taken away, least of all by herself.
    let page = olga.see("/operators/olga").await;
    assert!(page.has("This is you."), "{}", page.describe());
    let csrf = page.forms()[0].field("csrf").expect("a form").value.clone();
    let pairs = [
        ("csrf", csrf.as_str()),
        ("role", "auditor"),
        ("reason", "tired"),
    ];
    for path in ["role", "disable", "reset"] {
        let path = format!("/operators/olga/{path}");
        let page = crate::ward::post(&olga.browser, &path, &pairs).await;
        assert_eq!(page.status, 422, "{path}: {}", page.describe());
        assert!(
            page.has("You cannot do this to yourself."),
            "{}",
            page.describe()
        );
    }
    assert_eq!(olga.see("/operators").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_locked_out_by_wrong_codes_is_unlocked_by_an_owner() {
    let clinic = clinic_with_people("").await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    clinic.world.clock.advance(MINUTE);
    helen.press("Sign out", &[]).await;
    helen.see("/").await;
    helen
        .browser
        .submit(&[("name", "helen"), ("password", PASSPHRASE)])
        .await;
    helen.browser.follow_all().await;
    let wrong = helen.phone.wrong_code(clinic.world.clock.now());
    for _ in 0..5 {
        helen.see("/sign-in/code").await;
        helen.send("/sign-in/code", &[("code", &wrong)]).await;
    }
    let page = helen.browser.page();
    assert_eq!(page.status, 429, "{}", page.describe());
    let right = helen.phone.code_at(&clinic.world.clock);
    helen.see("/sign-in/code").await;
    let page = helen.send("/sign-in/code", &[("code", &right)]).await;
    assert_eq!(page.status, 429, "{}", page.describe());
    olga.see("/operators/helen").await;
    let page = olga
        .press("Unlock after wrong passwords or codes", &[])
        .await;
    assert!(page.has("Unlocked."), "{}", page.describe());
    helen.see("/sign-in/code").await;
    let page = helen.send("/sign-in/code", &[("code", &right)]).await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/"),
        "{}",
        page.describe()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_for_nobody_who_ever_was_is_worth_nothing() {
    let clinic = clinic_with_people("").await;
    let link = invited(&clinic, "olga", Role::Owner).await;
    let mut other = link.clone().into_bytes();
    let last = other.last_mut().expect("a token");
    *last = if *last == b'A' { b'E' } else { b'A' };
    let forged = String::from_utf8(other).expect("text");
    let page = clinic.desk().open(&forged).await;
    assert_eq!(page.status, 410, "{}", page.describe());
    clinic.world.clock.advance(25 * HOUR);
    let page = clinic.desk().open(&link).await;
    assert_eq!(page.status, 410, "{}", page.describe());
}
