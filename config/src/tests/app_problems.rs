//! Mistakes in an application: names, hosts, servers, whom to turn to.
//!
//! Second factors have their own table in `policy_problems`, login profiles in `login_problems`;
//! `hold` and the good file stand in the parent.

use super::*;
use crate::settings::{Upstream, UpstreamHost};

#[test]
fn names_are_short_and_each_is_used_once() {
    hold(&[
        (
            "name = \"emr\"",
            "",
            "line 10: app[0].name: found nothing; allowed: a short name such as \"emr\"",
        ),
        (
            "name = \"emr\"",
            "name = \"Ward EMR\"",
            "line 11: app[0].name: found \"Ward EMR\"; allowed: 1 to 40 letters a-z, digits and -",
        ),
        (
            "name = \"emr\"",
            "name = \"emr\"\ndisplay_name = \"\"",
            "line 12: app[0].display_name: found \"\"; allowed: 1 to 60 characters on one line",
        ),
        (
            "",
            "[[app]]\nname = \"emr\"\nhosts = [\"x.test\"]\nupstreams = [\"http://a\"]\n\
             preset = \"demo\"\ncontact = { phone = \"1\" }",
            "line 18: app[1].name: found \"emr\"; allowed: a name of its own; app[0].name has this \
             one",
        ),
        (
            "name = \"emr\"",
            "name = \"emr\"\nlanguage = \"de\"",
            "line 12: app[0].language: found \"de\"; allowed: en, fr, es",
        ),
    ]);
}

#[test]
fn hosts_are_plain_names_and_each_is_used_once() {
    let allowed = "allowed: a host name such as \"emr.clinic.test\", or an address";
    for (host, hint) in [
        ("https://emr.test", "without scheme and path"),
        ("emr.test/app", "without scheme and path"),
        (
            "emr.test:8443",
            "without a port: the port belongs to the listener",
        ),
        (
            "*.test",
            "each host by its name: a wildcard would serve names that nobody checked",
        ),
        ("emr.test.", "without the final dot"),
        ("praxis-müller.test", "in its ASCII form (xn--…)"),
        ("emr..test", "letters, digits and - between dots"),
        ("-emr.test", "letters, digits and - between dots"),
        ("", "letters, digits and - between dots"),
        ("[127.0.0.1]", "letters, digits and - between dots"),
    ] {
        let text = edited("hosts = [\"emr.test\"]", &format!("hosts = [\"{host}\"]"));
        let said = format!("line 12: app[0].hosts[0]: found {host:?}; {allowed}; {hint}");
        assert_eq!(problems(&text), [said]);
    }
    hold(&[
        (
            "hosts = [\"emr.test\"]",
            "hosts = []",
            "line 12: app[0].hosts: found nothing; allowed: the names browsers use, such as \
             [\"emr.clinic.test\"]",
        ),
        (
            "hosts = [\"emr.test\"]",
            "hosts = [\"emr.test\", \"EMR.test\"]",
            "line 12: app[0].hosts[1]: found \"EMR.test\"; allowed: each host once; \
             app[0].hosts[0] has it too",
        ),
        (
            "",
            "[[app]]\nname = \"two\"\nhosts = [\"emr.test\"]\nupstreams = [\"http://a\"]\n\
             preset = \"demo\"\ncontact = { phone = \"1\" }",
            "line 19: app[1].hosts[0]: found \"emr.test\"; allowed: each host once; \
             app[0].hosts[0] has it too",
        ),
    ]);
}

