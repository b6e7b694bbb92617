//! Every page with every kind of value: what it says, what it may hold, and what can be done
//! without a script.
//!
//! No browser here; the last test writes the pages out for one to look at. Look next:
//! `tests/samples` for the pages, `tests/html` for the reading of tags.

mod html;
mod looks;
mod people_samples;
mod place_samples;
mod record_samples;
mod samples;
mod telling;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use html::{Tag, tags, visible_text};
use samples::{Sample, every_page};

use super::*;

/// Runs a check over every page, once with plain values and once with hostile ones.
fn on_every_page(check: impl Fn(&Sample, &[Tag])) {
    for sample in every_page() {
        check(&sample, &tags(&sample.page));
    }
}

/// Only what stands between `<main>` and `</main>`.
fn main_of(page: &str) -> &str {
    let (_, from) = page.split_once("<main id=\"main\">").unwrap();
    from.split_once("</main>").unwrap().0
}

#[test]
fn what_every_page_says() {
    let mut all = String::new();
    for sample in every_page().into_iter().filter(|sample| !sample.hostile) {
        // What stands round each page is the same; one page for each role shows it.
        let round = ["front_needs", "front_emergency", "front_well", "sign_in"];
        let shown = if round.contains(&sample.name.as_str()) {
            sample.page.as_str()
        } else {
            main_of(&sample.page)
        };
        write!(all, "=== {} ===\n{}\n\n", sample.name, visible_text(shown)).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn nothing_but_known_tags_and_attributes() {
    const TAGS: &str = " html head meta title link body header nav p svg path circle rect text \
        desc main h1 h2 h3 form input textarea select option optgroup fieldset legend label button \
        details summary div section figure figcaption footer ul ol li span a b code strong time \
        img dl dt dd table caption thead tbody tr th td progress ";
    const ATTRIBUTES: &str = " lang charset name content rel href class viewBox fill stroke \
        stroke-width stroke-linejoin stroke-linecap aria-hidden focusable d cx cy r x y rx \
        role id method action enctype type value for inputmode autocomplete autocapitalize \
        autocorrect spellcheck pattern title required aria-describedby aria-invalid autofocus \
        datetime src width height alt download aria-label aria-labelledby aria-current http-equiv \
        scope data-label selected checked label maxlength rows accept placeholder readonly \
        tabindex max ";
    on_every_page(|sample, tags| {
        let page = &sample.page;
        assert!(page.starts_with("<!doctype html>"), "{}", sample.name);
        for tag in tags {
            let known = TAGS.contains(&format!(" {} ", tag.name));
            assert!(known, "{}: <{}>", sample.name, tag.name);
            for (name, _) in &tag.attributes {
                let known = ATTRIBUTES.contains(&format!(" {name} "));
                assert!(known, "{}: {name} in <{}>", sample.name, tag.name);
            }
        }
        assert!(!page.contains("<script"), "{}", sample.name);
    });
}

#[test]
fn hostile_names_stay_text_and_turn_no_sentence_round() {
    on_every_page(|sample, tags| {
        for c in ['\u{202E}', '\u{2028}', '\u{7}'] {
            assert!(!sample.page.contains(c), "{}: {c:?}", sample.name);
        }
        let count = |needle: &str| sample.page.matches(needle).count();
        assert_eq!(count("{{7*7}}"), count("svg onload"), "{}", sample.name);
        let scripted = tags.iter().flat_map(|tag| &tag.attributes);
        for (name, _) in scripted {
            assert!(
                !name.starts_with("on") && name != "style",
                "{}: {name}",
                sample.name
            );
        }
    });
}

#[test]
fn tags_close_in_order() {
    const VOID: [&str; 7] = ["meta", "link", "input", "img", "path", "circle", "rect"];
    on_every_page(|sample, tags| {
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
    const SAFE: [&str; 4] = ["/", "#main", "otpauth://", "data:image/png;base64,"];
    on_every_page(|sample, tags| {
        for tag in tags {
            for at in ["href", "src", "action"]
                .iter()
                .filter_map(|name| tag.get(name))
            {
                let safe = SAFE.iter().any(|start| at.starts_with(start));
                assert!(safe && !at.starts_with("//"), "{}: {at}", sample.name);
            }
        }
    });
}

#[test]
fn one_h1_and_headings_in_order() {
    on_every_page(|sample, tags| {
        let heads = tags.iter().filter(|tag| !tag.closes);
        let levels: Vec<u8> = heads
            .filter_map(|tag| match tag.name.as_str() {
                "h1" => Some(1),
                "h2" => Some(2),
                "h3" => Some(3),
                _ => None,
            })
            .collect();
        assert_eq!(levels.first(), Some(&1), "{}", sample.name);
        assert_eq!(
            levels.iter().filter(|level| **level == 1).count(),
            1,
            "{}",
            sample.name
        );
        let steps = levels.windows(2).all(|two| two[1] <= two[0] + 1);
        assert!(steps, "{}: {levels:?}", sample.name);
    });
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    on_every_page(|sample, tags| {
        let mut form: Option<(&Tag, Vec<&Tag>)> = None;
        for tag in tags {
            match (tag.name.as_str(), tag.closes) {
                ("form", false) => {
                    assert!(form.is_none(), "{}: a form within a form", sample.name);
                    form = Some((tag, Vec::new()));
                }
                ("input" | "button", false) => form.as_mut().unwrap().1.push(tag),
                ("form", true) => {
                    let (form, fields) = form.take().unwrap();
                    form_is_whole(sample, form, &fields);
                }
                _ => {}
            }
        }
    });
}

fn form_is_whole(sample: &Sample, form: &Tag, fields: &[&Tag]) {
    let tokens: Vec<_> = fields
        .iter()
        .filter(|field| field.get("name") == Some("csrf"))
        .collect();
    match form.get("method") {
        Some("post") => {
            assert_eq!(tokens.len(), 1, "{}", sample.name);
            assert_eq!(tokens[0].get("type"), Some("hidden"), "{}", sample.name);
            // What turns the reading direction is made harmless here as well.
            let steers = ['\u{202E}', '\u{2028}', '\u{7}'];
            let csrf = sample.csrf.replace(steers, "\u{FFFD}");
            assert_eq!(
                tokens[0].get("value"),
                Some(csrf.as_str()),
                "{}",
                sample.name
            );
        }
        // A search changes nothing, and a token has no place in an address.
        other => {
            assert_eq!(other, Some("get"), "{}", sample.name);
            assert!(tokens.is_empty(), "{}", sample.name);
        }
    }
    assert!(
        form.get("action").unwrap().starts_with('/'),
        "{}",
        sample.name
    );
    assert!(
        fields.iter().any(|field| field.name == "button"),
        "{}",
        sample.name
    );
}

#[test]
fn every_field_is_labelled_and_described_by_what_is_there() {
    on_every_page(|sample, tags| {
        let mut ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "{}: an id twice", sample.name);
        let fields = tags.iter().filter(|tag| {
            let field = matches!(tag.name.as_str(), "input" | "textarea" | "select");
            field && !tag.closes && tag.get("type") != Some("hidden")
        });
        let mut focused = 0;
        for field in fields {
            let id = field.get("id").unwrap();
            let labels = tags
                .iter()
                .filter(|tag| tag.name == "label" && tag.get("for") == Some(id));
            let named = labels.count() + usize::from(field.get("aria-label").is_some());
            assert_eq!(named, 1, "{}: {id}", sample.name);
            focused += usize::from(field.get("autofocus").is_some());
        }
        assert!(focused <= 1, "{}", sample.name);
        for pointer in ["aria-describedby", "aria-labelledby", "for"] {
            for at in tags.iter().filter_map(|tag| tag.get(pointer)) {
                for id in at.split(' ') {
                    assert!(ids.contains(&id), "{}: {pointer} {id}", sample.name);
                }
            }
        }
    });
}

#[test]
fn every_table_has_a_name_and_headed_columns() {
    on_every_page(|sample, tags| {
        let count = |name: &str| {
            tags.iter()
                .filter(|tag| tag.name == name && !tag.closes)
                .count()
        };
        let named = count("caption") + sample.page.matches("<table class=\"numbers\">").count();
        assert_eq!(count("table"), named, "{}", sample.name);
        let heads = tags.iter().filter(|tag| tag.name == "th" && !tag.closes);
        assert!(
            heads.clone().all(|th| th.get("scope").is_some()),
            "{}",
            sample.name
        );
    });
}

#[test]
fn a_problem_is_heard_first() {
    on_every_page(|sample, tags| {
        let alerts = tags
            .iter()
            .filter(|tag| tag.get("role") == Some("alert"))
            .count();
        assert_eq!(alerts, usize::from(sample.problem), "{}", sample.name);
        // A verification that found something is no form that came back.
        let form = sample.problem && sample.name != "verify_broken";
        assert_eq!(
            sample.page.contains("<title>Error: "),
            form,
            "{}",
            sample.name
        );
        let described = tags.iter().any(|tag| {
            let by = tag.get("aria-describedby");
            by.is_some_and(|by| by.split(' ').any(|id| id == "problem"))
        });
        assert_eq!(described, form, "{}: the field that is meant", sample.name);
    });
}

#[test]
fn a_page_inside_always_says_who_and_what_is_open() {
    on_every_page(|sample, tags| {
        let out = tags
            .iter()
            .any(|tag| tag.get("action") == Some("/sign-out"));
        let menu = tags.iter().any(|tag| tag.name == "nav");
        assert_eq!(menu, sample.inside, "{}", sample.name);
        assert!(!sample.inside || out, "{}", sample.name);
        let banner = sample.page.contains("class=\"banner\"");
        let open = [
            "front_emergency",
            "emergency",
            "person_unlocked",
            "notice_forbidden_inside",
        ];
        let wanted = open.contains(&sample.name.as_str()) || (sample.hostile && sample.inside);
        assert_eq!(banner, wanted, "{}", sample.name);
    });
}

#[test]
fn an_auditor_is_shown_no_button_but_the_way_out_and_her_own() {
    for sample in every_page().iter().filter(|sample| !sample.hostile) {
        let read_only = [
            "person_read_only",
            "emergency_read",
            "operators_read",
            "report_empty",
        ];
        if read_only.contains(&sample.name.as_str()) {
            let main = main_of(&sample.page);
            assert!(!main.contains("method=\"post\""), "{}", sample.name);
            assert!(!sample.page.contains("href=\"/staff\""), "{}", sample.name);
            assert!(!main.contains("download"), "{}", sample.name);
        }
    }
}

#[test]
fn a_grave_act_says_so_and_a_fresh_code_is_asked_for_where_needed() {
    let find = |name: &str| {
        every_page()
            .into_iter()
            .find(|sample| sample.name == name)
            .unwrap()
    };
    let reset = find("act_Reset").page;
    assert!(reset.contains("class=\"grave\"") && reset.contains("name=\"own_code\""));
    assert!(reset.contains("To do this, type a fresh code from your own phone"));
    assert!(!find("act_Unlock").page.contains("name=\"own_code\""));
    let again = find("act_again").page;
    assert!(again.contains("value=\"Phone is at home\""));
    assert!(again.contains("value=\"In person\" required checked"));
    assert!(again.contains("<option value=\"12\" selected>12 hours</option>"));
}

#[test]
fn statuses_and_headers_close_what_they_should() {
    use notice::Notice;
    assert_eq!(Notice::NotFound.status(), 404);
    assert_eq!(Notice::Misdirected.status(), 421);
    assert_eq!(Notice::StoreDown.status(), 503);
    let of = |name| {
        security_headers()
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap()
            .1
    };
    let policy = of("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
    assert_eq!(of("cache-control"), "no-store");
    assert_eq!(of("referrer-policy"), "same-origin");
}

#[test]
fn what_was_done_is_told_in_our_words_only() {
    for done in Done::ALL {
        assert_eq!(Done::from_name(done.name()), Some(*done));
        assert!(done.text().ends_with('.'), "{done:?}");
    }
    assert_eq!(Done::from_name("<script>"), None);
    for state in people::Standing::ALL {
        assert_eq!(people::Standing::from_name(state.name()), Some(state));
    }
}

/// `ANTEROOM_GALLERY=/some/where cargo test -p anteroom-admin gallery` writes every page there,
/// with the stylesheet at its address: serve that directory and look.
#[test]
fn the_gallery_is_written_where_asked() {
    let Some(root) = option_env!("ANTEROOM_GALLERY").map(Path::new) else {
        return;
    };
    let css = root.join(stylesheet_path().trim_start_matches('/'));
    fs::create_dir_all(css.parent().unwrap()).unwrap();
    fs::write(css, STYLESHEET).unwrap();
    for sample in every_page() {
        let kind = if sample.hostile { "-hostile" } else { "" };
        let name = format!("{}{kind}.html", sample.name);
        fs::write(root.join(name), &sample.page).unwrap();
    }
}
