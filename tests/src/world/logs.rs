//! Everything that is logged in this process, at TRACE, as text that a test can search.
//! Never shows what the harness itself logged: events under the mark of `quiet` are left out, since
//! the harness's own clients would log the very secrets a test looks for.
//!
//! The subscriber is one per process and tests run side by side, so a test sees the others' lines
//! too. That is fine for canaries, which may be in nobody's lines, and for nothing else.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::quiet::MARK;

/// Which events count, by target and level. The gateway caps the targets of some crates when it
/// sets up its own logging; a world is given the same rule, to see what an operator would see.
pub type Cap = fn(&str, Level) -> bool;

/// One event.
#[derive(Clone, Debug)]
struct Line {
    level: Level,
    target: String,
    text: String,
}

type Lines = Arc<Mutex<Vec<Line>>>;

static CAPTURE: OnceLock<Lines> = OnceLock::new();

#[derive(Clone, Debug)]
pub struct Logs {
    lines: Lines,
    from: usize,
    cap: Cap,
}

impl Logs {
    /// Begins to capture, or joins the capture that is on. What was logged before is not shown.
    pub fn capture(cap: Cap) -> Self {
        let lines = CAPTURE.get_or_init(|| {
            let lines = Lines::default();
            // Another subscriber may be there already, in a test of logging itself. Then nothing
            // is captured, and `is_live` tells.
            let _ = tracing_subscriber::registry()
                .with(Keep(lines.clone()))
                .try_init();
            lines
        });
        let from = lines.lock().expect("sound").len();
        Self {
            lines: lines.clone(),
            from,
            cap,
        }
    }

    /// What was logged since this was made, a line an event.
    pub fn text(&self) -> String {
        self.lines_with("").concat()
    }

    pub fn has(&self, text: &str) -> bool {
        !self.lines_with(text).is_empty()
    }

    pub fn lines_with(&self, text: &str) -> Vec<String> {
        let lines = self.lines.lock().expect("sound");
        let counted = lines[self.from..]
            .iter()
            .filter(|l| (self.cap)(&l.target, l.level));
        counted
            .filter(|l| l.text.contains(text))
            .map(|l| l.text.clone())
            .collect()
    }

    /// Whether events reach this capture at all; a leak test that hears nothing proves nothing.
    pub fn is_live(&self) -> bool {
        let word = format!(
            "probe-{:p}-{}",
            self,
            self.lines.lock().expect("sound").len()
        );
        tracing::info!(target: "anteroom_tests", "{word}");
        self.lines
            .lock()
            .expect("sound")
            .iter()
            .any(|line| line.text.contains(&word))
    }
}

struct Keep(Lines);

/// The fields of a span or an event. Those of a span are kept with it, so that events show them.
#[derive(Default)]
struct Fields {
    text: String,
    /// What an event of the `log` crate calls its target.
    target: Option<String>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Keep {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let spans: Vec<_> = context.event_scope(event).into_iter().flatten().collect();
        if spans.iter().any(|span| span.name() == MARK) {
            return;
        }
        let mut fields = Fields::default();
        for span in spans.iter().rev() {
            let _ = write!(fields.text, " {}", span.name());
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.text += &of_span.text;
            }
        }
        event.record(&mut fields);
        let level = *event.metadata().level();
        let target = fields
            .target
            .unwrap_or_else(|| event.metadata().target().to_owned());
        let text = format!("{level} {target}{}\n", fields.text);
        self.0.lock().expect("sound").push(Line {
            level,
            target,
            text,
        });
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.text, " {}={value:?}", field.name());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.target = Some(value.to_owned());
        }
        let _ = write!(self.text, " {}={value}", field.name());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::h2client::{H2Ask, H2Client};
    use crate::quiet::{quiet, span};
    use crate::raw::RawClient;
    use crate::recorder::Recorder;
    use crate::tls::{Sni, TestCa};

    #[tokio::test]
    async fn events_are_kept_with_their_fields_and_spans_but_not_the_harnesss_own() {
        let logs = Logs::capture(|target, _| target != "capped");
        assert!(logs.is_live());
        let request = tracing::trace_span!("request", id = "r-17", late = tracing::field::Empty);
        request.record("late", "LATE-1");
        request.in_scope(|| tracing::trace!(secret = "CANARY-A1", "said"));
        quiet(async { tracing::error!("CANARY-B2") }).await;
        span().in_scope(|| tracing::error!("CANARY-C3"));
        tracing::error!(target: "capped", "CANARY-D4");
        let line = logs.lines_with("CANARY-A1").join("\n");
        assert!(
            line.contains("r-17") && line.contains("LATE-1") && line.contains("said"),
            "{line}"
        );
        assert!(!logs.has("CANARY-B2") && !logs.has("CANARY-C3"));
        let begun_later = Logs::capture(|_, _| true);
        assert!(!begun_later.has("CANARY-A1"));
    }

    #[tokio::test]
    async fn crates_that_log_by_the_log_crate_are_heard_too() {
        let logs = Logs::capture(|_, _| true);
        let upstream = Recorder::start_tls(TestCa::new().server_config(&["emr.test"], &[])).await;
        let mut client = RawClient::tls(upstream.addr(), Sni::Name("heard.test"))
            .await
            .unwrap();
        client.ask("GET / HTTP/1.1¶Host: x¶¶").await.unwrap();
        assert!(
            logs.has("TRACE rustls::"),
            "the server's side of the handshake"
        );
        let deaf = Logs {
            cap: |target, _| !target.starts_with("rustls"),
            ..logs.clone()
        };
        assert!(!deaf.has("TRACE rustls::"), "caps hold for them too");
    }

    #[tokio::test]
    async fn the_harnesss_own_h2_client_is_not_heard() {
        let logs = Logs::capture(|_, _| true);
        // No h2 server, which would log the request itself: here only the client can.
        let upstream = Recorder::start().await;
        let client = H2Client::plain(upstream.addr()).await.unwrap();
        let ask = H2Ask::get("http://emr.test/").crumb("S=CANARY-H2");
        assert!(client.ask(ask).await.is_err());
        assert!(upstream.saw("PRI * HTTP/2.0"));
        let heard = [logs.lines_with("CANARY-H2"), logs.lines_with("h2::client")].concat();
        assert!(heard.is_empty(), "{heard:#?}");
    }
}
