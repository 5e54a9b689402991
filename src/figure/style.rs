//! The looks of a figure: sizes, colours and strokes, on light and on dark ground.

use super::text::PT;

/// A colour as sRGB.
pub type Rgb = [u8; 3];

#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    pub colour: Rgb,
    /// Width in pt.
    pub width: f64,
    /// Lengths of dashes and gaps in pt; none for a solid line.
    pub dash: Vec<f64>,
}

impl Stroke {
    pub const fn solid(colour: Rgb, width: f64) -> Self {
        Self { colour, width, dash: Vec::new() }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Style {
    /// Width of the page in mm.
    pub width: f64,
    /// Size of the text in pt; numbers at ticks are a little smaller.
    pub font: f64,
    /// Light on dark.
    pub dark: bool,
}

impl Default for Style {
    /// As wide as a page of text, light.
    fn default() -> Self {
        Self { width: 180.0, font: 8.0, dark: false }
    }
}

impl Style {
    /// Numbers at ticks, in pt.
    pub fn small(&self) -> f64 {
        0.875 * self.font
    }

    /// The size of the text in mm.
    pub fn em(&self) -> f64 {
        self.font / PT
    }

    /// Behind everything.
    pub const fn ground(&self) -> Rgb {
        if self.dark { [0x12, 0x15, 0x18] } else { [0xff, 0xff, 0xff] }
    }

    pub const fn text(&self) -> Rgb {
        if self.dark { [0xdd, 0xe2, 0xe6] } else { [0x1b, 0x1b, 0x1b] }
    }

    /// Edges of plots.
    pub const fn edge(&self) -> Rgb {
        if self.dark { [0x97, 0xa1, 0xaa] } else { [0x55, 0x55, 0x55] }
    }

    /// Hairlines across.
    pub const fn hairline(&self) -> Rgb {
        if self.dark { [0x2e, 0x35, 0x3b] } else { [0xdd, 0xdd, 0xdd] }
    }

    /// The methods in a diagram, apart from one another and from the columns; the last two are for methods to come.
    pub fn method(&self, index: usize) -> Stroke {
        const COLOURS: [[Rgb; 2]; 6] = [
            [[0x6b, 0x75, 0x7e], [0xa8, 0xb2, 0xbb]],
            [[0x8f, 0x66, 0x00], [0xe6, 0xc3, 0x4d]],
            [[0xa6, 0x3d, 0x7f], [0xd9, 0x8f, 0xbd]],
            [[0x00, 0x7a, 0x58], [0x2f, 0xc4, 0x96]],
            [[0x55, 0x58, 0xc0], [0x9a, 0x9d, 0xf0]],
            [[0x5f, 0x70, 0x10], [0xb5, 0xcc, 0x5a]],
        ];
        let colour = COLOURS[index % COLOURS.len()][usize::from(self.dark)];
        Stroke { colour, ..self.series(index) }
    }

    /// Series one after the other, in the colours of Okabe and Ito with dashes for print; the first two are those of
    /// the columns. On dark ground they are lightened until they can be read.
    pub fn series(&self, index: usize) -> Stroke {
        const COLOURS: [[Rgb; 2]; 5] = [
            [[0x00, 0x72, 0xb2], [0x4d, 0xa6, 0xe0]],
            [[0xd5, 0x5e, 0x00], [0xf2, 0x7d, 0x3a]],
            [[0x00, 0x9e, 0x73], [0x2f, 0xc4, 0x96]],
            [[0xcc, 0x79, 0xa7], [0xd9, 0x8f, 0xbd]],
            [[0x56, 0xb4, 0xe9], [0xe6, 0xc3, 0x4d]],
        ];
        const DASHES: [&[f64]; 5] = [&[], &[4.0, 1.5], &[1.5, 1.5], &[4.0, 1.5, 1.0, 1.5], &[0.5, 1.5]];
        let index = index % COLOURS.len();
        let colour = COLOURS[index][usize::from(self.dark)];
        Stroke { colour, width: 1.0, dash: DASHES[index].to_vec() }
    }
}
