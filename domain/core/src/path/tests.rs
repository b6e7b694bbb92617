//! Paths that attackers send (`attacks.md` A03 to A06, C10) and paths that apps need.

use std::borrow::Cow;

use proptest::prelude::*;

use super::*;

#[test]
fn paths_that_apps_need_are_canonical() {
    for path in [
        "/",
        "/login.php",
        "/a/b/",
        "/openmrs/ms/uiframework/resource/x.css",
        "/web/a%20b/Befund%20M%C3%BCller.pdf",
        "/patients/%E6%BC%A2%E5%AD%97",
        "/~alice/@me:x!$&'()*+,=",
        "/studies/1.2.840.113619/series",
        "/.well-known/acme-challenge/x",
        "/...",
        "/a..b",
        "/f(x)/(y)/(12(3)",
        "/a%2Bb%3A%40%22%3C",
    ] {
        assert_eq!(canonical(path), Ok(path));
    }
}

#[test]
fn every_path_with_two_readings_is_refused_for_what_it_is() {
    use PathProblem as P;
    for (path, problem) in [
        ("", P::Form),
        ("login", P::Form),
        ("*", P::Form),
        ("http://emr.test/login", P::Form),
        ("/a b", P::Character),
        ("/a\tb", P::Character),
        ("/a\0", P::Character),
        ("/a\u{7f}", P::Character),
        ("/é", P::Character),
        ("/a?b", P::Character),
        ("/a#b", P::Character),
        ("/a\"b", P::Character),
        ("/a|b", P::Character),
        ("/[a]", P::Character),
        ("/static\\..\\chart.php", P::Backslash),
        ("/login.php;x=1", P::Parameter),
        ("/static/..;/chart.php", P::Parameter),
        ("/__gw;/x", P::Parameter),
        ("//login.php", P::EmptySegment),
        ("/static//../chart.php", P::EmptySegment),
        ("/a//", P::EmptySegment),
        ("/./login.php", P::DotSegment),
        ("/a/../login.php", P::DotSegment),
        ("/a/..", P::DotSegment),
        ("/.", P::DotSegment),
        ("/a%", P::Escape),
        ("/a%2", P::Escape),
        ("/a%zz", P::Escape),
        ("/a%u0041", P::Escape),
        ("/static/..%2fchart.php", P::EncodedSeparator),
        ("/static/%2e%2e/chart.php", P::EncodedSeparator),
        ("/static/.%2E/chart.php", P::EncodedSeparator),
        ("/static/%252e%252e/chart.php", P::EncodedSeparator),
        ("/static/..%5cchart.php", P::EncodedSeparator),
        ("/login%2Ephp", P::EncodedSeparator),
        ("/login.php%00", P::EncodedSeparator),
        ("/chart.php%0a.css", P::EncodedSeparator),
        ("/chart.php%0d%0aX: y", P::EncodedSeparator),
        ("/chart.php%3bx.css", P::EncodedSeparator),
        ("/chart.php%23.css", P::EncodedSeparator),
        ("/chart.php%3fx", P::EncodedSeparator),
        ("/a%7F", P::EncodedSeparator),
        ("/%6cogin.php", P::NeedlessEscape),
        ("/login%2Dx", P::NeedlessEscape),
        ("/%7ealice", P::NeedlessEscape),
        ("/%c0%af..%c0%af", P::Utf8),
        ("/%e0%80%af", P::Utf8),
        ("/%ed%a0%80", P::Utf8),
        ("/%e9", P::Utf8),
        ("/%ff", P::Utf8),
        ("/%C3x%BC", P::Utf8),
        ("/%c2%85", P::Utf8),
        (
            "/(S(lit3py55t21z5v55vlm25s55))/chart.aspx",
            P::SessionSegment,
        ),
        ("/a/(f(x))", P::SessionSegment),
        ("/(A(x)S(y))/", P::SessionSegment),
        ("/(X(1)S(y))/", P::SessionSegment),
        ("/%28S%28y))/", P::SessionSegment),
    ] {
        assert_eq!(canonical(path), Err(problem), "{path}");
    }
}

#[test]
fn a_path_of_more_than_8192_bytes_is_refused() {
    let of = |letters| format!("/{}", "a".repeat(letters));
    assert_eq!(canonical(&of(8192)), Err(PathProblem::TooLong));
    assert!(canonical(&of(8191)).is_ok());
}

#[test]
fn every_alias_of_a_login_path_is_loosely_the_login_path() {
    for alias in [
        "/login.php",
        "//login.php",
        "/./login.php",
        "/a/../login.php",
        "/%6cogin.php",
        "/login%2Ephp",
        "/login%252Ephp",
        "/login.php/",
        "/login.php/x/y.css",
        "/login.php;x=1",
        "/;x=1/login.php",
        "/login.php%3bx=1",
        "/login.php%20",
        "/login.php%00",
        "/login.php%00.css",
        "/LOGIN.PHP",
        "/login.php?",
        "/login.php.",
        "/login.php...",
        "/login.php. .",
        "\\login.php",
        "/a%5c..%5clogin.php",
        "/../../login.php",
        "/a/..;/login.php",
        "/a/.. /login.php",
        "/%c0%aflogin.php",
        "/lo\u{17f}/../login.php",
        "login.php",
    ] {
        assert!(
            loosely_is(alias, "/login.php"),
            "{alias} is {}",
            loose(alias)
        );
    }
    for other in [
        "/",
        "/login.phpx",
        "/a/login.php",
        "/login",
        "/login.php.bak",
        "/xlogin.php",
    ] {
        assert!(!loosely_is(other, "/login.php"), "{other}");
    }
}

