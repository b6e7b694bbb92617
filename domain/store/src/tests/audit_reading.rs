//! Reading the log: each filter and their combinations give the rows they should, in order, page
//! by page, and through an index.

use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_core::reference::Reference;

use super::*;
use crate::audit_search::page_sql;
use crate::{AuditProblem, AuditQuery, AuditRow, PeopleQuery, PersonState, Throttles, reference};

/// Forty rows: two people, two operators, two apps, three kinds, ten moments.
async fn filled() -> World {
    let world = World::new().await;
    for n in 0..40_u64 {
        let kinds = [
            AuditKind::ChallengeFailed,
            AuditKind::LoginFailed,
            AuditKind::NoteAdded,
        ];
        let kind = kinds[(n % 3) as usize];
        let mut event = AuditEvent::new(kind).subscriber(SubscriberId(1 + (n % 2).cast_signed()));
        event = event.operator(if n % 4 == 0 { "olga" } else { "oscar" });
        event = event.app(&AppName::new(if n % 5 == 0 { "lab" } else { "emr" }));
        event = event.session(SessionHash([(n % 7) as u8; 32]));
        world
            .store
            .audit_append(&[event], later(n / 4))
            .await
            .unwrap();
    }
    world
}

async fn all(world: &World, query: AuditQuery<'_>) -> Vec<AuditRow> {
    let query = AuditQuery {
        limit: 1000,
        ..query
    };
    world.store.audit_search(&query).await.unwrap()
}

/// What a filter must give, told by looking at every row.
async fn expected(world: &World, keep: impl Fn(&AuditRow) -> bool) -> Vec<i64> {
    let rows = world.store.audit_tail(1000).await.unwrap();
    rows.iter()
        .filter(|row| keep(row))
        .map(|row| row.seq)
        .collect()
}

fn seqs(rows: &[AuditRow]) -> Vec<i64> {
    rows.iter().map(|row| row.seq).collect()
}

#[tokio::test]
async fn each_filter_narrows() {
    let world = filled().await;
    let (emr, kinds) = (
        AppName::new("emr"),
        [AuditKind::NoteAdded, AuditKind::LoginFailed],
    );
    let none = AuditQuery::default();
    let one = SubscriberId(1);
    let by_person = AuditQuery {
        subscriber: Some(one),
        ..none
    };
    let want = expected(&world, |row| row.event.subscriber == Some(one)).await;
    assert_eq!(seqs(&all(&world, by_person).await), want);
    let by_kind = AuditQuery {
        kinds: &kinds,
        ..none
    };
    let want = expected(&world, |row| kinds.contains(&row.event.kind)).await;
    assert_eq!(seqs(&all(&world, by_kind).await), want);
    let by_operator = AuditQuery {
        operator: Some("olga"),
        ..none
    };
    let want = expected(&world, |row| row.event.operator.as_deref() == Some("olga")).await;
    assert_eq!(seqs(&all(&world, by_operator).await), want);
    let by_app = AuditQuery {
        app: Some(&emr),
        ..none
    };
    let want = expected(&world, |row| row.event.app.as_ref() == Some(&emr)).await;
    assert_eq!(seqs(&all(&world, by_app).await), want);
    let session = SessionHash([3; 32]);
    let by_session = AuditQuery {
        session: Some(session),
        ..none
    };
    let want = expected(&world, |row| row.event.session == Some(session)).await;
    assert_eq!(seqs(&all(&world, by_session).await), want);
    let by_time = AuditQuery {
        from: Some(later(2)),
        until: Some(later(5)),
        ..none
    };
    let want = expected(&world, |row| row.at >= later(2) && row.at < later(5)).await;
    assert_eq!(
        (seqs(&all(&world, by_time).await).len(), want.len()),
        (12, 12)
    );
    assert_eq!(
        seqs(&all(&world, none).await),
        expected(&world, |_| true).await
    );
}

