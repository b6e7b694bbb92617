//! A name with its password, and the people of Wardbook, the demonstration EMR.
//! The people of other applications stand beside those (`apps`).

/// Somebody with a password.
#[derive(Clone, Copy, Debug)]
pub struct Login {
    pub name: &'static str,
    pub password: &'static str,
}

impl Login {
    pub const fn new(name: &'static str, password: &'static str) -> Self {
        Self { name, password }
    }
}

pub const ALICE: Login = Login::new("alice", "Stethoscope-1");
pub const BOB: Login = Login::new("bob", "Otoscope-2");
pub const MALLORY: Login = Login::new("mallory", "Scalpel-3");
pub const CHEN: Login = Login::new("dr.chen", "Reflex-4");