#[test]
fn letters_that_some_server_folds_meet() {
    assert_eq!(loose("/PA\u{17f}\u{17f}"), loose("/pass"));
    assert_eq!(loose("/\u{212a}ey"), loose("/key"));
    assert_eq!(loose("/STRA\u{1e9e}E"), loose("/stra\u{df}e"));
    assert_eq!(loose("/M%C3%9CLLER"), "/müller");
}

#[test]
fn the_root_is_only_itself_but_lies_above_everything() {
    assert!(loosely_is("/", "/"));
    assert!(loosely_is("/a/..", "/"));
    assert!(!loosely_is("/a", "/"));
    assert!(loosely_under("/a", "/"));
    assert!(loosely_under("/__GW/x", "/__gw"));
    assert!(loosely_under("/a/../__gw;/verify", "/__gw/"));
    assert!(!loosely_under("/__gwx", "/__gw"));
}

#[test]
fn suffixes_match_at_the_end_and_before_more_path() {
    for path in [
        "/j_security_check",
        "/a/b/J_SECURITY_CHECK",
        "/a/j_security_check/x",
    ] {
        assert!(loosely_ends_with(path, "/j_security_check"), "{path}");
    }
    assert!(!loosely_ends_with(
        "/aj_security_check",
        "/j_security_check"
    ));
    assert!(!loosely_ends_with(
        "/j_security_checks",
        "/j_security_check"
    ));
    assert!(loosely_ends_with("/x/Login.Action;a=b", ".action"));
    assert!(!loosely_ends_with("/x/login.actions", ".action"));
}

#[test]
fn the_named_parameter_is_cut_and_no_other() {
    let cut = |path| cut_parameter(path, "jsessionid");
    for (path, rest) in [
        (
            "/j_security_check;jsessionid=AB12.node1",
            "/j_security_check",
        ),
        ("/a;JSESSIONID=x/b", "/a/b"),
        ("/a;jsessionid=x;jsessionid=y/b;jsessionid=", "/a/b"),
        ("/a;x=1;jsessionid=y;z=2", "/a;x=1;z=2"),
    ] {
        assert_eq!(cut(path), rest, "{path}");
    }
    for path in [
        "/a",
        "/a;jsessionid",
        "/a;xjsessionid=1",
        "/a%3bjsessionid=1",
        "/a;jsession%69d=1",
    ] {
        assert!(
            matches!(cut(path), Cow::Borrowed(same) if same == path),
            "{path}"
        );
    }
    // What a cut leaves is read strictly afterwards.
    assert_eq!(
        canonical(&cut("/a/..;jsessionid=x/b")),
        Err(PathProblem::DotSegment)
    );
    assert_eq!(
        canonical(&cut("/a/;jsessionid=x/b")),
        Err(PathProblem::EmptySegment)
    );
}

/// Paths made of what attackers combine.
fn odd_path() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("/"),
        Just("\\"),
        Just("."),
        Just(".."),
        Just(";"),
        Just("%2e"),
        Just("%2F"),
        Just("%25"),
        Just("%00"),
        Just("%c3%9f"),
        Just("%E2%84%AA"),
        Just("a"),
        Just("Login"),
        Just("%20"),
        Just("%"),
        Just("é"),
        Just("(S("),
        Just("ẞ"),
        Just("ŉ"),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| format!("/{}", parts.concat()))
}

proptest! {
    #[test]
    fn a_canonical_path_is_read_loosely_once_and_for_all(
        path in prop_oneof![
            odd_path(),
            "/[A-Za-z0-9/._~-]{0,20}",
            "/(%[C-D][3-9]%[89AB][0-9]|[a-zA-Z./]){0,8}",
        ]
    ) {
        if let Ok(same) = canonical(&path) {
            prop_assert_eq!(same, path.as_str());
            let once = loose(&path);
            prop_assert_eq!(loose(&once), once.clone());
            prop_assert!(once.starts_with('/') && !once.contains("//"));
            prop_assert!(loosely_is(&path, &path));
        }
    }

    #[test]
    fn a_strict_path_under_a_rule_is_loosely_under_it(
        path in "(/[a-cA-C.]{1,3}){1,4}", rule in "(/[a-c]{1,2}){1,2}"
    ) {
        if canonical(&path).is_ok() && path.starts_with(&format!("{rule}/")) {
            prop_assert!(loosely_under(&path, &rule));
            prop_assert!(loosely_is(&path, &rule));
        }
    }

    #[test]
    fn every_char_is_loosened_once_and_for_all(c in any::<char>()) {
        let once = loose(&format!("/x{c}y"));
        prop_assert_eq!(loose(&once), once);
    }

    #[test]
    fn no_text_makes_either_reading_panic(text in any::<String>(), name in any::<String>()) {
        let _ = canonical(&text);
        let _ = loose(&text);
        let _ = loosely_ends_with(&text, &name);
        let _ = cut_parameter(&text, &name);
        let _ = canonical(&format!("/{text}"));
    }

    #[test]
    fn no_odd_path_makes_either_reading_panic(path in odd_path()) {
        let _ = (canonical(&path), loose(&path), loosely_under(&path, &path));
        let _ = cut_parameter(&path, "a");
    }
}
