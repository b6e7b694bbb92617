//! The catalogue of attacks (`research/attacks.md`): one file per part of a family, rows in the names.
//! Each test says what must not reach the app or the client, and ends with an honest login.

mod d_codes;
mod d_enrolment;
mod d_forms;
mod d_names;
mod f_clock;
mod f_flood;
mod f_store;
mod f_upstream;
mod g_fields;
mod g_leaks;
mod g_redirects;
mod g_start;
