//! The JSON API: tokens issued by an operator to herself, and the acts of the desk done by a
//! program that holds one. What a token may is bounded by scope, role and time.

use anteroom_core::operator::Role;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::world::start::{Clinic, eventually};
use serde_json::{Value, json};

use crate::desk::{CHECK, Operator, clinic_with_people, operator, secret_shown};
use crate::journeys::people::{
    ALICE, BOB, all_is_well, enrol, must_be_in, newcomer, password, sign_in, type_code,
    type_recovery,
};
use crate::ward::{DAY, MINUTE};

const CHIEFS: &str = "[[admin.group]]\nname = \"Chiefs\"\nrealm = \"emr\"\npeople = [\"bob\"]\n";

/// A program with a token.
struct Program(Browser);

impl Program {
    fn with(clinic: &Clinic, token: &str) -> Self {
        Self(
            clinic
                .desk()
                .always("Authorization", &format!("Bearer {token}")),
        )
    }

    async fn get(&self, path: &str) -> Page {
        self.0.new_tab().xhr("GET", path).await
    }

    async fn post(&self, path: &str, body: &Value) -> Page {
        self.0
            .new_tab()
            .xhr_json("POST", path, &body.to_string())
            .await
    }

    /// An act with its reason; gives what came back when it was 200.
    async fn act(&self, path: &str) -> Value {
        let page = self.post(path, &why()).await;
        assert_eq!(page.status, 200, "{}", page.describe());
        page.json()
    }
}

fn why() -> Value {
    json!({ "reason": "ticket 4711", "identity_check": CHECK })
}

/// Issues a token with these scopes at her own account, and shows it once.
async fn token(of: &mut Operator, label: &str, scopes: &[&str]) -> String {
    of.see("/me").await;
    let form = of.browser.form_with(&[("label", ""), ("scope", "")]);
    let mut pairs: Vec<(String, String)> = form
        .filled(&[("label", label), ("days", "7")], None)
        .expect("the form has them");
    pairs.retain(|(name, _)| name != "scope");
    pairs.extend(
        scopes
            .iter()
            .map(|scope| ("scope".to_owned(), (*scope).to_owned())),
    );
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let ask = crate::ward::posting(&of.browser, "/me/tokens", &pairs);
    let page = of.browser.land(ask).await;
    assert_eq!(
        page.heading(),
        format!("Your new token: {label}"),
        "{}",
        page.describe()
    );
    secret_shown(&page)
}

