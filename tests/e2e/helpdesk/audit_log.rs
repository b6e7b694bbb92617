//! The audit log at the desk: filtered, followed, verified, taken away as files, and the report for
//! an auditor.

use anteroom_core::operator::Role;
use anteroom_tests::browser::page::Page;
use anteroom_tests::world::start::{Clinic, eventually};
use serde_json::Value;

use crate::desk::{CHECK, Operator, clinic_with_people, code_shown, operator};
use crate::journeys::people::{ALICE, BOB, all_is_well, newcomer, sign_in, type_code};
use crate::ward::DAY;

/// A day at the clinic: two people, one wrong code, an unlock, a reset; then the next morning.
async fn a_day() -> (Clinic, Operator) {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    newcomer(&clinic, &mut clinic.browser(), BOB).await;
    let mut browser = clinic.browser();
    crate::journeys::people::password(&mut browser, ALICE).await;
    type_code(
        &mut browser,
        &alice.phone.wrong_code(clinic.world.clock.now()),
    )
    .await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    helen
        .act("alice", "Unlock", &[("reason", "typed slowly")])
        .await;
    let page = helen.act("bob", "Reset second factor", &[]).await;
    code_shown(&page);
    clinic.world.clock.advance(DAY);
    sign_in(&clinic, &mut clinic.browser(), &alice).await;
    let olga = operator(&clinic, "olga", Role::Owner).await;
    (clinic, olga)
}

