//! The thirty cases: walks of real applications that a first design got wrong, one test a rule.
//! Named `case_NN_` after DESIGN-CASES. What attacks and journeys prove already is not repeated.

mod before;
mod cookies;
mod during;
mod leaving;
pub mod oldapp;
mod onpath;
mod proof;
