//! What the demonstration tells its visitor: where, who, what to try, how to stop.
//!
//! Words only.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use crate::demo::ACCOUNTS;
use crate::demo_config::host_of;
use crate::say::quoted;

/// What the words are about.
pub struct Places<'a> {
    /// Where Anteroom listens.
    pub gateway: SocketAddr,
    /// Where the sample EMR itself listens.
    pub upstream: SocketAddr,
    /// The port that was asked for, when another one had to do.
    pub wanted_port: Option<u16>,
    /// The running program: it may not be on the visitor's PATH.
    pub program: &'a Path,
    /// The configuration that was written.
    pub config: &'a Path,
    /// Where operators go.
    pub admin: Option<&'a str>,
    /// The state is kept for the next time.
    pub kept: bool,
}

/// The whole text.
#[must_use]
pub fn text(places: &Places<'_>) -> String {
    let url = |at: SocketAddr| format!("http://{}:{}", host_of(at.ip()), at.port());
    let (here, bare) = (url(places.gateway), url(places.upstream));
    let moved = places.wanted_port.map_or_else(String::new, |port| {
        format!("\n(Port {port} was taken, so this is the next free one.)\n")
    });
    let shell = |path: &Path| quoted(&path.display().to_string());
    let operator = format!(
        "{} --config {}",
        shell(places.program),
        shell(places.config)
    );
    let state = if places.kept {
        let dir = places.config.parent().unwrap_or(places.config).display();
        format!("Enrolled phones are kept in {dir}; start with --fresh to begin anew.")
    } else {
        "Everything is forgotten at the end (--fresh).".to_owned()
    };
    format!(
        "\
Wardbook is a sample EMR: old, useful, and without a second factor.
Anteroom stands in front of it and adds one. Wardbook itself was not changed.
{moved}
  With Anteroom      {here}/
  Without it         {bare}/   (compare: here the password is enough)
  Admin app          {admin}/   (for the helpdesk: see 5 below)

Accounts
{accounts}
Try this
  1. Open {here}/ and sign in as alice. Instead of the ward you are asked to set up
     a second factor. Scan the picture with any authenticator app, or run
         oathtool --totp --base32 'KEY'
     with the key that the page shows under the picture. Keep the recovery codes; then you are in.
  2. Sign out, sign in again: now the app's code is asked for, and each code works once.
     Lost the phone? Choose \"recovery code\" on that page and type one of yours.
  3. Type wrong codes. After five there is a pause, and it grows.
  4. See that a password alone gets nothing: type it, stop at the code, and open
     {here}/patients in another tab. Or, with neither:
         curl -si {here}/patients | head -n 1
  5. Be the helpdesk. In another terminal, make yourself an operator:
         a() {{ {operator} \"$@\"; }}
         a operator create me --role owner
     Open the link that it prints, choose a password and connect your phone once more. Then find
     alice: unlock her after too many wrong codes, give her a temporary code, reset her.
     Everything that the admin app does, the command line does too:
         a subscriber list
         a subscriber reset alice --reason \"lost phone\"
         a enrol-code alice
         a audit tail --follow

This is a demonstration: invented patients, public passwords, plain HTTP. It listens on this
machine only, and nothing will make it listen elsewhere. For your own app: anteroom serve --help
{state}
Press Ctrl-C to stop.
",
        accounts = accounts(),
        admin = places.admin.unwrap_or("(none)"),
    )
}

fn accounts() -> String {
    let mut text = String::new();
    for account in &ACCOUNTS {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {:<10} {:<16} {}",
            account.name, account.password, account.shown_as
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_places_and_every_account() {
        let config = Path::new("/clinic/.demo/anteroom.toml");
        let text = text(&Places {
            gateway: "127.0.0.1:8081".parse().unwrap(),
            upstream: "127.0.0.1:40001".parse().unwrap(),
            wanted_port: Some(8080),
            program: Path::new("/opt/my tools/anteroom"),
            config,
            admin: Some("http://admin.localhost:8082"),
            kept: true,
        });
        for part in [
            "http://127.0.0.1:8081/",
            "http://127.0.0.1:40001/",
            "http://admin.localhost:8082/",
            "Port 8080 was taken",
            "/clinic/.demo;",
            "a() { '/opt/my tools/anteroom' --config /clinic/.demo/anteroom.toml \"$@\"; }",
            "Ctrl-C",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        for account in &ACCOUNTS {
            assert!(text.contains(account.name) && text.contains(account.password));
        }
    }
}
