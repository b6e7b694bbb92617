//! New staff: a list of names becomes enrolment codes on letters, after a look at what each line
//! would do.
//!
//! Nobody who has a phone connected is touched, and nothing is issued before the preview. Lines are
//! read by the `csv` crate: the first column is the name.

use anteroom_core::fold::{fold, spelling_key};
use anteroom_store::{EnrolmentCodeIssue, NameKey};

use super::people::app_choices;
use super::show::not_fresh;
use crate::Admin;
use crate::acts::new_enrolment_code;
use crate::pages::Problem;
use crate::pages::staff::{Letter, Letters, Line, Preview, Staff};
use crate::say::when;
use crate::web::failure::Failure;
use crate::web::proof::Helps;
use crate::web::table::Routes;
use crate::web::visit::{Answer, Visit};
use anteroom_config::settings::AppSettings;

/// The most lines of one list.
const MOST: u32 = 500;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get::<Helps, _, _>("/staff", ask)
        .post::<Helps, _, _>("/staff/preview", preview)
        .post::<Helps, _, _>("/staff/issue", issue)
}

async fn ask(visit: Visit<Helps>) -> Answer {
    let page = empty(&visit.admin, String::new(), String::new(), None);
    visit.show(|chrome| page.render(chrome)).await
}

fn empty(admin: &Admin, place: String, list: String, problem: Option<Problem>) -> Staff {
    Staff {
        places: app_choices(admin),
        place,
        list,
        most: MOST,
        problem,
    }
}

/// What was sent: a typed list, or a file.
fn sent(visit: &Visit<Helps>) -> (String, String) {
    let (typed, file) = (visit.form.text("list"), visit.form.text("file"));
    let list = if typed.is_empty() { file } else { typed };
    (
        visit.form.text("place").to_owned(),
        // Forms end lines in CR LF, and the page that keeps the list between its two steps shows no
        // CR: left alone, every name would have a strange letter at its end the second time.
        list.trim_start_matches('\u{feff}')
            .replace("\r\n", "\n")
            .replace('\r', "\n"),
    )
}

/// One line as read, and what it would do.
struct Read {
    line: Line,
    name: String,
}

async fn read(visit: &Visit<Helps>, app: &AppSettings, list: &str) -> Result<Vec<Read>, Failure> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(list.as_bytes());
    let (mut lines, mut seen) = (Vec::new(), Vec::new());
    for (nth, record) in reader.records().enumerate() {
        // One too many is enough to refuse the list: nobody is looked up for the rest of it.
        if lines.len() > MOST as usize {
            break;
        }
        let position = match &record {
            Ok(record) => record.position(),
            Err(problem) => problem.position(),
        };
        let at = line_at(list, position.map_or(0, csv::Position::byte));
        let name = record
            .ok()
            .and_then(|record| record.get(0).map(|name| name.trim().to_owned()));
        let name = name.unwrap_or_default();
        let is_heading =
            nth == 0 && ["name", "user", "username"].contains(&name.to_lowercase().as_str());
        if is_heading {
            continue;
        }
        let (good, result) = judge(visit, app, &name, &mut seen).await?;
        lines.push(Read {
            line: Line {
                line: at,
                name: name.clone(),
                good,
                result: result.to_owned(),
            },
            name,
        });
    }
    Ok(lines)
}

/// The line of what begins at this byte, as an editor counts it: empty lines count, and a quoted
/// field may have several. The reader's own count is one behind after CRLF and empty lines.
fn line_at(list: &str, byte: u64) -> u32 {
    let start = usize::try_from(byte).unwrap_or(usize::MAX).min(list.len());
    let (before, from) = list.as_bytes().split_at(start);
    let empty = from.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let ends = before.iter().chain(empty).filter(|byte| **byte == b'\n');
    u32::try_from(ends.count())
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}

async fn judge(
    visit: &Visit<Helps>,
    app: &AppSettings,
    name: &str,
    seen: &mut Vec<anteroom_core::fold::Folded>,
) -> Result<(bool, &'static str), Failure> {
    let Ok(folded) = fold(name) else {
        return Ok((false, "no name that anybody could have"));
    };
    if seen.contains(&folded) {
        return Ok((false, "stands in the list twice"));
    }
    let key = spelling_key(name, &app.profile.spelling);
    let wanted = NameKey {
        realm: &app.realm,
        tenant: "",
        folded: &folded,
        spelling_key: &key,
    };
    let found = visit.admin.store.subscriber_find(&wanted).await?;
    seen.push(folded);
    Ok(match found {
        None => (true, "new"),
        Some(one) if one.suspended => (false, "suspended: left alone"),
        Some(one) if one.totp_active + one.totp_disabled + one.recovery_left > 0 => {
            (false, "has a phone connected already: left alone")
        }
        Some(one) if !one.linked => (false, "looks like somebody known, in another spelling"),
        Some(_) => (true, "invited before: the older code stops working"),
    })
}

fn app_of<'a>(visit: &'a Visit<Helps>, place: &str) -> Option<&'a AppSettings> {
    visit
        .admin
        .settings
        .apps
        .iter()
        .find(|app| app.name.as_str() == place)
}

