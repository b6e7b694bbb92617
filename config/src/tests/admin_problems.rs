//! Mistakes in `[admin]`: where it listens, its hosts, its times, what its forms offer.
//!
//! Rows are laid under the good file of the parent, whose app `emr` has the host `emr.test`; they
//! begin on line 17.

use std::time::Duration;

use super::*;
use crate::settings::AdminSettings;

/// One line below `[admin]` on loopback, and the one problem it makes.
fn hold_admin(rows: &[(&str, &str)]) {
    for (by, says) in rows {
        let text = edited("", &format!("[admin]\naddr = \"127.0.0.1:8444\"\n{by}"));
        assert_eq!(problems(&text), [*says], "\nwritten: {by}\n");
    }
}

fn admin(by: &str) -> AdminSettings {
    let settings = settings(&edited("", by));
    assert_eq!(settings.warnings, []);
    settings.admin.expect("an admin app")
}

#[test]
fn without_the_section_there_is_no_admin_app() {
    assert_eq!(settings(GOOD).admin, None);
    hold(&[
        (
            "version = 1",
            "version = 1\nadmin = true",
            "line 2: admin: found true; allowed: a table",
        ),
        (
            "",
            "[admin]",
            "line 17: admin.addr: found nothing; allowed: an address and port such as \
             \"127.0.0.1:8444\"",
        ),
        (
            "",
            "[admin]\naddr = \"localhost\"",
            "line 18: admin.addr: found \"localhost\"; allowed: an address and port such as \
             \"127.0.0.1:8444\"",
        ),
        (
            "",
            "[admin]\naddr = \"127.0.0.1:8444\"\nhost = [\"a.test\"]",
            "line 19: admin.host: found a key that means nothing here; allowed: addr, audit_keep, \
             certificate, emergency_longest, enrolment_code_hours, four_eyes_operators, \
             fresh_for, group, hosts, identity_checks, idle, key, overall, place, \
             resets_per_hour, setup_for, temporary_code_hours, temporary_code_uses; did you mean \
             hosts?",
        ),
    ]);
}

#[test]
fn what_is_not_said_gets_its_default() {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    let admin = admin("[admin]\naddr = \"127.0.0.1:8444\"");
    assert_eq!(admin.addr.to_string(), "127.0.0.1:8444");
    assert_eq!(admin.tls, None);
    assert_eq!(admin.hosts, ["localhost", "127.0.0.1", "[::1]"]);
    assert_eq!(
        (admin.idle, admin.overall, admin.fresh_for, admin.setup_for),
        (minutes(15), minutes(8 * 60), minutes(5), minutes(24 * 60))
    );
    assert_eq!(admin.temporary_code_hours, [8, 1, 24]);
    assert_eq!(admin.temporary_code_uses, [1, 5, 20]);
    assert_eq!(
        (admin.enrolment_code_hours, admin.resets_per_hour),
        (24, 20)
    );
    assert_eq!(admin.identity_checks.len(), 4);
    assert_eq!(admin.identity_checks[0], "Called back on a known number");
    assert!(!admin.four_eyes_operators && admin.groups.is_empty() && admin.places.is_empty());
    assert_eq!(
        (admin.emergency_longest, admin.audit_keep),
        (minutes(4 * 60), None)
    );
}

#[test]
fn only_loopback_is_served_without_tls() {
    let refused = |addr: &str| {
        format!(
            "line 18: admin.addr: found {addr}, without TLS; allowed: 127.0.0.1 or [::1]; another \
             address only with certificate and key; over plain HTTP every operator's password and \
             session can be read on the way; from elsewhere, loopback is reached with `ssh -L`"
        )
    };
    for addr in [
        "0.0.0.0:8444",
        "[::]:8444",
        "10.20.0.10:8444",
        "192.0.2.1:0",
    ] {
        let text = edited(
            "",
            &format!("[admin]\naddr = \"{addr}\"\nhosts = [\"a.test\"]"),
        );
        assert_eq!(problems(&text), [refused(addr)]);
    }
    // Development lifts nothing here.
    let development = GOOD
        .replace("version = 1", "version = 1\ndevelopment = true")
        .replace("0.0.0.0:443", "127.0.0.1:443");
    let text = format!("{development}[admin]\naddr = \"0.0.0.0:8444\"\nhosts = [\"a.test\"]\n");
    assert_eq!(
        problems(&text),
        [refused("0.0.0.0:8444").replace("18", "19")]
    );
    for addr in ["127.0.0.1:8444", "127.9.9.9:8444", "[::1]:8444"] {
        assert_eq!(admin(&format!("[admin]\naddr = \"{addr}\"")).tls, None);
    }
}

