//! Family B, the form itself: two names, aliases, odd encodings, bodies that one server reads and
//! another does not. PHP stands behind as the most obliging reader; a form with two readings never
//! reaches it.

use std::time::Duration;

use anteroom_tests::answer::{Answer, NoAnswer};
use anteroom_tests::apps::App;
use anteroom_tests::apps::php::{ALICE, CANARY};
use anteroom_tests::phone::Phone;
use anteroom_tests::raw::RawClient;
use anteroom_tests::recorder::{Recorder, Script};
use anteroom_tests::tls::Sni;
use anteroom_tests::world::start::Clinic;

use super::records::{
    FORM, all_is_well, clinic, clinic_at, enrolled, form, logged_in, logins, own_app, throw,
    throw_at,
};
use crate::ward::CHALLENGE;

const HERS: &[u8] = b"username=alice&password=Larch-Canary-41";

struct Stage {
    app: App,
    clinic: Clinic,
    phone: Phone,
}

/// The app, its clinic, and alice enrolled. Proves that the honest form gets through.
async fn stage() -> Option<Stage> {
    let app = own_app()?;
    let clinic = clinic(&app).await;
    let (_, phone) = enrolled(&clinic, ALICE).await;
    let stage = Stage { app, clinic, phone };
    stage.passes("the honest form", FORM, HERS).await;
    Some(stage)
}

impl Stage {
    /// A form of this type and body is a login to the gateway as well, and its answer is held. Each
    /// try has a field of its own, because the same form sent again is answered from memory (case
    /// 15).
    async fn passes(&self, what: &str, fields: &str, body: &[u8]) {
        let before = logins(&self.app);
        let body = [body, format!("&try{before}=1").as_bytes()].concat();
        let bytes = &form("/login.php", fields, &body);
        let answer = throw(&self.clinic, bytes).await.expect("an answer");
        assert_eq!(
            answer.location(),
            Some(CHALLENGE),
            "{what}: {}",
            answer.everything()
        );
        assert_eq!(logins(&self.app), before + 1, "{what}");
        assert!(!answer.everything().contains("PHPSESSID"), "{what}");
    }

    /// This form is refused with one of these statuses, and nothing reaches the app.
    async fn refuses(&self, what: &str, bytes: &[u8], statuses: &[u16]) {
        let before = logins(&self.app);
        let answer = throw(&self.clinic, bytes).await;
        refused(what, answer, statuses);
        assert_eq!(logins(&self.app), before, "{what}: it reached the app");
    }

    async fn is_well(&self) {
        all_is_well(&self.clinic, ALICE, &self.phone).await;
        self.clinic.world.must_not_leak(&["Larch-Canary-41"]);
    }
}

