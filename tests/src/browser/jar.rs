//! A cookie jar with the rules browsers keep (RFC 6265bis): who may set what, what is sent where.
//! Never bends a rule for a test's sake; a test that needs a forged cookie uses `plant`.
//! Lines are read by `cookie`; `send` asks for the Cookie field of each request.

use super::cookie::{SameSite, SetCookie};
use super::site::{Relation, site};
use super::url::Url;
use crate::world::TestClock;

/// A stored cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    pub name: String,
    pub value: String,
    /// The host that set it, or the domain it was given for.
    pub host: String,
    pub host_only: bool,
    pub path: String,
    pub secure: bool,
    pub http_only: bool,
    pub same_site: SameSite,
    pub expires: Option<i64>,
    /// Order of creation; a replaced cookie keeps its place.
    created: u64,
}

/// What the rules need to know about a request.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    pub url: &'a Url,
    /// `None`: typed, or from a bookmark; nobody asked for it but the person.
    pub initiator: Option<&'a Url>,
    /// Changes what the address bar shows.
    pub top_level: bool,
    pub method: &'a str,
}

impl Use<'_> {
    fn cross_site(&self) -> bool {
        self.initiator
            .is_some_and(|from| Relation::between(from, self.url) == Relation::CrossSite)
    }

    fn allows(&self, same_site: SameSite) -> bool {
        let safe = matches!(self.method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
        match same_site {
            _ if !self.cross_site() => true,
            SameSite::None => true,
            SameSite::Lax | SameSite::Unset => self.top_level && safe,
            SameSite::Strict => false,
        }
    }
}

/// As many as Chromium keeps for one site; then the oldest go.
const PER_SITE: usize = 180;

#[derive(Clone, Debug)]
pub struct Jar {
    cookies: Vec<Cookie>,
    clock: TestClock,
    made: u64,
}

impl Jar {
    pub fn new(clock: TestClock) -> Self {
        Self {
            cookies: Vec::new(),
            clock,
            made: 0,
        }
    }

    /// Takes a `Set-Cookie` line of an answer to this request; false if it was refused.
    pub fn set(&mut self, line: &str, at: Use<'_>) -> bool {
        let Some(cookie) = SetCookie::parse(line, &self.clock) else {
            return false;
        };
        // Only a top-level answer may set SameSite cookies in another site's context.
        if at.cross_site() && !at.top_level && cookie.same_site != SameSite::None {
            return false;
        }
        self.store(cookie, at.url, true)
    }

    /// What `document.cookie = line` does in a page at this URL.
    pub fn set_by_script(&mut self, line: &str, page: &Url) -> bool {
        let cookie = SetCookie::parse(line, &self.clock);
        cookie.is_some_and(|cookie| !cookie.http_only && self.store(cookie, page, false))
    }

    fn store(&mut self, cookie: SetCookie, url: &Url, by_http: bool) -> bool {
        if !prefix_holds(&cookie, url) || (cookie.secure && !url.is_secure()) {
            return false;
        }
        if cookie.same_site == SameSite::None && !cookie.secure {
            return false;
        }
        let host_only = match &cookie.domain {
            None => true,
            // A public suffix counts only as the host itself, and then without Domain.
            Some(domain) if !domain.contains('.') && *domain != url.host => return false,
            Some(domain) if domain_matches(&url.host, domain) => !domain.contains('.'),
            Some(_) => return false,
        };
        let mut stored = Cookie {
            host: if host_only {
                url.host.clone()
            } else {
                cookie.domain.unwrap_or_default()
            },
            path: cookie.path.unwrap_or_else(|| default_path(&url.path)),
            name: cookie.name,
            value: cookie.value,
            host_only,
            secure: cookie.secure,
            http_only: cookie.http_only,
            same_site: cookie.same_site,
            expires: cookie.expires,
            created: self.made,
        };
        if !url.is_secure() && self.would_shadow_a_secure_one(&stored) {
            return false;
        }
        if let Some(at) = self.cookies.iter().position(|old| old.is_same_as(&stored)) {
            if self.cookies[at].http_only && !by_http {
                return false;
            }
            stored.created = self.cookies[at].created;
            self.cookies.remove(at);
        }
        self.made += 1;
        if stored.is_alive(&self.clock) {
            self.cookies.push(stored);
            self.evict(site(&url.host));
        }
        true
    }

    /// "Leave Secure Cookies Alone": plain http may neither replace nor hide them.
    fn would_shadow_a_secure_one(&self, new: &Cookie) -> bool {
        self.cookies.iter().any(|old| {
            old.secure
                && old.name == new.name
                && (domain_matches(&old.host, &new.host) || domain_matches(&new.host, &old.host))
                && path_matches(&new.path, &old.path)
        })
    }