#[test]
fn with_tls_it_may_stand_in_the_inner_network_and_elsewhere_with_a_warning() {
    let inside = "[admin]\naddr = \"10.20.0.10:8444\"\ncertificate = \"a.crt\"\n\
                  key = \"a.key\"\nhosts = [\"a.test\"]";
    let files = admin(inside).tls.expect("files");
    assert_eq!(files.certificate, Path::new("/etc/anteroom/a.crt"));
    assert_eq!(files.key, Path::new("/etc/anteroom/a.key"));
    warned(&[(
        "",
        "[admin]\naddr = \"0.0.0.0:8444\"\ncertificate = \"a.crt\"\nkey = \"a.key\"\n\
         hosts = [\"a.test\"]",
        "line 18: admin.addr: found 0.0.0.0:8444; allowed: 127.0.0.1, or an address of the inner \
         network; whoever can connect there may try operators' passwords",
    )]);
    hold_admin(&[
        (
            "certificate = \"a.crt\"",
            "line 17: admin.key: found nothing; allowed: the path of a file: certificate and key \
             belong together",
        ),
        (
            "key = \"a.key\"",
            "line 17: admin.certificate: found nothing; allowed: the path of a file: key and \
             certificate belong together",
        ),
        (
            "certificate = \"a.crt\"\nkey = \"-----BEGIN PRIVATE KEY-----\\nMIIEvQ\"",
            "line 20: admin.key: found the text of a PEM file; allowed: the path of a PEM file",
        ),
    ]);
}

#[test]
fn it_shares_no_address_with_listeners_and_metrics() {
    let at = |addr: &str| format!("[admin]\naddr = \"{addr}\"");
    let private = GOOD.replace("version = 1", "version = 1\nprivate = \"127.0.0.1:9464\"");
    let own = "allowed: an address and port of its own: the admin app is for operators only";
    assert_eq!(
        problems(&format!("{private}{}", at("127.0.0.1:9464"))),
        [format!(
            "line 19: admin.addr: found 127.0.0.1:9464, the private address; {own}"
        )]
    );
    assert_eq!(
        problems(&edited("", &at("127.0.0.1:443"))),
        [format!(
            "line 18: admin.addr: found 127.0.0.1:443, which 0.0.0.0:443 takes as well (a \
             listener); {own}"
        )]
    );
    let loopback = GOOD.replace("0.0.0.0:443", "127.0.0.1:443");
    assert_eq!(
        problems(&format!("{loopback}{}", at("127.0.0.1:443"))),
        [format!(
            "line 18: admin.addr: found 127.0.0.1:443, a listener; {own}"
        )]
    );
    // Port 0 is a port of its own, whichever the system chooses.
    let chosen = GOOD.replace("0.0.0.0:443", "127.0.0.1:0");
    assert_eq!(problems(&format!("{chosen}{}", at("127.0.0.1:0"))), [""; 0]);
}

