//! A person at a browser: pages, forms, links, tabs, a cookie jar with real rules.
//! Never follows more than it is told to and never runs a script: what a script of the page would
//! do, the test says by `xhr`, `load`, `socket` or `jar().set_by_script`.
//!
//! `ask` says what a request tells of its origin, `send` brings it there, `jar` keeps cookies,
//! `form` and `page` read HTML, `url` and `site` know the rules of the web.

pub mod ask;
pub mod cookie;
pub mod form;
mod html;
pub mod jar;
pub mod page;
pub mod send;
pub mod site;
pub mod url;
mod visit;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use self::ask::{Ask, Initiator, Kind};
use self::form::{Form, multipart, urlencoded};
use self::jar::Jar;
use self::page::Page;
use self::send::{Internet, Lines, Protocol, Sender};
use self::url::Url;
use crate::answer::NoAnswer;

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/141.0.0.0 Safari/537.36";

/// One tab. `new_tab` gives another of the same browser.
pub struct Browser {
    net: Internet,
    home: Url,
    jar: Arc<Mutex<Jar>>,
    lines: Arc<Lines>,
    protocol: Protocol,
    source: Option<IpAddr>,
    agent: String,
    language: String,
    always: Vec<(String, String)>,
    history: Vec<Entry>,
    at: usize,
}

/// A page in the history, and how to ask for it again.
#[derive(Clone)]
struct Entry {
    page: Page,
    ask: Ask,
    /// The browser may show it again without asking.
    kept: bool,
}

impl Browser {
    /// A fresh browser whose owner works at this origin, as in `https://emr.test`.
    pub fn new(net: &Internet, home: &str) -> Self {
        Self {
            net: net.clone(),
            home: Url::parse(home).expect("an absolute http(s) URL"),
            jar: Arc::new(Mutex::new(Jar::new(net.clock().clone()))),
            lines: Arc::default(),
            protocol: Protocol::H1,
            source: None,
            agent: AGENT.to_owned(),
            language: "en-GB,en;q=0.9".to_owned(),
            always: Vec::new(),
            history: Vec::new(),
            at: 0,
        }
    }

    pub fn over(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Connects from this loopback address: another machine, for all the server can tell.
    pub fn from_address(mut self, source: &str) -> Self {
        self.source = Some(source.parse().expect("an IPv4 address of this machine"));
        self
    }

    /// `Accept-Language`.
    pub fn speaking(mut self, language: &str) -> Self {
        language.clone_into(&mut self.language);
        self
    }

    pub fn called(mut self, agent: &str) -> Self {
        agent.clone_into(&mut self.agent);
        self
    }

    /// A field that goes with every request from now on.
    pub fn always(mut self, name: &str, value: &str) -> Self {
        self.always.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A second tab: same jar, same connections, nothing open yet.
    pub fn new_tab(&self) -> Self {
        Self {
            net: self.net.clone(),
            home: self.home.clone(),
            jar: self.jar.clone(),
            lines: self.lines.clone(),
            protocol: self.protocol,
            source: self.source,
            agent: self.agent.clone(),
            language: self.language.clone(),
            always: self.always.clone(),
            history: Vec::new(),
            at: 0,
        }
    }

    /// Somebody else with a copy of the jar as it is now, on connections of her own.
    pub fn thief(&self) -> Self {
        let stolen = self.jar().clone();
        Self {
            jar: Arc::new(Mutex::new(stolen)),
            lines: Arc::default(),
            ..self.new_tab()
        }
    }

    /// Somebody else with nothing of ours.
    pub fn stranger(&self) -> Self {
        Self::new(&self.net, &self.home.origin()).over(self.protocol)
    }

    /// The cookie jar. Do not hold it over an `await`.
    pub fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().expect("sound")
    }

    /// The value of the live cookie of this name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().find(name).map(|cookie| cookie.value)
    }

    pub fn home(&self) -> &Url {
        &self.home
    }

