//! G08-G10: what a gateway does not start with: files that others can read or replace, keys that
//! anybody could guess, and a demonstration in front of a network.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

use anteroom::demo::DemoEmr;
use anteroom_config::ambient::{Ambient, SystemClock, entropy};
use anteroom_tests::world::start::Clinic;
use data_encoding::BASE64URL_NOPAD;

use crate::ward::{ALICE, all_is_well, enrolled, knock};

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// Starts a second gateway on the files of a stopped clinic; gives the reason if it refuses.
async fn start(clinic: &Clinic) -> Result<(), String> {
    let ambient = Ambient {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(entropy),
        config_file: None,
        credentials: None,
    };
    let file = clinic.world.dir().join("anteroom.toml");
    let settings = anteroom_config::load(&file, &ambient).map_err(|problem| problem.to_string())?;
    let started = anteroom::compose::start(settings, &ambient).await;
    let running = started.map_err(|problem| problem.to_string())?;
    tokio::task::spawn_blocking(move || running.stop())
        .await
        .unwrap();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g08_files_that_others_can_read_or_replace_are_refused_with_the_reason() {
    let mut clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let at = clinic.running().gateway().settings.store.clone();
    clinic.stop().await;
    let folder = clinic.world.dir().to_owned();
    let (key, store) = (&at.key_file, &at.path);
    for (path, loose) in [
        (key, 0o644),
        (key, 0o660),
        (key, 0o606),
        (store, 0o644),
        (store, 0o666),
    ] {
        mode(path, loose);
        let told = start(&clinic).await.expect_err("a loose mode");
        let named = path.file_name().unwrap().to_str().unwrap();
        assert!(told.contains(named), "{loose:o}: {told}");
        mode(path, 0o600);
    }
    for loose in [0o770, 0o777] {
        mode(&folder, loose);
        start(&clinic)
            .await
            .expect_err("a folder that others may write to");
        mode(&folder, 0o700);
    }
    for path in [key, store] {
        let elsewhere = folder.join("elsewhere");
        std::fs::rename(path, &elsewhere).unwrap();
        symlink(&elsewhere, path).unwrap();
        start(&clinic).await.expect_err("a link");
        std::fs::remove_file(path).unwrap();
        std::fs::rename(&elsewhere, path).unwrap();
    }
    // A new key for an old store would only hide that the old one is missing.
    std::fs::rename(key, folder.join("lost")).unwrap();
    let told = start(&clinic).await.expect_err("a lost key");
    assert!(told.contains("bring the key file back"), "{told}");
    assert!(!key.exists(), "and none is made");
    std::fs::rename(folder.join("lost"), key).unwrap();
    start(&clinic)
        .await
        .expect("the same files, as they should be");
    clinic.start().await;
    all_is_well(&clinic, ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g10_weak_keys_are_refused_and_never_shown() {
    let mut clinic = Clinic::with_demo().await;
    let at = clinic.running().gateway().settings.store.clone();
    clinic.stop().await;
    let good = std::fs::read_to_string(&at.key_file).unwrap();
    let line = |name: &str, key: &[u8]| format!("{name} {}\n", BASE64URL_NOPAD.encode(key));
    let mut random = [0; 32];
    entropy(&mut random);
    let mut reversed = random;
    reversed.reverse();
    for (what, text) in [
        ("zeros", line("k-1", &[0; 32])),
        ("one byte again and again", line("k-1", &[0xAB; 32])),
        ("eight bytes", line("k-1", &random[..8])),
        ("changeme", "k-1 changeme\n".to_owned()),
        (
            "changeme, as long as a key",
            line("k-1", &b"changeme".repeat(4)),
        ),
        (
            "one key under two names",
            line("k-1", &random) + &line("k-2", &random),
        ),
        (
            "one name for two keys",
            line("k-1", &random) + &line("k-1", &reversed),
        ),
        ("nothing", String::new()),
        ("no key", "# only a remark\n".to_owned()),
        ("junk", "\0\0\0\0".to_owned()),
    ] {
        std::fs::write(&at.key_file, &text).unwrap();
        mode(&at.key_file, 0o600);
        let told = start(&clinic).await.expect_err(what);
        assert!(told.contains("anteroom.key"), "{what}: {told}");
        let shown = BASE64URL_NOPAD.encode(&random);
        assert!(
            !told.contains(&shown) && !told.contains("changeme"),
            "{what}: {told}"
        );
    }
    std::fs::write(&at.key_file, line("another", &random)).unwrap();
    let told = start(&clinic)
        .await
        .expect_err("another key than the store was written with");
    assert!(told.contains("store"), "{told}");
    std::fs::write(&at.key_file, good).unwrap();
    start(&clinic).await.expect("the old key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g09_the_demonstration_stays_on_this_machine() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let Ok(listener) = tokio::net::TcpListener::bind(address).await else {
            continue;
        };
        let served = DemoEmr::new(b"seed")
            .serve(listener, std::future::pending())
            .await;
        let problem = served.expect_err("Wardbook on a network");
        assert_eq!(
            problem.kind(),
            std::io::ErrorKind::PermissionDenied,
            "{problem}"
        );
    }
    for address in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:8080"] {
        for kind in ["http", "https"] {
            let text = format!(
                "version = 1\ndevelopment = true\n[[listener]]\naddr = \"{address}\"\n\
                 kind = \"{kind}\"\n[store]\npath = \"a.db\"\nkey_file = \"a.key\"\n\
                 [[app]]\nname = \"emr\"\nhosts = [\"emr.test\"]\n\
                 upstreams = [\"http://127.0.0.1:1\"]\npreset = \"demo\"\n\
                 [app.contact]\nphone = \"1\"\n"
            );
            let parsed = anteroom_config::parse(&text, Path::new("/nowhere"));
            let told = parsed
                .map(|_| ())
                .expect_err("development on a network")
                .to_string();
            let named = ["development", "listener[0]"]
                .iter()
                .any(|key| told.contains(key));
            assert!(named, "{address} {kind}: {told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g09_a_fresh_install_has_no_door_of_its_own() {
    let clinic = Clinic::with_demo().await;
    for path in [
        "/.anteroom",
        "/.anteroom/",
        "/.anteroom/setup",
        "/.anteroom/admin",
        "/.anteroom/login",
        "/.anteroom/metrics",
        "/.anteroom/ready",
        "/.anteroom/security",
    ] {
        let fields = "Accept: text/html¶";
        let asked = format!("GET {path} HTTP/1.1¶Host: emr.test¶{fields}¶");
        let answer = knock(&clinic, &asked).await.unwrap();
        assert_eq!(answer.status, 404, "{path}: {}", answer.everything());
    }
    assert!(
        clinic
            .store()
            .subscriber_list("", 10)
            .await
            .unwrap()
            .is_empty(),
        "nobody is there"
    );
    assert_eq!(clinic.record().count(), 0);
    // Metrics and health stand on their own listener and nowhere else.
    assert_eq!(crate::ward::private(&clinic, "/login").await.status, 404);
}
