//! The verdict: one strip over the whole width that says what B keeps and costs against A. It is as high in every state.

use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{Button, Color32, FontId, Galley, Pos2, Rect, Sense, TextFormat, TextWrapMode, Ui, pos2, vec2};

use crate::engine::{ColumnId, ColumnState, Command, Measure, Measures, Session, SpecDraft, Status, Verdict};
use crate::numeric::{Loss, Metric};
use crate::ui::actions::Request;
use crate::ui::text::verdict as words;
use crate::ui::theme::{GAP, GROUP, Palette, strong};

/// Height of the strip.
pub const HEIGHT: f32 = 96.0;

/// Baselines from the top: captions, the large numbers, the last line.
const CAPTION: f32 = 23.0;
const NUMBER: f32 = 54.0;
const LINE: f32 = 82.0;

/// Baselines and height of the bars.
const BARS: [f32; 2] = [25.0, 49.0];
const BAR: f32 = 11.0;

/// What the ratio takes; from where bars have room, in points of the window.
const RATIO: f32 = 150.0;
const LEAST_WITH_BARS: f32 = 800.0;

/// Room for the bytes behind a bar.
const BYTES: f32 = 72.0;

/// Width of the cell of a measure, by the width of the window.
fn cell_width(width: f32) -> f32 {
    match width {
        1200.0.. => 176.0,
        1000.0.. => 144.0,
        800.0.. => 124.0,
        _ => ((width - GROUP - RATIO) / 3.0).max(0.0),
    }
}

/// A text with its font and colour.
type Piece = (String, FontId, Color32);

/// The verdict as it is painted.
struct Strip<'a> {
    session: &'a Session,
    rect: Rect,
    palette: Palette,
    verdict: Option<Verdict>,
}

/// The strip.
pub fn verdict(ui: &mut Ui, session: &Session, out: &mut Vec<Request>) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let palette = Palette::of(ui.visuals());
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, (1.0, palette.line));
    let strip = Strip { session, rect, palette, verdict: session.verdict() };
    let width = cell_width(rect.width());
    let cells = rect.right() - 3.0 * width;
    strip.ratio(ui);
    if rect.width() >= LEAST_WITH_BARS {
        strip.bars(ui, rect.left() + GROUP + RATIO + GROUP, cells - GROUP);
    }
    for (i, of) in words::MEASURES.into_iter().enumerate() {
        let left = cells + i as f32 * width;
        strip.cell(ui, Rect::from_x_y_ranges(left..=left + width, rect.y_range()), of);
    }
    strip.line(ui, cells - GROUP, out);
}

