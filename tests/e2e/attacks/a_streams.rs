//! A14: who may open a socket or a stream, and how soon both end with their session.
//! Ways round the handshake: `a_upgrade`.

use anteroom_store::Paper;
use std::time::Duration;

use anteroom_core::ids::SubscriberId;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::ask::{Ask, Initiator, Kind};
use anteroom_tests::h2client::H2Ask;
use anteroom_tests::raw::crlf;
use anteroom_tests::recorder::Script;
use anteroom_tests::ws::{Heard, Refused, Socket};

use super::a_bench::{
    Bench, CANARY, CHART, CUT, HOST, STOLEN, cookies, load, nothing_reached, nothing_usable,
};
use super::a_upgrade::{HANDSHAKE, knock};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a14_no_socket_without_a_verified_session_of_our_own_origin() {
    let (bench, upstream) = Bench::recorded().await;
    let waiting = super::a_bench::pending(&bench.clinic, anteroom_tests::apps::php::ALICE).await;
    let jar = cookies(&bench.alice);
    upstream.clear();
    let own = "Origin: https://emr.test¶";
    for (what, bytes) in [
        (
            "a stolen session",
            knock(&format!("PHPSESSID={STOLEN}"), own),
        ),
        (
            "a stolen session without origin",
            knock(&format!("PHPSESSID={STOLEN}"), ""),
        ),
        ("a pending session", knock(&cookies(&waiting), own)),
        ("another origin", knock(&jar, "Origin: https://evil.test¶")),
        ("no origin", knock(&jar, "")),
        ("a null origin", knock(&jar, "Origin: null¶")),
        ("plain http", knock(&jar, "Origin: http://emr.test¶")),
        (
            "a longer name",
            knock(&jar, "Origin: https://emr.test.evil¶"),
        ),
        (
            "another port",
            knock(&jar, "Origin: https://emr.test:8443¶"),
        ),
        (
            "two origins",
            knock(&jar, "Origin: https://emr.test¶Origin: https://evil.test¶"),
        ),
        (
            "a lying site",
            knock(
                &jar,
                "Origin: https://evil.test¶Sec-Fetch-Site: same-origin¶",
            ),
        ),
    ] {
        let told = bench.send(bytes).await.unwrap();
        assert!(
            matches!(told.status, 400 | 401 | 403),
            "{what}: {}",
            told.everything()
        );
        nothing_usable(what, &told.everything());
        nothing_reached(what, &upstream);
    }
    // Our own pages are no sockets, and where the profile has none nobody gets one.
    let portal = crlf(&format!(
        "GET /.anteroom/challenge HTTP/1.1¶Host: {HOST}¶{HANDSHAKE}{own}Cookie: {jar}¶¶"
    ));
    assert_eq!(bench.send(portal).await.unwrap().status, 403);
    let (without, silent) = Bench::recorded_as("").await;
    let refused = without.alice.socket("/ws").await.unwrap_err();
    assert_eq!(refused.status(), Some(403), "{refused}");
    nothing_reached("no sockets here", &silent);
    bench.finish().await;
}

/// An open socket of a browser, which has heard the first frame.
async fn open(browser: &Browser) -> Socket {
    let mut socket = match browser.socket("/ws").await {
        Ok(socket) => socket,
        Err(Refused::Answered(answer)) => panic!("{}", answer.everything()),
        Err(why) => panic!("{why}"),
    };
    assert_eq!(
        socket.hear(CUT).await,
        Heard::Text(CANARY.to_owned()),
        "101 and a frame at once"
    );
    socket
}

/// Our own sign-out, as the button on a page of this origin sends it.
async fn sign_out(browser: &mut Browser) {
    let from = Initiator {
        url: browser.at_home("/chart.php"),
        policy: None,
    };
    let url = browser.at_home("/.anteroom/sign-out");
    let ask = Ask::new("POST", url, Kind::Document, Some(from));
    let page = browser
        .land(ask.body("application/x-www-form-urlencoded", ""))
        .await;
    assert_eq!(
        page.location(),
        Some("/.anteroom/signed-out"),
        "{}",
        page.describe()
    );
}

async fn subscriber(bench: &Bench) -> SubscriberId {
    let found = bench
        .clinic
        .store()
        .subscriber_list("alice", 5)
        .await
        .unwrap();
    found.first().expect("alice is on file").id
}

/// Ways in which a session ends or is locked.
const ENDS: [&str; 8] = [
    "sign-out",
    "the app's logout",
    "all sessions ended",
    "one session ended",
    "locked",
    "suspended",
    "idle",
    "age",
];

