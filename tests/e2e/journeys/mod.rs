//! Journeys: what people do, from the first password to the last logout, through real sockets.
//! Each file is one story with named actors; the app's own record proves what reached it.

mod crash;
mod doors;
mod emergency;
mod enrolment;
mod leaving;
mod lifetimes;
pub(crate) mod mail;
pub(crate) mod mail_code;
mod neighbours;
mod oldchart;
pub(crate) mod people;
mod recovery;
mod scripts;
mod service;
mod sign_in;
mod streams;
mod temporary;
mod twice;
mod upstreams;
mod wards;
