//! Free ports on loopback, for programs that cannot be told to listen on port 0.
//! Never used for our own servers: those bind port 0 and report the port they got.
//! See `apps::keeper`, which starts such programs.

use std::net::{SocketAddr, TcpListener};

/// A listener on a port of the kernel's choice.
pub fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("loopback has a free port")
}

/// A port that was free a moment ago. Somebody may take it before it is used: start again then.
pub fn free_port() -> u16 {
    listener()
        .local_addr()
        .expect("a bound listener has an address")
        .port()
}

/// A loopback address at which nobody listens: a connection to it is refused.
pub fn dead_end() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], free_port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_can_be_bound() {
        assert!(TcpListener::bind(("127.0.0.1", free_port())).is_ok());
    }

    #[test]
    fn nobody_answers_at_a_dead_end() {
        assert!(std::net::TcpStream::connect(dead_end()).is_err());
    }
}
