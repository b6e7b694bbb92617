//! Good files of both kinds, and hostile ones: bombs, a million lines, repeats, marks, bad digits.

mod encrypted;

use anteroom_core::oath::{Digits, MovingFactor};

use super::*;

/// The seed of RFC 4226 appendix D, three times.
const HEX: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const BASE64: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=";

fn csv(text: &str) -> Result<Vec<TokenSeed>, TokenFileProblem> {
    read(text.as_bytes(), TokenFormat::of(text.as_bytes()), None)
}

fn bad(text: &str) -> Vec<(u32, String)> {
    match csv(text) {
        Err(TokenFileProblem::Lines(bad)) => {
            bad.into_iter().map(|one| (one.line, one.why)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn package(serial: &str, algorithm: &str, inner: &str) -> String {
    format!(
        "<KeyPackage><DeviceInfo><SerialNo>{serial}</SerialNo></DeviceInfo>\
         <Key Id=\"1\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:{algorithm}\">{inner}</Key>\
         </KeyPackage>\n"
    )
}

fn container(packages: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<KeyContainer Version=\"1.0\" \
         xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">\n{packages}</KeyContainer>"
    )
}

fn plain(more: &str) -> String {
    format!(
        "<AlgorithmParameters><ResponseFormat Length=\"8\" Encoding=\"DECIMAL\"/>\
         </AlgorithmParameters>\
         <Data><Secret><PlainValue>{BASE64}</PlainValue></Secret>{more}</Data>"
    )
}

#[test]
fn a_table_is_read_with_and_without_a_heading() {
    let files = [
        format!("A-1,{HEX}\nA-2,{BASE32},HOTP,8,,7\n"),
        format!(
            "serial,secret,type,digits,counter\r\nA-1,{HEX},,,\r\n\r\nA-2,{BASE32},hotp,8,7\r\n"
        ),
        format!(
            "\u{feff}Secret Key,Manufacturer,Serial Number,Type,Digits,Counter\n\
             hex:{HEX},Acme,a1,totp,6,\nbase32:{BASE32},Acme,\"A 2\",hotp,8,7"
        ),
    ];
    for file in files {
        let tokens = csv(&file).unwrap();
        let [one, two] = tokens.as_slice() else {
            panic!("{tokens:?}");
        };
        assert_eq!(one.serial.as_str(), "A1");
        assert_eq!(one.factor, MovingFactor::Time { period: 30 });
        assert_eq!((one.digits, one.next_counter), (Digits::Six, 0));
        assert_eq!(two.factor, MovingFactor::Counter);
        assert_eq!((two.digits, two.next_counter), (Digits::Eight, 7));
        for token in &tokens {
            assert_eq!(token.secret.expose(), b"12345678901234567890");
        }
    }
}

#[test]
fn every_bad_line_is_named_and_no_secret_with_it() {
    let file = format!(
        "serial,secret,type,digits,period,counter,algorithm\n\
         1,{HEX}\n\
         \n\
         2,{HEX}0\n\
         3,{HEX},sms\n\
         4,{HEX},totp,7\n\
         5,{HEX},totp,6,45\n\
         6,{HEX},hotp,6,,-1\n\
         7,{HEX},totp,6,30,,SHA256\n\
         8,3132\n\
         ,{HEX}\n\
         0001,{HEX}\n\
         1,{HEX}\n\
         9,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
    );
    let found = bad(&file);
    let lines: Vec<u32> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [4, 5, 6, 7, 8, 9, 10, 11, 13, 14]);
    let all = csv(&file).unwrap_err().to_string();
    for words in ["SHA256", "hex: or base32:", "was there before", "line 14"] {
        assert!(all.contains(words), "{words}: {all}");
    }
    assert!(!all.contains("3132") && !all.contains(BASE32), "{all}");
}

#[test]
fn pskc_with_plain_keys_is_read() {
    let totp = plain("<TimeInterval><PlainValue>60</PlainValue></TimeInterval>");
    let hotp = plain("<Counter><PlainValue>42</PlainValue></Counter>");
    let text = container(&(package("ft 100", "totp", &totp) + &package("200", "hotp", &hotp)));
    let tokens = csv(&text).unwrap();
    let [one, two] = tokens.as_slice() else {
        panic!("{tokens:?}");
    };
    assert_eq!(one.serial.as_str(), "FT100");
    assert_eq!(one.factor, MovingFactor::Time { period: 60 });
    assert_eq!((two.digits, two.next_counter), (Digits::Eight, 42));
    assert_eq!(two.secret.expose(), b"12345678901234567890");
}

#[test]
fn pskc_that_cannot_be_taken_says_why_and_where() {
    let encrypted = "<Data><Secret><EncryptedValue/></Secret></Data>";
    let sha = format!(
        "<AlgorithmParameters><Suite>HMAC-SHA512</Suite></AlgorithmParameters>{}",
        "<Data/>"
    );
    let packages = package("1", "totp", encrypted)
        + &package("2", "totp", &sha)
        + &package("3", "ocra", &plain(""))
        + &package("4", "totp", &plain(""))
        + &package("4", "totp", &plain(""))
        + &package(
            "5",
            "hotp",
            "<Data><Secret><PlainValue>!</PlainValue></Secret></Data>",
        );
    let found = bad(&container(&packages));
    let words = [
        "encrypted",
        "HMAC-SHA512",
        "ocra",
        "was there before",
        "base64",
    ];
    for ((line, why), (at, word)) in found.iter().zip([3, 4, 5, 7, 8].into_iter().zip(words)) {
        assert_eq!(*line, at, "{why}");
        assert!(why.contains(word), "{why}");
    }
    assert_eq!(found.len(), words.len());
}

#[test]
fn a_bomb_of_entities_is_refused_before_it_goes_off() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY a \"lol\">\
        <!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>\
        <KeyContainer>&c;</KeyContainer>";
    let outside = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\
        <KeyContainer><KeyPackage>&e;</KeyPackage></KeyContainer>";
    for text in [bomb, outside, "<KeyContainer>&undefined;</KeyContainer>"] {
        let refused = csv(text).unwrap_err();
        assert!(
            matches!(refused, TokenFileProblem::NotPskc(_)),
            "{refused:?}"
        );
    }
}

#[test]
fn deep_wide_and_long_files_are_refused() {
    let deep = "<KeyContainer>".to_owned() + &"<a>".repeat(200_000);
    assert!(csv(&deep).is_err());
    let wide = container(&"<a/>".repeat(1_500_000));
    assert!(csv(&wide).is_err());
    let million = "1,\n".repeat(1_000_000);
    assert_eq!(csv(&million).unwrap_err(), TokenFileProblem::TooMany);
    let large = "x".repeat(MOST_BYTES + 1);
    assert_eq!(csv(&large).unwrap_err(), TokenFileProblem::TooLarge);
}

#[test]
fn what_is_no_list_at_all_is_said_so() {
    assert_eq!(csv("").unwrap_err(), TokenFileProblem::Empty);
    assert_eq!(csv("serial,secret\n").unwrap_err(), TokenFileProblem::Empty);
    assert_eq!(csv(&container("")).unwrap_err(), TokenFileProblem::Empty);
    let bytes = [0xff, 0xfe, b'1', 0];
    let refused = read(&bytes, TokenFormat::of(&bytes), None).unwrap_err();
    assert_eq!(refused, TokenFileProblem::NotText);
    assert!(matches!(
        csv("<html></html>").unwrap_err(),
        TokenFileProblem::NotPskc(_)
    ));
}
