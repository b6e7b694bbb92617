//! A program of the operators' own is told of every notice: signed, once, again when it did not
//! take it, and never led elsewhere.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use anteroom_core::ids::SubscriberId;
use anteroom_core::time::Timestamp;
use anteroom_store::{Channel, ChannelState, Paper};
use anteroom_tests::recorder::{Recorder, Script, Seen};
use anteroom_tests::world::start::{Clinic, eventually, open_enrolment};
use serde_json::Value;

use super::people::{ALICE, BOB, listing, newcomer, sign_in};
use crate::ward::MINUTE;

/// Signs; a canary that may stand nowhere else.
const SECRET: &str = "Webhook-Canary-31";

/// The program that is told.
struct Hook {
    receiver: Recorder,
    dir: tempfile::TempDir,
}

impl Hook {
    async fn open() -> Self {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        let secret = dir.path().join("webhook-secret");
        std::fs::write(&secret, SECRET).expect("our own folder");
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&secret, mode).expect("our own file");
        let receiver = Recorder::start().await;
        receiver.answer_with(|_| Script::status(204, &[], ""));
        Self { receiver, dir }
    }

    /// A clinic that tells it, with Alice enrolled, who is then told of nothing yet.
    async fn clinic(&self) -> (Clinic, SubscriberId) {
        let (at, secret) = (self.receiver.addr(), self.dir.path().join("webhook-secret"));
        let notices = format!(
            "[notices]\noff = [\"authenticator_added\"]\nwebhook = \"http://{at}/hook?ward=3\"\n\
             webhook_secret_file = {secret:?}\nwebhook_timeout = \"1 s\"\n"
        );
        let clinic = Clinic::with_admin(&open_enrolment("demo"), &notices).await;
        newcomer(&clinic, &mut clinic.browser(), ALICE).await;
        let id = listing(&clinic, "alice").await.id;
        (clinic, id)
    }

    async fn told(&self, count: usize) -> Vec<Seen> {
        let told = self.receiver.wait_for(count, Duration::from_secs(20)).await;
        assert!(told, "{:#?}", self.receiver.requests());
        let requests = self.receiver.requests();
        assert_eq!(requests.len(), count, "{requests:#?}");
        requests
    }
}

async fn state(clinic: &Clinic) -> ChannelState {
    let state = clinic.store().outbox_state(Channel::Webhook, clinic.now());
    state.await.expect("the store")
}

/// Something is told of Alice.
async fn note_worthy(clinic: &Clinic, id: SubscriberId) {
    let paper = Paper::of("olga", clinic.now()).because("lost phone");
    let done = clinic.store().subscriber_reset(id, &paper).await;
    assert!(done.expect("the store"));
}

fn body(request: &Seen) -> Value {
    serde_json::from_str(&request.text()).expect("JSON")
}

fn signature(request: &Seen) -> &str {
    request.header("Anteroom-Signature").expect("signed")
}

/// The signature of another moment, under this one's name.
fn dated_anew(field: &str, at: Timestamp) -> String {
    let (_, tag) = field.split_once(',').expect("two parts");
    format!("t={},{tag}", at.as_secs())
}

