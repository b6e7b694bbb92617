//! E03 (advisories B15, I5, I6, I12): every route of the admin app, asked for by everybody. What
//! each got stands in a snapshot that is read line by line; a new route fails here until somebody
//! has.

use std::fmt::Write as _;

use anteroom_admin::web::table::{Access, Line, lines};
use anteroom_core::operator::{Role, Scope};
use anteroom_tests::browser::Browser;
use anteroom_tests::world::start::Clinic;

use super::e_bench::{api, bare, cookie, look, post, stage, token};
use crate::desk::{DESK_COOKIE, Operator, PASSPHRASE, invited, operator};

/// Somebody at the pages; `None` for the word of whoever has no session.
struct Visitor {
    who: &'static str,
    role: Option<Role>,
    half_way: bool,
    browser: Browser,
}

fn place(line: &Line, alice: i64) -> String {
    let path = line
        .path
        .replace("/people/{id}", &format!("/people/{alice}"));
    let path = path.replace(
        "{name}",
        if line.path.starts_with("/assets") {
            "x"
        } else {
            "tara"
        },
    );
    let path = path.replace("{seq}", "1").replace("{token}", "x");
    path.replace("{id}", "999")
        .replace("{session}", "999")
        .replace("{batch}", "999")
}

/// What became of it: where it led, or its status.
async fn outcome(visitor: &Visitor, line: &Line, path: &str) -> String {
    let page = match (line.method, visitor.role, visitor.half_way) {
        ("GET", ..) => look(&visitor.browser, path).await,
        // Signed out by then, she has no word of a session any more.
        (_, Some(_), _) if ends(line) == 2 => bare(&visitor.browser, path, &[]).await,
        (_, Some(_), _) => post(&visitor.browser, path, &[]).await,
        (_, None, true) => {
            let form = look(&visitor.browser, "/sign-in/code").await;
            let word = super::e_bench::word_on(&form);
            bare(&visitor.browser, path, &[("csrf", &word)]).await
        }
        (_, None, false) => bare(&visitor.browser, path, &[]).await,
    };
    match page.location() {
        Some(to) if to.starts_with("/sign-in") => format!("{} {to}", page.status),
        _ => page.status.to_string(),
    }
}

/// What the table promises: in, or not.
fn expected(line: &Line, visitor: &Visitor, got: &str) {
    let Access::Operator(permission) = line.access else {
        return;
    };
    let what = format!("{} {} by {}", line.method, line.path, visitor.who);
    match visitor.role {
        Some(role) if role.may(permission) => {
            assert!(
                got != "403" && got != "401" && !got.contains("/sign-in"),
                "{what}: {got}"
            );
        }
        Some(_) => assert_eq!(got, "403", "{what}"),
        None if visitor.half_way => assert_eq!(got, "303 /sign-in/code", "{what}"),
        None => assert_eq!(got, "303 /sign-in", "{what}"),
    }
}

async fn visitors(clinic: &Clinic, owner: Operator) -> Vec<Visitor> {
    let maria = operator(clinic, "maria", Role::Helpdesk).await;
    let ada = operator(clinic, "ada", Role::Auditor).await;
    let mut half = clinic.desk();
    half.open("/sign-in").await;
    half.submit(&[("name", "maria"), ("password", PASSPHRASE)])
        .await;
    let of = |who, role, browser| Visitor {
        who,
        role,
        half_way: false,
        browser,
    };
    vec![
        of("nobody", None, clinic.desk()),
        Visitor {
            who: "half-way",
            role: None,
            half_way: true,
            browser: half,
        },
        of("auditor", Some(Role::Auditor), ada.browser),
        of("helpdesk", Some(Role::Helpdesk), maria.browser),
        of("owner", Some(Role::Owner), owner.browser),
    ]
}

/// Whose session a page ends: nobody's, a signed-in operator's, that of one who is half-way.
fn ends(line: &Line) -> u8 {
    match line.path {
        "/sign-out" => 1,
        "/sign-in/again" => 2,
        _ => 0,
    }
}