/// A temporary code that works, an unlock, a suspension and its end.
async fn suspends_and_reinstates(clinic: &Clinic, program: &Program, at: &str) {
    let mut wanted = why();
    wanted["hours"] = json!(8);
    wanted["uses"] = json!(1);
    let given = program.post(&format!("{at}/temporary-code"), &wanted).await;
    let code = given.json()["code"].as_str().expect("a code").to_owned();
    let mut browser = clinic.browser();
    password(&mut browser, ALICE).await;
    type_recovery(&mut browser, &code).await;
    must_be_in(&mut browser).await;
    assert_eq!(
        program.act(&format!("{at}/unlock")).await["outcome"],
        "done"
    );
    assert_eq!(
        program.act(&format!("{at}/suspend")).await["outcome"],
        "done"
    );
    assert_eq!(
        program.act(&format!("{at}/suspend")).await["outcome"],
        "unchanged"
    );
    assert_eq!(program.get(at).await.json()["status"], "suspended");
    assert_eq!(
        program.act(&format!("{at}/reinstate")).await["outcome"],
        "done"
    );
    eventually("the suspension cut her off", async || {
        browser.new_tab().get("/patients/1001").await.status != 200
    })
    .await;
    clinic.world.must_not_leak(&[&code]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_finds_a_person_and_helps_her_as_the_desk_does() {
    let clinic = clinic_with_people("").await;
    let (mut ward, mut office) = (clinic.browser(), clinic.browser());
    let alice = newcomer(&clinic, &mut ward, ALICE).await;
    clinic.world.clock.advance(MINUTE);
    sign_in(&clinic, &mut office, &alice).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let scopes = ["people:read", "people:help"];
    let token = token(&mut helen, "telephone system", &scopes).await;
    let page = helen.see("/me").await;
    assert!(
        page.has("telephone system") && !page.has(&token),
        "{}",
        page.describe()
    );
    let program = Program::with(&clinic, &token);
    let found = program.get("/api/v1/people?text=LIC").await.json();
    let id = found["people"][0]["id"].as_i64().expect("a number");
    assert_eq!(found["people"][0]["status"], "enrolled");
    let at = format!("/api/v1/people/{id}");

    // One session, then a note, both seen by the next one who looks.
    let person = program.get(&at).await.json();
    assert_eq!(person["sessions"].as_array().map(Vec::len), Some(2));
    let session = person["sessions"][1]["id"].as_i64().expect("a number");
    let mut tab = program.0.new_tab();
    let ended = tab.xhr("DELETE", &format!("{at}/sessions/{session}")).await;
    assert_eq!(ended.status, 200, "{}", ended.describe());
    let note = json!({ "text": "opened by the telephone system" });
    assert_eq!(
        program.post(&format!("{at}/notes"), &note).await.status,
        200
    );
    let person = program.get(&at).await.json();
    assert_eq!(person["sessions"].as_array().map(Vec::len), Some(1));
    assert_eq!(person["notes"][0]["operator"], "helen");
    eventually("one of the two is out", async || {
        let one = ward.new_tab().get("/patients/1001").await.status;
        let other = office.new_tab().get("/patients/1001").await.status;
        (one == 200) != (other == 200)
    })
    .await;

    suspends_and_reinstates(&clinic, &program, &at).await;

    // A reset, and the way back.
    let reset = program.act(&format!("{at}/reset")).await;
    let mut again = clinic.browser();
    password(&mut again, ALICE).await;
    type_code(&mut again, reset["code"].as_str().expect("a code")).await;
    let alice = enrol(&mut again, &clinic, ALICE).await;
    let page = helen.see("/audit?kind=subscriber_reset").await;
    assert!(
        page.has("operator helen") && page.has("ticket 4711"),
        "{}",
        page.describe()
    );
    clinic.world.must_not_leak(&[&token]);
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_eyes_hold_for_programs_too_and_so_do_reason_and_identity_check() {
    let clinic = clinic_with_people(CHIEFS).await;
    let mut his = clinic.browser();
    let bob = newcomer(&clinic, &mut his, BOB).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let token = token(&mut helen, "robot", &["people:read", "people:help"]).await;
    let program = Program::with(&clinic, &token);
    let asked = program.post("/api/v1/people/1/reset", &why()).await;
    assert_eq!(asked.status, 202, "{}", asked.describe());
    assert_eq!(asked.json()["outcome"], "waits_for_second_operator");
    must_be_in(&mut his).await;
    let page = helen.see("/approvals").await;
    assert!(
        page.has("Reset the second factor of bob"),
        "{}",
        page.describe()
    );
    for body in [
        json!({}),
        json!({ "reason": "" , "identity_check": CHECK }),
        json!({ "reason": "x" }),
        json!({ "reason": "x", "identity_check": "she sounded nice" }),
        json!({ "reason": "x", "identity_check": CHECK, "approved_by": "olga" }),
    ] {
        let page = program.post("/api/v1/people/1/unlock", &body).await;
        assert_eq!(page.status, 400, "{body}: {}", page.describe());
        assert_eq!(page.json()["status"], 400);
    }
    let missing = program.get("/api/v1/people/999").await;
    assert_eq!(missing.status, 404, "{}", missing.describe());
    all_is_well(&clinic, &bob).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_log_is_pulled_piece_by_piece_without_gap_or_repetition() {
    let clinic = clinic_with_people("").await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let token = token(&mut olga, "siem", &["audit:read"]).await;
    let siem = Program::with(&clinic, &token);
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let path = format!("/api/v1/audit?after={after}&limit=7");
        let page = siem.get(&path).await.json();
        let rows = page["rows"].as_array().expect("rows").clone();
        after = page["next"].as_i64().expect("a number");
        if rows.is_empty() {
            break;
        }
        assert!(rows.len() <= 7);
        seen.extend(rows);
    }
    let numbers: Vec<i64> = seen.iter().filter_map(|row| row["seq"].as_i64()).collect();
    let expected: Vec<i64> = (1..=after).collect();
    assert_eq!(numbers, expected);
    let kinds: Vec<&str> = seen.iter().filter_map(|row| row["kind"].as_str()).collect();
    for kind in ["session_verified", "operator_signed_in", "token_issued"] {
        assert!(kinds.contains(&kind), "{kind}: {kinds:?}");
    }
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_are_too_small_revoked_expired_or_forged_are_refused() {
    let clinic = clinic_with_people("").await;
    newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let reading = token(&mut helen, "reader", &["people:read"]).await;
    let program = Program::with(&clinic, &reading);
    assert_eq!(program.get("/api/v1/people").await.status, 200);
    let page = program.post("/api/v1/people/1/unlock", &why()).await;
    assert_eq!(page.status, 403, "{}", page.describe());
    assert_eq!(program.get("/api/v1/audit").await.status, 403);
    for wrong in [
        "art_",
        "art_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "Basic x",
    ] {
        let page = Program::with(&clinic, wrong).get("/api/v1/people").await;
        assert_eq!(page.status, 401, "{wrong}: {}", page.describe());
    }
    // A signed-in browser is no program: its cookie counts for nothing here.
    let page = helen.browser.new_tab().xhr("GET", "/api/v1/people").await;
    assert_eq!(page.status, 401, "{}", page.describe());

    // Revoked by herself.
    helen.see("/me").await;
    let page = helen.press("Revoke reader", &[]).await;
    assert!(
        page.has("That token no longer works."),
        "{}",
        page.describe()
    );
    assert_eq!(program.get("/api/v1/people").await.status, 401);
    // Revoked by an owner.
    let second = token(&mut helen, "second", &["people:read"]).await;
    olga.see("/operators/helen").await;
    olga.press("Revoke second", &[]).await;
    let page = Program::with(&clinic, &second).get("/api/v1/people").await;
    assert_eq!(page.status, 401, "{}", page.describe());
    // Expired.
    let third = token(&mut helen, "third", &["people:read"]).await;
    let program = Program::with(&clinic, &third);
    assert_eq!(program.get("/api/v1/people").await.status, 200);
    clinic.world.clock.advance(7 * DAY);
    assert_eq!(program.get("/api/v1/people").await.status, 401);
    // Gone with the rights of its operator.
    helen.sign_in(&clinic).await;
    let fourth = token(&mut helen, "fourth", &["people:read"]).await;
    olga.sign_in(&clinic).await;
    olga.see("/operators/helen").await;
    olga.browser.click("Disable").await;
    olga.fill(&[]).await;
    let page = Program::with(&clinic, &fourth).get("/api/v1/people").await;
    assert_eq!(page.status, 401, "{}", page.describe());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_never_holds_more_than_its_operator() {
    let clinic = clinic_with_people("").await;
    let mut anna = operator(&clinic, "anna", Role::Auditor).await;
    let page = anna.see("/me").await;
    assert!(!page.text().contains("people:help"), "{}", page.describe());
    let csrf = page.forms()[0].field("csrf").expect("a form").value.clone();
    let pairs = [
        ("csrf", csrf.as_str()),
        ("label", "greedy"),
        ("scope", "people:help"),
        ("days", "7"),
    ];
    let page = crate::ward::post(&anna.browser, "/me/tokens", &pairs).await;
    assert!(
        page.status == 422 && page.has("Your role does not hold all of that."),
        "{}",
        page.describe()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_of_the_api_is_served_to_anybody_and_names_every_act() {
    let clinic = clinic_with_people("").await;
    let page = clinic.desk().open("/api/v1/openapi.json").await;
    let told = page.json();
    assert!(
        told["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    for act in [
        "unlock",
        "reset",
        "temporary-code",
        "sign-out",
        "suspend",
        "reinstate",
        "notes",
    ] {
        let path = format!("/api/v1/people/{{id}}/{act}");
        assert!(told["paths"][&path]["post"].is_object(), "{act}");
    }
}
