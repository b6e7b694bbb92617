//! Mistakes in a login profile, and what they would have cost.
//!
//! The rows change the demo preset through `[app.login]`, as an operator would; `hold` stands in
//! the parent.

use super::*;

#[test]
fn a_profile_of_ones_own_needs_no_preset() {
    assert_eq!(settings(&own("/in", "/in")).warnings, []);
}

#[test]
fn a_profile_must_come_from_somewhere() {
    hold(&[(
        "preset = \"demo\"",
        "",
        "line 10: app[0].preset: found nothing; allowed: preset = one of demo, dokuwiki, \
         php-session, tomcat-form, or [app.login]",
    )]);
    hold_own(&[
        (
            "login_page = \"/in\"",
            "login_pages = [\"/in\"]",
            "line 16: app[0].login.login_page: found nothing; allowed: where people sign in, such \
             as \"/login\"",
        ),
        (
            "[[app.login.form]]\npath = \"/in\"\nuser = \"u\"\nsecrets = [\"p\"]\n",
            "",
            "line 16: app[0].login.form: found nothing; allowed: at least one [[app.login.form]]: \
             where the password is posted",
        ),
        (
            "user = \"u\"",
            "",
            "line 19: app[0].login.form[0].user: found nothing; allowed: the field with the name a \
             person types",
        ),
        (
            "secrets = [\"p\"]",
            "",
            "line 19: app[0].login.form[0].secrets: found nothing; allowed: the fields with the \
             password, such as [\"password\"]",
        ),
    ]);
}

#[test]
fn paths_are_one_path_or_all_below_a_folder() {
    let allowed = "allowed: a path such as \"/login\", or \"/static/*\" for all below it";
    for (path, hint) in [
        (
            "*.css",
            "rules by suffix do not exist: /chart.php/x.css would open a chart",
        ),
        (
            "/static/*.css",
            "rules by suffix do not exist: /chart.php/x.css would open a chart",
        ),
        ("/static*", "* stands only at the end, after /"),
        ("/*/static/*", "* stands only at the end, after /"),
        ("/*", "\"/*\" is every path of the app"),
        ("static/", "a path begins with /"),
        ("/chart.php?pid=1", "what follows ? is not part of a path"),
    ] {
        let said = format!("line 18: app[0].login.assets[0]: found \"{path}\"; {allowed}; {hint}");
        let text = edited("", &format!("[app.login]\nassets = [\"{path}\"]"));
        assert_eq!(problems(&text), [said]);
    }
    for path in ["/a/../b", "/a//b", "/a;b", "/%6cogin", "/a b", "/ä"] {
        let said = problems(&edited("", &format!("[app.login]\nassets = [\"{path}\"]"))).concat();
        assert!(
            said.contains("it would match no request we let pass"),
            "{path}: {said}"
        );
    }
    hold(&[(
        "",
        "[app.login]\nlogin_pages = [\"/login\", \"/pages/*\"]",
        "line 18: app[0].login.login_pages[1]: found \"/pages/*\"; allowed: one path such as \
         \"/login\"; exactly one path is wanted here",
    )]);
}

#[test]
fn a_login_path_is_not_open() {
    hold(&[
        (
            "",
            "[app.login]\nopen_pages = [\"/login\"]",
            "line 18: app[0].login.open_pages: found \"/login\", which takes passwords; allowed: \
             paths that take none; the login page itself belongs into login_pages",
        ),
        (
            "",
            "[app.login]\nassets = [\"/auth/*\"]\nlogin_page = \"/auth/in\"\n[[app.login.form]]\n\
             path = \"/auth/in\"\nuser = \"u\"\nsecrets = [\"p\"]",
            "line 18: app[0].login.assets: found \"/auth/\", which takes passwords; allowed: paths \
             that take none; the login page itself belongs into login_pages",
        ),
    ]);
}

#[test]
fn the_login_page_can_be_seen_and_recognised() {
    hold(&[
        (
            "",
            "[app.login]\nlogin_pages = [\"/other\"]",
            "line 18: app[0].login.login_pages: found a list without it; allowed: a list with the \
             login page /login; otherwise the redirect to the login page leads to itself",
        ),
        (
            "",
            "[app.login]\nlogin_page = \"https://sso.test/\"",
            "line 18: app[0].login.login_page: found \"https://sso.test/\"; allowed: a path on the \
             app's own host such as \"/login\" or \"/doku.php?do=login\"",
        ),
    ]);
    hold_own(&[(
        "login_marker = \"<form id=in>\"",
        "form_in_place = true",
        "line 16: app[0].login.login_marker: found nothing; allowed: text that stands in every \
         login form of the app and on no other page; form_in_place shows nothing else of a \
         protected page",
    )]);
    let warnings = settings(&own("login_marker = \"<form id=in>\"\n", "")).warnings;
    assert!(
        warnings[0]
            .to_string()
            .contains("an error text that the app keeps in its session")
    );
}

