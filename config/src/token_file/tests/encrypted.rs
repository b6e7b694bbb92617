//! Encrypted PSKC: the RFC's own example, files that another implementation wrote (python-pskc 1.4),
//! and what happens to those that were changed or are opened with another key.

use super::*;

/// The transport key of RFC 6030 figure 6.
const KEY: &str = "12345678901234567890123456789012";
const CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
const CBC_256: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#hmac-sha1";
const SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
const SHARED: &str = "<ds:KeyName>Pre-shared-key</ds:KeyName>";

fn cipher(algorithm: &str, value: &str) -> String {
    format!(
        "<xenc:EncryptionMethod Algorithm=\"{algorithm}\"/><xenc:CipherData>\
         <xenc:CipherValue>\n  {value}\n</xenc:CipherValue></xenc:CipherData>"
    )
}

fn value(algorithm: &str, value: &str, mac: &str) -> String {
    let cipher = cipher(algorithm, value);
    format!("<EncryptedValue>{cipher}</EncryptedValue><ValueMAC>{mac}\n</ValueMAC>")
}

/// A container with one HOTP token of eight digits.
fn file(key: &str, mac: &str, mac_key: &str, secret: &str, counter: &str) -> String {
    let inner = format!(
        "<AlgorithmParameters><ResponseFormat Length=\"8\" Encoding=\"DECIMAL\"/>\
         </AlgorithmParameters><Data><Secret>{secret}</Secret><Counter>{counter}</Counter></Data>"
    );
    format!(
        "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
         xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\" \
         xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\">\
         <EncryptionKey>{key}</EncryptionKey>\
         <MACMethod Algorithm=\"{mac}\"><MACKey>{mac_key}</MACKey></MACMethod>{}\
         </KeyContainer>",
        package("987654321", "hotp", &inner)
    )
}

const RFC_MAC_KEY: &str = "ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX";
const RFC_SECRET: &str = "AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv";
const RFC_MAC: &str = "Su+NvtQfmvfJzF6bmQiJqoLRExc=";

fn of_the_rfc() -> String {
    let secret = value(CBC, RFC_SECRET, RFC_MAC);
    file(
        SHARED,
        SHA1,
        &cipher(CBC, RFC_MAC_KEY),
        &secret,
        "<PlainValue>0</PlainValue>",
    )
}

fn opened(text: &str, given: Option<&str>) -> Result<Vec<TokenSeed>, TokenFileProblem> {
    read(text.as_bytes(), TokenFormat::Pskc, given)
}

#[track_caller]
fn must_hold(text: &str, given: &str, counter: u64) {
    let tokens = opened(text, Some(given)).unwrap();
    let [one] = tokens.as_slice() else {
        panic!("{tokens:?}");
    };
    assert_eq!(one.secret.expose(), b"12345678901234567890");
    assert_eq!((one.digits, one.next_counter), (Digits::Eight, counter));
}

#[test]
fn the_example_of_rfc_6030_opens_with_its_key() {
    must_hold(&of_the_rfc(), KEY, 0);
    must_hold(&of_the_rfc(), &format!(" {KEY} "), 0);
}

#[test]
fn a_longer_key_another_mac_and_an_encrypted_counter() {
    let mac_key = cipher(
        CBC_256,
        "pjNBzm+INSZuGJdoF9imh9jeFd1MzAaCLJ7xRMDNZQ1Oc8h1YfdhRIcdP3Coy7ns",
    );
    let secret = value(
        CBC_256,
        "rDGDmW73NuQyJOhT+DMFg4T1fSDBlKlSJ8zU3I6safrS2wx+S+xbUHYOmtYK8zux",
        "1YR6ZZPo1RBH99hEhhFMw0m7Qv6Mcg+FgdeDkHXzrjw=",
    );
    let counter = value(
        CBC_256,
        "O9TNtugJQDn8YnzW7SHDpDiO5MNpqKzgnKJWGgYbLLs=",
        "9Cfj+2XQZ38WDq94ShTP/epBDy+n4CUc+Klx0uleCm0=",
    );
    let text = file(SHARED, SHA256, &mac_key, &secret, &counter);
    let key: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
    must_hold(&text, &key, 7);
}

