//! The fields of a request, HTTP/1 or HTTP/2 (attacks A09-A26, C07, G03).
//!
//! One pass over the fields, a handful of counters, then the rules. Holds no state between
//! requests.

use super::{FrontRefusal, LONGEST_FIELD, has_controls};
use crate::cookies::token;

/// What the rules need to know of a request besides its fields.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'r> {
    /// The method as sent.
    pub method: &'r str,
    /// HTTP/2.
    pub h2: bool,
    /// HTTP/1.0.
    pub old: bool,
    /// Most fields.
    pub most_fields: usize,
    /// Most bytes of names and values together.
    pub most_bytes: usize,
    /// The browser reached us over TLS: decides our cookie's name.
    pub secure: bool,
}

/// What was learnt on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// A well-formed WebSocket handshake.
    pub websocket: bool,
    /// A body follows: its length, if said.
    pub body: Option<Option<u64>>,
    /// `Expect: 100-continue`.
    pub expects_continue: bool,
}

#[derive(Default)]
struct Seen<'r> {
    count: usize,
    bytes: usize,
    host: usize,
    length: Option<&'r [u8]>,
    encoding: Option<&'r [u8]>,
    upgrade: Option<&'r [u8]>,
    connection_upgrade: bool,
    named: usize,
    socket_key: usize,
    socket_version: Option<&'r [u8]>,
    expect: Option<&'r [u8]>,
    once: [bool; ONCE.len()],
    ours: usize,
}

/// Fields that have one meaning only when they stand once.
const ONCE: [&str; 11] = [
    "authorization",
    "content-type",
    "content-encoding",
    "origin",
    "referer",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
    "range",
    "x-requested-with",
    "access-control-request-method",
];

/// Fields that frame or route a request: an alias of one (`Transfer_Encoding`) is a second reading.
const FRAMING: [&str; 6] = [
    "content-length",
    "transfer-encoding",
    "host",
    "cookie",
    "connection",
    "upgrade",
];

/// `Connection` may not make us drop these (attack A25).
const KEPT: [&str; 12] = [
    "cookie",
    "host",
    "content-length",
    "transfer-encoding",
    "authorization",
    "origin",
    "referer",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "content-type",
    "content-encoding",
];
/// Most names in `Connection`; more are refused by pingora without a word.
const MOST_NAMED: usize = 9;

/// Checks all fields.
///
/// # Errors
/// The first thing that is wrong.
pub fn check<'r>(
    shape: &Shape<'_>,
    fields: impl Iterator<Item = (&'r str, &'r [u8])>,
) -> Result<Found, FrontRefusal> {
    let mut seen = Seen::default();
    for (name, value) in fields {
        note(&mut seen, shape, name, value)?;
    }
    let hosts_wanted = if shape.h2 { 0..=1 } else { 1..=1 };
    if !hosts_wanted.contains(&seen.host) {
        return Err(FrontRefusal::Host);
    }
    if seen.ours > 1 {
        return Err(FrontRefusal::OurCookieTwice);
    }
    let body = framing(&seen, shape)?;
    let websocket = upgrade(&seen, shape, body.is_some())?;
    Ok(Found {
        websocket,
        body,
        expects_continue: seen.expect.is_some(),
    })
}

/// Whether cookies make up more than half of these fields, by bytes or by number (HTTP/2 splits
/// them).
pub fn are_mostly_cookies<'r>(fields: impl Iterator<Item = (&'r str, &'r [u8])>) -> bool {
    let (mut bytes, mut count) = ([0_usize; 2], [0_usize; 2]);
    for (name, value) in fields {
        let kind = usize::from(name.eq_ignore_ascii_case("cookie"));
        bytes[kind] += name.len() + value.len() + 4;
        count[kind] += 1;
    }
    bytes[1] > bytes[0] || count[1] > count[0]
}

fn note<'r>(
    seen: &mut Seen<'r>,
    shape: &Shape<'_>,
    name: &str,
    value: &'r [u8],
) -> Result<(), FrontRefusal> {
    seen.count += 1;
    seen.bytes += name.len() + value.len() + 4;
    let too_large = seen.bytes > shape.most_bytes || value.len() > LONGEST_FIELD;
    if seen.count > shape.most_fields || too_large {
        return Err(FrontRefusal::HeadTooLarge);
    }
    if has_controls(value) {
        return Err(FrontRefusal::Lines);
    }
    // Field maps hold names in lower case; only a caller of another kind pays for the copy.
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return note_known(seen, shape, &name.to_ascii_lowercase(), value);
    }
    note_known(seen, shape, name, value)
}

