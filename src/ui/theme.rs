//! All of the look: fonts, sizes, spacing, colours.

use std::sync::Arc;

use egui::{
    Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Stroke, TextStyle, Theme,
};

use crate::engine::ColumnId;
use crate::numeric::Method;

/// Space between related things.
pub const GAP: f32 = 8.0;
/// Space between groups.
pub const GROUP: f32 = 16.0;
/// Room for the numbers on a vertical axis, the same in every pane so that their plots line up.
pub const AXIS_WIDTH: f32 = 54.0;

const SMALL: f32 = 11.0;
const BODY: f32 = 13.0;
const HEADING: f32 = 15.0;

/// The face for headings and for what must stand out.
pub fn strong(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("strong".into()))
}

/// The colours of one theme.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Behind everything.
    pub window: Color32,
    /// Behind controls.
    pub panel: Color32,
    /// Behind plots and text fields.
    pub well: Color32,
    /// Words.
    pub text: Color32,
    /// Units and explanations.
    pub weak: Color32,
    /// Hairlines.
    pub line: Color32,
    /// Buttons at rest, under the pointer, pressed.
    pub button: [Color32; 3],
    /// Column A: Okabe-Ito blue, lightened on dark ground until it can be read.
    pub a: Color32,
    /// Column B: Okabe-Ito vermilion, likewise.
    pub b: Color32,
    /// Methods in a scatter, apart from one another and from the columns; the last two are for methods to come.
    pub methods: [Color32; 6],
    /// Components, from the first on; after the last the first comes again.
    pub hues: [Color32; 10],
    /// Errors and warnings.
    pub error: Color32,
    /// What is not quite as it should be.
    pub warning: Color32,
}

const DARK: Palette = Palette {
    window: Color32::from_rgb(0x12, 0x15, 0x18),
    panel: Color32::from_rgb(0x1a, 0x1e, 0x22),
    well: Color32::from_rgb(0x0c, 0x0e, 0x10),
    text: Color32::from_rgb(0xdd, 0xe2, 0xe6),
    weak: Color32::from_rgb(0x97, 0xa1, 0xaa),
    line: Color32::from_rgb(0x2e, 0x35, 0x3b),
    button: [
        Color32::from_rgb(0x28, 0x2e, 0x34),
        Color32::from_rgb(0x33, 0x3b, 0x42),
        Color32::from_rgb(0x3d, 0x47, 0x50),
    ],
    a: Color32::from_rgb(0x4d, 0xa6, 0xe0),
    b: Color32::from_rgb(0xf2, 0x7d, 0x3a),
    methods: [
        Color32::from_rgb(0xa8, 0xb2, 0xbb),
        Color32::from_rgb(0xe6, 0xc3, 0x4d),
        Color32::from_rgb(0xd9, 0x8f, 0xbd),
        Color32::from_rgb(0x2f, 0xc4, 0x96),
        Color32::from_rgb(0x9a, 0x9d, 0xf0),
        Color32::from_rgb(0xb5, 0xcc, 0x5a),
    ],
    hues: [
        Color32::from_rgb(0xff, 0xe3, 0x43),
        Color32::from_rgb(0xab, 0xfc, 0xac),
        Color32::from_rgb(0xdd, 0x71, 0xba),
        Color32::from_rgb(0x77, 0x8f, 0xfc),
        Color32::from_rgb(0xc6, 0x9d, 0x81),
        Color32::from_rgb(0x64, 0xeb, 0xfe),
        Color32::from_rgb(0xff, 0xaf, 0xb8),
        Color32::from_rgb(0x84, 0xa2, 0x14),
        Color32::from_rgb(0xa0, 0xb7, 0xfc),
        Color32::from_rgb(0xbc, 0xc2, 0x48),
    ],
    error: Color32::from_rgb(0xff, 0x7a, 0x70),
    warning: Color32::from_rgb(0xe8, 0xb3, 0x4b),
};

const LIGHT: Palette = Palette {
    window: Color32::from_rgb(0xf4, 0xf5, 0xf6),
    panel: Color32::from_rgb(0xff, 0xff, 0xff),
    well: Color32::from_rgb(0xfa, 0xfb, 0xfb),
    text: Color32::from_rgb(0x1b, 0x20, 0x24),
    weak: Color32::from_rgb(0x5a, 0x64, 0x6d),
    line: Color32::from_rgb(0xd5, 0xda, 0xde),
    button: [
        Color32::from_rgb(0xe8, 0xeb, 0xee),
        Color32::from_rgb(0xdc, 0xe1, 0xe5),
        Color32::from_rgb(0xcf, 0xd6, 0xdc),
    ],
    a: Color32::from_rgb(0x00, 0x66, 0xa0),
    b: Color32::from_rgb(0xb0, 0x44, 0x00),
    methods: [
        Color32::from_rgb(0x6b, 0x75, 0x7e),
        Color32::from_rgb(0x8f, 0x66, 0x00),
        Color32::from_rgb(0xa6, 0x3d, 0x7f),
        Color32::from_rgb(0x00, 0x7a, 0x58),
        Color32::from_rgb(0x55, 0x58, 0xc0),
        Color32::from_rgb(0x5f, 0x70, 0x10),
    ],
    hues: [
        Color32::from_rgb(0x91, 0x65, 0x17),
        Color32::from_rgb(0x0a, 0x5f, 0x4d),
        Color32::from_rgb(0xb8, 0x31, 0x92),
        Color32::from_rgb(0x82, 0x48, 0xe1),
        Color32::from_rgb(0x68, 0x1b, 0x56),
        Color32::from_rgb(0x08, 0x3b, 0x85),
        Color32::from_rgb(0x7a, 0x08, 0x1d),
        Color32::from_rgb(0x66, 0x52, 0x07),
        Color32::from_rgb(0x5b, 0x31, 0xb7),
        Color32::from_rgb(0x41, 0x7a, 0x59),
    ],
    error: Color32::from_rgb(0xb3, 0x1d, 0x12),
    warning: Color32::from_rgb(0x86, 0x5a, 0x00),
};

