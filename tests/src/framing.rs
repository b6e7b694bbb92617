//! HTTP/1.1 framing read strictly: where a head ends, how long its body is, how chunks are cut.
//! Never guesses and never repairs; what two readers could read in two ways is an error here.
//! Shared by `raw` (answers) and `recorder` (requests). The naive reading is in `recorder::naive`.

use bytes::{Buf, BytesMut};

use crate::answer::{Headers, latin1};

/// A first line and its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub line: String,
    pub headers: Headers,
    /// The bytes as they came, with the empty line that ends them.
    pub raw: Vec<u8>,
}

/// Takes a head off the front once it is all there.
pub fn take_head(buf: &mut BytesMut) -> Result<Option<Head>, String> {
    let Some(end) = find(buf, b"\r\n\r\n") else {
        return Ok(None);
    };
    let raw = buf.split_to(end + 4).to_vec();
    let text = latin1(&raw[..end]);
    if text.replace("\r\n", "").contains(['\r', '\n']) {
        return Err(format!("a bare CR or LF in a head: {text:?}"));
    }
    let (line, fields) = text.split_once("\r\n").unwrap_or((&text, ""));
    Ok(Some(Head {
        line: line.to_owned(),
        headers: fields_of(fields)?,
        raw,
    }))
}

fn fields_of(block: &str) -> Result<Headers, String> {
    let mut headers = Headers::new();
    for line in block.split("\r\n").filter(|line| !line.is_empty()) {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("a field with no colon: {line:?}"))?;
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err(format!("a field name that is no token: {name:?}"));
        }
        headers.push(name, value.trim_matches([' ', '\t']));
    }
    Ok(headers)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// How long a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    Fixed(usize),
    Chunked,
    UntilClose,
}

impl Length {
    pub fn of_request(headers: &Headers) -> Result<Self, String> {
        Ok(stated(headers)?.unwrap_or(Self::Fixed(0)))
    }

    /// `to_head`: the request was HEAD, so fields may speak of a body that does not come.
    pub fn of_answer(status: u16, to_head: bool, headers: &Headers) -> Result<Self, String> {
        if to_head || status < 200 || status == 204 || status == 304 {
            return Ok(Self::Fixed(0));
        }
        Ok(stated(headers)?.unwrap_or(Self::UntilClose))
    }
}

fn stated(headers: &Headers) -> Result<Option<Length>, String> {
    let lengths = headers.all("content-length");
    let codings = headers.all("transfer-encoding");
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => Ok(None),
        ([length], []) if (1..=10).contains(&length.len()) => {
            let digits = length.bytes().all(|b| b.is_ascii_digit());
            let length = digits.then(|| length.parse().ok()).flatten();
            length
                .map(|n| Some(Length::Fixed(n)))
                .ok_or_else(|| format!("length {lengths:?}"))
        }
        ([], [coding]) if coding.eq_ignore_ascii_case("chunked") => Ok(Some(Length::Chunked)),
        _ => Err(format!(
            "unclear framing: length {lengths:?}, coding {codings:?}"
        )),
    }
}

/// Collects one body from the bytes that follow a head.
#[derive(Debug)]
pub struct Body {
    state: State,
    pub bytes: Vec<u8>,
    pub trailers: Headers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fixed(usize),
    UntilClose,
    ChunkSize,
    Chunk(usize),
    ChunkEnd,
    Trailers,
    Done,
}

impl Body {
    pub fn new(length: Length) -> Self {
        let state = match length {
            Length::Fixed(0) => State::Done,
            Length::Fixed(n) => State::Fixed(n),
            Length::Chunked => State::ChunkSize,
            Length::UntilClose => State::UntilClose,
        };
        Self {
            state,
            bytes: Vec::new(),
            trailers: Headers::new(),
        }
    }

    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Whether the end of the stream is this body's proper end.
    pub fn ends_with_the_stream(&self) -> bool {
        matches!(self.state, State::UntilClose | State::Done)
    }

