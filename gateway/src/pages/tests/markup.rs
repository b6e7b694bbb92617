//! What a page may hold: known tags in order, one heading, no address elsewhere, our script alone.
//!
//! Reads every page in every language, with plain values and with hostile ones.

use super::*;

const SAFE_LINKS: [&str; 6] = [
    "/",
    "mailto:",
    "sms:",
    "tel:",
    "otpauth://",
    "data:image/png;base64,",
];

#[test]
fn nothing_but_known_tags_and_attributes() {
    const TAGS: &str = " html head meta title link body header p svg path circle main h1 h2 form \
        input label button details summary div footer ul li span a code strong time img dl dt dd \
        script noscript ";
    const ATTRIBUTES: &str = " lang charset name content rel href class viewBox fill stroke \
        stroke-width stroke-linejoin stroke-linecap aria-hidden focusable d cx cy r \
        role id method action type value for inputmode autocomplete autocapitalize autocorrect \
        spellcheck pattern title required aria-describedby aria-invalid aria-label \
        autofocus datetime src width height alt download target defer data-passkey data-options \
        data-make formnovalidate data-closed data-twice data-unable ";
    on_every_page(|sample, page, tags| {
        assert!(page.starts_with("<!doctype html>"), "{}", sample.name);
        for tag in tags {
            assert!(
                TAGS.contains(&format!(" {} ", tag.name)),
                "{}: <{}>",
                sample.name,
                tag.name
            );
            for (name, _) in &tag.attributes {
                let known = ATTRIBUTES.contains(&format!(" {name} "));
                assert!(known, "{}: {name} in <{}>", sample.name, tag.name);
            }
        }
        // One script, ours, on the pages that no browser serves without it, and on no other.
        let scripts: Vec<_> = tags
            .iter()
            .filter(|tag| tag.name == "script" && !tag.closes)
            .map(|tag| tag.get("src"))
            .collect();
        let wanted = Vec::from_iter(sample.page.needs_script().then(|| Some(script_path())));
        assert_eq!(scripts, wanted, "{}", sample.name);
        assert_eq!(
            page.matches("<script").count(),
            wanted.len(),
            "{}",
            sample.name
        );
    });
}

#[test]
fn tags_close_in_order() {
    const VOID: [&str; 6] = ["meta", "link", "input", "img", "path", "circle"];
    on_every_page(|sample, _, tags| {
        let mut open: Vec<&str> = Vec::new();
        for tag in tags.iter().filter(|tag| !VOID.contains(&tag.name.as_str())) {
            if tag.closes {
                assert_eq!(open.pop(), Some(tag.name.as_str()), "{}", sample.name);
            } else {
                open.push(&tag.name);
            }
        }
        assert!(open.is_empty(), "{}: {open:?}", sample.name);
    });
}

#[test]
fn no_address_leads_elsewhere() {
    on_every_page(|sample, _, tags| {
        for tag in tags {
            for at in ["href", "src", "action"]
                .iter()
                .filter_map(|name| tag.get(name))
            {
                // An empty address is this page once more.
                let safe = at.is_empty() || SAFE_LINKS.iter().any(|start| at.starts_with(start));
                assert!(safe && !at.starts_with("//"), "{}: {at}", sample.name);
            }
            assert!(
                tag.get("target").is_none_or(|to| to == "_top"),
                "{}",
                sample.name
            );
        }
    });
}

#[test]
fn one_h1_and_headings_in_order() {
    on_every_page(|sample, _, tags| {
        let levels: Vec<&str> = tags
            .iter()
            .filter(|tag| !tag.closes && matches!(tag.name.as_str(), "h1" | "h2"))
            .map(|tag| tag.name.as_str())
            .collect();
        assert_eq!(levels.first(), Some(&"h1"), "{}", sample.name);
        assert_eq!(
            levels.iter().filter(|level| **level == "h1").count(),
            1,
            "{}",
            sample.name
        );
    });
}

#[test]
fn scripts_run_on_the_pages_that_need_one_and_only_ours() {
    let of = |headers: &'static [(&str, &str)]| {
        let found = headers
            .iter()
            .find(|(name, _)| *name == "content-security-policy");
        found.unwrap().1
    };
    assert!(!of(security_headers()).contains("script"));
    assert!(!of(security_headers_framed()).contains("script"));
    let scripted = of(security_headers_scripted());
    assert_eq!(
        scripted.replace(" script-src 'self';", ""),
        of(security_headers())
    );
    for banned in [
        "innerHTML",
        "eval",
        "fetch(",
        "XMLHttpRequest",
        "document.cookie",
        "http",
    ] {
        assert!(!assets::SCRIPT.contains(banned), "{banned}");
    }
}

#[test]
fn a_frame_is_left_only_for_this_host() {
    let sample = &every_page()[0];
    let hostile = [
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "/a\nb",
    ];
    for to in hostile {
        let page = render(&Page::Notice(Notice::BreakOut { to }), &sample.chrome);
        let out = tags(&page).into_iter().find(|tag| tag.name == "a").unwrap();
        assert_eq!(out.get("href"), Some("/"), "{to}");
        assert_eq!(out.get("target"), Some("_top"));
    }
}
