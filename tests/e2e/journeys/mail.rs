//! People are told: what a notice says, and what happens while the mail server is down, slow,
//! refusing, and back. Sign-ins go on meanwhile, the queue drains once, the operator sees why.

use std::time::Duration;

use anteroom_core::address::{AddressSource, MailAddress};
use anteroom_core::ids::SubscriberId;
use anteroom_core::operator::Role;
use anteroom_store::{AddressAdded, Channel, ChannelState, NewAddress, Paper};
use anteroom_tests::apps::post::{Mail, PASSWORD, PostOffice};
use anteroom_tests::require;
use anteroom_tests::world::start::{Clinic, eventually, open_enrolment};

use crate::desk::operator;
use crate::journeys::people::{ALICE, Person, listing, newcomer, sign_in};
use crate::ward::{DAY, HOUR, MINUTE};

pub(crate) const ADDRESS: &str = "alice.chen@clinic.test";

/// The demonstration EMR and the admin app, with mail by this post office.
pub(crate) async fn clinic_with_mail(post: &PostOffice, lines: &str) -> Clinic {
    let admin = format!(
        "[[admin.place]]\nnetwork = \"127.0.0.0/8\"\nname = \"front desk\"\n{}",
        post.settings()
    );
    Clinic::with_admin(lines, &admin).await
}

/// An operator writes an address down.
pub(crate) async fn give_address(clinic: &Clinic, id: SubscriberId, text: &str) -> AddressAdded {
    let address = MailAddress::parse(text).expect("an address");
    let new = NewAddress {
        subscriber: id,
        address: &address,
        source: AddressSource::Operator,
        hold: DAY,
        paper: Paper::of("olga", clinic.now()).because("staff list"),
    };
    clinic.store().address_add(new).await.expect("the store")
}

/// Alice, enrolled, with an address on file.
async fn alice_with_address(clinic: &Clinic) -> (Person, SubscriberId) {
    let alice = newcomer(clinic, &mut clinic.browser(), ALICE).await;
    let id = listing(clinic, "alice").await.id;
    let added = give_address(clinic, id, ADDRESS).await;
    assert!(matches!(added, AddressAdded::Added { .. }), "{added:?}");
    (alice, id)
}

/// Waits until the sender has found out that nobody answers.
pub(crate) async fn until_down(clinic: &Clinic) {
    eventually("the sender finds the server gone", || async {
        state(clinic).await.failing_since.is_some()
    })
    .await;
}

async fn state(clinic: &Clinic) -> ChannelState {
    let state = clinic.store().outbox_state(Channel::Mail, clinic.now());
    state.await.expect("the store")
}

/// Olga resets Alice: the loudest thing that is told.
async fn reset(clinic: &Clinic, id: SubscriberId) {
    let paper = Paper::of("olga", clinic.now()).because("lost phone");
    let done = clinic.store().subscriber_reset(id, &paper).await;
    assert!(done.expect("the store"));
}

