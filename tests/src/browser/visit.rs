//! What a person does in a tab: types an address, clicks, fills forms, goes back.
//! Never sends by another way than `Browser::fetch`. A page that does not come is a failed test
//! here; where that is what a test expects, it uses `fetch` itself.

use super::ask::{Ask, Initiator, Kind};
use super::form::urlencoded;
use super::page::Page;
use super::url::Url;
use super::{Browser, Entry};

/// As many as browsers follow before they speak of a loop.
const REDIRECTS: usize = 20;

impl Browser {
    /// Types an address. Redirects are not followed: see `follow`.
    pub async fn get(&mut self, address: &str) -> Page {
        let ask = Ask::new("GET", self.at_home(address), Kind::Document, None).by_hand();
        self.land(ask).await
    }

    /// Types an address and goes wherever it leads.
    pub async fn open(&mut self, address: &str) -> Page {
        self.get(address).await;
        self.follow_all().await
    }

    /// Clicks the link that reads so.
    pub async fn click(&mut self, text: &str) -> Page {
        let links = self.page().links();
        let exact = links.iter().find(|(name, _)| name == text);
        let found = exact.or_else(|| links.iter().find(|(name, _)| name.contains(text)));
        let Some((_, target)) = found else {
            panic!(
                "no link {text:?} among {links:?} on {}",
                self.page().describe()
            )
        };
        let ask = Ask::new("GET", self.from_page(target), Kind::Document, self.here()).by_hand();
        self.land(ask).await
    }

    /// Fills the form that has these fields and presses its first button.
    pub async fn submit(&mut self, entries: &[(&str, &str)]) -> Page {
        let ask = self.form_ask(&self.form_with(entries), entries, None);
        self.land(ask).await
    }

    /// Fills the form with this id, name or part of an action, and presses its first button.
    pub async fn submit_form(&mut self, form: &str, entries: &[(&str, &str)]) -> Page {
        let forms = self.page().forms();
        let found = forms.iter().find(|f| f.is_called(form));
        let found =
            found.unwrap_or_else(|| panic!("no form {form:?} on {}", self.page().describe()));
        let ask = self.form_ask(found, entries, None);
        self.land(ask).await
    }

    /// Fills these fields, if any, and presses the button that reads so, in whichever form it is.
    pub async fn press(&mut self, button: &str, entries: &[(&str, &str)]) -> Page {
        let forms = self.page().forms();
        let found = forms.iter().find(|form| form.button(button).is_some());
        let found = found.unwrap_or_else(|| self.no_button(button));
        let ask = self.form_ask(found, entries, Some(button));
        self.land(ask).await
    }

    /// Goes where the page shown redirects to: one step.
    pub async fn follow(&mut self) -> Page {
        let entry = self.current().expect("the tab shows a page").clone();
        let ask = entry.ask.redirected(&entry.page);
        let ask = ask.unwrap_or_else(|| panic!("no redirect: {}", entry.page.describe()));
        self.land(ask).await
    }

    /// Follows until a page is no redirect. A loop is a failed test, told with its stations.
    pub async fn follow_all(&mut self) -> Page {
        let mut way = vec![self.page().url.to_string()];
        while self.page().is_redirect() {
            assert!(way.len() <= REDIRECTS, "a redirect loop: {way:#?}");
            let page = self.follow().await;
            way.push(page.url.to_string());
        }
        self.page().clone()
    }

    /// Reload, which sends a form again without asking whether we mean it.
    pub async fn reload(&mut self) -> Page {
        let ask = self.current().expect("the tab shows a page").ask.clone();
        let page = self.expect_page(&ask).await;
        self.history[self.at] = Entry {
            page: page.clone(),
            ask,
            kept: true,
        };
        page
    }

    /// Back. A page that may be kept is shown from memory, as browsers do; a `no-store` page is
    /// asked for again; the result of a form that may not be kept is an empty page, status 0.
    pub async fn back(&mut self) -> Page {
        assert!(self.at > 0, "there is nothing to go back to");
        self.at -= 1;
        // Redirects leave no entry of their own in a real history.
        while self.at > 0 && self.page().is_redirect() {
            self.at -= 1;
        }
        let Entry {
            mut page,
            mut ask,
            kept,
        } = self.history[self.at].clone();
        let control = page
            .headers
            .all("cache-control")
            .join(",")
            .to_ascii_lowercase();
        if control.contains("no-store") || !kept {
            if ask.method != "GET" {
                page.status = 0;
                page.body.clear();
                return page;
            }
            ask.by_hand = false;
            page = self.expect_page(&ask).await;
            self.history[self.at] = Entry {
                page: page.clone(),
                ask,
                kept: true,
            };
            return page;
        }
        page.from_cache = true;
        page
    }

