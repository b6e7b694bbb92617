//! The upstream jar: all cookies of one upstream session, in order, with their attributes.
//!
//! It plays the browser towards the upstream while a login is held, and is re-issued whole at
//! release (`DESIGN-CASES` 3). Never sees sealed values: the gateway opens them before and seals
//! them after.

use std::cmp::Reverse;

use crate::cookies::set_cookie::{SameSite, SetCookie, default_path, path_matches};
use crate::time::Timestamp;

/// RFC 6265bis section 6.1 asks browsers for 50 cookies a domain; common ones keep 180.
const MAX_COOKIES: usize = 180;

/// Marks the encoding of [`Jar::to_bytes`].
const VERSION: u8 = 1;

/// One cookie of the jar.
#[derive(Clone, PartialEq, Eq)]
pub struct JarCookie {
    /// The name's exact bytes.
    pub name: Vec<u8>,
    /// The value's exact bytes.
    pub value: Vec<u8>,
    /// The path it goes to: the one given, else the default of the request that brought it.
    pub path: String,
    /// The `Domain` the upstream gave; never sent on, kept for the page that cleans up
    /// (`DESIGN-CASES` 20).
    pub domain: Option<String>,
    /// When it ends; nothing for a session cookie.
    pub expires_at: Option<Timestamp>,
    /// `Secure`
    pub secure: bool,
    /// `HttpOnly`
    pub http_only: bool,
    /// `SameSite`
    pub same_site: Option<SameSite>,
    /// `Partitioned`
    pub partitioned: bool,
}

impl JarCookie {
    /// A session cookie of which only this is known: what a browser sent.
    #[must_use]
    pub fn sent(name: &[u8], value: &[u8], path: &str) -> Self {
        Self::from_set(
            SetCookie {
                path: Some(path.to_owned()),
                ..SetCookie::new(name, value)
            },
            path,
            None,
        )
    }

    fn from_set(cookie: SetCookie, request_path: &str, expires_at: Option<Timestamp>) -> Self {
        Self {
            name: cookie.name,
            value: cookie.value,
            path: cookie.path.unwrap_or_else(|| default_path(request_path)),
            domain: cookie.domain,
            expires_at,
            secure: cookie.secure,
            http_only: cookie.http_only,
            same_site: cookie.same_site,
            partitioned: cookie.partitioned,
        }
    }

    fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl std::fmt::Debug for JarCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = String::from_utf8_lossy(&self.name);
        f.debug_struct("JarCookie")
            .field("name", &name)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The cookies of one upstream session, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Jar {
    entries: Vec<JarCookie>,
}

impl Jar {
    /// The cookies, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[JarCookie] {
        &self.entries
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes one `Set-Cookie` in, or takes the cookie out that it deletes.
    ///
    /// A cookie of the same name and path is replaced and keeps its place (RFC 6265bis section 5.7:
    /// it keeps its creation time). `Domain` does not tell cookies apart, because behind us there
    /// is one host.
    pub fn set(&mut self, cookie: SetCookie, request_path: &str, now: Timestamp) {
        let expires_at = cookie.expires_at(now);
        self.put(JarCookie::from_set(cookie, request_path, expires_at));
        self.entries.retain(|entry| entry.is_live(now));
    }

    /// Puts a cookie in as it is, in place of one of the same name and path.
    pub fn put(&mut self, cookie: JarCookie) {
        let same = |entry: &JarCookie| entry.name == cookie.name && entry.path == cookie.path;
        match self.entries.iter().position(same) {
            Some(at) => self.entries[at] = cookie,
            None => {
                if self.entries.len() == MAX_COOKIES {
                    self.entries.remove(0);
                }
                self.entries.push(cookie);
            }
        }
    }

    /// The one `Cookie` line for a request, or nothing: longest path first, then oldest first (RFC
    /// 6265bis section 5.8.3; servers that take the first of two equal names rely on it).
    #[must_use]
    pub fn header_for(&self, request_path: &str, now: Timestamp) -> Option<Vec<u8>> {
        let fits =
            |entry: &&JarCookie| entry.is_live(now) && path_matches(&entry.path, request_path);
        let mut going: Vec<&JarCookie> = self.entries.iter().filter(fits).collect();
        going.sort_by_key(|entry| Reverse(entry.path.len()));
        let mut line = Vec::new();
        for entry in going {
            if !line.is_empty() {
                line.extend_from_slice(b"; ");
            }
            if !entry.name.is_empty() {
                line.extend_from_slice(&entry.name);
                line.push(b'=');
            }
            line.extend_from_slice(&entry.value);
        }
        (!line.is_empty()).then_some(line)
    }

