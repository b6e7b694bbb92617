//! How a page of ours looks: no sideways scroll on the smallest phone, sound for a screen reader,
//! pictures of it for people. Run on every page that a story passes.
//!
//! Pictures go to `target/pictures`; the documents' handful also to `ANTEROOM_PICTURES`, if that
//! names a directory. axe-core is used where `npm install axe-core` has put it (see `axe`).

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};

use crate::screen::Screen;

/// Pages of the documents: whether dark, the file's name, the width that suits them there.
const SHOWN: [(&str, bool, &str, i64); 9] = [
    ("challenge", false, "challenge", 560),
    ("challenge", true, "challenge-dark", 560),
    ("enrol", false, "enrol", 780),
    ("recovery-codes", false, "recovery-codes", 780),
    ("paused", false, "paused", 560),
    ("admin-front", false, "admin-front", 1280),
    ("admin-person", false, "admin-person", 1280),
    ("admin-reset", false, "admin-reset", 1280),
    ("admin-temporary-code", false, "admin-temporary-code", 1280),
];
/// Bytes that a narrow picture may have, and a wide one.
const HEAVIEST: [usize; 2] = [60_000, 150_000];
/// Pictures are kept of the first two; the third is the smallest phone there is.
const WIDTHS: [i64; 3] = [1280, 400, 320];

/// Every stylesheet that the page names is there: ours, and perhaps a clinic's colours.
pub const STYLED: &str = "document.styleSheets.length > 0 && document.styleSheets.length === \
    document.querySelectorAll('link[rel=stylesheet]').length";

/// A long page is shown so far down, in pixels.
const TALLEST: u32 = 1400;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Looks at the page in every size and colour, and keeps pictures of it under this name.
pub async fn look_at(screen: &Screen, name: &str) {
    let folder = workspace().join("target/pictures");
    std::fs::create_dir_all(&folder).expect("the target directory is ours");
    screen.settled().await;
    screen.until("the stylesheets", STYLED).await;
    for dark in [false, true] {
        screen.dark(dark).await;
        let scheme = if dark { "dark" } else { "light" };
        for width in WIDTHS {
            screen.wide(width).await;
            fits(screen, &format!("{name} at {width}")).await;
            if width == 320 {
                continue;
            }
            let file = folder.join(format!("{name}-{width}-{scheme}.png"));
            std::fs::write(file, screen.picture().await).expect("ours");
        }
        background_is(screen, dark, name).await;
        reads_well(screen, name).await;
        for_the_documents(screen, name, dark).await;
    }
    screen.dark(false).await;
    screen.wide(1280).await;
}

/// Nothing sticks out at the side, and nobody has to aim at less than 24 pixels (WCAG 2.5.8).
async fn fits(screen: &Screen, what: &str) {
    let over = screen
        .look("document.documentElement.scrollWidth - innerWidth")
        .await;
    assert!(
        over.as_i64().is_some_and(|over| over <= 0),
        "{what}: {over} pixels too wide"
    );
    let small = screen
        .look(
            "Array.from(document.querySelectorAll('button, summary, input:not([type=hidden]), a'))\
             .filter(e => e.checkVisibility() && !e.matches('.unseen'))\
             .map(e => [e.textContent.trim(), e.getBoundingClientRect()])\
             .filter(([_, r]) => r.height < 24 || r.width < 24)\
             .map(([t, r]) => `${t}: ${r.width} x ${r.height}`).join('; ')",
        )
        .await;
    assert_eq!(small, "", "{what}: too small to hit");
}

async fn background_is(screen: &Screen, dark: bool, name: &str) {
    let sum = screen
        .look(
            "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)\
             .reduce((sum, part) => sum + Number(part), 0)",
        )
        .await;
    let sum = sum.as_i64().unwrap_or_default();
    assert!(
        if dark { sum < 150 } else { sum > 600 },
        "{name}: dark {dark}, but {sum}"
    );
}

async fn for_the_documents(screen: &Screen, name: &str, dark: bool) {
    let Some(folder) = std::env::var_os("ANTEROOM_PICTURES").map(PathBuf::from) else {
        return;
    };
    let wanted = SHOWN
        .iter()
        .find(|(page, when, ..)| *page == name && *when == dark);
    let Some((_, _, file, width)) = wanted else {
        return;
    };
    // Pictures are as high as their page.
    screen.sized(*width, 480).await;
    let picture = small(&screen.picture().await);
    assert!(
        picture.len() < HEAVIEST[usize::from(*width > 800)],
        "{file}: {} bytes are too many for a document",
        picture.len()
    );
    // Relative to the workspace, where people type it.
    let folder = workspace().join(folder);
    std::fs::create_dir_all(&folder).expect("the directory for pictures");
    std::fs::write(folder.join(format!("{file}.png")), picture).expect("the picture is written");
}

/// The same picture in fewer bytes: the plain areas as they are, of everything between them (the
/// edges of letters, shadows) only as many shades as the eye needs.
fn small(png: &[u8]) -> Vec<u8> {
    const SHADES: u8 = 0xf0;
    let picture = image::load_from_memory(png).expect("a picture");
    let (width, height) = (picture.width(), picture.height().min(TALLEST));
    let mut picture = picture.crop_imm(0, 0, width, height).into_rgb8();
    let mut seen: HashMap<[u8; 3], usize> = HashMap::new();
    for dot in picture.pixels() {
        *seen.entry(dot.0).or_default() += 1;
    }
    let mut plain: Vec<([u8; 3], usize)> = seen.into_iter().collect();
    plain.sort_by_key(|(colour, count)| (Reverse(*count), *colour));
    plain.truncate(16);
    let far = |one: [u8; 3], other: [u8; 3]| -> u32 {
        one.iter()
            .zip(other)
            .map(|(a, b)| u32::from(a.abs_diff(b)))
            .sum()
    };
    for dot in picture.pixels_mut() {
        let near = plain.iter().map(|(colour, _)| *colour);
        let near = near.min_by_key(|colour| far(*colour, dot.0));
        let near = near.filter(|colour| far(*colour, dot.0) <= 24);
        dot.0 = near.unwrap_or_else(|| dot.0.map(|part| part & SHADES));
    }
    let mut packed = Vec::new();
    // Few colours pack best as they are: a filter would only mix them.
    let (best, plain) = (CompressionType::Best, FilterType::NoFilter);
    let encoder = PngEncoder::new_with_quality(&mut packed, best, plain);
    picture
        .write_with_encoder(encoder)
        .expect("memory takes it");
    packed
}

/// axe-core, if somebody has installed it: `npm install --prefix target/axe axe-core`.
pub fn axe() -> Option<String> {
    let file = workspace().join("target/axe/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(file).ok()
}

async fn reads_well(screen: &Screen, name: &str) {
    let Some(axe) = axe() else { return };
    if !screen.sees("typeof axe === 'object'").await {
        screen.run(&axe).await;
    }
    let found = screen
        .run(
            "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', \
             'best-practice'] }).then(found => found.violations.map(v => \
             `${v.id}: ${v.help}: ${v.nodes.map(n => n.html).join(' ')}`).join('\\n'))",
        )
        .await;
    assert_eq!(found, "", "{name}");
}
