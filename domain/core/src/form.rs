//! Form bodies and queries: a strict reading to take values from, and loose ones to watch by.
//!
//! *Strict* ([`Form`], [`content_type`]): one reading, or refused (attacks B01 to B08). *Loose*
//! ([`query_carries`], [`FieldScanner`], [`MultipartScanner`]): whatever any server might read as a
//! configured field. Never buffers a stream and never decides; see `route` and the gateway's login
//! exchange.

mod body;
mod content_type;
mod multipart;
mod names;
mod scanner;

pub use body::{Form, FormProblem};
pub use content_type::{ContentType, content_type};
pub use multipart::MultipartScanner;
pub use names::FoldedName;
pub use scanner::{FieldScanner, Scan, query_carries};

#[cfg(test)]
mod tests;
