//! Everything that is tested from outside, in one binary, so that it is linked once.
//! Each module is one journey, one family of attacks, or (`tidy`) the house rules.

// A test that cannot go on stops at once and says where; clocks and the environment are its to use.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

mod apps;
mod attacks;
mod cases;
mod helpdesk;
mod interleavings;
mod journeys;
mod seeds_autoscribe;
mod seeds_outsmart;
mod tidy;
mod ward;

// The operators of all stories here.
use anteroom_tests::desk;
