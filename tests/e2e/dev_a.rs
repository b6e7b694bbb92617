//! Development target of family A; goes once `main.rs` names its modules.
//! Run: `cargo test --workspace --test dev_a`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

mod attacks {
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
}