fn note_known<'r>(
    seen: &mut Seen<'r>,
    shape: &Shape<'_>,
    name: &str,
    value: &'r [u8],
) -> Result<(), FrontRefusal> {
    match name {
        "cookie" => {
            let ours = token::name(shape.secure).as_bytes();
            seen.ours += anteroom_core::cookies::pairs(value)
                .filter(|(name, _)| *name == ours)
                .count();
            Ok(())
        }
        "host" => {
            seen.host += 1;
            Ok(())
        }
        "content-length" => once(&mut seen.length, value, FrontRefusal::ContentLength),
        "transfer-encoding" => once(&mut seen.encoding, value, FrontRefusal::TransferEncoding),
        "upgrade" => once(&mut seen.upgrade, value, FrontRefusal::Upgrade),
        "connection" => connection(seen, shape, value),
        "expect" => once(&mut seen.expect, value, FrontRefusal::Expect),
        "sec-websocket-key" => {
            seen.socket_key += 1;
            Ok(())
        }
        "sec-websocket-version" => once(&mut seen.socket_version, value, FrontRefusal::Upgrade),
        _ if name.contains(['_', '.']) && is_alias_of_framing(name) => Err(FrontRefusal::FieldName),
        _ => match ONCE.iter().position(|wanted| *wanted == name) {
            Some(index) if std::mem::replace(&mut seen.once[index], true) => {
                Err(FrontRefusal::Repeated)
            }
            _ => Ok(()),
        },
    }
}

fn once<'r>(
    slot: &mut Option<&'r [u8]>,
    value: &'r [u8],
    refusal: FrontRefusal,
) -> Result<(), FrontRefusal> {
    if slot.replace(value).is_some() {
        Err(refusal)
    } else {
        Ok(())
    }
}

/// CGI-like servers map every `-`, `_` and `.` to one character (attack G03).
fn is_alias_of_framing(name: &str) -> bool {
    FRAMING.iter().any(|framing| {
        name.len() == framing.len()
            && name.bytes().zip(framing.bytes()).all(|(given, wanted)| {
                given.eq_ignore_ascii_case(&wanted)
                    || wanted == b'-' && matches!(given, b'_' | b'.')
            })
    })
}

fn connection(seen: &mut Seen<'_>, shape: &Shape<'_>, value: &[u8]) -> Result<(), FrontRefusal> {
    // RFC 9113 section 8.2.2: connection-specific fields do not exist in HTTP/2.
    if shape.h2 {
        return Err(FrontRefusal::Connection);
    }
    for token in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
        seen.named += usize::from(!token.is_empty());
        let plain = token
            .iter()
            .all(|&byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if !plain || seen.named > MOST_NAMED {
            return Err(FrontRefusal::Connection);
        }
        if KEPT
            .iter()
            .any(|kept| token.eq_ignore_ascii_case(kept.as_bytes()))
        {
            return Err(FrontRefusal::Connection);
        }
        seen.connection_upgrade |= token.eq_ignore_ascii_case(b"upgrade");
    }
    Ok(())
}

fn framing(seen: &Seen<'_>, shape: &Shape<'_>) -> Result<Option<Option<u64>>, FrontRefusal> {
    if let Some(expect) = seen.expect
        && !expect.eq_ignore_ascii_case(b"100-continue")
    {
        return Err(FrontRefusal::Expect);
    }
    let body = match (seen.length, seen.encoding) {
        (None, None) => None,
        (Some(_), Some(_)) => return Err(FrontRefusal::TransferEncoding),
        (Some(length), None) => match plain_number(length).ok_or(FrontRefusal::ContentLength)? {
            0 => None,
            bytes => Some(Some(bytes)),
        },
        (None, Some(encoding)) => {
            // RFC 9112 section 6.1: no transfer coding before HTTP/1.1, and none at all in HTTP/2.
            let fine = encoding.eq_ignore_ascii_case(b"chunked") && !shape.old && !shape.h2;
            if !fine {
                return Err(FrontRefusal::TransferEncoding);
            }
            Some(None)
        }
    };
    // A body on GET or HEAD has no meaning (RFC 9110 section 9.3.1) and some servers read it all
    // the same.
    if body.is_some() && matches!(shape.method, "GET" | "HEAD") {
        return Err(FrontRefusal::ContentLength);
    }
    Ok(body)
}

