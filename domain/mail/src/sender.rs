//! The two queues, emptied: a thread of its own that leases, sends and settles, one at a time.
//!
//! Nothing waits for it and it waits for nobody: a server that is down or slow holds up its own
//! queue and no sign-in. When a channel is down one message is tried every half minute, whoever's;
//! when it is back, everything is due at once. Reads the clock it is given.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anteroom_config::ambient::Ambient;
use anteroom_config::settings::Settings;
use anteroom_core::time::Timestamp;
use anteroom_store::{Channel, Delivery, Leased, Store, StoreError};
use tokio::sync::watch;

use crate::letter::Surroundings;
use crate::smtp::{Envelope, Post};
use crate::trouble::Trouble;
use crate::webhook;

/// From one look into the queue to the next.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// From one try to the next while a channel is down.
const DOWN_FOR: Duration = Duration::from_secs(30);
/// A lease outlasts every timeout that the settings allow, twice: the message and the knock.
const LEASE: Duration = Duration::from_secs(660);

/// The running thread. Dropping it does not stop it: [`stop`](Self::stop) does.
pub struct Sender {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

/// What the thread works with.
struct Work {
    settings: Settings,
    store: Store,
    ambient: Ambient,
}

impl Sender {
    /// Starts it; `None` when the settings name neither a mail server nor a webhook.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        settings: &Settings,
        store: &Store,
        ambient: &Ambient,
    ) -> io::Result<Option<Self>> {
        if settings.mail.is_none() && settings.notices.webhook.is_none() {
            return Ok(None);
        }
        let work = Arc::new(Work {
            settings: settings.clone(),
            store: store.clone(),
            ambient: ambient.clone(),
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, mut stopped) = watch::channel(false);
        let thread = std::thread::Builder::new()
            .name("sender".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    let mut tasks = tokio::task::JoinSet::new();
                    for channel in Channel::ALL {
                        tasks.spawn(follow(Arc::clone(&work), channel));
                    }
                    let _ = stopped.wait_for(|stop| *stop).await;
                    tasks.shutdown().await;
                });
            })?;
        Ok(Some(Self { stop, thread }))
    }

    /// Stops it. A message that is being sent is sent again at the next start, and counted. Blocks.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.thread.join();
    }
}

async fn follow(work: Arc<Work>, channel: Channel) {
    let wanted = match channel {
        Channel::Mail => work.settings.mail.is_some(),
        Channel::Webhook => work.settings.notices.webhook.is_some(),
    };
    if !wanted {
        return;
    }
    let mut tick = tokio::time::interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut not_before, mut knock_at) = (Timestamp::default(), Timestamp::default());
    loop {
        tick.tick().await;
        if work.now() < not_before {
            continue;
        }
        match work.empty(channel).await {
            Ok(true) => {
                if channel == Channel::Mail && work.now() >= knock_at {
                    knock_at = work.now().plus(DOWN_FOR);
                    work.knock_where_down().await;
                }
            }
            Ok(false) => not_before = work.now().plus(DOWN_FOR),
            Err(problem) => {
                tracing::warn!(%problem, channel = channel.name(), "the outbox cannot be read");
                not_before = work.now().plus(DOWN_FOR);
            }
        }
    }
}

impl Work {
    fn now(&self) -> Timestamp {
        self.ambient.clock.now()
    }

    /// Sends what is due; `false` when the channel is down.
    async fn empty(&self, channel: Channel) -> Result<bool, StoreError> {
        while let Some(leased) = self.store.outbox_lease(channel, LEASE, self.now()).await? {
            let sent = match channel {
                Channel::Mail => self.mail(&leased).await,
                Channel::Webhook => self.webhook(&leased).await,
            };
            let problem = sent.as_ref().err().map(Trouble::to_string);
            let delivery = match (&sent, problem.as_deref()) {
                (Err(trouble), Some(problem)) if trouble.is_of_channel() => {
                    Delivery::Down { problem }
                }
                (_, Some(problem)) => Delivery::Refused { problem },
                (_, None) => Delivery::Sent,
            };
            let now = self.now();
            self.store
                .outbox_settle(channel, &leased, delivery, now)
                .await?;
            if let Some(problem) = &problem {
                let (id, channel) = (leased.id.0, channel.name());
                tracing::warn!(id, channel, problem, "a message could not be sent");
            }
            if matches!(delivery, Delivery::Down { .. }) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A code is not queued while mail is down, so somebody must find out that it is back.
    async fn knock_where_down(&self) {
        let (store, now) = (&self.store, self.now());
        let state = store.outbox_state(Channel::Mail, now).await;
        let down = state.is_ok_and(|state| state.failing_since.is_some());
        let Some(settings) = self.settings.mail.as_ref().filter(|_| down) else {
            return;
        };
        let Ok(post) = Post::prepare(settings) else {
            return;
        };
        if post.knock().await.is_ok() {
            // Should the store not take it, the next knock says so again.
            let _ = store.channel_answers(Channel::Mail, now).await;
        }
    }

    async fn mail(&self, leased: &Leased) -> Result<(), Trouble> {
        let (Some(settings), Some(to)) = (&self.settings.mail, &leased.to) else {
            return Err(Trouble::Unwritten);
        };
        let letter = Surroundings::new(&self.settings).letter(leased);
        let letter = letter.map_err(|_| Trouble::Unwritten)?;
        let id = format!("anteroom.{}.{}", leased.id, leased.reference);
        let at = leased.at;
        let envelope = Envelope { to, id: &id, at };
        Post::prepare(settings)?.send(&letter, &envelope).await
    }

    async fn webhook(&self, leased: &Leased) -> Result<(), Trouble> {
        let settings = self.settings.notices.webhook.as_ref();
        let (Some(settings), Some(body)) = (settings, webhook::body(leased)) else {
            return Err(Trouble::Unwritten);
        };
        webhook::send(settings, body, self.now()).await
    }
}