/// Pages last that end the session that asks for them.
fn pages() -> Vec<Line> {
    let mut all: Vec<Line> = lines()
        .into_iter()
        .filter(|line| !matches!(line.access, Access::Token(_)))
        .collect();
    all.sort_by_key(|line| (ends(line), line.path, line.method));
    all
}

fn access(line: &Line) -> String {
    match line.access {
        Access::Anybody => "anybody".to_owned(),
        Access::Operator(permission) => permission.name().to_owned(),
        Access::Token(scope) => scope.name().to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e03_every_route_asked_for_by_every_role() {
    let (clinic, olga, alice) = stage().await;
    invited(&clinic, "tara", Role::Helpdesk).await;
    let mut told = String::new();
    let tokens = tokens(&clinic, &olga).await;
    let programs = lines()
        .into_iter()
        .filter(|line| matches!(line.access, Access::Token(_)));
    for (at, line) in programs.enumerate() {
        // Wrong tokens are slowed by the minute.
        if at % 5 == 4 {
            clinic.world.clock.advance(crate::ward::MINUTE);
        }
        let row = asked_by_programs(&clinic, &line, alice, &tokens).await;
        let _ = writeln!(told, "{row}");
    }
    clinic.world.clock.advance(crate::ward::MINUTE);
    let visitors = visitors(&clinic, olga).await;
    for line in pages() {
        let path = place(&line, alice);
        let mut row = format!("{} {} [{}]:", line.method, line.path, access(&line));
        for visitor in &visitors {
            let got = outcome(visitor, &line, &path).await;
            expected(&line, visitor, &got);
            let _ = write!(row, " {}={got};", visitor.who);
        }
        let _ = writeln!(told, "{row}");
    }
    insta::assert_snapshot!("role_matrix", told);
}

async fn tokens(clinic: &Clinic, olga: &Operator) -> Vec<(&'static str, Vec<Scope>, String)> {
    let mut all = vec![("none", vec![], format!("art_{}", "A".repeat(43)))];
    for scope in Scope::ALL {
        let name = scope.name();
        all.push((name, vec![scope], token(olga, &[name]).await));
    }
    // One that is revoked, and one that is not a token at all: an owner's session.
    let revoked = token(olga, &["people:read", "people:help", "audit:read"]).await;
    let newest = clinic
        .store()
        .api_tokens(None)
        .await
        .expect("the store answers")[0]
        .id;
    let page = post(
        &olga.browser,
        &format!("/me/tokens/{}/revoke", newest.0),
        &[],
    )
    .await;
    assert_eq!(page.status, 303, "{}", page.describe());
    all.push(("revoked", vec![], revoked));
    all.push(("owner's cookie", vec![], cookie(&olga.browser)));
    all
}

async fn asked_by_programs(
    clinic: &Clinic,
    line: &Line,
    alice: i64,
    tokens: &[(&'static str, Vec<Scope>, String)],
) -> String {
    let Access::Token(scope) = line.access else {
        return String::new();
    };
    let path = place(line, alice);
    let body = if line.method == "POST" { "{}" } else { "" };
    let mut row = format!("{} {} [{}]:", line.method, line.path, scope.name());
    for (name, scopes, secret) in tokens {
        let status = if *name == "owner's cookie" {
            with_cookie(clinic, line.method, &path, secret).await
        } else {
            api(clinic, line.method, &path, secret, body).await.status
        };
        let what = format!("{} {path} with {name}", line.method);
        match scopes.first() {
            Some(held) if *held == scope => assert!(!matches!(status, 401 | 403), "{what}"),
            Some(_) => assert_eq!(status, 403, "{what}"),
            None => assert_eq!(status, 401, "{what}"),
        }
        row += &format!(" {name}={status};");
    }
    row
}

async fn with_cookie(clinic: &Clinic, method: &str, path: &str, value: &str) -> u16 {
    let request = format!(
        "{method} {path} HTTP/1.1¶Host: admin.test¶Origin: https://admin.test¶\
         Cookie: {DESK_COOKIE}={value}¶Content-Length: 0¶Connection: close¶¶"
    );
    super::e_bench::knock_desk(clinic, &request).await.status
}
