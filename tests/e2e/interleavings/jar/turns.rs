//! What may happen to the two browsers, one turn each: pages, logins that work or fail, releases,
//! scripts, locks and logouts. Compares through the model of `jar`; decides nothing about cookies.

use anteroom_core::cookies::{Jar, parse_set_cookie, path_matches};
use anteroom_gateway::cookies::incoming;
use anteroom_gateway::cookies::outgoing;
use anteroom_gateway::cookies::seal::Sealer;
use anteroom_gateway::sign_in::jars;
use std::time::Duration;

use super::*;

impl Model {
    /// A page of an anonymous or verified session.
    pub(super) fn page(&mut self) {
        let path = *self.dice.pick(&PATHS);
        let key = self.key;
        let upstream = incoming::line(&self.opened(path, Some(&key)));
        self.same("a page", path, upstream.as_deref());
        let lines = self.answer();
        self.story.push(format!("page {path} -> {lines:?}"));
        for line in lines {
            self.direct.set(&line, asked(&url(path)));
            let set = parse_set_cookie(line.as_bytes()).expect("a cookie");
            let cookie = outgoing::as_set(&set, path, self.now());
            let gone = set.is_deletion(self.now());
            self.give(&cookie, gone, path);
        }
    }

    /// The jar a login travels with, by `login::travelling`.
    fn travelling(&self) -> Jar {
        let anonymous = self.opened(LOGIN, Some(&self.key));
        match &self.state {
            State::Tainted(own) => jars::with_scripts_own(own.clone(), &anonymous, &self.rules),
            State::Anonymous | State::Verified { .. } => anonymous,
        }
    }

    fn merged(&mut self, mut jar: Jar, path: &str, lines: &[String]) -> Jar {
        for line in lines {
            self.direct.set(line, asked(&url(path)));
            let set = parse_set_cookie(line.as_bytes()).expect("a cookie");
            jar.set(set, path, self.now());
        }
        jar
    }

    pub(super) fn login(&mut self, works: bool) {
        let sent = self.travelling();
        self.same(
            "a login",
            LOGIN,
            sent.header_for(LOGIN, self.now()).as_deref(),
        );
        let lines = self.answer();
        self.story.push(format!(
            "login that {} -> {lines:?}",
            if works { "works" } else { "fails" }
        ));
        let jar = self.merged(sent, LOGIN, &lines);
        if !works {
            self.leave_behind(&jar);
            self.give_plain(LOGIN, &lines);
            self.state = State::Tainted(jars::without_plain(&jar, &self.rules));
            return;
        }
        self.leave_behind(&jar);
        let jar = jars::without_plain(&jar, &self.rules);
        self.release(&Jar::from_bytes(&jar.to_bytes()).expect("a jar"));
        self.give_plain(LOGIN, &lines);
    }

    /// What the login form's path does not show to us is lost with the login, and the model forgets
    /// it.
    fn leave_behind(&mut self, jar: &Jar) {
        let kept = |name: &str, path: &str| {
            name == PLAIN
                || jar
                    .entries()
                    .iter()
                    .any(|one| one.name == name.as_bytes() && one.path == path)
        };
        let lost: Vec<_> = self
            .direct
            .all()
            .into_iter()
            .filter(|cookie| !kept(&cookie.name, &cookie.path))
            .collect();
        for cookie in lost {
            let visible = path_matches(&cookie.path, LOGIN);
            assert!(
                !visible,
                "{} was visible and is lost: {:#?}",
                cookie.pair(),
                self.story
            );
            let gone = format!("{}=; Path={}; Max-Age=0", cookie.name, cookie.path);
            self.direct.set(&gone, asked(&url("/")));
        }
    }

