//! The ground that every route of the admin app stands on: who asks, what may be asked, how it is
//! answered.
//!
//! Knows no subscriber, no operator's business and no page but the refusals; those stand in
//! `crate::routes`. Read in the order of a request: [`guard`] (what is refused unread), [`cookie`]
//! and [`proof`] (who it is), [`form`] (what was sent), [`visit`] (all of it in one value),
//! [`failure`] (how it goes wrong), [`table`] (which routes there are).

pub(crate) mod cookie;
pub(crate) mod failure;
pub(crate) mod form;
pub(crate) mod fresh;
pub(crate) mod guard;
pub mod proof;
pub(crate) mod sources;
pub mod table;
pub(crate) mod visit;