    /// Whether some cookie has this name, on whatever path.
    #[must_use]
    pub fn has(&self, name: &[u8]) -> bool {
        self.entries.iter().any(|entry| entry.name == name)
    }

    /// A compact encoding, to be sealed. Every field is length-prefixed or fixed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        for entry in &self.entries {
            out.push(flags(entry));
            put_bytes(&mut out, &entry.name);
            put_bytes(&mut out, &entry.value);
            put_bytes(&mut out, entry.path.as_bytes());
            if let Some(domain) = &entry.domain {
                put_bytes(&mut out, domain.as_bytes());
            }
            if let Some(end) = entry.expires_at {
                out.extend_from_slice(&end.as_millis().to_be_bytes());
            }
        }
        out
    }

    /// Reads [`to_bytes`](Self::to_bytes) back; nothing when the bytes are not exactly such an
    /// encoding.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [VERSION, rest @ ..] = bytes else {
            return None;
        };
        let (mut rest, mut entries) = (rest, Vec::new());
        while let [flags, after @ ..] = rest {
            rest = after;
            entries.push(read_cookie(*flags, &mut rest)?);
        }
        (entries.len() <= MAX_COOKIES).then_some(Self { entries })
    }
}

const SECURE: u8 = 1;
const HTTP_ONLY: u8 = 1 << 1;
const PARTITIONED: u8 = 1 << 2;
const HAS_DOMAIN: u8 = 1 << 3;
const HAS_END: u8 = 1 << 4;
const SAME_SITE_SHIFT: u8 = 5;

fn flags(entry: &JarCookie) -> u8 {
    let bit = |set: bool, bit: u8| if set { bit } else { 0 };
    let same_site = match entry.same_site {
        None => 0,
        Some(SameSite::Strict) => 1,
        Some(SameSite::Lax) => 2,
        Some(SameSite::None) => 3,
    };
    bit(entry.secure, SECURE)
        | bit(entry.http_only, HTTP_ONLY)
        | bit(entry.partitioned, PARTITIONED)
        | bit(entry.domain.is_some(), HAS_DOMAIN)
        | bit(entry.expires_at.is_some(), HAS_END)
        | (same_site << SAME_SITE_SHIFT)
}

fn read_cookie(flags: u8, rest: &mut &[u8]) -> Option<JarCookie> {
    let has = |bit: u8| flags & bit != 0;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    let (name, value) = (take_bytes(rest)?, take_bytes(rest)?);
    let path = text(take_bytes(rest)?)?;
    let domain = if has(HAS_DOMAIN) {
        Some(text(take_bytes(rest)?)?)
    } else {
        None
    };
    let expires_at = if has(HAS_END) {
        let (end, after) = rest.split_first_chunk::<8>()?;
        *rest = after;
        Some(Timestamp::from_millis(i64::from_be_bytes(*end)))
    } else {
        None
    };
    let same_site = match flags >> SAME_SITE_SHIFT {
        0 => None,
        1 => Some(SameSite::Strict),
        2 => Some(SameSite::Lax),
        3 => Some(SameSite::None),
        _ => return None,
    };
    let (secure, http_only, partitioned) = (has(SECURE), has(HTTP_ONLY), has(PARTITIONED));
    Some(JarCookie {
        name,
        value,
        path,
        domain,
        expires_at,
        secure,
        http_only,
        same_site,
        partitioned,
    })
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    // A header cannot hold 4 GiB; were it so, the cut length would make the reader refuse the jar.
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn take_bytes(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (bytes, after) =
        after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *rest = after;
    Some(bytes.to_vec())
}

/// The names that are in `before` and are gone after all `Set-Cookie` of one answer have been taken
/// in order.
///
/// Only this net effect is a deletion (`DESIGN-CASES` 14): Roundcube deletes and sets its login
/// cookie in the answer to a *successful* login, phpMyAdmin sends one name three times.
#[must_use]
pub fn net_deletions(
    before: &Jar,
    set_cookies: &[SetCookie],
    request_path: &str,
    now: Timestamp,
) -> Vec<Vec<u8>> {
    let mut after = before.clone();
    for cookie in set_cookies {
        after.set(cookie.clone(), request_path, now);
    }
    let mut gone: Vec<Vec<u8>> = Vec::new();
    for entry in &before.entries {
        if !after.has(&entry.name) && !gone.contains(&entry.name) {
            gone.push(entry.name.clone());
        }
    }
    gone
}

#[cfg(test)]
mod tests;
