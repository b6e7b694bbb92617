//! PSKC (RFC 6030): keys of one-time passwords in XML, as most makers send them.
//!
//! Document types are off in the reader, so there is no entity to expand (billion laughs, XXE).
//! Names are compared without their namespace: makers write several. Encrypted keys are opened by
//! `encrypted`. Never says a key. Look next: `table` for CSV.

mod encrypted;

use anteroom_core::hardware_token::TokenSeed;
use data_encoding::BASE64;
use roxmltree::{Document, Node, ParsingOptions};
use zeroize::Zeroizing;

use super::{Line, MOST_TOKENS, TokenFileProblem};

/// Elements and texts of the largest file: some thirty for each key.
const MOST_NODES: u32 = 40 * (MOST_TOKENS as u32);

use encrypted::Opener;

/// `given` opens encrypted keys.
pub(super) fn read(text: &str, given: Option<&str>) -> Result<Vec<Line>, TokenFileProblem> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options)
        .map_err(|problem| TokenFileProblem::NotPskc(problem.to_string()))?;
    let root = document.root_element();
    if !is(root, "KeyContainer") {
        let why = "it does not begin with KeyContainer".to_owned();
        return Err(TokenFileProblem::NotPskc(why));
    }
    let opener = Opener::of(root, given).map_err(TokenFileProblem::NotOpened)?;
    let packages = root.children().filter(|node| is(*node, "KeyPackage"));
    let mut lines = Vec::new();
    for package in packages {
        if lines.len() >= MOST_TOKENS {
            return Err(TokenFileProblem::TooMany);
        }
        let at = document.text_pos_at(package.range().start).row;
        lines.push((at, token(package, &opener)));
    }
    Ok(lines)
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|node| is(*node, name))
}

/// The text below a path of elements, trimmed.
fn text<'a>(node: Node<'a, '_>, path: &[&str]) -> Option<&'a str> {
    let found = path.iter().try_fold(node, |node, name| child(node, name))?;
    found.text().map(str::trim)
}

fn token(package: Node<'_, '_>, opener: &Opener) -> Result<TokenSeed, String> {
    let key = child(package, "Key").ok_or("there is no Key")?;
    let serial = text(package, &["DeviceInfo", "SerialNo"])
        .or_else(|| key.attribute("Id"))
        .ok_or("there is no SerialNo, and no Id")?;
    let number = |name: &str, absent: u64| -> Result<u64, String> {
        match child(key, "Data").and_then(|d| child(d, name)) {
            None => Ok(absent),
            Some(value) => Ok(number(value, opener)?.unwrap_or(absent)),
        }
    };
    let suite = text(key, &["AlgorithmParameters", "Suite"]).unwrap_or_default();
    TokenSeed::check_algorithm(suite).map_err(|problem| problem.to_string())?;
    let period = match kind(key)? {
        Kind::Totp => Some(number("TimeInterval", 30)?),
        Kind::Hotp => None,
    };
    let counter = match period {
        Some(_) => 0,
        None => number("Counter", 0)?,
    };
    let digits = digits(key)?;
    let secret = secret(key, opener)?;
    TokenSeed::check(serial, &secret, period, digits, counter)
        .map_err(|problem| problem.to_string())
}

enum Kind {
    Totp,
    Hotp,
}

/// RFC 6030 section 10: the algorithm is a URN; some makers write the last part alone.
fn kind(key: Node<'_, '_>) -> Result<Kind, String> {
    let name = key.attribute("Algorithm").unwrap_or_default();
    let last = name.rsplit([':', '#', '/']).next().unwrap_or_default();
    match last.to_ascii_lowercase().as_str() {
        "totp" => Ok(Kind::Totp),
        "hotp" => Ok(Kind::Hotp),
        "" => Err("the key names no Algorithm".to_owned()),
        _ => {
            let short: String = last.chars().take(32).collect();
            Err(format!(
                "the algorithm is {short:?}; totp and hotp are supported"
            ))
        }
    }
}

fn digits(key: Node<'_, '_>) -> Result<u64, String> {
    let format = child(key, "AlgorithmParameters").and_then(|node| child(node, "ResponseFormat"));
    let Some(format) = format else { return Ok(6) };
    match format.attribute("Encoding") {
        None | Some("DECIMAL") => {}
        Some(_) => return Err("the codes are not DECIMAL".to_owned()),
    }
    if format.attribute("CheckDigits") == Some("true") {
        return Err("the codes have a check digit; that is not supported".to_owned());
    }
    let length = format.attribute("Length").unwrap_or("6");
    length
        .parse()
        .map_err(|_| "Length is not a number".to_owned())
}

fn secret(key: Node<'_, '_>, opener: &Opener) -> Result<Zeroizing<Vec<u8>>, String> {
    let secret = child(key, "Data").and_then(|data| child(data, "Secret"));
    let secret = secret.ok_or("there is no Secret")?;
    if child(secret, "EncryptedValue").is_some() {
        return opener.open(secret).map_err(|fault| fault.to_string());
    }
    let plain = text(secret, &["PlainValue"]).ok_or("the Secret has no PlainValue")?;
    let plain: Zeroizing<String> =
        Zeroizing::new(plain.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    let decoded = BASE64.decode(plain.as_bytes());
    decoded
        .map(Zeroizing::new)
        .map_err(|_| "the PlainValue of the Secret is not base64".to_owned())
}

/// A number, plain in decimal or encrypted as big-endian bytes (RFC 6030 section 4.2); nothing where
/// it stands empty.
fn number(value: Node<'_, '_>, opener: &Opener) -> Result<Option<u64>, String> {
    let name = value.tag_name().name();
    if child(value, "EncryptedValue").is_some() {
        let bytes = opener.open(value).map_err(|fault| fault.to_string())?;
        if bytes.len() > 8 {
            return Err(format!("{name} is too large"));
        }
        let number = bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        return Ok(Some(number));
    }
    let Some(plain) = text(value, &["PlainValue"]).filter(|plain| !plain.is_empty()) else {
        return Ok(None);
    };
    let number = plain.parse();
    number
        .map(Some)
        .map_err(|_| format!("{name} is not a number"))
}
