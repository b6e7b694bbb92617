//! The language a request asks for: the cookie of somebody who has chosen, and the browser's field.
//!
//! The cookie is a wish and no secret: read as one of our tags or not at all, never sent upstream,
//! and no app may set it (`cookies::outgoing::is_ours`). Which wish counts is
//! `anteroom_core::language`'s to say; the choice is made in `portal::language`.

use anteroom_core::language::Language;
use cookie::{Cookie, SameSite};
use http::header::ACCEPT_LANGUAGE;
use http::{HeaderMap, HeaderValue};

use crate::gateway::cookie_value;

/// The cookie's name where there is TLS.
pub const NAME: &str = "__Host-anteroom-language";
/// The cookie's name on plain loopback.
pub const DEVELOPMENT_NAME: &str = "anteroom-dev-language";

/// For a year: longer, and a shared computer would remember whom nobody knows any more.
const LIFE: cookie::time::Duration = cookie::time::Duration::days(365);

/// What a request says about languages. Nothing is weighed before a page is shown.
#[derive(Clone, Default)]
pub struct Asked {
    chosen: Option<Language>,
    accepts: Option<HeaderValue>,
}

impl Asked {
    /// Reads the fields of a request that may be answered with a page.
    #[must_use]
    pub fn read(headers: &HeaderMap, secure: bool) -> Self {
        let chosen = cookie_value(headers, name(secure))
            .and_then(|value| std::str::from_utf8(value).ok())
            .and_then(Language::from_tag);
        Self {
            chosen,
            accepts: headers.get(ACCEPT_LANGUAGE).cloned(),
        }
    }

    /// The language of the answer, where the app's settings say `default`.
    #[must_use]
    pub fn language(&self, default: Language) -> Language {
        let accepts = self.accepts.as_ref().and_then(|field| field.to_str().ok());
        Language::choose(self.chosen, accepts, default)
    }
}

/// The cookie's name: `__Host-` needs TLS, loopback development has its own.
#[must_use]
pub const fn name(secure: bool) -> &'static str {
    if secure { NAME } else { DEVELOPMENT_NAME }
}

/// The `Set-Cookie` value that remembers a choice.
#[must_use]
pub fn set_cookie(language: Language, secure: bool) -> String {
    Cookie::build((name(secure), language.tag()))
        .path("/")
        .secure(secure)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(LIFE)
        .build()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::COOKIE;

    fn of(cookie: &'static str, accepts: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static(cookie));
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(accepts));
        Asked::read(&headers, true).language(Language::En)
    }

    #[test]
    fn the_cookie_goes_before_the_field_and_what_is_no_language_counts_for_nothing() {
        assert_eq!(of("a=b; __Host-anteroom-language=es", "fr"), Language::Es);
        assert_eq!(of("__Host-anteroom-language=tlh", "fr"), Language::Fr);
        assert_eq!(of("anteroom-dev-language=es", "fr"), Language::Fr);
        assert_eq!(of("__Host-anteroom-language=<script>", "x"), Language::En);
    }

    #[test]
    fn the_cookie_is_host_bound_http_only_and_lax() {
        let line = set_cookie(Language::Fr, true);
        assert_eq!(
            line,
            "__Host-anteroom-language=fr; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000"
        );
        assert!(!set_cookie(Language::Fr, false).contains("Secure"));
    }
}
