//! Every address of a person's own page and of its forms, taken from the router itself: what is
//! added there is attacked from then on. Never opens any.

use std::sync::LazyLock;

/// The page.
pub const ME: &str = "/.anteroom/me";

static PAGES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let addresses = anteroom_gateway::own_addresses();
    addresses.map(|one| one.replace("{id}", "1")).collect()
});

/// The page and all its forms, for the first authenticator, session and computer of a clinic.
pub fn own_pages() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(String::as_str)
}

/// The forms alone.
pub fn own_forms() -> impl Iterator<Item = &'static str> {
    own_pages().filter(|path| *path != ME)
}
