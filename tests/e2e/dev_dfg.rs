//! Development target of the families D, F and G and of the cases; gone when they stand in `main`.
//! Nothing else belongs here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

#[path = "attacks/d_codes.rs"]
mod d_codes;
#[path = "attacks/d_enrolment.rs"]
mod d_enrolment;
#[path = "attacks/d_forms.rs"]
mod d_forms;
#[path = "attacks/d_names.rs"]
mod d_names;
#[path = "attacks/f_clock.rs"]
mod f_clock;
#[path = "attacks/f_flood.rs"]
mod f_flood;
#[path = "attacks/f_store.rs"]
mod f_store;
#[path = "attacks/f_upstream.rs"]
mod f_upstream;
#[path = "attacks/g_fields.rs"]
mod g_fields;
#[path = "attacks/g_leaks.rs"]
mod g_leaks;
#[path = "attacks/g_redirects.rs"]
mod g_redirects;
#[path = "attacks/g_start.rs"]
mod g_start;
mod ward;
