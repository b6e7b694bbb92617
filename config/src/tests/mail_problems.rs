//! Mistakes in `[mail]` and `[notices]`: servers, addresses, secrets, times, words and URLs.
//!
//! Rows are laid under the good file of the parent; they begin on line 17. Whether files are there
//! and a server answers is asked elsewhere (`inspect`, `anteroom mail test`).

use std::time::Duration;

use super::*;
use crate::settings::MailTls;

/// The smallest section that can be meant.
const MAIL: &str = "[mail]\nserver = \"mail.clinic.test\"\nfrom = \"anteroom@clinic.test\"";

/// One line below a good `[mail]`, on line 20, and the one problem it makes.
fn hold_mail(rows: &[(&str, &str)]) {
    for (by, says) in rows {
        let text = edited("", &format!("{MAIL}\n{by}"));
        assert_eq!(problems(&text), [*says], "\nwritten: {by}\n");
    }
}

/// Lines below `[notices]`, from line 18 on, and the one problem they make.
fn hold_notices(rows: &[(&str, &str)]) {
    for (by, says) in rows {
        let text = edited("", &format!("[notices]\n{by}"));
        assert_eq!(problems(&text), [*says], "\nwritten: {by}\n");
    }
}

#[test]
fn without_the_sections_nobody_is_told_and_the_smallest_one_gets_defaults() {
    let none = settings(GOOD);
    assert_eq!((none.mail, none.notices.webhook), (None, None));
    for (tls, port) in [("starttls", 587), ("implicit", 465)] {
        let text = edited("", &format!("{MAIL}\ntls = \"{tls}\""));
        let settings = settings(&text);
        assert_eq!(settings.warnings, []);
        let mail = settings.mail.expect("a mail server");
        assert_eq!(mail.port, port, "{tls}");
        assert_eq!(mail.timeout, Duration::from_secs(30));
        assert_eq!(mail.address_hold, Duration::from_secs(24 * 60 * 60));
        assert_eq!(
            (mail.login, mail.from_name, mail.reply_to),
            (None, None, None)
        );
    }
    let here = MAIL.replace("mail.clinic.test", "127.0.0.1");
    let mail = settings(&edited("", &format!("{here}\ntls = \"none\""))).mail;
    let mail = mail.expect("a mail server");
    assert_eq!((mail.port, mail.tls), (25, MailTls::None));
}

#[test]
fn a_section_says_which_server_and_who_writes() {
    hold(&[
        (
            "",
            "[mail]\nfrom = \"anteroom@clinic.test\"",
            "line 17: mail.server: found nothing; allowed: the mail server, such as \
             \"mail.clinic.test\"",
        ),
        (
            "",
            "[mail]\nserver = \"mail.clinic.test\"",
            "line 17: mail.from: found nothing; allowed: who writes, such as \
             \"anteroom@clinic.test\"",
        ),
        (
            "",
            "[mail]\nserver = \"https://mail.clinic.test\"\nfrom = \"anteroom@clinic.test\"",
            "line 18: mail.server: found \"https://mail.clinic.test\"; allowed: a host name \
             such as \"mail.clinic.test\", or an address; without scheme and path",
        ),
        (
            "",
            "[mail]\nserver = \"mail.clinic.test\"\nfrom = \"anteroom at clinic\"",
            "line 19: mail.from: found \"anteroom at clinic\"; allowed: an address such as \
             \"anteroom@clinic.test\"; an address is one line without spaces",
        ),
        (
            "",
            "[mail]\nserver = \"mail.clinic.test\"\nfrom = \"anteroom@clinic.test\"\n\
             host = \"x\"",
            "line 20: mail.host: found a key that means nothing here; allowed: address_hold, \
             ca_file, from, from_name, password_file, port, reply_to, server, timeout, tls, \
             user; did you mean port?",
        ),
    ]);
}

