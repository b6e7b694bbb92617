//! `anteroom demo`: the sample EMR with a gateway in front, on this machine alone (attack G09).
//!
//! Refuses every address that is not loopback. Keeps its state in a folder of its own, so that
//! a phone enrolled yesterday still works today; with `--fresh` in one that ends with it. The words
//! it prints stand in [`tour`].

mod tour;

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anteroom_config::ambient::{self, Ambient};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::demo::DemoEmr;
use crate::demo_config;
use crate::failure::Failure;
use crate::{compose, harden, listening, logging, say};

/// What the demonstration was asked for.
pub struct Wishes {
    /// Where to listen; only loopback is granted.
    pub listen: IpAddr,
    /// The port to try first.
    pub port: u16,
    /// Where to keep the state.
    pub dir: PathBuf,
    /// Keep nothing: a temporary folder instead.
    pub fresh: bool,
}

/// Runs until Ctrl-C.
///
/// # Errors
/// When the address is not loopback, or something cannot be opened.
pub async fn run(wishes: Wishes, ambient: &Ambient) -> Result<(), Failure> {
    refuse_other_machines(wishes.listen)?;
    let home = Home::open(&wishes)?;
    let emr_listener = TcpListener::bind((wishes.listen, 0)).await?;
    let upstream = emr_listener.local_addr()?;
    let port = listening::free_port(wishes.listen, wishes.port).ok_or_else(|| {
        let last = wishes.port.saturating_add(9);
        Failure::failed(format!(
            "the ports {} to {last} are all taken; try another with --port",
            wishes.port
        ))
    })?;
    let listen = SocketAddr::new(wishes.listen, port);
    let admin = admin_port(listen);
    let config = home.write_config(&demo_config::text(listen, admin, upstream))?;
    let settings = anteroom_config::load(&config, ambient)?;
    logging::start(settings.log)
        .map_err(|problem| Failure::failed(format!("the log cannot be started: {problem}")))?;
    // A demonstration holds nothing worth protecting, but it should behave like the real thing.
    let _ = harden::keep_memory_private();
    let (close_emr, closing) = oneshot::channel::<()>();
    let mut seed = [0; 32];
    (ambient.entropy)(&mut seed);
    let emr = DemoEmr::new(&seed);
    let emr = tokio::spawn(async move {
        let closed = async { drop(closing.await) };
        emr.serve(emr_listener, closed).await
    });
    let operators = settings.admin.clone();
    let beside = settings.clone();
    let running = compose::start(settings, ambient).await?;
    let admin_app = compose::start_admin_beside(&beside, ambient).await?;
    let admin_at = operators.zip(admin_app.as_ref()).map(|(mine, admin)| {
        let host = mine.hosts.first().cloned().unwrap_or_default();
        format!("http://{host}:{}", admin.address.port())
    });
    let at = running.addresses.first().copied().unwrap_or(listen);
    let wanted_port = (wishes.port != at.port() && wishes.port != 0).then_some(wishes.port);
    let program = ambient::program().unwrap_or_else(|| PathBuf::from("anteroom"));
    say::answer(tour::text(&tour::Places {
        gateway: at,
        upstream,
        wanted_port,
        program: &program,
        config: &config,
        admin: admin_at.as_deref(),
        kept: !wishes.fresh,
    }))?;
    wait_for_the_end().await?;
    say::aside("Stopping …");
    if let Some(admin) = admin_app {
        admin.stop().await;
    }
    tokio::task::spawn_blocking(move || running.stop())
        .await
        .map_err(|problem| Failure::failed(format!("the gateway did not stop: {problem}")))?;
    drop(close_emr);
    match emr.await {
        Ok(served) => served?,
        Err(problem) => return Err(Failure::failed(format!("the sample EMR broke: {problem}"))),
    }
    drop(home);
    Ok(())
}

/// The passwords are printed in the manual and enrolment is open: nobody else may reach this.
fn refuse_other_machines(listen: IpAddr) -> Result<(), Failure> {
    if listen.to_canonical().is_loopback() {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "the demonstration listens on 127.0.0.1 or ::1 only, not on {listen}: its passwords are \
         public and anybody may enrol. For other machines write a configuration and run: \
         anteroom serve"
    )))
}

/// The next free port after the gateway's. When there is none, or the system chooses that one too,
/// the system chooses: a demonstration does not fail over a number.
fn admin_port(gateway: SocketAddr) -> u16 {
    let first = match gateway.port() {
        0 => None,
        port => port.checked_add(1),
    };
    first
        .and_then(|first| listening::free_port(gateway.ip(), first))
        .unwrap_or(0)
}

async fn wait_for_the_end() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// The folder with the state.
struct Home {
    path: PathBuf,
    /// Removes the folder when dropped.
    _temporary: Option<TempDir>,
}

impl Home {
    fn open(wishes: &Wishes) -> Result<Self, Failure> {
        if wishes.fresh {
            let dir = tempfile::Builder::new()
                .prefix("anteroom-demo-")
                .tempdir()?;
            let path = dir.path().to_owned();
            return Ok(Self {
                path,
                _temporary: Some(dir),
            });
        }
        make_private_dir(&wishes.dir).map_err(|problem| {
            let dir = wishes.dir.display();
            Failure::failed(format!(
                "{dir} cannot be made ({problem}); name another folder with --dir, or use --fresh"
            ))
        })?;
        Ok(Self {
            path: fs::canonicalize(&wishes.dir)?,
            _temporary: None,
        })
    }

    /// Writes the configuration beside the state, so that the operator commands can be tried.
    fn write_config(&self, text: &str) -> io::Result<PathBuf> {
        let path = self.path.join("anteroom.toml");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)?;
        file.write_all(text.as_bytes())?;
        Ok(path)
    }
}

fn make_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_admin_app_gets_the_next_free_port_or_one_that_the_system_chooses() {
        let gateway = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let taken = std::net::TcpListener::bind(gateway(0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let chosen = admin_port(gateway(port - 1));
        assert!(chosen == 0 || chosen > port, "{chosen} after {port}");
        assert_eq!(admin_port(gateway(0)), 0);
        assert_eq!(admin_port(gateway(u16::MAX)), 0);
    }
}