#[test]
fn hosts() {
    let shaped = "a host name such as \"anteroom-admin.clinic.test\", or an address";
    let cookies = "cookies do not know ports, so operators' sessions would be sent there";
    let rows = [
        (
            "[]",
            "hosts: found an empty list; allowed: a list such as".to_owned(),
        ),
        (
            "\"a.test\"",
            "hosts: found \"a.test\"; allowed: a list such as".to_owned(),
        ),
        (
            "[\"emr.test\"]",
            format!(
                "hosts[0]: found \"emr.test\"; allowed: a host that no app has; emr.test is a \
                 host of app emr; {cookies}"
            ),
        ),
        (
            "[\"A.test\"]",
            format!(
                "hosts[0]: found \"A.test\"; allowed: {shaped}; in lower case, as browsers send it"
            ),
        ),
        (
            "[\"a.test:8444\"]",
            format!(
                "hosts[0]: found \"a.test:8444\"; allowed: {shaped}; without a port: the port \
                 belongs to the listener"
            ),
        ),
        (
            "[\"*.test\"]",
            format!(
                "hosts[0]: found \"*.test\"; allowed: {shaped}; each host by its name: a wildcard \
                 would serve names that nobody checked"
            ),
        ),
        (
            "[\"::1\", \"[0:0:0:0:0:0:0:1]\"]",
            "hosts[1]: found \"[0:0:0:0:0:0:0:1]\"; allowed: each host once".to_owned(),
        ),
    ];
    for (written, says) in rows {
        let says = format!("line 19: admin.{says}");
        let says = says.replace(
            "a list such as",
            "a list such as [\"anteroom-admin.clinic.test\"]",
        );
        hold_admin(&[(&format!("hosts = {written}"), &says)]);
    }
}

#[test]
fn away_from_loopback_or_beside_an_app_there_hosts_must_be_said() {
    hold(&[(
        "",
        "[admin]\naddr = \"10.0.0.1:8444\"\ncertificate = \"a.crt\"\nkey = \"a.key\"",
        "line 17: admin.hosts: found nothing; allowed: the names that operators' browsers use, \
         such as [\"anteroom-admin.clinic.test\"]",
    )]);
    let local = GOOD.replace("\"emr.test\"", "\"emr.test\", \"localhost\"");
    let text = format!("{local}[admin]\naddr = \"127.0.0.1:8444\"\n");
    assert_eq!(
        problems(&text),
        [
            "line 17: admin.hosts: found nothing, which means localhost, 127.0.0.1, [::1]; \
             allowed: names of its own, such as hosts = [\"admin.localhost\"]; localhost is a \
             host of app emr; cookies do not know ports, so operators' sessions would be sent \
             there"
        ]
    );
    let text = format!("{text}hosts = [\"admin.localhost\"]\n");
    assert_eq!(problems(&text), [""; 0]);
}

#[test]
fn times_have_bounds() {
    let units = "(units: ms, s, min, h, d)";
    for (key, outside, low, high) in [
        ("idle", "61 min", "1 min", "1 h"),
        ("overall", "25 h", "1 min", "1 d"),
        ("fresh_for", "31 min", "1 min", "30 min"),
        ("setup_for", "8 d", "10 min", "7 d"),
        ("emergency_longest", "25 h", "1 min", "1 d"),
        ("audit_keep", "364 d", "365 d", "36500 d"),
    ] {
        let says = format!(
            "line 19: admin.{key}: found \"{outside}\"; allowed: a time from \"{low}\" to \
             \"{high}\" {units}"
        );
        hold_admin(&[(&format!("{key} = \"{outside}\""), &says)]);
    }
    hold_admin(&[
        (
            "idle = \"30 min\"\noverall = \"20 min\"",
            "line 19: admin.idle: found \"30 min\"; allowed: no more than overall (\"20 min\")",
        ),
        (
            "overall = \"10 min\"",
            "line 19: admin.overall: found \"10 min\"; allowed: no less than idle (\"15 min\")",
        ),
    ]);
}

#[test]
fn an_audit_log_shorter_than_six_years_is_warned_about() {
    warned(&[(
        "",
        "[admin]\naddr = \"127.0.0.1:8444\"\naudit_keep = \"2190 d\"",
        "line 19: admin.audit_keep: found \"2190 d\"; allowed: at least \"2192 d\", six years; \
         HIPAA asks that documentation be kept for six years (45 CFR 164.316)",
    )]);
    let kept = admin("[admin]\naddr = \"127.0.0.1:8444\"\naudit_keep = \"2192 d\"").audit_keep;
    assert_eq!(kept, Some(Duration::from_secs(2_192 * 24 * 60 * 60)));
}

