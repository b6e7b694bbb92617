//! The one binary as a library: composes the rooms, and holds every operator act as a command.
//!
//! Decides nothing about sign-ins and holds no SQL. Tests start a gateway through [`compose`] and
//! borrow the sample application from [`demo`]; `main.rs` only calls the command line.

pub mod compose;
pub mod demo;
pub mod logging;
