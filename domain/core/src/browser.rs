//! A browser named coarsely, from what it says of itself: "Firefox on Windows".
//!
//! Coarse on purpose (`standards.md` G-4): enough for a person to know her own computer in a list,
//! too little to follow anybody. Never trusted for anything: whoever wants to lie does. The result
//! holds words of ours only, nothing that was sent.

/// Names the browser and the system. The order matters: Edge and Opera call themselves Chrome too,
/// and Chrome calls itself Safari; an Android phone says Linux, an iPhone says Mac OS.
#[must_use]
pub fn browser_of(user_agent: &str) -> &'static str {
    let says = |word: &str| user_agent.contains(word);
    let browser = [
        ("Edg", 0),
        ("OPR/", 1),
        ("Firefox/", 2),
        ("FxiOS/", 2),
        ("Chrom", 3),
        ("CriOS/", 3),
        ("Safari/", 4),
    ];
    let system = [
        ("Android", 0),
        ("iPhone", 1),
        ("iPad", 1),
        ("CrOS", 2),
        ("Windows", 3),
        ("Mac OS", 4),
        ("Linux", 5),
    ];
    let place = |names: &[(&str, usize)], unknown| {
        let found = names.iter().find(|(word, _)| says(word));
        found.map_or(unknown, |(_, at)| *at)
    };
    NAMES[place(&browser, 5)][place(&system, 6)]
}

macro_rules! on_every_system {
    ($($browser:literal)*) => {
        [$([
            concat!($browser, " on Android"),
            concat!($browser, " on an iPhone or iPad"),
            concat!($browser, " on a Chromebook"),
            concat!($browser, " on Windows"),
            concat!($browser, " on a Mac"),
            concat!($browser, " on Linux"),
            $browser,
        ],)*]
    };
}

const NAMES: [[&str; 7]; 6] =
    on_every_system!("Edge" "Opera" "Firefox" "Chrome" "Safari" "A browser");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_behind_the_names_of_others() {
        for (said, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/140.0.0.0 Safari/537.36",
                "Chrome on a Chromebook",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on an iPhone or iPad",
            ),
            ("curl/8.5.0", "A browser"),
            ("", "A browser"),
        ] {
            assert_eq!(browser_of(said), name, "{said}");
        }
    }

    #[test]
    fn nothing_that_was_sent_comes_back() {
        let named = browser_of("<img src=x onerror=1> Firefox/1 Windows");
        assert_eq!(named, "Firefox on Windows");
    }
}
