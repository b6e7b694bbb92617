//! To be filled.
pub mod demo;