#[test]
fn what_forms_offer() {
    hold_admin(&[
        (
            "temporary_code_hours = [73]",
            "line 19: admin.temporary_code_hours[0]: found 73; allowed: a number from 1 to 72",
        ),
        (
            "temporary_code_hours = 8",
            "line 19: admin.temporary_code_hours: found 8; allowed: a list of numbers such as [8, \
             1, 24]",
        ),
        (
            "temporary_code_uses = []",
            "line 19: admin.temporary_code_uses: found an empty list; allowed: a list of numbers \
             such as [1, 5, 20]",
        ),
        (
            "temporary_code_uses = [1, 0]",
            "line 19: admin.temporary_code_uses[1]: found 0; allowed: a number from 1 to 50",
        ),
        (
            "temporary_code_uses = [1, 5, 1]",
            "line 19: admin.temporary_code_uses: found 1 more than once; allowed: each number once",
        ),
        (
            "temporary_code_uses = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]",
            "line 19: admin.temporary_code_uses: found 13 choices; allowed: at most 12: somebody \
             must choose while the phone waits",
        ),
        (
            "enrolment_code_hours = 337",
            "line 19: admin.enrolment_code_hours: found 337; allowed: a whole number from 1 to 336",
        ),
        (
            "resets_per_hour = 0",
            "line 19: admin.resets_per_hour: found 0; allowed: a whole number from 1 to 1000",
        ),
        (
            "four_eyes_operators = \"yes\"",
            "line 19: admin.four_eyes_operators: found \"yes\"; allowed: true or false, without \
             quotes",
        ),
        (
            "identity_checks = []",
            "line 19: admin.identity_checks: found an empty list; allowed: a list such as \
             [\"Called back on a known number\"]",
        ),
        (
            "identity_checks = [\"In person\", \" \"]",
            "line 19: admin.identity_checks[1]: found \" \"; allowed: 1 to 60 characters on one \
             line",
        ),
        (
            "identity_checks = [\"In person\", \"In person \"]",
            "line 19: admin.identity_checks[1]: found \"In person\"; allowed: each line once",
        ),
    ]);
    let one = admin("[admin]\naddr = \"127.0.0.1:0\"\nidentity_checks = [\" Badge \"]");
    assert_eq!(one.identity_checks, ["Badge"]);
}

#[test]
fn groups() {
    hold_admin(&[
        (
            "[[admin.group]]\nrealm = \"emr\"\npeople = [\"alice\"]",
            "line 19: admin.group[0].name: found nothing; allowed: the name of the group, such as \
             \"Chief physicians\"",
        ),
        (
            "[[admin.group]]\nname = \"Chiefs\"\npeople = [\"alice\"]",
            "line 19: admin.group[0].realm: found nothing; allowed: the realm of an app: emr",
        ),
        (
            "[[admin.group]]\nname = \"Chiefs\"\nrealm = \"emrs\"\npeople = [\"alice\"]",
            "line 21: admin.group[0].realm: found \"emrs\"; allowed: emr; did you mean \"emr\"?",
        ),
        (
            "[[admin.group]]\nname = \"Chiefs\"\nrealm = \"@operators\"\npeople = [\"alice\"]",
            "line 21: admin.group[0].realm: found \"@operators\"; allowed: emr",
        ),
        (
            "[[admin.group]]\nname = \"Chiefs\"\nrealm = \"emr\"",
            "line 19: admin.group[0].people: found nothing; allowed: their user names, such as \
             [\"alice\", \"bob\"]",
        ),
        (
            "[[admin.group]]\nname = \"Chiefs\"\nrealm = \"emr\"\npeople = []",
            "line 22: admin.group[0].people: found an empty list; allowed: a list such as \
             [\"alice\", \"bob\"]",
        ),
        (
            "[[admin.group]]\nname = \"Chiefs\"\nrealm = \"emr\"\npeople = [\"alice\", \" ALICE\"]",
            "line 22: admin.group[0].people[1]: found \" ALICE\"; allowed: each person once: \
             spellings do not matter",
        ),
        (
            "[[admin.group]]\nname = \"Chiefs\"\nrealm = \"emr\"\npeople = [\" \"]",
            "line 22: admin.group[0].people[0]: found \" \"; allowed: a user name as it is typed \
             into the app; the name is empty",
        ),
        (
            "[[admin.group]]\nname = \"C\"\nrealm = \"emr\"\npeople = [\"a\"]\n\
             [[admin.group]]\nname = \"C\"\nrealm = \"emr\"\npeople = [\"b\"]",
            "line 24: admin.group[1].name: found \"C\" again; allowed: each group of a realm once, \
             with all of its people",
        ),
    ]);
    let text = "[admin]\naddr = \"127.0.0.1:0\"\n[[admin.group]]\nname = \"Chiefs\"\n\
                realm = \"emr\"\npeople = [\"Ünal\", \"BOB@Clinic.test\"]";
    let group = admin(text).groups.remove(0);
    let folded = |name| anteroom_core::fold::fold(name).expect("a name");
    assert_eq!(group.people, [folded("ünal"), folded("bob@clinic.test")]);
}