    /// Takes what belongs to the body and leaves the rest; true once the body is whole.
    pub fn feed(&mut self, buf: &mut BytesMut) -> Result<bool, String> {
        loop {
            self.state = match self.state {
                State::Done => return Ok(true),
                State::UntilClose => {
                    self.bytes.extend_from_slice(&buf.split());
                    return Ok(false);
                }
                State::Fixed(left) => match self.take(buf, left) {
                    0 => State::Done,
                    left => return self.wait(State::Fixed(left)),
                },
                State::Chunk(left) => match self.take(buf, left) {
                    0 => State::ChunkEnd,
                    left => return self.wait(State::Chunk(left)),
                },
                State::ChunkSize => match take_line(buf)? {
                    Some(line) => match chunk_size(&line)? {
                        0 => State::Trailers,
                        size => State::Chunk(size),
                    },
                    None => return Ok(false),
                },
                State::ChunkEnd => match take_line(buf)?.as_deref() {
                    Some("") => State::ChunkSize,
                    Some(line) => return Err(format!("data after a chunk: {line:?}")),
                    None => return Ok(false),
                },
                State::Trailers => match take_line(buf)?.as_deref() {
                    Some("") => State::Done,
                    Some(line) => {
                        for (name, value) in fields_of(line)?.iter() {
                            self.trailers.push(name, value);
                        }
                        State::Trailers
                    }
                    None => return Ok(false),
                },
            };
        }
    }

    fn wait(&mut self, state: State) -> Result<bool, String> {
        self.state = state;
        Ok(false)
    }

    /// Moves up to `left` bytes over and says how many are still missing.
    fn take(&mut self, buf: &mut BytesMut, left: usize) -> usize {
        let now = left.min(buf.len());
        self.bytes.extend_from_slice(&buf[..now]);
        buf.advance(now);
        left - now
    }
}

fn chunk_size(line: &str) -> Result<usize, String> {
    let digits = line.split(';').next().unwrap_or_default();
    let sound = (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let size = sound
        .then(|| usize::from_str_radix(digits, 16).ok())
        .flatten();
    size.ok_or_else(|| format!("a chunk size that is none: {line:?}"))
}

fn take_line(buf: &mut BytesMut) -> Result<Option<String>, String> {
    let Some(end) = buf.iter().position(|byte| *byte == b'\n') else {
        return Ok(None);
    };
    let line = latin1(&buf.split_to(end + 1));
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(Some(line.to_owned())),
        None => Err(format!("a line that ends in a bare LF: {line:?}")),
    }
}

pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(length: Length, wire: &str) -> Result<(Body, String), String> {
        let mut body = Body::new(length);
        let mut rest = BytesMut::new();
        // One byte at a time: a cut anywhere must not matter.
        for byte in wire.bytes() {
            rest.extend_from_slice(&[byte]);
            body.feed(&mut rest)?;
        }
        Ok((body, latin1(&rest)))
    }

    #[test]
    fn chunks_and_trailers_are_put_together_wherever_the_wire_cuts_them() {
        let wire = "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 9\r\n\r\nGET /";
        let (body, rest) = read(Length::Chunked, wire).unwrap();
        assert!(body.is_done());
        assert_eq!(body.bytes, b"hello!");
        assert_eq!(body.trailers.get("x-sum"), Some("9"));
        assert_eq!(rest, "GET /");
    }

    #[test]
    fn a_fixed_body_leaves_the_next_message_alone() {
        let (body, rest) = read(Length::Fixed(2), "okNEXT").unwrap();
        assert_eq!((body.bytes.as_slice(), rest.as_str()), (&b"ok"[..], "NEXT"));
    }

    #[test]
    fn bad_chunk_grammar_is_an_error() {
        for wire in [
            "-1\r\n",
            "5 \r\n",
            "FFFFFFFFFFFFFFFF\r\n",
            "1\nx",
            "1\r\nxy\r\n",
        ] {
            assert!(read(Length::Chunked, wire).is_err(), "{wire:?}");
        }
    }

    #[test]
    fn framing_that_two_readers_could_read_in_two_ways_is_an_error() {
        for fields in [
            "Content-Length: 3\r\nTransfer-Encoding: chunked",
            "Content-Length: 3\r\nContent-Length: 3",
            "Content-Length: +3",
            "Content-Length: ",
            "Transfer-Encoding: gzip, chunked",
        ] {
            assert!(
                Length::of_request(&fields_of(fields).unwrap()).is_err(),
                "{fields:?}"
            );
        }
    }

    #[test]
    fn heads_with_bare_line_feeds_or_odd_names_are_errors() {
        for head in [
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nA b: c\r\n\r\n",
        ] {
            assert!(take_head(&mut BytesMut::from(head)).is_err(), "{head:?}");
        }
    }

    #[test]
    fn some_answers_have_no_body_whatever_their_fields_say() {
        let fields = fields_of("Content-Length: 3").unwrap();
        assert_eq!(Length::of_answer(304, false, &fields), Ok(Length::Fixed(0)));
        assert_eq!(Length::of_answer(200, true, &fields), Ok(Length::Fixed(0)));
        assert_eq!(Length::of_answer(200, false, &fields), Ok(Length::Fixed(3)));
        assert_eq!(
            Length::of_answer(200, false, &Headers::new()),
            Ok(Length::UntilClose)
        );
    }
}
