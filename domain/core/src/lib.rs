//! What must be true: every decision of Anteroom as plain functions over plain values.
//!
//! Nothing in this crate performs I/O, awaits, reads a clock or draws randomness: `now` and random
//! bytes are arguments. That is why the whole decision matrix can be written out and reviewed like
//! code (`tests/decision_table.rs`), and why a reader can trust what she reads here.
//!
//! Read in this order: [`facts`] (what the edge saw), [`profile`] (how one app logs people in),
//! [`route`] (what a path means), [`session`], [`decide`](mod@decide) (what becomes of a request),
//! [`outcome`] and [`login`] (what a login answer means), [`challenge`] (whether a code counts),
//! [`assertion`] (whether a passkey's answer does), [`own_act`] (what a person may do to her own
//! sign-in).
//!
//! The chain of proofs: [`challenge::Accepted`] is made here only; the store turns it into its
//! `Claimed`, the gateway turns that into `Released`. Skipping a link does not compile.

pub mod address;
pub mod assertion;
pub mod attempts;
pub mod audit;
pub mod authenticator;
pub mod browser;
pub mod challenge;
pub mod colour;
pub mod cookies;
pub mod decide;
pub mod device;
pub mod enrolment;
pub mod export;
pub mod facts;
pub mod fold;
pub mod form;
pub mod hardware_token;
pub mod ids;
pub mod label;
pub mod language;
pub mod login;
pub mod mail_code;
pub mod means;
pub mod moment;
pub mod notice;
pub mod oath;
pub mod operator;
pub mod outbox;
pub mod outcome;
pub mod own_act;
pub mod passkey;
pub mod path;
pub mod policy;
pub mod profile;
pub mod recovery_code;
pub mod reference;
pub mod registration;
pub mod route;
pub mod sealed_code;
pub mod session;
pub mod temporary_code;
pub mod throttle;
pub mod time;
pub mod totp;
mod written;
