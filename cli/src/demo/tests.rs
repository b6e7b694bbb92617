//! Wardbook asked directly, without a socket: the way in, the ways out, what is shown and what is
//! not.
//!
//! How it behaves behind Anteroom is the business of `tests/e2e`.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, COOKIE, LOCATION, RANGE,
    SET_COOKIE,
};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use tower::ServiceExt;

use super::{DemoEmr, FailureMode, PATIENTS, SESSION_COOKIE};

const MINE: &str = "WBSESSION=chosen-by-me";

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: axum::http::HeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn token(&self) -> String {
        let text = self.text();
        let (_, rest) = text
            .split_once("name=\"_token\" value=\"")
            .expect("a form token");
        rest.split('"').next().unwrap().to_owned()
    }
}

fn emr() -> DemoEmr {
    DemoEmr::new(b"seed of the tests")
}

async fn send(app: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, 8 << 20).await.unwrap().to_vec();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

async fn get(app: &Router, path: &str, cookie: &str) -> Answer {
    let request = Request::get(path)
        .header(COOKIE, cookie)
        .body(Body::empty());
    send(app, request.unwrap()).await
}

async fn post(app: &Router, path: &str, cookie: &str, form: String) -> Answer {
    let request = Request::post(path)
        .header(COOKIE, cookie)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form));
    send(app, request.unwrap()).await
}

async fn log_in(app: &Router, name: &str, password: &str, next: &str) -> Answer {
    let token = get(app, "/login", MINE).await.token();
    let form = format!("_token={token}&username={name}&password={password}&next={next}");
    post(app, "/login", MINE, form).await
}

