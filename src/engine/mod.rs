//! What the program does: valid specifications, jobs in the background, the session that owns them,
//! measures and files.
//!
//! May use every layer below (`codec`, `signal`, `numeric`). Knows nothing of the window or of terminals:
//! whoever shows things hands in a [`Waker`] and reads the [`Session`].

pub mod abx;
pub mod analysis;
pub mod attach;
pub mod batch;
pub mod bench;
pub mod bundle;
pub mod choose;
pub mod features;
pub mod files;
pub mod given;
pub mod grid;
pub mod interrupt;
pub mod job;
pub mod lane;
pub mod latest;
pub mod learning;
pub mod measure;
pub mod memory;
pub mod params;
pub mod purpose;
pub mod quality;
pub mod quantise;
pub mod reconstruct;
pub mod recovery;
pub mod report;
pub mod reproduce;
pub mod runs;
pub mod series;
pub mod session;
pub mod session_file;
pub mod spec;
pub mod sweep;
pub mod tables;
pub mod task;
pub mod trace;
pub mod verdict;

pub use abx::Abx;
pub use analysis::Analysis;
pub use batch::Batch;
pub use choose::ChooseDraft;
pub use grid::GridDraft;
pub use job::{Snapshot, Stop};
pub use lane::{LaneId, LaneState, Status};
pub use learning::Learning;
pub use measure::{Measures, Ratios};
pub use quality::{Better, Measure, Quality};
pub use quantise::Probe;
pub use reconstruct::{Origin, Phase, ReconstructError, Reconstruction, Sound, What};
pub use runs::{Kept, Repeated, Runs, Spread};
pub use session::{Command, EngineError, InputState, Message, MessageKind, Session};
pub use spec::{ExperimentSpec, InputSpec, Source, SpecDraft, SpecError};
pub use task::Waker;
pub use trace::Trace;
pub use verdict::Warning;
