//! Letters speak the language of their reader: of the page a code was asked for on, of her last
//! sign-in, of her choice since. Offices of operators are told of what they were named for.

use std::time::Duration;

use anteroom_core::ids::SubscriberId;
use anteroom_store::{AddressAdded, Paper};
use anteroom_tests::apps::post::{Mail, PASSWORD, PostOffice};
use anteroom_tests::require;
use anteroom_tests::world::binary::{Binary, Site};
use anteroom_tests::world::start::{Clinic, open_enrolment};

use super::mail::{ADDRESS, clinic_with_mail, give_address, until_down};
use super::mail_code::{ENROL_MAIL, known_by_address, mail_allowed};
use super::people::{ALICE, listing, newcomer, password, sign_in};
use crate::ward::MINUTE;

/// Olga resets somebody; the letter that tells of it, after `before` others.
async fn told_of_reset(
    clinic: &Clinic,
    post: &PostOffice,
    id: SubscriberId,
    before: usize,
) -> Mail {
    let paper = Paper::of("olga", clinic.now()).because("lost phone");
    let done = clinic.store().subscriber_reset(id, &paper).await;
    assert!(done.expect("the store"));
    post.wait_for(before + 1).swap_remove(before)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_speaks_the_language_of_the_page_it_was_asked_for_on() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &mail_allowed()).await;
    let id = known_by_address(&clinic).await;
    let mut marie = clinic.browser().speaking("fr-CA,fr;q=0.9");
    password(&mut marie, ALICE).await;
    marie.open(ENROL_MAIL).await;
    let late = "Pas de courriel après une minute?";
    assert!(!marie.page().has(late), "nothing was sent yet");
    marie.press("Envoyer un code à a…@c…", &[]).await;
    marie.follow_all().await;
    assert!(marie.page().has(late), "{}", marie.page().describe());

    let mail = post.wait_for(1).swap_remove(0);
    let subject = mail.subject();
    assert_eq!(subject, "Ward emr\u{a0}: votre code de connexion");
    assert_eq!(mail.header("Content-Language").as_deref(), Some("fr"));
    let expected = "là seulement, pendant 10 minutes. Personne de votre service d’assistance";
    for part in [mail.text(), mail.html()] {
        assert!(part.contains(expected), "{part}");
    }
    marie.submit(&[("code", &mail.code())]).await;
    marie.follow_all().await;
    assert_eq!(marie.page().recovery_codes().len(), 10);

    // What follows tells her in French too, and no operator had to say so.
    let told = post.wait_for(2).swap_remove(1).subject();
    let added = "une nouvelle façon de vous connecter a été ajoutée";
    assert!(told.contains(added), "{told}");
    let told = told_of_reset(&clinic, &post, id, 2).await.subject();
    let reset = "votre deuxième étape a été réinitialisée";
    assert!(told.contains(reset), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_speaks_the_language_that_its_reader_chose_last() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &open_enrolment("demo")).await;
    let alice = newcomer(&clinic, &mut clinic.browser(), ALICE).await;
    let id = listing(&clinic, "alice").await.id;
    let added = give_address(&clinic, id, ADDRESS).await;
    assert!(matches!(added, AddressAdded::Added { .. }), "{added:?}");
    clinic.world.clock.advance(MINUTE);
    let mut browser = clinic.browser();
    sign_in(&clinic, &mut browser, &alice).await;
    browser.open("/.anteroom/me").await;
    browser.press("Español", &[]).await;
    browser.follow_all().await;
    assert_eq!(browser.page().heading(), "Su acceso");

    // A stranger who has her password only, and reads French, changes nothing of that.
    let mut mallory = clinic.browser();
    password(&mut mallory, ALICE).await;
    mallory.press("Français", &[]).await;
    mallory.follow_all().await;

    let mail = told_of_reset(&clinic, &post, id, 0).await;
    assert_eq!(mail.subject(), "Ward emr: se restableció su segundo paso");
    for part in [mail.text(), mail.html()] {
        assert!(
            part.contains("Servicio de asistencia") && part.contains(" UTC"),
            "{part}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_hears_of_what_it_was_named_for_though_nobody_has_an_address() {
    let mut post = require!(PostOffice::open());
    let offices = "[[notices.operators]]\nto = [\"it@office.test\"]\n\
                   [[notices.operators]]\nto = [\"desk@office.test\"]\n\
                   of = [\"factors_reset\", \"not_me_reported\"]\n";
    let mail = format!("{}{offices}", post.settings());
    let clinic = Clinic::with_admin(&open_enrolment("demo"), &mail).await;
    newcomer(&clinic, &mut clinic.browser().speaking("en"), ALICE).await;
    let id = listing(&clinic, "alice").await.id;

    // Its server is down when it happens: the queue of all other mail waits with the same patience.
    post.stop();
    let paper = Paper::of("olga", clinic.now()).because("lost phone");
    let store = clinic.store();
    assert!(store.subscriber_reset(id, &paper).await.expect("the store"));
    assert!(
        store
            .subscriber_suspend(id, &paper)
            .await
            .expect("the store")
    );
    until_down(&clinic).await;
    post.start();
    clinic.world.clock.advance(Duration::from_secs(31));
    let mails = post.wait_for(2);
    let mut to: Vec<_> = mails.iter().flat_map(|mail| mail.to.clone()).collect();
    to.sort();
    assert_eq!(
        to,
        ["desk@office.test", "it@office.test"],
        "each its own letter"
    );
    for mail in &mails {
        assert_eq!(mail.subject(), "Ward emr: somebody’s second step was reset");
        for part in [mail.text(), mail.html()] {
            for said in [
                "alice",
                "UTC",
                "on a number that you know",
                "open the admin app",
            ] {
                assert!(part.contains(said), "{said}: {part}");
            }
            assert!(
                !part.contains("your account") && !part.contains("http"),
                "{part}"
            );
        }
    }
    assert!(
        !clinic.world.logs().contains("@office.test"),
        "no address is logged"
    );
    let tail = clinic.store().audit_tail(50).await.expect("the log");
    assert!(!format!("{tail:?}").contains("@office.test"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_message_is_the_real_letter_in_the_language_asked_for() {
    let post = require!(PostOffice::open());
    let upstream = anteroom_tests::recorder::Recorder::start().await;
    let app = format!(
        "[[app]]\nname = \"emr\"\ndisplay_name = \"Ward emr\"\nhosts = [\"emr.test\"]\n\
         upstreams = [\"http://{}\"]\npreset = \"demo\"\n[app.contact]\nphone = \"+1 555 0101\"\n",
        upstream.addr()
    );
    let binary = Binary::start(Site {
        lines: format!("{}{app}", post.settings()),
        hosts: vec!["emr.test".to_owned()],
    })
    .await;
    for (count, (language, subject)) in [
        ("en", "Ward emr: this is a test"),
        ("fr", "Ward emr\u{a0}: ceci est un essai"),
        ("es", "Ward emr: esto es una prueba"),
    ]
    .into_iter()
    .enumerate()
    {
        let to = ["mail", "test", "--to", ADDRESS, "--language", language];
        let done = binary.operate(&to).await;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(
            done.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&done.stderr)
        );
        assert!(said.contains("logged in as anteroom"), "{said}");
        assert!(said.contains("The server has taken the message"), "{said}");
        assert!(!said.contains(PASSWORD), "{said}");
        let mail = post.wait_for(count + 1).swap_remove(count);
        assert_eq!(
            (mail.to.as_slice(), mail.safely),
            (&[ADDRESS.to_owned()][..], true)
        );
        assert_eq!(mail.subject(), subject);
        assert!(mail.html().contains("<html lang="), "the real template");
        assert!(mail.text().contains("+1 555 0101"), "{}", mail.text());
    }
    post.is_in_a_mood("refuse");
    let done = binary.operate(&["mail", "test", "--to", ADDRESS]).await;
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("its log says more"), "{said}");
}
