//! A scene as a file: SVG, PDF or PNG, with the fonts that are built in and no others.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::{tiny_skia, usvg};
use strum::{IntoStaticStr, VariantArray};

use super::scene::Scene;
use super::text::{PT, REGULAR, STRONG};
use super::{png, svg};
use crate::engine::run::memory;
use crate::numeric::Named;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum FigureFormat {
    Pdf,
    Svg,
    Png,
}

impl FigureFormat {
    /// The kind that a file's name ends in.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?;
        Self::ALL.iter().copied().find(|format| ending.eq_ignore_ascii_case(format.name()))
    }
}

/// Pixels of a picture at most: beyond, memory ends before patience does.
const MOST_PIXELS: f64 = 4e8;

/// How many times as fine a picture is drawn as it is written, in each direction.
const FINE: u32 = 2;

/// Above so many pixels it is drawn as it is written.
const MOST_FINE_PIXELS: f64 = 5e7;

/// The bytes of a figure. `dpi` counts for PNG.
///
/// # Errors
/// The picture would have no pixel or too many, or a writer fails.
pub fn file(scene: &Scene, format: FigureFormat, dpi: f64) -> Result<Vec<u8>, String> {
    match format {
        FigureFormat::Svg => svg::write(scene).map(String::into_bytes),
        FigureFormat::Pdf => pdf(scene),
        FigureFormat::Png => {
            let picture = picture(scene, dpi)?;
            let description = scene.notes.lines.join("\n");
            let program = concat!("snmf-workbench ", env!("CARGO_PKG_VERSION"));
            let title = scene.title.as_deref().unwrap_or("Figure");
            let words = [
                ("Title", title),
                ("Description", description.as_str()),
                ("Software", program),
                ("Comment", scene.notes.command.as_str()),
            ];
            let words: Vec<(&str, &str)> = words.into_iter().filter(|word| !word.1.is_empty()).collect();
            png::encode_with(picture.width, picture.height, &picture.rgb, Some(dpi), &words)
        }
    }
}

/// Pixels, row by row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    /// sRGB, three bytes a pixel.
    pub rgb: Vec<u8>,
}

/// Pixels of a length in mm.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
fn pixels(mm: f64, dpi: f64) -> u32 {
    (mm / 25.4 * dpi).round().clamp(0.0, 1e6) as u32
}

pub fn picture(scene: &Scene, dpi: f64) -> Result<Picture, String> {
    let (width, height) = (pixels(scene.style.width, dpi), pixels(scene.height, dpi));
    let tree = tree(scene)?;
    if f64::from(width) * f64::from(height) > MOST_PIXELS {
        return Err(format!("dpi: {width} x {height} pixels are too many, expected at most 400 million"));
    }
    // Drawn twice as fine and averaged, so that of cells smaller than a pixel more than one counts.
    let fine = if f64::from(width) * f64::from(height) > MOST_FINE_PIXELS { 1 } else { FINE };
    let bytes = u64::from(fine * fine) * 4 + 3 + 3;
    memory::check_picture(u64::from(width) * u64::from(height), bytes).map_err(|e| e.to_string())?;
    let mut pixmap = tiny_skia::Pixmap::new(fine * width, fine * height)
        .ok_or_else(|| format!("dpi: {dpi} leave no pixel of a page of {:.1} mm", scene.style.width))?;
    let size = tree.size();
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // a scale for the eye
    let scale = |pixels: u32, of: f32| (f64::from(pixels) / f64::from(of)) as f32;
    let transform = tiny_skia::Transform::from_scale(
        scale(fine * width, size.width()),
        scale(fine * height, size.height()),
    );
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    // The ground covers the page, so that no pixel lets anything through.
    let rgb = averaged(pixmap.data(), (fine * width) as usize, fine as usize);
    Ok(Picture { width: width as usize, height: height as usize, rgb })
}

/// Blocks of `fine` by `fine` pixels of four bytes as one of three.
fn averaged(data: &[u8], width: usize, fine: usize) -> Vec<u8> {
    let row = 4 * width;
    let mut rgb = Vec::with_capacity(3 * data.len() / (4 * fine * fine));
    for band in data.chunks_exact(fine * row) {
        for left in (0..row).step_by(4 * fine) {
            for channel in 0..3 {
                let places = (0..fine).flat_map(|y| (0..fine).map(move |x| y * row + left + 4 * x + channel));
                let sum: usize = places.map(|place| usize::from(band[place])).sum();
                let mean = (sum + fine * fine / 2) / (fine * fine);
                rgb.push(u8::try_from(mean).unwrap_or(u8::MAX));
            }
        }
    }
    rgb
}

fn pdf(scene: &Scene) -> Result<Vec<u8>, String> {
    let tree = tree(scene)?;
    #[allow(clippy::cast_possible_truncation)] // some hundreds
    let (width, height) = ((scene.style.width * PT) as f32, (scene.height * PT) as f32);
    let settings = PageSettings::from_wh(width, height).ok_or("a page needs a width and a height")?;
    let size = krilla::geom::Size::from_wh(width, height).ok_or("a page needs a width and a height")?;
    let mut document = Document::new_with(SerializeSettings::default());
    let mut metadata = Metadata::new()
        .creator(concat!("snmf-workbench ", env!("CARGO_PKG_VERSION")).to_owned())
        .description(scene.notes.lines.join("\n"));
    if let Some(title) = &scene.title {
        metadata = metadata.title(title.clone());
    }
    if !scene.notes.command.is_empty() {
        metadata = metadata.keywords(vec![scene.notes.command.clone()]);
    }
    document.set_metadata(metadata);
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    // Words stay words, in a subset of the font that goes into the file.
    let drawn = surface.draw_svg(&tree, size, SvgSettings { embed_text: true, ..SvgSettings::default() });
    surface.finish();
    page.finish();
    drawn.ok_or("the figure could not be drawn")?;
    document.finish().map_err(|e| format!("the PDF could not be written: {e:?}"))
}

fn tree(scene: &Scene) -> Result<usvg::Tree, String> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(REGULAR.to_vec());
        fonts.load_font_data(STRONG.to_vec());
        Arc::new(fonts)
    });
    let options = usvg::Options { fontdb: Arc::clone(fonts), ..usvg::Options::default() };
    usvg::Tree::from_str(&svg::write(scene)?, &options).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_their_mean() {
        let pixel = |grey: u8| [grey, grey, grey, 255];
        let data: Vec<u8> = [0, 100, 7, 7, 200, 100, 7, 8].into_iter().flat_map(pixel).collect();
        assert_eq!(averaged(&data, 4, 2), [100, 100, 100, 7, 7, 7]);
        assert_eq!(averaged(&data[..8], 2, 1), [0, 0, 0, 100, 100, 100]);
    }

    #[test]
    fn a_name_says_what_kind_of_file_it_is() {
        let of = |name: &str| FigureFormat::of(Path::new(name));
        assert_eq!(
            [of("a.PDF"), of("b.svg"), of("c.d.png")],
            [FigureFormat::Pdf, FigureFormat::Svg, FigureFormat::Png].map(Some)
        );
        assert_eq!([of("pdf"), of("x.gif"), of("")], [None; 3]);
    }
}
