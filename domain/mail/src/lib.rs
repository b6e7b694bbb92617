//! Telling people: what stands in the outbox becomes mail or a signed webhook, and leaves.
//!
//! Never queues and never decides who is told: `anteroom_core::notice` and the store's outbox do.
//! Nothing here is on the way of a sign-in; when no server answers, the queue waits.
//!
//! Read in this order: [`letter`] (what a mail says), `words` (its sentences), [`smtp`] (how it
//! leaves, and what is said when it does not), [`webhook`], [`sender`] (the two queues, emptied).

pub mod letter;
pub mod sender;
pub mod smtp;
pub mod trouble;
pub mod webhook;
mod words;

pub use letter::{Letter, Surroundings};
pub use sender::Sender;
pub use smtp::Post;
pub use trouble::Trouble;
