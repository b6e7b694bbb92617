//! Attacks A02 to A06 and A13 against an application as they come: each listed path is a login, is
//! refused or is protected, and never open.
//!
//! What the edge refuses before (`path::canonical`) is told apart from what is refused here.

mod spellings;

use super::*;
use crate::facts::{Site, Use};
use crate::path::canonical;
use crate::profile::{FormFields, LoginRule, LogoutRule, UrlIds};

fn form(path: LoginPath) -> LoginRule {
    let credential = Credential::Form(FormFields {
        user: "username".into(),
        secrets: vec!["password".into(), "pin".into()],
        tenant: vec![],
        discriminator: None,
        strip: vec![],
    });
    LoginRule { path, credential }
}

fn exact(path: &str) -> PathRule {
    PathRule::Exact(path.into())
}

fn under(path: &str) -> PathRule {
    PathRule::Under(path.into())
}

fn logout(path: PathRule) -> LogoutRule {
    LogoutRule {
        path,
        query: None,
        post_only: false,
        status: vec![302],
        location: None,
    }
}

/// A PHP application beside a servlet container, as attacks A02 to A06 have it.
fn clinic() -> LoginProfile {
    LoginProfile {
        logins: vec![
            form(LoginPath::Exact("/login.php".into())),
            form(LoginPath::Exact("/login.php/step".into())),
            form(LoginPath::Suffix("/j_security_check".into())),
        ],
        login_page: "/login.php".into(),
        login_pages: vec![exact("/login.php")],
        pages: vec![exact("/"), exact("/about.php")],
        assets: vec![under("/static/"), exact("/favicon.ico")],
        denied: vec![exact("/xmlrpc.php"), under("/soap/")],
        logouts: vec![
            logout(exact("/logout.php")),
            LogoutRule {
                query: Some("do=logout".into()),
                ..logout(under("/"))
            },
            LogoutRule {
                post_only: true,
                ..logout(exact("/session/end"))
            },
        ],
        url_ids: UrlIds {
            cut: vec!["jsessionid".into()],
            refuse: vec!["PHPSESSID".into(), "CFTOKEN".into()],
        },
        ..LoginProfile::default()
    }
}

/// The same, taking logins on every page.
fn wiki() -> LoginProfile {
    let mut profile = clinic();
    profile.logins.push(form(LoginPath::Any));
    profile
}

fn facts(method: Method, target: &str) -> RequestFacts<'_> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    RequestFacts {
        method,
        path,
        query,
        usage: Use::Document,
        site: Site::SameOrigin,
    }
}

fn get(target: &str) -> RouteClass {
    classify(&clinic(), &facts(Method::Get, target), false)
}

fn post(target: &str) -> RouteClass {
    classify(&clinic(), &facts(Method::Post, target), true)
}

fn readable(target: &str) -> bool {
    canonical(target.split('?').next().unwrap_or_default()).is_ok()
}

const AMBIGUOUS: RouteClass = RouteClass::Refused(RouteRefusal::Ambiguous);
const DENIED: RouteClass = RouteClass::Refused(RouteRefusal::Denied);
const PASSWORD: RouteClass = RouteClass::Refused(RouteRefusal::CredentialInQuery);
const SESSION: RouteClass = RouteClass::Refused(RouteRefusal::SessionInQuery);

#[test]
fn every_path_is_what_the_profile_says() {
    for (target, reading, writing) in [
        ("/login.php", RouteClass::LoginPage, RouteClass::Login(0)),
        (
            "/login.php?error=1",
            RouteClass::LoginPage,
            RouteClass::Login(0),
        ),
        ("/", RouteClass::Page, RouteClass::Protected),
        ("/about.php", RouteClass::Page, RouteClass::Protected),
        ("/static/a.css", RouteClass::Asset, RouteClass::Protected),
        (
            "/static/A%20b.css",
            RouteClass::Asset,
            RouteClass::Protected,
        ),
        ("/favicon.ico", RouteClass::Asset, RouteClass::Protected),
        ("/static", RouteClass::Protected, RouteClass::Protected),
        ("/chart.php", RouteClass::Protected, RouteClass::Protected),
        ("/xmlrpc.php", DENIED, DENIED),
        ("/soap/v1", DENIED, DENIED),
        (
            "/.anteroom/challenge",
            RouteClass::Portal,
            RouteClass::Portal,
        ),
        ("/.anteroom", RouteClass::Portal, RouteClass::Portal),
        ("/logout.php", RouteClass::Logout(0), RouteClass::Logout(0)),
    ] {
        assert_eq!(get(target), reading, "GET {target}");
        assert_eq!(post(target), writing, "POST {target}");
        let head = classify(&clinic(), &facts(Method::Head, target), false);
        assert_eq!(head, reading, "HEAD {target}");
    }
}

