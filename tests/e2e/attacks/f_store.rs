//! F07 and F08: the store gone, held by somebody else, or full. Nothing new is verified, no
//! password leaves, what is open closes in time, and all of it comes back by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

use anteroom_config::ambient::{Ambient, entropy};
use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::ids::{AttemptId, SessionId};
use anteroom_core::totp::TotpSecret;
use anteroom_gateway::keys::hash_session;
use anteroom_store::{Store, StoreError, StoreOptions};
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::phone::Phone;
use anteroom_tests::raw::RawClient;
use anteroom_tests::world::start::{Clinic, eventually, open_enrolment};
use data_encoding::BASE64URL_NOPAD;

use crate::ward::{
    ALICE, BOB, CHALLENGE, CHEN, MALLORY, OURS, all_is_well, at_challenge, audit_is_whole,
    enrolled, given, listed, nonce, password, posting, sees_chart, sessions_of,
};

/// Four people, each at another place of the way in.
struct Cast {
    alice: Browser,
    hers: Phone,
    /// Alice's second browser, at the challenge, and the form's nonce.
    waiting: Browser,
    /// Bob, who has scanned his QR code.
    enrolling: Browser,
    bobs: Phone,
    /// Mallory, who has filled in the app's own form.
    typing: Browser,
}

async fn cast(clinic: &Clinic) -> Cast {
    let (alice, hers, _) = enrolled(clinic, ALICE).await;
    clinic.world.clock.next_step();
    let waiting = at_challenge(clinic, ALICE).await;
    let mut enrolling = clinic.browser();
    password(&mut enrolling, BOB).await;
    enrolling.take_phone().await;
    let bobs = Phone::scan(enrolling.page()).unwrap();
    let mut typing = clinic.browser();
    typing.open("/patients").await;
    clinic.record().clear();
    Cast {
        alice,
        hers,
        waiting,
        enrolling,
        bobs,
        typing,
    }
}

/// A code, a first code and a password, all at once.
async fn try_everything(clinic: &Clinic, cast: &Cast) -> [Page; 3] {
    let clock = &clinic.world.clock;
    let code = cast.hers.code_at(clock);
    let first = cast.bobs.code_at(clock);
    let form = nonce(cast.waiting.page());
    let code = posting(
        &cast.waiting,
        CHALLENGE,
        &[("nonce", &form), ("code", &code)],
    );
    let form = nonce(cast.enrolling.page());
    let first = posting(
        &cast.enrolling,
        "/.anteroom/enrol",
        &[("nonce", &form), ("code", &first)],
    );
    let entries = [("username", MALLORY.name), ("password", MALLORY.password)];
    let login = cast
        .typing
        .form_ask(&cast.typing.form_with(&entries), &entries, None);
    let (code, first, login) = tokio::join!(
        cast.waiting.fetch(&code),
        cast.enrolling.fetch(&first),
        cast.typing.fetch(&login),
    );
    [code.unwrap(), first.unwrap(), login.unwrap()]
}

fn all_closed(clinic: &Clinic, pages: &[Page; 3]) {
    for (what, page) in ["code", "first code", "login"].iter().zip(pages) {
        assert_eq!(page.status, 503, "{what}: {}", page.describe());
        assert!(
            given(page).is_none() && page.set_cookie_line("WBSESSION").is_none(),
            "{what}"
        );
        assert!(
            page.has("Sign-in is not working just now"),
            "{what}: {}",
            page.describe()
        );
        assert!(page.has("+1 555 0101"), "{what} says whom to call");
    }
    let logins = clinic
        .record()
        .all()
        .into_iter()
        .filter(|served| served.method == "POST");
    assert_eq!(logins.count(), 0, "no password was sent");
}