/// A file under a passphrase, with this much of the parameters its own.
fn of_passphrase(rounds: &str, length: &str) -> String {
    let key = format!(
        "<xenc11:DerivedKey><xenc11:KeyDerivationMethod Algorithm=\
         \"http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2\">\
         <xenc11:PBKDF2-params><Salt><Specified>WCapXnLCntXV0J88GbK+iw==</Specified></Salt>\
         <IterationCount>{rounds}</IterationCount><KeyLength>{length}</KeyLength>\
         </xenc11:PBKDF2-params></xenc11:KeyDerivationMethod></xenc11:DerivedKey>"
    );
    let mac_key = cipher(
        CBC,
        "RBIbmpZkNvT4ym6/iYzFBzbosgje8SrsiAHnA/N7WikvzREIMmQAKa5584IRjCC5",
    );
    let secret = value(
        CBC,
        "5RPldiNlsbIMUkB/dRcLjAXCx+H2xj+qS8T3UOuDxdvBlm09+o+xHD6kEvGqhvT4",
        "ryj9agF3m+bLzVHmD511ScISDL4=",
    );
    file(&key, SHA1, &mac_key, &secret, "<PlainValue>7</PlainValue>")
}

#[test]
fn a_passphrase_opens_what_was_derived_from_it() {
    must_hold(&of_passphrase("1000", "16"), "qwerty", 7);
    let said = opened(&of_passphrase("1000", "16"), None)
        .unwrap_err()
        .to_string();
    assert!(said.contains("put the passphrase, which"), "{said}");
    for (rounds, length, why) in [
        (
            "0",
            "16",
            "of the derived key, the IterationCount is not 1 to 5000000",
        ),
        (
            "5000001",
            "16",
            "of the derived key, the IterationCount is not 1 to 5000000",
        ),
        (
            "1000",
            "17",
            "of the derived key, the KeyLength is not 16, 24 or 32",
        ),
    ] {
        let refused = opened(&of_passphrase(rounds, length), Some("qwerty")).unwrap_err();
        assert_eq!(refused, TokenFileProblem::NotOpened(why.to_owned()));
    }
}

#[test]
fn without_the_key_or_with_another_nothing_is_taken_and_it_is_said_what_is_wanted() {
    let said = opened(&of_the_rfc(), None).unwrap_err().to_string();
    assert!(said.contains("\"Pre-shared-key\" in hexadecimal"), "{said}");
    assert!(said.contains("--key-file"), "{said}");
    for other in [
        "",
        "qwerty",
        "1234",
        &KEY.replace('9', "8"),
        &"ab".repeat(32),
    ] {
        let refused = opened(&of_the_rfc(), Some(other)).unwrap_err();
        assert!(
            matches!(refused, TokenFileProblem::NotOpened(_)),
            "{other}: {refused}"
        );
    }
    let refused = opened(&of_passphrase("1000", "16"), Some("qwertz")).unwrap_err();
    assert!(
        matches!(refused, TokenFileProblem::NotOpened(_)),
        "{refused}"
    );
}

#[test]
fn a_changed_value_is_refused_whatever_was_changed() {
    let whole = of_the_rfc();
    // The last block, the IV, the MAC; then the MAC away, MACs away altogether, another cipher.
    for (from, to) in [
        ("8jwZqIUqGv", "8jwZqIUqGw"),
        ("AAECAwQF", "AAECAwQG"),
        ("Su+NvtQf", "Su+NvtQg"),
        ("<ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=\n</ValueMAC>", ""),
        ("MACMethod", "Other"),
        ("hmac-sha1", "hmac-md5"),
        ("xmlenc#aes128-cbc", "xmlenc#tripledes-cbc"),
    ] {
        let changed = whole.replace(from, to);
        assert_ne!(changed, whole, "{from}");
        let refused = opened(&changed, Some(KEY));
        assert!(refused.is_err(), "{from}");
        let said = refused.unwrap_err().to_string();
        assert!(!said.contains("12345678901234567890"), "{said}");
    }
}
