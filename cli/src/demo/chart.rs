//! One patient: the chart, its notes, the allergy pop-up and the frame with vital signs.
//!
//! Every page here shows the marker `CANARY-PHI-{id}`, so that a test can grep for a leak. Notes
//! live in memory and are escaped when shown. Look next: `patients`.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::X_FRAME_OPTIONS;
use axum::response::{IntoResponse, Response};

use super::login::{Fields, found};
use super::pages::{AllergiesPage, ChartPage, Shell, VitalsPage, forbidden, message, page};
use super::patients::{self, Patient};
use super::session::{SignedIn, Visit};
use super::{Ward, lock};

/// Notes kept for one patient; the oldest go first.
const KEPT_NOTES: usize = 200;

/// What somebody wrote about a patient.
#[derive(Clone)]
pub(super) struct Note {
    pub(super) author: &'static str,
    pub(super) text: String,
}

/// All notes, by patient.
#[derive(Default)]
pub(super) struct Notes(Mutex<HashMap<u32, Vec<Note>>>);

impl Notes {
    fn of(&self, patient: &Patient) -> Vec<Note> {
        lock(&self.0).get(&patient.id).cloned().unwrap_or_default()
    }

    fn add(&self, patient: &Patient, note: Note) {
        let mut notes = lock(&self.0);
        let notes = notes.entry(patient.id).or_default();
        if notes.len() >= KEPT_NOTES {
            notes.remove(0);
        }
        notes.push(note);
    }
}

/// `GET /patients/{id}`.
pub(super) async fn show(
    State(ward): State<Ward>,
    SignedIn { visit, .. }: SignedIn,
    Path(id): Path<String>,
) -> Response {
    let Some(patient) = patients::find(&id) else {
        return unknown(&visit);
    };
    page(&ChartPage {
        shell: Shell::of(&visit),
        patient,
        notes: ward.notes.of(patient),
    })
}

/// `POST /patients/{id}/notes`.
pub(super) async fn add_note(
    State(ward): State<Ward>,
    SignedIn { visit, user }: SignedIn,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let Some(patient) = patients::find(&id) else {
        return unknown(&visit);
    };
    let fields = Fields(fields);
    if fields.last("_token") != visit.form_token {
        return forbidden(&visit);
    }
    let text = fields.last("note").trim();
    if !text.is_empty() {
        ward.notes.add(
            patient,
            Note {
                author: user,
                text: text.to_owned(),
            },
        );
    }
    found(&format!("/patients/{}", patient.id))
}

/// `GET /popup/allergies/{id}`, opened by the chart in a window of its own.
pub(super) async fn allergies(
    SignedIn { visit, .. }: SignedIn,
    Path(id): Path<String>,
) -> Response {
    let Some(patient) = patients::find(&id) else {
        return unknown(&visit);
    };
    page(&AllergiesPage {
        theme: visit.theme,
        patient,
    })
}

/// `GET /frame/vitals/{id}`, shown inside the chart.
pub(super) async fn vitals(SignedIn { visit, .. }: SignedIn, Path(id): Path<String>) -> Response {
    let Some(patient) = patients::find(&id) else {
        return unknown(&visit);
    };
    let shown = page(&VitalsPage {
        theme: visit.theme,
        patient,
    });
    ([(X_FRAME_OPTIONS, "SAMEORIGIN")], shown).into_response()
}

fn unknown(visit: &Visit) -> Response {
    message(
        StatusCode::NOT_FOUND,
        visit,
        "No such patient",
        "There is no chart with this number.",
    )
}
