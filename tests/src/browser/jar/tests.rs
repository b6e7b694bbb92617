//! The rules of the jar, one by one.
//! Never needs a network; the jar is in `browser::jar`.

use std::time::Duration;

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn typed(url: &Url) -> Use<'_> {
    Use {
        url,
        initiator: None,
        top_level: true,
        method: "GET",
    }
}

fn jar(at: &str, lines: &[&str]) -> (Jar, Vec<bool>) {
    let mut jar = Jar::new(TestClock::new());
    let at = url(at);
    let taken = lines.iter().map(|line| jar.set(line, typed(&at))).collect();
    (jar, taken)
}

fn sent(jar: &Jar, to: &str) -> String {
    jar.pairs(typed(&url(to))).join("; ")
}

#[test]
fn a_host_cookie_needs_secure_the_root_path_and_no_domain() {
    let (jar, taken) = jar(
        "https://emr.test/x/",
        &[
            "__Host-a=1; Secure; Path=/",
            "__Host-b=1; Secure",
            "__host-c=1; Path=/",
            "__Host-d=1; Secure; Path=/; Domain=emr.test",
            "=__Host-e=1; Secure; Path=/",
            "__Secure-f=1",
        ],
    );
    assert_eq!(taken, [true, false, false, false, false, false]);
    assert_eq!(sent(&jar, "https://emr.test/"), "__Host-a=1");
    assert_eq!(sent(&jar, "https://sub.emr.test/"), "");
}

#[test]
fn paths_and_domains_limit_where_a_cookie_goes() {
    let (jar, _) = jar(
        "https://app.clinic.test/examples/jsp/index.jsp",
        &[
            "S=1; Path=/examples",
            "D=2; Domain=.clinic.test; Path=/",
            "default=3",
            "T=4; Domain=test",
        ],
    );
    assert_eq!(
        sent(&jar, "https://app.clinic.test/examples/jsp/x"),
        "default=3; S=1; D=2"
    );
    assert_eq!(sent(&jar, "https://app.clinic.test/examplesx"), "D=2");
    assert_eq!(sent(&jar, "https://other.clinic.test/examples"), "D=2");
    assert_eq!(sent(&jar, "https://clinic.test/"), "D=2");
    assert_eq!(sent(&jar, "https://evilclinic.test/"), "");
}

#[test]
fn time_and_deletion_take_cookies_away() {
    let clock = TestClock::new();
    let mut jar = Jar::new(clock.clone());
    let at = url("https://emr.test/");
    jar.set("short=1; Max-Age=60", typed(&at));
    jar.set("long=1; Max-Age=3600", typed(&at));
    jar.set("session=1", typed(&at));
    clock.advance(Duration::from_secs(60));
    assert_eq!(sent(&jar, "https://emr.test/"), "long=1; session=1");
    jar.set(
        "long=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0",
        typed(&at),
    );
    assert_eq!(sent(&jar, "https://emr.test/"), "session=1");
    jar.end_session();
    assert!(jar.all().is_empty());
}

#[test]
fn samesite_decides_what_another_site_can_make_us_send() {
    let (mut jar, _) = jar(
        "https://emr.test/",
        &[
            "strict=1; SameSite=Strict",
            "lax=1; SameSite=Lax",
            "unset=1",
            "none=1; SameSite=None; Secure",
        ],
    );
    let (here, evil) = (url("https://emr.test/"), url("https://evil.test/"));
    let from = |initiator, top_level, method| Use {
        url: &here,
        initiator,
        top_level,
        method,
    };
    let names = |at| jar.pairs(at).join(" ");
    assert_eq!(
        names(from(Some(&evil), true, "GET")),
        "lax=1 unset=1 none=1"
    );
    assert_eq!(names(from(Some(&evil), true, "POST")), "none=1");
    assert_eq!(names(from(Some(&evil), false, "GET")), "none=1");
    assert_eq!(
        names(from(Some(&here), false, "POST")),
        "strict=1 lax=1 unset=1 none=1"
    );
    assert_eq!(
        names(from(None, true, "GET")),
        "strict=1 lax=1 unset=1 none=1"
    );
    // A frame of ours on their page cannot set what it would not be sent, a navigation can.
    assert!(!jar.set("new=1; SameSite=Lax", from(Some(&evil), false, "GET")));
    assert!(jar.set("new=1; SameSite=Lax", from(Some(&evil), true, "GET")));
}

#[test]
fn plain_http_can_neither_set_nor_read_nor_hide_secure_cookies() {
    let (mut jar, _) = jar("https://emr.test/", &["S=good; Secure; Path=/"]);
    let plain = url("http://emr.test/");
    assert!(!jar.set("S=evil; Path=/", typed(&plain)));
    assert!(!jar.set("T=1; Secure", typed(&plain)));
    assert!(jar.set("U=1", typed(&plain)));
    assert_eq!(sent(&jar, "http://emr.test/"), "U=1");
    assert_eq!(sent(&jar, "https://emr.test/"), "S=good; U=1");
}

#[test]
fn a_script_sees_and_writes_only_what_is_not_httponly() {
    let (mut jar, _) = jar("https://emr.test/", &["H=1; HttpOnly", "J=1"]);
    let page = url("https://emr.test/");
    assert_eq!(jar.seen_by_script(&page), "J=1");
    assert!(!jar.set_by_script("H=2", &page));
    assert!(!jar.set_by_script("N=2; HttpOnly", &page));
    assert!(jar.set_by_script("J=2", &page));
    assert_eq!(sent(&jar, "https://emr.test/"), "H=1; J=2");
}

#[test]
fn too_many_cookies_push_the_oldest_out() {
    let mut jar = Jar::new(TestClock::new());
    let at = url("https://emr.test/");
    jar.set("__Host-first=1; Secure; Path=/; HttpOnly", typed(&at));
    for n in 0..PER_SITE {
        jar.set_by_script(&format!("flood{n}=x; Secure"), &at);
    }
    assert_eq!(jar.find("__Host-first"), None);
    assert_eq!(jar.all().len(), PER_SITE);
}
