//! The whole of `decide`, written out: `snapshots/decision_table__every_request.snap` is reviewed
//! like code, line by line against DESIGN section 3 and `DESIGN-CASES` 1, 2, 4, 10, 12 and 14.
//!
//! The table says what is decided; the tests after it say what must never be, over the same walk
//! with every option of an app switched on and off.

mod table;
mod walk;

use std::fmt::Write;
use std::time::Duration;

use anteroom_core::decide::{Carry, Cause, Decision, Refusal, Show, decide};
use anteroom_core::facts::{Method, RequestFacts, Site, Use};
use anteroom_core::policy::Enforcement;
use anteroom_core::route::RouteClass;
use anteroom_core::session::Session;

use walk::{App, Asked, BASE, LEGEND, NOW, Worth, cases, changes, policy, shown, visitors, walk};

/// One option after the other: in words, the app before and after.
fn options() -> [(&'static str, App, App); 7] {
    let form = App {
        form_in_place: true,
        ..BASE
    };
    let sockets = App {
        websockets: true,
        ..BASE
    };
    let stale = App {
        stale: true,
        ..BASE
    };
    let stale_sockets = App {
        stale: true,
        ..sockets
    };
    let polled = App {
        polled: true,
        ..BASE
    };
    let on_login_page = App {
        on_login_page: true,
        ..BASE
    };
    let no_method = App {
        no_method: true,
        ..BASE
    };
    [
        ("the form stands in place of the page", BASE, form),
        ("the app speaks WebSocket", BASE, sockets),
        ("the path wants a fresher factor", BASE, stale),
        (
            "... of an app that speaks WebSocket",
            sockets,
            stale_sockets,
        ),
        ("the path is a poll", BASE, polled),
        ("the path is where strangers are sent", BASE, on_login_page),
        ("the app has no method but GET, HEAD, POST", BASE, no_method),
    ]
}

#[test]
fn every_request_is_decided_as_reviewed() {
    let base = cases(&BASE.profile(), Enforcement::Required);
    let table = shown(&base);
    let mut out = format!("{LEGEND}\n== required, no option of the app switched on\n\n{table}");
    for (what, before, after) in options() {
        let before = cases(&before.profile(), Enforcement::Required);
        let table = changes(&before, &cases(&after.profile(), Enforcement::Required));
        let _ = write!(out, "\n== what changes when {what}\n\n{table}");
    }
    for (what, enforcement) in [
        ("optional", Enforcement::Optional),
        ("by a date that lies ahead", ahead()),
        ("by a date that has come", Enforcement::By(NOW)),
        ("report", Enforcement::Report),
    ] {
        let table = changes(&base, &cases(&BASE.profile(), enforcement));
        let _ = write!(out, "\n== what changes when it is {what}\n\n{table}");
    }
    insta::assert_snapshot!("every_request", out);
}

fn ahead() -> Enforcement {
    Enforcement::By(NOW.plus(Duration::from_millis(1)))
}

/// Asks about every request of every app, where something is enforced.
fn enforced(mut look: impl FnMut(App, Asked<'_>)) {
    for app in App::all() {
        walk(&app.profile(), Enforcement::Required, |asked| {
            look(app, asked)
        });
    }
}

/// What goes upstream, and with what.
const fn carried(decision: Decision) -> Option<Carry> {
    match decision {
        Decision::Forward(carry) | Decision::Watch(carry, _) => Some(carry),
        _ => None,
    }
}

const fn is_login(class: RouteClass) -> bool {
    matches!(class, RouteClass::Login(_) | RouteClass::MaybeLogin)
}

/// By another site, and not a link that was followed.
fn embedded(asked: &Asked<'_>) -> bool {
    let followed = asked.facts.usage == Use::Document && asked.facts.method.is_safe();
    asked.facts.site == Site::Foreign && !followed
}

#[test]
fn only_a_verified_session_is_forwarded_with_its_cookies() {
    enforced(|_, asked| match carried(asked.decision) {
        Some(Carry::Whole { .. }) => assert_eq!(asked.visitor.worth, Worth::Verified, "{asked:?}"),
        Some(Carry::Untouched) => panic!("untouched outside report: {asked:?}"),
        _ => {}
    });
}

#[test]
fn before_the_second_factor_only_what_is_listed_goes_upstream() {
    enforced(|app, asked| {
        if asked.visitor.worth == Worth::Verified {
            return;
        }
        let safe = asked.facts.method.is_safe();
        let allowed = match asked.decision {
            Decision::Forward(carry) => {
                carry == Carry::Bare && asked.class == RouteClass::Asset && safe
            }
            Decision::Watch(_, Show::Anything) => {
                matches!(asked.class, RouteClass::Page | RouteClass::LoginPage) && safe
            }
            Decision::Watch(_, Show::LoginPageOrChallenge) => {
                asked.class == RouteClass::LoginPage && safe
            }
            Decision::Watch(_, Show::LoginPage) => {
                let top_level = asked.facts.usage == Use::Document;
                let get = asked.facts.method == Method::Get;
                app.form_in_place && asked.class == RouteClass::Protected && top_level && get
            }
            Decision::Intercept(_) => asked.class == RouteClass::Login(0),
            _ => true,
        };
        assert!(allowed, "{asked:?}");
    });
}

#[test]
fn a_tainted_session_carries_its_cookies_only_to_a_login_page_that_can_be_recognised() {
    enforced(|_, asked| {
        if carried(asked.decision) == Some(Carry::Tainted) {
            assert_eq!(asked.visitor.worth, Worth::Tainted, "{asked:?}");
            assert_eq!(asked.class, RouteClass::LoginPage, "{asked:?}");
            assert_eq!(asked.facts.method, Method::Get, "{asked:?}");
            let held = Decision::Watch(Carry::Tainted, Show::LoginPageOrChallenge);
            assert_eq!(asked.decision, held, "{asked:?}");
        }
    });
}

#[test]
fn only_a_session_on_which_no_credential_travelled_carries_anonymous_cookies() {
    enforced(|_, asked| {
        let anonymous = carried(asked.decision) == Some(Carry::Anonymous);
        assert!(
            !anonymous || asked.visitor.worth == Worth::Clean,
            "{asked:?}"
        );
        let waiting = asked.visitor.worth == Worth::Waiting;
        let bare = [None, Some(Carry::Bare)].contains(&carried(asked.decision));
        assert!(!waiting || bare, "{asked:?}");
    });
}

#[test]
fn logins_and_our_forms_are_taken_from_the_apps_own_pages_only() {
    enforced(|_, asked| {
        let ours = asked.class == RouteClass::Portal && !asked.facts.method.is_safe();
        if (is_login(asked.class) || ours) && asked.facts.site != Site::SameOrigin {
            let refused = matches!(asked.decision, Decision::Refuse(_));
            assert!(refused, "{asked:?}");
        }
        if matches!(asked.decision, Decision::Intercept(_) | Decision::ReadForm) {
            assert_eq!(asked.facts.site, Site::SameOrigin, "{asked:?}");
            assert!(is_login(asked.class), "{asked:?}");
        }
    });
}

#[test]
fn every_login_from_the_apps_own_page_is_intercepted_whatever_the_session() {
    enforced(|app, asked| {
        let own = asked.facts.site == Site::SameOrigin && asked.facts.usage != Use::WebSocket;
        let listed = !app.no_method || asked.facts.method != Method::Other;
        if own && listed && is_login(asked.class) {
            let wanted = match asked.class {
                RouteClass::Login(rule) => Decision::Intercept(rule),
                _ => Decision::ReadForm,
            };
            assert_eq!(asked.decision, wanted, "{asked:?}");
        }
    });
}

#[test]
fn report_touches_nothing_but_our_own_pages() {
    for app in App::all() {
        walk(&app.profile(), Enforcement::Report, |asked| {
            let untouched = asked.decision == Decision::Forward(Carry::Untouched);
            assert_eq!(untouched, asked.class != RouteClass::Portal, "{asked:?}");
        });
    }
}

#[test]
fn every_mode_that_enforces_decides_alike() {
    for app in App::all() {
        let decisions = |enforcement| {
            let mut all = Vec::new();
            walk(&app.profile(), enforcement, |asked| {
                all.push(asked.decision)
            });
            all
        };
        let required = decisions(Enforcement::Required);
        for other in [Enforcement::Optional, ahead(), Enforcement::By(NOW)] {
            assert!(required == decisions(other), "{app:?} {other:?}");
        }
    }
}

#[test]
fn our_own_pages_are_never_asked_of_the_app() {
    for app in App::all() {
        for enforcement in [Enforcement::Required, Enforcement::Report] {
            walk(&app.profile(), enforcement, |asked| {
                if asked.class == RouteClass::Portal {
                    let ours = matches!(asked.decision, Decision::Serve | Decision::Refuse(_));
                    assert!(ours, "{asked:?}");
                }
            });
        }
    }
}

#[test]
fn a_refused_path_is_refused_to_everybody() {
    enforced(|_, asked| {
        if let RouteClass::Refused(why) = asked.class {
            assert_eq!(
                asked.decision,
                Decision::Refuse(Refusal::Route(why)),
                "{asked:?}"
            );
        }
    });
}

#[test]
fn a_socket_is_opened_by_the_apps_own_page_in_a_good_session_or_not_at_all() {
    enforced(|app, asked| {
        if asked.facts.usage != Use::WebSocket {
            return;
        }
        match asked.decision {
            Decision::Refuse(_) => {}
            Decision::Forward(Carry::Whole {
                activity: false, ..
            }) => {
                assert!(app.websockets && !app.stale, "{app:?} {asked:?}");
                assert_eq!(asked.facts.site, Site::SameOrigin, "{asked:?}");
                assert_eq!(asked.facts.method, Method::Get, "{asked:?}");
                assert!(!is_login(asked.class), "{asked:?}");
            }
            _ => panic!("{asked:?}"),
        }
    });
}

#[test]
fn what_another_site_embeds_changes_no_session_and_keeps_none_awake() {
    enforced(|_, asked| {
        if embedded(&asked) {
            let harmless = match asked.decision {
                Decision::Forward(Carry::Whole { logout, activity }) => {
                    logout.is_none() && !activity
                }
                Decision::Forward(carry) | Decision::Watch(carry, _) => carry == Carry::Bare,
                Decision::Serve => asked.facts.method.is_safe(),
                Decision::Intercept(_) | Decision::ReadForm | Decision::EndSession => false,
                Decision::SendToLogin | Decision::Challenge(_) | Decision::Refuse(_) => true,
            };
            assert!(harmless, "{asked:?}");
        }
    });
}

#[test]
fn only_a_page_load_of_a_logout_that_no_other_site_caused_ends_a_session() {
    enforced(|app, asked| {
        if asked.decision == Decision::EndSession {
            assert_eq!(asked.class, RouteClass::Logout(0), "{asked:?}");
            assert_eq!(asked.facts.usage, Use::Document, "{asked:?}");
            assert!(
                asked.facts.site != Site::Foreign && !app.on_login_page,
                "{asked:?}"
            );
            assert!(asked.visitor.worth != Worth::Verified, "{asked:?}");
        }
    });
}

#[test]
fn an_old_factor_opens_nothing_that_wants_a_fresher_one() {
    enforced(|app, asked| {
        let old = asked.visitor.worth == Worth::Verified && app.stale;
        assert!(
            !old || carried(asked.decision).is_none(),
            "{app:?} {asked:?}"
        );
    });
}

#[test]
fn another_spelling_of_a_path_is_no_way_round_its_fresher_factor() {
    let profile = App {
        stale: true,
        ..BASE
    }
    .profile();
    let active = visitors()
        .into_iter()
        .find(|visitor| visitor.worth == Worth::Verified);
    let session = active.map_or(Session::Absent, |visitor| visitor.session);
    for path in [
        "/ward/list",
        "/Ward/LIST",
        "/ward/list/",
        "/ward/list.",
        "/ward/list/x.css",
    ] {
        let facts = RequestFacts {
            method: Method::Get,
            path,
            query: "",
            usage: Use::Document,
            site: Site::SameOrigin,
        };
        let policy = policy(Enforcement::Required);
        let decided = decide(
            &facts,
            RouteClass::Protected,
            &session,
            &profile,
            &policy,
            NOW,
        );
        assert_eq!(decided, Decision::Challenge(Cause::Stale), "{path}");
    }
}

#[test]
fn a_body_sent_to_an_open_path_is_like_one_sent_anywhere() {
    for app in App::all() {
        let mut anywhere = Vec::new();
        walk(&app.profile(), Enforcement::Required, |asked| {
            if asked.class == RouteClass::Protected && !asked.facts.method.is_safe() {
                anywhere.push((asked.at, asked.decision));
            }
        });
        let open = [RouteClass::Page, RouteClass::LoginPage, RouteClass::Asset];
        let mut seen = 0;
        walk(&app.profile(), Enforcement::Required, |asked| {
            if open.contains(&asked.class) && !asked.facts.method.is_safe() {
                let (at, wanted) = anywhere[seen % anywhere.len()];
                assert_eq!(
                    (&at[1..], wanted),
                    (&asked.at[1..], asked.decision),
                    "{asked:?}"
                );
                seen += 1;
            }
        });
        assert_eq!(seen, 3 * anywhere.len());
    }
}