fn refused(what: &str, answer: Result<Answer, NoAnswer>, statuses: &[u16]) {
    match answer {
        Ok(answer) => {
            assert!(
                statuses.contains(&answer.status),
                "{what}: {}",
                answer.everything()
            );
            assert!(
                answer.location().is_none(),
                "{what}: {}",
                answer.everything()
            );
            assert!(!answer.everything().contains(CANARY), "{what}");
            assert!(!answer.everything().contains("PHPSESSID"), "{what}");
        }
        // We wrote on after the refusal, and the reset has overtaken it.
        Err(NoAnswer::Closed { .. } | NoAnswer::Broken(_)) if statuses.contains(&413) => {}
        Err(other) => panic!("{what}: {other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b01_two_user_names_are_refused_in_both_orders() {
    let Some(stage) = stage().await else { return };
    for (body, php_is_fooled) in [
        (
            "username=mallory&username=alice&password=Larch-Canary-41",
            true,
        ),
        (
            "username=alice&username=mallory&password=Larch-Canary-41",
            false,
        ),
        (
            "username=alice&password=Larch-Canary-41&username=alice",
            true,
        ),
        ("username=alice&password=x&password=Larch-Canary-41", true),
        (
            "username=mallory&password=Larch-Canary-41&user%6eame=alice",
            true,
        ),
        (
            "username=mallory&password=Larch-Canary-41&%75sername=alice",
            true,
        ),
    ] {
        let bytes = form("/login.php", FORM, body.as_bytes());
        assert_eq!(
            logged_in(&throw_at(stage.app.addr, &bytes).await),
            php_is_fooled,
            "{body}"
        );
        stage.refuses(body, &bytes, &[400]).await;
    }
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b02_a_field_under_an_alias_of_its_name_is_refused() {
    let Some(stage) = stage().await else { return };
    for (body, php_is_fooled) in [
        (
            "username=mallory&+username=alice&password=Larch-Canary-41",
            true,
        ),
        (
            "username=mallory&username%00x=alice&password=Larch-Canary-41",
            true,
        ),
        ("+username=alice&password=Larch-Canary-41", true),
        (
            "username=alice&password=x&%20password=Larch-Canary-41",
            true,
        ),
        ("username[]=alice&password=Larch-Canary-41", false),
        (
            "username=mallory&username[]=alice&password=Larch-Canary-41",
            false,
        ),
        ("username[0]=alice&password=Larch-Canary-41", false),
        ("username%5B0%5D=alice&password=Larch-Canary-41", false),
        ("Username=alice&password=Larch-Canary-41", false),
        (
            "username=mallory&USERNAME=alice&password=Larch-Canary-41",
            false,
        ),
        (
            "username=mallory;username=alice&password=Larch-Canary-41",
            false,
        ),
    ] {
        let bytes = form("/login.php", FORM, body.as_bytes());
        assert_eq!(
            logged_in(&throw_at(stage.app.addr, &bytes).await),
            php_is_fooled,
            "{body}"
        );
        stage.refuses(body, &bytes, &[400]).await;
    }
    stage.is_well().await;
}

/// PHP makes `user_name` of all of these.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b02_every_spelling_that_php_folds_into_a_field_is_an_alias_of_it() {
    let recorder = Recorder::start().await;
    recorder.answer_with(|_| Script::redirect("/home.php", &["PHPSESSID=s1; path=/"]));
    let lines = "[[app.login.form]]\npath = \"/login.php\"\nuser = \"user_name\"\n\
                 secrets = [\"pass_word\"]\n";
    let clinic = clinic_at(&format!("http://{}", recorder.addr()), lines).await;
    let honest = form("/login.php", FORM, b"user_name=alice&pass_word=right");
    let answer = throw(&clinic, &honest).await.expect("an answer");
    assert_eq!(
        answer.location(),
        Some("/.anteroom/enrol"),
        "{}",
        answer.everything()
    );
    recorder.clear();
    for alias in [
        "user.name",
        "user+name",
        "user%20name",
        "user[name",
        "user%5Bname",
        "user%2ename",
    ] {
        for body in [
            format!("user_name=mallory&{alias}=alice&pass_word=right"),
            format!("{alias}=alice&pass_word=right"),
        ] {
            let bytes = form("/login.php", FORM, body.as_bytes());
            refused(&body, throw(&clinic, &bytes).await, &[400]);
        }
    }
    let body = b"user_name=alice&pass.word=right";
    refused(
        "pass.word",
        throw(&clinic, &form("/login.php", FORM, body)).await,
        &[400],
    );
    assert!(recorder.bytes().is_empty(), "{:?}", recorder.requests());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b03_a_name_in_the_address_besides_the_one_in_the_form_is_refused() {
    let Some(stage) = stage().await else { return };
    for target in [
        "/login.php?username=alice",
        "/login.php?user%6eame=alice",
        "/login.php?x=1&username[]=alice",
        "/login.php?username",
        "/login.php?password=Larch-Canary-41",
    ] {
        let body = b"username=mallory&password=Larch-Canary-41";
        stage
            .refuses(target, &form(target, FORM, body), &[400])
            .await;
    }
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b03_a_cookie_called_like_a_field_never_reaches_the_app() {
    let recorder = Recorder::start().await;
    recorder.answer_with(|_| Script::redirect("/home.php", &["PHPSESSID=s1; path=/"]));
    let clinic = clinic_at(&format!("http://{}", recorder.addr()), "").await;
    let fields = format!("{FORM}¶Cookie: username=mallory; password=x; PHPSESSID=planted");
    let answer = throw(&clinic, &form("/login.php", &fields, HERS))
        .await
        .expect("an answer");
    assert_eq!(
        answer.location(),
        Some("/.anteroom/enrol"),
        "{}",
        answer.everything()
    );
    let seen = recorder.only_request();
    assert_eq!(seen.header("cookie"), None);
    assert_eq!(seen.body, HERS);
}

fn multipart(parts: &str, boundary: &str) -> (String, Vec<u8>) {
    let kind = format!("Content-Type: multipart/form-data; {boundary}");
    (kind, anteroom_tests::raw::crlf(parts))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b04_a_multipart_login_is_refused_however_it_is_written() {
    let Some(stage) = stage().await else { return };
    let name = "Content-Disposition: form-data; name=";
    let secret = format!("--b¶{name}\"password\"¶¶Larch-Canary-41¶--b--¶");
    for (what, parts, boundary) in [
        (
            "plain",
            format!("--b¶{name}\"username\"¶¶alice¶{secret}"),
            "boundary=b",
        ),
        (
            "two names",
            format!("--b¶{name}\"username\"¶¶mallory¶--b¶{name}\"username\"¶¶alice¶{secret}"),
            "boundary=b",
        ),
        (
            "unquoted",
            format!("--b¶{name}username¶¶alice¶{secret}"),
            "boundary=b",
        ),
        (
            "a file name on the name",
            format!("--b¶{name}\"username\"; filename=\"x\"¶¶alice¶{secret}"),
            "boundary=b",
        ),
        (
            "a part charset",
            format!(
                "--b¶{name}\"username\"¶Content-Type: text/plain; charset=utf-16¶¶alice¶{secret}"
            ),
            "boundary=b",
        ),
        (
            "two boundaries",
            format!("--a¶{name}\"username\"¶¶mallory¶--a--¶--b¶{name}\"username\"¶¶alice¶{secret}"),
            "boundary=b; boundary=a",
        ),
    ] {
        let (kind, body) = multipart(&parts, boundary);
        let bytes = form("/login.php", &kind, &body);
        let fooled = logged_in(&throw_at(stage.app.addr, &bytes).await);
        assert!(
            fooled || what == "a file name on the name",
            "{what}: PHP takes it for a login"
        );
        stage.refuses(what, &bytes, &[415]).await;
    }
    let (kind, body) = multipart(
        &format!("--b\n{name}\"username\"\n\nalice\n--b--\n"),
        "boundary=b",
    );
    stage
        .refuses("bare line feeds", &form("/login.php", &kind, &body), &[415])
        .await;
    let many: String = (0..10_000)
        .map(|n| format!("--b¶{name}\"f{n}\"¶¶1¶"))
        .collect();
    let (kind, body) = multipart(&many, "boundary=b");
    stage
        .refuses(
            "ten thousand parts",
            &form("/login.php", &kind, &body),
            &[413, 415],
        )
        .await;
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b05_a_json_login_is_never_forwarded() {
    let recorder = Recorder::start().await;
    let clinic = clinic_at(&format!("http://{}", recorder.addr()), "").await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [
        r#"{"username":"alice","password":"right"}"#,
        r#"{"username":"mallory","username":"alice","password":"right"}"#,
        r#"{"user\u006eame":"alice","password":"right"}"#,
        r#"{"Username":"alice","password":"right"}"#,
        r#"{"login":{"username":"alice","password":"right"}}"#,
        r#"[{"username":"alice","password":"right"}]"#,
        "\u{feff}{\"username\":\"alice\",\"password\":\"right\"}",
        r#"{"username":"alice","password":"right"} trailing"#,
        r#"{"username":"alice"/* or mallory */,"password":"right"}"#,
        &deep,
    ] {
        for kind in [
            "application/json",
            "application/json; charset=utf-8",
            "text/json",
            "application/vnd.api+json",
            "text/plain",
        ] {
            let fields = format!("Content-Type: {kind}");
            let bytes = form("/login.php", &fields, body.as_bytes());
            let what: String = body.chars().take(40).collect();
            refused(
                &format!("{kind}: {what}"),
                throw(&clinic, &bytes).await,
                &[415],
            );
            // Elsewhere it is a request like any other: not before the second factor.
            let answer = throw(&clinic, &form("/api/login", &fields, body.as_bytes())).await;
            let answer = answer.expect("an answer");
            assert!(
                matches!(answer.status, 303 | 401),
                "{kind}: {}",
                answer.everything()
            );
        }
    }
    assert!(recorder.bytes().is_empty(), "{:?}", recorder.requests());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b06_a_form_under_another_content_type_is_refused() {
    let Some(stage) = stage().await else { return };
    let shouted = "Content-Type: APPLICATION/X-WWW-FORM-URLENCODED";
    stage.passes("upper case", shouted, HERS).await;
    for (fields, php_is_fooled) in [
        ("X: y", false),
        ("Content-Type: text/plain", false),
        ("Content-Type: application/json", false),
        (
            "Content-Type: application/x-www-form-urlencoded, text/plain",
            true,
        ),
        (
            "Content-Type: text/plain, application/x-www-form-urlencoded",
            false,
        ),
        ("Content-Type: application/x-www-form-urlencoded;", true),
        (
            "Content-Type: application/x-www-form-urlencoded; x=y; charset=utf-8",
            true,
        ),
        ("Content-Type: application/x-www-form-urlencodedx", false),
        ("Content-Type:", false),
    ] {
        let bytes = form("/login.php", fields, HERS);
        assert_eq!(
            logged_in(&throw_at(stage.app.addr, &bytes).await),
            php_is_fooled,
            "{fields}"
        );
        stage.refuses(fields, &bytes, &[415]).await;
    }
    let two = format!("{FORM}¶Content-Type: text/plain");
    stage
        .refuses("two lines", &form("/login.php", &two, HERS), &[400])
        .await;
    let two = format!("Content-Type: text/plain¶{FORM}");
    stage
        .refuses(
            "two lines, turned round",
            &form("/login.php", &two, HERS),
            &[400],
        )
        .await;
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b07_no_charset_but_utf_8_is_read() {
    let Some(stage) = stage().await else { return };
    for charset in ["utf-8", "UTF-8", "\"utf-8\""] {
        let kind = format!("{FORM}; charset={charset}");
        stage.passes(charset, &kind, HERS).await;
    }
    for charset in [
        "utf-16",
        "utf-7",
        "ibm037",
        "utf-8, utf-16",
        "utf8",
        "iso-8859-1",
        "\"utf-\\8\"",
    ] {
        let kind = format!("{FORM}; charset={charset}");
        stage
            .refuses(charset, &form("/login.php", &kind, HERS), &[415])
            .await;
    }
    for body in [
        &b"_charset_=utf-16&username=alice&password=Larch-Canary-41"[..],
        b"username=%c1%a1lice&password=Larch-Canary-41",
        b"username=\xc1\xa1lice&password=Larch-Canary-41",
        b"username=alic%e9&password=Larch-Canary-41",
        b"username=alic\xe9&password=Larch-Canary-41",
        b"username=%ed%a0%80alice&password=Larch-Canary-41",
        b"username=%ff%fea%00l%00&password=Larch-Canary-41",
        b"username=%u0061lice&password=Larch-Canary-41",
        b"username=alice&password=Larch-Canary-41%",
        b"username=alice&password=Larch-Canary-4%1",
    ] {
        let what = String::from_utf8_lossy(body).into_owned();
        stage
            .refuses(&what, &form("/login.php", FORM, body), &[400])
            .await;
    }
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b08_an_encoded_body_is_refused_unopened() {
    let Some(stage) = stage().await else { return };
    for encoding in [
        "gzip",
        "x-gzip",
        "br",
        "deflate",
        "gzip, gzip",
        "identity, gzip",
        "identity",
        "",
    ] {
        let fields = format!("{FORM}¶Content-Encoding: {encoding}");
        stage
            .refuses(encoding, &form("/login.php", &fields, HERS), &[415])
            .await;
    }
    let two = format!("{FORM}¶Content-Encoding: identity¶Content-Encoding: gzip");
    stage
        .refuses("two lines", &form("/login.php", &two, HERS), &[400])
        .await;
    // A megabyte of it, from which ten gigabytes might come, is not even read.
    let fields = format!("{FORM}¶Content-Encoding: gzip");
    let bomb = form("/login.php", &fields, &vec![0x1f; 1 << 20]);
    stage.refuses("a bomb", &bomb, &[413, 415]).await;
    stage.is_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b10_a_login_by_get_is_refused_and_its_password_stands_in_no_log() {
    let Some(stage) = stage().await else { return };
    for target in [
        "/login.php?username=alice&password=Larch-Canary-41",
        "/login.php?username=alice&p%61ssword=Larch-Canary-41",
        "/chart.php?pid=1001&password=Larch-Canary-41",
        "/static/x.css?password=Larch-Canary-41",
    ] {
        for method in ["GET", "HEAD"] {
            let mut client = RawClient::tls(stage.clinic.addr, Sni::Name("emr.test"))
                .await
                .expect("TLS");
            let head = format!(
                "{method} {target} HTTP/1.1¶Host: emr.test¶Sec-Fetch-Site: same-origin¶\
                 Accept: text/html¶¶"
            );
            client.say(&head).await;
            let answer = match method {
                "HEAD" => client.answer_to_head().await,
                _ => client.answer().await,
            };
            refused(target, answer, &[400]);
        }
    }
    assert!(
        !stage.app.output().contains("Larch-Canary-41"),
        "it reached the app's own log"
    );
    stage.is_well().await;
}

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
            Some("/.anteroom/enrol"),
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
        Some("/.anteroom/enrol"),
        "{}",
        answer.everything()
    );
}
