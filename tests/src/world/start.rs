//! A clinic: a gateway in this process, an app behind it, people in front. Everything real but the
//! clock: real sockets, TLS, HTTP/2, pingora and SQLite. Never scripts the gateway: tests knock
//! from outside, look at what reached the app, and at what is at rest.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anteroom::compose::Composed;
use anteroom::demo::{DemoEmr, Record};
use anteroom_config::ambient::{Ambient, Clock, entropy};
use anteroom_config::settings::Settings;
use anteroom_core::time::Timestamp;
use anteroom_gateway::Running;
use anteroom_store::{Store, StoreOptions};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{TestClock, World};
use crate::browser::Browser;

struct WorldClock(TestClock);

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.now_ms())
    }
}

/// One app of a clinic, as TOML wants it.
pub struct AppSpec {
    /// Its name and, with `.test`, its host.
    pub name: String,
    /// `http://127.0.0.1:port`.
    pub upstream: String,
    /// Lines of its `[[app]]` table, sub-tables last.
    pub lines: String,
}

/// What a clinic is to be like.
pub struct Plan {
    admin: Option<String>,
    apps: Vec<AppSpec>,
    top: String,
    head: String,
    listeners: String,
}

/// A running gateway with its world.
pub struct Clinic {
    pub world: World,
    /// The demonstration EMR, if it is one of the apps.
    pub demo: Option<DemoEmr>,
    /// What reached it.
    pub record: Option<Record>,
    /// Where browsers connect to.
    pub addr: SocketAddr,
    /// Further listeners.
    pub others: Vec<SocketAddr>,
    /// Where operators connect to, if there is an admin app.
    pub admin_addr: Option<SocketAddr>,
    config: PathBuf,
    running: Option<Running>,
    sender: Option<anteroom_mail::Sender>,
    admin: Option<anteroom_admin::Running>,
    hosts: Vec<String>,
    /// How many pages the store may have from the next start on: a disk that is full.
    pub page_limit: Option<u32>,
    _demo_task: Option<JoinHandle<()>>,
}

/// The lines of an app with a preset whose first login enrols.
pub fn open_enrolment(preset: &str) -> String {
    format!(
        "preset = \"{preset}\"\n\
         [app.contact]\nphone = \"+1 555 0101\"\nemail = \"it@clinic.test\"\n\
         [app.enrolment]\npolicy = \"open\"\nuntil = 2031-01-01T00:00:00Z\n"
    )
}

/// The lines of an app with a preset whose enrolment needs an operator's code.
pub fn coded_enrolment(preset: &str) -> String {
    format!("preset = \"{preset}\"\n[app.contact]\nphone = \"+1 555 0101\"\n")
}

impl Plan {
    /// No app yet.
    pub fn empty() -> Self {
        Self {
            admin: None,
            apps: Vec::new(),
            top: String::new(),
            head: String::new(),
            listeners: "[[listener]]\naddr = \"127.0.0.1:0\"\n".to_owned(),
        }
    }

    /// Adds an app; its host is `NAME.test`.
    #[must_use]
    pub fn app(mut self, name: &str, upstream: &str, lines: &str) -> Self {
        let (name, upstream, lines) = (name.to_owned(), upstream.to_owned(), lines.to_owned());
        self.apps.push(AppSpec {
            name,
            upstream,
            lines,
        });
        self
    }

    /// Adds keys of the whole file that stand in no table, such as `trusted_proxies`.
    #[must_use]
    pub fn top(mut self, lines: &str) -> Self {
        self.top.push_str(lines);
        self.top.push('\n');
        self
    }

    /// Adds tables of the whole file, such as `[limits]`.
    #[must_use]
    pub fn with(mut self, lines: &str) -> Self {
        self.head.push_str(lines);
        self.head.push('\n');
        self
    }

    /// Adds the admin app at `https://admin.test`, with these lines in its table.
    #[must_use]
    pub fn admin(mut self, lines: &str) -> Self {
        self.admin = Some(lines.to_owned());
        self
    }

