//! The admin app from outside: what operators do there, and what it does for people at the gateway.

mod first_owner;
