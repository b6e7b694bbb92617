//! A withheld answer as bytes: the answer, the whole upstream jar, and where the visitor wanted to
//! go.
//!
//! Sealed under a key that needs the browser's session id before it reaches the store
//! (`jars::seal_for`); read again only at release. Never written anywhere in the clear.

use anteroom_core::cookies::Jar;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::upstream::exchange::Answer;

/// Purpose of the sealing key.
pub const WITHHELD: &str = "withheld answer";
/// Purpose of the sealing key of an answer that waits for its GET after release.
pub const DELIVERY: &str = "delivery";
/// The first byte; another layout gets another number.
const VERSION: u8 = 1;

/// Everything that a release needs.
#[derive(Clone, Debug)]
pub struct Held {
    /// The app's answer.
    pub answer: Answer,
    /// All cookies of the upstream session, in order.
    pub jar: Jar,
    /// Path and query that the visitor asked for before she was sent to sign in.
    pub wanted: Option<String>,
}

impl Held {
    /// Writes it down.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend_from_slice(&self.answer.status.to_be_bytes());
        put(
            &mut out,
            self.wanted.as_deref().unwrap_or_default().as_bytes(),
        );
        put(&mut out, &self.jar.to_bytes());
        out.extend_from_slice(&(self.answer.headers.len() as u32).to_be_bytes());
        for (name, value) in &self.answer.headers {
            put(&mut out, name.as_str().as_bytes());
            put(&mut out, value.as_bytes());
        }
        put(&mut out, &self.answer.body);
        out
    }

    /// Reads it again; `None` for anything that [`Held::to_bytes`] did not write.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&version, mut rest) = bytes.split_first()?;
        if version != VERSION {
            return None;
        }
        let (status, tail) = rest.split_first_chunk::<2>()?;
        rest = tail;
        let wanted = String::from_utf8(take(&mut rest)?.to_vec()).ok()?;
        let jar = Jar::from_bytes(take(&mut rest)?)?;
        let (count, tail) = rest.split_first_chunk::<4>()?;
        rest = tail;
        let mut headers = HeaderMap::new();
        for _ in 0..u32::from_be_bytes(*count) {
            let name = HeaderName::from_bytes(take(&mut rest)?).ok()?;
            let value = HeaderValue::from_bytes(take(&mut rest)?).ok()?;
            headers.append(name, value);
        }
        let body = Bytes::copy_from_slice(take(&mut rest)?);
        let answer = Answer {
            status: u16::from_be_bytes(*status),
            headers,
            body,
        };
        rest.is_empty().then_some(Self {
            answer,
            jar,
            wanted: (!wanted.is_empty()).then_some(wanted),
        })
    }
}

fn put(out: &mut Vec<u8>, part: &[u8]) {
    // Nothing we hold reaches 4 GiB: answers are bounded long before.
    out.extend_from_slice(&(part.len() as u32).to_be_bytes());
    out.extend_from_slice(part);
}

fn take<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, tail) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (part, tail) = tail.split_at_checked(length)?;
    *rest = tail;
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anteroom_core::cookies::JarCookie;

    #[test]
    fn what_is_held_comes_back_whole() {
        let mut jar = Jar::default();
        jar.put(JarCookie::sent(b"JSESSIONID", b"x\"y", "/examples"));
        let mut headers = HeaderMap::new();
        headers.append("x-two", HeaderValue::from_static("1"));
        headers.append("x-two", HeaderValue::from_static("2"));
        let answer = Answer {
            status: 302,
            headers,
            body: Bytes::from_static(b"hello"),
        };
        let held = Held {
            answer,
            jar,
            wanted: Some("/chart?pid=1".into()),
        };
        let bytes = held.to_bytes();
        let again = Held::from_bytes(&bytes).unwrap();
        assert_eq!(again.to_bytes(), bytes);
        assert_eq!(again.answer.headers.get_all("x-two").iter().count(), 2);
        for cut in 0..bytes.len() {
            assert!(Held::from_bytes(&bytes[..cut]).is_none());
        }
    }
}
