//! Every page with every kind of value: what it says, whom it names, with which status it goes out.
//!
//! No browser here; the last test writes the pages out for one to look at. Look next:
//! `tests/markup` for what a page may hold, `tests/forms` for what can be done on it without a
//! script, `tests/samples` for the pages, `tests/html` for the reading of tags.

mod forms;
mod html;
mod looks;
mod mail;
mod markup;
mod own;
mod samples;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use html::{Tag, tags, visible_text};
use samples::{Sample, every_page, every_page_in_every_language};

use super::assets::script_path;
use super::*;

/// Runs a check over every page in every language, once with plain values and once with hostile
/// ones.
fn on_every_page(check: impl Fn(&Sample, &str, &[Tag])) {
    for sample in every_page_in_every_language() {
        let page = render(&sample.page, &sample.chrome);
        check(&sample, &page, &tags(&page));
    }
}

#[test]
fn what_every_page_says() {
    insta::assert_snapshot!(all_text(Language::En));
}

#[test]
fn what_every_page_says_in_french() {
    insta::assert_snapshot!(all_text(Language::Fr));
}

#[test]
fn what_every_page_says_in_spanish() {
    insta::assert_snapshot!(all_text(Language::Es));
}

fn all_text(language: Language) -> String {
    let mut all = String::new();
    let wanted = |sample: &Sample| !sample.hostile && sample.chrome.language == language;
    for sample in every_page_in_every_language().into_iter().filter(wanted) {
        let page = render(&sample.page, &sample.chrome);
        // The help below each page is the same; `notice_not_found` shows it.
        let shown = match page.split_once("<footer>") {
            Some((above, _)) if sample.name != "notice_not_found" => above,
            _ => &page,
        };
        write!(all, "=== {} ===\n{}\n\n", sample.name, visible_text(shown)).unwrap();
    }
    all
}

#[test]
fn every_page_names_the_app_whom_to_ask_and_its_reference() {
    on_every_page(|sample, page, tags| {
        let spoken = format!("<html lang=\"{}\">", sample.chrome.language.tag());
        assert!(page.contains(&spoken), "{}", sample.name);
        if sample.hostile {
            return;
        }
        let text = visible_text(page);
        assert!(text.contains("Wardbook"), "{}", sample.name);
        assert!(text.contains("7KQ2-M4"), "{}", sample.name);
        if sample.name != "notice_break_out" {
            let help = match sample.chrome.language {
                Language::En => "Need help?",
                Language::Fr => "Besoin d’aide?",
                Language::Es => "¿Necesita ayuda?",
            };
            assert!(text.contains(help), "{}", sample.name);
            for at in [
                "mailto:it@clinic.example",
                "sms:+14165550134",
                "tel:+14165550100",
            ] {
                assert!(
                    tags.iter().any(|tag| tag.get("href") == Some(at)),
                    "{}: {at}",
                    sample.name
                );
            }
        }
    });
}

#[test]
fn contact_details_that_make_no_safe_link_stay_text() {
    let contact = Contact {
        email: Some("it@clinic.example?bcc=x@evil.example".to_owned()),
        text_line: Some("ask at desk 4".to_owned()),
        phone: Some("555 0100 ext. 12".to_owned()),
        say: vec![(Language::En, "  ".to_owned())],
    };
    let chrome = Chrome {
        contact: &contact,
        ..every_page()[0].chrome
    };
    let page = render(&Page::SignedOut, &chrome);
    assert!(!page.contains("mailto:") && !page.contains("sms:") && !page.contains("tel:"));
    assert!(visible_text(&page).contains("555 0100 ext. 12"));
    assert!(!page.contains("<p></p>"));
}

#[test]
fn without_contact_details_the_page_still_says_whom_to_ask() {
    let chrome = Chrome {
        contact: &Contact::default(),
        ..every_page()[0].chrome
    };
    let text = visible_text(&render(&Page::SignedOut, &chrome));
    assert!(text.contains("Ask the people who look after Wardbook where you work."));
}

#[test]
fn a_pause_says_when_it_ends_and_never_reloads_under_the_reader() {
    let sample = every_page()
        .into_iter()
        .find(|sample| sample.name == "paused")
        .unwrap();
    let page = render(&sample.page, &sample.chrome);
    assert!(!page.contains("http-equiv"));
    assert!(page.contains(r#"<time datetime="2026-03-02T12:01:45Z">in about 2 minutes</time>"#));
}

#[test]
fn the_codes_file_keeps_its_lines_to_itself() {
    let codes = ["AAAA-BBBB".to_owned(), "CCCC-DDDD".to_owned()];
    let file = codes_file(&codes, "al\r\nice", "Wardbook", Language::En);
    assert!(file.starts_with("Recovery codes for Wardbook\r\nAccount: alice\r\n\r\nAAAA-BBBB\r\n"));
}

#[test]
fn statuses_and_headers_close_what_they_should() {
    assert_eq!(Notice::NotFound.status(), 404);
    assert_eq!(Notice::StoreDown.status(), 503);
    let mut names: Vec<&str> = Vec::new();
    for sample in every_page().iter().filter(|sample| !sample.hostile) {
        if let Page::Notice(notice) = &sample.page {
            names.push(notice.name());
            assert_eq!(sample.name, format!("notice_{}", notice.name()));
            assert!(!notice.title().is_empty());
            assert!((400..600).contains(&notice.status()), "{}", sample.name);
        }
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names.len(),
        25,
        "every notice has a name of its own and a sample"
    );
    let of = |headers: &'static [(&str, &str)], name| {
        headers.iter().find(|(known, _)| *known == name).unwrap().1
    };
    let policy = of(security_headers(), "content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
    assert_eq!(of(security_headers(), "cache-control"), "no-store");
    assert_eq!(of(security_headers(), "referrer-policy"), "same-origin");
    let framed = of(security_headers_framed(), "content-security-policy");
    assert_eq!(
        framed,
        policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    );
    assert_eq!(
        of(security_headers_framed(), "x-frame-options"),
        "SAMEORIGIN"
    );
}

/// `ANTEROOM_GALLERY=/some/where cargo test -p anteroom-gateway gallery` writes every page there,
/// with the stylesheet at its address: serve that directory and look.
#[test]
fn the_gallery_is_written_where_asked() {
    let Some(root) = option_env!("ANTEROOM_GALLERY").map(Path::new) else {
        return;
    };
    let css = root.join(stylesheet_path().trim_start_matches('/'));
    fs::create_dir_all(css.parent().unwrap()).unwrap();
    fs::write(css, STYLESHEET).unwrap();
    for sample in every_page_in_every_language() {
        let kind = if sample.hostile { "-hostile" } else { "" };
        let name = format!(
            "{}{kind}-{}.html",
            sample.name,
            sample.chrome.language.tag()
        );
        fs::write(root.join(name), render(&sample.page, &sample.chrome)).unwrap();
    }
}
