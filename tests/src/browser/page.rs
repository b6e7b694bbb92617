//! What the browser shows after a request, with the answer it came in.
//! Never changes and never fetches; `browser` does both.

use super::form::{Form, forms};
use super::html::{Piece, pieces, squeeze};
use super::url::Url;
use crate::answer::{Answer, Headers};

const INLINE: [&str; 14] = [
    "a", "abbr", "b", "bdi", "code", "em", "i", "kbd", "mark", "small", "span", "strong", "time",
    "wbr",
];

#[derive(Clone, Debug)]
pub struct Page {
    /// Where it came from, which the address bar shows.
    pub url: Url,
    /// The method that brought it.
    pub method: String,
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
    pub trailers: Headers,
    /// Early answers (103), which browsers may act on.
    pub informational: Vec<(u16, Headers)>,
    /// Shown by Back from what the browser kept, without asking the server.
    pub from_cache: bool,
}

impl Page {
    pub(crate) fn new(url: Url, method: &str, answer: Answer) -> Self {
        Self {
            url,
            method: method.to_owned(),
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
            trailers: answer.trailers,
            informational: answer.informational,
            from_cache: false,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// The first `Set-Cookie` line for this name.
    pub fn set_cookie_line(&self, name: &str) -> Option<&str> {
        let lines = self.headers.all("set-cookie");
        lines
            .into_iter()
            .find(|line| line.strip_prefix(name).is_some_and(|l| l.starts_with('=')))
    }

    pub fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308) && self.location().is_some()
    }

    pub fn path(&self) -> &str {
        &self.url.path
    }

