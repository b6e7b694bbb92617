//! Just enough HPACK (RFC 7541): literals out, `:status` in.
//! Never indexes and never compresses what it writes, so that every byte arrives as the test wrote
//! it; of what it reads it decodes the status only, since no test needs more. Used by `h2raw`.

/// A header block of literals, never indexed. Characters up to U+00FF stand for one byte each.
pub fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push(0x00);
        text(&mut out, name);
        text(&mut out, value);
    }
    out
}

fn text(out: &mut Vec<u8>, text: &str) {
    let bytes: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(c).expect("one byte a character; write \\u{ff} for 0xff"))
        .collect();
    integer(out, 7, bytes.len());
    out.extend(bytes);
}

/// RFC 7541 section 5.1, with the bits above the prefix left 0.
fn integer(out: &mut Vec<u8>, prefix: u32, value: usize) {
    let limit = (1_usize << prefix) - 1;
    if value < limit {
        out.push(value as u8);
        return;
    }
    out.push(limit as u8);
    let mut rest = value - limit;
    while rest >= 128 {
        out.push((rest % 128) as u8 | 0x80);
        rest /= 128;
    }
    out.push(rest as u8);
}

/// `:status` of a response block, where it always stands first; none in trailers.
pub fn status(block: &[u8]) -> Option<u16> {
    let mut rest = block;
    // Table size updates may stand before the first field.
    while rest.first().is_some_and(|byte| byte & 0xe0 == 0x20) {
        let (_, after) = read_integer(rest, 5)?;
        rest = after;
    }
    let first = *rest.first()?;
    if first & 0x80 != 0 {
        return indexed(read_integer(rest, 7)?.0);
    }
    let prefix = if first & 0x40 != 0 { 6 } else { 4 };
    let (name, rest) = read_integer(rest, prefix)?;
    let rest = match name {
        8..=14 => rest,
        0 => {
            let (name, rest) = read_text(rest)?;
            // The name may come compressed; only a status has three digits for a value.
            (name.starts_with(b":") || name.first()? & 0x80 != 0).then_some(rest)?
        }
        _ => return None,
    };
    let (value, _) = read_text(rest)?;
    String::from_utf8(value).ok()?.parse().ok()
}

/// RFC 7541 appendix A, entries 8 to 14.
fn indexed(index: usize) -> Option<u16> {
    [200, 204, 206, 304, 400, 404, 500]
        .get(index.checked_sub(8)?)
        .copied()
}

fn read_integer(bytes: &[u8], prefix: u32) -> Option<(usize, &[u8])> {
    let limit = (1_usize << prefix) - 1;
    let (first, mut rest) = bytes.split_first()?;
    let mut value = usize::from(*first) & limit;
    if value < limit {
        return Some((value, rest));
    }
    let mut shift = 0;
    loop {
        let (byte, after) = rest.split_first()?;
        rest = after;
        value += (usize::from(*byte) & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some((value, rest));
        }
        if shift > 28 {
            return None;
        }
    }
}

fn read_text(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let compressed = bytes.first()? & 0x80 != 0;
    let (length, rest) = read_integer(bytes, 7)?;
    let text = rest.get(..length)?;
    let text = if compressed {
        digits(text).unwrap_or(vec![0x80])
    } else {
        text.to_vec()
    };
    Some((text, &rest[length..]))
}

/// RFC 7541 appendix B, the ten digits only: 0 to 2 have five bits, 3 to 9 have six.
fn digits(bytes: &[u8]) -> Option<Vec<u8>> {
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1))
        .collect();
    let mut out = Vec::new();
    let mut at = 0;
    let number = |bits: &[u8]| bits.iter().fold(0_u8, |n, bit| n << 1 | bit);
    while bits.len() - at >= 5 {
        let five = number(&bits[at..at + 5]);
        if five <= 2 {
            out.push(b'0' + five);
            at += 5;
            continue;
        }
        let Some(six) = bits.get(at..at + 6).map(number) else {
            break;
        };
        match six {
            0x19..=0x1f => out.push(b'3' + six - 0x19),
            _ => break,
        }
        at += 6;
    }
    // What is left has to be padding: fewer than eight bits, all of them 1.
    let padding = &bits[at..];
    (padding.len() < 8 && padding.iter().all(|bit| *bit == 1)).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_follow_the_examples_of_the_standard() {
        // RFC 7541 appendix C.1: 10 and 1337 with a prefix of five bits.
        let mut out = Vec::new();
        integer(&mut out, 5, 10);
        integer(&mut out, 5, 1337);
        assert_eq!(out, [10, 31, 154, 10]);
        assert_eq!(read_integer(&out[1..], 5), Some((1337, &[][..])));
    }

    #[test]
    fn a_status_is_read_in_each_of_its_spellings() {
        assert_eq!(status(&[0x88]), Some(200));
        assert_eq!(
            status(&[0x20, 0x8c]),
            Some(400),
            "after a table size update"
        );
        // RFC 7541 appendix C.6.1 and C.6.2: 302 and 307, compressed.
        assert_eq!(status(&[0x48, 0x82, 0x64, 0x02]), Some(302));
        assert_eq!(status(&[0x08, 0x83, 0x64, 0x0e, 0xff]), Some(307));
        assert_eq!(status(b"\x08\x03421"), Some(421));
        assert_eq!(status(b"\x00\x07:status\x03303"), Some(303));
        assert_eq!(status(b"\x00\x06x-late\x03303"), None);
        assert_eq!(status(&[]), None);
    }

    #[test]
    fn literals_hold_any_byte() {
        assert_eq!(block(&[("a b", "\r\n\u{ff}")]), b"\x00\x03a b\x03\r\n\xff");
    }
}
