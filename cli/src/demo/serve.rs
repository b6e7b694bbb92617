//! Serves Wardbook on a listener that somebody else has opened, on loopback only.
//!
//! Never binds an address itself, so that no setting can put it on a network. Look next:
//! `DemoEmr::router`.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use super::DemoEmr;

/// How long a stop waits for answers under way.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

impl DemoEmr {
    /// Serves until `shutdown` is done.
    ///
    /// # Errors
    ///
    /// Refuses a listener that is not on loopback: the passwords are public and there is no second
    /// factor.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let address = listener.local_addr()?;
        if !address.ip().to_canonical().is_loopback() {
            let reason = format!(
                "Wardbook is a demonstration and listens on loopback only, not on {address}"
            );
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
        }
        let ward = self.ward.clone();
        let mut closing = ward.closing.subscribe();
        let announced = async move {
            shutdown.await;
            ward.closing.send_replace(true);
        };
        // Small answers must not wait for an acknowledgement, or every measurement through a proxy
        // is of Nagle.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let served = axum::serve(listener, self.router()).with_graceful_shutdown(announced);
        tokio::select! {
            ended = served => ended,
            () = async {
                // An error would mean that the sender is gone, and `self` holds it.
                drop(closing.wait_for(|&closing| closing).await);
                tokio::time::sleep(LAST_ANSWERS).await;
            } => Ok(()),
        }
    }
}
