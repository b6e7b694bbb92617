//! Audit rows told in plain language: one sentence for each kind, and one for several equal rows.
//!
//! Never formats a moment and never looks anything up: names of people, apps and places are handed
//! in. The phrases stand in `words/phrases`; the pages show what [`tell`] gives.

mod phrases;

use anteroom_core::audit::AuditKind;
use anteroom_core::time::Timestamp;

pub(crate) use phrases::{Group, group};
use phrases::{Phrase, Reason, reason_of};

/// Rows this far apart are not told as one, in seconds.
const TOGETHER_SECONDS: i64 = 30 * 60;

/// One audit row, with the names that people know in place of ids.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a> {
    /// Its number in the log.
    pub seq: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: AuditKind,
    /// To whom; `None` on the person's own page, where it need not be said.
    pub person: Option<&'a str>,
    /// The app's display name.
    pub app: Option<&'a str>,
    /// The network's name ("front desk"), or the address.
    pub place: Option<&'a str>,
    /// By which operator.
    pub operator: Option<&'a str>,
    /// The row's reason, as stored.
    pub reason: Option<&'a str>,
}

/// What one or several rows say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The number of the newest of them.
    pub seq: i64,
    /// The time of the oldest of them.
    pub from: Timestamp,
    /// The time of the newest of them.
    pub to: Timestamp,
    /// How many.
    pub count: u32,
    /// The sentence, with a capital and a full stop.
    pub sentence: String,
}

