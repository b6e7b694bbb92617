//! What came back over the wire, kept as it came: fields in order, repeated fields repeated.
//! Never folds, joins or sorts, because attacks hide in what a tidy client would clean up.
//! Filled by `raw`, `h2client` and `browser`; requests seen by `recorder` use the same `Headers`.

use std::fmt;

/// Header fields in wire order. Bytes are read as Latin-1, so that nothing is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// The first field of this name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    }

    /// Every field of this name, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
            .collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    pub fn names(&self) -> Vec<&str> {
        self.iter().map(|(n, _)| n).collect()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter()
            .try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))
    }
}

impl From<&http::HeaderMap> for Headers {
    fn from(map: &http::HeaderMap) -> Self {
        Self(
            map.iter()
                .map(|(n, v)| (n.to_string(), latin1(v.as_bytes())))
                .collect(),
        )
    }
}

/// One whole answer, with everything that came before and after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub reason: String,
    pub headers: Headers,
    pub body: Vec<u8>,
    pub trailers: Headers,
    /// Answers of the 1xx kind that came first (100, 103), never 101.
    pub informational: Vec<(u16, Headers)>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether the body holds this text.
    pub fn has(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// `Set-Cookie` of the final answer only; see `everything` for leaks by other carriers.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.all("set-cookie")
    }

    /// All that reached the client as one text: a canary is searched for in this.
    pub fn everything(&self) -> String {
        let early: String = self
            .informational
            .iter()
            .map(|(status, h)| format!("{status}\n{h}"))
            .collect();
        format!(
            "{early}{} {}\n{}\n{}\n{}",
            self.status,
            self.reason,
            self.headers,
            self.text(),
            self.trailers
        )
    }
}

/// Why there is no answer. A refused attack often ends in one of these, so tests match on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The other side closed before a whole answer; how many bytes of one had come.
    Closed { after: usize },
    /// Nothing (more) came within the client's patience.
    Deadline { after: usize },
    /// HTTP/2 only: this stream was reset with this code.
    StreamReset(u32),
    /// HTTP/2 only: the whole connection was ended with this code.
    GoAway(u32),
    /// The socket broke, or what came is not HTTP.
    Broken(String),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { after } => write!(f, "closed after {after} bytes of an answer"),
            Self::Deadline { after } => write!(f, "out of patience after {after} bytes"),
            Self::StreamReset(code) => write!(f, "stream reset, code {code}"),
            Self::GoAway(code) => write!(f, "connection ended by GOAWAY, code {code}"),
            Self::Broken(why) => write!(f, "broken: {why}"),
        }
    }
}

impl std::error::Error for NoAnswer {}

/// Each byte as the character of the same number: reversible, unlike UTF-8 with replacements.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_fields_stay_apart_and_in_order() {
        let mut headers = Headers::new();
        headers.push("Set-Cookie", "a=1");
        headers.push("X", "y");
        headers.push("set-cookie", "b=2");
        assert_eq!(headers.all("SET-COOKIE"), ["a=1", "b=2"]);
        assert_eq!(headers.get("set-cookie"), Some("a=1"));
    }

    #[test]
    fn a_canary_in_an_early_hint_or_a_trailer_is_part_of_everything() {
        let mut hint = Headers::new();
        hint.push("Set-Cookie", "CANARY-1");
        let mut trailers = Headers::new();
        trailers.push("X-Late", "CANARY-2");
        let answer = Answer {
            informational: vec![(103, hint)],
            trailers,
            ..Answer::default()
        };
        assert!(answer.everything().contains("CANARY-1"));
        assert!(answer.everything().contains("CANARY-2"));
    }
}
