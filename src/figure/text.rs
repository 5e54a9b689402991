//! How wide words are in Inter, the face of all figures.

use std::sync::OnceLock;

use ttf_parser::Face;

use super::scene::PT;

/// The face as files, for whoever draws or embeds it.
pub const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
/// Its bolder companion.
pub const STRONG: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");

/// How wide a line of text is in mm, at `size` pt.
#[must_use]
pub fn width(text: &str, size: f64, strong: bool) -> f64 {
    static FACES: OnceLock<[Option<Face<'static>>; 2]> = OnceLock::new();
    let faces = FACES.get_or_init(|| [REGULAR, STRONG].map(|bytes| Face::parse(bytes, 0).ok()));
    let advance = |c: char| match &faces[usize::from(strong)] {
        // A mark above a letter takes no room of its own.
        _ if ('\u{300}'..='\u{36f}').contains(&c) => 0.0,
        Some(face) => {
            let glyph = face.glyph_index(c).and_then(|glyph| face.glyph_hor_advance(glyph));
            glyph.map_or(0.6, |units| f64::from(units) / f64::from(face.units_per_em()))
        }
        None => 0.6,
    };
    text.chars().map(advance).sum::<f64>() * size / PT
}

/// The text and the size at which it fits into `room` mm: smaller down to four fifths, then shortened.
#[must_use]
pub fn fitted(text: &str, size: f64, strong: bool, room: f64) -> (String, f64) {
    let wide = width(text, size, strong);
    if wide <= room {
        return (text.to_owned(), size);
    }
    let smaller = size * (room / wide).max(0.8);
    let mut kept: Vec<char> = text.chars().collect();
    let mut shown = text.to_owned();
    while width(&shown, smaller, strong) > room * 1.0001 && kept.pop().is_some() {
        let cut: String = kept.iter().collect();
        shown = format!("{}\u{2026}", cut.trim_end_matches([' ', ',', ':', '(']));
    }
    (shown, smaller)
}

/// The same for what is told in clauses: those at the end are left out where they do not fit.
#[must_use]
pub fn clauses(text: &str, size: f64, room: f64) -> (String, f64) {
    let mut shown = text;
    while width(shown, 0.85 * size, false) > room {
        let Some(end) = shown.rfind([',', ':']).filter(|end| *end > 0) else { break };
        shown = &shown[..end];
    }
    // What names the pane stays, shortened.
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
