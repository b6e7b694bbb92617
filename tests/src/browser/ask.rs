//! One request as the browser means it, and the fields that tell a server where it comes from.
//! Never sends and never reads the jar; `send` does. Relations between sites are `site`'s.

use super::page::Page;
use super::site::{Relation, origin, referer};
use super::url::Url;

/// What a request is for; it decides the Fetch Metadata fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the address bar shows next.
    Document,
    Frame,
    /// `fetch` or XMLHttpRequest with credentials.
    Fetch,
    /// Loaded by the page: `script`, `style`, `image`, `font`...
    Resource(&'static str),
    /// The script of a service worker.
    Worker,
}

impl Kind {
    fn mode(self) -> &'static str {
        match self {
            Self::Document | Self::Frame => "navigate",
            Self::Fetch => "cors",
            Self::Resource(_) => "no-cors",
            Self::Worker => "same-origin",
        }
    }

    fn dest(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Frame => "iframe",
            Self::Fetch => "empty",
            Self::Resource(dest) => dest,
            Self::Worker => "serviceworker",
        }
    }

    fn accept(self) -> &'static str {
        match self {
            Self::Document | Self::Frame => {
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
            }
            Self::Resource("style") => "text/css,*/*;q=0.1",
            Self::Resource("image") => "image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
            Self::Fetch | Self::Resource(_) | Self::Worker => "*/*",
        }
    }

    pub(super) fn is_top_level(self) -> bool {
        self == Self::Document
    }
}

/// The page that makes the browser ask, if it is a page.
#[derive(Clone, Debug)]
pub struct Initiator {
    pub url: Url,
    /// Its `Referrer-Policy`.
    pub policy: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Ask {
    pub method: String,
    pub url: Url,
    pub kind: Kind,
    pub initiator: Option<Initiator>,
    /// The person clicked or typed; scripts and redirects alone do not say so.
    pub by_hand: bool,
    /// Fields that a script or an attacker adds. They replace those of the browser.
    pub extra: Vec<(String, String)>,
    /// Content type and bytes.
    pub body: Option<(String, Vec<u8>)>,
    /// The farthest relation on the way here: redirects do not wash a request clean.
    farthest: Relation,
    /// A redirect led through another origin, so `Origin` tells nothing any more.
    tainted: bool,
}

impl Ask {
    pub fn new(method: &str, url: Url, kind: Kind, initiator: Option<Initiator>) -> Self {
        let farthest = initiator.as_ref().map_or(Relation::SameOrigin, |from| {
            Relation::between(&from.url, &url)
        });
        Self {
            method: method.to_owned(),
            url,
            kind,
            initiator,
            by_hand: false,
            extra: Vec::new(),
            body: None,
            farthest,
            tainted: false,
        }
    }

    pub fn by_hand(mut self) -> Self {
        self.by_hand = true;
        self
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.extra.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some((content_type.to_owned(), bytes.into()));
        self
    }

    /// The request that follows this redirect; `None` where the target is no place to go.
    pub fn redirected(&self, page: &Page) -> Option<Self> {
        let url = page.url.join(page.location()?)?;
        let mut next = self.clone();
        let becomes_get = match page.status {
            303 => self.method != "HEAD",
            301 | 302 => self.method == "POST",
            _ => false,
        };
        if becomes_get {
            next.method = "GET".to_owned();
            next.body = None;
        }
        if let Some(from) = &self.initiator {
            next.farthest = self.farthest.max(Relation::between(&from.url, &url));
            let leaves = self.url.origin() != url.origin();
            next.tainted |= leaves && self.url.origin() != from.url.origin();
        }
        next.url = url;
        Some(next)
    }

