//! The front page: is everything all right? Numbers are the store's; what they mean is said here.
//!
//! An alarm names what is wrong, since when, and where to look. Nothing is judged twice: the page
//! only counts the alarms.

use anteroom_config::certificates;
use anteroom_core::audit::AuditKind;
use anteroom_core::moment::{self, days_between};
use anteroom_core::time::Timestamp;
use anteroom_store::{Channel, Day, Happening, Overview, Throttles};

use super::people::policies;
use crate::Admin;
use crate::pages::chart::{self, Chart};
use crate::pages::front::{Alarm, Count, Facts, Front, PeopleCounts, RecoveryUse, Severity, Today};
use crate::pages::{When, words};
use crate::say::{self, when};
use crate::web::failure::Failure;
use crate::web::proof::Reads;
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};

/// So many phones with a wrong clock within a day mean that the clock here is wrong.
const MANY_CLOCKS: u64 = 5;
/// So many answers that were neither success nor failure mean that the app has changed.
const MANY_UNKNOWN: u64 = 5;
/// Days before a certificate ends in which the page says so.
const CERTIFICATE_DAYS: i64 = 21;

pub(super) fn routes() -> Routes {
    Routes::new().get::<Reads, _, _>("/", look)
}

async fn look(visit: Visit<Reads>) -> Answer {
    let (admin, now) = (&visit.admin, visit.now);
    let by_realm = policies(admin);
    let throttles = Throttles {
        by_realm: &by_realm,
    };
    let midnight = moment::midnight(now);
    let overview = admin.store.overview(&throttles, midnight, now).await?;
    let page = Front {
        alarms: alarms(admin, &overview, untold(admin, now).await?, now),
        people: PeopleCounts {
            enrolled: overview.enrolled,
            not_enrolled: overview.not_enrolled,
            locked: overview.locked_now,
            suspended: overview.suspended,
        },
        today: today(&overview),
        recovery_used: recovery_used(&visit, &overview).await?,
        sign_ins: chart("signins", "Sign-ins per day", &overview.days, |day| {
            day.verified
        }),
        wrong_codes: chart("wrongcodes", "Wrong codes per day", &overview.days, |day| {
            day.failed
        }),
        facts: facts(admin, now),
    };
    visit.show(|chrome| page.render(chrome)).await
}

fn today(overview: &Overview) -> Today {
    let of = |kind| overview.today.of(kind);
    let reasons = [
        ("wrong codes", AuditKind::ChallengeFailed),
        ("wrong passwords", AuditKind::LoginFailed),
        ("codes used before", AuditKind::CodeReused),
        ("wrong enrolment codes", AuditKind::EnrolmentCodeFailed),
        ("answers not recognised", AuditKind::LoginUnknown),
        ("spellings held", AuditKind::SpellingHeld),
    ];
    let counted = reasons.into_iter().map(|(label, kind)| Count {
        label: label.to_owned(),
        count: of(kind),
    });
    let mut failures: Vec<Count> = counted.filter(|one| one.count > 0).collect();
    failures.sort_by_key(|one| std::cmp::Reverse(one.count));
    Today {
        sign_ins: of(AuditKind::SessionVerified),
        passed: of(AuditKind::ChallengePassed),
        failed: of(AuditKind::ChallengeFailed),
        failures,
    }
}

fn alarm(severity: Severity, text: String, since: When, href: &str) -> Alarm {
    Alarm {
        severity,
        text,
        since,
        href: href.to_owned(),
    }
}

/// Channels by which nobody is told anything just now.
async fn untold(admin: &Admin, now: Timestamp) -> Result<Vec<Alarm>, Failure> {
    let settings = &admin.settings;
    let channels = [
        (Channel::Mail, "Mail has", settings.mail.is_some()),
        (
            Channel::Webhook,
            "The webhook has",
            settings.notices.webhook.is_some(),
        ),
    ];
    let mut alarms = Vec::new();
    for (channel, subject, _) in channels.into_iter().filter(|(_, _, wanted)| *wanted) {
        let state = admin.store.outbox_state(channel, now).await?;
        let Some(since) = state
            .failing_since
            .or(state.oldest)
            .filter(|_| state.alarm(now))
        else {
            continue;
        };
        let waiting = words::counted(state.waiting, "message waits", "messages wait");
        let text = format!(
            "{subject} not gone out since {}: {}. {}. Sign-ins go on; codes by e-mail do not.",
            moment::in_utc(since),
            state
                .problem
                .as_deref()
                .unwrap_or("nothing sends it; does `anteroom serve` run"),
            words::capital(&waiting),
        );
        alarms.push(alarm(Severity::Now, text, when(since, now), ""));
    }
    Ok(alarms)
}

fn alarms(
    admin: &Admin,
    overview: &Overview,
    mut alarms: Vec<Alarm>,
    now: Timestamp,
) -> Vec<Alarm> {
    alarms.extend(overview.maybe_stolen.iter().map(|one| {
        let who = one.name.as_deref().unwrap_or("Somebody");
        let text = format!(
            "{who}: many wrong codes after the right password. The password may be stolen."
        );
        let href = one
            .subscriber
            .map(|id| format!("/people/{id}"))
            .unwrap_or_default();
        alarm(Severity::Now, text, when(one.at, now), &href)
    }));
    if overview.emergencies_open > 0 {
        let text = "Emergency access is open: a password alone is enough.".to_owned();
        alarms.push(alarm(Severity::Now, text, When::default(), "/emergency"));
    }
    if overview.clock_off_people >= MANY_CLOCKS {
        let text = format!(
            "{} people's phones seem to have a wrong clock today: the clock of this server may be \
             wrong.",
            overview.clock_off_people
        );
        alarms.push(alarm(
            Severity::Now,
            text,
            When::default(),
            "/audit?kind=challenge_failed",
        ));
    }
    alarms.extend(not_recognised(admin, overview));
    alarms.extend(certificates_ending(admin, now));
    if overview.approvals_open > 0 {
        let text = match overview.approvals_open {
            1 => "One act waits for a second operator.".to_owned(),
            many => format!("{many} acts wait for a second operator."),
        };
        alarms.push(alarm(Severity::Soon, text, When::default(), "/approvals"));
    }
    alarms.extend(held_spellings(overview, now));
    alarms.sort_by_key(|one| one.severity);
    alarms
}

