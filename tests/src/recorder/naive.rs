//! The second count: request lines wherever they stand at the start of a line, bodies included.
//! Never understands framing, on purpose: that is how a smuggled request is found.
//! Used by `Recorder::naive_count`; the strict count is in `serve`.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::answer::latin1;

static REQUEST_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?-u)(?:^|[\r\n])([A-Za-z][A-Za-z_-]{0,19} +\S[^\r\n]{0,4096}? +HTTP/[0-9.]+)")
        .expect("a sound pattern")
});

/// Every request line that a sloppy server might see in these bytes.
pub fn naive_requests(bytes: &[u8]) -> Vec<String> {
    REQUEST_LINE
        .captures_iter(bytes)
        .map(|found| latin1(&found[1]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_request_hidden_in_a_body_is_counted() {
        let wire =
            b"POST /a HTTP/1.1\r\nContent-Length: 30\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n";
        assert_eq!(
            naive_requests(wire),
            ["POST /a HTTP/1.1", "GET /b HTTP/1.1"]
        );
        let chunked = b"POST /a HTTP/1.1\r\n\r\n0\n\nGET /b HTTP/1.1\n\n";
        assert_eq!(naive_requests(chunked).len(), 2);
    }

    #[test]
    fn an_ordinary_form_is_one_request() {
        let wire = b"POST /login.php HTTP/1.1\r\nHost: a\r\n\r\nusername=a&password=GET+/+HTTP/1.1";
        assert_eq!(naive_requests(wire).len(), 1);
    }
}
