//! Family B, what the app answered: a success that looks like a failure, a failure that looks like
//! a success, one person under many spellings. Whatever the answer says, nothing is released
//! without a code, and nobody enrols without the app's own word for who it is.

use anteroom::demo::FailureMode;
use anteroom_tests::apps::php;
use anteroom_tests::apps::php::{ALICE, WRONG};
use anteroom_tests::browser::Browser;
use anteroom_tests::recorder::Script;
use anteroom_tests::world::start::{Clinic, Plan, coded_enrolment};

use super::legacy::{self, CANARY, Legacy, chart_of};
use super::records;
use crate::ward::{self, CHALLENGE, told};

/// What a browser shows while it logs in, page by page: none of it may hold a canary or a session.
async fn submit_watched(browser: &mut Browser, name: &str, password: &str, never: &[&str]) {
    let mut page = browser
        .submit(&[("username", name), ("password", password)])
        .await;
    for _ in 0..5 {
        for text in never {
            assert!(
                !page.everything().contains(text),
                "{text}: {}",
                page.describe()
            );
        }
        if !page.is_redirect() {
            return;
        }
        page = browser.follow().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b13_a_success_that_looks_like_anything_else_is_never_released() {
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = ward::enrolled(&clinic, ward::ALICE).await;
    let demo = clinic.demo.as_ref().expect("the demonstration EMR");
    for mode in [
        FailureMode::ErrorAfterSession,
        FailureMode::PageInPlace,
        FailureMode::NoContent,
        FailureMode::GzipPage,
        FailureMode::CutAfterHeaders,
        FailureMode::JsonOk,
        FailureMode::MetaRefresh,
        FailureMode::UnauthorizedWithCookie,
    ] {
        let mut browser = clinic.browser();
        browser.open("/patients").await;
        let before = browser.thief();
        demo.failure_modes([mode]);
        let never = [
            "CANARY-PHI",
            "WBSESSION",
            "\"ok\":true",
            "Logging in",
            "Fatal error",
        ];
        submit_watched(&mut browser, "alice", "Stethoscope-1", &never).await;
        clinic.record().clear();
        // A01 step 3: with the cookies of now, and with those of before the login.
        for mut thief in [browser.thief(), before] {
            assert!(!ward::sees_chart(&mut thief).await, "{mode:?}");
            assert_eq!(
                thief.xhr("GET", "/api/patients").await.status,
                401,
                "{mode:?}"
            );
        }
        let served = clinic.record().all();
        let hers = served
            .iter()
            .filter(|one| one.user.is_some() && one.path() != "/login");
        assert_eq!(hers.count(), 0, "{mode:?}: {served:?}");
        if mode != FailureMode::CutAfterHeaders {
            // The app says who is logged in, so she is asked for her code and gets in.
            let page = browser.page().clone();
            assert_eq!(page.path(), CHALLENGE, "{mode:?}: {}", page.describe());
            clinic.world.clock.next_step();
            browser
                .submit(&[("code", &phone.code_at(&clinic.world.clock))])
                .await;
            browser.follow_all().await;
            assert!(ward::sees_chart(&mut browser).await, "{mode:?}");
        }
    }
    ward::all_is_well(&clinic, ward::ALICE, &phone).await;
}

/// The answers that a right password gets, and whether they stay a refusal to the end. A redirect
/// to the login page does not: that page, asked for with the tainted session, is none, and then the
/// attempt is unknown.
const DISGUISES: [(&str, bool); 14] = [
    ("the form again", true),
    ("back to the form", false),
    ("401 with the form and a cookie", true),
    ("401 with a cookie", false),
    ("the page itself", false),
    ("elsewhere", false),
    ("nothing", false),
    ("a refresh", false),
    ("JSON", false),
    ("an unknown encoding", false),
    ("500", true),
    ("a cut", true),
    ("early hints", false),
    ("trailers", false),
];

pub(super) fn disguise(what: &str, id: &str) -> Script {
    let form = "<input type=\"password\" name=\"password\"> Wrong user name or password.";
    let cookie = format!("PHPSESSID={id}; path=/");
    let cookie = [("Set-Cookie", cookie.as_str())];
    match what {
        "the form again" => Script::ok(form),
        "back to the form" => Script::redirect("/login.php?error=1", &[]),
        "401 with the form and a cookie" => Script::status(401, &cookie, form),
        "401 with a cookie" => Script::status(401, &cookie, ""),
        "the page itself" => chart_of("alice"),
        "elsewhere" => Script::redirect("https://elsewhere.test/home", &[]),
        "nothing" => Script::status(204, &[], ""),
        "a refresh" => {
            Script::ok("<meta http-equiv=refresh content=\"0; url=/chart.php\">CANARY-PHI-1001")
        }
        "JSON" => {
            let json = [
                ("Content-Type", "application/json"),
                ("X-Auth-Token", CANARY),
            ];
            Script::status(200, &json, "{\"ok\":true,\"token\":\"CANARY-PHI-1001\"}")
        }
        "an unknown encoding" => {
            let fields = [("Content-Encoding", "br"), ("Content-Type", "text/html")];
            Script::status(200, &fields, CANARY)
        }
        "500" => Script::status(500, &[], CANARY),
        "a cut" => Script::bytes("HTTP/1.1 200 OK¶Content-Length: 4000¶¶CANARY-PHI-1001").close(),
        "early hints" => Script::bytes(
            "HTTP/1.1 103 Early Hints¶Set-Cookie: hint=CANARY-PHI-1001; path=/¶\
             Link: </CANARY-PHI-1001>; rel=preload¶¶HTTP/1.1 200 OK¶Content-Length: 2¶¶ok",
        ),
        "trailers" => Script::bytes(
            "HTTP/1.1 200 OK¶Transfer-Encoding: chunked¶Trailer: Set-Cookie¶¶2¶ok¶0¶\
             Set-Cookie: trailer=CANARY-PHI-1001; path=/¶¶",
        ),
        other => panic!("no such disguise: {other}"),
    }
}

/// H1 and B13 without a probe: the upstream logs in and says something else. Whatever it says, it
/// is not asked for a page before the second factor.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h1_a_login_that_worked_and_looks_refused_opens_nothing() {
    let legacy = Legacy::start().await;
    let clinic = legacy.clinic().await;
    let (_, phone) = legacy::enrolled(&clinic, clinic.browser(), "alice").await;
    for (what, refused) in DISGUISES {
        legacy.answer_logins_with(move |id| disguise(what, id));
        let mut browser = clinic.browser();
        browser.open(legacy::CHART).await;
        let planted = browser.thief();
        let sessions = legacy.sessions_of("alice").len();
        submit_watched(
            &mut browser,
            "alice",
            &legacy::secret("alice"),
            &[CANARY, "PHPSESSID"],
        )
        .await;
        assert_eq!(
            legacy.sessions_of("alice").len(),
            sessions + 1,
            "{what}: it logged in"
        );
        let page = browser.page().clone();
        assert_eq!(
            page.path() == CHALLENGE,
            !refused,
            "{what}: {}",
            page.describe()
        );
        for mut thief in [browser.thief(), planted] {
            assert!(legacy::is_blocked(&legacy, &mut thief).await, "{what}");
            // Nor by way of the login page, which this app answers with the page itself.
            let page = thief.open("/login.php").await;
            assert!(
                !page.everything().contains(CANARY),
                "{what}: {}",
                page.describe()
            );
            assert!(!page.everything().contains("upstream-session"), "{what}");
            ward::start_over(&thief).await;
        }
        legacy.behave();
        ward::start_over(&browser).await;
    }
    legacy::all_is_well(&clinic, "alice", &phone).await;
    // Control: the harness sees a chart where there is one.
    let mut direct = clinic
        .world
        .browser(&format!("http://{}", legacy.recorder.addr()));
    direct.open("/login.php").await;
    direct
        .submit(&[
            ("username", "alice"),
            ("password", &legacy::secret("alice")),
        ])
        .await;
    assert!(direct.follow_all().await.has(CANARY));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h2_a_success_redirected_to_where_failures_go_stays_held() {
    let Some(app) = records::own_app() else {
        return;
    };
    let clinic = records::clinic(&app).await;
    let (_, phone) = records::enrolled(&clinic, ALICE).await;
    for next in ["/login.php", "/login.php?error=1", "/login.php#x"] {
        let target = format!(
            "/login.php?next={}",
            next.replace('?', "%3F").replace('#', "%23")
        );
        let mut browser = clinic.browser();
        browser.open(&target).await;
        let page = browser
            .submit(&[("username", "alice"), ("password", ALICE.password)])
            .await;
        // PHP has logged her in; the profile takes the redirect for a refusal and shows it.
        assert_eq!(page.status, 302, "{next}: {}", page.describe());
        assert!(
            !page.everything().contains("PHPSESSID"),
            "{next}: {}",
            page.describe()
        );
        browser.follow_all().await;
        let before = app.output().matches("chart.php").count();
        assert!(!records::sees_chart(&mut browser).await, "{next}");
        assert_eq!(
            app.output().matches("GET /chart.php").count(),
            before,
            "{next}"
        );
    }
    records::all_is_well(&clinic, ALICE, &phone).await;
    // Where the app can be asked, the redirect deceives nobody.
    let clinic = Clinic::with_demo().await;
    let (_, phone, _) = ward::enrolled(&clinic, ward::ALICE).await;
    let mut browser = clinic.browser();
    browser.open("/login?next=/login%3Ferror%3D1").await;
    browser
        .submit(&[("username", "alice"), ("password", "Stethoscope-1")])
        .await;
    let page = browser.follow_all().await;
    assert_eq!(page.path(), CHALLENGE, "{}", page.describe());
    assert!(!ward::sees_chart(&mut browser).await);
    ward::all_is_well(&clinic, ward::ALICE, &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b14_a_wrong_password_is_no_pending_login_whatever_is_echoed() {
    let app = anteroom_tests::require!(php::start());
    let clinic = records::clinic(app).await;
    let (_, phone) = records::enrolled(&clinic, ALICE).await;
    let (withheld, started) = (
        told(&clinic, "login_withheld").await,
        told(&clinic, "enrolment_started").await,
    );
    for (target, name) in [
        ("/login.php?next=/dashboard", "alice"),
        ("/login.php?next=/chart.php%3Fpid%3D1001", "bob"),
        ("/login.php?next=https://emr.test/home", "bob"),
        ("/login.php", "Welcome back, you are logged in"),
        ("/login.php", "<a href=/logout.php>Sign out</a>"),
        ("/login.php", "ghost"),
    ] {
        let mut browser = clinic.browser();
        browser.open(target).await;
        let page = browser
            .submit(&[("username", name), ("password", "wrong")])
            .await;
        assert_eq!(page.status, 200, "{name}: {}", page.describe());
        assert!(page.has(WRONG), "{name}: {}", page.describe());
        assert!(
            page.set_cookie_line("PHPSESSID").is_none(),
            "{}",
            page.describe()
        );
    }
    assert_eq!(told(&clinic, "login_withheld").await, withheld);
    assert_eq!(told(&clinic, "enrolment_started").await, started);
    assert_eq!(told(&clinic, "login_failed").await, 6);
    assert_eq!(told(&clinic, "password_may_be_stolen").await, 0);
    for nobody in ["bob", "ghost", "Welcome back, you are logged in"] {
        assert!(ward::listed(&clinic, nobody).await.is_none(), "{nobody}");
    }
    records::all_is_well(&clinic, ALICE, &phone).await;
}

/// The same where the app itself answers a wrong password as if it were right: asked, it names
/// nobody, so the answer is held like any other that was not understood, nobody enrols on it, and
/// no code opens it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b14_a_refusal_that_reads_like_a_success_enrols_nobody() {
    let legacy = Legacy::start().await;
    let probe = "[app.login.probe]\npath = \"/whoami.php\"\njson = \"/username\"\n";
    let origin = format!("http://{}", legacy.recorder.addr());
    let clinic = records::clinic_at(&origin, probe).await;
    let (_, phone) = legacy::enrolled(&clinic, clinic.browser(), "alice").await;
    let started = told(&clinic, "enrolment_started").await;
    legacy.recorder.answer_with(|seen| match seen.path() {
        "/login.php" if seen.method == "POST" => Script::redirect("/home?msg=Invalid", &[]),
        "/login.php" => {
            Script::ok("<form method=post><input name=username><input name=\"password\">")
        }
        "/whoami.php" => Script::status(
            200,
            &[("Content-Type", "application/json")],
            "{\"username\":null}",
        ),
        _ => Script::redirect("/login.php", &[]),
    });
    for name in ["bob", "alice", "ghost"] {
        let mut browser = clinic.browser();
        browser.open("/login.php").await;
        browser
            .submit(&[("username", name), ("password", "wrong")])
            .await;
        let page = browser.follow_all().await;
        assert_eq!(
            (page.status, page.path()),
            (200, CHALLENGE),
            "{name}: {}",
            page.describe()
        );
        assert!(page.pictures().is_empty(), "{name}");
        if name != "alice" {
            let code = phone.code_at(&clinic.world.clock);
            let page = browser.submit(&[("code", &code)]).await;
            assert_eq!(page.status, 422, "{name}: {}", page.describe());
            assert!(ward::listed(&clinic, name).await.is_none(), "{name}");
        }
        let page = browser.get("/.anteroom/enrol").await;
        assert!(page.pictures().is_empty(), "{name}: {}", page.describe());
    }
    assert_eq!(told(&clinic, "enrolment_started").await, started);
    assert_eq!(told(&clinic, "password_may_be_stolen").await, 0);
    ward::audit_is_whole(&clinic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b09_every_spelling_that_the_app_takes_for_alice_leads_to_her_factor() {
    let app = anteroom_tests::require!(php::start());
    let probe = "[app.login.probe]\npath = \"/whoami.php\"\njson = \"/username\"\n";
    let clinic = records::clinic_at(&app.origin(), probe).await;
    let (_, phone) = records::enrolled(&clinic, ALICE).await;
    let started = told(&clinic, "enrolment_started").await;
    for (name, is_hers) in [
        ("ALICE", true),
        ("Alice", true),
        (" alice", true),
        ("alice ", true),
        ("alice@clinic.test", true),
        ("Alice@Clinic.TEST", true),
        ("ａｌｉｃｅ", false),
        ("alıce", false),
        ("alice\u{200b}", false),
        ("álice", false),
        ("alice.", false),
        ("alice@clinic.test.", false),
    ] {
        let mut browser = clinic.browser();
        browser.open("/login.php").await;
        browser
            .submit(&[("username", name), ("password", ALICE.password)])
            .await;
        let page = browser.follow_all().await;
        assert!(page.pictures().is_empty(), "{name:?}: {}", page.describe());
        if is_hers {
            assert_eq!(
                (page.status, page.path()),
                (200, CHALLENGE),
                "{name:?}: {}",
                page.describe()
            );
            records::give_code(&mut browser, &clinic, &phone).await;
            assert_eq!(
                records::whoami(&mut browser).await.as_deref(),
                Some("alice"),
                "{name:?}"
            );
        } else {
            assert!(
                matches!(page.status, 200 | 400),
                "{name:?}: {}",
                page.describe()
            );
            assert_ne!(page.path(), CHALLENGE, "{name:?}");
            assert!(!records::sees_chart(&mut browser).await, "{name:?}");
        }
    }
    for raw in ["alice%00", "alice%09", "%0aalice"] {
        let body = format!("username={raw}&password=Larch-Canary-41");
        let bytes = records::form("/login.php", records::FORM, body.as_bytes());
        let answer = records::throw(&clinic, &bytes).await.expect("an answer");
        let hers = answer.location() == Some(CHALLENGE);
        assert!(
            hers || answer.status == 400,
            "{raw}: {}",
            answer.everything()
        );
    }
    assert_eq!(told(&clinic, "enrolment_started").await, started);
    let people = clinic
        .store()
        .subscriber_list("", 10)
        .await
        .expect("the store answers");
    assert_eq!(people.len(), 1, "{people:?}");
    records::all_is_well(&clinic, ALICE, &phone).await;
}

/// Without a probe an e-mail address is a name of its own (BUILDING 2): what can hold is that no
/// unknown spelling of hers enrols, and that a name nobody knows needs the operator where enrolment
/// needs one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b09_without_a_probe_an_unknown_spelling_is_held() {
    let app = anteroom_tests::require!(php::start());
    let clinic = records::clinic(app).await;
    let (_, phone) = records::enrolled(&clinic, ALICE).await;
    let started = told(&clinic, "enrolment_started").await;
    for name in ["ALICE", "Alice", " alice", "alice "] {
        let mut browser = clinic.browser();
        browser.open("/login.php").await;
        browser
            .submit(&[("username", name), ("password", ALICE.password)])
            .await;
        let page = browser.follow_all().await;
        assert!(page.pictures().is_empty(), "{name:?}: {}", page.describe());
        assert!(!records::sees_chart(&mut browser).await, "{name:?}");
    }
    assert_eq!(told(&clinic, "enrolment_started").await, started);
    records::all_is_well(&clinic, ALICE, &phone).await;

    let lines = coded_enrolment("php-session");
    let clinic = Plan::empty().app("emr", &app.origin(), &lines).open().await;
    let mut browser = clinic.browser();
    browser.open("/login.php").await;
    browser
        .submit(&[
            ("username", "alice@clinic.test"),
            ("password", ALICE.password),
        ])
        .await;
    let page = browser.follow_all().await;
    assert_eq!(page.path(), "/.anteroom/enrol/code", "{}", page.describe());
    assert!(page.pictures().is_empty());
    assert!(!records::sees_chart(&mut browser).await);
    assert_eq!(told(&clinic, "enrolment_started").await, 0);
}
