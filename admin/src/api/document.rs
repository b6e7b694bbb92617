//! The description of the API (OpenAPI 3.1), made from the handlers and served to anybody: it holds
//! nothing of anybody.
//!
//! A test compares it with the table of routes, so neither can go on alone.

use axum::Json;
use axum::response::IntoResponse;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{audit, people};
use crate::web::table::Routes;
use crate::web::visit::{Answer, Knock};

/// Adds how tokens are given.
struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Anteroom",
        description = "Helping people and pulling the audit log. Tokens are issued to operators \
                       in the admin app, with scopes and an end: Authorization: Bearer art_…",
    ),
    paths(
        people::search, people::one, people::unlock, people::reset, people::temporary,
        people::sign_out, people::suspend, people::reinstate, people::note, people::end_session,
        people::enrolment, audit::pull
    ),
    modifiers(&Tokens)
)]
struct Document;

pub(crate) fn routes() -> Routes {
    Routes::new().open("GET", "/api/v1/openapi.json", serve)
}

async fn serve(_knock: Knock) -> Answer {
    Ok(Json(Document::openapi()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::table::{Access, lines};

    #[test]
    fn the_document_tells_of_every_route_and_of_no_other() {
        let document = serde_json::to_value(Document::openapi()).unwrap();
        let mut told = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, about) in methods.as_object().unwrap() {
                let scope = &about["security"][0]["token"][0];
                told.push(format!("{} {path} {scope}", method.to_uppercase()));
            }
        }
        let there = lines().into_iter().filter_map(|line| match line.access {
            Access::Token(scope) => Some(format!(
                "{} {} \"{}\"",
                line.method,
                line.path,
                scope.name()
            )),
            _ => None,
        });
        let mut there: Vec<String> = there.collect();
        told.sort();
        there.sort();
        assert_eq!(told, there);
    }

    #[test]
    fn no_shape_has_room_for_a_secret() {
        let text = serde_json::to_string(&Document::openapi()).unwrap();
        for word in ["seed", "cookie", "password\"", "secret"] {
            assert!(!text.contains(&format!("\"{word}")), "{word}");
        }
    }
}
