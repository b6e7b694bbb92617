//! Mistakes in what belongs to the whole process: keys, listeners, certificates, the store, limits.
//!
//! Applications and login profiles have their own tables beside this one; `hold` stands in the
//! parent.

use super::*;

#[test]
fn unknown_keys_are_refused_with_what_was_probably_meant() {
    hold(&[
        (
            "key_file = \"anteroom.key\"",
            "key_file = \"anteroom.key\"\noutage_grase = \"5 s\"",
            "line 10: store.outage_grase: found a key that means nothing here; allowed: key_file, \
             outage_grace, path; did you mean outage_grace?",
        ),
        (
            "key_file = \"anteroom.key\"",
            "key_file = \"anteroom.key\"\npassword = \"hunter2\"",
            "line 10: store.password: found a key that means nothing here; allowed: key_file, \
             outage_grace, path",
        ),
    ]);
}

#[test]
fn the_value_of_an_unknown_key_is_never_repeated() {
    let text = edited("version = 1", "version = 1\npasword = \"hunter2\"");
    assert!(!problems(&text).concat().contains("hunter2"));
}

#[test]
fn values_must_be_of_the_right_kind() {
    hold(&[
        (
            "version = 1",
            "",
            "version: found nothing; allowed: version = 1, the shape of this file",
        ),
        (
            "version = 1",
            "version = 2",
            "line 1: version: found 2; allowed: a whole number from 1 to 1",
        ),
        (
            "version = 1",
            "version = 1\nworkers = \"four\"",
            "line 2: workers: found \"four\"; allowed: a whole number from 1 to 256",
        ),
        (
            "version = 1",
            "version = 1\nworkers = 0",
            "line 2: workers: found 0; allowed: a whole number from 1 to 256",
        ),
        (
            "version = 1",
            "version = 1\ndevelopment = \"yes\"",
            "line 2: development: found \"yes\"; allowed: true or false, without quotes",
        ),
        (
            "version = 1",
            "version = 1\ntrusted_proxies = \"10.0.0.1\"",
            "line 2: trusted_proxies: found \"10.0.0.1\"; allowed: a list such as [\"one\", \
             \"two\"]",
        ),
        (
            "version = 1",
            "version = 1\nlog = 3",
            "line 2: log: found 3; allowed: a table",
        ),
        (
            "version = 1",
            "version = 1\nlog = { level = \"verbose\" }",
            "line 2: log.level: found \"verbose\"; allowed: error, warn, info, debug, trace",
        ),
    ]);
}

#[test]
fn there_must_be_a_listener_and_an_application() {
    let nothing = "version = 1\n[store]\npath = \"a\"\nkey_file = \"b\"\n";
    assert_eq!(
        problems(nothing),
        [
            "listener: found nothing; allowed: at least one [[listener]] with addr = \
             \"0.0.0.0:443\"",
            "app: found nothing; allowed: at least one [[app]]: what is to be protected",
        ]
    );
}

#[test]
fn listeners() {
    hold(&[
        (
            "addr = \"0.0.0.0:443\"",
            "addr = \"localhost:443\"",
            "line 3: listener[0].addr: found \"localhost:443\"; allowed: an address and port such \
             as \"0.0.0.0:443\" or \"[::1]:8443\"",
        ),
        (
            "addr = \"0.0.0.0:443\"",
            "kind = \"https\"",
            "line 2: listener[0].addr: found nothing; allowed: an address and port such as \
             \"0.0.0.0:443\"",
        ),
        (
            "addr = \"0.0.0.0:443\"",
            "addr = \"0.0.0.0:443\"\nkind = \"tls\"",
            "line 4: listener[0].kind: found \"tls\"; allowed: https, http, redirect",
        ),
        (
            "addr = \"0.0.0.0:443\"",
            "addr = \"0.0.0.0:443\"\nhttps_port = 444",
            "line 4: listener[0].https_port: found 444; allowed: a port only with kind = \
             \"redirect\"",
        ),
        (
            "addr = \"0.0.0.0:443\"",
            "addr = \"0.0.0.0:443\"\n[[listener]]\naddr = \"0.0.0.0:443\"",
            "line 4: listener[1]: found 0.0.0.0:443 again; allowed: each address once",
        ),
        (
            "addr = \"0.0.0.0:443\"",
            "addr = \"0.0.0.0:80\"\nkind = \"redirect\"",
            "line 2: listener: found listeners that only redirect; allowed: one of kind https",
        ),
    ]);
}

#[test]
fn plain_http_is_spoken_on_loopback_in_development_only() {
    hold(&[
        (
            "addr = \"0.0.0.0:443\"",
            "addr = \"0.0.0.0:80\"\nkind = \"http\"",
            "line 4: listener[0].kind: found http on 0.0.0.0:80; allowed: https; http only on \
             127.0.0.1 or [::1], with development = true; over plain HTTP every password and \
             session can be read on the way",
        ),
        (
            "addr = \"0.0.0.0:443\"",
            "addr = \"127.0.0.1:80\"\nkind = \"http\"",
            "line 4: listener[0].kind: found http on 127.0.0.1:80; allowed: https; http only on \
             127.0.0.1 or [::1], with development = true; over plain HTTP every password and \
             session can be read on the way",
        ),
        (
            "version = 1",
            "version = 1\ndevelopment = true",
            "line 2: development: found true, with a public listener; allowed: listeners on \
             127.0.0.1 or [::1] only; development mode speaks plain HTTP and lets anybody enrol: \
             never for real people",
        ),
    ]);
    let loopback = GOOD.replace("0.0.0.0:443\"", "127.0.0.1:8080\"\nkind = \"http\"");
    let settings = settings(&loopback.replace("version = 1", "version = 1\ndevelopment = true"));
    assert!(settings.development);
}

