//! The file as it was written: a tree whose every key and value knows its line.
//!
//! Holds no meaning: which keys exist is said by whoever asks for them, in `resolve`, and a key
//! that nobody asked for is a problem. That way no second list of keys can go stale. There are no
//! serde shapes here on purpose: serde stops at the first mistake, and an operator wants all of
//! them. Read on in [`section`].

pub(crate) mod measure;
pub(crate) mod node;
pub(crate) mod report;
pub(crate) mod section;
