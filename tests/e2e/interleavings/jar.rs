//! Case 3: the app's cookies through a whole life of sessions, against a browser that talks to the
//! app itself.
//!
//! Two browsers get the same answers: one directly, one sealed and opened by the gateway's own
//! cookie modules through anonymous pages, failed logins, success, release, verified pages, lock
//! and unlock, and logins in a verified session. Whenever a session's cookies travel, the app must
//! see the same from both. Nothing sealed before a release may open after it; a lock changes
//! nothing.
//!
//! One difference is written into the model, because a browser sends a login form only the cookies
//! of its path: what else an app had set before a login is left behind by it. What may happen,
//! turn by turn, is in `turns`.

mod turns;

use std::collections::HashMap;

use anteroom_core::cookies::{Jar, NamePattern};
use anteroom_core::ids::AppName;
use anteroom_core::profile::CookieRules;
use anteroom_core::time::Timestamp;
use anteroom_gateway::cookies::incoming::{self, Belongings, fingerprint};
use anteroom_gateway::cookies::outgoing::{self, Sent};
use anteroom_gateway::cookies::seal::Sealer;
use anteroom_tests::browser::jar::{Jar as BrowserJar, Use};
use anteroom_tests::browser::url::Url;
use anteroom_tests::world::TestClock;

use super::Dice;

const LOGIN: &str = "/app/login";
const PATHS: [&str; 5] = ["/", "/app/page", "/app/deep/page", "/other/page", LOGIN];
const NAMES: [&str; 5] = ["S", "csrf", "lang", "theme", "bnd"];
const PLAIN: &str = "theme";
const BOUND: &str = "bnd";

/// The session that the browser's cookie of ours names.
enum State {
    /// Its cookies are sealed under a key derived from our id.
    Anonymous,
    /// A login failed: its jar is in the record, and the browser's own cookies count no more.
    Tainted(Jar),
    /// Its cookies are sealed under a random key.
    Verified { locked: bool },
}

#[derive(Default)]
struct Belongs {
    bound: Vec<[u8; 32]>,
    kept: HashMap<(Vec<u8>, String), Vec<u8>>,
}

impl Belongings for Belongs {
    fn kept(&self, name: &[u8], path: &str) -> Option<Vec<u8>> {
        self.kept.get(&(name.to_vec(), path.to_owned())).cloned()
    }

    fn is_bound(&self, name: &[u8], value: &[u8]) -> bool {
        self.bound.contains(&fingerprint(name, value))
    }
}

struct Model {
    dice: Dice,
    clock: TestClock,
    app: AppName,
    rules: CookieRules,
    direct: BrowserJar,
    through: BrowserJar,
    state: State,
    key: [u8; 32],
    belongs: Belongs,
    /// Everything ever sealed, with the key it was sealed under.
    sealed: Vec<(String, String, [u8; 32])>,
    drawn: u64,
    story: Vec<String>,
}

fn url(path: &str) -> Url {
    Url::parse(&format!("https://emr.test{path}")).expect("an address")
}

fn asked(url: &Url) -> Use<'_> {
    Use {
        url,
        initiator: None,
        top_level: true,
        method: "GET",
    }
}

impl Model {
    fn new(seed: u64) -> Self {
        let clock = TestClock::new();
        let pattern = |name: &str| NamePattern::Exact(name.to_owned());
        Self {
            dice: Dice::new(seed),
            app: AppName::new("emr"),
            rules: CookieRules {
                plain: vec![pattern(PLAIN)],
                bind: vec![pattern(BOUND)],
                login: vec![pattern("S")],
            },
            direct: BrowserJar::new(clock.clone()),
            through: BrowserJar::new(clock.clone()),
            clock,
            state: State::Anonymous,
            key: [1; 32],
            belongs: Belongs::default(),
            sealed: Vec::new(),
            drawn: 0,
            story: Vec::new(),
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.now_ms())
    }

    fn fresh<const N: usize>(&mut self) -> [u8; N] {
        self.drawn += 1;
        let mut bytes = [0_u8; N];
        bytes[..8].copy_from_slice(&self.drawn.to_be_bytes());
        bytes[8] = 0xAA;
        bytes
    }

    /// What an app may put into an answer to a request for this path.
    fn answer(&mut self) -> Vec<String> {
        let lines = self.dice.roll(4);
        (0..lines).map(|_| self.line()).collect()
    }

