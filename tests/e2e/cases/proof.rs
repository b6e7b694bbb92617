//! Cases 5, 9, 24: whose name it is and whether the password was right, where the app leaves doubt.
//! Never past the code; the rest of what happens before it is `before`'s.

use anteroom_core::fold::{SpellingRule, fold, spelling_key};
use anteroom_store::Paper;
use anteroom_tests::recorder::{Script, Seen};

use super::oldapp::{
    self, CANARY, all_is_well, clinic, clinic_with, enrolled, field, password, sign_in, straight,
    user,
};
use crate::ward::{CHALLENGE, id_of, listed, nonce, post, sessions_of, told};

/// Cacti without its token: the answer of a good login, whatever the password.
fn always_yes(seen: &Seen) -> Option<Script> {
    let login = seen.method == "POST" && seen.path() == "/login.php";
    login.then(|| Script::redirect("/home.php", &[]))
}

const UNPROVED: &str = "[app.contact]\nphone = \"+1 555 0101\"\n[app.enrolment]\n\
    policy = \"open\"\nuntil = 2031-01-01T00:00:00Z\n[app.login]\nlogin_page = \"/login.php\"\n\
    login_marker = '<input[^>]+name=\"password\"'\n[[app.login.form]]\npath = \"/login.php\"\n\
    user = \"username\"\nsecrets = [\"password\"]\n[[app.login.outcome]]\noutcome = \"success\"\n\
    status = [302]\nlocation = { path = \"/login.php\", not = true }\n\
    [app.login.cookies]\nlogin = [\"PHPSESSID\"]\n\
    [app.login.probe]\npath = \"/whoami.php\"\njson = \"/user\"\n";

fn probed(seen: &Seen) -> Option<Script> {
    if seen.path() == "/whoami.php" {
        let json = user(seen).map_or("{}".to_owned(), |user| format!("{{\"user\":\"{user}\"}}"));
        return Some(Script::status(
            200,
            &[("Content-Type", "application/json")],
            &json,
        ));
    }
    let junk = seen.method == "POST" && field(seen, "password") != "right";
    if junk { always_yes(seen) } else { None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_05_a_success_without_proof_enrols_nobody_and_counts_against_nobody() {
    let (clinic, _upstream) = clinic_with(probed, UNPROVED).await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    let mut thief = clinic.browser();
    let page = password(&mut thief, "bob", "junk").await;
    assert_eq!(page.path(), CHALLENGE, "no enrolment: {}", page.describe());
    for path in ["/.anteroom/enrol", "/.anteroom/enrol/code"] {
        assert_eq!(thief.get(path).await.location(), Some(CHALLENGE));
    }
    assert!(listed(&clinic, "bob").await.is_none());
    for _ in 0..6 {
        let mut thief = clinic.browser();
        let page = password(&mut thief, "alice", "junk").await;
        let form = nonce(&page);
        for _ in 0..4 {
            post(&thief, CHALLENGE, &[("nonce", &form), ("code", "000000")]).await;
        }
        clinic.world.clock.advance(2 * crate::ward::HOUR);
    }
    let alice = listed(&clinic, "alice").await.unwrap();
    assert_eq!((alice.throttle.consecutive, alice.throttle.rolling), (0, 0));
    assert_eq!(told(&clinic, "password_may_be_stolen").await, 0);
    clinic.world.clock.advance(crate::ward::HOUR);
    all_is_well(&clinic, "alice", &phone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_09_two_people_whose_names_fold_together_never_share_a_phone() {
    let (clinic, _upstream) = clinic(straight, "").await;
    let (_, phone) = enrolled(&clinic, "jose").await;
    let plain = fold("jose").unwrap();
    let mut met = 0;
    for other in [
        "jos%C3%A9",
        "JOSE",
        "jo%CC%81se",
        "j%EF%BD%8Fse",
        "jose%20",
        "jo%C5%9Fe",
        "josef",
    ] {
        let typed = anteroom_typed(other);
        if fold(&typed).unwrap() != plain {
            continue;
        }
        met += 1;
        assert_ne!(
            spelling_key(&typed, &SpellingRule::default()),
            "jose",
            "{typed}"
        );
        let mut browser = clinic.browser();
        let page = password(&mut browser, &typed, "right").await;
        assert_eq!(page.status, 403, "{typed}: {}", page.describe());
        assert!(
            page.has("Your name is spelled in a new way"),
            "{typed}: {}",
            page.describe()
        );
        assert!(
            !browser.get("/home.php").await.everything().contains(CANARY),
            "{typed}"
        );
        assert!(browser.get("/.anteroom/enrol").await.is_redirect());
    }
    assert!(met >= 3, "{met}");
    assert!(told(&clinic, "spelling_held").await >= met);
    // An operator who knows that it is one person links the spelling; then her own phone counts.
    let (id, now) = (id_of(&clinic, "jose").await, clinic.now());
    let linked = spelling_key("JOSE", &SpellingRule::default());
    assert!(
        clinic
            .store()
            .spelling_link(id, &linked, "JOSE", &Paper::of("olga", now))
            .await
            .unwrap()
    );
    assert!(
        sign_in(&clinic, "JOSE", &phone)
            .await
            .get("/home.php")
            .await
            .has(CANARY)
    );
    all_is_well(&clinic, "jose", &phone).await;
}

fn not_now(seen: &Seen) -> Option<Script> {
    let status = field(seen, "password")
        .parse()
        .ok()
        .filter(|_| seen.method == "POST")?;
    Some(Script::status(
        status,
        &[("Content-Type", "text/html")],
        "CANARY-BODY of the error",
    ))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_24_statuses_that_mean_try_again_get_our_own_sentence_for_every_name() {
    let (clinic, _upstream) = clinic(not_now, "").await;
    let (_, phone) = enrolled(&clinic, "alice").await;
    for status in ["408", "429", "500", "502", "503", "504"] {
        for name in ["alice", "nobody"] {
            let mut browser = clinic.browser();
            let page = oldapp::password(&mut browser, name, status).await;
            assert_eq!(page.status, 409, "{status} {name}: {}", page.describe());
            assert!(page.has("Please sign in once more"), "{}", page.describe());
            assert!(
                !page.everything().contains("CANARY"),
                "{status}: {}",
                page.everything()
            );
            let links = page.links();
            assert!(links.iter().any(|(_, to)| to == "/login.php"), "{links:?}");
            // Nothing waits for a code, and the session is tainted.
            assert!(browser.get(CHALLENGE).await.is_redirect());
            assert!(browser.get("/home.php").await.is_redirect());
        }
    }
    assert_eq!(sessions_of(&clinic, "alice").await, 1);
    assert!(told(&clinic, "login_tainted").await >= 12);
    all_is_well(&clinic, "alice", &phone).await;
}

/// What a person types for this percent-encoded name.
fn anteroom_typed(encoded: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
