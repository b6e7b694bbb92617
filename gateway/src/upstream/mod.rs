//! Towards the apps: heads rewritten in both directions, whole exchanges, health.
//!
//! Nothing here knows sessions or policy. `request` and `answer` serve both the streamed way
//! (`crate::proxy`) and the held way (`exchange`).

pub mod answer;
pub mod exchange;
pub mod health;
pub mod request;
