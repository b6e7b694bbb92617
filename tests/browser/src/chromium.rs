//! One Chromium of our own, with a fresh profile, for one test.
//! Never talks to anything but the clinic: its names lead there, all others lead nowhere.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anteroom_tests::apps::Missing;
use anteroom_tests::world::start::{Clinic, eventually};
use chromiumoxide::browser::{Browser, BrowserConfig};
use chromiumoxide::cdp::browser_protocol::target::{
    CreateBrowserContextParams, CreateTargetParams,
};
use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::screen::Screen;

const MISSING: Missing = Missing {
    app: "Chromium",
    packages: &["chromium", "fonts-dejavu-core"],
};

/// A running browser. Close it at the end of the test; a failed test's is killed.
pub struct Chromium {
    browser: Browser,
    home: String,
    events: JoinHandle<()>,
    _profile: TempDir,
}

/// The browser's program, if it is installed.
pub fn installed() -> Result<PathBuf, Missing> {
    let names = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ];
    names
        .map(Path::new)
        .into_iter()
        .find(|path| path.is_file())
        .map(Path::to_owned)
        .ok_or(MISSING)
}

impl Chromium {
    /// Starts the program; `emr.test` leads to this clinic, `admin.test` to its admin app.
    pub async fn start(program: &Path, clinic: &Clinic) -> Self {
        let mut leads = format!("MAP emr.test:443 {}, ", clinic.addr);
        if let Some(admin) = clinic.admin_addr {
            leads.push_str(&format!("MAP admin.test:443 {admin}, "));
        }
        leads.push_str("MAP * ~NOTFOUND");
        Self::start_at(program, "https://emr.test", &leads).await
    }

    /// Starts the program for work at this origin; `leads` are Chromium's rules for names.
    pub async fn start_at(program: &Path, home: &str, leads: &str) -> Self {
        let profile = tempfile::Builder::new()
            .prefix("anteroom-chromium-")
            .tempdir();
        let profile = profile.expect("a temporary directory");
        let config = BrowserConfig::builder()
            .chrome_executable(program)
            .new_headless_mode()
            .no_sandbox()
            .user_data_dir(profile.path())
            .viewport(None)
            .window_size(1280, 900)
            .launch_timeout(Duration::from_secs(60))
            .enable_cache()
            .arg(("host-resolver-rules", leads))
            .args([
                "ignore-certificate-errors",
                "disable-gpu",
                "disable-quic",
                "no-first-run",
                "disable-background-networking",
                "disable-component-update",
                "disable-sync",
                "force-color-profile=srgb",
            ])
            .build()
            .expect("a sound configuration");
        let (browser, mut handler) = Browser::launch(config).await.expect("Chromium starts");
        // Each event has to be taken, whatever it is, or the browser stands still.
        let events = tokio::spawn(async move { while handler.next().await.is_some() {} });
        Self {
            browser,
            home: home.to_owned(),
            events,
            _profile: profile,
        }
    }

    /// A new, empty tab.
    pub async fn screen(&self) -> Screen {
        let page = self.browser.new_page("about:blank").await.expect("a tab");
        Screen::of(page, &self.home).await
    }

    /// An empty window at another computer: no cookie is shared with any other window.
    pub async fn window(&self, home: &str) -> Screen {
        let context = CreateBrowserContextParams::default();
        let context = self.browser.create_browser_context(context).await;
        let mut tab = CreateTargetParams::new("about:blank");
        tab.browser_context_id = Some(context.expect("a context"));
        let page = self.browser.new_page(tab).await.expect("a window");
        Screen::of(page, home).await
    }

    /// Such a window for an operator, at the admin app.
    pub async fn desk(&self) -> Screen {
        self.window("https://admin.test").await
    }

    /// The window that a page has opened, once it is there.
    pub async fn popup(&self, path: &str) -> Screen {
        let find = async || {
            for page in self.browser.pages().await.unwrap_or_default() {
                if page
                    .url()
                    .await
                    .ok()
                    .flatten()
                    .is_some_and(|url| url.ends_with(path))
                {
                    return Some(page);
                }
            }
            None
        };
        eventually("a window opens", async || find().await.is_some()).await;
        Screen::of(find().await.expect("it was there"), &self.home).await
    }

    pub async fn close(mut self) {
        // It may be gone already; then there is nothing to close.
        let _ = self.browser.close().await;
        let _ = self.browser.wait().await;
        self.events.abort();
    }
}