async fn bring_about(bench: &Bench, browser: &mut Browser, end: &str) {
    let (store, now) = (bench.clinic.store(), bench.clinic.now());
    let who = subscriber(bench).await;
    let row = store
        .sessions_of(who)
        .await
        .unwrap()
        .first()
        .expect("a session")
        .row;
    match end {
        "sign-out" => sign_out(browser).await,
        "the app's logout" => {
            browser.get(CHART).await;
            browser.click("Sign out").await;
        }
        "all sessions ended" => {
            assert!(store.sessions_end_all(who, "revoked", now).await.unwrap() > 0)
        }
        "one session ended" => assert!(store.session_end(row, "revoked", now).await.unwrap()),
        "locked" => assert!(store.session_lock(row, now).await.unwrap()),
        "suspended" => {
            store
                .subscriber_suspend(who, &Paper::of("operator", now).because("left"))
                .await
                .unwrap();
        }
        "idle" => bench
            .clinic
            .world
            .clock
            .advance(Duration::from_secs(16 * 60)),
        "age" => bench
            .clinic
            .world
            .clock
            .advance(Duration::from_secs(13 * 3600)),
        other => panic!("{other}"),
    }
}

async fn undo(bench: &Bench, end: &str) {
    if end == "suspended" {
        let who = subscriber(bench).await;
        let now = bench.clinic.now();
        bench
            .clinic
            .store()
            .subscriber_resume(who, &Paper::of("operator", now))
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a14_an_open_socket_is_cut_within_two_seconds_of_its_sessions_end() {
    let (bench, upstream) = Bench::recorded().await;
    for end in ENDS {
        let mut browser = bench.sign_in_again().await;
        let mut socket = open(&browser).await;
        assert_eq!(
            socket.hear(Duration::from_millis(20)).await,
            Heard::Silence,
            "{end}"
        );
        bring_about(&bench, &mut browser, end).await;
        assert!(socket.closed(CUT).await, "{end}: the socket stays open");
        // And the session opens nothing more.
        upstream.clear();
        let refused = browser.socket("/ws").await.unwrap_err();
        assert!(
            matches!(refused.status(), Some(401 | 403)),
            "{end}: {refused}"
        );
        nothing_reached(end, &upstream);
        undo(&bench, end).await;
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a14_event_streams_and_long_polls_end_with_their_session() {
    let (bench, upstream) = Bench::recorded().await;
    for end in ENDS {
        let mut browser = bench.sign_in_again().await;
        let jar = cookies(&browser);
        upstream.clear();
        let mut events = bench.raw().await;
        events.send(load("GET", "/events", &jar)).await.unwrap();
        assert_eq!(events.head().await.unwrap().status, 200);
        events.until(CANARY).await.unwrap();
        let client = bench.h2().await;
        let ask = H2Ask::get(&format!("https://{HOST}/events")).crumb(&jar);
        let mut over_h2 = client.listen(&ask).await.unwrap();
        assert_eq!(over_h2.head().await.unwrap().status, 200);
        assert!(over_h2.piece().await.unwrap().is_some());
        let mut poll = bench.raw().await;
        poll.send(load("GET", "/poll.php?since=1", &jar))
            .await
            .unwrap();
        assert!(upstream.wait_for(3, CUT).await);
        bring_about(&bench, &mut browser, end).await;
        let (one, two, three) =
            tokio::join!(events.closed(CUT), client.closed(CUT), poll.closed(CUT));
        assert!(one, "{end}: the event stream goes on");
        assert!(two, "{end}: the event stream over h2 goes on");
        assert!(three, "{end}: the long poll waits on");
        undo(&bench, end).await;
    }
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a14_a_stream_on_the_very_connection_that_signs_out_ends_too() {
    let (bench, _upstream) = Bench::recorded().await;
    let browser = bench.sign_in_again().await;
    let jar = cookies(&browser);
    let client = bench.h2().await;
    let mut events = client
        .listen(&H2Ask::get(&format!("https://{HOST}/events")).crumb(&jar))
        .await
        .unwrap();
    assert_eq!(events.head().await.unwrap().status, 200);
    let out = H2Ask::form(&format!("https://{HOST}/.anteroom/sign-out"), "")
        .crumb(&jar)
        .field("accept", "text/html")
        .field("origin", "https://emr.test");
    let told = client.ask(out).await.unwrap();
    assert_eq!(
        told.location(),
        Some("/.anteroom/signed-out"),
        "{}",
        told.everything()
    );
    assert!(client.closed(CUT).await, "the stream goes on");
    bench.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a14_a_lock_lets_a_running_download_finish_and_a_revocation_does_not() {
    let (bench, upstream) = Bench::recorded().await;
    for (end, finishes) in [("idle", true), ("all sessions ended", false)] {
        let mut browser = bench.sign_in_again().await;
        let rest = anteroom_tests::recorder::Latch::shut();
        upstream.next(
            Script::bytes("HTTP/1.1 200 OK¶Content-Type: application/pdf¶Content-Length: 8¶¶half")
                .until(&rest)
                .then("done"),
        );
        let mut download = bench.raw().await.patient(CUT);
        download
            .send(load("GET", "/report.pdf", &cookies(&browser)))
            .await
            .unwrap();
        assert_eq!(download.head().await.unwrap().status, 200);
        bring_about(&bench, &mut browser, end).await;
        if finishes {
            assert!(
                !download.closed(Duration::from_millis(1500)).await,
                "{end}: cut"
            );
            rest.open();
            assert!(download.until("done").await.is_ok(), "{end}");
        } else {
            assert!(download.closed(CUT).await, "{end}: goes on");
            rest.open();
        }
    }
    bench.finish().await;
}
