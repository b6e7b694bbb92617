//! E02: guessing names, passwords and codes at the admin app. Both factors are always asked for,
//! whoever guesses is slowed, and nothing tells a name that exists from one that does not.

use std::time::Duration;

use anteroom_admin::web::table::{Access, lines};
use anteroom_core::operator::Role;
use anteroom_tests::browser::Browser;
use anteroom_tests::browser::page::Page;
use anteroom_tests::world::start::Clinic;

use super::e_bench::{bare, cookie, look, post, stage, word_on};
use crate::desk::{DESK_COOKIE, PASSPHRASE, clinic_with_desk, operator};
use crate::ward::{MINUTE, told};

async fn try_password(browser: &Browser, name: &str, password: &str) -> Page {
    bare(
        browser,
        "/sign-in",
        &[("name", name), ("password", password)],
    )
    .await
}

/// Right name and password, in a fresh browser from an address of its own.
async fn half_way(clinic: &Clinic, name: &str) -> Browser {
    let mut browser = clinic.desk();
    browser.open("/sign-in").await;
    let page = browser
        .submit(&[("name", name), ("password", PASSPHRASE)])
        .await;
    assert_eq!(
        page.location(),
        Some("/sign-in/code"),
        "{}",
        page.describe()
    );
    browser
}

