//! What stays open: a WebSocket that ticks and a stream of server-sent events.
//!
//! Both ask for the login once, when they are opened, and then go on through a logout, as old
//! applications do; ending them in time is the business of whoever stands in front. Look next:
//! `api`.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;
use tokio::time::{Interval, interval};

use super::Ward;
use super::session::SignedInScript;

const PACE: Duration = Duration::from_secs(1);

/// `GET /ws/ticker`: a tick every second, and every text sent comes back as an echo.
pub(super) async fn ticker(
    State(ward): State<Ward>,
    SignedInScript { user }: SignedInScript,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(move |socket| tick(ward, user, socket))
}

async fn tick(ward: Ward, user: &'static str, mut socket: WebSocket) {
    let mut closing = ward.closing.subscribe();
    let mut pace = interval(PACE);
    let mut count = 0_u64;
    loop {
        let answer = tokio::select! {
            _ = pace.tick() => {
                count += 1;
                json!({ "tick": count, "user": user })
            }
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => json!({ "echo": text.as_str() }),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            _ = closing.wait_for(|&closing| closing) => return,
        };
        if socket
            .send(Message::text(answer.to_string()))
            .await
            .is_err()
        {
            return;
        }
    }
}

/// `GET /events`: the same tick as server-sent events.
pub(super) async fn events(
    State(ward): State<Ward>,
    SignedInScript { user }: SignedInScript,
) -> Response {
    let ticks = stream::unfold((interval(PACE), 1_u64), move |(pace, count)| {
        let ward = ward.clone();
        async move { next_event(&ward, user, pace, count).await }
    });
    Sse::new(ticks).into_response()
}

type Paced = (Interval, u64);

async fn next_event(
    ward: &Ward,
    user: &str,
    mut pace: Interval,
    count: u64,
) -> Option<(Result<Event, Infallible>, Paced)> {
    let mut closing = ward.closing.subscribe();
    tokio::select! {
        _ = pace.tick() => {}
        _ = closing.wait_for(|&closing| closing) => return None,
    }
    let tick = json!({ "tick": count, "user": user });
    let event = Event::default()
        .event("tick")
        .id(count.to_string())
        .data(tick.to_string());
    Some((Ok(event), (pace, count + 1)))
}