pub(super) async fn ready(clinic: &Clinic) -> u16 {
    let private = clinic.running().private.unwrap();
    let mut client = RawClient::plain(private).await.unwrap();
    client
        .ask("GET /ready HTTP/1.1¶Host: x¶Connection: close¶¶")
        .await
        .unwrap()
        .status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f07_case_22_with_the_store_gone_nothing_opens_and_what_is_open_closes_in_time() {
    let grace = "outage_grace = \"2500 ms\"";
    let mut clinic = Clinic::with_demo_as(&open_enrolment("demo"), grace).await;
    let mut cast = cast(&clinic).await;
    assert_eq!(ready(&clinic).await, 200);
    clinic.store().close().await;
    assert_eq!(ready(&clinic).await, 503, "health is red");
    assert!(
        sees_chart(&mut cast.alice).await,
        "who is signed in goes on for the written grace"
    );
    let pages = try_everything(&clinic, &cast).await;
    all_closed(&clinic, &pages);
    for path in [CHALLENGE, "/login"] {
        let page = cast.waiting.get(path).await;
        assert_eq!(page.status, 503, "{path}: {}", page.describe());
    }
    // A stranger without any session of ours costs no look at the store, and still sees nothing.
    assert!(!sees_chart(&mut cast.alice.stranger()).await);
    let alice = tokio::sync::Mutex::new(cast.alice);
    eventually("the grace ends", async || {
        let page = alice.lock().await.get("/patients/1001").await;
        assert!(matches!(page.status, 200 | 503), "{}", page.describe());
        page.status == 503 && !page.everything().contains("CANARY-PHI")
    })
    .await;
    clinic.restart().await;
    assert_eq!(ready(&clinic).await, 200);
    let mut alice = alice.into_inner();
    assert!(
        sees_chart(&mut alice).await,
        "the same session, without signing in again"
    );
    assert!(
        listed(&clinic, "bob")
            .await
            .is_none_or(|bob| bob.enrolled_at.is_none())
    );
    let page = cast.waiting.get(CHALLENGE).await;
    assert_eq!(page.status, 200, "{}", page.describe());
    cast.waiting
        .submit(&[("code", &cast.hers.code_at(&clinic.world.clock))])
        .await;
    assert!(
        sees_chart(&mut cast.waiting).await,
        "the same sign-in goes on where it was"
    );
    all_is_well(&clinic, ALICE, &cast.hers).await;
}

/// Another process that has begun to write and does not come to an end.
struct Stuck {
    let_go: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Stuck {
    /// Writes a seed into this attempt, and stops in the middle of the transaction.
    async fn begin(clinic: &Clinic, attempt: AttemptId) -> Self {
        let at = clinic.running().gateway().settings.store.clone();
        let now = clinic.now();
        let (let_go, gate) = mpsc::channel();
        let (say_begun, begun) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let armed = Arc::new(AtomicBool::new(false));
            let stop = Mutex::new((gate, Some(say_begun)));
            let trigger = armed.clone();
            let slow = Arc::new(move |bytes: &mut [u8]| {
                entropy(bytes);
                if trigger.swap(false, Ordering::SeqCst) {
                    let mut stop = stop.lock().unwrap();
                    let _ = stop.1.take().map(|begun| begun.send(()));
                    let _ = stop.0.recv();
                }
            });
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async move {
                let ring = anteroom_config::keys::open(&at, &(Arc::new(entropy) as _)).unwrap();
                let keys = anteroom::compose::store_keys(&ring).unwrap();
                let store = Store::open(StoreOptions::new(&at.path, keys, slow), now).await;
                let store = store.unwrap();
                armed.store(true, Ordering::SeqCst);
                let seed = TotpSecret::from_bytes(vec![7; 20]);
                store.enrolment_seed(attempt, &seed, now).await.unwrap();
                store.close().await;
            });
        });
        begun.await.unwrap();
        Self { let_go, thread }
    }

    async fn end(self) {
        self.let_go.send(()).unwrap();
        tokio::task::spawn_blocking(move || self.thread.join().unwrap())
            .await
            .unwrap();
    }
}

