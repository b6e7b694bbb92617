//! The one binary as a library: composes the rooms, and holds every operator act as a command.
//!
//! Decides nothing about sign-ins and holds no SQL. Tests start a gateway through [`compose`] and
//! borrow the sample application from [`demo`]; `main.rs` only calls [`command::main`].
//!
//! Read `command` first: it names everything that can be asked for, and who does it.

mod admin_serve;
mod audit_export;
mod audit_log;
mod audit_report;
mod audit_retention;
mod check;
mod columns;
pub mod command;
pub mod compose;
mod dead_passkeys;
pub mod demo;
pub mod demo_config;
pub mod demonstration;
mod emergency;
mod enrol_code;
pub mod failure;
mod harden;
mod listening;
pub mod logging;
mod mail;
mod moment;
mod new_key;
mod operator;
mod operators;
mod people;
mod reseal;
mod say;
mod serve;
mod subscriber;
mod token;
