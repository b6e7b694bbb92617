//! The templates, and the pages that show no single patient.
//!
//! No handler here changes anything. Look next: `chart` for one patient, `cli/templates/demo` for
//! the HTML.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::response::{Html, IntoResponse, Response};

use super::accounts;
use super::chart::Note;
use super::files::Kept;
use super::patients::{PATIENTS, Patient};
use super::session::{SignedIn, Visit};

/// What the frame around every page needs.
pub(super) struct Shell {
    pub(super) user: Option<&'static str>,
    pub(super) shown_as: &'static str,
    pub(super) form_token: String,
    pub(super) theme: &'static str,
}

impl Shell {
    pub(super) fn of(visit: &Visit) -> Self {
        Self {
            user: visit.user,
            shown_as: visit.user.map_or("", accounts::shown_as),
            form_token: visit.form_token.clone(),
            theme: visit.theme,
        }
    }
}

#[derive(Template)]
#[template(path = "demo/login.html")]
pub(super) struct LoginPage<'a> {
    pub(super) shell: Shell,
    pub(super) next: &'a str,
    pub(super) error: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "demo/home.html")]
struct HomePage {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "demo/patients.html")]
struct PatientsPage {
    shell: Shell,
    patients: &'static [Patient],
}

#[derive(Template)]
#[template(path = "demo/chart.html")]
pub(super) struct ChartPage {
    pub(super) shell: Shell,
    pub(super) patient: &'static Patient,
    pub(super) notes: Vec<Note>,
}

#[derive(Template)]
#[template(path = "demo/allergies.html")]
pub(super) struct AllergiesPage {
    pub(super) theme: &'static str,
    pub(super) patient: &'static Patient,
}

#[derive(Template)]
#[template(path = "demo/vitals.html")]
pub(super) struct VitalsPage {
    pub(super) theme: &'static str,
    pub(super) patient: &'static Patient,
}

#[derive(Template)]
#[template(path = "demo/files.html")]
pub(super) struct FilesPage {
    pub(super) shell: Shell,
    pub(super) files: Vec<Kept>,
}

#[derive(Template)]
#[template(path = "demo/message.html")]
struct MessagePage<'a> {
    shell: Shell,
    title: &'a str,
    text: &'a str,
}

/// Turns a template into an answer that no browser keeps.
pub(super) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (
            [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")],
            Html(html),
        )
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// `GET /`.
pub(super) async fn home(SignedIn { visit, .. }: SignedIn) -> Response {
    page(&HomePage {
        shell: Shell::of(&visit),
    })
}

/// `GET /patients`.
pub(super) async fn patients(SignedIn { visit, .. }: SignedIn) -> Response {
    page(&PatientsPage {
        shell: Shell::of(&visit),
        patients: &PATIENTS,
    })
}

/// The patient list as text, for answers that carry it where nobody expects it.
pub(super) fn patients_html(visit: &Visit) -> String {
    let list = PatientsPage {
        shell: Shell::of(visit),
        patients: &PATIENTS,
    };
    list.render().unwrap_or_default()
}

/// Everything that has no page. It gives nothing away about what is there for others.
pub(super) async fn not_found(visit: Visit) -> Response {
    let text = "There is no such page in Wardbook.";
    message(StatusCode::NOT_FOUND, &visit, "Not found", text)
}

/// The answer to a form whose hidden token is missing or belongs to another session.
pub(super) fn forbidden(visit: &Visit) -> Response {
    let text = "This form has expired. Go back, reload the page and try again.";
    message(StatusCode::FORBIDDEN, visit, "Form expired", text)
}

/// A page that says one thing.
pub(super) fn message(status: StatusCode, visit: &Visit, title: &str, text: &str) -> Response {
    (
        status,
        page(&MessagePage {
            shell: Shell::of(visit),
            title,
            text,
        }),
    )
        .into_response()
}
