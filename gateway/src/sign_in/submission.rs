//! Reading a login submission: one meaning or none (attacks B01-B08).
//!
//! A form that two servers could read differently is refused before anything leaves. Never keeps a
//! password: the body goes upstream as it came, minus the fields the profile strips.

use anteroom_core::form::{ContentType, Form, content_type, query_carries};
use anteroom_core::profile::{Credential, FormFields, LoginRule};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::arrival::Arrival;
use crate::fail::Failure;
use crate::pages::{Notice, Why};

/// Fields of a login form; real ones have a dozen.
const MOST_FIELDS: usize = 200;

/// A login submission with one reading.
#[derive(Debug)]
pub struct Submission {
    /// The name as typed; may be empty.
    pub user: String,
    /// Tenant fields, joined.
    pub tenant: String,
    /// The body to send upstream.
    pub body: Bytes,
}

/// Reads a body by one rule. `None` when it is no login at all (another form on the same path).
///
/// # Errors
/// When it is a login, or might be, and has more than one reading.
pub fn read(
    arrival: &Arrival,
    headers: &HeaderMap,
    rule: &LoginRule,
    body: &Bytes,
) -> Result<Option<Submission>, Failure> {
    let Credential::Form(fields) = &rule.credential;
    if headers.contains_key(CONTENT_ENCODING) {
        return Err(Failure::refused(Notice::UnsupportedForm));
    }
    let kind = content_type(headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes));
    if kind != ContentType::Form {
        return Err(Failure::refused(Notice::UnsupportedForm));
    }
    let refuse = |why| Failure::refused(Notice::BadRequest { why });
    let form = Form::parse(body, MOST_FIELDS).map_err(|_| refuse(Why::FormReadings))?;
    // PHP would log this very session in (attack A02); the browser has to bring it as a sealed
    // cookie.
    let carries =
        |name: &String| form.has_alias_of(name) || !matches!(form.the_one(name), Ok(None));
    if arrival
        .app
        .settings
        .profile
        .url_ids
        .refuse
        .iter()
        .any(carries)
    {
        return Err(refuse(Why::SessionInForm));
    }
    // Anything but the field exactly once is no login: `do[save]`, which PHP reads as `do`, stands
    // in every form of DokuWiki's editor. With a password beside it, it is refused.
    if let Some((name, value)) = &fields.discriminator
        && !matches!(form.the_one(name), Ok(Some(found)) if found == value)
    {
        return not_a_login(&form, fields).map(|()| None);
    }
    let one = |name: &str| form.the_one(name).map_err(|_| refuse(Why::FieldTwice));
    let user = one(&fields.user)?.map(str::to_owned);
    for secret in &fields.secrets {
        one(secret)?;
    }
    let mut tenant = Vec::new();
    for name in &fields.tenant {
        tenant.push(one(name)?.unwrap_or_default().to_owned());
    }
    if query_carries(&arrival.query, std::slice::from_ref(&fields.user)) {
        return Err(refuse(Why::NameInAddress));
    }
    let Some(user) = user else {
        return Err(refuse(Why::NameMissing));
    };
    let body = if fields.strip.is_empty() {
        body.clone()
    } else {
        Bytes::from(form.without(&fields.strip))
    };
    Ok(Some(Submission {
        user,
        tenant: tenant.join("\u{1f}"),
        body,
    }))
}

/// As [`read`], for a path where logins are only one thing among others: a body that is no form is
/// no login.
///
/// # Errors
/// As [`read`].
pub fn read_if_form(
    arrival: &Arrival,
    headers: &HeaderMap,
    rule: &LoginRule,
    body: &Bytes,
) -> Result<Option<Submission>, Failure> {
    let kind = content_type(headers.get(CONTENT_TYPE).map(http::HeaderValue::as_bytes));
    if kind != ContentType::Form {
        return Ok(None);
    }
    read(arrival, headers, rule, body)
}

/// Another form on a login path passes for what it is, unless it carries a password after all: then
/// some server would read a login where we read none.
fn not_a_login(form: &Form<'_>, fields: &FormFields) -> Result<(), Failure> {
    let carries =
        |name: &String| form.has_alias_of(name) || !matches!(form.the_one(name), Ok(None));
    if fields.secrets.iter().any(carries) {
        let why = Why::StrangeLogin;
        return Err(Failure::refused(Notice::BadRequest { why }));
    }
    Ok(())
}
