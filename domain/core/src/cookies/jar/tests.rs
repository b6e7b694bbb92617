//! The jar against what real apps set: paths, replacements, deletions, and its own encoding.

use proptest::prelude::*;

use super::*;
use crate::cookies::parse_set_cookie;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn cookies(headers: &[&str]) -> Vec<SetCookie> {
    headers
        .iter()
        .map(|header| parse_set_cookie(header.as_bytes()).unwrap())
        .collect()
}

fn jar(request_path: &str, headers: &[&str]) -> Jar {
    let mut jar = Jar::default();
    for cookie in cookies(headers) {
        jar.set(cookie, request_path, NOW);
    }
    jar
}

fn line(jar: &Jar, path: &str) -> Option<String> {
    jar.header_for(path, NOW)
        .map(|line| String::from_utf8(line).unwrap())
}

fn gone(before: &Jar, path: &str, headers: &[&str]) -> Vec<String> {
    let names = net_deletions(before, &cookies(headers), path, NOW);
    names
        .into_iter()
        .map(|name| String::from_utf8(name).unwrap())
        .collect()
}

#[test]
fn cookies_go_back_to_their_paths_longest_first_then_oldest() {
    let jar = jar(
        "/examples/j_security_check",
        &[
            "a=1; Path=/",
            "JSESSIONID=x; Path=/examples",
            "b=\"2\"; Path=/",
            "c=3",
        ],
    );
    assert_eq!(
        line(&jar, "/examples/x").as_deref(),
        Some("JSESSIONID=x; c=3; a=1; b=\"2\"")
    );
    assert_eq!(line(&jar, "/other").as_deref(), Some("a=1; b=\"2\""));
    assert_eq!(line(&Jar::default(), "/"), None);
}

#[test]
fn a_replaced_cookie_keeps_its_place_and_another_path_is_another_cookie() {
    let jar = jar("/", &["a=1", "b=2", "a=3", "a=4; Path=/x"]);
    assert_eq!(line(&jar, "/").as_deref(), Some("a=3; b=2"));
    assert_eq!(line(&jar, "/x").as_deref(), Some("a=4; a=3; b=2"));
}

#[test]
fn deletion_takes_out_only_its_own_path_and_time_does_the_rest() {
    let mut jar = jar(
        "/",
        &["a=1", "a=2; Path=/x", "b=3; Max-Age=60", "=nameless"],
    );
    jar.set(cookies(&["a=; Max-Age=0"]).remove(0), "/", NOW);
    assert_eq!(line(&jar, "/x").as_deref(), Some("a=2; b=3; nameless"));
    let later = NOW.plus(std::time::Duration::from_secs(60));
    assert_eq!(
        jar.header_for("/x", later).as_deref(),
        Some(&b"a=2; nameless"[..])
    );
}

#[test]
fn a_cookie_from_the_browser_is_replaced_by_the_upstreams() {
    let mut jar = Jar::default();
    jar.put(JarCookie::sent(b"PHPSESSID", b"anonymous", "/"));
    jar.set(
        cookies(&["PHPSESSID=fresh; path=/; HttpOnly"]).remove(0),
        "/login.php",
        NOW,
    );
    assert_eq!(line(&jar, "/").as_deref(), Some("PHPSESSID=fresh"));
    assert!(jar.entries()[0].http_only);
}

#[test]
fn only_the_net_effect_of_an_answer_is_a_deletion() {
    let before = jar(
        "/",
        &["roundcube_sessauth=old", "DW1=x; Path=/wiki/", "keep=1"],
    );
    // Roundcube: deleted and set again in the answer to a successful login.
    let again = [
        "roundcube_sessauth=-del-; Max-Age=0",
        "roundcube_sessauth=new",
    ];
    assert!(gone(&before, "/", &again).is_empty());
    let away = [
        "roundcube_sessauth=new",
        "roundcube_sessauth=-del-; Max-Age=0",
    ];
    assert_eq!(gone(&before, "/", &away), ["roundcube_sessauth"]);
    // DokuWiki deletes a cookie on every anonymous page that may not be there at all.
    assert!(gone(&before, "/", &["DW2=deleted; Max-Age=0; Path=/wiki/"]).is_empty());
    assert!(
        gone(&before, "/", &["DW1=deleted; Max-Age=0; Path=/"]).is_empty(),
        "another path"
    );
    assert_eq!(
        gone(&before, "/", &["DW1=deleted; Max-Age=0; Path=/wiki/"]),
        ["DW1"]
    );
}

#[test]
fn the_jar_is_bounded_and_drops_the_oldest() {
    let mut jar = Jar::default();
    for n in 0..500 {
        jar.put(JarCookie::sent(format!("c{n}").as_bytes(), b"", "/"));
    }
    assert_eq!(jar.entries().len(), 180);
    assert!(!jar.has(b"c319") && jar.has(b"c320") && jar.has(b"c499"));
}

#[test]
fn a_jar_tells_a_log_no_value() {
    assert!(!format!("{:?}", jar("/", &["sid=topsecret"])).contains("topsecret"));
}

fn any_cookie() -> impl Strategy<Value = JarCookie> {
    let same_site = prop_oneof![
        Just(None),
        Just(Some(SameSite::Strict)),
        Just(Some(SameSite::Lax)),
        Just(Some(SameSite::None)),
    ];
    let bytes = || any::<Vec<u8>>();
    let text = || any::<String>();
    let flags = any::<(bool, bool, bool)>();
    (
        bytes(),
        bytes(),
        text(),
        any::<Option<String>>(),
        any::<Option<i64>>(),
        flags,
        same_site,
    )
        .prop_map(
            |(name, value, path, domain, end, (secure, http_only, partitioned), same_site)| {
                JarCookie {
                    name,
                    value,
                    path,
                    domain,
                    expires_at: end.map(Timestamp::from_millis),
                    secure,
                    http_only,
                    same_site,
                    partitioned,
                }
            },
        )
}

proptest! {
    #[test]
    fn a_jar_survives_its_encoding(cookies in proptest::collection::vec(any_cookie(), 0..8)) {
        let mut jar = Jar::default();
        cookies.into_iter().for_each(|cookie| jar.put(cookie));
        let bytes = jar.to_bytes();
        prop_assert!(Jar::from_bytes(&bytes).as_ref() == Some(&jar));
        for cut in 1..bytes.len() {
            // A cut jar is refused, or ends exactly after a whole cookie.
            if let Some(part) = Jar::from_bytes(&bytes[..cut]) {
                prop_assert!(jar.entries().starts_with(part.entries()));
                prop_assert_eq!(part.to_bytes(), &bytes[..cut]);
            }
        }
    }

    #[test]
    fn no_bytes_make_a_jar_panic(bytes in any::<Vec<u8>>(), path in any::<String>()) {
        let mut versioned = vec![1];
        versioned.extend_from_slice(&bytes);
        let _ = Jar::from_bytes(&bytes);
        if let Some(jar) = Jar::from_bytes(&versioned) {
            let _ = jar.header_for(&path, NOW);
        }
    }
}
