//! The sign-in: from a submitted password to a verified session (DESIGN 5.2).
//!
//! `watch` shows unverified pages, and `self_login` drops one that is none; `submission` reads a
//! login, `login` runs it, `read_answer` judges its answer, `hold` withholds it (`held` is its
//! form at rest); `judging` judges a code and `answered` a passkey; `release` lets it go after a
//! claimed one, and `hand_over` gives it to the browser. `inflight`, `turns` and `repeat` settle
//! races, `sources` slows guessers, `jars` knows where upstream cookies live until then, `target`
//! where people are sent. Pages are `crate::portal`'s.

pub mod answered;
mod errand;
mod facts;
pub mod hand_over;
pub mod held;
pub mod hold;
pub mod inflight;
pub mod jars;
mod judging;
pub mod login;
pub mod methods;
pub mod own_act;
pub mod read_answer;
mod reissue;
pub mod release;
pub mod remembered;
pub mod repeat;
mod self_login;
pub mod show;
pub mod sources;
pub mod submission;
pub mod target;
mod travelling;
pub mod turns;
pub mod unlock;
mod verdict;
pub mod watch;
