//! Every page with every kind of value: what it says, what it may hold, and what can be done
//! without a script.
//!
//! No browser here; the last test writes the pages out for one to look at. Look next:
//! `tests/samples` for the pages, `tests/html` for the reading of tags.

mod html;
mod looks;
mod mail;
mod own;
mod samples;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use html::{Tag, tags, visible_text};
use samples::{Sample, every_page, every_page_in_every_language};

use super::assets::script_path;
use super::*;

/// Where our forms may go, as the router knows it.
const FORM_PATHS: [&str; 14] = [
    "/.anteroom/mail",
    "/.anteroom/mail/send",
    "/.anteroom/enrol/email",
    "/.anteroom/enrol/email/send",
    "/.anteroom/challenge",
    "/.anteroom/recovery",
    "/.anteroom/token",
    "/.anteroom/enrol/code",
    "/.anteroom/enrol",
    "/.anteroom/recovery-codes",
    "/.anteroom/cancel",
    "/.anteroom/sign-out",
    "/.anteroom/challenge/passkey",
    "/.anteroom/enrol/passkey",
];

/// The acts of a person's own page; what ends with a slash is about one thing, by its number.
const SAFE_LINKS: [&str; 6] = [
    "/",
    "mailto:",
    "sms:",
    "tel:",
    "otpauth://",
    "data:image/png;base64,",
];

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
fn nothing_but_known_tags_and_attributes() {
    const TAGS: &str = " html head meta title link body header p svg path circle main h1 h2 form \
        input label button details summary div footer ul li span a code strong time img dl dt dd \
        script noscript ";
    const ATTRIBUTES: &str = " lang charset name content rel href class viewBox fill stroke \
        stroke-width stroke-linejoin stroke-linecap aria-hidden focusable d cx cy r \
        role id method action type value for inputmode autocomplete autocapitalize autocorrect \
        spellcheck pattern title required aria-describedby aria-invalid aria-label \
        autofocus datetime src width height alt download target defer data-passkey data-options \
        data-closed data-twice data-unable ";
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
fn every_form_posts_to_a_known_path_with_its_nonce() {
    on_every_page(|sample, _, tags| {
        let mut form: Option<(&Tag, Vec<&Tag>)> = None;
        for tag in tags {
            match (tag.name.as_str(), tag.closes) {
                ("form", false) => form = Some((tag, Vec::new())),
                ("input" | "button", false) => form.as_mut().unwrap().1.push(tag),
                ("form", true) => {
                    let (form, fields) = form.take().unwrap();
                    assert_eq!(form.get("method"), Some("post"), "{}", sample.name);
                    let action = form.get("action").unwrap();
                    if action == "/.anteroom/language" {
                        changes_the_language(sample, &fields);
                        continue;
                    }
                    let act = action.trim_end_matches(|c: char| c.is_ascii_digit());
                    let own = crate::own_addresses()
                        .any(|address| address.trim_end_matches("{id}") == act);
                    let known = own || FORM_PATHS.contains(&action);
                    assert!(known, "{}: {action}", sample.name);
                    let nonces: Vec<_> = fields
                        .iter()
                        .filter(|field| field.get("name") == Some("nonce"))
                        .collect();
                    assert_eq!(nonces.len(), 1, "{}", sample.name);
                    assert_eq!(nonces[0].get("type"), Some("hidden"), "{}", sample.name);
                    assert_eq!(
                        nonces[0].get("value"),
                        Some(sample.nonce),
                        "{}",
                        sample.name
                    );
                    assert!(
                        fields.iter().any(|field| field.name == "button"),
                        "{}",
                        sample.name
                    );
                }
                _ => {}
            }
        }
    });
}

/// Proves nothing and changes nothing but words, so it needs no nonce: a path back, and a button
/// for each other language, in that language.
fn changes_the_language(sample: &Sample, fields: &[&Tag]) {
    let back = &fields[0];
    assert_eq!(
        (back.get("type"), back.get("name")),
        (Some("hidden"), Some("back"))
    );
    let here = if sample.hostile {
        "/"
    } else {
        sample.chrome.here
    };
    assert_eq!(back.get("value"), Some(here), "{}", sample.name);
    let offered: Vec<_> = fields[1..].iter().map(|field| field.get("value")).collect();
    let spoken = sample.chrome.language;
    let others = Language::ALL.into_iter().filter(|other| *other != spoken);
    assert_eq!(
        offered,
        others.map(|other| Some(other.tag())).collect::<Vec<_>>()
    );
    for button in &fields[1..] {
        assert_eq!(button.name, "button");
        assert_eq!(button.get("lang"), button.get("value"));
    }
}

#[test]
fn every_page_but_the_one_in_a_frame_can_be_read_in_the_other_languages() {
    on_every_page(|sample, page, tags| {
        let switch = |tag: &&Tag| tag.get("action") == Some("/.anteroom/language");
        let framed = sample.name == "notice_break_out";
        let wanted = usize::from(!framed);
        assert_eq!(
            tags.iter().filter(switch).count(),
            wanted,
            "{}",
            sample.name
        );
        for other in Language::ALL {
            let offered = page.contains(other.own_name());
            let wanted = !framed && other != sample.chrome.language;
            assert_eq!(offered, wanted, "{}: {}", sample.name, other.name());
        }
    });
}

#[test]
fn every_field_is_labelled_described_and_kind_to_autofill() {
    on_every_page(|sample, _, tags| {
        let mut ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "{}: an id twice", sample.name);
        let shown = tags
            .iter()
            .filter(|tag| tag.name == "input" && tag.get("type") != Some("hidden"));
        let mut focused = 0;
        for field in shown {
            let id = field.get("id").unwrap();
            let labels = tags
                .iter()
                .filter(|tag| tag.name == "label" && tag.get("for") == Some(id));
            assert_eq!(labels.count(), 1, "{}: {id}", sample.name);
            for described in field.get("aria-describedby").unwrap().split(' ') {
                assert!(ids.contains(&described), "{}: {described}", sample.name);
            }
            if field.get("type") == Some("checkbox") {
                assert_eq!(field.get("name"), Some("remember"), "{}", sample.name);
                assert!(
                    field.get("checked").is_none(),
                    "nobody is remembered unasked"
                );
                continue;
            }
            // The second of two codes in a row, and on her own page each field, has its own name.
            let name = field.get("name").unwrap();
            let own = matches!(sample.page, Page::Own(_)) && name == id;
            let second = name == "second" && id == "second";
            assert!(own || second || name == "code", "{}", sample.name);
            let autocomplete = field.get("autocomplete").unwrap();
            let numeric = field.get("inputmode") == Some("numeric");
            assert_eq!(autocomplete, if numeric { "one-time-code" } else { "off" });
            assert!(
                field.get("maxlength").is_none(),
                "a limit would cut a paste"
            );
            focused += usize::from(field.get("autofocus").is_some());
        }
        assert!(focused <= 1, "{}", sample.name);
    });
}

