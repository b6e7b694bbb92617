//! What can be said of the look without looking: contrast, nothing fetched from elsewhere, a
//! picture that scans.
//!
//! Never replaces a look at the gallery. Subjects: `gateway/assets/portal.css`, `qr`, `words`.

use std::fs;

use anteroom_config::settings;
use anteroom_core::colour::{Colour, Paint, Palette};
use anteroom_core::temporary_code::TemporaryOver;
use anteroom_core::time::Timestamp;
use anteroom_words::Language;

use crate::pages::{Brand, Chrome, CodeProblem, STYLESHEET, qr, render, stylesheet_path, words};

/// Colours by name: the light ones, and the dark ones laid over them.
fn colours(dark: bool) -> Vec<(&'static str, [f64; 3])> {
    let mut found = Vec::new();
    let mut roots = STYLESHEET.split(":root {").skip(1);
    let light = roots.next().unwrap();
    let over = roots.next().unwrap();
    for block in if dark { vec![over, light] } else { vec![light] } {
        let block = block.split('}').next().unwrap();
        for line in block.split(';') {
            let Some((name, value)) = line.trim().split_once(": ") else {
                continue;
            };
            if let Some(hex) = value.strip_prefix('#').filter(|hex| hex.len() == 6) {
                let part = |at: usize| {
                    let byte = u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
                    let c = f64::from(byte) / 255.0;
                    if c <= 0.04045 {
                        c / 12.92
                    } else {
                        ((c + 0.055) / 1.055).powf(2.4)
                    }
                };
                found.push((name, [part(0), part(2), part(4)]));
            }
        }
    }
    found
}

