//! How the list of runs stands.

use crate::engine::Measure;

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// The latest first.
    #[default]
    Number,
    /// The best in this measure first.
    Measure(Measure),
    /// The smallest first.
    Bytes,
}

/// What stands beside the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beside {
    /// The settings in which the two columns differ.
    #[default]
    Differences,
    /// Means over seeds.
    Repeated,
}

/// How the list stands.
#[derive(Clone, Debug, Default)]
pub struct RunList {
    /// What it is sorted by.
    pub sort: SortBy,
    /// What stands beside it.
    pub beside: Beside,
    /// The run whose name is typed, the name so far, and whether the field has the focus.
    pub renaming: Option<(usize, String, bool)>,
}