    /// Adds a listener.
    #[must_use]
    pub fn listener(mut self, lines: &str) -> Self {
        self.listeners.push_str(&format!("[[listener]]\n{lines}\n"));
        self
    }

    /// Opens the clinic.
    pub async fn open(self) -> Clinic {
        let world = World::empty(anteroom::logging::may_log);
        let hosts: Vec<String> = self
            .apps
            .iter()
            .map(|app| format!("{}.test", app.name))
            .collect();
        let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let (chain, key) = world.certificate(&names);
        let mut text = format!(
            "version = 1\nprivate = \"127.0.0.1:0\"\nworkers = 1\n{}\n{}\n\
             [[certificate]]\n\
             certificate = {chain:?}\nkey = {key:?}\n[store]\npath = \"anteroom.db\"\n\
             key_file = \"anteroom.key\"\n{}\n",
            self.top, self.listeners, self.head,
        );
        for app in &self.apps {
            text.push_str(&format!(
                "[[app]]\nname = \"{0}\"\ndisplay_name = \"Ward {0}\"\nhosts = [\"{0}.test\"]\n\
                 upstreams = [\"{1}\"]\n{2}\n",
                app.name, app.upstream, app.lines,
            ));
        }
        if let Some(lines) = &self.admin {
            let (chain, key) = world.certificate(&["admin.test"]);
            text.push_str(&format!(
                "[admin]\naddr = \"127.0.0.1:0\"\nhosts = [\"admin.test\"]\n\
                 certificate = {chain:?}\nkey = {key:?}\n{lines}\n"
            ));
        }
        let config = world.file("anteroom.toml", &text);
        let mut clinic = Clinic {
            world,
            demo: None,
            record: None,
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            others: Vec::new(),
            admin_addr: None,
            config,
            running: None,
            sender: None,
            admin: None,
            hosts,
            page_limit: None,
            _demo_task: None,
        };
        clinic.start().await;
        clinic
    }
}

impl Clinic {
    /// The demonstration EMR at `https://emr.test`, enrolment open to every proved login.
    pub async fn with_demo() -> Self {
        Self::with_demo_as(&open_enrolment("demo"), "").await
    }

    /// The demonstration EMR with these lines in its app table, and these for the whole file.
    pub async fn with_demo_as(lines: &str, head: &str) -> Self {
        let demo = DemoEmr::new(b"a fixed seed for tests");
        let record = demo.with_record();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let upstream = format!("http://{}", listener.local_addr().expect("bound"));
        let served = demo.clone();
        let task = tokio::spawn(async move {
            let _ = served.serve(listener, std::future::pending()).await;
        });
        let plan = Plan::empty().with(head).app("emr", &upstream, lines);
        Self::opened_with(plan, demo, record, task).await
    }

    /// The demonstration EMR with these lines in its app table, and the admin app with these in its
    /// own.
    pub async fn with_admin(lines: &str, admin: &str) -> Self {
        let demo = DemoEmr::new(b"a fixed seed for tests");
        let record = demo.with_record();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let upstream = format!("http://{}", listener.local_addr().expect("bound"));
        let served = demo.clone();
        let task = tokio::spawn(async move {
            let _ = served.serve(listener, std::future::pending()).await;
        });
        let plan = Plan::empty().app("emr", &upstream, lines).admin(admin);
        Self::opened_with(plan, demo, record, task).await
    }

    async fn opened_with(plan: Plan, demo: DemoEmr, record: Record, task: JoinHandle<()>) -> Self {
        let mut clinic = plan.open().await;
        clinic.demo = Some(demo);
        clinic.record = Some(record);
        clinic._demo_task = Some(task);
        clinic
    }

    fn ambient(&self) -> Ambient {
        Ambient {
            clock: Arc::new(WorldClock(self.world.clock.clone())),
            entropy: Arc::new(entropy),
            config_file: None,
            credentials: None,
        }
    }

    fn settings(&self, ambient: &Ambient) -> Settings {
        anteroom_config::load(&self.config, ambient)
            .unwrap_or_else(|problem| panic!("the clinic's configuration: {problem}"))
    }