    pub fn internet(&self) -> &Internet {
        &self.net
    }

    /// What the tab shows.
    pub fn page(&self) -> &Page {
        &self.current().expect("the tab shows a page").page
    }

    fn current(&self) -> Option<&Entry> {
        self.history.get(self.at)
    }

    /// An address as typed: absolute, or a path at the person's own place of work.
    pub fn at_home(&self, address: &str) -> Url {
        let joined = Url::parse(address).or_else(|| self.home.join(address));
        joined.unwrap_or_else(|| panic!("not an address: {address:?}"))
    }

    /// An address as a page writes it: relative to that page.
    pub fn from_page(&self, address: &str) -> Url {
        let base = self.current().map_or(&self.home, |entry| &entry.page.url);
        base.join(address)
            .unwrap_or_else(|| panic!("not an address: {address:?}"))
    }

    /// The page shown, as the one that makes the browser ask for more.
    fn here(&self) -> Option<Initiator> {
        self.current().map(|entry| Initiator {
            url: entry.page.url.clone(),
            policy: entry.page.header("referrer-policy").map(str::to_owned),
        })
    }

    /// A script's request from the page shown (or from home, if none is). Not sent yet.
    pub fn script_ask(&self, method: &str, address: &str) -> Ask {
        let here = self.here().unwrap_or(Initiator {
            url: self.home.clone(),
            policy: None,
        });
        Ask::new(method, self.from_page(address), Kind::Fetch, Some(here))
    }

    /// What pressing this form's button would send. For double clicks and other races: build it,
    /// then `fetch` it as often and from as many tabs as the test wants.
    pub fn form_ask(&self, form: &Form, entries: &[(&str, &str)], button: Option<&str>) -> Ask {
        let pressed = button.map(|b| form.button(b).unwrap_or_else(|| self.no_button(b)));
        let pairs = form
            .filled(entries, pressed)
            .unwrap_or_else(|why| panic!("{why}\non {}", self.page().describe()));
        let url = self.from_page(&form.action);
        let ask = |url| Ask::new(&form.method, url, Kind::Document, self.here()).by_hand();
        match (form.method.as_str(), form.multipart) {
            ("GET", _) => ask(url.with_query(&urlencoded(&pairs))),
            (_, true) => {
                let (kind, body) = multipart(&pairs);
                ask(url).body(&kind, body)
            }
            _ => ask(url).body("application/x-www-form-urlencoded", urlencoded(&pairs)),
        }
    }

    fn no_button(&self, what: &str) -> ! {
        panic!("no button {what:?} on {}", self.page().describe())
    }

    /// The form of the page shown that has all these fields.
    pub fn form_with(&self, entries: &[(&str, &str)]) -> Form {
        let forms = self.page().forms();
        let fits = |form: &Form| entries.iter().all(|(name, _)| form.has_field(name));
        let found = forms.iter().find(|form| fits(form)).cloned();
        found.unwrap_or_else(|| {
            let fields: Vec<_> = forms.iter().map(Form::field_names).collect();
            let wanted: Vec<_> = entries.iter().map(|(name, _)| name).collect();
            panic!(
                "no form has {wanted:?}, only {fields:?}, on {}",
                self.page().describe()
            )
        })
    }

    /// Sends without showing: cookies are kept, the page stays. Works from a shared reference, so
    /// several requests can be under way at once.
    pub async fn fetch(&self, ask: &Ask) -> Result<Page, NoAnswer> {
        let mut fields = ask.fields(&self.agent, &self.language);
        fields.retain(|(n, _)| {
            !self
                .always
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(n))
        });
        fields.extend(self.always.iter().cloned());
        let sender = Sender {
            net: &self.net,
            lines: &self.lines,
            jar: &self.jar,
            protocol: self.protocol,
            source: self.source,
            fields,
        };
        let answer = sender.send(ask).await?;
        Ok(Page::new(ask.url.clone(), &ask.method, answer))
    }
}

#[cfg(test)]
mod tests;
