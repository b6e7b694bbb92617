//! `anteroom serve`: start, say so, follow signals, stop.
//!
//! Composes nothing itself (`compose`) and touches no request. What is printed for people goes to
//! standard output, unless the log is JSON: then it is log lines, so that a shipper reads every
//! line alike.

use std::path::Path;

use anteroom_config::ambient::Ambient;
use anteroom_config::inspect::{self, Finding, Level};
use anteroom_config::settings::{LogFormat, Settings};
use anteroom_core::audit::{AuditEvent, AuditKind};
use anteroom_gateway::Running;
use data_encoding::HEXLOWER;
use ring::digest;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;
use crate::{admin_serve, compose, dead_passkeys, harden, listening, logging, say};

/// Serves until told to stop.
///
/// # Errors
/// When the configuration is wrong, or something that it names cannot be used.
pub async fn run(config: &Path, ambient: &Ambient) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let settings = anteroom_config::load(config, ambient)?;
    logging::start(settings.log)
        .map_err(|problem| Failure::failed(format!("the log cannot be started: {problem}")))?;
    logging::keep_panics_short();
    if let Err(problem) = harden::keep_memory_private() {
        tracing::warn!(%problem, "core dumps could not be switched off");
    }
    let speaker = Speaker::new(&settings);
    inspect_all(&settings, config, ambient, &speaker)?;
    listening::refuse_taken(&settings)?;
    let fingerprint = fingerprint(config)?;
    let composed = compose::open(settings.clone(), ambient).await?;
    let store = composed.store.clone();
    for finding in dead_passkeys::look(&settings, &store.passkey_rp_ids().await?) {
        speaker.warn(&finding)?;
    }
    let sender = composed.start_sender()?;
    let running = composed.start().await?;
    let admin = compose::start_admin_beside(&settings, ambient).await?;
    let loaded = AuditEvent::new(AuditKind::ConfigLoaded).reason(&fingerprint);
    store.audit_append(&[loaded], ambient.clock.now()).await?;
    announce(&settings, &running, admin.as_ref(), &speaker)?;
    signals
        .follow(|| {
            reload(&running);
            if let Some(admin) = &admin {
                admin_serve::reload(admin);
            }
        })
        .await;
    speaker.say("stopping: running requests may finish")?;
    if let Some(admin) = admin {
        admin.stop().await;
    }
    let stopping = tokio::task::spawn_blocking(move || {
        running.stop();
        if let Some(sender) = sender {
            sender.stop();
        }
    });
    tokio::select! {
        _ = stopping => {}
        () = signals.stop() => {
            return Err(Failure::failed("told to stop again: stopped without waiting"));
        }
    }
    store.close().await;
    speaker.say("stopped")
}

/// Says the same thing to people or to a log shipper.
pub(crate) struct Speaker {
    json: bool,
}

impl Speaker {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            json: settings.log.format == LogFormat::Json,
        }
    }

    pub(crate) fn say(&self, text: &str) -> Result<(), Failure> {
        if self.json {
            tracing::info!("{}", text.trim());
            return Ok(());
        }
        // Nobody may be listening to a service's standard output: that is no reason to stop.
        match say::answer(text) {
            Ok(()) | Err(Failure::Unheard) => Ok(()),
            Err(other) => Err(other),
        }
    }

    fn warn(&self, finding: &Finding) -> Result<(), Failure> {
        if self.json {
            let hint = finding.hint.as_deref().unwrap_or_default();
            tracing::warn!(subject = finding.subject, hint, "{}", finding.text);
            return Ok(());
        }
        self.say(&finding.to_string())
    }
}

/// Says what deserves a second look. Refuses only what would make every other rule pointless: a
/// configuration that others may change. What is wrong with keys and store refuses itself later;
/// an expired certificate must not also take away the maintenance page.
fn inspect_all(
    settings: &Settings,
    config: &Path,
    ambient: &Ambient,
    speaker: &Speaker,
) -> Result<(), Failure> {
    let file = inspect::config_file(config);
    if file.level == Level::Fail && !settings.development {
        let hint = file.hint.unwrap_or_default();
        return Err(Failure::usage(format!(
            "{}: {}; whoever may change it may switch the second factor off: {hint}",
            file.subject, file.text
        )));
    }
    let findings = inspect::all(settings, config, ambient.clock.now());
    let worth_saying = findings.iter().filter(|finding| finding.level != Level::Ok);
    for finding in worth_saying {
        speaker.warn(finding)?;
    }
    Ok(())
}

/// Tells one configuration from another in the audit log, without repeating any of it.
fn fingerprint(config: &Path) -> Result<String, Failure> {
    let text = std::fs::read(config)?;
    let hash = digest::digest(&digest::SHA256, &text);
    let hash = HEXLOWER.encode(&hash.as_ref()[..8]);
    Ok(format!("{} sha256:{hash}", config.display()))
}

fn announce(
    settings: &Settings,
    running: &Running,
    admin: Option<&anteroom_admin::Running>,
    speaker: &Speaker,
) -> Result<(), Failure> {
    speaker.say(concat!(
        "Anteroom ",
        env!("CARGO_PKG_VERSION"),
        " listens on"
    ))?;
    for line in listening::in_words(settings, &running.addresses) {
        speaker.say(&format!("  {line}"))?;
    }
    if let Some(private) = running.private {
        speaker.say(&format!(
            "  http://{private}  health and metrics: /live /ready /metrics"
        ))?;
    }
    if let (Some(mine), Some(admin)) = (&settings.admin, admin) {
        let line = listening::admin_in_words(mine, admin.address);
        speaker.say(&format!("  {line}"))?;
    }
    speaker.say("ready; SIGHUP reads the certificates again, SIGTERM or Ctrl-C stops")
}

/// The signals that a service understands.
pub(crate) struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes them over early: a stop during the start must not be lost.
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Until told to stop.
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Reloads certificates as often as asked, until told to stop.
    pub(crate) async fn follow(&mut self, reload: impl Fn()) {
        loop {
            tokio::select! {
                _ = self.hangup.recv() => reload(),
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
            }
        }
    }
}

fn reload(running: &Running) {
    match running.reload_certificates() {
        Ok(names) => tracing::info!(
            names,
            "certificates were read again; other settings take effect at the next start"
        ),
        Err(problem) => tracing::error!(
            %problem,
            "certificates could not be read again; those in use stay"
        ),
    }
}