/// The app and the lines, or the form again.
async fn checked(
    visit: &Visit<Helps>,
) -> Result<Result<(AppSettings, String, Vec<Read>), axum::response::Response>, Failure> {
    let (place, list) = sent(visit);
    let problem = match app_of(visit, &place) {
        None => Problem::new("place", "Choose where these people belong.", ""),
        Some(app) => {
            let lines = read(visit, app, &list).await?;
            let many = u32::try_from(lines.len()).unwrap_or(u32::MAX);
            match many {
                0 => Problem::new("list", "There is no name in the list.", "One name a line."),
                many if many > MOST => {
                    let what = format!("The list has more than {MOST} lines, which is the most.");
                    Problem::new("list", what, "Split it.")
                }
                _ => return Ok(Ok((app.clone(), list, lines))),
            }
        }
    };
    let page = empty(&visit.admin, place, list, Some(problem));
    Ok(Err(visit.show_again(|chrome| page.render(chrome)).await?))
}

fn previewed(
    visit: &Visit<Helps>,
    app: &AppSettings,
    list: String,
    lines: &[Read],
    problem: Option<Problem>,
) -> Preview {
    let good = lines.iter().filter(|one| one.line.good).count();
    Preview {
        place: app.name.as_str().to_owned(),
        place_label: app.display_name.clone(),
        list,
        lines: lines.iter().map(|one| one.line.clone()).collect(),
        good: u32::try_from(good).unwrap_or(u32::MAX),
        checks: visit.admin.mine.identity_checks.clone(),
        reason: visit.form.text("reason").chars().take(400).collect(),
        check: visit.form.text("check").to_owned(),
        fresh_needed: visit.needs_code(),
        problem,
    }
}

async fn preview(visit: Visit<Helps>) -> Answer {
    let (app, list, lines) = match checked(&visit).await? {
        Ok(checked) => checked,
        Err(page) => return Ok(page),
    };
    let page = previewed(&visit, &app, list, &lines, None);
    visit.show(|chrome| page.render(chrome)).await
}

async fn issue(visit: Visit<Helps>) -> Answer {
    let (app, list, lines) = match checked(&visit).await? {
        Ok(checked) => checked,
        Err(page) => return Ok(page),
    };
    let (reason, check) = (visit.form.text("reason"), visit.form.text("check"));
    let problem = if reason.is_empty() || reason.chars().count() > 150 {
        Some(Problem::new(
            "reason",
            "Say why, in 1 to 150 characters.",
            "An auditor will read it.",
        ))
    } else if !visit
        .admin
        .mine
        .identity_checks
        .iter()
        .any(|one| one == check)
    {
        Some(Problem::new(
            "check",
            "Say how you know that the list is right.",
            "",
        ))
    } else {
        visit.fresh().await?.err().map(not_fresh)
    };
    if let Some(problem) = problem {
        let page = previewed(&visit, &app, list, &lines, Some(problem));
        return visit.show_again(|chrome| page.render(chrome)).await;
    }
    let mut letters = Vec::new();
    for one in lines.iter().filter(|one| one.line.good) {
        letters.push(letter(&visit, &app, &one.name, (reason, check)).await?);
    }
    let left_out = lines.into_iter().filter(|one| !one.line.good);
    let page = Letters {
        letters,
        left_out: left_out.map(|one| one.line).collect(),
        back: "/staff".to_owned(),
    };
    visit.show(|chrome| page.render(chrome)).await
}

async fn letter(
    visit: &Visit<Helps>,
    app: &AppSettings,
    name: &str,
    (reason, check): (&str, &str),
) -> Result<Letter, Failure> {
    let folded = fold(name).map_err(|_| Failure::NotFound)?;
    let (code, expires_at) = new_enrolment_code(&visit.admin, visit.now);
    let issue = EnrolmentCodeIssue {
        realm: &app.realm,
        tenant: "",
        display: name,
        folded: &folded,
        spelling_key: &spelling_key(name, &app.profile.spelling),
        code: &code,
        expires_at,
        paper: visit.paper(reason, check),
    };
    visit.admin.store.enrolment_code_issue(issue).await?;
    let contact = &app.contact;
    let ways = [&contact.phone, &contact.text_line, &contact.email];
    let ways: Vec<&str> = ways.into_iter().flatten().map(String::as_str).collect();
    Ok(Letter {
        name: name.to_owned(),
        app: app.display_name.clone(),
        address: app
            .hosts
            .first()
            .map(|host| format!("https://{host}"))
            .unwrap_or_default(),
        code: code.shown(),
        expires: when(expires_at, visit.now),
        contact: ways.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let list = "a\r\n\r\nb,\"two\nlines\"\nc";
        let at = |text: &str| line_at(list, list.find(text).unwrap() as u64);
        assert_eq!([at("a"), at("b,"), at("c")], [1, 3, 5]);
        // The reader gives the place before the empty lines.
        assert_eq!(line_at(list, 2), 3);
        assert_eq!(line_at(list, 999), 5);
    }
}
