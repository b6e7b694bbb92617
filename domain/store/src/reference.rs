//! Which request is being answered, for the events that it leaves in the audit log.
//!
//! The gateway names it once, round everything it does for a request; the audit log takes it up
//! where it appends. It says where an event can be found and decides nothing: an event without one
//! is as good (docs/decisions/0006). Work that outlives its request has none.

use std::future::Future;

use anteroom_core::reference::Reference;

tokio::task_local! {
    static ANSWERED: Reference;
}

/// Does some work for the request of this name.
pub fn under<W: Future>(reference: Reference, work: W) -> impl Future<Output = W::Output> {
    ANSWERED.scope(reference, work)
}

/// The request that is being answered, if one is.
pub(crate) fn current() -> Option<Reference> {
    ANSWERED.try_with(|reference| *reference).ok()
}