/// The receiver that `docs/notices.md` gives, asked about one request: what it says.
fn documented_receiver(signature: &str, body: &str, now: Timestamp) -> String {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/notices.md");
    let docs = std::fs::read_to_string(docs).expect("the documents");
    let code = docs.split("```python\n").nth(1).expect("a receiver");
    let code = code.split("```").next().expect("its end");
    let asked = format!(
        "{code}\nimport sys\nfield, now = sys.argv[1:]\n\
         print(is_anterooms({SECRET:?}, field, sys.stdin.buffer.read(), int(now)))\n"
    );
    let now = now.as_secs().to_string();
    let mut python = Command::new("/usr/bin/python3")
        .args(["-c", &asked, signature, &now])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python");
    let mut to = python.stdin.take().expect("piped");
    to.write_all(body.as_bytes()).expect("it reads");
    drop(to);
    let said = python.wait_with_output().expect("it ends").stdout;
    String::from_utf8_lossy(&said).trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_told_once_signed_and_the_documented_receiver_knows_ours_from_others() {
    let hook = Hook::open().await;
    let (clinic, id) = hook.clinic().await;
    note_worthy(&clinic, id).await;
    let request = hook.told(1).await.swap_remove(0);
    assert_eq!(
        (&*request.method, &*request.target),
        ("POST", "/hook?ward=3")
    );
    assert_eq!(request.header("Content-Type"), Some("application/json"));
    let told = body(&request);
    assert_eq!(
        (&told["kind"], &told["subscriber"]),
        (&"factors_reset".into(), &"alice".into())
    );
    let tail = clinic.store().audit_tail(5).await.expect("the log");
    let event = tail.iter().find(|row| row.seq == told["reference"]);
    assert!(event.is_some(), "{told}");

    let (field, text, now) = (signature(&request), request.text(), clinic.now());
    assert_eq!(documented_receiver(field, &text, now), "True");
    let minutes = |count| now.plus(MINUTE * count);
    assert_eq!(documented_receiver(field, &text, minutes(4)), "True");
    for (what, field, text, now) in [
        ("kept back", field.to_owned(), text.clone(), minutes(6)),
        (
            "changed",
            field.to_owned(),
            text.replace("alice", "bob"),
            now,
        ),
        (
            "newly dated",
            dated_anew(field, minutes(2)),
            text.clone(),
            now,
        ),
        (
            "unsigned",
            format!("t={}", now.as_secs()),
            text.clone(),
            now,
        ),
        ("empty", String::new(), text.clone(), now),
        (
            "forged",
            format!("t={},v1={}", now.as_secs(), "0".repeat(64)),
            text.clone(),
            now,
        ),
    ] {
        assert_eq!(documented_receiver(&field, &text, now), "False", "{what}");
    }
    clinic.world.must_not_leak(&[SECRET]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_taken_is_told_again_under_the_same_id_until_it_is() {
    let hook = Hook::open().await;
    let (clinic, id) = hook.clinic().await;
    hook.receiver.next(Script::status(500, &[], "out of order"));
    note_worthy(&clinic, id).await;
    let first = hook.told(1).await.swap_remove(0);
    eventually("it waits for its next try", || async {
        state(&clinic).await.sending == 0
    })
    .await;
    let refused = state(&clinic).await;
    assert_eq!(
        (refused.waiting, refused.failing_since),
        (1, None),
        "{refused:?}"
    );

    clinic.world.clock.advance(MINUTE + Duration::from_secs(1));
    let again = hook.told(2).await.swap_remove(1);
    assert_eq!(again.text(), first.text(), "the same id, and every word");
    assert_ne!(signature(&again), signature(&first), "dated anew");
    assert_eq!(
        documented_receiver(signature(&again), &again.text(), clinic.now()),
        "True"
    );
    eventually("nothing waits", || async {
        state(&clinic).await.waiting == 0
    })
    .await;
    clinic.world.clock.advance(10 * MINUTE);
    hook.told(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_nobody_answers_people_sign_in_and_then_each_notice_is_told_once() {
    let hook = Hook::open().await;
    let (clinic, id) = hook.clinic().await;
    hook.receiver.answer_with(|_| Script::silence());
    note_worthy(&clinic, id).await;
    eventually("the try is given up", || async {
        state(&clinic).await.failing_since.is_some()
    })
    .await;
    let down = state(&clinic).await;
    assert_eq!(
        down.problem.as_deref(),
        Some("the server does not answer in time")
    );
    let bob = newcomer(&clinic, &mut clinic.browser(), BOB).await;
    clinic.world.clock.next_step();
    sign_in(&clinic, &mut clinic.browser(), &bob).await;
    for _ in 0..2 {
        note_worthy(&clinic, id).await;
    }

    hook.receiver.answer_with(|_| Script::status(204, &[], ""));
    let tried = hook.receiver.requests().len();
    eventually("everything is told", || async {
        clinic.world.clock.advance(Duration::from_secs(31));
        state(&clinic).await.waiting == 0
    })
    .await;
    let told = hook.told(tried + 3).await;
    let mut ids: Vec<_> = told[tried..]
        .iter()
        .map(|one| body(one)["id"].to_string())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "each once");
    assert_eq!(state(&clinic).await.failing_since, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_a_refusal_and_is_followed_nowhere() {
    let hook = Hook::open().await;
    let elsewhere = Recorder::start().await;
    let (clinic, id) = hook.clinic().await;
    let there = format!("http://{}/stolen", elsewhere.addr());
    for status in [301, 302, 307, 308] {
        let field = [("Location", there.as_str())];
        hook.receiver.next(Script::status(status, &field, ""));
    }
    note_worthy(&clinic, id).await;
    for (tries, minutes) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
        hook.told(tries).await;
        eventually("it waits for its next try", || async {
            state(&clinic).await.sending == 0
        })
        .await;
        clinic
            .world
            .clock
            .advance(MINUTE * minutes + Duration::from_secs(1));
    }
    hook.told(5).await;
    eventually("nothing waits", || async {
        state(&clinic).await.waiting == 0
    })
    .await;
    assert_eq!(
        elsewhere.requests().len(),
        0,
        "names of people go where the settings say"
    );
}