/// The kinds that a page of the log shows, the newest first.
fn kinds(page: &Page) -> Vec<String> {
    let text = page.text();
    let rows = text.split("<span class=\"quiet line\"><code>").skip(1);
    let kinds = rows.map(|rest| rest.split('<').next().unwrap_or_default().to_owned());
    kinds.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_filtered_by_person_operator_app_kind_and_day() {
    let (_clinic, mut olga) = a_day().await;
    olga.see("/audit").await;
    let page = olga.browser.submit(&[("person", "ali")]).await;
    let all = kinds(&page);
    assert!(all.contains(&"subscriber_unlocked".to_owned()), "{all:?}");
    assert!(
        !page.has("bob:") && page.has("alice:"),
        "{}",
        page.describe()
    );

    let page = olga
        .browser
        .submit(&[("person", ""), ("operator", "helen")])
        .await;
    let hers = kinds(&page);
    for kind in [
        "subscriber_reset",
        "subscriber_unlocked",
        "identity_checked",
    ] {
        assert!(hers.iter().any(|one| one == kind), "{kind}: {hers:?}");
    }
    assert!(
        !hers.iter().any(|one| one == "session_verified"),
        "{hers:?}"
    );

    let page = olga.see("/audit?app=emr&kind=session_verified").await;
    assert_eq!(kinds(&page), ["session_verified"; 3]);
    let page = olga
        .browser
        .submit(&[("from", "2026-03-02"), ("until", "2026-03-02")])
        .await;
    assert_eq!(kinds(&page), ["session_verified"; 2], "{}", page.describe());
    let page = olga
        .browser
        .submit(&[("from", "2026-03-03"), ("until", "2026-03-03")])
        .await;
    assert_eq!(kinds(&page), ["session_verified"], "{}", page.describe());

    // What cannot be understood is said, and nothing is shown in its place.
    for (query, said) in [
        ("person=nobody-of-that-name", "Nobody's name contains this."),
        ("kind=tea", "There is no such kind of event."),
        ("from=tomorrow", "That is not a day."),
    ] {
        let page = olga.see(&format!("/audit?{query}")).await;
        assert!(
            page.has(said) && kinds(&page).is_empty(),
            "{query}: {}",
            page.describe()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_event_is_followed_to_its_session_and_its_neighbours() {
    let (_clinic, mut olga) = a_day().await;
    let page = olga.see("/audit?kind=challenge_failed").await;
    let links = page.links();
    let (_, row) = links
        .iter()
        .find(|(text, href)| text.parse::<i64>().is_ok() && href.starts_with("/audit/"))
        .expect("a row");
    let page = olga.see(row).await;
    for words in [
        "A wrong code",
        "The same session",
        "Right passwords",
        "this row",
        "Hash before",
    ] {
        let singular = words == "Right passwords" && page.has("A right password");
        assert!(page.has(words) || singular, "{words}: {}", page.describe());
    }
    assert_eq!(olga.see("/audit/99999").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_verify_button_walks_the_log_until_it_is_whole() {
    let (_clinic, mut olga) = a_day().await;
    let page = olga.see("/audit/verify").await;
    assert!(page.has("Verify now"), "{}", page.describe());
    olga.press("Verify now", &[]).await;
    let tab = olga.browser.new_tab();
    eventually("the log is verified", async || {
        let page = tab.new_tab().open("/audit/verify").await;
        page.has("Nothing is missing or changed")
    })
    .await;
    let page = olga.see("/audit/verify").await;
    assert!(
        page.has("rows were read. Finished today"),
        "{}",
        page.describe()
    );
    eventually("it is written down", async || {
        let page = tab.new_tab().open("/audit/verify").await;
        page.has("Last verified: today") && page.has("by olga")
    })
    .await;
}

/// The cells of a CSV file without its heading. No cell of these days holds a comma.
fn lines(page: &Page) -> Vec<Vec<String>> {
    let text = page.text();
    let rows = text.lines().skip(1).map(|line| line.split(','));
    rows.map(|row| row.map(|cell| cell.trim_matches('"').to_owned()).collect())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_hold_what_the_page_shows_and_taking_them_is_written_down() {
    let (_clinic, mut olga) = a_day().await;
    let page = olga.see("/audit?operator=helen").await;
    let mut shown = kinds(&page);
    shown.reverse();
    let file = olga.browser.click("Export these as CSV").await;
    assert_eq!(file.status, 200, "{}", file.describe());
    let disposition = file.header("content-disposition").unwrap_or_default();
    assert_eq!(disposition, "attachment; filename=\"anteroom-audit.csv\"");
    let rows = lines(&file);
    let in_csv: Vec<&String> = rows
        .iter()
        .filter_map(|row| row.iter().find(|c| shown.contains(c)))
        .collect();
    assert_eq!(in_csv, shown.iter().collect::<Vec<_>>());

    let file = olga.see("/audit/export.jsonl?operator=helen").await;
    let text = file.text();
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    let in_json: Vec<&str> = rows.iter().filter_map(|row| row["kind"].as_str()).collect();
    assert_eq!(in_json, shown);
    let page = olga.see("/audit?kind=audit_exported").await;
    assert_eq!(kinds(&page).len(), 2, "{}", page.describe());
    assert!(page.has("operator=helen"), "{}", page.describe());
    // A longer log comes in several pieces, and whole.
    let file = olga.see("/audit/export.jsonl").await;
    let last = file.text().lines().count();
    assert!(last > 30, "{last}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_report_says_who_has_what_who_was_reset_and_who_runs_the_place() {
    let (clinic, mut olga) = a_day().await;
    let page = olga.see("/report").await;
    for words in [
        "alice",
        "Authenticator app",
        "Resets",
        "rang us at seven",
        CHECK,
        "Operators and roles",
        "helen",
        "olga",
    ] {
        assert!(page.has(words), "{words}: {}", page.describe());
    }
    let factors = lines(&olga.see("/report/factors.csv").await);
    let alice = factors.iter().find(|row| row.contains(&"alice".to_owned()));
    assert!(
        alice.is_some_and(|row| row.contains(&"totp".to_owned())),
        "{factors:?}"
    );
    let resets = lines(&olga.see("/report/resets.csv").await);
    let bob = resets.iter().find(|row| row.contains(&"bob".to_owned()));
    let bob = bob.unwrap_or_else(|| panic!("{resets:?}"));
    for cell in ["helen", "rang us at seven", CHECK] {
        assert!(bob.iter().any(|one| one == cell), "{cell}: {bob:?}");
    }
    let operators = lines(&olga.see("/report/operators.csv").await);
    assert!(
        operators
            .iter()
            .any(|row| row.contains(&"operator_created".to_owned()))
    );
    // An auditor reads it all and takes nothing away.
    let mut anna = operator(&clinic, "anna", Role::Auditor).await;
    assert_eq!(anna.see("/report").await.status, 200);
    let may_export = anna.see("/audit").await.has("Export these as CSV");
    let taken = anna.see("/audit/export.csv").await.status;
    assert_eq!(taken, if may_export { 200 } else { 403 });
    let alice = newcomer(&clinic, &mut clinic.browser(), crate::ward::CHEN).await;
    all_is_well(&clinic, &alice).await;
}

/// The reference at the foot of a page.
fn reference(page: &Page) -> String {
    let text = page.text();
    let said = text.split("give this reference: <code>").nth(1);
    let said = said.and_then(|rest| rest.split('<').next());
    said.expect("a reference").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_reads_out_from_her_page_leads_to_what_happened() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut browser = clinic.browser();
    crate::journeys::people::password(&mut browser, ALICE).await;
    let asked = reference(browser.page());
    let wrong = alice.phone.wrong_code(clinic.world.clock.now());
    type_code(&mut browser, &wrong).await;
    let refused = reference(browser.page());
    assert_ne!(asked, refused);
    type_code(&mut browser, &alice.next_code(&clinic)).await;

    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let page = helen.see(&format!("/audit?reference={refused}")).await;
    assert_eq!(kinds(&page), ["challenge_failed"], "{}", page.describe());
    assert!(page.has("alice:"), "{}", page.describe());
    // The page that asks for a code has done nothing yet: it leads to the login that it is about.
    let heard = format!("{}-{}", &asked[..4], asked[4..].to_lowercase());
    helen.see("/audit").await;
    let page = helen.browser.submit(&[("reference", &heard)]).await;
    assert!(
        kinds(&page).contains(&"login_withheld".to_owned()),
        "{}",
        page.describe()
    );
    let page = helen.see("/audit?reference=7K2M").await;
    assert!(page.has("That is not a reference."), "{}", page.describe());
    all_is_well(&clinic, &alice).await;
}