    /// The fields in Chromium's order, without Host and Cookie.
    pub(super) fn fields(&self, agent: &str, language: &str) -> Vec<(String, String)> {
        let mut fields: Vec<(&str, String)> = Vec::new();
        if let Some((kind, bytes)) = &self.body {
            fields.push(("Content-Length", bytes.len().to_string()));
            fields.push(("Content-Type", kind.clone()));
        }
        if let Some(origin) = self.origin() {
            fields.push(("Origin", origin));
        }
        if self.kind.mode() == "navigate" {
            fields.push(("Upgrade-Insecure-Requests", "1".to_owned()));
        }
        fields.push(("User-Agent", agent.to_owned()));
        fields.push(("Accept", self.kind.accept().to_owned()));
        // Fetch Metadata goes to trustworthy places only.
        if self.url.is_trustworthy() {
            let site = self
                .initiator
                .as_ref()
                .map_or("none", |_| self.farthest.word());
            fields.push(("Sec-Fetch-Site", site.to_owned()));
            fields.push(("Sec-Fetch-Mode", self.kind.mode().to_owned()));
            if self.by_hand && self.kind.mode() == "navigate" {
                fields.push(("Sec-Fetch-User", "?1".to_owned()));
            }
            fields.push(("Sec-Fetch-Dest", self.kind.dest().to_owned()));
        }
        if self.kind == Kind::Worker {
            fields.push(("Service-Worker", "script".to_owned()));
        }
        if let Some(referer) = self.referer() {
            fields.push(("Referer", referer));
        }
        // Real browsers take compressed answers too; a test wants to read them.
        fields.push(("Accept-Encoding", "identity".to_owned()));
        fields.push(("Accept-Language", language.to_owned()));
        fields.retain(|(name, _)| !self.extra.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)));
        let own = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        own.chain(self.extra.iter().cloned()).collect()
    }

    fn origin(&self) -> Option<String> {
        let from = self.initiator.as_ref()?;
        let safe = matches!(self.method.as_str(), "GET" | "HEAD");
        let cross = Relation::between(&from.url, &self.url) != Relation::SameOrigin;
        match (safe, self.kind) {
            (true, Kind::Fetch) if cross => {}
            (true, _) => return None,
            (false, _) => {}
        }
        if self.tainted {
            return Some("null".to_owned());
        }
        // A script's own request names its origin whatever the policy of its page.
        let policy = (self.kind != Kind::Fetch)
            .then_some(from.policy.as_deref())
            .flatten();
        Some(origin(&from.url, &self.url, policy))
    }

    fn referer(&self) -> Option<String> {
        let from = self.initiator.as_ref()?;
        referer(&from.url, &self.url, from.policy.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Answer, Headers};

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn from(text: &str) -> Option<Initiator> {
        Some(Initiator {
            url: url(text),
            policy: None,
        })
    }

    fn told(ask: &Ask) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in ask.fields("agent", "en") {
            headers.push(name, value);
        }
        headers
    }

    #[test]
    fn a_typed_address_comes_from_nobody() {
        let ask = Ask::new("GET", url("https://emr.test/"), Kind::Document, None).by_hand();
        let told = told(&ask);
        assert_eq!(told.get("sec-fetch-site"), Some("none"));
        assert_eq!(told.get("sec-fetch-user"), Some("?1"));
        assert!(!told.has("referer") && !told.has("origin"));
    }

    #[test]
    fn another_sites_form_says_so_and_a_redirect_does_not_wash_it() {
        let ask = Ask::new(
            "POST",
            url("https://evil.test/bounce"),
            Kind::Document,
            from("https://evil.test/"),
        );
        let mut headers = Headers::new();
        headers.push("Location", "https://emr.test/login.php");
        let answer = Answer {
            status: 307,
            headers,
            ..Answer::default()
        };
        let page = Page::new(ask.url.clone(), "POST", answer);
        let next = ask.redirected(&page).unwrap();
        let told = told(&next);
        assert_eq!(
            (next.method.as_str(), told.get("sec-fetch-site")),
            ("POST", Some("cross-site"))
        );
        assert_eq!(told.get("origin"), Some("https://evil.test"));
        assert_eq!(told.get("referer"), Some("https://evil.test/"));
    }

    #[test]
    fn a_script_tells_its_origin_only_where_it_matters() {
        let page = "https://emr.test/x";
        let get = Ask::new("GET", url("https://emr.test/api"), Kind::Fetch, from(page));
        assert!(!told(&get).has("origin"));
        let post = Ask::new("POST", url("https://emr.test/api"), Kind::Fetch, from(page))
            .body("application/json", "{}")
            .with("Accept", "application/json");
        let told = told(&post);
        assert_eq!(told.get("origin"), Some("https://emr.test"));
        assert_eq!(told.all("accept"), ["application/json"]);
        assert_eq!(
            (told.get("sec-fetch-mode"), told.get("content-length")),
            (Some("cors"), Some("2"))
        );
    }

    #[test]
    fn plain_http_gets_no_fetch_metadata_unless_it_is_this_machine() {
        let ask = |to| Ask::new("GET", url(to), Kind::Frame, from("https://emr.test/"));
        assert!(!told(&ask("http://emr.test/")).has("sec-fetch-site"));
        let local = told(&ask("http://127.0.0.1:8080/"));
        assert_eq!(local.get("sec-fetch-dest"), Some("iframe"));
        assert!(!local.has("sec-fetch-user"));
    }
}