impl Strip<'_> {
    fn shown(&self, column: ColumnId) -> &ColumnState {
        self.session.shown(column)
    }

    fn measures(&self) -> [Option<&Measures>; 2] {
        ColumnId::BOTH.map(|column| self.shown(column).measures.as_deref())
    }

    /// The colour of a number of this column, or of both: weak while it is of the run before.
    fn ink(&self, columns: &[ColumnId], fresh: Color32) -> Color32 {
        let is_old = columns.iter().any(|column| self.session.column(*column).awaits_result());
        if is_old { self.palette.weak } else { fresh }
    }

    fn small(&self, text: &str) -> Piece {
        (text.to_owned(), FontId::proportional(11.0), self.palette.weak)
    }

    fn plain(&self, text: &str) -> Piece {
        (text.to_owned(), FontId::proportional(13.0), self.palette.weak)
    }

    fn ratio(&self, ui: &Ui) {
        let (left, right) = (self.rect.left() + GROUP, self.rect.left() + GROUP + RATIO);
        let (number, word) =
            self.verdict.as_ref().map_or((words::NOT_KNOWN.to_owned(), ""), |v| words::times(v.ratio));
        let ink = self.ink(&ColumnId::BOTH, self.palette.text);
        write(ui, pos2(left, self.rect.top() + CAPTION), right, &[self.small(words::HEADING)]);
        let pieces = [(number.clone(), strong(26.0), ink), self.plain(word)];
        write(ui, pos2(left, self.rect.top() + NUMBER), right, &pieces);
        let place = Rect::from_x_y_ranges(left..=right, self.rect.top()..=self.rect.top() + NUMBER + GAP);
        say(ui, place, "ratio", format!("{}: {number} {word}", words::HEADING).trim(), words::HELP);
    }

    /// The bytes of both files, as lengths in proportion.
    fn bars(&self, ui: &Ui, left: f32, right: f32) {
        let bytes = self.measures().map(|measures| measures.map(|m| m.sizes.file_bytes));
        let most = bytes.into_iter().flatten().max().unwrap_or(1).max(1) as f32;
        let method = |column: ColumnId| self.shown(column).method_label().unwrap_or_default();
        let name = |column: ColumnId| {
            let text = (method(column), FontId::proportional(13.0), self.palette.text);
            [(column.name().to_owned(), strong(13.0), self.palette.column(column)), text]
        };
        let longest_name =
            ColumnId::BOTH.map(|column| width_of(ui, &name(column))).into_iter().fold(0.0, f32::max);
        let from = left + longest_name + GAP;
        let longest = (right - from - BYTES).max(0.0);
        for ((column, bytes), y) in ColumnId::BOTH.into_iter().zip(bytes).zip(BARS) {
            let y = self.rect.top() + y;
            let colour = self.palette.column(column);
            write(ui, pos2(left, y), from, &name(column));
            let number = bytes.map_or_else(|| words::NOT_KNOWN.to_owned(), words::kilobytes);
            let end = bytes.map_or(from, |bytes| from + (longest * bytes as f32 / most).max(2.0));
            let middle = y - 0.5 * BAR + 1.0;
            let bar = Rect::from_x_y_ranges(from..=end, middle - 0.5 * BAR..=middle + 0.5 * BAR);
            let half = if self.ink(&[column], colour) == colour { 1.0 } else { 0.5 };
            ui.painter().rect_filled(bar, 0.0, colour.gamma_multiply(half));
            let ink = self.ink(&[column], self.palette.text);
            write(ui, pos2(end + GAP, y), right, &[(number.clone(), strong(13.0), ink)]);
            let place = Rect::from_x_y_ranges(left..=right, middle - BAR..=middle + BAR);
            say(ui, place, column.name(), &format!("{} {} {number}", column.name(), method(column)), "");
        }
    }

    /// A measure: its change large, below it from where to where.
    fn cell(&self, ui: &Ui, place: Rect, (measure, name, meaning): (Measure, &str, &str)) {
        let (left, right, top) = (place.left() + GROUP, place.right() - 4.0, place.top());
        ui.painter().vline(
            place.left(),
            place.top() + GROUP..=place.bottom() - GROUP,
            (1.0, self.palette.line),
        );
        let gave_way = |v: &Verdict| v.gave_way.iter().any(|warning| warning.measure == measure);
        let warned = self.verdict.as_ref().is_some_and(gave_way);
        let ink = self.ink(&ColumnId::BOTH, if warned { self.palette.warning } else { self.palette.text });
        let mark = if warned { "\u{25b2} " } else { "" };
        let caption = (format!("{mark}{name}"), strong(11.0), ink);
        write(ui, pos2(left, top + CAPTION), right, &[caption, self.small(meaning)]);
        let values = self.measures().map(|measures| measures.and_then(|m| measure.of(m)));
        let both = values[0].zip(values[1]).filter(|_| self.verdict.is_some());
        let (change, unit) = both.map_or((words::NOT_KNOWN.to_owned(), ""), |(a, b)| change(measure, a, b));
        let pieces = [(change.clone(), strong(26.0), ink), self.plain(unit)];
        write(ui, pos2(left, top + NUMBER), right, &pieces);
        let number =
            |value: Option<f64>| value.map_or_else(|| words::NOT_KNOWN.to_owned(), |x| format!("{x:.1}"));
        let [from, to] = values.map(number);
        let ink_of = |column: ColumnId| self.ink(&[column], self.palette.column(column));
        let small = FontId::proportional(11.0);
        let pieces = [
            (from.clone(), small.clone(), ink_of(ColumnId::A)),
            self.small(words::TO),
            (to.clone(), small.clone(), ink_of(ColumnId::B)),
            (measure.unit().to_owned(), small, ink_of(ColumnId::B)),
        ];
        write(ui, pos2(left, top + LINE), right, &pieces);
        let said = format!("{name}, {meaning}: {change} {unit}, {from} {} {to}", words::TO);
        say(ui, place, name, &said, measure.help());
    }

    /// The last line: what is compared, what gave way, or why there is nothing to compare; with the button that mends it.
    fn line(&self, ui: &mut Ui, right: f32, out: &mut Vec<Request>) {
        let left = self.rect.left() + GROUP;
        let (text, colour, mends) = self.sentence();
        let all = self.verdict.iter().flat_map(|verdict| &verdict.gave_way).filter(|_| mends);
        let help: Vec<&str> = all.map(|warning| warning.text.as_str()).collect();
        let help = if help.is_empty() { text.clone() } else { help.join("\n") };
        let mended = mends.then(|| by_kld(self.session.draft()));
        let mended = mended.filter(|draft| draft != self.session.draft());
        let font = FontId::proportional(11.0);
        let button = Button::new(egui::RichText::new(words::BY_KLD).font(font.clone()));
        let room = if mended.is_some() {
            width_of(ui, &[(words::BY_KLD.to_owned(), font.clone(), colour)]) + 2.0 * GAP + GROUP
        } else {
            0.0
        };
        let mut job = LayoutJob::single_section(text.clone(), TextFormat::simple(font, colour));
        job.wrap.max_width = (right - left - room).max(0.0);
        (job.wrap.max_rows, job.wrap.break_anywhere) = (1, true);
        let galley = ui.painter().layout_job(job);
        let place = pos2(left, self.rect.top() + LINE - baseline(&galley));
        let taken = Rect::from_min_size(place, galley.size());
        ui.painter().galley(place, galley, colour);
        say(ui, taken, "line", &text, &help);
        let Some(draft) = mended else { return };
        let place = Rect::from_min_size(
            pos2(taken.right() + GAP, taken.center().y - 0.5 * BUTTON),
            vec2(room - GROUP, BUTTON),
        );
        ui.spacing_mut().interact_size.y = BUTTON;
        ui.spacing_mut().button_padding.y = 0.0;
        ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
        if ui.put(place, button).on_hover_text(words::BY_KLD_HELP).clicked() {
            out.push(Request::Command(Command::SetDraft(draft)));
        }
    }

    /// The sentence with its colour, and whether it says what measuring by KLD would mend.
    fn sentence(&self) -> (String, Color32, bool) {
        let weak = |text: String| (text, self.palette.weak, false);
        for column in ColumnId::BOTH {
            if let Status::Failed { reason } = &self.session.column(column).status {
                return (words::failed(column.name(), reason), self.palette.error, false);
            }
        }
        let waiting =
            ColumnId::BOTH.into_iter().filter(|column| self.session.column(*column).awaits_result());
        let waiting: Vec<String> =
            waiting.map(|column| words::of_before(column.name(), self.shown(column).number())).collect();
        if !waiting.is_empty() {
            return weak(waiting.join(". "));
        }
        let is_missing = |column: ColumnId| {
            let state = self.session.column(column);
            state.snapshot.is_none() && !state.status.is_active()
        };
        match (&self.verdict, self.session.ratios()) {
            (Some(verdict), _) if !verdict.gave_way.is_empty() => {
                let text = words::gave_way(&verdict.gave_way, verdict.empty_above);
                (text, self.palette.warning, true)
            }
            (Some(_), Some(ratios)) => weak(words::operands(&ratios)),
            (None, Some(_)) => weak(words::OTHER_SOUND.to_owned()),
            _ if is_missing(ColumnId::B) => weak(words::NO_B.to_owned()),
            _ if is_missing(ColumnId::A) => weak(words::NO_A.to_owned()),
            _ => weak(words::FIRST_NUMBERS.to_owned()),
        }
    }
}

