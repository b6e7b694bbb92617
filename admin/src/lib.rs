//! The operator's way: the web app in which locked-out people are helped and the audit log is read.
//!
//! Never touches a subscriber's request and never knows the gateway: the two meet in the store
//! alone, so either may be stopped.

pub mod pages;
pub mod password;