    /// The source of the page.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What a person reads, blanks made one.
    pub fn visible(&self) -> String {
        let texts = pieces(&self.text())
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Text(text) => Some(text),
                // Words on both sides of a block stand apart; inside of a sentence they do not.
                Piece::Tag(tag) => (!INLINE.contains(&tag.name.as_str())).then(|| " ".to_owned()),
            });
        squeeze(&texts.collect::<String>())
    }

    /// Whether this stands in the source or in what a person reads.
    pub fn has(&self, text: &str) -> bool {
        self.text().contains(text) || self.visible().contains(text)
    }

    /// Everything that came: head, early answers, source, trailers. For canaries.
    pub fn everything(&self) -> String {
        Answer {
            status: self.status,
            reason: String::new(),
            headers: self.headers.clone(),
            body: self.body.clone(),
            trailers: self.trailers.clone(),
            informational: self.informational.clone(),
        }
        .everything()
    }

    /// The body as JSON; panics with the body if it is none.
    pub fn json(&self) -> serde_json::Value {
        let parsed = serde_json::from_slice(&self.body);
        parsed.unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.describe()))
    }

    pub fn title(&self) -> String {
        self.inside("title").into_iter().next().unwrap_or_default()
    }

    /// The text of the first top heading.
    pub fn heading(&self) -> String {
        self.inside("h1").into_iter().next().unwrap_or_default()
    }

    fn inside(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut open: Option<String> = None;
        for piece in pieces(&self.text()) {
            match (piece, &mut open) {
                (Piece::Tag(tag), _) if tag.name == name && !tag.closing => {
                    open = Some(String::new());
                }
                (Piece::Tag(tag), Some(text)) if tag.name == name => {
                    found.push(squeeze(text));
                    open = None;
                }
                (Piece::Text(piece), Some(text)) => *text += &piece,
                _ => {}
            }
        }
        found
    }

    pub fn forms(&self) -> Vec<Form> {
        forms(&self.text())
    }

    /// The names of all fields of all forms.
    pub fn form_names(&self) -> Vec<String> {
        let forms = self.forms();
        forms
            .iter()
            .flat_map(Form::field_names)
            .map(str::to_owned)
            .collect()
    }

    pub fn has_field(&self, name: &str) -> bool {
        self.forms().iter().any(|form| form.has_field(name))
    }

    /// Text and target of each link.
    pub fn links(&self) -> Vec<(String, String)> {
        let mut links: Vec<(String, String)> = Vec::new();
        let mut open = false;
        for piece in pieces(&self.text()) {
            match piece {
                Piece::Tag(tag) if tag.name == "a" => {
                    open = !tag.closing && tag.has("href");
                    if open {
                        // A link that shows a picture is called by its title.
                        links.push((tag.text("title"), tag.text("href")));
                    }
                }
                Piece::Text(text) if open && !text.trim().is_empty() => {
                    if let Some((name, _)) = links.last_mut() {
                        *name = squeeze(&format!("{name} {text}"));
                    }
                }
                _ => {}
            }
        }
        links
    }

    /// This attribute of the first tag that has it.
    pub fn attribute(&self, name: &str) -> Option<String> {
        pieces(&self.text())
            .into_iter()
            .find_map(|piece| match piece {
                Piece::Tag(tag) => tag.get(name).map(str::to_owned),
                Piece::Text(_) => None,
            })
    }

    /// The source of each picture, `data:` URLs included: a QR code is one of them.
    pub fn pictures(&self) -> Vec<String> {
        let tags = pieces(&self.text())
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Tag(tag) if tag.name == "img" => tag.get("src").map(str::to_owned),
                _ => None,
            });
        tags.collect()
    }

    /// The recovery codes that the page shows.
    pub fn recovery_codes(&self) -> Vec<String> {
        let visible = self.visible();
        let words = visible.split_whitespace();
        words
            .filter(|word| word.len() == 24 && word.matches('-').count() == 4)
            .map(str::to_owned)
            .collect()
    }

    /// It stands in the source or in what a person reads; else this fails with the page.
    #[track_caller]
    pub fn must_say(&self, text: &str) {
        assert!(self.has(text), "{text:?} is missing: {}", self.describe());
    }

    /// The answer has this status; else this fails with the page.
    #[track_caller]
    pub fn must_be(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.describe());
    }

    /// The page was refused what was typed, and says why.
    #[track_caller]
    pub fn must_refuse(&self, why: &str) {
        self.must_be(422);
        self.must_say(why);
    }

    /// The address bar shows this path.
    #[track_caller]
    pub fn must_stand_at(&self, path: &str) {
        assert_eq!(self.path(), path, "{}", self.describe());
    }

    /// The answer leads to this place, as after a form.
    #[track_caller]
    pub fn must_lead_to(&self, place: &str) {
        let led = (self.status, self.location());
        assert_eq!(led, (303, Some(place)), "{}", self.describe());
    }

    /// A few lines about this page for a failing test.
    pub fn describe(&self) -> String {
        let body: String = self.visible().chars().take(600).collect();
        format!(
            "{} {} -> {} {:?}\n{}{body}",
            self.method,
            self.url,
            self.status,
            self.title(),
            self.headers
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        let answer = Answer {
            status: 200,
            body: html.as_bytes().to_vec(),
            ..Answer::default()
        };
        Page::new(Url::parse("https://emr.test/").unwrap(), "GET", answer)
    }

    #[test]
    fn a_page_tells_its_title_heading_links_and_pictures() {
        let page = page(
            "<title>Ward\n list</title><h1>Bed <b>4</b></h1>
             <a href='/x?a=1&amp;b=2'>Chart\n of Z</a>
             <a href=/y title=Home><img src='data:image/png;base64,AA=='></a><a name=z>no link</a>",
        );
        assert_eq!(
            (page.title().as_str(), page.heading().as_str()),
            ("Ward list", "Bed 4")
        );
        let links = page.links();
        assert_eq!(links[0], ("Chart of Z".to_owned(), "/x?a=1&b=2".to_owned()));
        assert_eq!((links[1].0.as_str(), links.len()), ("Home", 2));
        assert_eq!(page.pictures(), ["data:image/png;base64,AA=="]);
    }

    #[test]
    fn text_is_found_as_written_and_as_read() {
        let page = page("<p>That&#39;s <b>wrong</b>.</p><p>Sorry</p>");
        assert!(page.has("That's wrong. Sorry") && page.has("<b>wrong</b>") && !page.has("right"));
    }
}