fn plain_number(value: &[u8]) -> Option<u64> {
    let canonical = !value.is_empty()
        && value.len() <= 15
        && value.iter().all(u8::is_ascii_digit)
        && (value.len() == 1 || value.first() != Some(&b'0'));
    if !canonical {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

fn upgrade(seen: &Seen<'_>, shape: &Shape<'_>, body: bool) -> Result<bool, FrontRefusal> {
    let Some(protocol) = seen.upgrade else {
        return if seen.connection_upgrade {
            Err(FrontRefusal::Upgrade)
        } else {
            Ok(false)
        };
    };
    // RFC 6455 section 4.1, and nothing besides (attacks A14-A16).
    let fine = protocol.eq_ignore_ascii_case(b"websocket")
        && seen.connection_upgrade
        && shape.method == "GET"
        && !shape.h2
        && !shape.old
        && !body
        && seen.length.is_none()
        && seen.socket_key == 1
        && seen.socket_version == Some(b"13");
    if fine {
        Ok(true)
    } else {
        Err(FrontRefusal::Upgrade)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(method: &str, fields: &[(&str, &str)]) -> Result<Found, FrontRefusal> {
        let shape = Shape {
            method,
            h2: false,
            old: false,
            most_fields: 100,
            most_bytes: 65_536,
            secure: true,
        };
        let host = [("Host", "emr.test")];
        check(
            &shape,
            host.iter()
                .chain(fields)
                .map(|(name, value)| (*name, value.as_bytes())),
        )
    }

    #[test]
    fn lengths_are_one_plain_number() {
        for bad in [
            "+44",
            "-0",
            "044",
            "44, 44",
            "0x2c",
            "44 x",
            "",
            "18446744073709551660",
            " 44",
            "４４",
        ] {
            let found = verdict("POST", &[("Content-Length", bad)]);
            assert_eq!(found, Err(FrontRefusal::ContentLength), "{bad:?}");
        }
        let two = [("Content-Length", "44"), ("content-length", "44")];
        assert_eq!(verdict("POST", &two), Err(FrontRefusal::ContentLength));
        assert_eq!(
            verdict("POST", &[("Content-Length", "44")]).unwrap().body,
            Some(Some(44))
        );
        assert_eq!(
            verdict("GET", &[("Content-Length", "4")]),
            Err(FrontRefusal::ContentLength)
        );
    }

    #[test]
    fn transfer_encoding_is_exactly_chunked() {
        for bad in [
            "xchunked",
            "gzip, chunked",
            "chunked, identity",
            "\"chunked\"",
            "chunked;q=1",
            ",chunked",
            "\u{b}chunked",
            "identity",
            "",
        ] {
            assert!(
                verdict("POST", &[("Transfer-Encoding", bad)]).is_err(),
                "{bad:?}"
            );
        }
        let alias = [("Transfer_Encoding", "chunked")];
        assert_eq!(verdict("POST", &alias), Err(FrontRefusal::FieldName));
        let both = [("Transfer-Encoding", "chunked"), ("Content-Length", "3")];
        assert_eq!(verdict("POST", &both), Err(FrontRefusal::TransferEncoding));
        assert_eq!(
            verdict("POST", &[("Transfer-Encoding", "chunked")])
                .unwrap()
                .body,
            Some(None)
        );
    }

    #[test]
    fn only_a_whole_websocket_handshake_is_an_upgrade() {
        let good = [
            ("Upgrade", "websocket"),
            ("Connection", "keep-alive, Upgrade"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        assert!(verdict("GET", &good).unwrap().websocket);
        assert_eq!(verdict("GET", &good[..3]), Err(FrontRefusal::Upgrade));
        for bad in ["h2c", "TLS/1.0", "websocket, h2c", "foo"] {
            let mut fields = good;
            fields[0].1 = bad;
            assert_eq!(verdict("GET", &fields), Err(FrontRefusal::Upgrade), "{bad}");
        }
        assert_eq!(
            verdict("GET", &[("Upgrade", "foo")]),
            Err(FrontRefusal::Upgrade)
        );
    }

    #[test]
    fn our_cookie_counts_once_over_all_lines() {
        let two = [
            ("Cookie", "__Host-anteroom=a; x=1"),
            ("Cookie", "__Host-anteroom=b"),
        ];
        assert_eq!(verdict("GET", &two), Err(FrontRefusal::OurCookieTwice));
        assert!(verdict("GET", &[("Cookie", "__host-anteroom=a; __Host-anteroom=b")]).is_ok());
    }

    #[test]
    fn connection_cannot_drop_what_matters() {
        for bad in [
            "Cookie",
            "close, X-Forwarded-For",
            "Content-Length",
            "host",
            "X-Forwarded-Proto",
            "\"Cookie\"",
            ":authority",
            "a b",
            "a, b, c, d, e, f, g, h, i, j",
        ] {
            assert_eq!(
                verdict("GET", &[("Connection", bad)]),
                Err(FrontRefusal::Connection)
            );
        }
        assert!(verdict("GET", &[("Connection", "keep-alive, TE")]).is_ok());
    }

    #[test]
    fn repeated_and_oversized_fields_are_refused() {
        let twice = [("Content-Type", "a"), ("content-type", "a")];
        assert_eq!(verdict("POST", &twice), Err(FrontRefusal::Repeated));
        let big = "x".repeat(LONGEST_FIELD + 1);
        assert_eq!(
            verdict("GET", &[("Cookie", &big)]),
            Err(FrontRefusal::HeadTooLarge)
        );
        let many = vec![("X-A", "1"); 120];
        assert_eq!(verdict("GET", &many), Err(FrontRefusal::HeadTooLarge));
    }
}