async fn attempt_of(clinic: &Clinic, browser: &Browser) -> AttemptId {
    let cookie = browser.cookie(OURS).unwrap();
    let claims = BASE64URL_NOPAD
        .decode(cookie.split('.').nth(1).unwrap().as_bytes())
        .unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    let id = BASE64URL_NOPAD
        .decode(claims["sid"].as_str().unwrap().as_bytes())
        .unwrap();
    let hash = hash_session(&SessionId::new(id.try_into().unwrap()));
    clinic
        .store()
        .attempt_find(&hash)
        .await
        .unwrap()
        .expect("it waits")
        .id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f07_with_the_store_held_by_somebody_else_all_waits_and_then_goes_on_by_itself() {
    let clinic = Clinic::with_demo().await;
    let mut cast = cast(&clinic).await;
    let mut chen = clinic.browser();
    chen.open("/patients").await;
    chen.submit(&[("username", CHEN.name), ("password", CHEN.password)])
        .await;
    let stuck = Stuck::begin(&clinic, attempt_of(&clinic, &chen).await).await;
    clinic.record().clear();
    let pages = try_everything(&clinic, &cast).await;
    all_closed(&clinic, &pages);
    assert!(sees_chart(&mut cast.alice).await, "reading still works");
    assert_eq!(sessions_of(&clinic, "alice").await, 1);
    stuck.end().await;
    // Nobody restarts anything: the very same forms work now.
    let form = nonce(cast.waiting.page());
    let code = cast.hers.code_at(&clinic.world.clock);
    let ask = posting(
        &cast.waiting,
        CHALLENGE,
        &[("nonce", &form), ("code", &code)],
    );
    assert_eq!(cast.waiting.land(ask).await.status, 303);
    assert!(sees_chart(&mut cast.waiting).await);
    let first = cast.bobs.code_at(&clinic.world.clock);
    cast.enrolling.submit(&[("code", &first)]).await;
    assert_eq!(
        cast.enrolling.follow_all().await.path(),
        "/.anteroom/recovery-codes"
    );
    cast.typing
        .submit(&[("username", MALLORY.name), ("password", MALLORY.password)])
        .await;
    assert_eq!(
        cast.typing.follow_all().await.path(),
        "/.anteroom/enrol/method"
    );
    assert_eq!(ready(&clinic).await, 200);
    all_is_well(&clinic, ALICE, &cast.hers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f07_a_gateway_does_not_start_without_its_store() {
    let mut clinic = Clinic::with_demo().await;
    let (_, phone, _) = enrolled(&clinic, ALICE).await;
    let at = clinic.running().gateway().settings.store.clone();
    // Closed in good order, so that all of it stands in the one file.
    clinic.store().close().await;
    clinic.stop().await;
    let kept = std::fs::read(&at.path).unwrap();
    let start = async || {
        let ambient = Ambient {
            clock: Arc::new(anteroom_config::ambient::SystemClock),
            entropy: Arc::new(entropy),
            config_file: None,
            credentials: None,
        };
        let file = clinic.world.dir().join("anteroom.toml");
        let settings = anteroom_config::load(&file, &ambient).unwrap();
        let told = anteroom::compose::start(settings, &ambient).await;
        told.map(|running| running.stop())
            .map_err(|problem| problem.to_string())
    };
    for (what, bytes) in [
        ("junk", vec![b'x'; 8192]),
        ("half of it", kept[..kept.len() / 2].to_vec()),
    ] {
        std::fs::write(&at.path, bytes).unwrap();
        let told = start().await.expect_err(what);
        assert!(told.contains("store"), "{what}: {told}");
    }
    std::fs::remove_file(&at.path).unwrap();
    std::fs::create_dir(&at.path).unwrap();
    start().await.expect_err("a folder in its place");
    std::fs::remove_dir(&at.path).unwrap();
    std::fs::write(&at.path, kept).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&at.path, private).unwrap();
    clinic.start().await;
    all_is_well(&clinic, ALICE, &phone).await;
}

/// Fills what room the store has left.
async fn fill(clinic: &Clinic) {
    for size in [200, 20] {
        let event = AuditEvent::new(AuditKind::ConfigLoaded).reason(&"x".repeat(size));
        for count in [200, 20, 1] {
            let events = vec![event.clone(); count];
            let mut full = false;
            for _ in 0..2000 {
                match clinic.store().audit_append(&events, clinic.now()).await {
                    Ok(()) => {}
                    Err(StoreError::Full) => {
                        full = true;
                        break;
                    }
                    Err(other) => panic!("{other:?}"),
                }
            }
            assert!(full, "the store never became full");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f08_with_the_disk_full_no_decision_is_taken_and_nothing_is_half_done() {
    let mut clinic = Clinic::with_demo().await;
    let mut cast = cast(&clinic).await;
    let at = clinic.running().gateway().settings.store.clone();
    clinic.stop().await;
    let size = std::fs::metadata(&at.path).unwrap().len();
    clinic.page_limit = Some(u32::try_from(size / 4096).unwrap() + 20);
    clinic.start().await;
    fill(&clinic).await;
    assert!(
        sees_chart(&mut cast.alice).await,
        "what is only read goes on"
    );
    clinic.record().clear();
    // What room is left on the last pages may take a small row or two, and then no more.
    for _ in 0..2 {
        let pages = try_everything(&clinic, &cast).await;
        all_closed(&clinic, &pages);
    }
    assert_eq!(sessions_of(&clinic, "alice").await, 1);
    assert!(
        listed(&clinic, "bob")
            .await
            .is_none_or(|bob| bob.enrolled_at.is_none())
    );
    audit_is_whole(&clinic).await;
    assert_eq!(ready(&clinic).await, 503, "health is red");
    // No crash loop: it starts on a full disk too.
    clinic.restart().await;
    assert!(sees_chart(&mut cast.alice).await);
    clinic.page_limit = None;
    clinic.restart().await;
    assert_eq!(ready(&clinic).await, 200);
    let form = nonce(cast.waiting.page());
    let code = cast.hers.code_at(&clinic.world.clock);
    let ask = posting(
        &cast.waiting,
        CHALLENGE,
        &[("nonce", &form), ("code", &code)],
    );
    assert_eq!(
        cast.waiting.land(ask).await.status,
        303,
        "the code was not spent in vain"
    );
    all_is_well(&clinic, ALICE, &cast.hers).await;
}
