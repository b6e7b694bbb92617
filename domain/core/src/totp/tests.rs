//! Published vectors, the window, and what people and attackers type.

use super::*;
use proptest::prelude::*;

/// The secret of RFC 4226 appendix D and of the SHA-1 rows of RFC 6238 appendix B.
fn published() -> TotpSecret {
    TotpSecret::from_bytes(*b"12345678901234567890")
}

fn typed(text: &str) -> TypedCode {
    TypedCode::parse(text).unwrap()
}

#[test]
fn the_vectors_of_rfc_4226_appendix_d_come_out() {
    let codes: Vec<String> = (0..10)
        .map(|n| code_at(&published(), TimeStep(n)))
        .collect();
    let expected = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
        "520489",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn the_vectors_of_rfc_6238_appendix_b_come_out() {
    // Published with eight digits; a shorter code is the same number modulo a lower power of
    // ten.
    for (seconds, step, eight) in [
        (59, 0x1, "94287082"),
        (1_111_111_109, 0x023_523EC, "07081804"),
        (1_111_111_111, 0x023_523ED, "14050471"),
        (1_234_567_890, 0x273_EF07, "89005924"),
        (2_000_000_000, 0x3F9_40AA, "69279037"),
        (20_000_000_000, 0x27BC_86AA, "65353130"),
    ] {
        let now = Timestamp::from_secs(seconds);
        assert_eq!(step_at(now), TimeStep(step), "{seconds}");
        assert_eq!(code_at(&published(), step_at(now)), eight[2..], "{seconds}");
        assert_eq!(code_of(&published(), Digits::Eight, step_at(now)), eight);
        assert_eq!(step_of(30, now), step_at(now));
    }
}

#[test]
fn a_code_with_leading_zeros_keeps_them() {
    let step = (0..)
        .map(TimeStep)
        .find(|step| code_at(&published(), *step).starts_with("00"));
    let step = step.unwrap();
    let now = Timestamp::from_secs(step.0.cast_signed() * 30);
    let code = code_at(&published(), step);
    assert_eq!(
        matching_step(&published(), &typed(&code), now, 0),
        Some(step)
    );
    let shorter = code.trim_start_matches('0');
    assert!(TypedCode::parse(shorter).is_none());
}

#[test]
fn steps_turn_every_thirty_seconds_and_never_before_the_epoch() {
    assert_eq!(step_at(Timestamp::from_millis(29_999)), TimeStep(0));
    assert_eq!(step_at(Timestamp::from_millis(30_000)), TimeStep(1));
    assert_eq!(step_at(Timestamp::from_millis(-1)), TimeStep(0));
    assert_eq!(step_at(Timestamp::from_millis(i64::MIN)), TimeStep(0));
}

#[test]
fn typed_codes_have_one_normal_form() {
    for text in [
        "123456",
        "123 456",
        " 12 34 56 ",
        "123-456",
        "12-3456",
        "1 2 3 4 5 6",
    ] {
        assert_eq!(typed(text).expose(), "123456", "{text}");
    }
    for text in ["12345678", "1234 5678", "12-345678", " 12 34 56 78"] {
        assert_eq!(typed(text).expose(), "12345678", "{text}");
    }
    for text in [
        "12345678-",
        "123456789",
        "123456 -",
        "1234-56-78",
        "",
        " ",
        "12345",
        "1234567",
        "+123456",
        "-123456",
        "123456-",
        "12-34-56",
        "123--456",
        "1e5",
        "0x1234",
        "123.456",
        "１２３４５６",
        "٠١٢٣٤٥",
        "12345a",
        "123\t456",
        "123\u{a0}456",
        "123456\n",
        "123456\0",
    ] {
        assert!(TypedCode::parse(text).is_none(), "{text:?}");
    }
}

#[test]
fn a_secret_is_shown_as_apps_take_it_and_never_in_a_log() {
    let secret = published();
    assert_eq!(secret.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert_eq!(
        secret.in_groups_of_four(),
        "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    );
    assert_eq!(format!("{secret:?}"), "TotpSecret(..)");
    assert_eq!(format!("{:?}", typed("123456")), "TypedCode(..)");
    assert_eq!(
        secret,
        TotpSecret::from_bytes(b"12345678901234567890".to_vec())
    );
}

#[test]
fn the_uri_spells_everything_out_and_holds_no_colon_or_plus_of_a_name() {
    assert_eq!(
        otpauth_uri(&published(), "Clinic: Nørd", "dr:al+ice@x (OutSmart)"),
        "otpauth://totp/Clinic-%20N%C3%B8rd:dr-al%2Bice%40x%20%28OutSmart%29\
         ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Clinic-%20N%C3%B8rd\
         &algorithm=SHA1&digits=6&period=30"
    );
    let long = otpauth_uri(&published(), "C", &"é".repeat(61));
    assert!(long.contains(&format!(":{}?", "%C3%A9".repeat(60))));
}

#[test]
fn drift_is_signed_and_bounded() {
    let now = Timestamp::from_secs(1_800_000_000);
    let at = |off: i64| {
        code_at(
            &published(),
            TimeStep(step_at(now).0.strict_add_signed(off)),
        )
    };
    for off in [-20, -7, -1, 0, 1, 13, 20] {
        assert_eq!(
            drift(&published(), &typed(&at(off)), now, 20),
            Some(off),
            "{off}"
        );
    }
    assert_eq!(drift(&published(), &typed(&at(21)), now, 20), None);
}

proptest! {
    #[test]
    fn a_code_counts_exactly_within_the_window(secs in 100_i64..4_000_000_000, off in -4_i64..5) {
        let now = Timestamp::from_secs(secs + 120);
        let step = TimeStep(step_at(now).0.checked_add_signed(off).unwrap());
        let code = typed(&code_at(&published(), step));
        match matching_step(&published(), &code, now, 1) {
            // Another step of the window may have the same code, once in 300,000.
            Some(found) => {
                prop_assert_eq!(code_at(&published(), found), code_at(&published(), step));
            }
            None => prop_assert!(off.abs() > 1),
        }
    }

    #[test]
    fn no_moment_or_secret_makes_matching_panic(millis: i64, bytes: Vec<u8>, window in 0_u64..30) {
        let now = Timestamp::from_millis(millis);
        let secret = TotpSecret::from_bytes(bytes);
        let _ = matching_step(&secret, &typed("000000"), now, window);
        let _ = drift(&secret, &typed("000000"), now, window);
        let _ = code_at(&secret, TimeStep(u64::MAX));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        if let Some(code) = TypedCode::parse(&text) {
            prop_assert!(code.expose().bytes().all(|byte| byte.is_ascii_digit()));
            prop_assert_eq!(code.expose().len(), CODE_DIGITS);
        }
    }
}