#[test]
fn what_stands_beside_them_is_judged_line_by_line() {
    hold_mail(&[
        (
            "tls = \"ssl\"",
            "line 20: mail.tls: found \"ssl\"; allowed: starttls, implicit, none",
        ),
        (
            "tls = \"none\"",
            "line 20: mail.tls: found \"none\", to mail.clinic.test; allowed: starttls or \
             implicit; in the clear everybody on the way reads people's codes; \"none\" is for \
             a mail server on 127.0.0.1, [::1] or localhost",
        ),
        (
            "port = 0",
            "line 20: mail.port: found 0; allowed: a whole number from 1 to 65535",
        ),
        (
            "user = \"anteroom\"",
            "line 17: mail.password_file: found nothing; allowed: user and password_file \
             together, or neither",
        ),
        (
            "password_file = \"mail-password\"",
            "line 17: mail.user: found nothing; allowed: user and password_file together, or \
             neither",
        ),
        (
            "user = \"\"\npassword_file = \"mail-password\"",
            "line 20: mail.user: found \"\"; allowed: 1 to 254 characters on one line",
        ),
        (
            "from_name = \"Ward\\n3\"",
            "line 20: mail.from_name: found \"Ward\\n3\"; allowed: 1 to 60 characters on one line",
        ),
        (
            "reply_to = \"it@@clinic.test\"",
            "line 20: mail.reply_to: found \"it@@clinic.test\"; allowed: an address such as \
             \"anteroom@clinic.test\"; an address looks like name@clinic.example",
        ),
        (
            "timeout = \"500 ms\"",
            "line 20: mail.timeout: found \"500 ms\"; allowed: a time from \"1 s\" to \"5 min\" \
             (units: ms, s, min, h, d)",
        ),
        (
            "timeout = \"10 min\"",
            "line 20: mail.timeout: found \"10 min\"; allowed: a time from \"1 s\" to \"5 min\" \
             (units: ms, s, min, h, d)",
        ),
        (
            "address_hold = \"7 d\"",
            "line 20: mail.address_hold: found \"7 d\"; allowed: a time from \"0 s\" to \"6 d\" \
             (units: ms, s, min, h, d)",
        ),
        (
            "address_hold = 24",
            "line 20: mail.address_hold: found 24; allowed: a time from \"0 s\" to \"6 d\" \
             (units: ms, s, min, h, d)",
        ),
        (
            "ca_file = \"\"",
            "line 20: mail.ca_file: found \"\"; allowed: the path of a file",
        ),
    ]);
}

#[test]
fn an_app_that_takes_codes_by_mail_needs_a_server() {
    hold(&[(
        "preset = \"demo\"",
        "preset = \"demo\"\nfactors.kinds = [\"totp\", \"email\"]",
        "mail: found nothing, but app emr takes codes by e-mail; allowed: [mail] with \
             server and from, or factors.kinds without \"email\"",
    )]);
}

#[test]
fn a_hold_of_minutes_is_warned_of() {
    let settings = settings(&edited("", &format!("{MAIL}\naddress_hold = \"10 min\"")));
    let said: Vec<String> = settings.warnings.iter().map(ToString::to_string).collect();
    let says = "line 20: mail.address_hold: found hardly any time; allowed: \"24 h\", the default; \
                a stolen session, or a story told to the helpdesk, then moves a person's codes \
                to another address before she reads the notice";
    assert_eq!(said, [says]);
}

#[test]
fn notices_and_the_webhook_are_judged_too() {
    hold_notices(&[
        (
            "off = [\"resets\"]",
            "line 18: notices.off[0]: found \"resets\"; allowed: authenticator_added, \
             authenticator_replaced, authenticator_removed, authenticator_disabled, \
             factors_reset, recovery_code_used, recovery_codes_replaced, temporary_code_issued, \
             temporary_code_used, address_added, address_removed, tries_paused, suspended, \
             password_may_be_stolen, emergency_passage, sealed_code_used, names_merged, \
             device_remembered, device_stolen, not_me_reported",
        ),
        (
            "of = [\"factors_reset\"]",
            "line 18: notices.of: found a key that means nothing here; allowed: off, operators, \
             webhook, webhook_ca_file, webhook_secret_file, webhook_timeout; did you mean off?",
        ),
        (
            "webhook = \"https://hooks.clinic.test/\"",
            "line 17: notices.webhook_secret_file: found nothing; allowed: the path of a file \
             of mode 0600 with one line, or credential:NAME",
        ),
        (
            "webhook_secret_file = \"webhook-secret\"",
            "line 18: notices.webhook_secret_file: found no webhook; allowed: only with webhook \
             = URL",
        ),
        (
            "webhook_timeout = \"5 s\"",
            "line 18: notices.webhook_timeout: found no webhook; allowed: only with webhook = URL",
        ),
    ]);
}

#[test]
fn a_webhook_is_a_plain_url_in_tls_or_on_this_machine() {
    let url = |url: &str| format!("webhook = \"{url}\"\nwebhook_secret_file = \"webhook-secret\"");
    hold_notices(&[
        (
            &url("hooks.clinic.test"),
            "line 18: notices.webhook: found \"hooks.clinic.test\"; allowed: a URL such as \
             \"https://hooks.clinic.test/anteroom\"; it begins with https://",
        ),
        (
            &url("ftp://hooks.clinic.test/"),
            "line 18: notices.webhook: found \"ftp://hooks.clinic.test/\"; allowed: a URL such \
             as \"https://hooks.clinic.test/anteroom\"; it begins with https://",
        ),
        (
            &url("http://hooks.clinic.test/"),
            "line 18: notices.webhook: found \"http://hooks.clinic.test/\"; allowed: a URL such \
             as \"https://hooks.clinic.test/anteroom\"; http is for a program on this machine; \
             names of people are in what is sent",
        ),
        (
            &url("https://user:word@hooks.clinic.test/"),
            "line 18: notices.webhook: found \"https://user:word@hooks.clinic.test/\"; allowed: \
             a URL such as \"https://hooks.clinic.test/anteroom\"; without a name, a password, \
             a fragment or spaces",
        ),
        (
            &url("https://hooks.clinic.test/a#b"),
            "line 18: notices.webhook: found \"https://hooks.clinic.test/a#b\"; allowed: a URL \
             such as \"https://hooks.clinic.test/anteroom\"; without a name, a password, a \
             fragment or spaces",
        ),
        (
            &url("https://hooks.clinic.test:0/"),
            "line 18: notices.webhook: found \"https://hooks.clinic.test:0/\"; allowed: a URL \
             such as \"https://hooks.clinic.test/anteroom\"; the port is a number from 1 to \
             65535",
        ),
        (
            &url("https://hooks clinic.test/"),
            "line 18: notices.webhook: found \"https://hooks clinic.test/\"; allowed: a URL \
             such as \"https://hooks.clinic.test/anteroom\"; letters, digits and - between dots",
        ),
        (
            &format!(
                "{}\nwebhook_timeout = \"2 min\"",
                url("https://hooks.clinic.test/")
            ),
            "line 20: notices.webhook_timeout: found \"2 min\"; allowed: a time from \"1 s\" to \
             \"1 min\" (units: ms, s, min, h, d)",
        ),
    ]);
}

