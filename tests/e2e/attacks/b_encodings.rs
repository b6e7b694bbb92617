//! Family B, how a form is written: multipart, JSON, other types and charsets, encoded bodies, GET.
//! Whatever cannot be read in one way only is refused before it reaches the app.

use anteroom_tests::raw::RawClient;
use anteroom_tests::recorder::Recorder;
use anteroom_tests::tls::Sni;

use super::b_forms::{HERS, refused, stage};
use super::records::{FORM, clinic_at, form, logged_in, throw, throw_at};

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