#[test]
fn servers_are_urls_without_path_or_credentials() {
    let allowed = "allowed: http:// or https:// with host and port, such as \
        \"http://10.20.0.5:8080\"";
    for (url, found, hint) in [
        (
            "10.0.0.5:8080",
            "\"10.0.0.5:8080\"",
            "the scheme says whether TLS is spoken",
        ),
        (
            "ftp://a",
            "\"ftp://a\"",
            "the scheme says whether TLS is spoken",
        ),
        (
            "http://a/emr",
            "\"http://a/emr\"",
            "without a path: paths are passed on as they are",
        ),
        (
            "http://me:pw@a",
            "a URL with credentials",
            "without user name and password",
        ),
        ("http://a:0", "\"http://a:0\"", "a port is 1 to 65535"),
        ("http://a:http", "\"http://a:http\"", "a port is 1 to 65535"),
        (
            "http://",
            "\"http://\"",
            "letters, digits and - between dots",
        ),
    ] {
        let by = format!("upstreams = [\"{url}\"]");
        let text = edited("upstreams = [\"http://10.0.0.5:8080\"]", &by);
        let said = format!("line 13: app[0].upstreams[0]: found {found}; {allowed}; {hint}");
        assert_eq!(problems(&text), [said]);
    }
    hold(&[
        (
            "upstreams = [\"http://10.0.0.5:8080\"]",
            "",
            "line 10: app[0].upstreams: found nothing; allowed: the app's servers, such as \
             [\"http://10.20.0.5:8080\"]",
        ),
        (
            "upstreams = [\"http://10.0.0.5:8080\"]",
            "upstreams = [\"https://a\", \"http://b\"]",
            "line 13: app[0].upstreams[1]: found \"http://b\"; allowed: one scheme for all servers \
             of an app; what one server gets encrypted, the next must not get in the clear",
        ),
        (
            "",
            "[app.upstream_tls]\nserver_name = \"emr\"",
            "line 17: app[0].upstream_tls: found http:// upstreams; allowed: [app.upstream_tls] \
             only with https:// upstreams",
        ),
        (
            "preset = \"demo\"",
            "preset = \"demo\"\nupstream_host = \"http://emr\"",
            "line 15: app[0].upstream_host: found \"http://emr\"; allowed: \"preserve\", or the \
             Host the app insists on, such as \"emr.internal\"",
        ),
        (
            "",
            "[app.health]\nevery = \"2 s\"",
            "app[0].health.timeout: found a check longer than its interval; allowed: a timeout no \
             longer than every",
        ),
    ]);
}

#[test]
fn a_client_certificate_needs_its_key() {
    let secure = GOOD.replace("http://10.0.0.5:8080", "https://10.0.0.5");
    let text = format!("{secure}[app.upstream_tls]\nclient_certificate = \"c.crt\"\n");
    assert_eq!(
        problems(&text),
        [
            "line 18: app[0].upstream_tls.client_certificate: found a certificate; allowed: \
             client_key beside it"
        ]
    );
}

#[test]
fn servers_get_the_port_of_their_scheme() {
    let at = |url: &str| {
        let text = GOOD.replace("http://10.0.0.5:8080", url);
        settings(&text).apps.remove(0)
    };
    for (url, host, port, secure) in [
        ("http://emr.internal", "emr.internal", 80, false),
        ("https://EMR.internal/", "emr.internal", 443, true),
        ("http://[::1]:8080", "::1", 8080, false),
        ("https://[2001:db8::5]", "2001:db8::5", 443, true),
    ] {
        let app = at(url);
        assert_eq!(
            app.upstreams,
            [Upstream {
                host: host.to_owned(),
                port
            }]
        );
        assert_eq!(app.upstream_tls.is_some(), secure, "{url}");
        assert_eq!(app.upstream_host, UpstreamHost::Preserve);
    }
}

#[test]
fn an_application_without_anybody_to_turn_to_is_warned_about() {
    warned(&[(
        "phone = \"555 0101\"",
        "say = \"Ask Jo.\"",
        "line 15: app[0].contact: found nobody to turn to; allowed: email, text_line or phone; \
         somebody who has lost her phone would read \"ask for help\" and not where",
    )]);
    hold(&[(
        "phone = \"555 0101\"",
        "phone = \"555 0101\"\nemail = \"helpdesk\"",
        "line 17: app[0].contact.email: found \"helpdesk\"; allowed: an address such as \
         \"it@clinic.test\"",
    )]);
}

