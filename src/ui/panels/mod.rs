//! What stands around the panes: the input, controls, runs, numbers, bars.

pub mod controls;
pub mod empty;
pub mod numbers;
pub mod runs;
pub mod search;
pub mod source;
pub mod status;
pub mod topbar;
pub mod verdict;
