//! What `check` says of files and clock, each in its good and its bad state.
//!
//! Certificates are made for the test; the moment is always an argument.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::*;
use crate::settings::Listener;

/// 2026-06-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_secs(1_780_272_000);

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(folder: &TempDir, name: &str, text: &str, mode: u32) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(mode)).expect("mode");
    path
}

/// A certificate for `names` that is valid through the year 2026.
fn certificate(folder: &TempDir, names: &[&str]) -> CertificateFiles {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("signed");
    CertificateFiles {
        certificate: write(folder, "a.crt", &certificate.pem(), 0o644),
        key: write(folder, "a.key", &key.serialize_pem(), 0o600),
    }
}

fn settings(files: CertificateFiles, host: &str) -> Settings {
    let mut settings = crate::parse(crate::EXAMPLE, Path::new("/")).expect("good");
    settings.apps.truncate(1);
    settings.apps[0].hosts = vec![host.to_owned()];
    settings.certificates = vec![files];
    settings
}

fn said(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|finding| format!("{finding}\n"))
        .collect()
}

#[test]
fn a_good_certificate_says_for_whom_and_how_long() {
    let folder = folder();
    let settings = settings(
        certificate(&folder, &["emr.clinic.test"]),
        "emr.clinic.test",
    );
    let findings = certificates(&settings, NOW);
    assert_eq!(findings.len(), 1, "{}", said(&findings));
    assert_eq!(findings[0].level, Level::Ok);
    assert_eq!(findings[0].text, "for emr.clinic.test; 214 days left");
}

#[test]
fn expiry_is_told_three_weeks_before_and_is_a_failure_afterwards() {
    let folder = folder();
    let settings = settings(
        certificate(&folder, &["emr.clinic.test"]),
        "emr.clinic.test",
    );
    let end = Timestamp::from_secs(1_798_761_600);
    for (moment, level) in [
        (end.minus(30 * DAY), Level::Ok),
        (end.minus(20 * DAY), Level::Warn),
        (end, Level::Fail),
        (Timestamp::from_secs(1_700_000_000), Level::Fail),
    ] {
        assert_eq!(
            certificates(&settings, moment)[0].level,
            level,
            "{moment:?}"
        );
    }
}

#[test]
fn a_host_without_a_certificate_is_a_failure() {
    let folder = folder();
    let names = ["emr.clinic.test", "*.ward.test", "127.0.0.1", "::1"];
    let files = certificate(&folder, &names);
    for (host, covered) in [
        ("emr.clinic.test", true),
        ("icu.ward.test", true),
        ("127.0.0.1", true),
        ("[::1]", true),
        ("ward.test", false),
        ("a.icu.ward.test", false),
        ("pharmacy.clinic.test", false),
    ] {
        let findings = certificates(&settings(files.clone(), host), NOW);
        let bare = findings.iter().any(|finding| finding.level == Level::Fail);
        assert_eq!(bare, !covered, "{host}: {}", said(&findings));
    }
    let mut plain = settings(files, "pharmacy.clinic.test");
    let addr = SocketAddr::from(([127, 0, 0, 1], 0));
    plain.listeners = vec![Listener {
        addr,
        kind: ListenerKind::Http,
    }];
    assert!(
        certificates(&plain, NOW)
            .iter()
            .all(|finding| finding.level == Level::Ok)
    );
}

