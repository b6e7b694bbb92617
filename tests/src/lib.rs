//! The test harness: actors, wire-level tools, real applications and the world they meet in.
//! Never reaches into a private module of the gateway; it only knocks from outside, as a browser,
//! a phone or an attacker would. Start with `world`, then the actor that a test needs.
//!
//! Actors: `browser` (a person at a web page; `first_steps` for her first sign-in), `phone` (her
//! authenticator app), `security_key`, `token` (of hardware, on her key ring), `ws` (a socket),
//! `desk` (operators at the admin app).
//! Wire: `raw` (HTTP/1.1 byte by byte), `h2client` and `h2raw` (HTTP/2, polite and rude),
//! `recorder` (an upstream that writes down every byte it gets). Apps: `apps` (real ones).

// A test that cannot go on should stop at once and say where: that is what a panic is for here. It
// may also look at real clocks and the environment: deadlines on sockets and skips need them.
// The public items are documented where their name does not say it all, not one by one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs
)]

pub mod answer;
pub mod apps;
pub mod browser;
pub mod desk;
pub mod first_steps;
pub mod framing;
pub mod h2client;
pub mod h2raw;
pub mod login;
pub mod own_pages;
pub mod phone;
pub mod ports;
pub mod quiet;
pub mod raw;
pub mod recorder;
pub mod security_key;
pub mod tls;
pub mod token;
pub mod wire;
pub mod world;
pub mod ws;
