//! One tab: what a person does with mouse and keyboard, and what can be seen.
//! Complaints of the browser (errors of scripts, broken content policy, failed loads) are kept and
//! asked for at the end. Scripts only look, they never act.

use std::sync::{Arc, Mutex};

use anteroom_tests::world::start::eventually;
use chromiumoxide::cdp::browser_protocol::dom::ScrollIntoViewIfNeededParams;
use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams,
    SetScriptExecutionDisabledParams,
};
use chromiumoxide::cdp::browser_protocol::input::InsertTextParams;
use chromiumoxide::cdp::browser_protocol::log::{EventEntryAdded, LogEntryLevel, LogEntrySource};
use chromiumoxide::cdp::browser_protocol::page::CaptureScreenshotFormat;
use chromiumoxide::cdp::js_protocol::runtime::{
    ConsoleApiCalledType, EventConsoleApiCalled, EventExceptionThrown,
};
use chromiumoxide::element::Element;
use chromiumoxide::page::{Page, ScreenshotParams};
use futures_util::StreamExt;
use serde_json::Value;

pub struct Screen {
    page: Page,
    home: String,
    complaints: Arc<Mutex<Vec<String>>>,
}

impl Screen {
    pub(crate) async fn of(page: Page, home: &str) -> Self {
        let (home, origin) = (home.to_owned(), home.to_owned());
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let (log, thrown, console) = (complaints.clone(), complaints.clone(), complaints.clone());
        let mut entries = page
            .event_listener::<EventEntryAdded>()
            .await
            .expect("events");
        let mut throws = page
            .event_listener::<EventExceptionThrown>()
            .await
            .expect("events");
        let mut calls = page
            .event_listener::<EventConsoleApiCalled>()
            .await
            .expect("events");
        page.enable_log().await.expect("the log");
        page.enable_runtime().await.expect("the runtime");
        tokio::spawn(async move {
            while let Some(event) = entries.next().await {
                let entry = &event.entry;
                if entry.level == LogEntryLevel::Error && !is_an_answer_of_ours(entry, &origin) {
                    let told = format!("{:?}: {} {:?}", entry.source, entry.text, entry.url);
                    log.lock().expect("sound").push(told);
                }
            }
        });
        tokio::spawn(async move {
            while let Some(event) = throws.next().await {
                let told = format!("thrown: {:?}", event.exception_details);
                thrown.lock().expect("sound").push(told);
            }
        });
        tokio::spawn(async move {
            while let Some(event) = calls.next().await {
                if matches!(
                    event.r#type,
                    ConsoleApiCalledType::Error | ConsoleApiCalledType::Assert
                ) {
                    console
                        .lock()
                        .expect("sound")
                        .push(format!("console: {:?}", event.args));
                }
            }
        });
        Self {
            page,
            home,
            complaints,
        }
    }

    pub(crate) fn tab(&self) -> &Page {
        &self.page
    }

    /// What the browser has complained about so far.
    pub fn complaints(&self) -> Vec<String> {
        self.complaints.lock().expect("sound").clone()
    }

    /// Types an address at the clinic's app and waits for whatever page comes.
    pub async fn visit(&self, path: &str) {
        self.page
            .goto(format!("{}{path}", self.home))
            .await
            .unwrap_or_else(|e| panic!("{path}: {e}"));
        self.settled().await;
    }

    pub async fn reload(&self) {
        self.page.reload().await.expect("a page");
        self.settled().await;
    }

    /// The Back button.
    pub async fn back(&self) {
        self.look("history.back()").await;
    }

    /// Waits for the rest of a page, style sheet included.
    pub async fn settled(&self) {
        self.until("the page is complete", "document.readyState === 'complete'")
            .await;
    }

    /// What an expression of the page's script comes to; null while one page makes way for another.
    pub async fn look(&self, expression: &str) -> Value {
        let looked = self.page.evaluate_expression(expression).await;
        looked
            .ok()
            .and_then(|found| found.value().cloned())
            .unwrap_or(Value::Null)
    }

