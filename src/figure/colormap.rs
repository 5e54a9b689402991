//! Perceptually even colour maps, from dark to light.

use strum::{IntoStaticStr, VariantArray};

/// A colour map. No rainbow: it shows edges where there are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum ColorMap {
    /// Black, purple, orange, cream.
    #[default]
    Magma,
    /// Black, purple, orange, yellow.
    Inferno,
    /// Purple, green, yellow.
    Viridis,
    /// Blue to yellow, the same to most colour-blind eyes.
    Cividis,
    /// Black to white.
    Greys,
}

/// Colours a map is sampled at.
pub const STEPS: usize = 256;

impl ColorMap {
    /// The colours from the lowest value to the highest, as sRGB.
    pub fn table(self) -> [[u8; 3]; STEPS] {
        let gradient = match self {
            Self::Magma => colorous::MAGMA,
            Self::Inferno => colorous::INFERNO,
            Self::Viridis => colorous::VIRIDIS,
            Self::Cividis => colorous::CIVIDIS,
            Self::Greys => colorous::GREYS,
        };
        std::array::from_fn(|i| {
            // The greys of the library run from white to black.
            let i = if self == Self::Greys { STEPS - 1 - i } else { i };
            gradient.eval_rational(i, STEPS).into_array()
        })
    }
}

/// Purple for what is below zero and green for what is above, each from the colour of nothing to its strongest; dark or
/// light as the ground is. Neither is the colour of a column.
pub fn diverging(ground: [u8; 3]) -> [[[u8; 3]; STEPS]; 2] {
    let dark = ground.iter().map(|c| u32::from(*c)).sum::<u32>() < 384;
    let side = |sign: f64| -> [[u8; 3]; STEPS] {
        std::array::from_fn(|i| {
            let strength = i as f64 / (STEPS - 1) as f64;
            // The map has its light colours inside and its dark ones at the ends: on dark ground it runs inwards.
            let out = if dark { 1.0 - 0.72 * strength } else { 0.3 + 0.7 * strength };
            let full = colorous::PURPLE_GREEN.eval_continuous(0.5 + 0.5 * sign * out).into_array();
            let share = (3.0 * strength).min(1.0);
            std::array::from_fn(|c| {
                let mixed = f64::from(ground[c]) * (1.0 - share) + f64::from(full[c]) * share;
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between two bytes
                let byte = mixed.round() as u8;
                byte
            })
        })
    };
    [side(-1.0), side(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Named;

    #[test]
    fn every_map_runs_from_dark_to_light() {
        let lightness = |[r, g, b]: [u8; 3]| 2 * u32::from(r) + 5 * u32::from(g) + u32::from(b);
        for &map in ColorMap::ALL {
            let table = map.table();
            assert!(lightness(table[0]) + 300 < lightness(table[STEPS - 1]), "{}", map.name());
        }
    }
}
