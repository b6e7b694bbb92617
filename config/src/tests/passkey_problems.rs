//! Mistakes in `[app.passkeys]`: names that browsers would refuse, or that would part people from
//! their keys. `hold`, `warned` and the good file stand in the parent.

use anteroom_core::passkey::UserVerification;

use super::*;

fn of(lines: &str) -> crate::settings::PasskeySettings {
    let settings = settings(&edited("", lines));
    settings.apps[0].passkeys.clone().expect("a name")
}

#[test]
fn by_itself_the_first_host_is_the_name_and_the_pages_are_ours() {
    let told = of("");
    assert_eq!(told.rp_id, "emr.test");
    assert_eq!(told.origins, ["https://emr.test"]);
    assert_eq!(told.user_verification, UserVerification::Preferred);
    assert!(told.is_asked_by("https://emr.test"));
    for odd in [
        "https://bademr.test",
        "http://emr.test",
        "https://emr.test:444",
        "https://sub.emr.test",
        "https://emr.test.evil",
    ] {
        assert!(!told.is_asked_by(odd), "{odd}");
    }
}

#[test]
fn a_port_of_our_own_belongs_to_the_origin() {
    let other = edited("addr = \"0.0.0.0:443\"", "addr = \"0.0.0.0:8443\"");
    let told = settings(&other).apps[0].passkeys.clone().expect("a name");
    assert_eq!(told.origins, ["https://emr.test", "https://emr.test:8443"]);
}

#[test]
fn names_that_do_not_fit_are_refused() {
    hold(&[
        (
            "",
            "[app.passkeys]\nrp_id = \"other.test\"",
            "line 18: app[0].passkeys.rp_id: found \"other.test\"; allowed: emr.test itself, or a \
             name of two parts or more that it ends in; a passkey is made for one name and works \
             at that name and below it",
        ),
        (
            "",
            "[app.passkeys]\nrp_id = \"test\"",
            "line 18: app[0].passkeys.rp_id: found \"test\"; allowed: emr.test itself, or a name \
             of two parts or more that it ends in; a passkey is made for one name and works at \
             that name and below it",
        ),
        (
            "",
            "[app.passkeys]\nrp_id = \"10.0.0.1\"",
            "line 18: app[0].passkeys.rp_id: found \"10.0.0.1\"; allowed: a host name: browsers \
             make no passkeys for addresses",
        ),
        (
            "",
            "[app.passkeys]\nuser_verification = \"always\"",
            "line 18: app[0].passkeys.user_verification: found \"always\"; allowed: preferred, \
             required",
        ),
    ]);
}

#[test]
fn origins_are_written_as_browsers_write_them() {
    let shape = "scheme, host and a port that is not the usual one: no path, no slash";
    for (written, allowed) in [
        (
            "emr.test",
            "scheme and host, such as \"https://emr.clinic.test\"",
        ),
        ("https://emr.test/", shape),
        ("https://emr.test:443", shape),
        ("https://emr.test:08443", shape),
        (
            "http://emr.test",
            "https; http only for localhost, where browsers trust it",
        ),
        (
            "https://evil.test",
            "a host that ends in emr.test, the rp_id",
        ),
        (
            "https://bademr.test",
            "a host that ends in emr.test, the rp_id",
        ),
    ] {
        let lines = format!("[app.passkeys]\norigins = [\"{written}\"]");
        let said = problems(&edited("", &lines));
        let path = "line 18: app[0].passkeys.origins[0]";
        assert_eq!(
            said,
            [format!("{path}: found \"{written}\"; allowed: {allowed}")]
        );
    }
    let lines = "[app.passkeys]\norigins = [\"https://emr.test:8443\"]";
    assert_eq!(of(lines).origins, ["https://emr.test:8443"]);
}

#[test]
fn hosts_at_which_passkeys_are_dead_are_warned_about() {
    warned(&[(
        "hosts = [\"emr.test\"]",
        "hosts = [\"emr.test\", \"charts.test\"]",
        "line 12: app[0].hosts: found \"charts.test\"; allowed: [app.passkeys] with an rp_id that \
         both end in; passkeys are made for emr.test, the first host, and are neither offered nor \
         asked for at charts.test",
    )]);
    let addresses = edited("hosts = [\"emr.test\"]", "hosts = [\"10.0.0.1\"]");
    assert!(settings(&addresses).apps[0].passkeys.is_none());
}

#[test]
fn the_demonstration_makes_passkeys_for_localhost() {
    let text = edited(
        "addr = \"0.0.0.0:443\"",
        "addr = \"127.0.0.1:8080\"\nkind = \"http\"",
    )
    .replace("version = 1", "version = 1\ndevelopment = true")
    .replace("[\"emr.test\"]", "[\"127.0.0.1\", \"localhost\"]")
    .replace(
        "[[certificate]]\ncertificate = \"clinic.crt\"\nkey = \"clinic.key\"\n",
        "",
    );
    let told = settings(&text).apps[0].passkeys.clone().expect("a name");
    assert_eq!(told.rp_id, "localhost");
    assert!(told.is_asked_by("http://localhost:8080"), "{told:?}");
}