fn seconds(page: &Page) -> u64 {
    let after = page.header("retry-after").unwrap_or_default();
    after
        .parse()
        .unwrap_or_else(|_| panic!("no time to wait: {}", page.describe()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e02_many_passwords_for_one_name_are_slowed_and_the_right_one_must_wait_too() {
    let clinic = clinic_with_desk().await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    let mut tries = 0;
    let page = loop {
        let stranger = clinic
            .desk()
            .from_address(&format!("127.0.1.{}", tries + 1));
        let page = try_password(&stranger, "olga", "wrong wrong wrong").await;
        tries += 1;
        assert!(matches!(page.status, 422 | 429), "{}", page.describe());
        assert!(page.set_cookie_line(DESK_COOKIE).is_none());
        if page.status == 429 {
            break page;
        }
        assert!(tries < 12, "nobody slows this down");
    };
    let wait = seconds(&page);
    assert!(wait >= 1, "{}", page.describe());
    let right = try_password(&clinic.desk(), "olga", PASSPHRASE).await;
    assert_eq!(right.status, 429, "{}", right.describe());
    assert!(right.set_cookie_line(DESK_COOKIE).is_none());
    // It never becomes a lock: after the longest pause she is in.
    clinic.world.clock.advance(16 * MINUTE);
    let page = olga.sign_in(&clinic).await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/"),
        "{}",
        page.describe()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e02_many_names_from_one_address_are_slowed_and_no_default_operator_is_there() {
    let clinic = clinic_with_desk().await;
    let _olga = operator(&clinic, "olga", Role::Owner).await;
    let guesser = clinic.desk().from_address("127.0.0.7");
    let names = [
        "admin",
        "root",
        "administrator",
        "anteroom",
        "owner",
        "helpdesk",
        "auditor",
        "demo",
        "test",
        "user",
        "guest",
        "operator",
        "system",
        "support",
        "postgres",
        "sa",
        "info",
        "office",
        "doctor",
        "nurse",
    ];
    for name in names {
        let page = try_password(&guesser, name, name).await;
        assert_eq!(page.status, 422, "{name}: {}", page.describe());
    }
    let page = try_password(&guesser, "olga", PASSPHRASE).await;
    assert_eq!(page.status, 429, "{}", page.describe());
    assert!(seconds(&page) <= 60);
    let page = try_password(&clinic.desk(), "olga", PASSPHRASE).await;
    assert_eq!(page.status, 303, "others go on: {}", page.describe());
    clinic.world.clock.advance(MINUTE);
    let page = try_password(&guesser, "olga", PASSPHRASE).await;
    assert_eq!(page.status, 303, "{}", page.describe());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e02_a_known_name_and_an_unknown_one_look_alike() {
    let clinic = clinic_with_desk().await;
    let _olga = operator(&clinic, "olga", Role::Owner).await;
    crate::desk::invited(&clinic, "ivan", Role::Helpdesk).await;
    let mut alike = [Vec::new(), Vec::new(), Vec::new()];
    for (name, told) in ["olga", "ivan", "zora"].iter().zip(&mut alike) {
        for at in 0..7 {
            let browser = clinic.desk().from_address(&format!("127.0.2.{}", at + 1));
            let page = try_password(&browser, name, "wrong wrong wrong").await;
            let headers = page.headers.iter().filter(|(name, _)| *name != "date");
            let headers: Vec<String> = headers
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            told.push((page.status, page.body.len(), headers));
        }
    }
    assert_eq!(alike[0], alike[1]);
    assert_eq!(alike[0], alike[2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e02_wrong_codes_are_counted_for_the_operator_over_sessions_and_addresses() {
    let clinic = clinic_with_desk().await;
    let olga = operator(&clinic, "olga", Role::Owner).await;
    clinic.world.clock.next_step();
    let wrong = olga.phone.wrong_code(clinic.world.clock.now());
    let mut paused = None;
    for at in 0..12 {
        let thief = half_way(&clinic, "olga")
            .await
            .from_address(&format!("127.0.3.{}", at + 1));
        let form = word_on(&look(&thief, "/sign-in/code").await);
        let page = bare(
            &thief,
            "/sign-in/code",
            &[("csrf", &form), ("code", &wrong)],
        )
        .await;
        assert!(matches!(page.status, 422 | 429), "{}", page.describe());
        assert!(page.set_cookie_line(DESK_COOKIE).is_none());
        if page.status == 429 {
            paused = Some((thief, form, seconds(&page)));
            break;
        }
    }
    let (thief, form, wait) = paused.expect("nobody slows this down");
    let right = olga.phone.code_at(&clinic.world.clock);
    let page = bare(
        &thief,
        "/sign-in/code",
        &[("csrf", &form), ("code", &right)],
    )
    .await;
    assert_eq!(
        page.status,
        429,
        "the right one waits too: {}",
        page.describe()
    );
    assert_eq!(told(&clinic, "operator_signed_in").await, 1);
    clinic.world.clock.advance(Duration::from_secs(wait));
    let late = half_way(&clinic, "olga").await;
    let form = word_on(&look(&late, "/sign-in/code").await);
    let right = olga.phone.code_at(&clinic.world.clock);
    let page = bare(&late, "/sign-in/code", &[("csrf", &form), ("code", &right)]).await;
    assert_eq!(page.location(), Some("/"), "{}", page.describe());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e02_b5_b6_with_the_password_alone_nothing_opens() {
    let (clinic, _olga, _) = stage().await;
    let thief = half_way(&clinic, "olga").await;
    let form = word_on(&look(&thief, "/sign-in/code").await);
    let before = super::e_bench::rows(&clinic).await;
    for line in lines() {
        let path = line.path.replace("{id}", "1").replace("{name}", "olga");
        let path = path
            .replace("{session}", "1")
            .replace("{seq}", "1")
            .replace("{batch}", "1");
        match (line.access, line.method) {
            (Access::Operator(_), "GET") => {
                let page = look(&thief, &path).await;
                assert_eq!(
                    page.location(),
                    Some("/sign-in/code"),
                    "{path}: {}",
                    page.describe()
                );
            }
            (Access::Operator(_), _) => {
                let page = bare(&thief, &path, &[("csrf", &form)]).await;
                assert_eq!(
                    page.location(),
                    Some("/sign-in/code"),
                    "{path}: {}",
                    page.describe()
                );
            }
            (Access::Token(_), method) => {
                let request = format!(
                    "{method} {path} HTTP/1.1¶Host: admin.test¶Cookie: {DESK_COOKIE}={}¶\
                     Content-Length: 0¶Connection: close¶¶",
                    cookie(&thief)
                );
                let answer = super::e_bench::knock_desk(&clinic, &request).await;
                assert_eq!(answer.status, 401, "{path}");
            }
            (Access::Anybody, _) => {}
        }
    }
    // The set-up pages are no way round the code either.
    let page = look(&thief, "/set-up/phone").await;
    assert_eq!(page.status, 410, "{}", page.describe());
    for path in ["/set-up/phone", "/set-up"] {
        let page = bare(&thief, path, &[("csrf", &form), ("code", "123456")]).await;
        assert_eq!(page.status, 410, "{path}: {}", page.describe());
    }
    for code in ["", "null", "000000", "[]"] {
        let page = bare(&thief, "/sign-in/code", &[("csrf", &form), ("code", code)]).await;
        assert_eq!(page.status, 422, "{code}: {}", page.describe());
    }
    let page = bare(&thief, "/sign-in/code", &[("csrf", &form)]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    assert_eq!(told(&clinic, "operator_signed_in").await, 1);
    assert!(
        super::e_bench::rows(&clinic).await <= before + 3,
        "only wrong codes were told"
    );
    // And after five minutes the password is forgotten.
    clinic.world.clock.advance(5 * MINUTE);
    let page = look(&thief, "/").await;
    assert_eq!(page.location(), Some("/sign-in"), "{}", page.describe());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e02_a_stolen_session_cannot_guess_its_owners_code_for_ever() {
    let (clinic, mut olga, alice) = stage().await;
    let _maria = operator(&clinic, "maria", Role::Owner).await;
    clinic.world.clock.advance(6 * MINUTE);
    let wrong = olga.phone.wrong_code(clinic.world.clock.now());
    let path = format!("/people/{alice}/reset");
    let pairs = [
        ("reason", "x"),
        ("check", super::e_bench::CHECK),
        ("own_code", wrong.as_str()),
    ];
    let mut tries = 0;
    loop {
        let page = post(&olga.browser, &path, &pairs).await;
        assert_eq!(page.status, 422, "{}", page.describe());
        tries += 1;
        if page.has("Too many wrong codes") {
            break;
        }
        assert!(tries < 12, "nobody slows this down");
    }
    // Nobody unlocks herself.
    let page = post(&olga.browser, "/operators/olga/unlock", &[]).await;
    assert_eq!(page.status, 422, "{}", page.describe());
    let right = olga.phone.code_at(&clinic.world.clock);
    let pairs = [
        ("reason", "x"),
        ("check", super::e_bench::CHECK),
        ("own_code", right.as_str()),
    ];
    let page = post(&olga.browser, &path, &pairs).await;
    assert_eq!(page.status, 422, "still paused: {}", page.describe());
    assert_eq!(told(&clinic, "subscriber_reset").await, 0);
    clinic.world.clock.advance(16 * MINUTE);
    let page = olga.sign_in(&clinic).await;
    assert_eq!(
        (page.status, page.path()),
        (200, "/"),
        "{}",
        page.describe()
    );
}
