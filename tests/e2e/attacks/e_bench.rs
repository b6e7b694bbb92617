//! What the attacks on the admin app are made with: forms with and without the session's word, raw
//! requests to its listener, tokens. Attacks nobody itself.

use anteroom_core::operator::Role;
use anteroom_store::OperatorView;
use anteroom_tests::answer::Answer;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::{Ask, Initiator, Kind};
use anteroom_tests::browser::form::urlencoded;
use anteroom_tests::browser::page::Page;
use anteroom_tests::raw::RawClient;
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::{Clinic, coded_enrolment};

use crate::desk::{DESK_COOKIE, Operator, operator};
use crate::ward::{DAY, id_of, issue_code};

/// How the default configuration lets operators say that they know a caller.
pub const CHECK: &str = "in person";
/// What a refused form says where no one is signed in.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A clinic whose configuration knows one way to make sure who is calling, with these lines
/// besides.
pub async fn desk_with(lines: &str) -> Clinic {
    let lines = format!("identity_checks = [\"{CHECK}\"]\n{lines}");
    Clinic::with_admin(&coded_enrolment("demo"), &lines).await
}

/// A clinic with an owner who is signed in, and Alice, who is invited.
pub async fn stage() -> (Clinic, Operator, i64) {
    let clinic = desk_with("").await;
    let olga = operator(&clinic, "olga", Role::Owner).await;
    let alice = invite(&clinic, "alice").await;
    (clinic, olga, alice)
}

/// Makes somebody known; gives her number.
pub async fn invite(clinic: &Clinic, name: &str) -> i64 {
    let seed = name.bytes().fold(7_u8, u8::wrapping_add);
    issue_code(clinic, name, seed, DAY).await;
    id_of(clinic, name).await.0
}

/// The word that the forms of this browser's session bring along.
pub async fn word(browser: &Browser) -> String {
    let ask = Ask::new("GET", browser.at_home("/me"), Kind::Document, None).by_hand();
    word_on(&browser.fetch(&ask).await.expect("an answer"))
}

/// The word on a page.
pub fn word_on(page: &Page) -> String {
    let forms = page.forms();
    let mut fields = forms.iter().filter_map(|form| form.field("csrf"));
    let found = fields.find(|field| !field.value.is_empty());
    found
        .unwrap_or_else(|| panic!("no word on {}", page.describe()))
        .value
        .clone()
}

/// A form posted from one of our own pages with exactly these pairs.
pub async fn bare(browser: &Browser, path: &str, pairs: &[(&str, &str)]) -> Page {
    let url = browser.at_home("/");
    let ask = Ask::new(
        "POST",
        browser.at_home(path),
        Kind::Document,
        Some(Initiator { url, policy: None }),
    );
    let ask = ask.by_hand().body(FORM, urlencoded(pairs));
    browser.fetch(&ask).await.expect("an answer")
}

/// The same, with the session's own word.
pub async fn post(browser: &Browser, path: &str, pairs: &[(&str, &str)]) -> Page {
    let word = word(browser).await;
    let mut pairs = pairs.to_vec();
    pairs.push(("csrf", &word));
    bare(browser, path, &pairs).await
}

/// What a page is, asked for by this browser without following.
pub async fn look(browser: &Browser, path: &str) -> Page {
    let ask = Ask::new("GET", browser.at_home(path), Kind::Document, None).by_hand();
    browser.fetch(&ask).await.expect("an answer")
}

/// Sends these bytes (`¶` is CRLF) to the admin listener and reads one answer.
pub async fn knock_desk(clinic: &Clinic, request: &str) -> Answer {
    let answer = connect(clinic).await.ask(request).await;
    answer.unwrap_or_else(|why| panic!("{request}: {why}"))
}

/// A connection to the admin listener.
pub async fn connect(clinic: &Clinic) -> RawClient {
    let addr = clinic.admin_addr.expect("the admin app runs");
    RawClient::tls(addr, Sni::Name("admin.test"))
        .await
        .expect("TLS")
}

/// The value of the admin app's cookie in this browser.
pub fn cookie(browser: &Browser) -> String {
    browser.cookie(DESK_COOKIE).expect("a session")
}

/// A fresh token of this operator, made through her page.
pub async fn token(operator: &Operator, scopes: &[&str]) -> String {
    let mut pairs = vec![("label", "script"), ("days", "7")];
    pairs.extend(scopes.iter().map(|scope| ("scope", *scope)));
    let page = post(&operator.browser, "/me/tokens", &pairs).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    let text = page.text();
    let start = text.find("art_").expect("the token is shown once");
    let rest = text[start..].chars();
    rest.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        .collect()
}

/// A request of a program.
pub async fn api(clinic: &Clinic, method: &str, path: &str, bearer: &str, body: &str) -> Answer {
    let length = match body {
        "" => String::new(),
        body => format!(
            "Content-Type: application/json¶Content-Length: {}¶",
            body.len()
        ),
    };
    let request = format!(
        "{method} {path} HTTP/1.1¶Host: admin.test¶Authorization: Bearer {bearer}¶{length}\
         Connection: close¶¶{body}"
    );
    knock_desk(clinic, &request).await
}

/// An operator as the store knows her.
pub async fn known(clinic: &Clinic, name: &str) -> OperatorView {
    let found = clinic.store().operator_named(name, clinic.now()).await;
    found.expect("the store answers").expect("she is known")
}

/// How many rows the audit log has: what an attack without effect leaves as it was.
pub async fn rows(clinic: &Clinic) -> usize {
    let rows = clinic.store().audit_tail(10_000).await;
    rows.expect("the store answers").len()
}

/// Whether this browser is signed in.
pub async fn is_in(browser: &Browser) -> bool {
    look(browser, "/me").await.status == 200
}
