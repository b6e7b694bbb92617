//! The `anteroom` command. Everything it does stands in the library beside it.
//!
//! Chooses the allocator: requests are many small allocations on threads of their own.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    anteroom::command::main()
}
