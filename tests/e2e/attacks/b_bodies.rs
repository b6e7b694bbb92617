//! Family B, how a form arrives: too large, in pieces, cut off. What does not come whole is never
//! forwarded.

use std::time::Duration;

use anteroom_tests::answer::NoAnswer;
use anteroom_tests::raw::RawClient;
use anteroom_tests::recorder::{Recorder, Script};
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::Clinic;

use super::b_forms::{HERS, stage};
use super::records::{FORM, form, throw};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b11_a_huge_login_is_refused_and_never_passed_on_unread() {
    let Some(stage) = stage().await else { return };
    let padded = |size: usize| [&vec![b'x'; size][..], b"=1&", HERS].concat();
    stage
        .passes("just within the bound", FORM, &padded(60 * 1024))
        .await;
    stage
        .refuses(
            "just over it",
            &form("/login.php", FORM, &padded(64 * 1024)),
            &[413],
        )
        .await;
    stage
        .refuses(
            "megabytes",
            &form("/login.php", FORM, &padded(2 << 20)),
            &[413],
        )
        .await;
    let fields = "a&".repeat(30_000);
    let body = [fields.as_bytes(), HERS].concat();
    stage
        .refuses(
            "thirty thousand fields",
            &form("/login.php", FORM, &body),
            &[400],
        )
        .await;
    let fields = "a=1&".repeat(100_000);
    let body = [fields.as_bytes(), HERS].concat();
    stage
        .refuses(
            "a hundred thousand fields",
            &form("/login.php", FORM, &body),
            &[413],
        )
        .await;
    // Announced only: nothing of it has to come before it is refused, or none of it counts.
    let mut chunked = anteroom_tests::raw::crlf(&format!(
        "POST /login.php HTTP/1.1¶Host: emr.test¶Origin: https://emr.test¶{FORM}¶\
         Transfer-Encoding: chunked¶¶"
    ));
    for _ in 0..200 {
        chunked.extend_from_slice(b"400\r\n");
        chunked.extend_from_slice(&[b'x'; 1024]);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    stage.refuses("two hundred chunks", &chunked, &[413]).await;
    stage.is_well().await;
}

fn impatient(recorder: &Recorder) -> impl Future<Output = Clinic> {
    let origin = format!("http://{}", recorder.addr());
    async move {
        let lines = anteroom_tests::world::start::open_enrolment("php-session");
        let plan = anteroom_tests::world::start::Plan::empty();
        plan.with("[limits]\nlogin_deadline = \"1 s\"")
            .app("emr", &origin, &lines)
            .open()
            .await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b12_a_fragmented_login_is_read_as_one_and_sent_on_whole() {
    let recorder = Recorder::start().await;
    recorder.answer_with(|_| Script::redirect("/home.php", &["PHPSESSID=s1; path=/"]));
    let clinic = impatient(&recorder).await;
    let head = |fields: &str| {
        format!(
            "POST /login.php HTTP/1.1¶Host: emr.test¶Origin: https://emr.test¶Accept: text/html¶\
             {FORM}¶{fields}¶¶"
        )
    };
    for (n, what) in ["byte by byte", "one-byte chunks", "expecting"]
        .into_iter()
        .enumerate()
    {
        // Another one each time: the same form sent again is answered from memory (case 15).
        let body = format!("username=%61lice&password=right&n={n}");
        let length = format!("Content-Length: {}", body.len());
        let (fields, rest) = match what {
            "one-byte chunks" => {
                let chunks: String = body.chars().map(|byte| format!("1¶{byte}¶")).collect();
                (
                    "Transfer-Encoding: chunked".to_owned(),
                    format!("{chunks}0¶¶"),
                )
            }
            "expecting" => (format!("Expect: 100-continue¶{length}"), body.clone()),
            _ => (length.clone(), body.clone()),
        };
        let rest = anteroom_tests::raw::crlf(&rest);
        recorder.clear();
        let mut client = RawClient::tls(clinic.addr, Sni::Name("emr.test"))
            .await
            .expect("TLS");
        client.say(&head(&fields)).await;
        client
            .drip(&rest, Duration::ZERO)
            .await
            .expect("the gateway reads");
        if what == "expecting" {
            // Nothing more to say: a half-closed connection still gets its answer.
            client.half_close().await.expect("half closed");
        }
        let answer = client
            .answer()
            .await
            .unwrap_or_else(|why| panic!("{what}: {why}"));
        assert_eq!(
            answer.location(),
            Some("/.anteroom/enrol/method"),
            "{what}: {}",
            answer.everything()
        );
        let seen = recorder.only_request();
        assert_eq!(seen.text(), body, "{what}");
        assert_eq!(
            seen.header("content-length"),
            length.strip_prefix("Content-Length: "),
            "{what}"
        );
        for gone in ["transfer-encoding", "expect"] {
            assert_eq!(seen.header(gone), None, "{what}");
        }
        assert_eq!(recorder.naive_count(), 1, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b12_a_login_that_does_not_come_whole_is_never_forwarded() {
    let recorder = Recorder::start().await;
    let clinic = impatient(&recorder).await;
    let head = format!(
        "POST /login.php HTTP/1.1¶Host: emr.test¶Origin: https://emr.test¶Accept: text/html¶{FORM}¶"
    );
    let tries = [
        (
            "silence",
            "Content-Length: 40¶¶username=alice&password=right",
            false,
        ),
        (
            "half a chunk",
            "Transfer-Encoding: chunked¶¶28¶username=alice&pass",
            false,
        ),
        (
            "no last chunk",
            "Transfer-Encoding: chunked¶¶1d¶username=alice&password=right¶",
            false,
        ),
        (
            "half closed",
            "Content-Length: 40¶¶username=alice&password=right",
            true,
        ),
        (
            "never continued",
            "Content-Length: 29¶Expect: 100-continue¶¶",
            false,
        ),
    ];
    let one = async |(what, rest, half_close): (&str, &str, bool)| {
        let mut client = RawClient::tls(clinic.addr, Sni::Name("emr.test"))
            .await
            .expect("TLS");
        client.say(&format!("{head}{rest}")).await;
        if half_close {
            client.half_close().await.expect("half closed");
        }
        match client.answer().await {
            Ok(answer) => assert_eq!(answer.status, 400, "{what}: {}", answer.everything()),
            Err(NoAnswer::Closed { .. }) => {}
            Err(other) => panic!("{what}: {other}"),
        }
    };
    futures_util::future::join_all(tries.map(one)).await;
    assert!(recorder.bytes().is_empty(), "{:?}", recorder.requests());
    recorder.answer_with(|_| Script::redirect("/home.php", &["PHPSESSID=s1; path=/"]));
    let whole = form("/login.php", FORM, b"username=alice&password=right");
    let answer = throw(&clinic, &whole).await.expect("an answer");
    assert_eq!(
        answer.location(),
        Some("/.anteroom/enrol/method"),
        "{}",
        answer.everything()
    );
}
