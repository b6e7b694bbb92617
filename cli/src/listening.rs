//! Addresses: whether they are free, and what is served where, in words.
//!
//! Binds nothing that stays bound; the gateway does.

use std::fmt::Write as _;
use std::io;
use std::net::{SocketAddr, TcpListener};

use anteroom_config::settings::{AdminSettings, AppSettings, Listener, ListenerKind, Settings};

use crate::failure::Failure;

/// Refuses addresses on which somebody already listens.
///
/// The gateway shares its ports between its threads (`SO_REUSEPORT`), so without this a second
/// Anteroom of the same user would start without a word and take half of the connections.
///
/// # Errors
/// Names the address that cannot be had.
pub fn refuse_taken(settings: &Settings) -> Result<(), Failure> {
    let listeners = settings.listeners.iter().map(|listener| listener.addr);
    let admin = settings.admin.as_ref().map(|admin| admin.addr);
    for addr in listeners.chain(settings.private).chain(admin) {
        if let Err(problem) = try_bind(addr) {
            return Err(Failure::failed(refusal(addr, &problem)));
        }
    }
    Ok(())
}

fn refusal(addr: SocketAddr, problem: &io::Error) -> String {
    let hint = match problem.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there, perhaps another Anteroom; `ss -ltnp` names it"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit"
        }
        io::ErrorKind::AddrNotAvailable => "this machine has no such address",
        _ => "it cannot be listened on",
    };
    format!("cannot listen on {addr} ({problem}); {hint}")
}

fn try_bind(addr: SocketAddr) -> io::Result<()> {
    if addr.port() == 0 {
        return Ok(());
    }
    TcpListener::bind(addr).map(drop)
}

/// The first free port from `first` on, among ten; `None` when all are taken.
#[must_use]
pub fn free_port(ip: std::net::IpAddr, first: u16) -> Option<u16> {
    if first == 0 {
        return Some(0);
    }
    (first..=first.saturating_add(9)).find(|port| try_bind(SocketAddr::new(ip, *port)).is_ok())
}

/// One line for each listener: what is spoken and for whom. `bound` are the addresses in use.
#[must_use]
pub fn in_words(settings: &Settings, bound: &[SocketAddr]) -> Vec<String> {
    let pairs = settings.listeners.iter().zip(bound);
    pairs
        .map(|(listener, bound)| one(settings, listener, *bound))
        .collect()
}

fn one(settings: &Settings, listener: &Listener, bound: SocketAddr) -> String {
    match listener.kind {
        ListenerKind::Https => format!("https://{bound}  {}", served(&settings.apps)),
        ListenerKind::Http => {
            format!(
                "http://{bound}  {} (development, unencrypted)",
                served(&settings.apps)
            )
        }
        ListenerKind::RedirectToHttps { https_port } => {
            format!("http://{bound}  only redirects to https, port {https_port}")
        }
    }
}

/// One line for the admin app: how it is reached and under which names. `bound` is the address in
/// use.
#[must_use]
pub fn admin_in_words(admin: &AdminSettings, bound: SocketAddr) -> String {
    let scheme = if admin.tls.is_some() { "https" } else { "http" };
    let names = admin.hosts.join(", ");
    let reach = if admin.tls.is_none() {
        " (this machine only, unencrypted)"
    } else if bound.ip().is_loopback() {
        " (this machine only)"
    } else {
        ""
    };
    format!("{scheme}://{bound}  admin app, for operators: {names}{reach}")
}

/// `emr: emr.clinic.test; charts: charts.clinic.test`.
fn served(apps: &[AppSettings]) -> String {
    let mut text = String::new();
    for app in apps {
        let between = if text.is_empty() { "" } else { "; " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{between}{}: {}", app.name, app.hosts.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_stepped_over() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = taken.local_addr().unwrap();
        assert!(try_bind(addr).is_err());
        let free = free_port(addr.ip(), addr.port());
        assert_ne!(free, Some(addr.port()));
        assert_eq!(free_port(addr.ip(), 0), Some(0));
    }

    fn with_admin(admin: &str) -> Settings {
        let text = format!(
            "version = 1\ndevelopment = true\n[[listener]]\naddr = \"127.0.0.1:0\"\n\
             kind = \"http\"\n[store]\npath = \"a.db\"\nkey_file = \"a.key\"\n[[app]]\n\
             name = \"emr\"\nhosts = [\"emr.test\"]\nupstreams = [\"http://127.0.0.1:9\"]\n\
             preset = \"demo\"\n[admin]\n{admin}\n"
        );
        anteroom_config::parse(&text, std::path::Path::new("/")).unwrap()
    }

    #[test]
    fn the_address_of_the_admin_app_must_be_free_as_well() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = taken.local_addr().unwrap();
        let settings = with_admin(&format!("addr = \"{addr}\""));
        let refused = refuse_taken(&settings).unwrap_err().to_string();
        assert!(refused.contains(&addr.to_string()), "{refused}");
        drop(taken);
        assert!(refuse_taken(&settings).is_ok());
    }

    #[test]
    fn the_admin_app_is_told_apart_and_says_who_can_reach_it() {
        for (admin, says) in [
            (
                "addr = \"127.0.0.1:8444\"",
                "http://127.0.0.1:8444  admin app, for operators: localhost, 127.0.0.1, [::1] \
                 (this machine only, unencrypted)",
            ),
            (
                "addr = \"[::1]:8444\"\ncertificate = \"a\"\nkey = \"b\"\nhosts = [\"a.test\"]",
                "https://[::1]:8444  admin app, for operators: a.test (this machine only)",
            ),
            (
                "addr = \"10.0.0.1:8444\"\ncertificate = \"a\"\nkey = \"b\"\nhosts = [\"a.test\"]",
                "https://10.0.0.1:8444  admin app, for operators: a.test",
            ),
        ] {
            let admin = with_admin(admin).admin.unwrap();
            assert_eq!(admin_in_words(&admin, admin.addr), says);
        }
    }

    #[test]
    fn a_refusal_names_the_address_and_what_to_do() {
        let addr: SocketAddr = "0.0.0.0:443".parse().unwrap();
        let said = refusal(addr, &io::Error::from(io::ErrorKind::PermissionDenied));
        assert!(
            said.contains("0.0.0.0:443") && said.contains("CAP_NET_BIND_SERVICE"),
            "{said}"
        );
    }
}
