//! The admin app from outside: what operators do there, and what it does for people at the gateway.
//! Attacks on it stand in `attacks`; who the operators are, in `crate::desk`.

mod addresses;
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
mod tokens;
