//! Cookies as bytes: reading both headers, the upstream jar, and patterns over names.
//!
//! Values are kept byte for byte, quotes included, because the upstream gets back exactly what it
//! set. Never seals or opens anything and never decides which cookie may pass: that is the
//! gateway's, by `profile`'s rules. Start with [`Jar`].

mod date;
mod header;
mod jar;
mod pattern;
mod set_cookie;

pub use date::cookie_date;
pub use header::pairs;
pub use jar::{Jar, JarCookie, net_deletions};
pub use pattern::NamePattern;
pub use set_cookie::{SameSite, SetCookie, default_path, parse_set_cookie, path_matches};
