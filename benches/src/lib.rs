//! Measured claims: what README and DESIGN section 8 say about speed, each as a ratio taken in one
//! run.
//!
//! Never a test and never a gate: a busy machine makes every number worse, which is why ratios side
//! by side are printed and absolute times only next to the machine they were taken on. `main` lists
//! the parts.
// A bench that cannot go on stops at once and says where; it looks at real clocks, that is what it
// is for.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs
)]

pub mod admin;
pub mod bare;
pub mod hot;
pub mod load;
pub mod machine;
pub mod peers;
pub mod product;
pub mod report;
pub mod sign_in;