/// Lines below `[[notices.operators]]`, from line 23 on, and the one problem they make.
fn hold_operators(rows: &[(&str, &str)]) {
    for (by, says) in rows {
        let text = edited(
            "",
            &format!(
                "{MAIL}\n[notices]\noff = [\"device_stolen\"]\n\
                                        [[notices.operators]]\n{by}"
            ),
        );
        assert_eq!(problems(&text), [*says], "\nwritten: {by}\n");
    }
}

#[test]
fn operators_are_told_at_addresses_of_the_settings_and_of_what_may_be_told() {
    let to = "to = [\"it@clinic.test\"]";
    hold_operators(&[
        (
            "",
            "line 22: notices.operators[0].to: found nothing; allowed: their addresses, such as \
             [\"it@clinic.test\"]",
        ),
        (
            "to = []",
            "line 23: notices.operators[0].to: found an empty list; allowed: a list such as \
             [\"it@clinic.test\"]",
        ),
        (
            "to = [\"it at clinic\"]",
            "line 23: notices.operators[0].to[0]: found \"it at clinic\"; allowed: an address such \
             as \"anteroom@clinic.test\"; an address is one line without spaces",
        ),
        (
            &format!("{to}\nof = []"),
            "line 24: notices.operators[0].of: found an empty list; allowed: a list such as \
             [\"factors_reset\"]",
        ),
        (
            &format!("{to}\nof = [\"tries_paused\"]"),
            "line 24: notices.operators[0].of[0]: found \"tries_paused\"; allowed: \
             authenticator_disabled, factors_reset, password_may_be_stolen, device_stolen, \
             not_me_reported",
        ),
        (
            &format!("{to}\nof = [\"device_stolen\"]"),
            "line 24: notices.operators[0].of[0]: found \"device_stolen\", which nobody is told \
             of; allowed: what notices.off does not name",
        ),
        (
            &format!("{to}\nkinds = [\"factors_reset\"]"),
            "line 24: notices.operators[0].kinds: found a key that means nothing here; allowed: \
             of, to",
        ),
    ]);
    hold(&[(
        "",
        "[[notices.operators]]\nto = [\"it@clinic.test\"]",
        "line 17: notices.operators[0]: found no [mail]; allowed: only with a mail server: [mail] \
         with server and from",
    )]);
}

#[test]
fn each_office_hears_of_what_it_was_named_for_and_without_a_word_of_everything() {
    let text = format!(
        "{MAIL}\n[notices]\noff = [\"device_stolen\"]\n\
         [[notices.operators]]\nto = [\"it@clinic.test\", \"desk@clinic.test\"]\n\
         of = [\"factors_reset\"]\n[[notices.operators]]\nto = [\"it@clinic.test\"]"
    );
    let told = settings(&edited("", &text)).notices.operators;
    let told: Vec<_> = told
        .iter()
        .map(|(notice, address)| (notice.name(), address.expose()))
        .collect();
    let it = "it@clinic.test";
    let expected = [
        ("factors_reset", it),
        ("factors_reset", "desk@clinic.test"),
        ("authenticator_disabled", it),
        ("factors_reset", it),
        ("password_may_be_stolen", it),
        ("not_me_reported", it),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_webhook_is_taken_apart_once() {
    let secret = "webhook_secret_file = \"s\"";
    for (url, https, host, port, path) in [
        (
            "https://hooks.clinic.test",
            true,
            "hooks.clinic.test",
            443,
            "/",
        ),
        (
            "https://hooks.clinic.test:8443/a?b=c",
            true,
            "hooks.clinic.test",
            8443,
            "/a?b=c",
        ),
        ("http://127.0.0.1/hook", false, "127.0.0.1", 80, "/hook"),
        ("http://[::1]:9000/hook", false, "::1", 9000, "/hook"),
    ] {
        let text = edited("", &format!("[notices]\nwebhook = \"{url}\"\n{secret}"));
        let hook = settings(&text).notices.webhook.expect("a webhook");
        let found = (hook.https, &*hook.host, hook.port, &*hook.path);
        assert_eq!(found, (https, host, port, path), "{url}");
    }
}
