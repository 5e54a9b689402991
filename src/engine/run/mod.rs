//! One run and many: from a valid specification to snapshots, measures and the list of what was run.

pub mod batch;
pub mod choose;
pub mod column;
pub mod job;
pub mod learning;
pub mod list;
pub mod measure;
pub mod memory;
pub mod quality;
pub mod series;
pub mod snapshot;
pub mod sweep;
pub mod trace;
pub mod verdict;