#[test]
fn a_problem_is_heard_first() {
    on_every_page(|sample, page, tags| {
        let alerts = tags
            .iter()
            .filter(|tag| tag.get("role") == Some("alert"))
            .count();
        let invalid = tags
            .iter()
            .filter(|tag| tag.get("aria-invalid") == Some("true"))
            .count();
        let wanted = usize::from(sample.problem);
        // A passkey's problem is no field's.
        let field = usize::from(sample.problem && !is_of_passkey(&sample.page));
        assert_eq!((alerts, invalid), (wanted, field), "{}", sample.name);
        let error = match sample.chrome.language {
            Language::En | Language::Es => "<title>Error: ",
            Language::Fr => "<title>Erreur\u{a0}: ",
        };
        assert_eq!(page.contains(error), sample.problem, "{}", sample.name);
    });
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
fn the_recovery_way_is_always_on_the_challenge() {
    on_every_page(|sample, page, tags| {
        if let Page::Challenge { recovery_left, .. } = sample.page {
            let spent = page.contains(match sample.chrome.language {
                Language::En => "You have used all your recovery codes",
                Language::Fr => "Vous avez utilisé tous vos codes de récupération",
                Language::Es => "Ha usado todos sus códigos de recuperación",
            });
            let form = tags
                .iter()
                .any(|tag| tag.get("action") == Some("/.anteroom/recovery"));
            // Also without a recovery code left: a temporary one is typed there too.
            assert!(form, "{}", sample.name);
            assert_eq!(spent, recovery_left == Some(0), "{}", sample.name);
            assert!(
                tags.iter()
                    .any(|tag| tag.get("action") == Some("/.anteroom/challenge"))
            );
        }
    });
}

/// Whether the problem on this page is one that no field has.
fn is_of_passkey(page: &Page<'_>) -> bool {
    use CodeProblem as P;
    match page {
        Page::EnrolPasskey { .. } => true,
        Page::Challenge { problem, .. } => matches!(
            problem,
            Some(
                P::PasskeyMissing
                    | P::PasskeyLate
                    | P::PasskeyWrong
                    | P::PasskeyDisabled
                    | P::PasskeyUnverified
            )
        ),
        _ => false,
    }
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