#[tokio::test]
async fn a_right_password_answers_302_to_the_start_page_and_keeps_the_session_id() {
    let app = emr().router();
    let answer = log_in(&app, "alice", "Stethoscope-1", "").await;
    assert_eq!(
        (answer.status, answer.header(LOCATION)),
        (StatusCode::FOUND, "/")
    );
    assert!(
        !answer.headers.contains_key(SET_COOKIE),
        "the id must not be rotated"
    );
    let whoami = get(&app, "/api/whoami.json", MINE).await;
    assert_eq!(whoami.text(), r#"{"user":"alice"}"#);
}

#[tokio::test]
async fn a_right_password_leads_to_the_page_that_was_asked_for_but_never_off_the_site() {
    let app = emr().router();
    let asked = get(&app, "/patients/1001?tab=a&b", MINE).await;
    let login = "/login?next=/patients/1001%3Ftab%3Da%26b";
    assert_eq!(
        (asked.status, asked.header(LOCATION)),
        (StatusCode::FOUND, login)
    );
    assert!(
        get(&app, login, MINE)
            .await
            .text()
            .contains("value=\"/patients/1001?tab=a&#38;b\"")
    );
    for (next, lands) in [
        ("/patients", "/patients"),
        ("//evil.test", "/"),
        ("/%5Cevil", "/"),
        ("https:x", "/"),
    ] {
        let answer = log_in(&app, "bob", "Otoscope-2", next).await;
        assert_eq!(answer.header(LOCATION), lands, "{next}");
    }
}

#[tokio::test]
async fn a_wrong_password_answers_302_and_its_error_is_shown_once() {
    let app = emr().router();
    let answer = log_in(&app, "alice", "Stethoscope-2", "/patients").await;
    assert_eq!(
        (answer.status, answer.header(LOCATION)),
        (StatusCode::FOUND, "/login?error=1")
    );
    let shown = get(&app, "/login?error=1", MINE).await;
    assert!(
        shown
            .text()
            .contains("The user name or the password is not right.")
    );
    let again = get(&app, "/login?error=1", MINE).await;
    assert!(!again.text().contains("is not right"));
    assert_eq!(
        get(&app, "/api/whoami.json", MINE).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_login_form_of_another_session_is_refused() {
    let app = emr().router();
    let token = get(&app, "/login", "WBSESSION=another").await.token();
    let form = format!("_token={token}&username=alice&password=Stethoscope-1");
    let answer = post(&app, "/login", MINE, form).await;
    assert_eq!(answer.header(LOCATION), "/login?error=1");
    assert!(
        get(&app, "/login", MINE)
            .await
            .text()
            .contains("This form has expired.")
    );
}

#[tokio::test]
async fn a_session_exists_before_the_login_and_assets_have_none() {
    let app = emr().router();
    let first = send(&app, Request::get("/login").body(Body::empty()).unwrap()).await;
    let cookies: Vec<_> = first.headers.get_all(SET_COOKIE).iter().collect();
    assert!(
        cookies[0].to_str().unwrap().starts_with(SESSION_COOKIE),
        "{cookies:?}"
    );
    assert_eq!(cookies[1], "wb_theme=light; Path=/");
    for path in ["/static/app.css", "/static/app.js", "/health"] {
        let asset = send(&app, Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(asset.status, StatusCode::OK, "{path}");
        assert!(!asset.headers.contains_key(SET_COOKIE), "{path}");
    }
}

#[tokio::test]
async fn no_protected_page_is_shown_without_a_login() {
    let app = emr().router();
    for path in [
        "/",
        "/patients",
        "/patients/1001",
        "/popup/allergies/1001",
        "/frame/vitals/1001",
        "/files",
        "/files/1",
        "/download/big",
    ] {
        let answer = get(&app, path, MINE).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{path}");
        assert!(
            answer.header(LOCATION).starts_with("/login?next=/"),
            "{path}"
        );
        assert!(!answer.text().contains("CANARY"), "{path}");
    }
    for path in [
        "/api/patients.json",
        "/api/whoami.json",
        "/events",
        "/admin/whoami-headers",
    ] {
        assert_eq!(
            get(&app, path, MINE).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
}

#[tokio::test]
async fn both_logouts_end_the_session() {
    let app = emr().router();
    log_in(&app, "mallory", "Scalpel-3", "").await;
    let refused = post(&app, "/logout", MINE, String::from("_token=guessed")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let token = get(&app, "/patients", MINE).await.token();
    let answer = post(&app, "/logout", MINE, format!("_token={token}")).await;
    assert_eq!(
        (answer.status, answer.header(LOCATION)),
        (StatusCode::FOUND, "/login")
    );
    assert_eq!(get(&app, "/patients", MINE).await.status, StatusCode::FOUND);

    log_in(&app, "dr.chen", "Reflex-4", "").await;
    assert_eq!(get(&app, "/patients", MINE).await.status, StatusCode::OK);
    assert_eq!(get(&app, "/logout", MINE).await.header(LOCATION), "/login");
    assert_eq!(get(&app, "/patients", MINE).await.status, StatusCode::FOUND);
}

#[tokio::test]
async fn every_chart_shows_its_marker_and_notes_are_escaped() {
    let app = emr().router();
    log_in(&app, "alice", "Stethoscope-1", "").await;
    for patient in &PATIENTS {
        for page in ["patients", "popup/allergies", "frame/vitals"] {
            let shown = get(&app, &format!("/{page}/{}", patient.id), MINE).await;
            assert_eq!(shown.status, StatusCode::OK);
            assert!(
                shown.text().contains(&patient.canary()),
                "{page} {}",
                patient.id
            );
        }
    }
    let token = get(&app, "/patients/1002", MINE).await.token();
    let form = format!("_token={token}&note=%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    let saved = post(&app, "/patients/1002/notes", MINE, form).await;
    assert_eq!(saved.header(LOCATION), "/patients/1002");
    let chart = get(&app, "/patients/1002", MINE).await.text();
    assert!(chart.contains("&#60;script&#62;alert(1)"), "{chart}");
    assert_eq!(
        get(&app, "/patients/1013", MINE).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn an_upload_is_counted_and_a_small_one_can_be_fetched_again_in_parts() {
    let app = emr().router();
    log_in(&app, "alice", "Stethoscope-1", "").await;
    let token = get(&app, "/files", MINE).await.token();
    let upload = |token: &str, content: &str| {
        let body = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\n{token}\r\n--cut\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"scan.txt\"\r\n\r\n{content}\
             \r\n--cut--\r\n"
        );
        Request::post("/files")
            .header(COOKIE, MINE)
            .header(CONTENT_TYPE, "multipart/form-data; boundary=cut")
            .body(Body::from(body))
            .unwrap()
    };
    let refused = send(&app, upload("guessed", "hello")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(
        send(&app, upload(&token, "hello")).await.header(LOCATION),
        "/files#file-1"
    );
    let large = "x".repeat(3 << 20);
    assert_eq!(
        send(&app, upload(&token, &large)).await.header(LOCATION),
        "/files#file-2"
    );

    let request = Request::get("/files/1")
        .header(COOKIE, MINE)
        .header(RANGE, "bytes=1-3");
    let part = send(&app, request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (part.status, part.text().as_str()),
        (StatusCode::PARTIAL_CONTENT, "ell")
    );
    assert_eq!(part.header(CONTENT_RANGE), "bytes 1-3/5");
    assert_eq!(get(&app, "/files/2", MINE).await.status, StatusCode::GONE);
    let listed = get(&app, "/api/files.json", MINE).await.text();
    assert!(listed.contains("\"length\":3145728"), "{listed}");
    let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert!(listed.contains(hello), "{listed}");
}

#[tokio::test]
async fn a_big_download_is_generated_and_can_be_resumed() {
    let app = emr().router();
    log_in(&app, "alice", "Stethoscope-1", "").await;
    let whole = get(&app, "/download/big?mb=1", MINE).await;
    assert_eq!(whole.header(CONTENT_LENGTH), "1048576");
    assert!(
        whole
            .body
            .iter()
            .enumerate()
            .all(|(n, &byte)| usize::from(byte) == n % 251)
    );
    for (range, status, expected) in [
        (
            "bytes=1048000-",
            StatusCode::PARTIAL_CONTENT,
            &whole.body[1_048_000..],
        ),
        (
            "bytes=70000-140000",
            StatusCode::PARTIAL_CONTENT,
            &whole.body[70_000..=140_000],
        ),
        (
            "bytes=-5",
            StatusCode::PARTIAL_CONTENT,
            &whole.body[1_048_571..],
        ),
        ("bytes=9-1", StatusCode::OK, &whole.body[..]),
        ("bytes=1048576-", StatusCode::RANGE_NOT_SATISFIABLE, &[]),
    ] {
        let request = Request::get("/download/big?mb=1")
            .header(COOKIE, MINE)
            .header(RANGE, range);
        let part = send(&app, request.body(Body::empty()).unwrap()).await;
        assert_eq!(part.status, status, "{range}");
        assert_eq!(part.body, expected, "{range}");
    }
}

#[tokio::test]
async fn the_record_lists_what_arrived_and_who_was_logged_in() {
    let emr = emr();
    let app = emr.router();
    get(&app, "/login", MINE).await;
    let record = emr.with_record();
    log_in(&app, "alice", "Stethoscope-1", "").await;
    let request = Request::builder()
        .method(Method::GET)
        .uri("/admin/whoami-headers?a=1")
        .header(COOKIE, MINE)
        .header("X_Remote.User", "root");
    let echoed = send(&app, request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        echoed.text(),
        r#"{"headers":{"x_remote.user":["root"]},"user":"alice"}"#
    );

    let served = record.all();
    assert_eq!(record.count(), 3);
    assert_eq!(
        (served[1].method.as_str(), served[1].path(), served[1].user),
        ("POST", "/login", None)
    );
    assert_eq!(served[2].path_and_query, "/admin/whoami-headers?a=1");
    assert_eq!(
        (served[2].user, served[2].cookie.as_deref()),
        (Some("alice"), Some(MINE))
    );
    assert_eq!(served[2].header("x_remote.user"), Some("root"));
    assert_eq!(record.for_path("/login").len(), 2);
}

#[tokio::test]
async fn odd_answers_still_log_in_and_come_once() {
    let emr = emr();
    for mode in FailureMode::ALL {
        if matches!(
            mode,
            FailureMode::Hang | FailureMode::EndlessBody | FailureMode::CutAfterHeaders
        ) {
            continue;
        }
        let app = emr.router();
        emr.failure_modes([mode]);
        let odd = log_in(&app, "alice", "Stethoscope-1", "").await;
        assert_ne!(
            (odd.status, odd.headers.len()),
            (StatusCode::FOUND, 3),
            "{mode:?}"
        );
        let cookies = odd.headers.get_all(SET_COOKIE).iter().count();
        match mode {
            FailureMode::ManyCookies => assert_eq!(cookies, 10_000),
            FailureMode::UnauthorizedWithCookie => assert_eq!(cookies, 1),
            FailureMode::GzipPage => assert_eq!(odd.header(CONTENT_ENCODING), "gzip"),
            _ => assert_eq!(cookies, 0, "{mode:?}"),
        }
        assert_eq!(
            get(&app, "/patients", MINE).await.status,
            StatusCode::OK,
            "{mode:?}"
        );
        get(&app, "/logout", MINE).await;
        assert_eq!(
            log_in(&app, "alice", "Stethoscope-1", "")
                .await
                .header(LOCATION),
            "/"
        );
        get(&app, "/logout", MINE).await;
    }
}

#[tokio::test]
async fn a_listener_that_is_not_on_loopback_is_refused() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let refusal = emr()
        .serve(listener, std::future::pending())
        .await
        .unwrap_err();
    assert!(refusal.to_string().contains("loopback only"), "{refusal}");
}

#[tokio::test]
async fn a_stop_ends_open_streams() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let emr = emr();
    let app = emr.router();
    log_in(&app, "alice", "Stethoscope-1", "").await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving =
        tokio::spawn(async move { emr.serve(listener, async { drop(stopped.await) }).await });
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET /events HTTP/1.1\r\nHost: wardbook\r\nCookie: {MINE}\r\n\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    let mut first = [0; 512];
    let read = tokio::io::AsyncReadExt::read(&mut stream, &mut first)
        .await
        .unwrap();
    assert!(first[..read].starts_with(b"HTTP/1.1 200 OK"));
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    let mut rest = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest)
        .await
        .unwrap();
}
