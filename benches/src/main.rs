//! `anteroom-benches`: all parts, or one by name: `hot`, `proxy`, `memory`, `sign-in`,
//! `admin`, `start`.
//!
//! The hidden parts `serve-bare` and `serve-product` are the processes that `proxy` puts under
//! load.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::disallowed_methods
)]

use anteroom_benches::{admin, bare, hot, load, machine, product, sign_in};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut words = std::env::args().skip(1);
    let part = words.next().unwrap_or_else(|| "all".to_owned());
    let rest: Vec<String> = words.collect();
    match part.as_str() {
        "serve-bare" => bare::serve(&rest),
        "serve-product" => product::serve(&rest),
        "hot" => hot::run(),
        "proxy" => load::run(),
        "memory" => load::memory(),
        "sign-in" => sign_in::run(&rest),
        "admin" => admin::run(&rest),
        "start" => product::cold_start(),
        "all" => {
            println!("{}", machine::describe());
            hot::run();
            load::run();
            load::memory();
            sign_in::run(&[]);
            product::cold_start();
        }
        other => {
            eprintln!(
                "unknown part {other:?}; parts: all, hot, proxy, memory, sign-in, admin, start"
            );
            std::process::exit(2);
        }
    }
}