/// Height of the button in the last line.
const BUTTON: f32 = 18.0;

/// The settings that measure by KLD.
fn by_kld(draft: &SpecDraft) -> SpecDraft {
    SpecDraft { metric: Metric::Kld, loss: Loss::All, ..draft.clone() }
}

/// How far B is from A in a measure, and in what: dB where the measure has them, else a number of times.
fn change(measure: Measure, a: f64, b: f64) -> (String, &'static str) {
    if measure.is_by_decades() {
        let (text, word) = words::times(a / b);
        return if (a / b).is_finite() && b / a != f64::INFINITY {
            (text, word)
        } else {
            (words::NOT_KNOWN.to_owned(), "")
        };
    }
    let by = b - a;
    if by.is_finite() { (words::change(by), measure.unit()) } else { (words::NOT_KNOWN.to_owned(), "") }
}

/// Between two texts on one baseline.
const SPACE: f32 = 4.0;

/// What texts take after one another, with the space behind each.
fn width_of(ui: &Ui, pieces: &[Piece]) -> f32 {
    let width = |(text, font, colour): &Piece| {
        ui.painter().layout_no_wrap(text.clone(), font.clone(), *colour).size().x
    };
    pieces.iter().map(|piece| width(piece) + SPACE).sum()
}

/// Where the first line of a text stands, from its top.
fn baseline(galley: &Galley) -> f32 {
    let row = galley.rows.first();
    row.and_then(|row| Some(row.pos.y + row.glyphs.first()?.pos.y)).unwrap_or_default()
}

/// Writes texts after one another on one baseline; one that would pass `right` is left out, with all that follow.
fn write(ui: &Ui, at: Pos2, right: f32, pieces: &[Piece]) {
    let mut x = at.x;
    for (text, font, colour) in pieces.iter().filter(|(text, ..)| !text.is_empty()) {
        let galley: Arc<Galley> = ui.painter().layout_no_wrap(text.clone(), font.clone(), *colour);
        if x + galley.size().x > right {
            return;
        }
        let width = galley.size().x;
        ui.painter().galley(pos2(x, at.y - baseline(&galley)), galley, *colour);
        x += width + SPACE;
    }
}

/// Gives a part of the strip a name for those who do not see it, and a tooltip.
fn say(ui: &Ui, place: Rect, part: &str, text: &str, help: &str) {
    let response = ui.interact(place, ui.scope_id().with(part), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
    if !help.is_empty() {
        response.on_hover_text(help);
    }
}
