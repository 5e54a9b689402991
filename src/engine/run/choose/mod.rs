//! R and T for a budget: the storable model with the best quality in so many bytes, or the fewest bytes at a quality.
//!
//! Components (R) and lags (T) compete for the same bytes, and which of them serves a sound better cannot be read off
//! it: they are tried. Values that nobody has named are searched from coarse to fine: every second one first, then the
//! neighbours of the best three until none of these is untried. For sound, other powers P are tried with the best R and T
//! at the end. The order is fixed, and so is the outcome.

mod bit_rate;
mod candidates;
mod draft;
mod goal;
mod outcome;
mod price;
mod search;

pub use bit_rate::{bytes_at, kbps_of, seconds_of};
pub use candidates::{COMPONENTS, Candidates, Cell, LAGS};
pub use draft::{ChooseDraft, ChooseError};
pub use goal::{ModelGoal, QualityFloor};
pub use outcome::{BestChoice, ChoiceRow, frontier};
pub use search::{ModelSearch, POWERS};
