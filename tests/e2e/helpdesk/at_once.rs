//! What the desk decides holds at a busy gateway within two seconds: requests and sockets of the
//! one person are cut, and nobody else notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anteroom_core::operator::Role;
use anteroom_tests::browser::Browser;
use anteroom_tests::world::start::{Clinic, eventually};
use anteroom_tests::ws::{Heard, Socket};
use tokio::task::JoinHandle;

use crate::desk::{Operator, clinic_with_people, code_shown, operator};
use crate::journeys::people::{
    ALICE, BOB, CHEN, Person, all_is_well, enrol, must_be_in, must_be_out, newcomer, password,
    sign_in, type_code,
};

const TWO_SECONDS: Duration = Duration::from_secs(2);

/// People who load charts as fast as they come.
struct Traffic {
    stop: Arc<AtomicBool>,
    pages: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
    tasks: Vec<JoinHandle<()>>,
}

impl Traffic {
    fn of(browsers: &[&Browser]) -> Self {
        let (stop, pages, refused) = (Arc::default(), Arc::default(), Arc::default());
        let mut traffic = Self {
            stop,
            pages,
            refused,
            tasks: Vec::new(),
        };
        for browser in browsers {
            for _ in 0..2 {
                traffic.tasks.push(traffic.one(browser.new_tab()));
            }
        }
        traffic
    }

    fn one(&self, mut tab: Browser) -> JoinHandle<()> {
        let (stop, pages) = (self.stop.clone(), self.pages.clone());
        let refused = self.refused.clone();
        tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                tab = tab.new_tab();
                let status = tab.get("/patients/1002").await.status;
                pages.fetch_add(1, Ordering::SeqCst);
                refused.fetch_add(u64::from(status != 200), Ordering::SeqCst);
            }
        })
    }

    /// Waits for a few more pages, then ends it. Gives how many pages did not come.
    async fn end(self) -> u64 {
        let seen = self.pages.load(Ordering::SeqCst);
        eventually("the others go on", async || {
            self.pages.load(Ordering::SeqCst) >= seen + 8
        })
        .await;
        self.stop.store(true, Ordering::SeqCst);
        for task in self.tasks {
            task.await.expect("no panic");
        }
        self.refused.load(Ordering::SeqCst)
    }
}

/// Three people at work, two of them with an open ticker.
struct Ward {
    clinic: Clinic,
    alice: Person,
    hers: Browser,
    her_ticker: Socket,
    bobs: Browser,
    bobs_ticker: Socket,
    chens: Browser,
    helen: Operator,
}

async fn busy_ward() -> Ward {
    let clinic = clinic_with_people("").await;
    let [mut hers, mut bobs, mut chens] = [(); 3].map(|()| clinic.browser());
    let alice = newcomer(&clinic, &mut hers, ALICE).await;
    newcomer(&clinic, &mut bobs, BOB).await;
    newcomer(&clinic, &mut chens, CHEN).await;
    let helen = operator(&clinic, "helen", Role::Helpdesk).await;
    let her_ticker = hers.socket("/ws/ticker").await.expect("hers opens");
    let bobs_ticker = bobs.socket("/ws/ticker").await.expect("his opens");
    Ward {
        clinic,
        alice,
        hers,
        her_ticker,
        bobs,
        bobs_ticker,
        chens,
        helen,
    }
}

/// Her requests and her socket are cut, both within two seconds from now.
async fn is_cut(browser: &mut Browser, ticker: &mut Socket) {
    let tab = browser.new_tab();
    let cut = async {
        eventually("her pages are refused", async || {
            tab.new_tab().get("/patients/1001").await.status != 200
        })
        .await;
        assert!(ticker.closed(TWO_SECONDS).await, "the socket goes on");
    };
    let cut = tokio::time::timeout(TWO_SECONDS, cut).await;
    assert!(cut.is_ok(), "not within two seconds");
    must_be_out(browser).await;
}

async fn still_ticks(ticker: &mut Socket) {
    for _ in 0..3 {
        let heard = ticker.hear(TWO_SECONDS).await;
        assert!(matches!(heard, Heard::Text(_)), "{heard:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_cuts_her_pages_and_her_socket_under_traffic_and_nobody_elses() {
    let mut ward = busy_ward().await;
    let traffic = Traffic::of(&[&ward.bobs, &ward.chens]);
    let page = ward.helen.act("alice", "Reset second factor", &[]).await;
    let code = code_shown(&page);
    is_cut(&mut ward.hers, &mut ward.her_ticker).await;
    assert_eq!(traffic.end().await, 0, "somebody else was refused");
    still_ticks(&mut ward.bobs_ticker).await;
    let mut again = ward.clinic.browser();
    password(&mut again, ALICE).await;
    type_code(&mut again, &code).await;
    let alice = enrol(&mut again, &ward.clinic, ALICE).await;
    all_is_well(&ward.clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspension_cuts_her_pages_and_her_socket_under_traffic_and_nobody_elses() {
    let mut ward = busy_ward().await;
    let traffic = Traffic::of(&[&ward.bobs, &ward.chens]);
    ward.helen.act("alice", "Suspend", &[]).await;
    is_cut(&mut ward.hers, &mut ward.her_ticker).await;
    assert_eq!(traffic.end().await, 0, "somebody else was refused");
    still_ticks(&mut ward.bobs_ticker).await;
    ward.helen.act("alice", "Reinstate", &[]).await;
    all_is_well(&ward.clinic, &ward.alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_one_session_cuts_that_one_under_traffic_and_not_her_other_one() {
    let mut ward = busy_ward().await;
    let mut office = ward.clinic.browser();
    ward.clinic.world.clock.advance(crate::ward::MINUTE);
    sign_in(&ward.clinic, &mut office, &ward.alice).await;
    let mut ticker = office.socket("/ws/ticker").await.expect("it opens");
    let traffic = Traffic::of(&[&ward.bobs, &ward.chens, &office]);
    ward.helen.look_up("alice").await;
    let old = "End the session at Ward emr since today 08:00 UTC";
    let page = ward.helen.press(old, &[]).await;
    assert!(page.has("That session has ended."), "{}", page.describe());
    is_cut(&mut ward.hers, &mut ward.her_ticker).await;
    assert_eq!(traffic.end().await, 0, "somebody else was refused");
    still_ticks(&mut ward.bobs_ticker).await;
    still_ticks(&mut ticker).await;
    must_be_in(&mut office).await;
    all_is_well(&ward.clinic, &ward.alice).await;
}
