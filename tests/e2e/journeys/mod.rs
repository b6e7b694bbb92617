//! Journeys: what people do, from the first password to the last logout, through real sockets.
//! Each file is one story with named actors; the app's own record proves what reached it.

mod brand;
mod crash;
mod devices;
mod doors;
mod emergency;
mod enrolment;
mod languages;
mod leaving;
mod letters;
mod lifetimes;
pub(crate) mod mail;
pub(crate) mod mail_code;
mod neighbours;
mod oldchart;
pub(crate) mod own_keys;
mod own_page;
pub(crate) mod passkeys;
pub(crate) mod people;
mod phones;
mod recovery;
mod scripts;
mod service;
mod sign_in;
mod streams;
mod temporary;
mod tokens;
mod twice;
mod upstreams;
pub(crate) mod wards;
mod webhook;
mod wizard;