#[test]
fn the_certificate_of_the_admin_app_is_looked_at_as_those_of_listeners_are() {
    let folder = folder();
    let files = certificate(&folder, &["admin.clinic.test", "127.0.0.1"]);
    let mut settings = settings(files.clone(), "emr.clinic.test");
    let seen = |settings: &Settings, now| {
        let findings = admin_certificate(settings, now);
        let words = findings.iter().map(|finding| {
            let level = format!("{:?}", finding.level);
            format!("{level} {}: {}", finding.subject, finding.text)
        });
        words.collect::<Vec<_>>()
    };
    let admin = settings.admin.as_mut().expect("the example has one");
    admin.tls = Some(files.clone());
    let named = files.certificate.display();
    let end = Timestamp::from_secs(1_798_761_600);
    let refuse = "its certificate is for other names; browsers will refuse these";
    for (hosts, now, says) in [
        (
            &["admin.clinic.test"][..],
            NOW,
            vec![format!(
                "Ok {named}: for admin.clinic.test, 127.0.0.1; 214 days left"
            )],
        ),
        (
            &["127.0.0.1"],
            end.minus(20 * DAY),
            vec![format!(
                "Warn {named}: for admin.clinic.test, 127.0.0.1; 20 days left"
            )],
        ),
        (
            &["127.0.0.1"],
            end,
            vec![format!("Fail {named}: has expired")],
        ),
        (
            &["127.0.0.1", "[::1]", "localhost"],
            NOW,
            vec![
                format!("Ok {named}: for admin.clinic.test, 127.0.0.1; 214 days left"),
                format!("Warn admin app at [::1], localhost: {refuse}"),
            ],
        ),
        (
            &["a.test"],
            NOW,
            vec![
                format!("Ok {named}: for admin.clinic.test, 127.0.0.1; 214 days left"),
                format!("Fail admin app at a.test: {refuse}"),
            ],
        ),
    ] {
        let admin = settings.admin.as_mut().expect("an admin app");
        admin.hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        assert_eq!(seen(&settings, now), says);
    }
    fs::set_permissions(&files.key, Permissions::from_mode(0o644)).expect("mode");
    let shown = said(&all(&settings, Path::new("/nowhere.toml"), NOW));
    assert!(shown.contains("FAIL  admin app at a.test"), "{shown}");
    assert!(shown.contains("has mode 0644"), "{shown}");
    fs::remove_file(&files.key).expect("removed");
    assert!(seen(&settings, NOW)[0].contains("cannot be read"));
    settings.admin.as_mut().expect("an admin app").tls = None;
    assert_eq!(seen(&settings, NOW), [""; 0]);
    settings.admin = None;
    assert_eq!(seen(&settings, NOW), [""; 0]);
}

#[test]
fn certificate_and_key_must_be_a_pair_that_can_be_read() {
    let (one, other) = (folder(), folder());
    let good = certificate(&one, &["emr.clinic.test"]);
    let stranger = certificate(&other, &["emr.clinic.test"]);
    let nothing = one.path().join("nothing.pem");
    let with = |certificate: &Path, key: &Path| {
        let files = CertificateFiles {
            certificate: certificate.into(),
            key: key.into(),
        };
        certificates::read(&files)
            .err()
            .map(|problem| problem.to_string())
            .unwrap_or_default()
    };
    assert_eq!(with(&good.certificate, &good.key), "");
    for (problem, words) in [
        (
            with(&good.certificate, &stranger.key),
            "the key does not belong to the first certificate",
        ),
        (
            with(&good.key, &good.key),
            "holds no certificate in PEM form",
        ),
        (
            with(&good.certificate, &good.certificate),
            "holds no usable private key",
        ),
        (with(&nothing, &good.key), "cannot be read (No such file"),
    ] {
        assert!(problem.contains(words), "{problem}");
    }
}

#[test]
fn a_private_key_that_everybody_reads_is_a_failure() {
    let folder = folder();
    let files = certificate(&folder, &["emr.clinic.test"]);
    let key = files.key.clone();
    let settings = settings(files, "emr.clinic.test");
    for (mode, level) in [(0o600, Level::Ok), (0o640, Level::Ok), (0o644, Level::Fail)] {
        fs::set_permissions(&key, Permissions::from_mode(mode)).expect("mode");
        let worst = certificates(&settings, NOW)
            .iter()
            .map(|finding| finding.level)
            .max();
        assert_eq!(worst, Some(level), "{mode:o}");
    }
}

