//! What the program does: valid specifications, jobs in the background, the session that owns them,
//! measures and files.
//!
//! Knows nothing of the window or of terminals: the one who shows things hands in a [`Waker`] and reads the [`Session`].

pub mod abx;
pub mod analysis;
pub mod attach;
pub mod bench;
pub mod corpus;
pub mod features;
pub mod files;
pub mod given;
pub mod interrupt;
pub mod latest;
pub mod learn;
pub mod reconstruct;
pub mod recovery;
pub mod reproduce;
pub mod run;
pub mod session;
pub mod session_file;
pub mod settings;
pub mod sound_ref;
pub mod stream_file;
pub mod task;

pub use abx::Abx;
pub use analysis::Analysis;
pub use reconstruct::{FrameOrigin, Phase, ReconstructError, ReconstructedSound, Reconstruction, What};
pub use run::batch::Batch;
pub use run::choose::ChooseDraft;
pub use run::column::{ColumnId, ColumnState, Status};
pub use run::learning::Learning;
pub use run::list::{Repeated, RunRecord, Runs, Spread};
pub use run::measure::{Measures, Ratios};
pub use run::quality::{Better, Measure, Quality};
pub use run::snapshot::{Snapshot, Stop};
pub use run::trace::Trace;
pub use run::verdict::{Verdict, Warning};
pub use session::{Command, EngineError, InputState, Message, MessageKind, Session};
pub use settings::draft::SpecDraft;
pub use settings::error::SpecError;
pub use settings::grid::GridDraft;
pub use settings::input::{InputSpec, Source};
pub use settings::spec::ExperimentSpec;
pub use task::Waker;
