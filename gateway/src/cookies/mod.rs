//! Cookies: ours (`token`), the app's (`seal`, `incoming`, `outgoing`), the proof of bound ones
//! (`companion`), and that of a remembered device (`device`).
//!
//! No cookie passes this module unread in either direction. The rules per name are the profile's
//! (`anteroom_core::profile::CookieRules`); the life of a session is `crate::sessions`.

use anteroom_core::cookies::SameSite;

pub mod companion;
pub mod device;
pub mod incoming;
pub mod outgoing;
pub mod provider;
pub mod seal;
pub mod token;

const fn same_site_code(same_site: Option<SameSite>) -> u8 {
    match same_site {
        None => 0,
        Some(SameSite::Strict) => 1,
        Some(SameSite::Lax) => 2,
        Some(SameSite::None) => 3,
    }
}

const fn same_site_from(code: u8) -> Option<SameSite> {
    match code {
        1 => Some(SameSite::Strict),
        2 => Some(SameSite::Lax),
        3 => Some(SameSite::None),
        _ => None,
    }
}
