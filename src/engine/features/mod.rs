//! What stored bases are for: sounds are separated and recognised by bases that were stored in so many bytes.
//!
//! The bases of each source are learned on the first half of its sound, stored by each method, and read back. What they
//! are used for are the second halves, which no method has seen:
//!
//! - **Separation.** The second halves of each two sources are mixed at 0 dB. The bases of both are put side by side and
//!   kept, their activations learned on the mixture, and the sources cut out by soft masks with exponent 2 on magnitudes
//!   and the phases of the mixture. What counts is the SI-SDR of the parts above that of the mixture.
//! - **Recognition.** The second halves of all sources follow each other, and the bases of all are kept. A source is
//!   recognised in a window of 0.4 s where its components add most energy to the model.
//!
//! A budget is a compression ratio: the bytes of the text of CNMF's factors in single precision after gzip, bases and
//! activations of the first half, over those of the stored file. Each source has so many bytes by itself.

mod arms;
mod comparison;
mod error;
mod score;
mod separate;
mod sounds;
mod table;

use super::settings::draft::SpecDraft;
use super::settings::input::Source;

pub use comparison::Comparison;
pub use error::FeaturesError;
pub use score::si_sdr_db;
pub use table::{FeaturesReport, FeaturesRow};

/// Compression ratios that are compared at where none are given.
pub const BUDGETS: [f64; 4] = [20.0, 50.0, 100.0, 200.0];

/// R and T where none are given: enough for each of the built-in sounds.
pub const SIZES: (usize, usize) = (20, 5);

/// Seeds where none are given.
pub const SEEDS: u64 = 3;

#[derive(Clone, Debug)]
pub struct Features {
    /// The sounds; the built-in ones where there are none.
    pub sources: Vec<Source>,
    /// R, T, iterations and analysis of all runs. Methods, seeds and targets are those of the comparison.
    pub draft: SpecDraft,
    pub budgets: Vec<f64>,
    /// Starts, from seed 0 up.
    pub seeds: u64,
}

impl Default for Features {
    fn default() -> Self {
        let (components, lags) = SIZES;
        Self {
            sources: Vec::new(),
            draft: SpecDraft { components, lags, ..SpecDraft::default() },
            budgets: BUDGETS.to_vec(),
            seeds: SEEDS,
        }
    }
}