#[test]
fn forms() {
    let allowed = "allowed: \"/login\", \"*/j_security_check\" below any folder, or \"*\" for any";
    for path in ["*/", "**", "/a/*/b"] {
        let said = format!("line 20: app[0].login.form[0].path: found \"{path}\"; {allowed}");
        assert_eq!(
            problems(&own("path = \"/in\"", &format!("path = \"{path}\""))),
            [said]
        );
    }
    hold_own(&[
        (
            "path = \"/in\"",
            "path = \"*\"",
            "line 19: app[0].login.form[0]: found a login on any path; allowed: only_if beside \
             path = \"*\"; every form of the app would be taken for a login",
        ),
        (
            "path = \"/in\"",
            "path = \"/in\"\nonly_if = { field = \"do\" }",
            "line 21: app[0].login.form[0].only_if: found half a condition; allowed: { field = \
             \"do\", value = \"login\" }",
        ),
        (
            "secrets = [\"p\"]",
            "secrets = [\"p\"]\nstrip = [\"p\"]",
            "line 19: app[0].login.form[0]: found one field in two roles; allowed: user, secrets \
             and strip without common fields",
        ),
    ]);
}

#[test]
fn cookies_that_log_in_are_never_plain() {
    hold(&[
        (
            "",
            "[app.login.cookies]\nplain = [\"WBSESSION\"]",
            "line 18: app[0].login.cookies.plain: found \"WBSESSION\", which overlaps login \
             (\"WBSESSION\"); allowed: cookies that log nobody in; a plain cookie reaches the \
             browser before the second factor",
        ),
        (
            "",
            "[app.login.cookies]\nplain = [\"wbs*\"]",
            "line 18: app[0].login.cookies.plain: found \"wbs*\", which overlaps login \
             (\"WBSESSION\"); allowed: cookies that log nobody in; a plain cookie reaches the \
             browser before the second factor",
        ),
        (
            "",
            "[app.login.cookies]\nplain = [\"*\"]",
            "line 18: app[0].login.cookies.plain[0]: found \"*\"; allowed: a cookie name such as \
             \"PHPSESSID\", or \"DW*\" for all that begin so",
        ),
        (
            "",
            "[app.login.cookies]\nplain = [\"__Host-*\"]",
            "line 17: app[0].login.cookies: found \"__Host-*\"; allowed: cookies of the app, not \
             ours",
        ),
    ]);
    warned(&[(
        "",
        "[app.login.cookies]\nplain = [\"PHPSESSID\"]",
        "line 18: app[0].login.cookies.plain: found \"PHPSESSID\", which covers phpsessid; \
         allowed: sealed: not listed at all; if it carries the login, the second factor is worth \
         nothing",
    )]);
}

#[test]
fn bind_needs_the_written_word_that_nobody_gets_round_us() {
    let bind = "[app.login.cookies]\nbind = [\"OpenEMR\"]";
    let said = problems(&edited("", bind));
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains("upstream_reachable_only_through_us = true"),
        "{}",
        said[0]
    );
    let word = "preset = \"demo\"\nupstream_reachable_only_through_us = true";
    let text = format!("{}{bind}\n", edited("preset = \"demo\"", word));
    assert_eq!(settings(&text).apps[0].profile.cookies.bind.len(), 1);
}

#[test]
fn a_logout_is_known_by_its_answer() {
    hold(&[
        (
            "",
            "[[app.login.logout]]\npath = \"/logout\"",
            "line 17: app[0].login.logout[0]: found no answer to look at; allowed: either status \
             or location of the answer, or path_alone = true; many apps only ask \"really?\" \
             there, so the answer must say that it happened",
        ),
        (
            "",
            "[[app.login.logout]]\npath = \"/*\"\nstatus = [302]",
            "line 17: app[0].login.logout[0]: found every request as logout; allowed: a path, or a \
             query beside \"/*\"",
        ),
        (
            "",
            "[[app.login.poll]]\npath = \"/*\"",
            "line 17: app[0].login.poll[0]: found every request; allowed: a path, or a query; if \
             nothing counts as activity, everybody is locked out while at work",
        ),
    ]);
}

#[test]
fn methods_headers_and_ids_in_addresses() {
    hold(&[
        (
            "",
            "[app.login]\nmethods = [\"TRACE\"]",
            "line 18: app[0].login.methods[0]: found \"TRACE\"; allowed: further methods such as \
             [\"PUT\", \"DELETE\"]; never passed",
        ),
        (
            "",
            "[app.login]\nmethods = [\"put\"]",
            "line 18: app[0].login.methods[0]: found \"put\"; allowed: further methods such as \
             [\"PUT\", \"DELETE\"]; in capitals, one word each",
        ),
        (
            "",
            "[app.login]\nallowed_headers = [\"X-Forwarded-User\"]",
            "line 18: app[0].login.allowed_headers[0]: found \"X-Forwarded-User\"; allowed: a \
             header the app needs from the browser, such as \"authorization\"",
        ),
        (
            "",
            "[app.login.url_ids]\ncut = [\";jsessionid\"]",
            "line 18: app[0].login.url_ids.cut[0]: found \";jsessionid\"; allowed: a parameter \
             name such as \"jsessionid\"",
        ),
    ]);
}
