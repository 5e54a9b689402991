//! Names of values: one trait for every enum that stands by names on the command line, in settings and in files.

use strum::VariantArray;

/// An enum that derives [`VariantArray`] and [`strum::IntoStaticStr`]. Its values stand in the order in which they are
/// offered.
pub trait Named: VariantArray + Copy + Into<&'static str> {
    const ALL: &'static [Self] = Self::VARIANTS;

    fn name(self) -> &'static str {
        self.into()
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }

    /// All names with commas between.
    fn names() -> String {
        Self::ALL.iter().map(|value| value.name()).collect::<Vec<_>>().join(", ")
    }
}

impl<T: VariantArray + Copy + Into<&'static str>> Named for T {}
