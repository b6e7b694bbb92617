//! The subscriber's way: the reverse proxy, the login exchange and the pages of a sign-in.
//!
//! [`start`] takes checked settings, an open store and keys, and returns a [`Running`] gateway. One
//! request walks: `net` (a connection) → `front` and `proxy::admit` (may it come in, which app) →
//! [`gateway`] (who is it) → `anteroom_core::decide` (what becomes of it) → `proxy::act` (one
//! action): stream it (`proxy::verified`), hold it (`sign_in`), show a page (`portal`, `pages`),
//! refuse it (`fail`). Only this crate names pingora; it knows neither SQL nor policy.

mod app;
mod arrival;
mod asked;
pub mod cookies;
mod facts;
mod fail;
mod feed;
pub mod front;
mod gateway;
pub mod keys;
mod metrics;
mod net;
pub mod pages;
pub mod passkeys;
mod portal;
mod private;
mod proxy;
mod reply;
mod respond;
mod running;
pub mod sessions;
pub mod sign_in;
mod surroundings;
mod upstream;

pub use app::{App, AppError};
pub use gateway::Gateway;
pub use net::tls::{CertificateError, Certificates};
pub use portal::own_addresses;
pub use running::{Running, StartError, start};
pub use upstream::health;
