//! Who is same-origin, same-site or cross-site with whom, and what Referer and Origin tell.
//! Never knows requests or cookies; `jar` and `ask` decide with what is said here.
//! Sources: HTML (schemeful same-site), Fetch Metadata, Referrer Policy.

use super::url::Url;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    SameOrigin,
    SameSite,
    CrossSite,
}

impl Relation {
    pub fn between(one: &Url, other: &Url) -> Self {
        if one.origin() == other.origin() {
            Self::SameOrigin
        } else if one.is_secure() == other.is_secure() && site(&one.host) == site(&other.host) {
            Self::SameSite
        } else {
            Self::CrossSite
        }
    }

    /// As `Sec-Fetch-Site` says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::SameOrigin => "same-origin",
            Self::SameSite => "same-site",
            Self::CrossSite => "cross-site",
        }
    }
}

/// The registrable domain. Test names have one public label (`emr.test`), so the last two labels
/// are it; an address or a single label is a site of its own.
pub fn site(host: &str) -> &str {
    if host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[') {
        return host;
    }
    match host.rmatch_indices('.').nth(1) {
        Some((at, _)) => &host[at + 1..],
        None => host,
    }
}

/// What `Referer` says about a page under its `Referrer-Policy`.
pub fn referer(from: &Url, to: &Url, policy: Option<&str>) -> Option<String> {
    let whole = || Some(from.to_string());
    let origin = || Some(format!("{}/", from.origin()));
    let same = Relation::between(from, to) == Relation::SameOrigin;
    let downgrade = from.is_trustworthy() && !to.is_trustworthy();
    // The last policy that is known counts; this is the default.
    match policy
        .map(str::trim)
        .unwrap_or("strict-origin-when-cross-origin")
    {
        "no-referrer" => None,
        "unsafe-url" => whole(),
        "origin" => origin(),
        "origin-when-cross-origin" => {
            if same {
                whole()
            } else {
                origin()
            }
        }
        "same-origin" => {
            if same {
                whole()
            } else {
                None
            }
        }
        "no-referrer-when-downgrade" => {
            if downgrade {
                None
            } else {
                whole()
            }
        }
        "strict-origin" => {
            if downgrade {
                None
            } else {
                origin()
            }
        }
        _ if downgrade => None,
        _ => {
            if same {
                whole()
            } else {
                origin()
            }
        }
    }
}

/// What `Origin` says on a POST that is a navigation: `null` where the policy hides the page
/// (Fetch, "append a request Origin header").
pub fn origin(from: &Url, to: &Url, policy: Option<&str>) -> String {
    let same = Relation::between(from, to) == Relation::SameOrigin;
    let downgrade = from.is_secure() && !to.is_secure();
    let hidden = match policy.map(str::trim).unwrap_or_default() {
        "no-referrer" => true,
        "same-origin" => !same,
        "unsafe-url" | "origin" | "origin-when-cross-origin" => false,
        _ => downgrade,
    };
    if hidden {
        "null".to_owned()
    } else {
        from.origin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn siblings_are_same_site_and_other_schemes_are_not() {
        let page = url("https://emr.clinic.test/x");
        for (other, word) in [
            ("https://emr.clinic.test/y", "same-origin"),
            ("https://emr.clinic.test:8443/", "same-site"),
            ("https://evil.clinic.test/", "same-site"),
            ("http://emr.clinic.test/", "cross-site"),
            ("https://emr.test/", "cross-site"),
        ] {
            assert_eq!(
                Relation::between(&page, &url(other)).word(),
                word,
                "{other}"
            );
        }
        let (one, two) = (url("http://127.0.0.1:1/"), url("http://127.0.0.2:1/"));
        assert_eq!(Relation::between(&one, &two), Relation::CrossSite);
    }

    #[test]
    fn a_page_that_hides_its_referrer_posts_with_a_null_origin() {
        let (page, portal) = (url("https://emr.test/a?b"), url("https://emr.test/c"));
        assert_eq!(
            referer(&page, &portal, None).unwrap(),
            "https://emr.test/a?b"
        );
        assert_eq!(referer(&page, &portal, Some("no-referrer")), None);
        assert_eq!(origin(&page, &portal, Some("no-referrer")), "null");
        assert_eq!(
            origin(&page, &portal, Some("same-origin")),
            "https://emr.test"
        );
        let evil = url("https://evil.test/");
        assert_eq!(referer(&page, &evil, None).unwrap(), "https://emr.test/");
        assert_eq!(origin(&page, &evil, Some("same-origin")), "null");
    }
}
