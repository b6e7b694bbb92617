//! `anteroom admin serve`: the admin app alone, on the store that the gateway uses too.
//!
//! For who wants the two apart: another user, another machine's tunnel, another restart. Opens no
//! listener of the gateway's.

use std::path::Path;

use anteroom_config::ambient::Ambient;

use crate::failure::Failure;
use crate::serve::{Signals, Speaker};
use crate::{compose, harden, listening, logging};

/// Serves until told to stop.
///
/// # Errors
/// When the configuration is wrong or has no admin app, or what it names cannot be used.
pub async fn run(config: &Path, ambient: &Ambient) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let settings = anteroom_config::load(config, ambient)?;
    let Some(mine) = settings.admin.clone() else {
        return Err(Failure::usage(
            "the configuration has no [admin] section; the smallest one is:\n[admin]\n\
             addr = \"127.0.0.1:8443\"",
        ));
    };
    logging::start(settings.log)
        .map_err(|problem| Failure::failed(format!("the log cannot be started: {problem}")))?;
    logging::keep_panics_short();
    if let Err(problem) = harden::keep_memory_private() {
        tracing::warn!(%problem, "core dumps could not be switched off");
    }
    let speaker = Speaker::new(&settings);
    let composed = compose::open_beside(settings, ambient).await?;
    let running = composed.start_admin(&mine).await?;
    speaker.say("Anteroom's admin app listens on")?;
    let line = listening::admin_in_words(&mine, running.address);
    speaker.say(&format!("  {line}"))?;
    speaker.say("ready; SIGHUP reads the certificate again, SIGTERM or Ctrl-C stops")?;
    signals.follow(|| reload(&running)).await;
    speaker.say("stopping")?;
    running.stop().await;
    composed.store.close().await;
    speaker.say("stopped")
}

pub(crate) fn reload(running: &anteroom_admin::Running) {
    match running.reload_certificate() {
        Ok(()) => tracing::info!("the admin app's certificate was read again"),
        Err(problem) => tracing::error!(
            %problem,
            "the admin app's certificate could not be read again; the one in use stays"
        ),
    }
}