#[test]
fn the_clock_must_be_plausible_and_not_behind_the_store() {
    let folder = folder();
    let store = write(&folder, "anteroom.db", "", 0o600);
    let written = timestamp_of(
        fs::metadata(&store)
            .expect("there")
            .modified()
            .expect("a time"),
    );
    let minutes = |count: u64| Duration::from_secs(count * 60);
    for (now, level) in [
        (written, Level::Ok),
        (written.plus(400 * DAY), Level::Ok),
        (written.minus(minutes(4)), Level::Ok),
        (written.minus(minutes(60)), Level::Warn),
        (Timestamp::from_secs(0), Level::Fail),
        (Timestamp::from_secs(5_000_000_000), Level::Fail),
    ] {
        assert_eq!(clock(&store, now).level, level, "{now:?}");
    }
    let finding = clock(&store, written.minus(minutes(60)));
    assert_eq!(finding.text, "the store was written 60 min from now");
    assert_eq!(
        clock(&folder.path().join("nothing"), written).level,
        Level::Ok
    );
}

#[test]
fn a_database_that_others_can_read_is_a_failure() {
    let folder = folder();
    for (mode, level) in [
        (0o600, Level::Ok),
        (0o644, Level::Fail),
        (0o640, Level::Fail),
    ] {
        let path = write(&folder, "anteroom.db", "", mode);
        assert_eq!(database_file(&path).level, level, "{mode:o}");
    }
    assert_eq!(
        database_file(&folder.path().join("new.db")).level,
        Level::Ok
    );
    assert_eq!(
        database_file(&folder.path().join("no/folder.db")).level,
        Level::Fail
    );
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(folder.path().join("anteroom.db"), &link).expect("linked");
    assert_eq!(database_file(&link).level, Level::Fail);
}

#[test]
fn a_lost_key_file_beside_a_store_is_a_failure_and_nothing_is_made() {
    let folder = folder();
    let store = StoreSettings {
        path: folder.path().join("anteroom.db"),
        key_file: folder.path().join("anteroom.key"),
        key_is_credential: false,
        outage_grace: Duration::ZERO,
    };
    assert_eq!(key_file(&store).level, Level::Ok);
    write(&folder, "anteroom.db", "", 0o600);
    let finding = key_file(&store);
    assert_eq!(finding.level, Level::Fail);
    assert!(
        finding
            .hint
            .expect("a hint")
            .contains("a new key cannot open the store")
    );
    assert!(!store.key_file.exists());
    write(&folder, "anteroom.key", "k1 changeme", 0o600);
    assert!(key_file(&store).text.contains("a sample value"));
}

#[test]
fn a_configuration_that_others_can_change_is_a_failure() {
    let folder = folder();
    for (mode, level) in [
        (0o644, Level::Ok),
        (0o664, Level::Fail),
        (0o666, Level::Fail),
    ] {
        assert_eq!(
            config_file(&write(&folder, "a.toml", "", mode)).level,
            level,
            "{mode:o}"
        );
    }
    assert_eq!(
        config_file(&folder.path().join("nothing")).level,
        Level::Fail
    );
}

#[test]
fn warnings_of_the_configuration_are_among_the_findings() {
    let folder = folder();
    let mut settings = settings(
        certificate(&folder, &["emr.clinic.test"]),
        "emr.clinic.test",
    );
    settings.warnings = vec![crate::ConfigProblem {
        path: "app[0].sessions.idle".to_owned(),
        line: Some(7),
        found: "\"90 min\"".to_owned(),
        allowed: "at most \"1 h\"".to_owned(),
        hint: Some("NIST".to_owned()),
    }];
    let findings = all(&settings, Path::new("/nowhere.toml"), NOW);
    let shown = said(&findings);
    assert!(
        shown.contains(
            "warn  app[0].sessions.idle: \"90 min\"\n      better: at most \"1 h\". NIST"
        )
    );
}
