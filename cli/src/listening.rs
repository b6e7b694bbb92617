//! Addresses: whether they are free, and what is served where, in words.
//!
//! Binds nothing that stays bound; the gateway does.

use std::fmt::Write as _;
use std::io;
use std::net::{SocketAddr, TcpListener};

use anteroom_config::settings::{AppSettings, Listener, ListenerKind, Settings};

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
    for addr in listeners.chain(settings.private) {
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