    /// Starts the admin app beside the gateway, or without one.
    pub async fn start_admin(&mut self) {
        let ambient = self.ambient();
        let settings = self.settings(&ambient);
        let started = anteroom::compose::start_admin_beside(&settings, &ambient).await;
        let started = started.unwrap_or_else(|problem| panic!("the admin app: {problem}"));
        self.admin_addr = started.as_ref().map(|admin| admin.address);
        if let Some(addr) = self.admin_addr {
            self.world.internet.host("admin.test", addr);
        }
        self.admin = started;
    }

    /// Stops the admin app.
    pub async fn stop_admin(&mut self) {
        if let Some(admin) = self.admin.take() {
            admin.stop().await;
        }
    }

    /// Starts the gateway on the files of this clinic, and the admin app if none runs yet.
    pub async fn start(&mut self) {
        let ambient = self.ambient();
        let settings = self.settings(&ambient);
        let composed = anteroom::compose::open(settings, &ambient).await;
        let mut composed = composed.unwrap_or_else(|problem| panic!("the store: {problem}"));
        if let Some(pages) = self.page_limit {
            composed.store.close().await;
            composed.store = self.small_store(&composed, &ambient, pages).await;
        }
        let sender = composed.start_sender();
        self.sender = sender.unwrap_or_else(|problem| panic!("the sender: {problem}"));
        let running = composed.start().await;
        let running = running.unwrap_or_else(|problem| panic!("the gateway: {problem}"));
        self.addr = running.addresses[0];
        self.others = running.addresses[1..].to_vec();
        for host in &self.hosts {
            self.world.internet.host(host, self.addr);
        }
        self.running = Some(running);
        if self.admin.is_none() {
            self.start_admin().await;
        }
    }

    /// The same store, opened as if the disk had room for no more than so many pages.
    async fn small_store(&self, of: &Composed, ambient: &Ambient, pages: u32) -> Store {
        let keys = anteroom::compose::store_keys(&of.keys).expect("they were good before");
        let path = &of.settings.store.path;
        let mut options = StoreOptions::new(path, keys, ambient.entropy.clone());
        options.max_page_count = Some(pages);
        Store::open(options, self.now())
            .await
            .expect("it was open before")
    }

    /// Stops the gateway in an orderly way and starts it again on the same files.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }

    /// Stops the gateway.
    pub async fn stop(&mut self) {
        if let Some(sender) = self.sender.take() {
            let stopping = tokio::task::spawn_blocking(move || sender.stop());
            stopping.await.expect("the sender stops");
        }
        if let Some(running) = self.running.take() {
            tokio::task::spawn_blocking(move || running.stop())
                .await
                .expect("the stop");
        }
    }

    /// The running gateway.
    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("the gateway runs")
    }

    /// Its store.
    pub fn store(&self) -> &Store {
        &self.running().gateway().store
    }

    /// Now, by the clinic's clock.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.world.clock.now_ms())
    }

    /// A fresh browser at the first app.
    pub fn browser(&self) -> Browser {
        self.browser_at(&self.hosts[0])
    }

    /// A fresh browser at this host.
    pub fn browser_at(&self, host: &str) -> Browser {
        self.world.browser(&format!("https://{host}"))
    }

    /// A fresh browser at the admin app.
    pub fn desk(&self) -> Browser {
        self.world.browser("https://admin.test")
    }

    /// What reached the demonstration EMR.
    pub fn record(&self) -> &Record {
        self.record
            .as_ref()
            .expect("the demonstration EMR is one of the apps")
    }
}

/// Waits until something is so, looking every few milliseconds; fails the test when it never is.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut check: impl FnMut() -> F) {
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    let watching = async {
        loop {
            tick.tick().await;
            if check().await {
                return;
            }
        }
    };
    let seen = tokio::time::timeout(Duration::from_secs(10), watching).await;
    assert!(seen.is_ok(), "never happened: {what}");
}

impl Drop for Clinic {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            // Its threads are joined elsewhere: a test's runtime must not wait for them.
            std::thread::spawn(move || running.stop());
        }
        if let Some(sender) = self.sender.take() {
            std::thread::spawn(move || sender.stop());
        }
    }
}
