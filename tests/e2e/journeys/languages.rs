//! A clinic of three languages: everybody reads our pages in hers, and says so once if the browser
//! does not. The app hears nothing of it.

use anteroom_tests::phone::Phone;
use anteroom_tests::world::start::{Clinic, open_enrolment};

use super::people::{ALICE, BOB, all_is_well, codes_on, newcomer, password, type_code};

const CHOICE: &str = "__Host-anteroom-language";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinician_enrols_in_french_and_changes_to_spanish_on_the_way() {
    let clinic = Clinic::with_demo().await;
    let mut marie = clinic.browser().speaking("fr-CA,fr;q=0.9,en;q=0.8");
    password(&mut marie, ALICE).await;
    marie.click("Application d’authentification").await;
    let page = marie.page().clone();
    assert_eq!(
        page.heading(),
        "Reliez votre application d’authentification"
    );
    assert!(page.text().contains("<html lang=\"fr\">"));
    assert_eq!(page.header("content-language"), Some("fr"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let phone = Phone::scan(&page).unwrap();

    let answer = marie.press("Español", &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.describe());
    assert_eq!(answer.location(), Some("/.anteroom/enrol"));
    let line = answer.set_cookie_line(CHOICE).unwrap();
    for part in [
        "=es;",
        "HttpOnly",
        "SameSite=Lax",
        "Secure",
        "Path=/",
        "Max-Age",
    ] {
        assert!(line.contains(part), "{line}");
    }
    marie.follow_all().await;
    let page = marie.page();
    assert_eq!(page.heading(), "Conecte su aplicación de autenticación");
    // The same set-up goes on: another language is no new secret.
    assert_eq!(Phone::scan(page).unwrap().secret(), phone.secret());

    type_code(&mut marie, &phone.code_at(&clinic.world.clock)).await;
    let heading = marie.page().heading();
    assert!(
        heading.starts_with("Guarde sus códigos de recuperación"),
        "{heading}"
    );
    let codes = codes_on(marie.page());
    let file = marie.get("/.anteroom/recovery-codes.txt").await;
    assert!(
        file.text().starts_with("Códigos de recuperación para "),
        "{}",
        file.text()
    );
    assert!(codes.iter().all(|code| file.text().contains(code)));
    marie.open("/.anteroom/recovery-codes").await;
    marie.press("Los he guardado", &[]).await;
    marie.follow_all().await;
    assert_eq!(marie.page().path(), "/patients");

    // Later, in the same browser: the choice stands, whatever the browser would rather have.
    marie.open("/.anteroom/signed-out").await;
    assert_eq!(marie.page().heading(), "Ha cerrado la sesión");
    let heard = clinic.record().all();
    assert!(!heard.is_empty());
    let tells = format!("{heard:?}");
    assert!(
        !tells.contains("anteroom-language"),
        "the app was told: {tells}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_wrong_is_said_in_the_language_of_the_page() {
    let clinic = Clinic::with_demo().await;
    let mut first = clinic.browser();
    let alice = newcomer(&clinic, &mut first, ALICE).await;
    let mut browser = clinic.browser().speaking("fr");
    password(&mut browser, ALICE).await;
    assert_eq!(browser.page().heading(), "Entrez votre code");
    type_code(
        &mut browser,
        &alice.phone.wrong_code(clinic.world.clock.now()),
    )
    .await;
    let page = browser.page();
    assert_eq!(page.status, 422, "{}", page.describe());
    assert!(page.title().starts_with("Erreur"), "{}", page.describe());
    assert!(
        page.has("Ce code ne correspond pas."),
        "{}",
        page.describe()
    );
    // From the answer to a form one comes back to the page that the form stood on.
    let answer = browser.press("English", &[]).await;
    assert_eq!(answer.location(), Some("/.anteroom/challenge"));
    browser.follow_all().await;
    assert_eq!(browser.page().heading(), "Enter your code");
    type_code(&mut browser, &alice.next_code(&clinic)).await;
    all_is_well(&clinic, &alice).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_speaks_its_own_language_to_those_who_ask_for_none_of_ours() {
    let lines = open_enrolment("demo").replacen('\n', "\nlanguage = \"fr\"\n", 1);
    let clinic = Clinic::with_demo_as(&lines, "").await;
    for (asks, heading) in [
        (
            "de-DE,de;q=0.9",
            "Choisissez comment prouver que c’est vous",
        ),
        ("*", "Choisissez comment prouver que c’est vous"),
        ("de,en;q=0.1", "Choose how you prove that it is you"),
        ("fr;q=0, es;q=0.2", "Elija cómo demuestra que es usted"),
    ] {
        let mut browser = clinic.browser().speaking(asks);
        password(&mut browser, BOB).await;
        assert_eq!(browser.page().heading(), heading, "{asks}");
    }
    // Programs are told in English and in names, as before.
    let told = clinic
        .browser()
        .speaking("fr")
        .xhr("GET", "/patients")
        .await;
    assert_eq!(told.json()["title"], "Sign in first");
}
