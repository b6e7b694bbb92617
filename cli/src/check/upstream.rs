//! One app: are its servers there, and does the login profile fit what they say?
//!
//! Asks the first server that answers; the others are only knocked at.

use anteroom_config::inspect::{Finding, Level};
use anteroom_config::settings::{AppSettings, Settings};
use anteroom_gateway::{App, health};

use super::ask::{Asked, obstacle};
use super::{Group, finding, hinted, login_page, unasked};

/// Looks at one app. `pages` are further pages that must not be readable without a login.
pub async fn look(settings: &Settings, app: &AppSettings, pages: &[String]) -> Group {
    let title = format!("App {} ({})", app.name, app.hosts.join(", "));
    let findings = match App::new(app.clone()) {
        Ok(app) => look_at(settings, &app, pages).await,
        Err(problem) => vec![finding(Level::Fail, "upstream TLS", problem.to_string())],
    };
    Group { title, findings }
}

async fn look_at(settings: &Settings, app: &App, pages: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut alive = None;
    for (index, server) in app.servers().iter().enumerate() {
        let upstream = &server.upstream;
        let subject = format!("upstream {}:{}", upstream.host, upstream.port);
        let checked = health::check(app, server).await;
        if checked.is_ok() && alive.is_none() {
            alive = Some(index);
        }
        findings.push(standing(app, index, subject, checked).await);
    }
    let Some(server) = alive else {
        findings.push(hinted(
            Level::Warn,
            "login profile",
            "not compared with the app, because no server answers",
            "start the app and check again",
        ));
        return findings;
    };
    let asked = Asked::new(settings, app, server);
    findings.extend(login_page::look(&asked).await);
    findings.extend(unasked::look(&asked, pages).await);
    findings
}

async fn standing(
    app: &App,
    server: usize,
    subject: String,
    checked: Result<Option<u16>, health::Unhealthy>,
) -> Finding {
    let problem = match checked {
        Ok(Some(status)) => {
            return finding(Level::Ok, subject, format!("answers with status {status}"));
        }
        Ok(None) => return finding(Level::Ok, subject, "takes connections"),
        Err(problem) => problem,
    };
    let health::Unhealthy::Connect(kind) = problem else {
        let hint = "is the name right, and does the app answer its health check by hand?";
        return hinted(Level::Fail, subject, problem.to_string(), hint);
    };
    let why = obstacle(app, server).await.unwrap_or(kind);
    let hint = if app.settings.upstream_tls.is_some() {
        "is it TLS that is spoken there, for this name, signed by a trusted authority? See \
         [app.upstream_tls]"
    } else {
        "is the app running, and may this machine reach it?"
    };
    hinted(Level::Fail, subject, format!("no connection: {why}"), hint)
}
