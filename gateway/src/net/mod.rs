//! How bytes reach us: listeners, TLS, connections and their limits.
//!
//! Never looks at HTTP: a connection handed on from here is pingora's (`crate::proxy`). Start at
//! `listen`.

pub mod connection;
pub mod limits;
pub mod listen;
pub mod stream;
pub mod tls;