    /// A script's request with credentials from the page shown. The page stays.
    pub async fn xhr(&mut self, method: &str, address: &str) -> Page {
        let ask = self
            .script_ask(method, address)
            .with("X-Requested-With", "XMLHttpRequest");
        self.quietly(ask).await
    }

    pub async fn xhr_json(&mut self, method: &str, address: &str, json: &str) -> Page {
        let ask = self
            .script_ask(method, address)
            .with("Accept", "application/json");
        self.quietly(ask.body("application/json", json)).await
    }

    pub async fn xhr_form(&mut self, address: &str, pairs: &[(&str, &str)]) -> Page {
        let ask = self
            .script_ask("POST", address)
            .with("X-Requested-With", "XMLHttpRequest");
        self.quietly(ask.body("application/x-www-form-urlencoded", urlencoded(pairs)))
            .await
    }

    /// A frame in the page shown. The page stays; what the frame shows is returned.
    pub async fn frame(&mut self, address: &str) -> Page {
        let ask = Ask::new("GET", self.from_page(address), Kind::Frame, self.here());
        self.quietly(ask).await
    }

    /// What the page loads: `script`, `style`, `image`, `font`...
    pub async fn load(&mut self, what: &'static str, address: &str) -> Page {
        let url = self.from_page(address);
        let ask = Ask::new("GET", url, Kind::Resource(what), self.here());
        self.quietly(ask).await
    }

    /// The script that the page registers as a service worker.
    pub async fn service_worker(&mut self, address: &str) -> Page {
        let ask = Ask::new("GET", self.from_page(address), Kind::Worker, self.here());
        self.quietly(ask).await
    }

    /// Follows a link on another site, as in `https://evil.test/trap`.
    pub async fn cross_site_get(&mut self, from: &str, address: &str) -> Page {
        let ask = self.foreign("GET", from, address, Kind::Document).by_hand();
        self.land(ask).await
    }

    /// Another site submits a form to us, with no click of the person.
    pub async fn cross_site_post(
        &mut self,
        from: &str,
        address: &str,
        pairs: &[(&str, &str)],
    ) -> Page {
        let ask = self.foreign("POST", from, address, Kind::Document);
        self.land(ask.body("application/x-www-form-urlencoded", urlencoded(pairs)))
            .await
    }

    /// Another site's page frames, fetches or loads us. The page stays.
    pub async fn cross_site_load(&mut self, from: &str, address: &str, kind: Kind) -> Page {
        let ask = self.foreign("GET", from, address, kind);
        self.quietly(ask).await
    }

    /// A request that another site makes the browser send. Not sent yet.
    pub fn foreign(&self, method: &str, from: &str, address: &str, kind: Kind) -> Ask {
        let url = Url::parse(from).expect("an absolute http(s) URL");
        Ask::new(
            method,
            self.at_home(address),
            kind,
            Some(Initiator { url, policy: None }),
        )
    }

    /// Sends and shows. What lay ahead in the history is gone, as in a browser.
    pub async fn land(&mut self, ask: Ask) -> Page {
        let page = self.expect_page(&ask).await;
        self.history.truncate(self.at + 1);
        self.history.push(Entry {
            page: page.clone(),
            ask,
            kept: true,
        });
        self.at = self.history.len() - 1;
        page
    }

    async fn quietly(&mut self, ask: Ask) -> Page {
        self.expect_page(&ask).await
    }

    async fn expect_page(&mut self, ask: &Ask) -> Page {
        let page = self.fetch(ask).await;
        let page = page.unwrap_or_else(|why| panic!("{} {}: {why}", ask.method, ask.url));
        let clear = page.header("clear-site-data").unwrap_or_default();
        let everything = clear.contains("\"*\"") || clear.contains("\"cache\"");
        if everything && page.url.is_trustworthy() {
            self.forget_site(&page.url);
        }
        page
    }

    /// `Clear-Site-Data: "cache"`: kept pages of this origin have to be asked for again.
    fn forget_site(&mut self, origin: &Url) {
        for entry in &mut self.history {
            if entry.page.url.origin() == origin.origin() {
                entry.kept = false;
            }
        }
    }
}