#[tokio::test]
async fn filters_together_narrow_together() {
    let world = filled().await;
    let (emr, one) = (AppName::new("emr"), SubscriberId(1));
    let kinds = [AuditKind::NoteAdded, AuditKind::LoginFailed];
    let none = AuditQuery::default();
    for app in [None, Some(&emr)] {
        for operator in [None, Some("oscar")] {
            for subscriber in [None, Some(one)] {
                let from = Some(later(1));
                let query = AuditQuery {
                    subscriber,
                    operator,
                    app,
                    kinds: &kinds,
                    from,
                    ..none
                };
                let want = expected(&world, |row| {
                    kinds.contains(&row.event.kind)
                        && row.at >= later(1)
                        && app.is_none_or(|app| row.event.app.as_ref() == Some(app))
                        && operator.is_none_or(|who| row.event.operator.as_deref() == Some(who))
                        && subscriber.is_none_or(|who| row.event.subscriber == Some(who))
                });
                assert_eq!(seqs(&all(&world, query).await), want.await);
            }
        }
    }
}

#[tokio::test]
async fn pages_follow_each_other_in_both_directions() {
    let world = filled().await;
    let kinds = [AuditKind::ChallengeFailed, AuditKind::LoginFailed];
    for oldest_first in [false, true] {
        for kinds in [&[][..], &kinds[..]] {
            let query = AuditQuery {
                kinds,
                oldest_first,
                limit: 7,
                ..AuditQuery::default()
            };
            let (mut seen, mut beyond) = (Vec::new(), None);
            loop {
                let page = world
                    .store
                    .audit_search(&AuditQuery { beyond, ..query })
                    .await;
                let page = seqs(&page.unwrap());
                seen.extend_from_slice(&page);
                beyond = page.last().copied();
                if page.len() < 7 {
                    break;
                }
            }
            let mut want = expected(&world, |row| {
                kinds.is_empty() || kinds.contains(&row.event.kind)
            })
            .await;
            if oldest_first {
                want.reverse();
            }
            assert_eq!(seen, want);
        }
    }
    let gone = AuditQuery {
        beyond: Some(9_999),
        ..AuditQuery::default()
    };
    assert!(all(&world, gone).await.is_empty());
}

#[tokio::test]
async fn one_event_is_followed_through_its_session_and_its_moment() {
    let world = World::new().await;
    let alice = world.enrolled("alice").await;
    world.signed_in(&alice, NOW).await;
    let rows = world.store.audit_tail(20).await.unwrap();
    let verified = rows
        .iter()
        .find(|row| row.event.kind == AuditKind::SessionVerified)
        .unwrap();
    let found = world.store.audit_row(verified.seq).await.unwrap();
    assert_eq!(found.as_ref(), Some(verified));
    let around = world.store.audit_around(verified).await.unwrap();
    let kinds: Vec<_> = around.iter().map(|row| row.event.kind).collect();
    assert!(kinds.contains(&AuditKind::ChallengePassed), "{kinds:?}");
    assert!(around.iter().all(|row| row.at == NOW));
    assert!(world.store.audit_row(9_999).await.unwrap().is_none());
    let names = world
        .store
        .subscriber_names(&[alice.id, SubscriberId(99)])
        .await
        .unwrap();
    assert_eq!(names, [(alice.id, "alice".to_owned())]);
}

/// The steps of a query's plan.
async fn plan(world: &World, sql: &str) -> Vec<String> {
    let mut raw = world.raw().await;
    let plan = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
    let steps = plan.fetch_all(&mut raw).await.unwrap();
    steps.iter().map(|step| step.get("detail")).collect()
}

async fn is_read_through(
    world: &World,
    query: AuditQuery<'_>,
    kind: Option<AuditKind>,
    index: &str,
) {
    for beyond in [None, Some((5, 5))] {
        for oldest_first in [false, true] {
            let query = AuditQuery {
                oldest_first,
                ..query
            };
            let sql = page_sql(&query, kind, beyond);
            let steps = plan(world, sql.sql().as_str()).await;
            assert_eq!(steps.len(), 1, "{steps:?}");
            assert!(steps[0].starts_with("SEARCH audit USING"), "{steps:?}");
            assert!(steps[0].contains(index), "{index}: {steps:?}");
        }
    }
}