#[test]
fn hosts_are_kept_as_they_stand_in_a_request() {
    let by = "hosts = [\"EMR.Test\", \"::1\", \"[2001:db8::5]\", \"127.0.0.1\"]";
    let settings = settings(&edited("hosts = [\"emr.test\"]", by));
    assert_eq!(
        settings.apps[0].hosts,
        ["emr.test", "[::1]", "[2001:db8::5]", "127.0.0.1"]
    );
    assert_eq!(
        settings.app_for("[::1]").map(|app| app.name.as_str()),
        Some("emr")
    );
    assert!(settings.app_for("other.test").is_none());
}

#[test]
fn an_accent_that_cannot_be_read_is_refused_with_what_was_measured_and_a_better_one() {
    let brand = |line: &str| format!("phone = \"555 0101\"\n[app.brand]\n{line}");
    for (line, says) in [
        (
            "accent = \"#ffcc00\"",
            "line 18: app[0].brand.accent: found \"#ffcc00\", which has a contrast of 1.44:1 on \
             our light ground #fffae6; allowed: a colour with 4.5:1 or more (WCAG 2.2 AA); the \
             nearest shade of it that can be read is \"#856a00\"",
        ),
        (
            "accent = \"#0b5cad\"\naccent_dark = \"#0b5cad\"",
            "line 19: app[0].brand.accent_dark: found \"#0b5cad\", which has a contrast of 2.34:1 \
             on our dark ground #15262c; allowed: a colour with 4.5:1 or more (WCAG 2.2 AA); the \
             nearest shade of it that can be read is \"#6095ca\"",
        ),
        (
            "accent = \"teal\"",
            "line 18: app[0].brand.accent: found \"teal\"; allowed: a colour as # and six \
             hexadecimal digits, such as \"#0b5cad\"",
        ),
        (
            "accent_dark = \"#8ec5ff\"",
            "line 17: app[0].brand.accent: found nothing; allowed: accent as well: accent_dark is \
             the shade of it for dark screens",
        ),
        (
            "logo = \"logo.svg\"",
            "line 18: app[0].brand.logo: found \"logo.svg\"; allowed: a file that ends in .png, \
             .jpg or .jpeg; a drawing such as SVG can hold scripts and fetch things: save it as \
             PNG",
        ),
    ] {
        let found = problems(&edited("phone = \"555 0101\"", &brand(line)));
        assert_eq!(found, [says], "\nwritten: {line}\n");
    }
}

#[test]
fn one_accent_is_enough_and_the_dark_one_is_made_of_it() {
    let by = "phone = \"555 0101\"\n[app.brand]\naccent = \"#0b5cad\"\nlogo = \"a/b.JPG\"";
    let brand = &settings(&edited("phone = \"555 0101\"", by)).apps[0].brand;
    let accents = brand.accents.expect("two palettes");
    assert_eq!(accents.light.accent.to_string(), "#0b5cad");
    assert!(accents.dark.is_legible() && accents.dark.accent != accents.light.accent);
    assert_eq!(
        brand.logo.as_deref(),
        Some(Path::new("/etc/anteroom/a/b.JPG"))
    );
}

#[test]
fn the_clinics_sentence_is_said_in_the_language_of_the_page_or_else_the_apps() {
    use anteroom_core::language::Language;
    let say = |by: &str| {
        let by = format!("phone = \"555 0101\"\n{by}");
        settings(&edited("phone = \"555 0101\"", &by)).apps[0]
            .contact
            .clone()
    };
    let one = say("say = \"Ask Jo.\"");
    assert_eq!(one.said_in(Language::Fr), Some((Language::En, "Ask Jo.")));
    let two = say("say = { es = \"Llame a Jo.\", en = \"Ask Jo.\" }");
    assert_eq!(
        two.said_in(Language::Es),
        Some((Language::Es, "Llame a Jo."))
    );
    assert_eq!(two.said_in(Language::Fr), Some((Language::En, "Ask Jo.")));
    assert_eq!(say("").said_in(Language::En), None);
    hold(&[(
        "phone = \"555 0101\"",
        "phone = \"555 0101\"\nsay = { de = \"Fragen Sie Jo.\" }",
        "line 17: app[0].contact.say.de: found a key that means nothing here; allowed: en, es, fr",
    )]);
}
