//! `serve` and `demo` as they start, say where they are, and end.
//!
//! Sign-ins through them are the end-to-end tests'.

use std::fs;
use std::net::{SocketAddr, TcpListener};

use crate::clinic::{Clinic, Said, anteroom};
use crate::ground::{CONFIG, Going, address_in, get};

#[test]
fn the_demonstration_listens_on_loopback_only() {
    let dir = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0", "192.0.2.7", "::"] {
        let child = anteroom(dir.path(), &["demo", "--listen", address])
            .spawn()
            .unwrap();
        let said = Said::of(child.wait_with_output().unwrap());
        assert_eq!(said.code, Some(2), "{address}");
        assert!(said.err.contains("127.0.0.1 or ::1 only"), "{}", said.err);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn the_demonstration_steps_over_a_taken_port_and_can_be_checked_and_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let demo = Going::start(dir.path(), &["demo", "--port", &port]);
    let lines = demo.until("Ctrl-C");
    assert!(
        lines
            .iter()
            .any(|line| line.contains(&format!("Port {port} was taken"))),
        "{lines:?}"
    );
    let address = address_in(&lines);
    let refused = get(&address, "/patients");
    assert!(!refused.starts_with("HTTP/1.1 200"), "{refused}");
    assert!(!refused.contains("CANARY-PHI"), "{refused}");
    assert!(get(&address, "/login").contains("wb-login"));

    // Beside it, on the files it left.
    let config = dir.path().join(".demo/anteroom.toml");
    let config = config.to_str().unwrap();
    let check = anteroom(
        dir.path(),
        &["--config", config, "check", "--page", "/patients"],
    );
    let said = Said::of({ check }.spawn().unwrap().wait_with_output().unwrap());
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(
        said.out.contains("/patients: leads to the login page"),
        "{}",
        said.out
    );
    assert!(said.out.contains("its form has the fields"), "{}", said.out);
    let (code, err) = demo.end();
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn serving_says_where_and_takes_no_address_that_is_in_use() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = free.local_addr().unwrap();
    drop(free);
    let clinic = Clinic::new(&CONFIG.replace("127.0.0.1:0", &address.to_string()));
    let config = clinic.path("anteroom.toml");
    let config = config.to_str().unwrap();
    let first = Going::start(clinic.dir.path(), &["serve", "--config", config]);
    let lines = first.until("ready");
    assert!(
        lines.iter().any(|line| line.contains("emr: 127.0.0.1")),
        "{lines:?}"
    );
    let second = clinic.run(&["serve"]);
    assert_eq!(second.code, Some(1), "{}", second.out);
    assert!(second.err.contains(&address.to_string()), "{}", second.err);
    assert!(
        second.err.contains("another program listens there"),
        "{}",
        second.err
    );

    // Operators work beside the running gateway, and a bad moment to reload changes nothing.
    clinic.ok(&["enrol-code", "alice"]);
    first.signal("HUP");
    assert!(get(&address.to_string(), "/").starts_with("HTTP/1.1 "));
    let tail = clinic.ok(&["audit", "tail"]);
    assert!(
        tail.contains("config_loaded") && tail.contains("sha256:"),
        "{tail}"
    );
    let (code, err) = first.end();
    assert_eq!(code, Some(0), "{err}");
    clinic.ok(&["audit", "verify"]);
}
