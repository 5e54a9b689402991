//! How wide words are in Inter, the face of all figures, and which letters it has.

use std::sync::OnceLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// pt in a mm.
pub const PT: f64 = 72.0 / 25.4;

/// The face as files, to draw with or to embed.
pub const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
/// Its bolder companion.
pub const STRONG: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");

/// A mark that is drawn, not written.
const HAT: char = '\u{302}';

/// How wide a letter is that the face does not have, in ems.
const UNKNOWN: f64 = 0.6;

fn faces() -> &'static [Option<FontRef<'static>>; 2] {
    static FACES: OnceLock<[Option<FontRef<'static>>; 2]> = OnceLock::new();
    FACES.get_or_init(|| [REGULAR, STRONG].map(|bytes| FontRef::new(bytes).ok()))
}

/// Each letter with its width in ems.
fn advances(text: &str, strong: bool) -> impl Iterator<Item = (char, f64)> {
    let face = faces()[usize::from(strong)].as_ref();
    let measures = face.map(|face| {
        let (size, location) = (Size::unscaled(), LocationRef::default());
        let em = f64::from(face.metrics(size, location).units_per_em);
        (face.charmap(), face.glyph_metrics(size, location), em)
    });
    text.chars().map(move |c| {
        let width = match &measures {
            // A mark above a letter takes no room of its own.
            _ if ('\u{300}'..='\u{36f}').contains(&c) => 0.0,
            Some((letters, widths, em)) => {
                let units = letters.map(c).and_then(|glyph| widths.advance_width(glyph));
                units.map_or(UNKNOWN, |units| f64::from(units) / em)
            }
            None => UNKNOWN,
        };
        (c, width)
    })
}

/// How wide a line of text is in mm, at `size` pt.
pub fn width(text: &str, size: f64, strong: bool) -> f64 {
    advances(text, strong).map(|(_, width)| width).sum::<f64>() * size / PT
}

/// The letters of a text that the face does not have, each once: boxes stand in their place.
pub fn missing(text: &str) -> Vec<char> {
    let Some(letters) = faces()[0].as_ref().map(MetadataProvider::charmap) else { return Vec::new() };
    let lacks = |c: &char| *c != HAT && letters.map(*c).is_none();
    let mut missing: Vec<char> = text.chars().filter(lacks).collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// The text and the size at which it fits into `room` mm: smaller down to four fifths, then shortened.
pub fn fitted(text: &str, size: f64, strong: bool, room: f64) -> (String, f64) {
    const ELLIPSIS: &str = "\u{2026}";
    let wide = width(text, size, strong);
    if wide <= room {
        return (text.to_owned(), size);
    }
    let smaller = size * (room / wide).max(0.8);
    if width(text, smaller, strong) <= room * 1.0001 {
        return (text.to_owned(), smaller);
    }
    let end = advances(ELLIPSIS, strong).map(|(_, width)| width).sum::<f64>();
    let (mut kept, mut used) = (0, 0.0);
    for ((at, c), (_, width)) in text.char_indices().zip(advances(text, strong)) {
        used += width;
        // Nothing that separates stands before the dots.
        if [' ', ',', ':', '('].contains(&c) {
            continue;
        }
        if (used + end) * smaller / PT > room * 1.0001 {
            break;
        }
        kept = at + c.len_utf8();
    }
    (format!("{}{ELLIPSIS}", &text[..kept]), smaller)
}

/// The same for text in clauses: those at the end are left out where they do not fit.
pub fn clauses(text: &str, size: f64, room: f64) -> (String, f64) {
    let fits = |ems: f64| ems * (0.85 * size) / PT <= room;
    let (mut end, mut used) = (None, 0.0);
    for ((at, c), (_, width)) in text.char_indices().zip(advances(text, false)) {
        // What names the pane stays, shortened.
        if at > 0 && [',', ':'].contains(&c) && (end.is_none() || fits(used)) {
            end = Some(at);
        }
        used += width;
    }
    let shown = match end {
        Some(end) if !fits(used) => &text[..end],
        _ => text,
    };
    let shown = if shown.contains(", ") || !text.contains(", ") { shown } else { text };
    fitted(shown, size, false, room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_widths() {
        let one = width("Frequency (Hz)", 8.0, false);
        assert!((15.0..25.0).contains(&one), "{one}");
        assert!((width("Frequency (Hz)", 16.0, false) / one - 2.0).abs() < 1e-9);
        assert!(width("Frequency (Hz)", 8.0, true) > one);
        assert_eq!(width("V\u{302}", 8.0, false), width("V", 8.0, false));
    }

    #[test]
    fn what_does_not_fit_is_made_to() {
        let text = "reconstruction of everything";
        let wide = width(text, 8.0, false);
        assert_eq!(fitted(text, 8.0, false, wide + 1.0), (text.to_owned(), 8.0));
        let (kept, size) = fitted(text, 8.0, false, 0.9 * wide);
        assert!(kept == text && size < 8.0 && width(&kept, size, false) <= 0.9 * wide * 1.0002);
        let (kept, size) = fitted(text, 8.0, false, 0.4 * wide);
        assert!(kept.ends_with('\u{2026}') && width(&kept, size, false) <= 0.4 * wide * 1.0002, "{kept}");
    }

    #[test]
    fn clauses_go_one_by_one() {
        let text = "W, SNMF rd: 27 values, 85 % zero";
        let room = |text: &str| width(text, 8.0, false);
        assert_eq!(clauses(text, 8.0, room(text)).0, text);
        assert_eq!(clauses(text, 8.0, room("W, SNMF rd: 27 values")).0, "W, SNMF rd: 27 values");
        assert_eq!(clauses(text, 8.0, room("W, SNMF rd")).0, "W, SNMF rd");
        assert!(clauses(text, 8.0, room("W, SNM")).0.ends_with('\u{2026}'));
    }
}
