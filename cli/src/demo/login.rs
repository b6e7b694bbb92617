//! The way in and the two ways out.
//!
//! Success and failure of a login are both a 302 and the error text waits in the session, so that
//! only the `Location` tells them apart. The session id is the same before and after. Neither the
//! password nor the name typed is ever logged. Look next: `session`.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::pages::{LoginPage, Shell, forbidden, page};
use super::session::Visit;
use super::{Ward, accounts, failure};

const WRONG: &str = "The user name or the password is not right.";
const STALE_FORM: &str = "This form has expired. Please log in again.";

/// What may stand behind `/login?`.
#[derive(Deserialize)]
pub(super) struct LoginQuery {
    #[serde(default)]
    next: String,
}

/// The fields of a form in the order they came; where one comes twice the last wins, as in PHP.
pub(super) struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    pub(super) fn last(&self, name: &str) -> &str {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }
}

/// `GET /login`: the form, with the error the last try left behind.
pub(super) async fn form(
    State(ward): State<Ward>,
    visit: Visit,
    Query(query): Query<LoginQuery>,
) -> Response {
    let error = ward.sessions.take_flash(&visit.id);
    page(&LoginPage {
        shell: Shell::of(&visit),
        next: local_path(&query.next),
        error,
    })
}

/// `POST /login`.
pub(super) async fn submit(
    State(ward): State<Ward>,
    visit: Visit,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let fields = Fields(fields);
    let fresh = fields.last("_token") == visit.form_token;
    let account = accounts::find(fields.last("username"), fields.last("password"));
    let account = account.filter(|_| fresh);
    if let Some(account) = account {
        ward.sessions.log_in(&visit.id, account.name);
    }
    if let Some(mode) = ward.failures.take() {
        return failure::answer(mode, &ward, &visit, account.map(|account| account.name)).await;
    }
    match account {
        Some(_) => found(local_path(fields.last("next"))),
        None => {
            ward.sessions
                .flash(&visit.id, if fresh { WRONG } else { STALE_FORM });
            found("/login?error=1")
        }
    }
}

/// `POST /logout`, from the button in the page head.
pub(super) async fn logout(
    State(ward): State<Ward>,
    visit: Visit,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    if Fields(fields).last("_token") != visit.form_token {
        return forbidden(&visit);
    }
    ward.sessions.log_out(&visit.id);
    found("/login")
}

/// `GET /logout`: an old link that many bookmarks and timers still call. It needs no token.
pub(super) async fn logout_by_link(State(ward): State<Ward>, visit: Visit) -> Response {
    ward.sessions.log_out(&visit.id);
    found("/login")
}

/// Where a page that needs a login sends the visitor first.
pub(super) fn ask_first(wanted: &str) -> Response {
    let mut location = String::from("/login?next=");
    for byte in wanted.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            location.push(char::from(byte));
        } else {
            location.push_str(&format!("%{byte:02X}"));
        }
    }
    found(&location)
}

/// A plain 302, which axum does not offer because newer codes say more; old applications use
/// nothing else.
pub(super) fn found(location: &str) -> Response {
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::FOUND, [(LOCATION, location)]).into_response()
}

/// A path on this site, or `/`: `next` must not lead anywhere else.
fn local_path(next: &str) -> &str {
    let second = next.as_bytes().get(1);
    if next.starts_with('/') && second != Some(&b'/') && second != Some(&b'\\') {
        next
    } else {
        "/"
    }
}
