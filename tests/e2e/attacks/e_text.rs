//! E06, E07 and E08: text of others in pages, files and logs is text there, and a log that was
//! changed behind our back says so.

use anteroom_core::operator::Role;
use anteroom_tests::browser::Browser;
use anteroom_tests::world::start::eventually;

use super::e_bench::{CHECK, api, bare, desk_with, invite, is_in, look, post, rows, stage, token};
use crate::desk::operator;
use crate::ward::{audit_is_whole, told};

const HOSTILE: [&str; 8] = [
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "'-alert(1)-'",
    "{{7*7}}${7*7}<%=7*7%>",
    "</title></textarea><script>alert(1)</script>",
    "=HYPERLINK(\"http://evil.test\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "gpj.\u{202e}exe\u{2066}",
];

/// What must stand in no page as it was typed.
const LIVE: [&str; 6] = [
    "<img src=x",
    "<svg onload",
    "<script",
    "</title></text",
    "\u{202e}",
    "\u{2066}",
];

fn is_dead(what: &str, text: &str) {
    for live in LIVE {
        assert!(!text.contains(live), "{what}: {live:?} stands in {text}");
    }
}

async fn walk(browser: &Browser, ids: &[i64]) {
    let mut paths: Vec<String> = [
        "/",
        "/people",
        "/approvals",
        "/staff",
        "/emergency",
        "/audit",
        "/report",
        "/operators",
        "/operators/olga",
        "/policy",
        "/me",
    ]
    .map(str::to_owned)
    .to_vec();
    for id in ids {
        paths.push(format!("/people/{id}"));
        paths.push(format!("/audit?id={id}"));
        for act in ["reset", "merge", "suspend", "unlock", "enrolment-code"] {
            paths.push(format!("/people/{id}/{act}"));
        }
    }
    for seq in 1..30 {
        paths.push(format!("/audit/{seq}"));
    }
    for path in &paths {
        let page = look(browser, path).await;
        assert!(
            matches!(page.status, 200 | 404),
            "{path}: {}",
            page.describe()
        );
        is_dead(path, &page.text());
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e06_names_reasons_notes_and_labels_are_text_on_every_page_and_in_every_file() {
    let people = HOSTILE[..5].iter().map(|name| format!("{name:?}"));
    let people = people.collect::<Vec<_>>().join(", ");
    let group = format!("[[admin.group]]\nname = \"G\"\nrealm = \"emr\"\npeople = [{people}]");
    let clinic = desk_with(&group).await;
    let olga = operator(&clinic, "olga", Role::Owner).await;
    let mut ids = Vec::new();
    for text in HOSTILE {
        let id = invite(&clinic, text).await;
        ids.push(id);
        for (act, pairs) in [
            ("note", vec![("note", text)]),
            ("suspend", vec![("reason", text)]),
            ("reinstate", vec![("reason", text), ("check", CHECK)]),
            ("reset", vec![("reason", text), ("check", CHECK)]),
        ] {
            let page = post(&olga.browser, &format!("/people/{id}/{act}"), &pairs).await;
            assert!(
                matches!(page.status, 200 | 303),
                "{act}: {}",
                page.describe()
            );
            is_dead(act, &page.text());
        }
        let pairs = [("label", text), ("scope", "people:read"), ("days", "7")];
        let page = post(&olga.browser, "/me/tokens", &pairs).await;
        assert_eq!(page.status, 200, "{}", page.describe());
        is_dead("/me/tokens", &page.text());
        let pairs = [("app", "emr"), ("minutes", "30"), ("reason", text)];
        let page = post(&olga.browser, "/emergency", &pairs).await;
        is_dead("/emergency", &page.text());
        let pairs = [("place", "emr"), ("list", text), ("reason", text)];
        let page = post(&olga.browser, "/staff/preview", &pairs).await;
        is_dead("/staff/preview", &page.text());
        let page = bare(
            &clinic.desk(),
            "/sign-in",
            &[("name", text), ("password", "x")],
        )
        .await;
        is_dead("/sign-in", &page.text());
    }
    walk(&olga.browser, &ids).await;
    for path in [
        "/audit/export.csv",
        "/report/factors.csv",
        "/report/resets.csv",
    ] {
        let text = look(&olga.browser, path).await.text();
        for cell in ["=HYPERLINK", "@SUM"] {
            for before in ["\n", ",", ",\"", "\n\""] {
                assert!(!text.contains(&format!("{before}{cell}")), "{path}: {text}");
            }
        }
        assert!(
            text.contains("'=HYPERLINK") && !text.contains('\u{202e}'),
            "{path}: {text}"
        );
    }
    let page = look(&olga.browser, "/audit/export.jsonl").await;
    for line in page.text().lines() {
        let row: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(row.is_ok_and(|row| row["seq"].is_i64()), "{line}");
    }
    let bearer = token(&olga, &["people:read"]).await;
    let answer = api(&clinic, "GET", "/api/v1/people", &bearer, "").await;
    let found: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(
        found["people"].as_array().map(Vec::len),
        Some(HOSTILE.len())
    );
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e08_what_was_typed_makes_one_row_and_no_line_of_its_own() {
    let (clinic, olga, alice) = stage().await;
    let forged = "x\n2031-01-01 login ok user=root\r\n\u{1b}[2J\u{2028}\"}\u{7}\u{0}";
    let before = rows(&clinic).await;
    for (act, pairs) in [
        ("suspend", vec![("reason", forged)]),
        ("reinstate", vec![("reason", forged), ("check", CHECK)]),
    ] {
        let page = post(&olga.browser, &format!("/people/{alice}/{act}"), &pairs).await;
        assert_eq!(page.status, 303, "{act}: {}", page.describe());
    }
    let page = post(
        &olga.browser,
        &format!("/people/{alice}/note"),
        &[("note", forged)],
    )
    .await;
    assert_eq!(page.status, 303, "{}", page.describe());
    // suspended, reinstated, identity checked, noted
    assert_eq!(rows(&clinic).await, before + 4);
    for row in clinic
        .store()
        .audit_tail(100)
        .await
        .expect("the store answers")
    {
        let reason = row.event.reason.unwrap_or_default();
        let steers = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{202e}');
        assert!(!reason.contains(steers), "{reason:?}");
        assert!(reason.chars().count() <= 200, "{reason:?}");
    }
    for path in ["/audit/export.csv", "/audit/export.jsonl"] {
        let text = look(&olga.browser, path).await.text();
        assert!(
            !text.contains(['\u{1b}', '\u{2028}', '\u{7}', '\0']),
            "{path}"
        );
        assert!(!text.lines().any(|line| line.starts_with("2031")), "{path}");
    }
    let long = "a".repeat(1_000_000);
    for (path, field) in [
        (format!("/people/{alice}/suspend"), "reason"),
        (format!("/people/{alice}/note"), "note"),
        ("/me/tokens".to_owned(), "label"),
        ("/operators".to_owned(), "name"),
    ] {
        let page = post(&olga.browser, &path, &[(field, &long)]).await;
        assert!(
            matches!(page.status, 400 | 413 | 422),
            "{path}: {}",
            page.status
        );
    }
    for (name, password) in [
        (long.as_str(), "x"),
        ("olga", long.as_str()),
        (forged, forged),
    ] {
        let page = bare(
            &clinic.desk(),
            "/sign-in",
            &[("name", name), ("password", password)],
        )
        .await;
        assert!(matches!(page.status, 400 | 413 | 422), "{}", page.status);
        assert!(page.body.len() < 20_000, "nothing long comes back");
    }
    let too_much = "a".repeat(2_000_000);
    let page = bare(
        &clinic.desk(),
        "/sign-in",
        &[("name", &too_much), ("password", "x")],
    )
    .await;
    assert!(matches!(page.status, 400 | 413), "{}", page.status);
    let logs = clinic.world.logs();
    assert!(!logs.contains("login ok user=root") && !logs.contains("\u{1b}[2J"));
    assert!(!logs.contains(&long[..1000]));
    assert_eq!(told(&clinic, "note_added").await, 1);
    assert!(is_in(&olga.browser).await);
    audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e07_a_row_changed_in_the_file_is_found_by_the_verify_page() {
    let mut clinic = desk_with("").await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let alice = invite(&clinic, "alice").await;
    let honest = "her phone fell into the sea";
    let pairs = [("reason", honest), ("check", CHECK)];
    let page = post(&olga.browser, &format!("/people/{alice}/unlock"), &pairs).await;
    assert_eq!(page.status, 303, "{}", page.describe());
    assert!(
        verified(&mut olga.browser)
            .await
            .contains("Nothing is missing or changed")
    );
    clinic.stop_admin().await;
    clinic.store().close().await;
    clinic.stop().await;
    // Straight into the file, past everything of ours: text of the same length.
    let file = clinic.world.dir().join("anteroom.db");
    let mut bytes = std::fs::read(&file).expect("the store's file");
    let forged = "her phone fell into the tea";
    let places: Vec<usize> = bytes
        .windows(honest.len())
        .enumerate()
        .filter(|(_, window)| *window == honest.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "the reason is in the file");
    for at in places {
        bytes[at..at + forged.len()].copy_from_slice(forged.as_bytes());
    }
    std::fs::write(&file, bytes).expect("it is ours");
    clinic.start().await;
    let told = verified(&mut olga.browser).await;
    assert!(told.contains("Rows were changed or removed"), "{told}");
}

/// What the verify page says when its walk is over.
async fn verified(browser: &mut Browser) -> String {
    let page = post(browser, "/audit/verify", &[]).await;
    assert_eq!(page.status, 303, "{}", page.describe());
    let seen = tokio::sync::Mutex::new(String::new());
    eventually("the walk ends", async || {
        let page = look(browser, "/audit/verify").await;
        *seen.lock().await = page.visible();
        page.has("rows were read")
    })
    .await;
    seen.into_inner()
}
