//! The phone matrix: awkward names as data, each in a QR code that is read back and understood by
//! two programs which are not ours (`totp-rs` and Python's `pyotp`), with codes of `oathtool`.
//! What phones do with the label stands in `core::totp` (U2, U7).

use std::process::Command;

use anteroom_core::totp::{TotpSecret, otpauth_uri};
use anteroom_gateway::pages::qr::qr_png;
use anteroom_tests::apps::{Missing, present};
use anteroom_tests::phone::{Phone, read_qr};

const PYOTP: Missing = Missing {
    app: "pyotp",
    packages: &["python3-pyotp"],
};
const OATHTOOL: Missing = Missing {
    app: "oathtool",
    packages: &["oathtool"],
};

/// Debian's own: another one on the path does not know Debian's packages.
const PYTHON: &str = "/usr/bin/python3";

const SEED: &[u8; 20] = b"12345678901234567890";
/// RFC 6238 appendix B: at 59 seconds.
const AT: (u64, &str) = (59, "287082");

/// Names that people and apps really have, and how a phone shows them.
fn matrix() -> Vec<(String, String)> {
    let same = [
        "alice",
        "mary ann",
        "mary+ann",
        "o'brien",
        "alice@clinic.example",
        "Zoë Müller-Nørd",
        "Łukasz Šťastný",
        "100% Anna",
        "a%20b",
        "a&b=c?d#e",
        "山田 太郎",
        "👩‍⚕️ Ana",
        "\"quoted\"",
        "back\\slash/slash",
    ];
    let mut all: Vec<(String, String)> = same
        .iter()
        .map(|name| ((*name).to_owned(), (*name).to_owned()))
        .collect();
    // A colon would end the issuer (U2); control characters and more than sixty are dropped.
    all.push(("ward:alice".to_owned(), "ward-alice".to_owned()));
    all.push((" alice\n".to_owned(), "alice".to_owned()));
    all.push(("é".repeat(60), "é".repeat(60)));
    all.push(("é".repeat(61), "é".repeat(60)));
    all
}

fn issuers() -> [(&'static str, &'static str); 3] {
    [
        ("Wardbook", "Wardbook"),
        ("Clinic: Nørd + Süd", "Clinic- Nørd + Süd"),
        ("St. Mary's 50%", "St. Mary's 50%"),
    ]
}

/// Debian's `pyotp` decodes the whole address before it takes it apart, so that an escaped mark
/// ends the label; phones do not. Those names are read by `totp-rs` and from the picture alone.
fn pyotp_can(issuer: &str, name: &str) -> bool {
    let marks = |c: char| matches!(c, '?' | '#' | '&' | '%');
    !issuer.contains(marks) && !issuer.contains('+') && !name.contains(marks)
}

/// What `pyotp` makes of it: account, issuer, and the code at this time.
fn by_pyotp(uri: &str, time: u64) -> Option<[String; 3]> {
    let program = "import sys\ntry:\n import pyotp\nexcept ImportError:\n sys.exit(77)\n\
        t = pyotp.parse_uri(sys.argv[1])\n\
        sys.stdout.buffer.write('\\0'.join([t.name, t.issuer, t.at(int(sys.argv[2]))]).encode())";
    let output = Command::new(PYTHON)
        .args(["-c", program, uri, &time.to_string()])
        .output()
        .ok()?;
    if output.status.code() == Some(77) {
        return None;
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{uri}: {complaint}");
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    let parts: Vec<String> = told.split('\0').map(str::to_owned).collect();
    Some(parts.try_into().expect("three"))
}

#[test]
fn every_awkward_name_is_read_from_the_picture_and_understood_alike() {
    let secret = TotpSecret::from_bytes(SEED.to_vec());
    for (issuer, issuer_shown) in issuers() {
        for (name, shown) in matrix() {
            let uri = otpauth_uri(&secret, issuer, &name);
            let picture = qr_png(&uri).expect("it fits into a QR code");
            assert_eq!(read_qr(&picture).as_ref(), Ok(&uri), "{name:?}");
            assert!(!uri.contains('+'), "a plus is read as a space: {uri}");

            let phone = Phone::from_uri(&uri).expect("totp-rs reads it");
            assert_eq!(phone.account(), shown, "{uri}");
            assert_eq!(phone.issuer(), Some(issuer_shown), "{uri}");
            assert_eq!(phone.code(AT.0), AT.1);
            if let Some(code) = present(phone.code_by_oathtool(AT.0).ok_or(OATHTOOL)) {
                assert_eq!(code, AT.1, "oathtool");
            }
            if !pyotp_can(issuer, &name) {
                continue;
            }
            if let Some(told) = present(by_pyotp(&uri, AT.0).ok_or(PYOTP)) {
                assert_eq!(told, [shown.as_str(), issuer_shown, AT.1], "{uri}");
            }
        }
    }
}

#[test]
fn the_label_alone_tells_two_sites_apart() {
    // Microsoft Authenticator knows entries by their label and overwrites its like (U7).
    let secret = TotpSecret::from_bytes(SEED.to_vec());
    let label = |issuer| {
        let uri = otpauth_uri(&secret, issuer, "alice");
        uri.split('?').next().map(str::to_owned)
    };
    assert_ne!(label("Wardbook"), label("Lab"));
    assert_eq!(
        label("Wardbook").as_deref(),
        Some("otpauth://totp/Wardbook:alice")
    );
}
