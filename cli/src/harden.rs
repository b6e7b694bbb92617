//! What keeps the process's memory to itself: no core dump, no debugger of the same user (G07).
//!
//! Keys, seeds and passwords pass through memory; a crash must not write them to a disk. Never
//! ends the process: in a container either call may be refused, and then it is said.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

/// Switches core dumps and tracing by others off, as far as the system lets us.
///
/// # Errors
/// When the system does not.
pub fn keep_memory_private() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    undumpable()
}

#[cfg(target_os = "linux")]
fn undumpable() -> io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};

    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

#[cfg(not(target_os = "linux"))]
fn undumpable() -> io::Result<()> {
    Ok(())
}