/// Apps whose answers to logins are mostly neither success nor failure. What is not recognised is
/// held all the same, so it stands among the held ones too.
fn not_recognised(admin: &Admin, overview: &Overview) -> Vec<Alarm> {
    let odd = admin.settings.apps.iter().filter(|app| {
        let at = |kind| overview.today.at(kind, app.name.as_str());
        let unknown = at(AuditKind::LoginUnknown);
        let recognised = at(AuditKind::LoginWithheld).saturating_sub(unknown);
        unknown >= MANY_UNKNOWN && unknown > recognised
    });
    odd.map(|app| {
        let text = format!(
            "Logins at {} are not recognised any more: the app may have changed.",
            app.display_name
        );
        let href = format!("/audit?kind=login_unknown&app={}", app.name);
        alarm(Severity::Now, text, When::default(), &href)
    })
    .collect()
}

fn held_spellings(overview: &Overview, now: Timestamp) -> Option<Alarm> {
    let newest: &Happening = overview.spelling_held.first()?;
    let text = match overview.spelling_held.len() {
        1 => "A sign-in under another spelling was stopped this week.".to_owned(),
        many => format!("{many} sign-ins under another spelling were stopped this week."),
    };
    Some(alarm(
        Severity::Note,
        text,
        when(newest.at, now),
        "/audit?kind=spelling_held",
    ))
}

/// The first certificate to end, and when.
fn first_to_end(admin: &Admin) -> Option<(String, Timestamp)> {
    let files = admin
        .settings
        .certificates
        .iter()
        .chain(admin.mine.tls.as_ref());
    let read = files.filter_map(|files| {
        let found = certificates::read(files).ok()?;
        Some((files.certificate.display().to_string(), found.not_after))
    });
    read.min_by_key(|(_, end)| *end)
}

fn certificates_ending(admin: &Admin, now: Timestamp) -> Option<Alarm> {
    let (file, end) = first_to_end(admin)?;
    let days = days_between(now, end);
    if days > CERTIFICATE_DAYS {
        return None;
    }
    let text = match days {
        ..0 => format!("The certificate {file} has ended: browsers refuse to connect."),
        0 => format!("The certificate {file} ends today."),
        days => format!("The certificate {file} ends in {days} days."),
    };
    let severity = if days <= 7 {
        Severity::Now
    } else {
        Severity::Soon
    };
    Some(alarm(severity, text, When::default(), ""))
}

async fn recovery_used(
    visit: &Visit<Reads>,
    overview: &Overview,
) -> Result<Vec<RecoveryUse>, Failure> {
    let mut rows = Vec::new();
    for one in overview.recovery_used.iter().take(5) {
        let Some(id) = one.subscriber else { continue };
        let Some(found) = visit.admin.store.person(id).await? else {
            continue;
        };
        rows.push(RecoveryUse {
            name: found.listing.display_name,
            href: format!("/people/{id}"),
            at: when(one.at, visit.now),
            left: found.recovery.left,
        });
    }
    Ok(rows)
}

fn chart(id: &'static str, title: &str, days: &[Day], count: impl Fn(&Day) -> u64) -> Chart {
    let total: u64 = days.iter().map(&count).sum();
    let bar = |day: &Day| chart::Day {
        label: format!(
            "{} {}",
            moment::weekday(day.from),
            moment::day_in_words(day.from)
        ),
        short: moment::day(day.from)
            .split('-')
            .next_back()
            .unwrap_or_default()
            .to_owned(),
        count: count(day),
    };
    Chart {
        id,
        title: title.to_owned(),
        summary: format!(
            "{} in {} days.",
            words::capital(&words::number(total)),
            days.len()
        ),
        days: days.iter().map(bar).collect(),
    }
}

fn facts(admin: &Admin, now: Timestamp) -> Facts {
    let path = &admin.settings.store.path;
    let size = std::fs::metadata(path).map_or_else(
        |_| "size unknown".to_owned(),
        |file| in_megabytes(file.len()),
    );
    Facts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        store: format!("SQLite, {}, {size}", path.display()),
        time_source: time_source().to_owned(),
        certificate: first_to_end(admin)
            .map(|(_, end)| format!("the first one ends {}", say::when(end, now).text))
            .unwrap_or_default(),
    }
}

fn in_megabytes(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{} KiB", bytes.div_ceil(1024)),
        megabytes => format!("{megabytes} MiB"),
    }
}

/// What keeps the clock right, as far as the system says.
fn time_source() -> &'static str {
    let there = |path: &str| std::path::Path::new(path).exists();
    if there("/run/systemd/timesync/synchronized") {
        "systemd-timesyncd, in step"
    } else if there("/run/chrony/chronyd.pid") || there("/run/chronyd.pid") {
        "chrony"
    } else if there("/run/ntpd.pid") || there("/var/run/ntpd.pid") {
        "ntpd"
    } else {
        "no time service was found on this machine; codes need a right clock"
    }
}