    fn release(&mut self, jar: &Jar) {
        let old = std::mem::take(&mut self.key);
        self.key = self.fresh();
        assert_ne!(self.key, old);
        self.belongs = Belongs::default();
        for cookie in jar.entries() {
            // A handle's value belongs to the session that is gone: it is re-issued like any other.
            self.give(cookie, false, "/.anteroom/challenge");
        }
        self.state = State::Verified { locked: false };
        let sealer = Sealer::new(&self.key, &self.app);
        for (name, value, key) in self.sealed.iter().rev().take(24) {
            let opens = sealer.open(name.as_bytes(), value.as_bytes()).is_some();
            assert_eq!(
                opens,
                *key == self.key,
                "{name} sealed before: {:#?}",
                self.story
            );
        }
    }

    /// The login page, fetched with a tainted session.
    fn login_page(&mut self) {
        let State::Tainted(own) = &self.state else {
            return;
        };
        let jar = jars::with_scripts_own(own.clone(), &self.opened(LOGIN, None), &self.rules);
        self.same(
            "the login page",
            LOGIN,
            jar.header_for(LOGIN, self.now()).as_deref(),
        );
        let lines = self.answer();
        self.story.push(format!("login page -> {lines:?}"));
        let jar = self.merged(jar, LOGIN, &lines);
        self.leave_behind(&jar);
        self.give_plain(LOGIN, &lines);
        self.state = State::Tainted(jars::without_plain(&jar, &self.rules));
    }

    /// As `jars::give_plain`: while we keep the rest, plain cookies go to the browser at once.
    fn give_plain(&mut self, path: &str, lines: &[String]) {
        for line in lines.iter().filter(|line| line.starts_with(PLAIN)) {
            let set = parse_set_cookie(line.as_bytes()).expect("a cookie");
            let cookie = outgoing::as_set(&set, path, self.now());
            let gone = set.is_deletion(self.now());
            self.give(&cookie, gone, path);
        }
    }

    fn script_sets_plain(&mut self) {
        self.drawn += 1;
        let line = format!("{PLAIN}=chosen-{}; Path=/; Max-Age=99999", self.drawn);
        self.story.push(line.clone());
        self.direct.set_by_script(&line, &url("/app/page"));
        self.through.set_by_script(&line, &url("/app/page"));
    }

    fn everything_opens(&self) {
        for path in PATHS {
            let key = self.key;
            let line = incoming::line(&self.opened(path, Some(&key)));
            self.same("after an unlock", path, line.as_deref());
        }
    }

    pub(super) fn step(&mut self) {
        if self.dice.chance(8) {
            self.clock.advance(Duration::from_secs(45));
            self.story.push("45 s later".to_owned());
            // Expiry takes the plain ones of both jars alike; a tainted jar is read with the time.
        }
        if self.dice.chance(6) {
            self.script_sets_plain();
        }
        let what = self.dice.roll(10);
        match &self.state {
            State::Anonymous => match what {
                0..=5 => self.page(),
                6..=7 => self.login(false),
                _ => self.login(true),
            },
            State::Tainted(_) => match what {
                0..=2 => self.login_page(),
                3..=6 => self.login(false),
                _ => self.login(true),
            },
            State::Verified { locked: true } => {
                self.story.push("unlock".to_owned());
                self.state = State::Verified { locked: false };
                self.everything_opens();
            }
            State::Verified { locked: false } => match what {
                0..=6 => self.page(),
                7 => {
                    self.story.push("lock".to_owned());
                    self.state = State::Verified { locked: true };
                    // What is not this session's opens for nobody meanwhile, and nothing is taken
                    // away.
                    self.everything_opens();
                }
                8 => self.login(true),
                _ => {
                    // Logged out: our cookie goes, and whatever was sealed is worth nothing.
                    self.story.push("logout".to_owned());
                    self.key = self.fresh();
                    self.belongs = Belongs::default();
                    self.direct.clear();
                    self.through.remove(PLAIN);
                    let left = self.opened("/app/page", Some(&self.key));
                    assert!(left.is_empty(), "{left:?}: {:#?}", self.story);
                    self.through.clear();
                    self.state = State::Anonymous;
                }
            },
        }
    }
}