    fn line(&mut self) -> String {
        let name = *self.dice.pick(&NAMES);
        self.drawn += 1;
        let large = matches!(self.state, State::Verified { .. }) && self.dice.chance(40);
        let value = match self.dice.roll(7) {
            _ if large && name != PLAIN && name != BOUND => {
                format!("large-{}-{}", self.drawn, "x".repeat(3500))
            }
            0 => String::new(),
            1 => format!("\"quoted {}, odd\"", self.drawn),
            2 => format!("a=b=={}", self.drawn),
            _ => format!("value-{}", self.drawn),
        };
        let path = match (name, self.dice.roll(5)) {
            // A plain or bound cookie's path is not known to us when it comes back.
            (PLAIN | BOUND, _) => "; Path=/",
            (_, 0) => "; Path=/app",
            (_, 1) => "; Path=/app/deep",
            (_, 2) => "; Path=/other/",
            (_, 3) => "",
            _ => "; Path=/",
        };
        let more = match self.dice.roll(9) {
            0 => "; Max-Age=0",
            1 => "; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            // Nor is a bound cookie's age: re-issued by a release, it lives as long as the browser.
            2 | 3 if name == BOUND => "",
            2 => "; Max-Age=60; HttpOnly",
            3 => "; Max-Age=3600; SameSite=Strict",
            4 => "; HttpOnly; SameSite=Lax",
            _ => "",
        };
        format!("{name}={value}{path}{more}")
    }

    /// The pairs of a line, those of one name in the order that counts.
    fn sorted(line: Option<&[u8]>) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> =
            anteroom_core::cookies::pairs(line.unwrap_or_default())
                .map(|(name, value)| {
                    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                    (text(name), text(value))
                })
                .collect();
        pairs.sort_by(|one, other| one.0.cmp(&other.0));
        pairs
    }

    fn direct_line(&self, path: &str) -> Vec<u8> {
        self.direct.pairs(asked(&url(path))).join("; ").into_bytes()
    }

    fn browser_line(&self, path: &str) -> Vec<u8> {
        self.through
            .pairs(asked(&url(path)))
            .join("; ")
            .into_bytes()
    }

    /// The browser's cookies as the gateway opens them for this session.
    fn opened(&self, path: &str, key: Option<&[u8; 32]>) -> Jar {
        let sealer = key.map(|key| Sealer::new(key, &self.app));
        let line = self.browser_line(path);
        let ours = anteroom_gateway::cookies::token::NAME;
        let lines = std::iter::once(line.as_slice());
        incoming::open(lines, sealer.as_ref(), &self.rules, &self.belongs, ours)
            .unwrap_or_else(|conflict| panic!("{conflict:?}: {:#?}", self.story))
            .jar
    }

    fn same(&self, what: &str, path: &str, upstream: Option<&[u8]>) {
        let (direct, through) = (
            Self::sorted(Some(&self.direct_line(path))),
            Self::sorted(upstream),
        );
        assert_eq!(through, direct, "{what} at {path}: {:#?}", self.story);
    }

    /// Gives an app's cookie to the browser behind the gateway, sealed under the present key.
    fn give(&mut self, cookie: &anteroom_core::cookies::JarCookie, gone: bool, path: &str) {
        let nonce = self.fresh();
        let sent = {
            let sealer = Sealer::new(&self.key, &self.app);
            outgoing::send(cookie, gone, &sealer, &self.rules, true, nonce)
        };
        let line = match sent {
            Sent::Line(line) => line,
            Sent::Bound(line, print) => {
                self.belongs.bound.push(print);
                line
            }
            Sent::Kept(line) => {
                let place = (cookie.name.clone(), cookie.path.clone());
                self.belongs.kept.insert(place, cookie.value.clone());
                line
            }
            Sent::Dropped => panic!("dropped: {:#?}", self.story),
        };
        let line = String::from_utf8(line).expect("ASCII");
        let name = String::from_utf8_lossy(&cookie.name).into_owned();
        if !gone && name != PLAIN && name != BOUND {
            let value = line[name.len() + 1..]
                .split(';')
                .next()
                .unwrap_or_default()
                .to_owned();
            assert!(
                name.len() + value.len() <= 4096,
                "a browser would drop it: {name}"
            );
            self.sealed.push((name, value, self.key));
        }
        self.through.set(&line, asked(&url(path)));
    }
}

#[test]
fn case_3_the_app_sees_what_a_direct_session_would_show_it_through_every_turn() {
    let (mut releases, mut sealed) = (0, 0);
    for seed in 0..1000 {
        let mut model = Model::new(seed);
        for _ in 0..20 {
            model.step();
        }
        let story = &model.story;
        releases += story
            .iter()
            .filter(|step| step.starts_with("login that works"))
            .count();
        sealed += model.sealed.len();
    }
    assert!(releases > 1500 && sealed > 5000, "{releases} {sealed}");
}

/// The model can fail: were the key kept over a release, it would be noticed.
#[test]
fn case_3_a_key_kept_over_a_release_would_be_noticed() {
    let mut model = Model::new(1);
    while model.sealed.is_empty() {
        model.page();
    }
    let (name, value, key) = model.sealed[0].clone();
    let same = Sealer::new(&key, &model.app);
    assert!(same.open(name.as_bytes(), value.as_bytes()).is_some());
    model.login(true);
    let new = Sealer::new(&model.key, &model.app);
    assert!(new.open(name.as_bytes(), value.as_bytes()).is_none());
}
