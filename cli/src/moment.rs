//! Moments and spans in words, for the terminal: all of it is `anteroom_core::moment`'s.
//!
//! Never reads a clock.

pub use anteroom_core::moment::{in_utc, in_words, rfc3339};
