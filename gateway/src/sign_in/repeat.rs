//! A login sent twice is one login (`DESIGN-CASES` 15b).
//!
//! A double click on the app's own button makes the browser follow the second answer; if that were
//! a second login, it would travel on a burnt session and fail with a right password. So an
//! identical submission (same cookies, same body) waits for the first one's answer and gets it, for
//! ten seconds. Keeps hashes, never bodies.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use tokio::sync::watch;

use crate::reply::Reply;

/// How long an answer is given again.
const AGAIN: Duration = Duration::from_secs(10);

type Slot = watch::Receiver<Option<Arc<Reply>>>;

/// Submissions under way or just answered.
#[derive(Default)]
pub struct Repeats {
    by_print: Arc<DashMap<[u8; 32], Slot>>,
}

/// What a submission is.
pub enum Turn {
    /// The first: it does the work and says the answer.
    First(First),
    /// A repetition, with the first one's answer; `None` when the first was given up.
    Again(Option<Arc<Reply>>),
}

/// The first submission's duty to say its answer. Dropping it without one lets the others go
/// empty-handed.
pub struct First {
    sender: watch::Sender<Option<Arc<Reply>>>,
    all: Arc<DashMap<[u8; 32], Slot>>,
    print: [u8; 32],
}

impl Repeats {
    /// Joins the submissions with this fingerprint.
    pub async fn join(&self, print: [u8; 32]) -> Turn {
        let mut waiting = match self.by_print.entry(print) {
            Entry::Vacant(vacant) => {
                let (sender, receiver) = watch::channel(None);
                vacant.insert(receiver);
                return Turn::First(First {
                    sender,
                    all: Arc::clone(&self.by_print),
                    print,
                });
            }
            Entry::Occupied(occupied) => occupied.get().clone(),
        };
        let answer = waiting.wait_for(Option::is_some).await;
        Turn::Again(answer.ok().and_then(|answer| answer.clone()))
    }
}

impl First {
    /// Says the answer to all repetitions, now and for a while.
    pub fn answer(self, reply: &Reply) {
        let _ = self.sender.send(Some(Arc::new(reply.clone())));
        let forget = self;
        tokio::spawn(async move {
            tokio::time::sleep(AGAIN).await;
            drop(forget);
        });
    }
}

impl Drop for First {
    fn drop(&mut self) {
        self.all.remove(&self.print);
    }
}
