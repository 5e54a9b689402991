//! What is heard: how its sound is made, and the bar that plays it.

pub mod phases;
pub mod plan;
pub mod sound;
pub mod transport;
