//! What can be said of the look without looking: contrast, nothing fetched from elsewhere, a
//! picture that scans, bars that are as high as their numbers.
//!
//! Never replaces a look at the gallery. Subjects: `admin/assets/admin.css`, `qr`, `chart`.

use crate::pages::chart::{Chart, Day};
use crate::pages::{STYLESHEET, qr, stylesheet_path};

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
    const TEXT: [(&str, &str); 20] = [
        ("--ink", "--room"),
        ("--ink", "--card"),
        ("--ink", "--tint"),
        ("--ink", "--alarm-room"),
        ("--quiet", "--room"),
        ("--quiet", "--card"),
        ("--quiet", "--tint"),
        ("--accent", "--room"),
        ("--accent", "--card"),
        ("--accent", "--tint"),
        ("--accent-deep", "--room"),
        ("--accent-deep", "--card"),
        ("--accent-deep", "--tint"),
        ("--on-accent", "--accent"),
        ("--on-accent", "--accent-deep"),
        ("--alarm", "--alarm-room"),
        ("--alarm", "--card"),
        ("--on-alarm", "--alarm"),
        ("--soon", "--soon-room"),
        ("--soon", "--card"),
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
    let name = stylesheet_path().strip_prefix("/assets/admin-").unwrap();
    let hash = name.strip_suffix(".css").unwrap();
    assert!(hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn the_colours_are_those_of_the_sign_in_pages() {
    let of = |css: &str| {
        let css = css.replace("\r\n", "\n");
        let room = css.find("--room: ").unwrap();
        css[room..].split("--alarm:").next().unwrap().to_owned()
    };
    let portal = include_str!("../../../../gateway/assets/portal.css");
    assert_eq!(of(STYLESHEET), of(portal));
}

#[test]
fn a_picture_has_whole_pixels_for_each_module() {
    let png = qr::qr_png("otpauth://totp/Anteroom:hana?secret=JBSWY3DPEHPK3PXP").unwrap();
    let side = qr::shown_side(&png);
    assert!((240..=300).contains(&side), "{side}");
    assert_eq!(qr::shown_side(b"no picture"), 240);
    assert!(qr::qr_png(&"S".repeat(4000)).is_err());
}

#[test]
fn bars_are_as_high_as_their_numbers() {
    let day = |count| Day {
        label: String::new(),
        short: String::new(),
        count,
    };
    let of = |counts: &[u64]| {
        let chart = Chart {
            id: "c",
            title: String::new(),
            summary: String::new(),
            days: counts.iter().copied().map(day).collect(),
        };
        let heights: Vec<u64> = chart.bars().iter().map(|bar| bar.height).collect();
        heights
    };
    assert_eq!(of(&[0, 1, 50, 100]), [0, 2, 48, 96]);
    assert_eq!(of(&[0, 0]), [0, 0]);
    assert_eq!(of(&[u64::MAX, 1]), [96, 2]);
    assert!(of(&[]).is_empty());
}