#[tokio::test]
async fn every_filter_is_read_through_its_index_without_sorting() {
    let world = World::new().await;
    let (emr, kinds) = (AppName::new("emr"), [AuditKind::LoginFailed]);
    let none = AuditQuery::default();
    let (mut person, mut operator, mut app, mut session) = (none, none, none, none);
    person.subscriber = Some(SubscriberId(1));
    operator.operator = Some("olga");
    app.app = Some(&emr);
    session.session = Some(SessionHash([1; 32]));
    let mut referred = none;
    referred.reference = Some(Reference::of(1));
    let (mut by_kind, mut time) = (none, none);
    by_kind.kinds = &kinds;
    (time.from, time.until) = (Some(NOW), Some(NOW));
    for (query, kind, index) in [
        (person, None, "audit_by_subscriber"),
        (operator, None, "audit_by_operator"),
        (app, None, "audit_by_app"),
        (by_kind, Some(kinds[0]), "audit_by_kind"),
        (session, None, "audit_by_session"),
        (referred, None, "audit_by_reference"),
        (none, None, "audit_by_time"),
        (time, None, "audit_by_time"),
    ] {
        is_read_through(&world, query, kind, index).await;
    }
    // Narrowed, each is still read through the index of what names the fewest rows.
    let narrow = |query| AuditQuery {
        kinds: &kinds,
        app: Some(&emr),
        from: Some(NOW),
        ..query
    };
    let both = AuditQuery {
        operator: Some("olga"),
        ..person
    };
    for (query, kind, index) in [
        (narrow(person), None, "audit_by_subscriber"),
        (narrow(both), None, "audit_by_subscriber"),
        (narrow(operator), None, "audit_by_operator"),
        (narrow(session), None, "audit_by_session"),
        (narrow(referred), None, "audit_by_reference"),
        (narrow(none), Some(kinds[0]), "audit_by_kind"),
    ] {
        is_read_through(&world, query, kind, index).await;
    }
}

#[tokio::test]
async fn a_search_for_people_reads_names_in_their_index_alone() {
    let world = World::new().await;
    let throttles = Throttles { by_realm: &[] };
    for state in [
        None,
        Some(PersonState::NotEnrolled),
        Some(PersonState::Suspended),
    ] {
        let query = PeopleQuery {
            text: "x",
            realm: Some("ward"),
            state,
            ..Default::default()
        };
        let sql = crate::people::candidates_sql(&query, &throttles, None, 50);
        let steps = plan(&world, sql.sql().as_str()).await;
        let covering = "s USING COVERING INDEX subscriber_by_folded";
        assert!(steps[0].ends_with(covering), "{steps:?}");
        assert!(
            !steps.iter().any(|step| step.contains("B-TREE")),
            "{steps:?}"
        );
    }
    let stopped = PeopleQuery {
        state: Some(PersonState::Stopped),
        ..Default::default()
    };
    let sql = crate::people::candidates_sql(&stopped, &throttles, None, 50);
    let steps = plan(&world, sql.sql().as_str()).await;
    for index in [
        "subscriber_paused",
        "subscriber_rolling",
        "authenticator_disabled",
    ] {
        assert!(
            steps.iter().any(|step| step.contains(index)),
            "{index}: {steps:?}"
        );
    }
}

#[tokio::test]
async fn what_a_request_did_is_found_under_its_reference_and_the_chain_covers_it() {
    let world = World::new().await;
    let (mine, other) = (Reference::of(7), Reference::of(8));
    let event = |kind| AuditEvent::new(kind).app(&world.app);
    // As before references: such rows keep the bytes that they were chained by.
    let (failed, passed) = (AuditKind::LoginFailed, AuditKind::ChallengePassed);
    world
        .store
        .audit_append(&[event(failed)], later(1))
        .await
        .unwrap();
    let work = async {
        world
            .store
            .audit_append(&[event(failed), event(passed)], later(2))
            .await
    };
    reference::under(mine, work).await.unwrap();
    let work = async { world.store.audit_append(&[event(failed)], later(3)).await };
    reference::under(other, work).await.unwrap();
    world
        .store
        .audit_append(&[event(failed)], later(4))
        .await
        .unwrap();

    let query = AuditQuery {
        reference: Some(mine),
        limit: 10,
        ..AuditQuery::default()
    };
    let found = world.store.audit_search(&query).await.unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|row| (row.event.kind, row.event.reference))
        .collect();
    assert_eq!(told, [(passed, Some(mine)), (failed, Some(mine))]);
    world.audit_is_whole().await;

    let mut raw = world.raw().await;
    for sql in [
        "DROP TRIGGER audit_never_updated",
        "UPDATE audit SET reference = NULL WHERE kind = 'challenge_passed'",
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&mut raw)
            .await
            .unwrap();
    }
    let report = world.store.audit_verify(None).await.unwrap();
    let seq = found[0].seq;
    assert_eq!(
        report.first_problem,
        Some(AuditProblem::Altered { seq }),
        "one was taken out"
    );
}
