//! The admin app from outside: what operators do there, and what it does for people at the gateway.
//!
//! Attacks on it stand in `attacks` (`e_*`); in a real browser it stands in `tests/browser`.

mod apart;
mod api;
mod at_once;
mod audit_log;
mod break_glass;
mod first_owner;
mod four_eyes;
mod front_page;
mod locked_out;
mod new_staff;
mod operators;
mod own_account;
mod people_acts;
