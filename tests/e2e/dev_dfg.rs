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
mod ward;
