//! The catalogue of attacks (`research/attacks.md`): one file per part of a family, rows in names.
//! Each test says what must not reach the app or the client, and ends with an honest login.

mod a_again_h2;
mod a_bench;
mod a_cache;
mod a_framing;
mod a_h2;
mod a_host;
mod a_methods;
mod a_paths;
mod a_pipeline;
mod a_session;
mod a_upgrade;
mod b_auto_login;
mod b_bodies;
mod b_encodings;
mod b_forms;
mod b_outcomes;
mod b_planted;
mod b_sessions;
mod c_jar;
mod c_tokens;
mod d_codes;
mod d_enrolment;
mod d_forms;
mod d_names;
mod d_spending;
mod f_clock;
mod f_flood;
mod f_store;
mod f_upstream;
mod g_fields;
mod g_leaks;
mod g_redirects;
mod g_start;
pub mod legacy;
pub mod records;
