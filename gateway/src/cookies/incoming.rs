//! The browser's cookies on their way upstream: opened, checked, dropped, written anew (DESIGN
//! 5.3).
//!
//! A value goes upstream only if it opens under this session, was given to this session (`bind`),
//! or is listed `plain`. Everything else is dropped, which is proof and not a guess; only two
//! *different* values that both open for one name and path are refused (`DESIGN-CASES` 20). Never
//! reads the store.

use anteroom_core::cookies::{Jar, JarCookie, pairs};
use anteroom_core::profile::{CookieMode, CookieRules};
use anteroom_core::time::Timestamp;

use super::outgoing::is_ours;
use super::seal::{Contents, Sealer, Value};
use crate::keys::sha256;

/// What a session knows about its cookies; the anonymous session knows only its key.
pub trait Belongings {
    /// The value of a cookie that was too large for the browser.
    fn kept(&self, name: &[u8], path: &str) -> Option<Vec<u8>>;
    /// Whether this raw value was given to this session.
    fn is_bound(&self, name: &[u8], value: &[u8]) -> bool;
}

/// Nothing but a key.
pub struct NoBelongings;

impl Belongings for NoBelongings {
    fn kept(&self, _: &[u8], _: &str) -> Option<Vec<u8>> {
        None
    }

    fn is_bound(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }
}

/// What became of the browser's cookies.
#[derive(Default, Debug)]
pub struct Opened {
    /// Those that may go upstream, in the order they came, with their attributes.
    pub jar: Jar,
    /// Names that were dropped, for counting and for `check`.
    pub dropped: usize,
}

/// Two different values of this cookie both belong to the session.
#[derive(Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The cookie's name.
    pub name: String,
}

/// Opens the cookies of a request. `lines` are all its `Cookie` fields (HTTP/2 splits them).
///
/// # Errors
/// [`Conflict`], see the module's head.
pub fn open<'h>(
    lines: impl Iterator<Item = &'h [u8]>,
    sealer: Option<&Sealer<'_>>,
    rules: &CookieRules,
    belongings: &dyn Belongings,
    our_name: &str,
) -> Result<Opened, Conflict> {
    let mut opened = Opened::default();
    for (name, value) in lines.flat_map(pairs) {
        // Whatever a profile calls plain: a cookie of ours never leaves.
        if name == our_name.as_bytes() || is_ours(name) {
            continue;
        }
        match open_one(name, value, sealer, rules, belongings) {
            Some(cookie) => keep(&mut opened, cookie, rules)?,
            None => opened.dropped += 1,
        }
    }
    Ok(opened)
}

fn open_one(
    name: &[u8],
    value: &[u8],
    sealer: Option<&Sealer<'_>>,
    rules: &CookieRules,
    belongings: &dyn Belongings,
) -> Option<JarCookie> {
    if name.is_empty() {
        return None;
    }
    match rules.mode(name) {
        CookieMode::Plain => {
            // A list separator inside a value is a second cookie to some servers, and `my.sess` is
            // `my_sess` to others (attack C08).
            let smuggles = rules
                .login
                .iter()
                .any(|login| login.hidden_in(value) || login.alias_of(name));
            (!smuggles).then(|| JarCookie::sent(name, value, "/"))
        }
        CookieMode::Bind => belongings
            .is_bound(name, value)
            .then(|| JarCookie::sent(name, value, "/")),
        CookieMode::Seal => {
            let contents = sealer?.open(name, value)?;
            restore(name, contents, belongings)
        }
    }
}

fn restore(name: &[u8], contents: Contents, belongings: &dyn Belongings) -> Option<JarCookie> {
    let value = match contents.value {
        Value::Here(value) => value,
        Value::Kept => belongings.kept(name, &contents.path)?,
    };
    let mut cookie = JarCookie::sent(name, &value, &contents.path);
    cookie.expires_at = contents.expires.map(Timestamp::from_millis);
    cookie.http_only = contents.http_only;
    cookie.same_site = super::same_site_from(contents.same_site);
    Some(cookie)
}

fn keep(opened: &mut Opened, cookie: JarCookie, rules: &CookieRules) -> Result<(), Conflict> {
    let same = |other: &&JarCookie| other.name == cookie.name && other.path == cookie.path;
    match opened.jar.entries().iter().find(same) {
        None => opened.jar.put(cookie),
        Some(other) if other.value == cookie.value => {}
        // Scripts, and other hosts of the clinic, may set a plain one on several paths; we are not
        // told which. It logs nobody in, and the nearest path comes first: no reason to lock
        // anybody out.
        Some(_) if rules.mode(&cookie.name) == CookieMode::Plain => opened.dropped += 1,
        Some(_) => {
            return Err(Conflict {
                name: String::from_utf8_lossy(&cookie.name).into_owned(),
            });
        }
    }
    Ok(())
}

/// The one `Cookie` line for upstream: everything in the jar, in order, whatever its path, because
/// the browser has already chosen by path. `None` when there is nothing to send.
#[must_use]
pub fn line(jar: &Jar) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for cookie in jar.entries() {
        if !out.is_empty() {
            out.extend_from_slice(b"; ");
        }
        out.extend_from_slice(&cookie.name);
        out.push(b'=');
        out.extend_from_slice(&cookie.value);
    }
    (!out.is_empty()).then_some(out)
}

/// A session value's fingerprint: what the taint table knows of it.
#[must_use]
pub fn fingerprint(name: &[u8], value: &[u8]) -> [u8; 32] {
    sha256(&[b"cookie\0", name, b"=", value])
}

/// The fingerprints of everything that carries a session: what the profile says carries the login,
/// and if it says nothing, all but what it calls plain. A sealed value works for its own session
/// only; a value that is the same for every visitor (a language, a cookie test) must not taint all
/// of them.
#[must_use]
pub fn fingerprints(jar: &Jar, rules: &CookieRules) -> Vec<[u8; 32]> {
    let carries = |name: &[u8]| match rules.mode(name) {
        CookieMode::Plain => false,
        CookieMode::Bind => true,
        CookieMode::Seal => rules.login.is_empty() || rules.carries_login(name),
    };
    jar.entries()
        .iter()
        .filter(|cookie| carries(&cookie.name))
        .map(|cookie| fingerprint(&cookie.name, &cookie.value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anteroom_core::cookies::NamePattern;

    #[test]
    fn nothing_of_ours_goes_upstream_even_where_every_name_is_plain() {
        let rules = CookieRules {
            plain: vec![NamePattern::Prefix(String::new())],
            ..CookieRules::default()
        };
        let line = b"__Host-anteroom=1; a=b; __Host-anteroom-language=fr; __Host-Anteroom-to=x; \
            anteroom-dev-language=es; __Host-anteroom-bound=y; anteroom-development=c";
        let lines = std::iter::once(line.as_slice());
        let opened = open(lines, None, &rules, &NoBelongings, "__Host-anteroom").unwrap();
        let sent = super::line(&opened.jar).unwrap();
        assert_eq!(sent, b"a=b; anteroom-development=c");
    }
}
