//! `anteroom mail …`: does mail go out, and if not, why not?
//!
//! The trial uses the real template over the real connection; the status reads what the sender of
//! the gateway wrote down. Neither queues anything.

use anteroom_core::address::MailAddress;
use anteroom_core::language::Language;
use anteroom_core::moment as core_moment;
use anteroom_mail::letter::Surroundings;
use anteroom_mail::smtp::{Envelope, Post};
use anteroom_mail::trouble::Trouble;
use anteroom_store::{Channel, ChannelState};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::operator::Operator;
use crate::{moment, say};

/// What a configuration without a mail server is told.
const NO_MAIL: &str = "the configuration has no [mail] section; the smallest one is:\n[mail]\n\
    server = \"mail.clinic.test\"\nfrom = \"anteroom@clinic.test\"";

/// Sends a test mail, now and past the queue.
///
/// # Errors
/// Says which step failed, and how to mend it.
pub async fn test(
    operator: &Operator,
    to: &str,
    language: Option<Language>,
) -> Result<(), Failure> {
    let to = MailAddress::parse(to).map_err(|why| Failure::usage(why.to_string()))?;
    let Some(settings) = &operator.settings.mail else {
        return Err(Failure::usage(NO_MAIL));
    };
    let failed = |trouble: Trouble| {
        Failure::failed(format!(
            "{}:{}: {trouble};\n  {}",
            settings.server,
            settings.port,
            trouble.hint()
        ))
    };
    let post = Post::prepare(settings).map_err(failed)?;
    post.knock().await.map_err(failed)?;
    let login = match &settings.login {
        Some(login) => format!("logged in as {}", login.user),
        None => "without a login".to_owned(),
    };
    say::answer(format!("Connected to {}, {login}.", settings.server))?;
    let letter = Surroundings::new(&operator.settings).trial(language, operator.now);
    let letter = letter.map_err(|_| failed(Trouble::Unwritten))?;
    let mut random = [0; 8];
    (operator.entropy)(&mut random);
    let id = format!("anteroom.test.{:016x}", u64::from_be_bytes(random));
    let at = operator.now;
    let envelope = Envelope {
        to: &to,
        id: &id,
        at,
    };
    post.send(&letter, &envelope).await.map_err(failed)?;
    say::answer(
        "The server has taken the message. Look whether it arrives, and not among the spam.",
    )
}

/// Says how mail and webhook stand.
///
/// # Errors
/// When the store cannot be read; as `Told`, when somebody has to look.
pub async fn status(operator: &Operator, json: bool) -> Result<(), Failure> {
    let wanted = [
        (Channel::Mail, operator.settings.mail.is_some()),
        (
            Channel::Webhook,
            operator.settings.notices.webhook.is_some(),
        ),
    ];
    let (mut lines, mut values, mut alarm) = (Vec::new(), Vec::new(), false);
    for (channel, configured) in wanted {
        let state = operator.store.outbox_state(channel, operator.now).await?;
        alarm |= configured && state.alarm(operator.now);
        lines.push(in_words(operator, channel, configured, &state));
        values.push(as_json(channel, configured, &state));
    }
    say::answer(if json {
        Value::from(values).to_string()
    } else {
        lines.join("\n")
    })?;
    if alarm { Err(Failure::Told) } else { Ok(()) }
}

fn in_words(
    operator: &Operator,
    channel: Channel,
    configured: bool,
    state: &ChannelState,
) -> String {
    let ago = |at: anteroom_core::time::Timestamp| moment::in_words(operator.now.since(at));
    let name = channel.name();
    if !configured && state.waiting == 0 {
        return format!("{name}: not configured");
    }
    let mut line = match (state.failing_since, state.sent_at) {
        (Some(since), _) => format!(
            "{name}: NOTHING GOES OUT since {} ({} ago): {}",
            core_moment::in_utc(since),
            ago(since),
            state.problem.as_deref().unwrap_or("no reason is known")
        ),
        (None, Some(sent)) => format!("{name}: works; the last one went out {} ago", ago(sent)),
        (None, None) => format!("{name}: nothing was sent yet"),
    };
    if let Some(oldest) = state.oldest {
        line.push_str(&format!(
            "\n  {} waiting, the oldest for {}",
            state.waiting,
            ago(oldest)
        ));
    }
    if state.given_up > 0 {
        line.push_str(&format!("\n  {} given up within a day", state.given_up));
    }
    if state.interrupted > 0 {
        line.push_str(&format!(
            "\n  {} interrupted while being sent within a day: sent again, may have come twice",
            state.interrupted
        ));
    }
    line
}

fn as_json(channel: Channel, configured: bool, state: &ChannelState) -> Value {
    let at = |at: Option<anteroom_core::time::Timestamp>| at.map(core_moment::rfc3339);
    json!({
        "channel": channel.name(),
        "configured": configured,
        "waiting": state.waiting,
        "oldest": at(state.oldest),
        "given_up": state.given_up,
        "interrupted": state.interrupted,
        "sent_at": at(state.sent_at),
        "failing_since": at(state.failing_since),
        "problem": state.problem,
    })
}