/// Tells rows that stand in the order of time, newest or oldest first, and makes one sentence of
/// neighbours that say the same.
#[must_use]
pub fn tell(facts: &[Fact<'_>]) -> Vec<Told> {
    let mut told = Vec::new();
    let mut rest = facts;
    while let Some((first, after)) = rest.split_first() {
        let mut last = first;
        let more = after.iter().take_while(|next| {
            let near = seconds_between(last.at, next.at) <= TOGETHER_SECONDS;
            last = next;
            near && alike(first, next)
        });
        let (many, others) = rest.split_at(1 + more.count());
        told.push(one(many));
        rest = others;
    }
    told
}

fn one(many: &[Fact<'_>]) -> Told {
    let times = || many.iter().map(|fact| fact.at);
    let mut said = many[0];
    // Of several wrong codes, the first that knows more about the phone's clock speaks for all.
    said.reason = many.iter().find_map(|fact| fact.reason);
    let count = u32::try_from(many.len()).unwrap_or(u32::MAX);
    Told {
        seq: many.iter().map(|fact| fact.seq).max().unwrap_or(said.seq),
        from: times().min().unwrap_or(said.at),
        to: times().max().unwrap_or(said.at),
        count,
        sentence: sentence(&said, count),
    }
}

fn alike(one: &Fact<'_>, other: &Fact<'_>) -> bool {
    let same_reason = one.reason == other.reason || reason_of(one.kind) == Reason::Clock;
    one.kind == other.kind
        && one.person == other.person
        && one.app == other.app
        && one.place == other.place
        && one.operator == other.operator
        && same_reason
}

fn seconds_between(one: Timestamp, other: Timestamp) -> i64 {
    one.as_secs()
        .saturating_sub(other.as_secs())
        .saturating_abs()
}

/// The sentence for `count` rows that say the same: "Six wrong codes from the front desk; phone
/// clock about 4 minutes slow."
#[must_use]
pub fn sentence(fact: &Fact<'_>, count: u32) -> String {
    let mut said = match phrases::phrase(fact.kind) {
        Phrase::Thing(thing, _) if count <= 1 => thing.to_owned(),
        Phrase::Thing(_, things) => format!("{} {things}", number(count.into())),
        Phrase::Deed(deed) => deed.to_owned(),
    };
    if let Some(app) = fact.app {
        said += &format!(" at {app}");
    }
    if let Some(operator) = fact.operator {
        said += &format!(" by {operator}");
    }
    if let Some(place) = fact.place {
        said += &format!(" from {}", with_article(place));
    }
    if matches!(phrases::phrase(fact.kind), Phrase::Deed(_)) && count > 1 {
        said += &format!(", {}", times(count));
    }
    if let Some(reason) = fact.reason.filter(|reason| !reason.trim().is_empty()) {
        said += &because(reason_of(fact.kind), reason);
    }
    let mut whole = match fact.person {
        Some(person) => format!("{person}: {said}"),
        None => capital(&said),
    };
    if !whole.ends_with(['.', '!', '?']) {
        whole.push('.');
    }
    whole
}

fn because(how: Reason, reason: &str) -> String {
    match how {
        Reason::Quoted => format!(": “{}”", reason.trim_end_matches('.')),
        Reason::Plain => format!(" ({})", reason.replace('_', " ")),
        Reason::Clock => match reason.strip_prefix("clock_off ").map(str::parse::<i64>) {
            Some(Ok(minutes)) => format!("; {}", phone_clock(minutes)),
            _ => format!(" ({})", reason.replace('_', " ")),
        },
        Reason::Means => format!(" ({})", phrases::means(reason)),
        Reason::End => format!(": {}", phrases::end(reason)),
    }
}

/// How far a phone's clock is off; negative when it is slow.
#[must_use]
pub fn phone_clock(minutes: i64) -> String {
    let which = if minutes < 0 { "slow" } else { "fast" };
    match minutes.unsigned_abs() {
        0 => "phone clock a little off".to_owned(),
        1 => format!("phone clock about 1 minute {which}"),
        off => format!("phone clock about {off} minutes {which}"),
    }
}

/// What a kind is called in a list of choices: "Wrong codes".
#[must_use]
pub fn label(kind: AuditKind) -> String {
    match phrases::phrase(kind) {
        Phrase::Thing(_, things) => capital(things),
        Phrase::Deed(deed) => capital(deed),
    }
}

/// A count as people write it: words up to twelve, then digits in threes.
#[must_use]
pub fn number(count: u64) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    let word = usize::try_from(count).ok().and_then(|at| WORDS.get(at));
    word.map_or_else(|| grouped(count), |word| (*word).to_owned())
}

/// A count in digits, in groups of three: "12,480".
#[must_use]
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "1 code", "2 codes", "no codes", as a sentence needs it.
#[must_use]
pub fn counted(count: u64, one: &str, many: &str) -> String {
    let word = if count == 1 { one } else { many };
    format!("{} {word}", number(count))
}

/// "1 day", "12 days": in digits, for a list of choices.
#[must_use]
pub fn digits(count: u32, one: &str, many: &str) -> String {
    let word = if count == 1 { one } else { many };
    format!("{} {word}", grouped(count.into()))
}

/// A length of time in hours, as people say it.
#[must_use]
pub fn hours(hours: u32) -> String {
    match (hours / 24, hours % 24) {
        (days, 0) if days > 1 => digits(days, "day", "days"),
        _ => digits(hours, "hour", "hours"),
    }
}

fn times(count: u32) -> String {
    match count {
        2 => "twice".to_owned(),
        more => format!("{} times", number(more.into())),
    }
}

/// "front desk" is a place with an article; "Room 4", "10.0.0.7" and "the ward" are not.
fn with_article(place: &str) -> String {
    let named = place.starts_with(|c: char| c.is_lowercase());
    let spoken = place.starts_with("the ") || place.contains(':');
    if named && !spoken {
        format!("the {place}")
    } else {
        place.to_owned()
    }
}

/// With a capital letter, as at the beginning of a sentence.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// The letters of a code with the words to read them out on the phone.
#[must_use]
pub fn spelled(code: &str) -> Vec<(String, &'static str)> {
    let letters = code.chars().filter(char::is_ascii_alphanumeric);
    letters
        .map(|letter| {
            let letter = letter.to_ascii_uppercase();
            (letter.to_string(), phrases::spelling(letter))
        })
        .collect()
}
