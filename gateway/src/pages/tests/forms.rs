//! What can be done on a page: where its forms go, how its fields are labelled, that a problem is
//! heard first.
//!
//! Reads every page in every language; whether a form is taken is the portal's own tests'.

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

/// Whether the problem on this page is one that no field has.
fn is_of_passkey(page: &Page<'_>) -> bool {
    use CodeProblem as P;
    let problem = match page {
        Page::EnrolPasskey { .. } => return true,
        Page::Challenge { problem, .. } => *problem,
        Page::Own(page) => own::code_problem(page),
        _ => None,
    };
    matches!(
        problem,
        Some(
            P::PasskeyMissing
                | P::PasskeyLate
                | P::PasskeyWrong
                | P::PasskeyDisabled
                | P::PasskeyUnverified
                | P::PasskeyNotMade
        )
    )
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