    pub async fn sees(&self, expression: &str) -> bool {
        self.look(expression).await == Value::Bool(true)
    }

    /// Waits until the expression is true; a failure tells what is on the screen instead.
    pub async fn until(&self, what: &str, expression: &str) {
        let waiting = async { eventually(what, async || self.sees(expression).await).await };
        let mut waiting = std::pin::pin!(waiting);
        let late = std::time::Duration::from_secs(9);
        if tokio::time::timeout(late, &mut waiting).await.is_err() {
            panic!("not seen: {what}\n{}", self.describe().await);
        }
    }

    /// Waits for a page of this path.
    pub async fn arrives(&self, path: &str) {
        let expression =
            format!("location.pathname === {path:?} && document.readyState === 'complete'");
        self.until(path, &expression).await;
    }

    /// Waits until this stands on the screen.
    pub async fn reads(&self, text: &str) {
        let expression = format!(
            "document.readyState === 'complete' && document.body.innerText.includes({text:?})"
        );
        self.until(text, &expression).await;
    }

    pub async fn text(&self) -> String {
        self.look("document.body.innerText")
            .await
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub async fn describe(&self) -> String {
        let place = self.look("location.href + ' ' + document.title").await;
        format!("{place}\n{}\n{:#?}", self.text().await, self.complaints())
    }

    /// Clicks into the field and types.
    pub async fn fill(&self, field: &str, text: &str) {
        self.click(field).await;
        self.type_text(text).await;
    }

    /// Clicks the first thing of this selector.
    pub async fn click(&self, what: &str) {
        let find = async || self.page.find_element(what).await;
        let found = match find().await {
            Ok(found) => found,
            // It was looked for while one page made way for another.
            Err(_) => {
                self.settled().await;
                match find().await {
                    Ok(found) => found,
                    Err(e) => panic!("no {what}: {e}\n{}", self.describe().await),
                }
            }
        };
        self.hit(&found, what).await;
    }

    /// One click where it stands. No script brings it into view: there may be none.
    async fn hit(&self, found: &Element, what: &str) {
        let view = ScrollIntoViewIfNeededParams::builder().node_id(found.node_id);
        let view = self.page.execute(view.build()).await;
        view.unwrap_or_else(|e| panic!("{what} cannot be seen: {e}"));
        let at = found.clickable_point().await;
        let at = at.unwrap_or_else(|e| panic!("{what} cannot be hit: {e}"));
        self.page.click(at).await.expect("a click");
    }

    /// Clicks twice, as fast as people who are used to double clicks do.
    pub async fn double_click(&self, what: &str) {
        let found = self.page.find_element(what).await.expect("it is there");
        found.scroll_into_view().await.expect("it can be seen");
        let at = found.clickable_point().await.expect("it can be hit");
        for _ in 0..2 {
            self.page.click(at).await.expect("a click");
        }
    }

    /// Clicks the link or button that reads so.
    pub async fn press(&self, words: &str) {
        let path = format!(
            "//*[self::a or self::button or self::summary]\
             [contains(normalize-space(.), \"{words}\")]"
        );
        match self.page.find_xpath(path).await {
            Ok(found) => self.hit(&found, words).await,
            Err(_) => panic!("no {words:?} on {}", self.describe().await),
        }
    }

    /// One key, to whatever has the focus.
    pub async fn key(&self, key: &str) {
        let body = self.page.find_element("html").await.expect("a page");
        body.press_key(key).await.expect("a key");
    }

    /// Text by the keyboard, to whatever has the focus.
    pub async fn keys(&self, text: &str) {
        self.type_text(text).await;
    }

    async fn type_text(&self, text: &str) {
        // Letters that stand on no plain key come as an input method would bring them, several
        // lines as if pasted.
        if text.is_ascii() && !text.contains('\n') {
            let body = self.page.find_element("html").await.expect("a page");
            body.type_str(text).await.expect("keys");
        } else {
            self.page
                .execute(InsertTextParams::new(text))
                .await
                .expect("letters");
        }
    }

    /// Tab, until this has the focus; at most so often as a patient person would press it.
    pub async fn tab_to(&self, selector: &str) {
        let expression = format!("document.activeElement.matches({selector:?})");
        for _ in 0..25 {
            if self.sees(&expression).await {
                let ring = "getComputedStyle(document.activeElement).outlineStyle !== 'none'";
                assert!(
                    self.sees(ring).await,
                    "{selector} shows that it has the focus"
                );
                return;
            }
            self.key("Tab").await;
        }
        panic!("Tab does not reach {selector}: {}", self.describe().await);
    }

    /// No page may run a script from now on; ours that look still can.
    pub async fn without_scripts(&self) {
        let off = SetScriptExecutionDisabledParams::new(true);
        self.page.execute(off).await.expect("it can be switched");
    }

    /// Chooses this value in a list, as a person does who types it.
    pub async fn choose(&self, list: &str, words: &str) {
        let found = self.page.find_element(list).await;
        let found = found.unwrap_or_else(|e| panic!("{list}: {e}"));
        found.focus().await.expect("it takes the focus");
        self.keys(words).await;
    }

    /// The width of the window, in CSS pixels.
    pub async fn wide(&self, width: i64) {
        self.sized(width, 900).await;
    }

    pub async fn sized(&self, width: i64, height: i64) {
        let size = SetDeviceMetricsOverrideParams::new(width, height, 1.0, false);
        self.page.execute(size).await.expect("a size");
    }

    /// Light or dark, as the person has set her machine.
    pub async fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let media = SetEmulatedMediaParams {
            features: Some(vec![
                MediaFeature::new("prefers-color-scheme", value),
                MediaFeature::new("prefers-reduced-motion", "reduce"),
            ]),
            ..SetEmulatedMediaParams::default()
        };
        self.page.execute(media).await.expect("a scheme");
    }

