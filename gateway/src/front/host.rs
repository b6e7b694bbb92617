//! The host a request is for: one plain name, the same wherever it stands (attacks A08-A10).
//!
//! Case is folded and the port is cut off; nothing else is forgiven, and there is no default. Which
//! app a host belongs to is `crate::gateway`'s to say.

use super::FrontRefusal;

/// A checked host: lower-case name or address literal, without port.
///
/// # Errors
/// `Host` when the value is anything but a name or an address with an optional port.
pub fn plain_host(value: &[u8]) -> Result<String, FrontRefusal> {
    let text = std::str::from_utf8(value).map_err(|_| FrontRefusal::Host)?;
    let (name, port) = split_port(text).ok_or(FrontRefusal::Host)?;
    let port_ok = port.is_none_or(|digits| {
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        plain && digits.parse::<u16>().is_ok()
    });
    if !port_ok || !is_name(name) {
        return Err(FrontRefusal::Host);
    }
    Ok(name.to_ascii_lowercase())
}

fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let end = rest.find(']')?;
        let (name, tail) = (&text[..end + 2], &rest[end + 1..]);
        return match tail.strip_prefix(':') {
            Some(port) => Some((name, Some(port))),
            None if tail.is_empty() => Some((name, None)),
            None => None,
        };
    }
    Some(match text.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (text, None),
    })
}

fn is_name(name: &str) -> bool {
    if let Some(literal) = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return literal.parse::<std::net::Ipv6Addr>().is_ok();
    }
    // A trailing dot names the same host to a resolver and another one to cookies and certificates.
    let labels = name.split('.');
    !name.is_empty()
        && name.len() <= 253
        && labels.into_iter().all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
}

/// Cuts an absolute-form target (RFC 9112 section 3.2.2) into its host and the origin-form that
/// remains. `None` when the target is not absolute.
///
/// # Errors
/// `Target` for schemes other than http and https, user information, or an authority that is no
/// plain host.
pub fn absolute_form(target: &str) -> Result<Option<(String, &str)>, FrontRefusal> {
    if target.starts_with('/') {
        return Ok(None);
    }
    let lower = target.get(..8).unwrap_or(target).to_ascii_lowercase();
    let rest = if lower.starts_with("http://") {
        &target[7..]
    } else if lower.starts_with("https://") {
        &target[8..]
    } else {
        return Err(FrontRefusal::Target);
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, origin) = rest.split_at(end);
    let host = plain_host(authority.as_bytes()).map_err(|_| FrontRefusal::Target)?;
    if !origin.starts_with('/') {
        return Err(FrontRefusal::Target);
    }
    Ok(Some((host, origin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_hosts_pass() {
        for (given, wanted) in [
            ("emr.test", "emr.test"),
            ("EMR.test:443", "emr.test"),
            ("127.0.0.1:8080", "127.0.0.1"),
            ("[::1]:8080", "[::1]"),
        ] {
            assert_eq!(plain_host(given.as_bytes()).as_deref(), Ok(wanted));
        }
        for given in [
            "",
            "emr.test.",
            "emr.test:80@evil",
            "emr.test, emr2.test",
            "a b",
            "emr.test:",
            ".",
            "a..b",
            "user@emr.test",
            "emr.test:123456",
            "emr.test:99999",
            "emr.test:0443",
            "[::1",
            "[zz]",
            "emr.test/x",
            "é.test",
        ] {
            assert_eq!(
                plain_host(given.as_bytes()),
                Err(FrontRefusal::Host),
                "{given}"
            );
        }
    }

    #[test]
    fn an_absolute_target_is_cut_or_refused() {
        assert_eq!(absolute_form("/a"), Ok(None));
        assert_eq!(
            absolute_form("http://emr.test/a?b"),
            Ok(Some(("emr.test".into(), "/a?b")))
        );
        for bad in [
            "ftp://emr.test/",
            "emr.test/chart",
            "http://emr.test@evil/",
            "https://x",
            "*",
        ] {
            assert_eq!(absolute_form(bad), Err(FrontRefusal::Target), "{bad}");
        }
    }
}
