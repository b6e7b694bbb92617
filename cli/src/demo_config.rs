//! The configuration of the demonstration: a text that can be read, checked like any other.
//!
//! Loopback only, or the checks refuse it: plain HTTP and enrolment without an end date are allowed
//! nowhere else. Tests start the same gateway from here.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use anteroom_config::{ConfigError, Settings};

/// The name of the demonstration's one app.
pub const APP: &str = "wardbook";

/// The host of the demonstration's admin app. Browsers take every name below `localhost` for this
/// machine (RFC 6761 6.3), and it must not be a host of the app: cookies do not know ports.
pub const ADMIN_HOST: &str = "admin.localhost";

/// The configuration as TOML. Relative paths start from the folder it is kept in. The admin app
/// listens on `listen`'s address and the port `admin`.
#[must_use]
pub fn text(listen: SocketAddr, admin: u16, upstream: SocketAddr) -> String {
    let host = host_of(listen.ip());
    let admin = SocketAddr::new(listen.ip(), admin);
    let network = listen.ip();
    format!(
        r#"# What `anteroom demo` was told, written anew at each start. Never for real patients.
version = 1
# Plain HTTP and open enrolment: allowed because everything stays on this machine.
development = true
workers = 2

[[listener]]
addr = "{listen}"
kind = "http"

[store]
path = "anteroom.db"
key_file = "anteroom.key"

[log]
level = "warn"

# Where operators help people. There is no operator yet: `anteroom operator create` makes the first.
[admin]
addr = "{admin}"
hosts = ["{ADMIN_HOST}"]

[[admin.place]]
network = "{network}"
name = "this machine"

[[app]]
name = "{APP}"
display_name = "Wardbook"
hosts = ["{host}", "localhost"]
upstreams = ["http://{upstream}"]
preset = "demo"

[app.contact]
phone = "+1 555 0101"
email = "helpdesk@clinic.test"
say = "This is a demonstration: nobody answers there."

[app.enrolment]
policy = "open"
"#
    )
}

/// The same, checked. `dir` is where store and key file are kept. The system chooses the port of
/// the admin app.
///
/// # Errors
/// When an address is not on loopback.
pub fn settings(
    listen: SocketAddr,
    upstream: SocketAddr,
    dir: &Path,
) -> Result<Settings, ConfigError> {
    anteroom_config::parse(&text(listen, 0, upstream), dir)
}

/// An address as it stands in `Host`.
#[must_use]
pub fn host_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anteroom_core::policy::EnrolmentPolicy;

    const UPSTREAM: &str = "127.0.0.1:9";

    fn of(listen: &str) -> Result<Settings, ConfigError> {
        let (listen, upstream) = (listen.parse().unwrap(), UPSTREAM.parse().unwrap());
        settings(listen, upstream, Path::new("/nowhere"))
    }

    #[test]
    fn it_passes_the_checks_without_a_warning_on_both_loopbacks() {
        for (listen, host) in [("127.0.0.1:8080", "127.0.0.1"), ("[::1]:8080", "[::1]")] {
            let settings = of(listen).unwrap_or_else(|problem| panic!("{problem}"));
            assert_eq!(settings.warnings, []);
            let app = settings.app_for(host).expect("served under its address");
            assert_eq!(app.policy.enrolment, EnrolmentPolicy::Open { until: None });
            assert!(settings.app_for("localhost").is_some());
            assert_eq!(settings.store.path, Path::new("/nowhere/anteroom.db"));
            let admin = settings.admin.as_ref().expect("an admin app");
            assert_eq!(admin.addr.ip(), settings.listeners[0].addr.ip());
            assert_eq!(admin.hosts, [ADMIN_HOST]);
            assert!(settings.app_for(ADMIN_HOST).is_none());
            assert_eq!(admin.place_of(admin.addr.ip()), Some("this machine"));
        }
    }

    #[test]
    fn any_other_address_is_refused() {
        for listen in ["0.0.0.0:8080", "192.0.2.1:8080", "[::]:8080"] {
            assert!(of(listen).is_err(), "{listen}");
        }
    }
}
