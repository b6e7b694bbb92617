//! Case 1: pages of somebody unverified around his own login, in thousands of orders.
//!
//! The real table of requests under way (`Inflight`), a model of the store's taint and of an app
//! that does not renew its session, and a scheduler that lets any of them go first. Nothing that an
//! app carried out on a session after the credential may be shown; and carried out it may be only
//! if the login gave up waiting.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anteroom_core::ids::SessionHash;
use anteroom_gateway::sign_in::inflight::Inflight;

use super::Dice;

const PAGES: usize = 5;
const SESSION: SessionHash = SessionHash([7; 32]);

/// What happened, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// The taint is committed.
    Tainted,
    /// The credential reached the app.
    LoggedIn,
    /// A page request left for the app.
    Left(usize),
    /// The app carried it out.
    CarriedOut(usize),
    /// The login stopped waiting for it.
    Cut(usize),
    /// Its answer went to the client.
    Shown(usize),
}

struct Stage {
    inflight: Inflight,
    tainted: Mutex<bool>,
    events: Mutex<Vec<Event>>,
    dice: Mutex<Dice>,
}

impl Stage {
    fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            inflight: Inflight::default(),
            tainted: Mutex::new(false),
            events: Mutex::new(Vec::new()),
            dice: Mutex::new(Dice::new(seed)),
        })
    }

    fn note(&self, event: Event) {
        self.events.lock().expect("sound").push(event);
    }

    fn roll(&self, sides: usize) -> usize {
        self.dice.lock().expect("sound").roll(sides)
    }

    /// Lets the others go first, some times.
    async fn dither(&self) {
        for _ in 0..self.roll(4) {
            tokio::task::yield_now().await;
        }
        if self.roll(3) == 0 {
            let pause = u64::try_from(self.roll(40)).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    /// The store's answer to "is it tainted": never cached, but it takes its time on both sides.
    async fn is_tainted(&self) -> bool {
        self.dither().await;
        let now = *self.tainted.lock().expect("sound");
        self.dither().await;
        now
    }
}

/// The app carries a page out at some time after it was sent, whether or not anybody still waits
/// for it.
fn send_to_app(stage: &Arc<Stage>, page: usize, slow: bool) -> tokio::sync::oneshot::Receiver<()> {
    let (done, answer) = tokio::sync::oneshot::channel();
    let stage = Arc::clone(stage);
    stage.note(Event::Left(page));
    tokio::spawn(async move {
        stage.dither().await;
        if slow {
            // Longer than a login is patient.
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        stage.note(Event::CarriedOut(page));
        stage.dither().await;
        let _ = done.send(());
    });
    answer
}

/// As `sign_in::watch` does it. `careful` switches single steps off, to see that the test would
/// notice.
async fn page(stage: Arc<Stage>, page: usize, slow: bool, careful: Careful) {
    stage.dither().await;
    let underway = careful.register.then(|| stage.inflight.enter(SESSION));
    if stage.is_tainted().await {
        return;
    }
    let answer = send_to_app(&stage, page, slow);
    let came = match &underway {
        Some(underway) => underway.unless_cut(answer).await.is_some(),
        None => answer.await.is_ok(),
    };
    if !came {
        stage.note(Event::Cut(page));
        return;
    }
    if careful.look_again && stage.is_tainted().await {
        return;
    }
    // No pause between the look and the note: the head goes out as the request is let go.
    stage.note(Event::Shown(page));
    drop(underway);
}

/// As `sign_in::login` does it.
async fn login(stage: Arc<Stage>, careful: Careful) {
    for _ in 0..stage.roll(6) {
        stage.dither().await;
    }
    *stage.tainted.lock().expect("sound") = true;
    stage.note(Event::Tainted);
    stage.dither().await;
    if careful.drain {
        stage.inflight.drain(&SESSION).await;
    }
    stage.note(Event::LoggedIn);
}

#[derive(Clone, Copy)]
struct Careful {
    register: bool,
    look_again: bool,
    drain: bool,
}

const CAREFUL: Careful = Careful {
    register: true,
    look_again: true,
    drain: true,
};

async fn run(seed: u64, careful: Careful) -> Vec<Event> {
    let stage = Stage::new(seed);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..PAGES {
        let slow = stage.roll(6) == 0;
        tasks.spawn(page(Arc::clone(&stage), number, slow, careful));
    }
    tasks.spawn(login(Arc::clone(&stage), careful));
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no task fails");
    }
    // What the app still has to do without anybody waiting.
    tokio::time::sleep(Duration::from_secs(10)).await;
    stage.events.lock().expect("sound").clone()
}

/// The first thing that must not happen, if it happened.
fn breach(events: &[Event]) -> Option<String> {
    let place = |wanted: Event| events.iter().position(|event| *event == wanted);
    let (Some(tainted), Some(login)) = (place(Event::Tainted), place(Event::LoggedIn)) else {
        return Some("the login never got through".to_owned());
    };
    for page in 0..PAGES {
        let carried_out = place(Event::CarriedOut(page));
        let after = carried_out.is_some_and(|at| at > login);
        if after && place(Event::Cut(page)).is_none_or(|cut| cut > login) {
            return Some(format!(
                "page {page} was carried out as somebody else, and not cut before"
            ));
        }
        if let Some(shown) = place(Event::Shown(page))
            && (after || shown > login)
        {
            return Some(format!("page {page} was shown after the login"));
        }
        if place(Event::Left(page)).is_some_and(|left| left > login) {
            return Some(format!("page {page} left after the login"));
        }
        // One that left after the taint had looked before it; it is waited for or cut like the
        // others.
        if place(Event::Left(page)).is_some_and(|left| left > tainted)
            && place(Event::Shown(page)).is_some()
        {
            return Some(format!(
                "page {page} left on a tainted session and was shown"
            ));
        }
    }
    None
}

#[tokio::test(start_paused = true)]
async fn case_1_no_page_is_shown_or_left_running_on_a_session_that_a_login_has_taken() {
    let (mut shown, mut cut, mut refused) = (0, 0, 0);
    for seed in 0..6000 {
        let events = run(seed, CAREFUL).await;
        if let Some(what) = breach(&events) {
            panic!("seed {seed}: {what}: {events:?}");
        }
        shown += events
            .iter()
            .filter(|event| matches!(event, Event::Shown(_)))
            .count();
        cut += events
            .iter()
            .filter(|event| matches!(event, Event::Cut(_)))
            .count();
        refused += PAGES
            - events
                .iter()
                .filter(|event| matches!(event, Event::Left(_)))
                .count();
    }
    // The orders are of all kinds, else the sentence above says little.
    assert!(
        shown > 1000 && cut > 1000 && refused > 1000,
        "{shown} {cut} {refused}"
    );
}

/// The test can fail: each step left out is noticed within the same seeds.
#[tokio::test(start_paused = true)]
async fn case_1_every_step_is_needed() {
    for (what, careful) in [
        (
            "without registering",
            Careful {
                register: false,
                ..CAREFUL
            },
        ),
        (
            "without looking again",
            Careful {
                look_again: false,
                ..CAREFUL
            },
        ),
        (
            "without waiting",
            Careful {
                drain: false,
                ..CAREFUL
            },
        ),
    ] {
        let mut noticed = false;
        for seed in 0..6000 {
            if breach(&run(seed, careful).await).is_some() {
                noticed = true;
                break;
            }
        }
        assert!(noticed, "{what}: nobody notices");
    }
}

/// On real threads: a request that has entered is found by the login, also when others leave at
/// that instant and the table is about to forget the session.
#[test]
fn case_1_a_request_that_entered_is_never_overlooked() {
    let inflight = Arc::new(Inflight::default());
    let busy = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let others: Vec<_> = (0..2)
        .map(|_| {
            let (inflight, busy) = (Arc::clone(&inflight), Arc::clone(&busy));
            std::thread::spawn(move || {
                while busy.load(std::sync::atomic::Ordering::Relaxed) {
                    drop(inflight.enter(SESSION));
                }
            })
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let overlooked = runtime.block_on(async {
        for _ in 0..20_000 {
            let underway = inflight.enter(SESSION);
            let mut drain = std::pin::pin!(inflight.drain(&SESSION));
            // One look is enough: with a request under way it must not be done.
            let done = futures_util::poll!(drain.as_mut()).is_ready();
            drop(underway);
            if done {
                return true;
            }
        }
        false
    });
    busy.store(false, std::sync::atomic::Ordering::Relaxed);
    for other in others {
        other.join().expect("no thread fails");
    }
    assert!(!overlooked, "a login went on while a request was under way");
}