fn is_reset(mail: &Mail) -> bool {
    mail.subject().contains("your second step was reset")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_is_told_to_every_address_once_and_in_plain_words() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &open_enrolment("demo")).await;
    let (_, id) = alice_with_address(&clinic).await;
    assert!(post.mails().is_empty(), "a first address is told to nobody");

    let second = give_address(&clinic, id, "alice@home.test").await;
    assert!(matches!(second, AddressAdded::Added { .. }));
    let mails = post.wait_for(1);
    assert_eq!(
        mails[0].to,
        [ADDRESS],
        "the address before is told, not the new one"
    );
    assert!(mails[0].subject().contains("an e-mail address was added"));

    reset(&clinic, id).await;
    let mails = post.wait_for(3);
    let mut to: Vec<_> = mails[1..].iter().flat_map(|mail| mail.to.clone()).collect();
    to.sort();
    assert_eq!(to, [ADDRESS, "alice@home.test"]);
    for mail in &mails[1..] {
        assert!(is_reset(mail) && mail.safely, "{}", mail.raw());
        for part in [mail.text(), mail.html()] {
            for said in ["Ward emr", "alice", "UTC", "+1 555 0101", "it@clinic.test"] {
                assert!(part.contains(said), "{said}: {part}");
            }
            assert!(!part.contains("http"), "no link: {part}");
        }
        assert_eq!(
            mail.header("Auto-Submitted").as_deref(),
            Some("auto-generated")
        );
    }
    // Nothing of it where it does not belong.
    let leaks = [ADDRESS, "alice@home.test", PASSWORD];
    clinic.world.must_not_leak(&leaks[..2]);
    let tail = clinic.store().audit_tail(200).await.expect("the log");
    assert!(!format!("{tail:?}").contains("@clinic.test"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_mail_server_is_down_people_sign_in_and_the_queue_drains_once_when_it_is_back() {
    let mut post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &open_enrolment("demo")).await;
    let (alice, id) = alice_with_address(&clinic).await;
    let mut olga = operator(&clinic, "olga", Role::Owner).await;
    post.stop();

    for count in 0..3 {
        let spare = format!("spare{count}@clinic.test");
        let added = give_address(&clinic, id, &spare).await;
        assert!(matches!(added, AddressAdded::Added { .. }));
    }
    until_down(&clinic).await;
    let down = state(&clinic).await;
    assert_eq!(
        down.problem.as_deref(),
        Some("the server cannot be reached")
    );
    assert!(down.waiting >= 3, "{down:?}");

    // Sign-ins go on, health too, and the operator sees why.
    clinic.world.clock.advance(MINUTE);
    sign_in(&clinic, &mut clinic.browser(), &alice).await;
    let page = olga.see("/").await;
    assert!(
        page.has("Mail has not gone out since") && page.has("the server cannot be reached"),
        "{}",
        page.describe()
    );

    post.start();
    clinic.world.clock.advance(Duration::from_secs(31));
    let waiting = usize::try_from(down.waiting).expect("few");
    let mails = post.wait_for(waiting);
    eventually("the queue is empty", || async {
        let state = state(&clinic).await;
        state.waiting == 0 && state.failing_since.is_none()
    })
    .await;
    clinic.world.clock.advance(2 * HOUR);
    let page = olga.see("/").await;
    assert!(!page.has("Mail has not gone out"), "{}", page.describe());
    let mut ids: Vec<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), waiting, "each once");
    assert_eq!(post.mails().len(), waiting, "and none again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_server_holds_up_its_own_queue_and_nobody_else() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &open_enrolment("demo")).await;
    let (alice, id) = alice_with_address(&clinic).await;
    post.is_in_a_mood("slow");
    reset(&clinic, id).await;
    let bob = newcomer(&clinic, &mut clinic.browser(), crate::journeys::people::BOB).await;
    clinic.world.clock.next_step();
    sign_in(&clinic, &mut clinic.browser(), &bob).await;
    eventually("the sender gives this try up", || async {
        let state = state(&clinic).await;
        state.problem.as_deref() == Some("the server does not answer in time")
    })
    .await;
    post.is_in_a_mood("ok");
    // A try that began before may still be failing; time goes on until the next one is due.
    eventually("the letter goes out", || async {
        clinic.world.clock.advance(MINUTE);
        !post.mails().is_empty()
    })
    .await;
    assert!(is_reset(&post.wait_for(1)[0]));
    drop(alice);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_message_waits_longer_each_time_is_given_up_after_a_day_and_blames_nobody_else() {
    let post = require!(PostOffice::open());
    let clinic = clinic_with_mail(&post, &open_enrolment("demo")).await;
    let (_, id) = alice_with_address(&clinic).await;
    post.is_in_a_mood("refuse");
    reset(&clinic, id).await;
    let tries = async |count: i64| {
        eventually("another try, and its end", || async {
            let tried = clinic.store().outbox_tries().await.expect("the store");
            tried >= count && state(&clinic).await.sending == 0
        })
        .await;
    };
    tries(1).await;
    assert_eq!(
        state(&clinic).await.failing_since,
        None,
        "mail as such works"
    );
    for (minutes, count) in [(1, 2), (2, 3), (4, 4)] {
        clinic
            .world
            .clock
            .advance(MINUTE * minutes + Duration::from_secs(1));
        tries(count).await;
    }
    clinic.world.clock.advance(DAY);
    eventually("it is given up", || async {
        let state = state(&clinic).await;
        state.waiting == 0 && state.given_up == 1
    })
    .await;
    assert!(post.mails().is_empty());
    clinic.world.must_not_leak(&["no such user here", ADDRESS]);
}
