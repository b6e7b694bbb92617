//! Family B, the form itself: two names, aliases, names in other places. PHP stands behind as the
//! most obliging reader; a form with two readings never reaches it. How a form can be written is
//! `b_encodings`, how it can arrive `b_bodies`; all three share the stage that is set here.

use anteroom_tests::answer::{Answer, NoAnswer};
use anteroom_tests::apps::App;
use anteroom_tests::apps::php::{ALICE, CANARY};
use anteroom_tests::phone::Phone;
use anteroom_tests::recorder::{Recorder, Script};
use anteroom_tests::world::start::Clinic;

use super::records::{
    FORM, all_is_well, clinic, clinic_at, enrolled, form, logged_in, logins, own_app, throw,
    throw_at,
};
use crate::ward::CHALLENGE;

pub(super) const HERS: &[u8] = b"username=alice&password=Larch-Canary-41";

pub(super) struct Stage {
    pub(super) app: App,
    pub(super) clinic: Clinic,
    phone: Phone,
}

/// The app, its clinic, and alice enrolled. Proves that the honest form gets through.
pub(super) async fn stage() -> Option<Stage> {
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
    pub(super) async fn passes(&self, what: &str, fields: &str, body: &[u8]) {
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
    pub(super) async fn refuses(&self, what: &str, bytes: &[u8], statuses: &[u16]) {
        let before = logins(&self.app);
        let answer = throw(&self.clinic, bytes).await;
        refused(what, answer, statuses);
        assert_eq!(logins(&self.app), before, "{what}: it reached the app");
    }

    pub(super) async fn is_well(&self) {
        all_is_well(&self.clinic, ALICE, &self.phone).await;
        self.clinic.world.must_not_leak(&["Larch-Canary-41"]);
    }
}

pub(super) fn refused(what: &str, answer: Result<Answer, NoAnswer>, statuses: &[u16]) {
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
        Some("/.anteroom/enrol/method"),
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
        Some("/.anteroom/enrol/method"),
        "{}",
        answer.everything()
    );
    let seen = recorder.only_request();
    assert_eq!(seen.header("cookie"), None);
    assert_eq!(seen.body, HERS);
}
