//! Attack D13: nobody learns from the time of an answer who there is or which kind of code is hers,
//! because the store is asked the very same, whatever comes of it.
//!
//! Statements are counted and no clock is read: what flickers proves nothing. That comparing takes
//! as long for a right code as for a wrong one is `subtle`'s and the MACs'; that a hash is run for
//! everybody is `recovery`'s.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex};

use anteroom_core::address::{AddressSource, MailAddress};
use anteroom_core::audit::AuditKind;
use anteroom_core::language::Language;
use anteroom_core::mail_code::{MailCode, MailCodeUse};
use anteroom_core::sealed_code::SealedCode;
use anteroom_core::temporary_code::TemporaryCode;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Instrument, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::*;
use crate::{MailCodeSend, MailCodeSent, NewAddress};

/// What the database was asked under each span.
static ASKED: LazyLock<Mutex<HashMap<u64, Asked>>> = LazyLock::new(Mutex::default);

/// Statements in their order.
#[derive(Clone, Default)]
struct Asked {
    statements: Vec<String>,
    /// Nothing more comes.
    whole: bool,
}

/// Writes statements down. The driver works on threads of its own and takes the span along.
struct Listening;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listening {
    fn on_new_span(&self, span: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        if span.metadata().name() == "asked" {
            ASKED
                .lock()
                .unwrap()
                .insert(id.into_u64(), Asked::default());
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let asked = context.event_scope(event).into_iter().flatten();
        let asked = asked.filter(|span| span.name() == "asked").last();
        if let (Some(span), "sqlx::query") = (asked, event.metadata().target()) {
            let mut words = Words::default();
            event.record(&mut words);
            // A pool opens a connection for whoever comes when the others are busy.
            if words.0.starts_with("PRAGMA foreign_keys") {
                return;
            }
            let mut all = ASKED.lock().unwrap();
            let asked = all.entry(span.id().into_u64()).or_default();
            asked.statements.push(words.0);
        }
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        if let Some(asked) = ASKED.lock().unwrap().get_mut(&id.into_u64()) {
            asked.whole = true;
        }
    }
}

/// The text of a statement, or its beginning where that is all.
#[derive(Default)]
struct Words(String);

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        if matches!(field.name(), "summary" | "db.statement") {
            self.0.push_str(value.trim());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// Does this work, and gives what the database was asked for it.
async fn asked<T>(work: impl Future<Output = T>) -> Vec<String> {
    static STARTED: LazyLock<()> = LazyLock::new(|| {
        tracing_subscriber::registry().with(Listening).init();
    });
    LazyLock::force(&STARTED);
    let span = tracing::info_span!("asked");
    let id = span.id().expect("it is listened to").into_u64();
    work.instrument(span).await;
    loop {
        // The last line is written when the driver has let go of the span.
        let found = ASKED.lock().unwrap().get(&id).cloned();
        if let Some(asked) = found.filter(|asked| asked.whole) {
            return asked.statements;
        }
        tokio::task::yield_now().await;
    }
}

/// Every one of these is the same, and something was asked at all.
fn all_the_same(what: &str, asked: &[Vec<String>]) {
    assert!(!asked[0].is_empty(), "{what}: nothing was heard");
    for other in &asked[1..] {
        assert_eq!(&asked[0], other, "{what}");
    }
}

/// A login whose password nobody has judged: of somebody, or of nobody.
async fn unproved(world: &World, name: &str, id: Option<SubscriberId>) -> Attempt {
    let who = person(name);
    let (tainted, _) = world.taint(&who, NOW).await;
    let new = world.new_attempt(&who, tainted, id, NOW);
    let held = world
        .withhold(NewAttempt {
            proved: false,
            ..new
        })
        .await;
    world.attempt(held).await
}

#[tokio::test]
async fn d13_a_name_that_nobody_has_costs_the_store_what_a_known_one_costs() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    let hers = unproved(&world, "alice", Some(alice.id)).await;
    let nobodys = unproved(&world, "nobody", None).await;
    let (mut read, mut failed) = (Vec::new(), Vec::new());
    for attempt in [&hers, &nobodys] {
        read.push(asked(world.store.challenge_material(attempt)).await);
        let material = world.store.challenge_material(attempt).await.unwrap();
        let failure = ChallengeFailure {
            version: material.version,
            subscriber: attempt.subscriber,
            attempt: Some(attempt.id),
            session: fresh_hash(),
            app: &world.app,
            policy: &world.policy,
            kind: AuditKind::ChallengeFailed,
            clock_off: None,
            client: CLIENT,
            now: NOW,
        };
        failed.push(asked(world.store.challenge_fail(failure)).await);
    }
    all_the_same("what a code is judged by", &read);
    all_the_same("a wrong code", &failed);
}

#[tokio::test]
async fn d13_right_wrong_and_nobodys_codes_of_every_kind_are_looked_for_alike() {
    let world = World::new().await;
    let (alice, store) = (world.enrolled("alice").await, &world.store);
    let somebody = Some(alice.id);
    let wrong = RecoveryCode::mint(&fresh());
    all_the_same(
        "recovery code",
        &[
            asked(store.recovery_match(somebody, &alice.codes[0])).await,
            asked(store.recovery_match(somebody, &wrong)).await,
            asked(store.recovery_match(None, &alice.codes[0])).await,
        ],
    );
    let temporary = TemporaryCode::mint(&fresh());
    all_the_same(
        "temporary code",
        &[
            asked(store.temporary_code_match(somebody, &temporary, NOW)).await,
            asked(store.temporary_code_match(None, &temporary, NOW)).await,
        ],
    );
    let sealed = SealedCode::mint(&fresh());
    let app = &world.app;
    assert_eq!(
        asked(store.sealed_code_match(app, &sealed)).await.len(),
        1,
        "whoever asks"
    );
    // A passkey's or a token's owner, a phone's, and nobody.
    all_the_same(
        "passkeys",
        &[
            asked(store.passkeys_held(somebody, "emr.test")).await,
            asked(store.passkeys_held(None, "emr.test")).await,
        ],
    );
}

#[tokio::test]
async fn d13_a_right_code_by_mail_is_looked_for_like_a_wrong_one_and_in_nobodys_session() {
    let world = World::new().await;
    let who = person("bob");
    let (tainted, _) = world.taint(&who, NOW).await;
    let held = world
        .withhold(world.new_attempt(&who, tainted, None, NOW))
        .await;
    let bob = known_by_address(&world, "bob").await;
    let code = MailCode::mint(&fresh());
    let send = MailCodeSend {
        purpose: MailCodeUse::SignIn,
        session: held.pending,
        subscriber: bob,
        code: &code,
        app: &world.app,
        language: Language::En,
        client: CLIENT,
        now: NOW,
    };
    let sent = world.store.mail_code_send(send).await.unwrap();
    assert!(matches!(sent, MailCodeSent::Queued { .. }), "{sent:?}");
    let wrong = MailCode::mint(&fresh());
    let look = |session, whose, code| world.store.mail_code_match(session, whose, code, NOW);
    let right = look((held.pending, MailCodeUse::SignIn), Some(bob), &code)
        .await
        .unwrap();
    assert!(right.is_some(), "it is the right one");
    all_the_same(
        "code by mail",
        &[
            asked(look((held.pending, MailCodeUse::SignIn), Some(bob), &code)).await,
            asked(look((held.pending, MailCodeUse::SignIn), Some(bob), &wrong)).await,
            asked(look((held.pending, MailCodeUse::SignIn), None, &code)).await,
            asked(look((fresh_hash(), MailCodeUse::SignIn), Some(bob), &code)).await,
        ],
    );
}

/// Somebody who holds nothing yet, with an address on file.
async fn known_by_address(world: &World, name: &str) -> SubscriberId {
    let who = person(name);
    let _ = world.issue_code(&who, NOW).await;
    let id = world.number("SELECT id FROM subscriber").await;
    let address = MailAddress::parse("bob@clinic.test").unwrap();
    let new = NewAddress {
        subscriber: SubscriberId(id),
        address: &address,
        source: AddressSource::Operator,
        hold: Duration::ZERO,
        paper: Paper::of("olga", NOW).because("staff list"),
    };
    let added = world.store.address_add(new).await.unwrap();
    assert!(
        matches!(added, crate::AddressAdded::Added { .. }),
        "{added:?}"
    );
    SubscriberId(id)
}