#[test]
fn https_needs_a_certificate_with_its_key() {
    let bare = GOOD.replace(
        "[[certificate]]\ncertificate = \"clinic.crt\"\nkey = \"clinic.key\"\n",
        "",
    );
    assert_eq!(
        problems(&bare),
        [
            "certificate: found nothing; allowed: a [[certificate]] with certificate and key, for \
             https"
        ]
    );
    hold(&[
        (
            "key = \"clinic.key\"",
            "",
            "line 4: certificate[0].key: found nothing; allowed: the path of a file",
        ),
        (
            "key = \"clinic.key\"",
            "key = \"-----BEGIN PRIVATE KEY-----\\nMIIEvQ\"",
            "line 6: certificate[0].key: found the text of a PEM file; allowed: the path of a PEM \
             file",
        ),
        (
            "[[certificate]]",
            "[certificate]",
            "line 4: certificate: found [certificate]; allowed: [[certificate]], in double \
             brackets: there may be several",
        ),
    ]);
}

#[test]
fn the_store_and_its_key() {
    hold(&[
        (
            "path = \"anteroom.db\"",
            "",
            "line 7: store.path: found nothing; allowed: the path of a file",
        ),
        (
            "key_file = \"anteroom.key\"",
            "key_file = \"credential:keys\"",
            "line 9: store.key_file: found \"credential:keys\"; allowed: a path, or a credential \
             when started by systemd; CREDENTIALS_DIRECTORY is not set; systemd sets it for \
             LoadCredential=",
        ),
        (
            "key_file = \"anteroom.key\"",
            "key_file = \"credential:../keys\"",
            "line 9: store.key_file: found \"credential:../keys\"; allowed: \"credential:NAME\" \
             with the NAME of LoadCredential=NAME:PATH",
        ),
        (
            "key_file = \"anteroom.key\"",
            "key_file = \"7rW1pO3lFq8Jx2mZt5kVbN0cYhGdSaEuIiXoLwPzQ4M\"",
            "line 9: store.key_file: found a key; allowed: the path of a key file; it is not \
             repeated here; take it out of this file and make a new one",
        ),
        (
            "[store]",
            "[store]\noutage_grace = 60",
            "line 8: store.outage_grace: found 60; allowed: a time from \"0 s\" to \"15 min\" \
             (units: ms, s, min, h, d)",
        ),
    ]);
}

#[test]
fn proxies_limits_and_the_private_address() {
    hold(&[
        (
            "version = 1",
            "version = 1\ntrusted_proxies = [\"0.0.0.0/0\"]",
            "line 2: trusted_proxies[0]: found \"0.0.0.0/0\"; allowed: a network smaller than the \
             internet; every client could claim any address",
        ),
        (
            "version = 1",
            "version = 1\ntrusted_proxies = [\"lb.clinic.test\"]",
            "line 2: trusted_proxies[0]: found \"lb.clinic.test\"; allowed: an address or network \
             such as \"10.20.0.0/16\"",
        ),
        (
            "version = 1",
            "version = 1\nlimits = { withheld_answer = \"1 GiB\" }",
            "line 2: limits.withheld_answer: found \"1 GiB\"; allowed: a size from \"64 KiB\" to \
             \"16 MiB\" (units: B, KiB, MiB, GiB)",
        ),
        (
            "version = 1",
            "version = 1\nlimits = { login_deadline = \"30\" }",
            "line 2: limits.login_deadline: found \"30\"; allowed: a time from \"1 s\" to \"2 \
             min\" (units: ms, s, min, h, d)",
        ),
        (
            "version = 1",
            "version = 1\nprivate = \"0.0.0.0:443\"",
            "line 2: private: found 0.0.0.0:443, a listener; allowed: an address of its own: \
             metrics are not for browsers",
        ),
    ]);
    warned(&[(
        "version = 1",
        "version = 1\nprivate = \"0.0.0.0:9464\"",
        "line 2: private: found 0.0.0.0:9464; allowed: an address of the inner network, such as \
         127.0.0.1:9464; health and metrics are served there to whoever can connect",
    )]);
}

#[test]
fn what_is_not_said_gets_its_default_and_relative_paths_start_from_the_file() {
    let settings = settings(GOOD);
    assert_eq!(settings.limits, crate::settings::Limits::default());
    assert_eq!(settings.store.path, Path::new("/etc/anteroom/anteroom.db"));
    assert_eq!(
        settings.store.key_file,
        Path::new("/etc/anteroom/anteroom.key")
    );
    assert_eq!(settings.store.outage_grace.as_secs(), 60);
    assert_eq!(
        (settings.private, settings.workers, settings.development),
        (None, None, false)
    );
    assert!(settings.trusted_proxies.is_empty());
}

#[test]
fn a_credential_is_looked_for_where_systemd_puts_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("anteroom.toml");
    let text = GOOD.replace("\"anteroom.key\"", "\"credential:keys\"");
    std::fs::write(&file, text).expect("written");
    let mut ambient = crate::ambient::Ambient::system();
    ambient.credentials = Some("/run/credentials/anteroom.service".into());
    let store = crate::load(&file, &ambient).expect("good").store;
    assert!(store.key_is_credential);
    assert_eq!(
        store.key_file,
        Path::new("/run/credentials/anteroom.service/keys")
    );
    assert_eq!(store.path, folder.path().join("anteroom.db"));
}