impl Palette {
    /// The colours of the theme in use.
    pub fn of(visuals: &egui::Visuals) -> Self {
        if visuals.dark_mode { DARK } else { LIGHT }
    }

    /// The colour of a method.
    pub const fn method(&self, method: Method) -> Color32 {
        self.methods[method.row().colour % self.methods.len()]
    }

    /// The colour of a component, counted from 0.
    pub const fn hue(&self, component: usize) -> Color32 {
        self.hues[component % self.hues.len()]
    }

    /// The one accent of a column.
    pub const fn column(&self, column: ColumnId) -> Color32 {
        match column {
            ColumnId::A => self.a,
            ColumnId::B => self.b,
        }
    }
}

/// Fonts, sizes and both themes; dark unless the user chooses.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    ctx.set_theme(Theme::Dark);
    for (theme, palette) in [(Theme::Dark, DARK), (Theme::Light, LIGHT)] {
        ctx.style_mut_of(theme, |style| {
            style.text_styles = [
                (TextStyle::Small, FontId::proportional(SMALL)),
                (TextStyle::Body, FontId::proportional(BODY)),
                (TextStyle::Button, FontId::proportional(BODY)),
                (TextStyle::Monospace, FontId::proportional(BODY)),
                (TextStyle::Heading, strong(HEADING)),
            ]
            .into();
            style.spacing.scroll = egui::style::ScrollStyle {
                floating_allocated_width: 10.0,
                ..egui::style::ScrollStyle::thin()
            };
            style.spacing.item_spacing = egui::vec2(GAP, 6.0);
            style.spacing.button_padding = egui::vec2(8.0, 3.0);
            style.spacing.interact_size.y = 24.0;
            style.spacing.menu_margin = Margin::same(8);
            style.spacing.combo_width = 96.0;
            dress(&mut style.visuals, &palette);
        });
    }
}

fn dress(visuals: &mut egui::Visuals, p: &Palette) {
    visuals.panel_fill = p.panel;
    visuals.window_fill = p.panel;
    visuals.extreme_bg_color = p.well;
    visuals.faint_bg_color = p.window;
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(p.weak);
    visuals.error_fg_color = p.error;
    visuals.warn_fg_color = p.warning;
    visuals.window_stroke = Stroke::new(1.0, p.line);
    visuals.selection.bg_fill = p.button[2];
    visuals.selection.stroke = Stroke::new(1.0, p.text);
    let widgets = &mut visuals.widgets;
    for (state, fill) in [
        (&mut widgets.noninteractive, p.panel),
        (&mut widgets.inactive, p.button[0]),
        (&mut widgets.hovered, p.button[1]),
        // What has the focus is drawn so, too: it has a ring of its own.
        (&mut widgets.active, p.button[0]),
        (&mut widgets.open, p.button[1]),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, p.line);
        state.fg_stroke = Stroke::new(1.0, p.text);
        state.corner_radius = CornerRadius::same(4);
        state.expansion = 0.0;
    }
}

/// Width of the ring around what has the focus, and how far outside it is.
const RING: [f32; 2] = [1.5, 3.0];

/// Draws a ring around what the next key goes to; a text field has its own.
pub fn mark_focus(ctx: &egui::Context) {
    if ctx.text_edit_focused() {
        return;
    }
    let Some(focused) = ctx.memory(egui::Memory::focused).and_then(|id| ctx.read_response(id)) else {
        return;
    };
    let [width, outside] = RING;
    let color = Palette::of(&ctx.style_of(ctx.theme()).visuals).text;
    let ring = focused.rect.expand(outside).intersect(ctx.content_rect().shrink(width));
    ctx.layer_painter(focused.layer_id).rect_stroke(
        ring,
        CornerRadius::same(6),
        Stroke::new(width, color),
        egui::StrokeKind::Inside,
    );
}

/// One typeface. Its figures are as wide as one another, so that numbers stand in columns and do not jiggle.
fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut add = |family: FontFamily, name: &str, bytes: &'static [u8]| {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        fonts.families.insert(family, vec![name.to_owned()]);
    };
    add(FontFamily::Proportional, "regular", include_bytes!("../../assets/fonts/InterTab-Regular.otf"));
    add(
        FontFamily::Name("strong".into()),
        "strong",
        include_bytes!("../../assets/fonts/InterTab-SemiBold.otf"),
    );
    // What a library draws in it, such as the readout of a plot.
    fonts.families.insert(FontFamily::Monospace, vec!["regular".to_owned()]);
    fonts
}

/// The contrast of two colours as WCAG defines it, 1 to 21.
pub fn contrast(one: Color32, other: Color32) -> f64 {
    let luminance = |c: Color32| {
        let linear = |byte: u8| {
            let x = f64::from(byte) / 255.0;
            if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
    };
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_read_stands_out_in_both_themes() {
        for palette in [DARK, LIGHT] {
            for ground in [palette.window, palette.panel, palette.well, palette.button[0]] {
                for ink in [palette.text, palette.weak, palette.a, palette.b, palette.error, palette.warning]
                {
                    assert!(contrast(ink, ground) >= 4.5, "{ink:?} on {ground:?}: {}", contrast(ink, ground));
                }
            }
            for (ink, ground) in
                palette.hues.iter().flat_map(|ink| [(ink, palette.panel), (ink, palette.well)])
            {
                assert!(contrast(*ink, ground) >= 4.5, "{ink:?} on {ground:?}: {}", contrast(*ink, ground));
            }
        }
    }
}