#[test]
fn places() {
    hold_admin(&[
        (
            "[[admin.place]]\nname = \"front desk\"",
            "line 19: admin.place[0].network: found nothing; allowed: an address or network such \
             as \"10.20.0.0/16\"",
        ),
        (
            "[[admin.place]]\nnetwork = \"10.0.0.0/8\"",
            "line 19: admin.place[0].name: found nothing; allowed: how people call it, such as \
             \"front desk\"",
        ),
        (
            "[[admin.place]]\nnetwork = \"desk\"\nname = \"front desk\"",
            "line 20: admin.place[0].network: found \"desk\"; allowed: an address or network such \
             as \"10.20.0.0/16\"",
        ),
        (
            "[[admin.place]]\nnetwork = \"::/0\"\nname = \"everywhere\"",
            "line 20: admin.place[0].network: found \"::/0\"; allowed: a network smaller than the \
             internet; every address would get this name",
        ),
        (
            "place = [{ network = \"10.1.2.3/8\", name = \"a\" }, \
             { network = \"10.0.0.0/8\", name = \"b\" }]",
            "line 19: admin.place[1].network: found 10.0.0.0/8 again; allowed: one name for each \
             network",
        ),
    ]);
}

#[test]
fn the_narrowest_place_gives_its_name() {
    let admin = admin(
        "[admin]\naddr = \"127.0.0.1:0\"\n[[admin.place]]\nnetwork = \"10.0.0.0/8\"\n\
         name = \"clinic\"\n[[admin.place]]\nnetwork = \"10.20.3.0/24\"\nname = \"front desk\"",
    );
    for (ip, place) in [
        ("10.20.3.9", Some("front desk")),
        ("::ffff:10.20.3.9", Some("front desk")),
        ("10.20.4.9", Some("clinic")),
        ("192.0.2.1", None),
        ("::1", None),
    ] {
        let ip = ip.parse().expect("an address");
        assert_eq!(admin.place_of(ip), place, "{ip}");
    }
}

#[test]
fn no_app_can_have_the_realm_of_operators() {
    let realm = anteroom_core::operator::OPERATOR_REALM;
    for key in ["name", "realm"] {
        let text = GOOD.replace("name = \"emr\"\n", "");
        let name = if key == "realm" {
            "name = \"emr\"\n"
        } else {
            ""
        };
        let app = format!("[[app]]\n{name}{key} = \"{realm}\"\n");
        let said = problems(&text.replace("[[app]]\n", &app)).join("\n");
        let wrong =
            format!("app[0].{key}: found \"{realm}\"; allowed: 1 to 40 letters a-z, digits and -");
        assert!(said.ends_with(&wrong), "{said}");
    }
}
