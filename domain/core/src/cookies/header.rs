//! Reading a `Cookie` header. Loosely, as servers do: what may pass is decided by name afterwards,
//! and what passes is written anew (attack C08). See `pattern` for names that some servers would
//! read as another.

/// The pairs of one `Cookie` header value, in order.
///
/// Split at every `;`, also inside quotes, as browsers do not quote (RFC 6265 section 5.4). A pair
/// without `=` has an empty name, as browsers send nameless cookies (RFC 6265bis section 5.8.3).
pub fn pairs(header: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    header
        .split(|byte| *byte == b';')
        .map(trimmed)
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (trimmed(&pair[..at]), trimmed(&pair[at + 1..])),
            None => (&pair[..0], pair),
        })
}

/// Without the optional white space of RFC 9110 section 5.6.3 at both ends.
pub(super) fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Vec<(&str, &str)> {
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or("?");
        pairs(header.as_bytes())
            .map(|(name, value)| (text(name), text(value)))
            .collect()
    }

    #[test]
    fn pairs_keep_order_quotes_and_duplicates() {
        assert_eq!(
            read("a=1; b=\"2\";a=3;\tc==x="),
            [("a", "1"), ("b", "\"2\""), ("a", "3"), ("c", "=x=")]
        );
    }

    #[test]
    fn a_pair_without_a_name_has_an_empty_one() {
        assert_eq!(
            read("lonely; =value; x="),
            [("", "lonely"), ("", "value"), ("x", "")]
        );
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(read(""), []);
        assert_eq!(read(" ; ;;\t"), []);
    }

    #[test]
    fn a_pair_hidden_in_quotes_or_behind_a_version_is_seen() {
        assert_eq!(
            read("$Version=1; plain=\"x; sess=S; y\""),
            [
                ("$Version", "1"),
                ("plain", "\"x"),
                ("sess", "S"),
                ("", "y\"")
            ]
        );
    }
}
