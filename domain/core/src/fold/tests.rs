//! Spellings that must meet, spellings that must not be taken for equal, and names that are
//! refused.

use proptest::prelude::*;

use super::*;

fn folded(name: &str) -> String {
    fold(name).unwrap().as_str().to_owned()
}

#[test]
fn every_spelling_that_some_app_takes_for_alice_finds_alice() {
    for spelling in [
        "alice",
        "ALICE",
        " alice",
        "alice ",
        "alice\u{a0}",
        "\u{3000}alice",
        "ａｌｉｃｅ",
        "ＡＬＩＣＥ",
        "alıce",
        "ALİCE",
        "alice\u{200b}",
        "al\u{ad}ice",
        "\u{feff}alice",
        "a\u{2060}lice",
        "al\u{202e}ice",
        "álice",
        "a\u{301}lice",
        "alice.",
        "alice...",
        "alice. .",
        "𝒶𝓁𝒾𝒸ℯ",
    ] {
        assert_eq!(folded(spelling), "alice", "{spelling:?}");
    }
}

#[test]
fn accents_ligatures_and_cases_meet_as_collations_have_them() {
    assert_eq!(folded("José"), folded("jose"));
    assert_eq!(folded("STRASSE"), folded("straße"));
    assert_eq!(folded("Łukasz"), folded("lukasz"));
    assert_eq!(folded("Søren Ǿ"), folded("soren o"));
    assert_eq!(folded("Æsop"), folded("aesop"));
    assert_eq!(folded("ΣΊΣΥΦΟΣ"), folded("Σίσυφος"));
    assert_eq!(folded("ﬁnn"), folded("FINN"));
    assert_eq!(folded("Dr.  Bob\u{2003}X"), "dr. bob x");
    assert_eq!(folded("alice@Clinic.TEST"), "alice@clinic.test");
    assert_eq!(folded("\u{212b}ngström"), folded("Ångstrom"));
}

#[test]
fn vowels_of_scripts_that_write_them_as_marks_stay() {
    assert_ne!(folded("राम"), folded("रमा"));
    assert_ne!(folded("ปู"), folded("ปี"));
    assert_ne!(folded("한"), folded("하"));
    assert_ne!(folded("bob"), folded("bab"));
}

#[test]
fn names_with_two_readings_are_refused() {
    for empty in ["", " ", "\u{200b}", "...", "\u{301}", " . \u{a0}."] {
        assert_eq!(fold(empty), Err(NameProblem::Empty), "{empty:?}");
    }
    for control in [
        "alice\0",
        "alice\t",
        "ali\nce",
        "\u{1b}[2Jalice",
        "alice\u{85}",
        "a\u{7f}",
    ] {
        assert_eq!(fold(control), Err(NameProblem::Control), "{control:?}");
    }
    assert_eq!(fold(&"a".repeat(256)), Err(NameProblem::TooLong));
    assert!(fold(&"a".repeat(255)).is_ok());
}

#[test]
fn a_spelling_key_makes_only_declared_equalities() {
    let exact = SpellingRule::default();
    assert_ne!(spelling_key("Alice", &exact), spelling_key("alice", &exact));
    assert_ne!(
        spelling_key("alice ", &exact),
        spelling_key("alice", &exact)
    );
    let folding = SpellingRule {
        case_insensitive: true,
        trims_space: true,
    };
    assert_eq!(spelling_key(" ALICE ", &folding), "alice");
    assert_eq!(spelling_key("JOSÉ", &folding), "josé");
    assert_ne!(
        spelling_key("jose", &folding),
        spelling_key("josé", &folding)
    );
}

#[test]
fn letters_about_whose_case_apps_differ_are_not_equal() {
    let folding = SpellingRule {
        case_insensitive: true,
        trims_space: false,
    };
    for (one, other) in [
        ("\u{212a}im", "kim"),
        ("İ", "i"),
        ("ẞ", "ß"),
        ("STRASSE", "straße"),
    ] {
        assert_ne!(
            spelling_key(one, &folding),
            spelling_key(other, &folding),
            "{one}"
        );
    }
    assert_ne!(
        spelling_key("alice\u{a0}", &folding),
        spelling_key("alice", &folding)
    );
}

proptest! {
    #[test]
    fn folding_twice_changes_nothing(name in any::<String>()) {
        if let Ok(once) = fold(&name) {
            // A fold may be longer than its name (`ﷺ` becomes 18 letters), so it may be too long to
            // fold.
            if once.as_str().len() <= MAX_NAME_BYTES {
                prop_assert_eq!(fold(once.as_str()), Ok(once));
            }
        }
    }

    #[test]
    fn every_single_character_folds_once_and_for_all(c in any::<char>()) {
        if let Ok(once) = fold(&format!("a{c}b")) {
            prop_assert_eq!(fold(once.as_str()), Ok(once));
        }
    }

    #[test]
    fn equal_spelling_keys_have_equal_folds(name in "[a-zA-ZäÄéÉ ]{1,12}", rule: (bool, bool)) {
        let rule = SpellingRule { case_insensitive: rule.0, trims_space: rule.1 };
        prop_assert_eq!(fold(&spelling_key(&name, &rule)), fold(&name));
    }
}