    /// A picture of the whole page.
    pub async fn picture(&self) -> Vec<u8> {
        let params = ScreenshotParams::builder()
            .format(CaptureScreenshotFormat::Png)
            .full_page(true);
        self.page
            .screenshot(params.build())
            .await
            .expect("a picture")
    }

    /// Shows this HTML in place of the page, under the page's own content policy.
    pub async fn show(&self, html: &str) {
        self.page.set_content(html).await.expect("it can be shown");
        self.until("the stylesheets", crate::look::STYLED).await;
    }

    /// Runs a long script and waits for what it promises.
    pub async fn run(&self, script: &str) -> Value {
        let done = self
            .page
            .evaluate(script)
            .await
            .unwrap_or_else(|e| panic!("the script: {e}"));
        done.value().cloned().unwrap_or(Value::Null)
    }

    pub async fn close(self) {
        // It may have closed itself.
        let _ = self.page.close().await;
    }
}

/// Our refusals are whole pages with a status of their own (422 for a wrong code); the browser's
/// log calls that a resource that failed to load. An icon is asked for whether or not there is one.
fn is_an_answer_of_ours(
    entry: &chromiumoxide::cdp::browser_protocol::log::LogEntry,
    home: &str,
) -> bool {
    let page = entry
        .url
        .as_deref()
        .and_then(|url| url.strip_prefix(home))
        .unwrap_or_default();
    // At the admin app every page is ours.
    let pages = if home.contains("//admin.") {
        "/"
    } else {
        "/.anteroom/"
    };
    let of_ours = page.strip_prefix(pages);
    entry.source == LogEntrySource::Network
        && (of_ours.is_some_and(|rest| !rest.starts_with("assets/")) || page == "/favicon.ico")
}