#[test]
fn a_login_posted_to_an_alias_is_observed_or_refused() {
    // Attack A03, as listed and more. The first eleven never get past the edge.
    for (target, edge, wanted) in [
        ("//login.php", false, AMBIGUOUS),
        ("/./login.php", false, AMBIGUOUS),
        ("/a/../login.php", false, AMBIGUOUS),
        ("/%6cogin.php", false, AMBIGUOUS),
        ("/login%2Ephp", false, AMBIGUOUS),
        ("/login.php;x=1", false, AMBIGUOUS),
        ("/login.php%00", false, AMBIGUOUS),
        ("/x//login.php/../../login.php", false, AMBIGUOUS),
        ("/login.php%3bx", false, AMBIGUOUS),
        ("\\login.php", false, AMBIGUOUS),
        ("/login.php%2f", false, AMBIGUOUS),
        ("/login.php/", true, AMBIGUOUS),
        ("/login.php/x/y.css", true, AMBIGUOUS),
        ("/login.php%20", true, AMBIGUOUS),
        ("/LOGIN.PHP", true, AMBIGUOUS),
        ("/Login.php", true, AMBIGUOUS),
        ("/login.php.", true, AMBIGUOUS),
        ("/login.php?", true, RouteClass::Login(0)),
        // Whatever the app makes of these, the profile does not list them: default deny.
        ("/index.php/login", true, RouteClass::Protected),
        ("/?r=login", true, RouteClass::Protected),
    ] {
        assert_eq!(readable(target), edge, "{target} at the edge");
        assert_eq!(post(target), wanted, "{target}");
    }
}

#[test]
fn an_exact_rule_comes_before_the_loose_reading_of_another() {
    assert_eq!(post("/login.php/step"), RouteClass::Login(1));
    assert_eq!(post("/login.php/steps"), AMBIGUOUS);
    assert_eq!(post("/login.php/STEP"), AMBIGUOUS);
}

#[test]
fn a_suffix_is_met_below_every_folder_and_in_every_spelling() {
    for target in ["/j_security_check", "/a/b/j_security_check"] {
        assert_eq!(post(target), RouteClass::Login(2), "{target}");
    }
    for target in [
        "/a/J_Security_Check",
        "/a/j_security_check/",
        "/a/j_security_check/x.css",
        "/a/j_security_check%20",
        "/a/j_security_check.",
    ] {
        assert!(readable(target), "{target}");
        assert_eq!(post(target), AMBIGUOUS, "{target}");
    }
    for target in ["/a/j_security_checks", "/a/xj_security_check"] {
        assert_eq!(post(target), RouteClass::Protected, "{target}");
    }
    assert_eq!(get("/a/j_security_check"), RouteClass::Protected);
}

#[test]
fn any_method_with_a_body_may_carry_a_login() {
    for method in [Method::Post, Method::Other] {
        let class = |target| classify(&clinic(), &facts(method, target), false);
        assert_eq!(class("/login.php"), RouteClass::Login(0));
        assert_eq!(class("/LOGIN.php"), AMBIGUOUS);
        assert_eq!(class("/static/a.css"), RouteClass::Protected);
    }
}

#[test]
fn an_app_that_takes_logins_anywhere_has_every_form_read() {
    let class = |target, form| classify(&wiki(), &facts(Method::Post, target), form);
    for target in ["/chart.php", "/static/a.css", "/about.php", "/logout.php"] {
        assert_eq!(class(target, true), RouteClass::MaybeLogin, "{target}");
    }
    assert_eq!(class("/login.php", true), RouteClass::Login(0));
    assert_eq!(class("/LOGIN.php", true), AMBIGUOUS);
    assert_eq!(class("/xmlrpc.php", true), DENIED);
    assert_eq!(class("/chart.php", false), RouteClass::Protected);
    assert_eq!(class("/logout.php", false), RouteClass::Logout(0));
    let reading = classify(&wiki(), &facts(Method::Get, "/chart.php"), true);
    assert_eq!(reading, RouteClass::Protected);
}

#[test]
fn no_detour_through_an_open_folder_is_open() {
    // Attack A04. The edge refuses all but two of them; none is open even without it.
    for (target, edge) in [
        ("/static/../chart.php", false),
        ("/static/%2e%2e/chart.php", false),
        ("/static/..%2fchart.php", false),
        ("/static/.%2e/chart.php", false),
        ("/static/..;/chart.php", false),
        ("/static\\..\\chart.php", false),
        ("/static/%252e%252e/chart.php", false),
        ("/static//../chart.php", false),
        ("/static/..%5cchart.php", false),
        ("/static/..%20/chart.php", true),
        ("/static/..%C2%A0/chart.php", true),
        ("/static/.. /chart.php", false),
    ] {
        assert_eq!(readable(target), edge, "{target} at the edge");
        assert_eq!(get(target), RouteClass::Protected, "{target}");
    }
}