    fn evict(&mut self, of: &str) {
        let mine = |cookie: &&Cookie| site(&cookie.host) == of;
        while self.cookies.iter().filter(mine).count() > PER_SITE {
            // Insecure ones first, then the oldest.
            let Some(oldest) = self
                .cookies
                .iter()
                .filter(mine)
                .min_by_key(|c| (c.secure, c.created))
                .cloned()
            else {
                return;
            };
            self.cookies.retain(|cookie| !cookie.is_same_as(&oldest));
        }
    }

    /// The `name=value` pairs that go with this request, in the order browsers send them.
    pub fn pairs(&self, at: Use<'_>) -> Vec<String> {
        let fits = |c: &&Cookie| at.allows(c.same_site) && self.reaches(c, at.url);
        self.sorted(fits).into_iter().map(Cookie::pair).collect()
    }

    /// What `document.cookie` gives in a page at this URL.
    pub fn seen_by_script(&self, page: &Url) -> String {
        let fits = |c: &&Cookie| !c.http_only && self.reaches(c, page);
        let pairs: Vec<String> = self.sorted(fits).into_iter().map(Cookie::pair).collect();
        pairs.join("; ")
    }

    fn reaches(&self, cookie: &Cookie, url: &Url) -> bool {
        let host = if cookie.host_only {
            cookie.host == url.host
        } else {
            domain_matches(&url.host, &cookie.host)
        };
        host && path_matches(&url.path, &cookie.path)
            && (!cookie.secure || url.is_secure())
            && cookie.is_alive(&self.clock)
    }

    fn sorted(&self, fits: impl Fn(&&Cookie) -> bool) -> Vec<&Cookie> {
        let mut found: Vec<&Cookie> = self.cookies.iter().filter(fits).collect();
        found.sort_by_key(|cookie| (std::cmp::Reverse(cookie.path.len()), cookie.created));
        found
    }

    /// Every live cookie, for tests that look at attributes.
    pub fn all(&self) -> Vec<Cookie> {
        self.cookies
            .iter()
            .filter(|c| c.is_alive(&self.clock))
            .cloned()
            .collect()
    }

    /// The live cookie of this name, the last one set if there are several.
    pub fn find(&self, name: &str) -> Option<Cookie> {
        self.all().into_iter().rfind(|cookie| cookie.name == name)
    }

    /// Puts a forged cookie for this host in, past every rule: what a thief or malware can do.
    pub fn plant(&mut self, host: &str, name: &str, value: &str) {
        self.cookies
            .retain(|c| !(c.host == host && c.name == name && c.path == "/"));
        self.cookies.push(Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            host: host.to_owned(),
            host_only: true,
            path: "/".to_owned(),
            secure: false,
            http_only: true,
            same_site: SameSite::Lax,
            expires: None,
            created: self.made,
        });
        self.made += 1;
    }

    /// Takes every cookie of this name out.
    pub fn remove(&mut self, name: &str) {
        self.cookies.retain(|cookie| cookie.name != name);
    }

    pub fn clear(&mut self) {
        self.cookies.clear();
    }

    /// What `Clear-Site-Data: "cookies"` does: all cookies of the site go.
    pub fn clear_site(&mut self, host: &str) {
        self.cookies
            .retain(|cookie| site(&cookie.host) != site(host));
    }

    /// The browser was closed: cookies without an age go.
    pub fn end_session(&mut self) {
        self.cookies.retain(|cookie| cookie.expires.is_some());
    }
}

impl Cookie {
    pub fn pair(&self) -> String {
        if self.name.is_empty() {
            self.value.clone()
        } else {
            format!("{}={}", self.name, self.value)
        }
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.name == other.name
            && self.host == other.host
            && self.host_only == other.host_only
            && self.path == other.path
    }

    fn is_alive(&self, clock: &TestClock) -> bool {
        self.expires.is_none_or(|end| end > clock.now_ms())
    }
}

/// `__Secure-` and `__Host-`, in any case; a nameless cookie may not look like one either.
fn prefix_holds(cookie: &SetCookie, url: &Url) -> bool {
    let shown = if cookie.name.is_empty() {
        &cookie.value
    } else {
        &cookie.name
    };
    let shown = shown.to_ascii_lowercase();
    let (secure, host) = (shown.starts_with("__secure-"), shown.starts_with("__host-"));
    if cookie.name.is_empty() && (secure || host) {
        return false;
    }
    let secured = cookie.secure && url.is_secure();
    let at_host = cookie.domain.is_none() && cookie.path.as_deref() == Some("/");
    (!secure || secured) && (!host || (secured && at_host))
}

fn domain_matches(host: &str, domain: &str) -> bool {
    host == domain
        || (host
            .strip_suffix(domain)
            .is_some_and(|front| front.ends_with('.'))
            && host.parse::<std::net::IpAddr>().is_err())
}

fn path_matches(path: &str, cookie: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

fn default_path(path: &str) -> String {
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(at) => path[..at].to_owned(),
    }
}

#[cfg(test)]
mod tests;
