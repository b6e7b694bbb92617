//! E09, C07 and C12: the admin app's own session, and every other secret of ours in its place.

use anteroom_core::operator::Role;
use anteroom_tests::world::start::{Clinic, open_enrolment};
use data_encoding::BASE64URL_NOPAD;

use super::e_bench::{
    CHECK, api, bare, cookie, is_in, knock_desk, look, post, stage, token, word, word_on,
};
use crate::desk::{DESK_COOKIE, PASSPHRASE, invited, operator};
use crate::ward::{
    ALICE, DAY, HOUR, MINUTE, OURS, enrolled, give_code, issue_code, print_codes, sees_chart, told,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e09_an_id_from_before_is_not_kept_and_each_step_has_its_own() {
    let (clinic, olga, _) = stage().await;
    let planted = BASE64URL_NOPAD.encode(&[7; 32]);
    let mut victim = clinic.desk();
    victim.jar().plant("admin.test", DESK_COOKIE, &planted);
    victim.open("/sign-in").await;
    victim
        .submit(&[("name", "olga"), ("password", PASSPHRASE)])
        .await;
    let half = cookie(&victim);
    assert_ne!(half, planted);
    let thief = victim.thief();
    victim.follow_all().await;
    let code = olga.code(&clinic);
    let page = victim
        .submit_form("/sign-in/code", &[("code", &code)])
        .await;
    assert_eq!(page.location(), Some("/"), "{}", page.describe());
    let open = cookie(&victim);
    assert!(open != half && open != planted);
    let line = page
        .set_cookie_line(DESK_COOKIE)
        .expect("a new session")
        .to_owned();
    for part in ["Path=/", "HttpOnly", "Secure", "SameSite=Strict"] {
        assert!(line.split("; ").any(|one| one == part), "{line}");
    }
    assert!(
        !line.contains("Domain") && !line.contains("Max-Age"),
        "{line}"
    );
    assert!(is_in(&victim).await);
    // What was there before is worth nothing: neither the planted one nor the half-way one.
    assert!(!is_in(&thief).await);
    assert_eq!(look(&thief, "/").await.location(), Some("/sign-in"));
    let fresh = clinic.desk();
    fresh.jar().plant("admin.test", DESK_COOKIE, &planted);
    assert!(!is_in(&fresh).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e09_a_session_ends_without_use_at_its_end_and_by_signing_out() {
    let (clinic, mut olga, _) = stage().await;
    let old = olga.browser.thief();
    clinic.world.clock.advance(14 * MINUTE);
    assert!(is_in(&olga.browser).await);
    clinic.world.clock.advance(15 * MINUTE);
    let page = look(&olga.browser, "/people").await;
    assert_eq!(
        page.location(),
        Some("/sign-in?idle=1"),
        "{}",
        page.describe()
    );
    assert!(!is_in(&old).await, "for every copy");
    // However busy, it ends.
    olga.sign_in(&clinic).await;
    for _ in 0..47 {
        clinic.world.clock.advance(10 * MINUTE);
        assert!(is_in(&olga.browser).await);
    }
    clinic.world.clock.advance(11 * MINUTE);
    assert!(!is_in(&olga.browser).await, "eight hours are over");
    // Signed out in one tab is signed out in all, and for every copy.
    olga.sign_in(&clinic).await;
    let (tab, copy) = (olga.browser.new_tab(), olga.browser.thief());
    assert!(is_in(&tab).await && is_in(&copy).await);
    let page = post(&olga.browser, "/sign-out", &[]).await;
    let line = page.set_cookie_line(DESK_COOKIE).unwrap_or_default();
    assert!(line.contains("Max-Age=0"), "{}", page.describe());
    assert!(!is_in(&tab).await && !is_in(&copy).await);
    assert_eq!(
        told(&clinic, "operator_signed_out").await,
        2,
        "idle, and by hand"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e09_c07_a_cookie_counts_at_its_host_once_and_in_one_spelling() {
    let (clinic, olga, _) = stage().await;
    let maria = operator(&clinic, "maria", Role::Helpdesk).await;
    let (hers, other) = (cookie(&olga.browser), cookie(&maria.browser));
    let ask = async |host: &str, line: &str| {
        let request =
            format!("GET /me HTTP/1.1¶Host: {host}¶{line}¶Accept: text/html¶Connection: close¶¶");
        knock_desk(&clinic, &request).await.status
    };
    let one = |value: &str| format!("Cookie: {DESK_COOKIE}={value}");
    assert_eq!(ask("admin.test", &one(&hers)).await, 200);
    assert_eq!(ask("emr.test", &one(&hers)).await, 421);
    for line in [
        format!("Cookie: {DESK_COOKIE}={hers}; {DESK_COOKIE}={other}"),
        format!("Cookie: {DESK_COOKIE}={other}; {DESK_COOKIE}={hers}"),
        format!("Cookie: {DESK_COOKIE}={hers}¶Cookie: {DESK_COOKIE}={other}"),
        format!("Cookie: {DESK_COOKIE}={hers}; {DESK_COOKIE}={hers}"),
        format!("Cookie: {DESK_COOKIE}=; {DESK_COOKIE}={hers}"),
    ] {
        assert_eq!(ask("admin.test", &line).await, 400, "{line}");
    }
    let (cut, longer) = (&hers[..42], format!("{hers}A"));
    let quoted = format!("\"{hers}\"");
    for bad in [
        cut,
        &longer,
        &quoted,
        "",
        "A",
        &format!("{hers}="),
        &hers.to_lowercase(),
    ] {
        assert_eq!(ask("admin.test", &one(bad)).await, 303, "{bad}");
    }
    for name in ["anteroom-admin", "__host-anteroom-admin", "__Host-anteroom"] {
        let line = format!("Cookie: {name}={hers}");
        assert_eq!(ask("admin.test", &line).await, 303, "{line}");
    }
    assert!(is_in(&olga.browser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c12_each_secret_of_ours_is_worthless_in_every_others_place() {
    let lines = format!("identity_checks = [\"{CHECK}\"]");
    let clinic = Clinic::with_admin(&open_enrolment("demo"), &lines).await;
    let (alice, _, recovery) = enrolled(&clinic, ALICE).await;
    let olga = operator(&clinic, "olga", Role::Owner).await;
    let link = invited(&clinic, "nadia", Role::Owner).await;
    let (_, sealed) = print_codes(&clinic, "emr", 1).await;
    let bearer = token(&olga, &["people:read"]).await;
    let secrets = [
        ("session", cookie(&olga.browser)),
        ("word", word(&olga.browser).await),
        ("link", link.trim_start_matches("/set-up/").to_owned()),
        ("token", bearer.clone()),
        ("token's tail", bearer.trim_start_matches("art_").to_owned()),
        ("enrolment code", issue_code(&clinic, "bob", 9, DAY).await),
        ("temporary code", give_code(&clinic, "alice", 5, HOUR).await),
        ("a person's recovery code", recovery[0].clone()),
        ("her own recovery code", olga.codes[0].clone()),
        ("sealed code", sealed[0].clone()),
        ("a person's session", alice.cookie(OURS).expect("signed in")),
    ];
    for (at, (what, secret)) in (1_u8..).zip(&secrets) {
        if *what != "session" {
            let line = format!("Cookie: {DESK_COOKIE}={secret}");
            let request = format!("GET /me HTTP/1.1¶Host: admin.test¶{line}¶Connection: close¶¶");
            assert_eq!(
                knock_desk(&clinic, &request).await.status,
                303,
                "{what} as a session"
            );
        }
        if *what != "word" {
            let page = bare(&olga.browser, "/me/recovery-codes", &[("csrf", secret)]).await;
            assert_eq!(page.status, 403, "{what} as the word");
        }
        if *what != "link" {
            let stranger = clinic.desk();
            let page = look(&stranger, &format!("/set-up/{secret}")).await;
            assert!(
                matches!(page.status, 404 | 410),
                "{what} as a link: {}",
                page.describe()
            );
            let pairs = [
                ("token", secret.as_str()),
                ("password", PASSPHRASE),
                ("again", PASSPHRASE),
            ];
            assert_eq!(
                bare(&stranger, "/set-up", &pairs).await.status,
                410,
                "{what} as a link"
            );
        }
        if *what != "token" {
            for bearer in [secret.clone(), format!("art_{secret}")] {
                let answer = api(&clinic, "GET", "/api/v1/people", &bearer, "").await;
                if !(*what == "token's tail" && bearer.starts_with("art_")) {
                    assert!(matches!(answer.status, 401 | 429), "{what} as a token");
                }
            }
        }
        // Those that are too many for one address come from another.
        let thief = clinic.desk().from_address(&format!("127.0.4.{at}"));
        let page = bare(
            &thief,
            "/sign-in",
            &[("name", "olga"), ("password", secret)],
        )
        .await;
        assert!(
            matches!(page.status, 422 | 429),
            "{what} as the password: {}",
            page.describe()
        );
        clinic.world.clock.advance(14 * MINUTE);
        assert!(is_in(&olga.browser).await);
    }
    c12_at_the_second_step(&clinic, &secrets).await;
    assert_eq!(told(&clinic, "operator_signed_in").await, 1);
}

/// None of them is a second factor of hers but her own recovery code, which is left out.
async fn c12_at_the_second_step(clinic: &Clinic, secrets: &[(&str, String)]) {
    clinic.world.clock.advance(16 * MINUTE);
    for (at, (what, secret)) in (1_u8..).zip(secrets) {
        if *what == "her own recovery code" {
            continue;
        }
        let mut thief = clinic.desk().from_address(&format!("127.0.5.{at}"));
        thief.open("/sign-in").await;
        thief
            .submit(&[("name", "olga"), ("password", PASSPHRASE)])
            .await;
        let form = word_on(&thief.follow_all().await);
        let path = if at % 2 == 0 {
            "/sign-in/code"
        } else {
            "/sign-in/recovery"
        };
        let page = bare(&thief, path, &[("csrf", &form), ("code", secret)]).await;
        assert!(
            matches!(page.status, 422 | 429),
            "{what} as a code: {}",
            page.describe()
        );
        assert!(
            page.set_cookie_line(DESK_COOKIE).is_none(),
            "{what} as a code"
        );
        clinic.world.clock.advance(16 * MINUTE);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i8_a_persons_session_opens_nothing_here_and_an_operators_nothing_there() {
    let clinic = Clinic::with_admin(&open_enrolment("demo"), "").await;
    let (mut alice, _, _) = enrolled(&clinic, ALICE).await;
    let olga = operator(&clinic, "olga", Role::Owner).await;
    let (hers, ours) = (
        cookie(&olga.browser),
        alice.cookie(OURS).expect("signed in"),
    );
    for name in [DESK_COOKIE, OURS, "anteroom-admin"] {
        for value in [&hers, &ours] {
            if name == DESK_COOKIE && *value == hers {
                continue;
            }
            let request = format!(
                "GET /people HTTP/1.1¶Host: admin.test¶Cookie: {name}={value}¶Connection: close¶¶"
            );
            assert_eq!(
                knock_desk(&clinic, &request).await.status,
                303,
                "{name} here"
            );
        }
    }
    let mut thief = clinic.browser();
    for name in [OURS, DESK_COOKIE] {
        thief.jar().plant("emr.test", name, &hers);
        assert!(!sees_chart(&mut thief).await, "{name} there");
    }
    assert!(sees_chart(&mut alice).await && is_in(&olga.browser).await);
}
