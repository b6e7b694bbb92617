//! URLs as a browser reads them: relative ones joined, dots resolved, backslashes made slashes.
//! Never lenient for its own sake: each quirk here is one that makes a redirect end elsewhere than
//! a server thought. Who is same-site with whom is in `site`.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Url {
    pub scheme: String,
    pub host: String,
    pub port: u16,
    pub path: String,
    pub query: Option<String>,
    pub fragment: Option<String>,
}

impl Url {
    /// An absolute http, https, ws or wss URL; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = scrub(text);
        let (scheme, rest) = scheme_of(&text)?;
        let rest = rest.strip_prefix("//")?;
        Self::with_authority(&scheme, rest)
    }

    /// What this text means on a page at `self`; `None` for javascript:, data: and the like.
    pub fn join(&self, text: &str) -> Option<Self> {
        let text = scrub(text);
        if let Some((scheme, rest)) = scheme_of(&text) {
            if let Some(rest) = rest.strip_prefix("//") {
                return Self::with_authority(&scheme, rest.trim_start_matches('/'));
            }
            // "https:path" on an https page is a relative path (WHATWG URL, special scheme).
            if scheme != self.scheme {
                return Self::with_authority(&scheme, rest.trim_start_matches('/'));
            }
            return self.join(rest);
        }
        if has_other_scheme(&text) {
            return None;
        }
        if let Some(rest) = text.strip_prefix("//") {
            return Self::with_authority(&self.scheme, rest.trim_start_matches('/'));
        }
        let (rest, fragment) = cut(&text, '#');
        let (path, query) = cut(rest, '?');
        let mut joined = self.clone();
        joined.fragment = fragment;
        match path {
            "" => joined.query = query.or_else(|| self.query.clone()),
            _ if path.starts_with('/') => {
                joined.path = resolve(path);
                joined.query = query;
            }
            _ => {
                let folder = &self.path[..=self.path.rfind('/').unwrap_or(0)];
                joined.path = resolve(&format!("{folder}{path}"));
                joined.query = query;
            }
        }
        Some(joined)
    }

    fn with_authority(scheme: &str, rest: &str) -> Option<Self> {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        // What stands before an @ is a user name, however much it looks like a host.
        let host = authority.rsplit('@').next()?;
        let (host, port) = match host.rsplit_once(':') {
            Some((host, "")) => (host, default_port(scheme)),
            Some((host, port)) => (host, port.parse().ok()?),
            None => (host, default_port(scheme)),
        };
        if host.is_empty() || host.contains(['%', ' ', '<', '>']) {
            return None;
        }
        let (rest, fragment) = cut(tail, '#');
        let (path, query) = cut(rest, '?');
        Some(Self {
            scheme: scheme.to_owned(),
            host: host.to_ascii_lowercase(),
            port,
            path: resolve(path),
            query,
            fragment,
        })
    }

    /// Scheme, host and port, as `Origin` carries them.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.authority())
    }

    /// As the Host field carries it: the port only where it is not the usual one.
    pub fn authority(&self) -> String {
        if self.port == default_port(&self.scheme) {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Path and query, as the request line carries them.
    pub fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    pub fn with_query(mut self, query: &str) -> Self {
        self.query = Some(query.to_owned());
        self
    }

    pub fn is_secure(&self) -> bool {
        matches!(self.scheme.as_str(), "https" | "wss")
    }

    /// Secure, or on this machine (W3C Secure Contexts).
    pub fn is_trustworthy(&self) -> bool {
        self.is_secure()
            || self.host == "localhost"
            || self.host.starts_with("127.")
            || self.host == "[::1]"
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.target())
    }
}

fn default_port(scheme: &str) -> u16 {
    if matches!(scheme, "https" | "wss") {
        443
    } else {
        80
    }
}

/// Leading and trailing blanks go, tabs and line ends go from anywhere, `\` becomes `/` before the
/// query (WHATWG URL parsing): `/\evil.test` is another host.
fn scrub(text: &str) -> String {
    let text: String = text
        .trim_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect();
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (front, tail) = text.split_at(end);
    format!("{}{tail}", front.replace('\\', "/"))
}

fn scheme_of(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    matches!(scheme.as_str(), "http" | "https" | "ws" | "wss").then_some((scheme, rest))
}

fn has_other_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

fn cut(text: &str, at: char) -> (&str, Option<String>) {
    match text.split_once(at) {
        Some((front, tail)) => (front, Some(escape(tail))),
        None => (text, None),
    }
}

/// Dot segments go, also in their %2e spelling; characters that cannot stand in a path are escaped.
fn resolve(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let leading = path.len() - path.trim_start_matches('/').len();
    for (at, segment) in segments.iter().enumerate() {
        let last = at + 1 == segments.len();
        match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
            "." if last => out.push(""),
            "." => {}
            ".." => {
                out.pop();
                if last {
                    out.push("");
                }
            }
            _ => out.push(segment),
        }
    }
    format!("{}{}", "/".repeat(leading.max(1)), escape(&out.join("/")))
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'!' | b'#'..=b';' | b'=' | b'?'..=b'_' | b'a'..=b'~' => out.push(char::from(byte)),
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        let page = Url::parse("https://emr.test/ward/list.php?bed=4#top").unwrap();
        page.join(text)
            .map_or("nothing".to_owned(), |url| url.to_string())
    }

    #[test]
    fn links_are_joined_as_browsers_join_them() {
        for (link, whole) in [
            ("chart.php?pid=1", "https://emr.test/ward/chart.php?pid=1"),
            ("/a/./b/../c", "https://emr.test/a/c"),
            ("../..", "https://emr.test/"),
            ("?bed=5", "https://emr.test/ward/list.php?bed=5"),
            ("", "https://emr.test/ward/list.php?bed=4"),
            ("/static/%2e%2E/chart.php", "https://emr.test/chart.php"),
            ("/a b", "https://emr.test/a%20b"),
            ("http://EMR2.test:8080/x", "http://emr2.test:8080/x"),
            (
                "j_security_check;jsessionid=1",
                "https://emr.test/ward/j_security_check;jsessionid=1",
            ),
        ] {
            assert_eq!(joined(link), whole, "{link}");
        }
    }

    #[test]
    fn tricky_redirects_go_where_a_browser_would_go() {
        for (link, whole) in [
            ("//evil.test/x", "https://evil.test/x"),
            ("/\\evil.test", "https://evil.test/"),
            ("/\t/evil.test", "https://evil.test/"),
            ("https:evil.test", "https://emr.test/ward/evil.test"),
            ("http:evil.test", "http://evil.test/"),
            ("https://emr.test@evil.test/", "https://evil.test/"),
            ("https:///evil.test/", "https://evil.test/"),
            ("javascript:alert(1)", "nothing"),
            ("data:text/html,x", "nothing"),
        ] {
            assert_eq!(joined(link), whole, "{link:?}");
        }
    }
}