/// WCAG 2.2, the definition of contrast ratio.
fn contrast(colours: &[(&str, [f64; 3])], one: &str, other: &str) -> f64 {
    let light = |name: &str| {
        let (_, [r, g, b]) = colours.iter().find(|(known, _)| *known == name).unwrap();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (light(one), light(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_and_fields_stand_out_in_light_and_dark() {
    const TEXT: [(&str, &str); 15] = [
        ("--ink", "--room"),
        ("--ink", "--card"),
        ("--ink", "--tint"),
        ("--ink", "--alarm-room"),
        ("--quiet", "--room"),
        ("--quiet", "--card"),
        ("--quiet", "--tint"),
        ("--accent", "--room"),
        ("--accent", "--card"),
        ("--accent-deep", "--room"),
        ("--accent-deep", "--card"),
        ("--accent-deep", "--tint"),
        ("--on-accent", "--accent"),
        ("--on-accent", "--accent-deep"),
        ("--alarm", "--alarm-room"),
    ];
    for dark in [false, true] {
        let colours = colours(dark);
        for (one, other) in TEXT {
            let ratio = contrast(&colours, one, other);
            assert!(ratio >= 4.5, "dark {dark}: {one} on {other} is {ratio:.2}");
        }
        for edge in ["--edge", "--accent", "--alarm"] {
            let ratio = contrast(&colours, edge, "--card");
            assert!(ratio >= 3.0, "dark {dark}: {edge} is {ratio:.2}");
        }
    }
}

#[test]
fn the_stylesheet_fetches_nothing_and_is_named_after_its_content() {
    assert!(!STYLESHEET.contains("url(") && !STYLESHEET.contains("@import"));
    let name = stylesheet_path()
        .strip_prefix("/.anteroom/assets/portal-")
        .unwrap();
    let hash = name.strip_suffix(".css").unwrap();
    assert!(hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn the_picture_scans_to_the_address() {
    let uri =
        "otpauth://totp/Wardbook:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Wardbook";
    let png = qr::qr_png(uri).unwrap();
    let picture = qrcodegen_image::image::load_from_memory(&png)
        .unwrap()
        .to_luma8();
    let (width, height) = picture.dimensions();
    assert!(width == height && width >= 240);
    // The quiet zone: four modules of eight dots, all white.
    assert!(
        picture
            .enumerate_pixels()
            .filter(|(x, y, _)| *x < 32 || *y < 32)
            .all(|(_, _, p)| p.0 == [255])
    );
    let mut seen =
        rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
            picture
                .get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap())
                .0[0]
        });
    let grids = seen.detect_grids();
    assert_eq!(grids[0].decode().unwrap().1, uri);
    let side = qr::shown_side(&png);
    assert!(
        (240..=300).contains(&side) && side.is_multiple_of(width / 8),
        "{side}"
    );
    assert_eq!(qr::shown_side(b"no picture"), 240);
}

#[test]
fn too_long_an_address_is_a_problem_and_not_repeated() {
    let secret = "S".repeat(4000);
    let problem = qr::qr_png(&secret).unwrap_err();
    assert!(!problem.to_string().contains("SS"));
}

fn voice(language: Language) -> words::Voice<'static> {
    words::Voice {
        language,
        app: "Wardbook",
    }
}

#[test]
fn moments_are_said_as_they_are_in_each_language() {
    let past = TemporaryOver::Expired(Timestamp::from_secs(1_772_361_720));
    let said = |language| {
        let problem = CodeProblem::TemporaryOver(past);
        voice(language)
            .said(problem, words::Field::RecoveryCode)
            .what
    };
    for (language, wanted) in [
        (
            Language::En,
            "This temporary code expired at 10:42 UTC on 1 March.",
        ),
        (
            Language::Fr,
            "Ce code temporaire a expiré à 10\u{a0}h\u{a0}42 UTC, le 1er mars.",
        ),
        (
            Language::Es,
            "Este código temporal caducó a las 10:42 UTC del 1 de marzo.",
        ),
    ] {
        assert_eq!(said(language), wanted);
    }
}

#[test]
fn a_span_is_said_plainly_and_never_too_short() {
    for (seconds, said) in [
        (0, "a few seconds"),
        (10, "a few seconds"),
        (11, "about 20 seconds"),
        (30, "about 30 seconds"),
        (50, "about 50 seconds"),
        (51, "about a minute"),
        (60, "about a minute"),
        (61, "about 2 minutes"),
        (120, "about 2 minutes"),
        (3300, "about 55 minutes"),
        (3301, "about an hour"),
        (3600, "about an hour"),
        (3601, "about 2 hours"),
    ] {
        assert_eq!(voice(Language::En).span(seconds), said, "{seconds}");
    }
}

#[test]
fn what_is_left_is_counted_in_whole_words() {
    assert_eq!(
        voice(Language::En).limits(1, Some(1)),
        "You have about 1 minute for this. 1 try left before a pause."
    );
    assert_eq!(
        voice(Language::En).limits(0, None),
        "You have less than a minute for this."
    );
    assert_eq!(voice(Language::En).codes_left(1), "You have 1 code left.");
}

#[test]
fn machine_time_agrees_with_the_calendar() {
    for (secs, said) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_735_689_599, "2024-12-31T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
    ] {
        assert_eq!(words::machine_time(Timestamp::from_secs(secs)), said);
    }
}

#[test]
fn a_clinics_colours_are_weighed_against_the_grounds_that_the_stylesheet_has() {
    for paint in [Paint::Light, Paint::Dark] {
        let ours = colours(paint == Paint::Dark);
        let of = |wanted: &str| {
            let (_, found) = ours.iter().find(|(name, _)| *name == wanted).unwrap();
            *found
        };
        let palette = Palette::of(Colour([0x0a, 0x61, 0x55]), paint);
        let luminance = |[r, g, b]: [f64; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let same = |ground: Colour, ours: [f64; 3]| {
            let ours = (1.05) / (luminance(ours) + 0.05);
            (ground.contrast(Colour::WHITE) - ours).abs() < 1e-9
        };
        assert!(same(paint.card(), of("--card")), "{paint:?}");
        assert!(paint == Paint::Light || same(palette.room, of("--room")));
    }
}

#[test]
fn a_brand_is_a_stylesheet_and_a_picture_under_names_of_their_own() {
    let light = Palette::of(Colour([0x0b, 0x5c, 0xad]), Paint::Light);
    let dark = Palette::of(Colour([0x8e, 0xc5, 0xff]), Paint::Dark);
    let folder = std::env::temp_dir().join(format!("anteroom-brand-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let logo = folder.join("logo.png");
    fs::write(&logo, qr::qr_png("a logo").unwrap()).unwrap();
    let mut told = settings::Brand {
        name: Some("Northside Clinic".to_owned()),
        logo: Some(logo.clone()),
        accents: Some(settings::Accents { light, dark }),
    };
    let brand = Brand::new(&told).unwrap();
    let (colours, sign) = (
        brand.stylesheet.as_ref().unwrap(),
        brand.logo.as_ref().unwrap(),
    );
    let text = std::str::from_utf8(&colours.bytes).unwrap();
    assert!(text.starts_with(":root { --accent: #0b5cad;") && text.contains("#8ec5ff"));
    assert_eq!(
        brand.asset(&colours.path).unwrap().kind,
        "text/css; charset=utf-8"
    );
    assert_eq!(brand.asset(&sign.file.path).unwrap().kind, "image/png");
    assert!(brand.asset("/.anteroom/assets/logo.png").is_none());
    let sample = &super::every_page()[0];
    let page = render(
        &sample.page,
        &Chrome {
            brand: &brand,
            ..sample.chrome
        },
    );
    assert!(page.contains(&colours.path) && page.contains(&sign.file.path));
    assert!(
        page.contains("Northside Clinic") && !page.contains("<svg") && !page.contains("style=")
    );

    told.accents = Some(settings::Accents {
        light: dark,
        dark: light,
    });
    let other = Brand::new(&told).unwrap().stylesheet.unwrap();
    assert_ne!(other.path, colours.path, "another colour is another file");
    fs::write(&logo, "<svg><script>alert(1)</script></svg>").unwrap();
    assert!(Brand::new(&told).is_err());
    fs::remove_dir_all(&folder).unwrap();
}