#[test]
fn no_file_ending_opens_a_page() {
    // Attack A05.
    for target in [
        "/chart.php/x.css?pid=1001",
        "/chart.php;x.css",
        "/chart.php%3bx.css",
        "/chart.php%0a.css",
        "/chart.php%00.css",
        "/chart.php?pid=1001&f=.css",
        "/chart.php%23.css",
        "/STATIC/a.css",
        "/staticx/a.css",
        "/x/static/a.css",
        "/favicon.ico/chart.php",
        "/about.php/chart",
    ] {
        assert_eq!(get(target), RouteClass::Protected, "{target}");
    }
}

#[test]
fn our_namespace_has_one_spelling_and_the_rest_is_refused() {
    // Attack A06.
    for target in [
        "/.anteroom/../chart.php",
        "/.anteroom/..%2fchart.php",
        "//.anteroom/challenge",
        "/.anteroom;/x",
        "/.anteroom%2f..%2fchart.php",
    ] {
        assert!(!readable(target), "{target}");
    }
    for target in [
        "/.ANTEROOM/x",
        "/.Anteroom",
        "/.anteroom%20/x",
        "/.anteroom./x",
        "/..%20/.anteroom/x",
    ] {
        assert!(readable(target), "{target}");
        assert_eq!(get(target), AMBIGUOUS, "{target}");
        assert_eq!(post(target), AMBIGUOUS, "{target}");
    }
    for target in ["/.anteroom/login", "/.anteroom/static/a.css"] {
        assert_eq!(get(target), RouteClass::Portal, "{target}");
    }
    for target in ["/.anteroomx", "/anteroom/x", "/x/.anteroom/x"] {
        assert_eq!(get(target), RouteClass::Protected, "{target}");
    }
}

#[test]
fn second_doors_are_shut_under_every_spelling() {
    for target in [
        "/xmlrpc.php/x",
        "/XMLRPC.php",
        "/xmlrpc.php.",
        "/soap",
        "/soap/",
        "/Soap/v1/login",
    ] {
        assert_eq!(get(target), DENIED, "{target}");
        assert_eq!(post(target), DENIED, "{target}");
    }
    for target in ["/xmlrpc.phpx", "/soapbox", "/x/soap/v1"] {
        assert_eq!(get(target), RouteClass::Protected, "{target}");
    }
}

#[test]
fn credentials_and_session_ids_in_a_query_are_refused_on_every_path() {
    // Attacks A02 and B10.
    for (query, wanted) in [
        ("password=x", PASSWORD),
        ("username=a&password=x", PASSWORD),
        ("a=1;Password=x", PASSWORD),
        ("pass%77ord=x", PASSWORD),
        ("password%5B0%5D=x", PASSWORD),
        ("PIN", PASSWORD),
        ("PHPSESSID=S", SESSION),
        ("phpsessid=S", SESSION),
        ("CFID=1&CFTOKEN=S", SESSION),
        ("a=1&PHPSESSID[]=S", SESSION),
    ] {
        for path in ["/chart.php", "/static/a.css", "/login.php", "/logout.php"] {
            let target = format!("{path}?{query}");
            assert_eq!(get(&target), wanted, "GET {target}");
            assert_eq!(post(&target), wanted, "POST {target}");
        }
        assert_eq!(get(&format!("/xmlrpc.php?{query}")), DENIED);
    }
    for target in ["/chart.jsp;jsessionid=S", "/(S(S))/chart.aspx"] {
        assert!(!readable(target), "{target}");
        assert_eq!(get(target), RouteClass::Protected, "{target}");
    }
    for query in ["username=a", "q=password", "passwords=1", "sid=PHPSESSID"] {
        let target = format!("/chart.php?{query}");
        assert_eq!(get(&target), RouteClass::Protected, "{target}");
    }
}

#[test]
fn a_logout_is_seen_under_every_spelling_of_its_path_and_query() {
    for (target, rule) in [
        ("/logout.php", 0),
        ("/logout.php/", 0),
        ("/logout.php/x", 0),
        ("/LOGOUT.php", 0),
        ("/any/page?do=logout", 1),
        ("/?a=1&do=logout&sectok=2", 1),
        ("/static/a.css?do=logout", 1),
        ("/x?do=%6Cogout", 1),
        ("/x?do=Logout", 1),
    ] {
        assert_eq!(get(target), RouteClass::Logout(rule), "{target}");
    }
    for target in ["/logout.phpx", "/x?do=login", "/do=logout", "/x?do"] {
        assert_eq!(get(target), RouteClass::Protected, "{target}");
    }
    assert_eq!(post("/session/end"), RouteClass::Logout(2));
    assert_eq!(get("/session/end"), RouteClass::Protected);
}

#[test]
fn a_rule_for_every_path_has_every_path() {
    for path in ["/", "/a", "/A/b.", "/.x/"] {
        assert!(watches(&under("/"), path), "{path}");
    }
    assert!(watches(&exact("/"), "/") && !watches(&exact("/"), "/a"));
    for path in ["/admin", "/Admin/users", "/admin/users", "/admin./x"] {
        assert!(watches(&under("/admin/"), path), "{path}");
    }
    assert!(!watches(&under("/admin/"), "/administration"));
}
