//! The left side: what is analysed, and with which settings.

use egui::Ui;

use super::source::signal;
use crate::engine::run::memory;
use crate::engine::settings::purpose::Purpose;
use crate::engine::settings::{Group, Setting, table};
use crate::engine::{ColumnId, Command, InputState, Session, SpecDraft};
use crate::numeric::{Levels, Method, Named, RunSpec};
use crate::ui::actions::menu::button;
use crate::ui::actions::{Action, Request};
use crate::ui::text::{Term, controls as words, units};
use crate::ui::theme::{GAP, GROUP, Palette};
use crate::ui::view::View;
use crate::ui::widgets::{choice, row, setting};

/// The controls.
pub fn controls(ui: &mut Ui, session: &Session, view: &mut View, out: &mut Vec<Request>) {
    ui.spacing_mut().item_spacing.y = 6.0;
    signal(ui, session, view, out);
    let mut draft = session.draft().clone();
    purpose(ui, &mut draft);
    group(ui, words::SPECTROGRAM, &mut draft, &[Group::Analysis], |_| {});
    all(ui, Group::Analysis, &mut draft);
    let of_both = [Group::Size, Group::Learning, Group::Updates];
    group(ui, words::BOTH_COLUMNS, &mut draft, &of_both, |_| {});
    all(ui, Group::Size, &mut draft);
    all(ui, Group::Learning, &mut draft);
    given_bases(ui, &mut draft);
    // Folded away, for the usual choice serves nearly always.
    egui::CollapsingHeader::new(words::UPDATES).show(ui, |ui| all(ui, Group::Updates, &mut draft));
    let of_methods = [Group::Target, Group::Renewal, Group::Poster];
    group(ui, words::METHODS, &mut draft, &of_methods, |draft| {
        let usual = SpecDraft::default();
        (draft.methods, draft.loss) = (usual.methods, usual.loss);
    });
    for column in ColumnId::BOTH {
        method(ui, column, &mut draft);
    }
    params(ui, &mut draft);
    let palette = Palette::of(ui.visuals());
    match (draft.parse(), session.input()) {
        (Err(e), _) => {
            ui.label(egui::RichText::new(e.to_string()).color(palette.error));
        }
        (Ok(experiment), InputState::Ready(analysis)) => {
            memory_needed(ui, &experiment.runs, analysis.bins(), analysis.frames());
        }
        _ => {}
    }
    ui.add_space(GAP);
    ui.horizontal(|ui| {
        if ui.button(words::DEFAULTS.name).on_hover_text(words::DEFAULTS.help).clicked() {
            draft = SpecDraft::default();
        }
        button(ui, Action::CopyCommand, words::COPY_COMMAND, session, view, out);
    });
    if draft != *session.draft() {
        out.push(Request::Command(Command::SetDraft(draft)));
    }
}

/// What the model is for, and the settings that this stands for; what a loss counts stands beside its target.
fn purpose(ui: &mut Ui, draft: &mut SpecDraft) {
    let Term { name, help } = words::WHAT_FOR;
    group(ui, name, draft, &[Group::Purpose], |draft| draft.set_purpose(Purpose::default()));
    let before = draft.purpose();
    let mut purpose = before;
    let mut all: Vec<Option<Purpose>> = Purpose::ALL.iter().copied().map(Some).collect();
    all.extend(before.is_none().then_some(None));
    let describe = |purpose: Option<Purpose>| {
        purpose.map_or(words::OWN_SETTINGS, |purpose| (purpose.label(), purpose.description()))
    };
    let width = ui.available_width();
    choice(ui, name, width, &mut purpose, &all, describe).on_hover_text(help);
    if let Some(purpose) = purpose.filter(|_| purpose != before) {
        draft.set_purpose(purpose);
    }
    setting(ui, &table::POWER, draft);
    setting(ui, &table::METRIC, draft);
}

/// The controls of a group.
fn all(ui: &mut Ui, group: Group, draft: &mut SpecDraft) {
    table::of(group).for_each(|of| setting(ui, of, draft));
}

/// Bases that are kept, and the way to let them go.
fn given_bases(ui: &mut Ui, draft: &mut SpecDraft) {
    let Some(fixed) = &draft.fixed else { return };
    let count = fixed.bases.components();
    let from = fixed.file.as_ref().and_then(|file| file.file_name());
    let kept = words::bases_kept(count, from.map(|name| name.to_string_lossy()).as_deref());
    let palette = Palette::of(ui.visuals());
    let let_go = ui
        .horizontal_wrapped(|ui| {
            ui.label(egui::RichText::new(kept).color(palette.warning));
            let button = ui.small_button(words::LET_BASES_GO.name);
            button.on_hover_text(words::LET_BASES_GO.help).clicked()
        })
        .inner;
    if let_go {
        draft.fixed = None;
    }
}

/// The heading of groups of settings, with a way back to those of the start, and what `also` sets back, where they are
/// others.
fn group(ui: &mut Ui, title: &str, draft: &mut SpecDraft, groups: &[Group], also: fn(&mut SpecDraft)) {
    ui.add_space(GROUP - GAP);
    let (mut usual, mut start) = (draft.clone(), SpecDraft::default());
    if groups.contains(&Group::Analysis) {
        start.set_purpose(draft.purpose().unwrap_or_default());
    }
    let of = groups.iter().flat_map(|group| table::of(*group));
    of.for_each(|setting| setting.kind.copy(&mut usual, &start));
    also(&mut usual);
    ui.horizontal(|ui| {
        ui.heading(title);
        if usual == *draft {
            return;
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let label = words::defaults_of(title);
            let help = words::DEFAULTS_OF_GROUP.help;
            let button = ui.small_button(words::DEFAULTS_OF_GROUP.name).on_hover_text(help);
            button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &label));
            if button.clicked() {
                *draft = usual;
            }
        });
    });
}

/// The memory that a column would take, before it is run.
fn memory_needed(ui: &mut Ui, runs: &[RunSpec], bins: usize, frames: usize) {
    let palette = Palette::of(ui.visuals());
    let Some(largest) = runs.iter().max_by_key(|spec| memory::estimate(spec, bins, frames)) else { return };
    let needed = words::memory(&memory::estimate_text(largest, bins, frames));
    ui.label(egui::RichText::new(needed).color(palette.weak).small()).on_hover_text(words::MEMORY_HELP);
}

fn method(ui: &mut Ui, column: ColumnId, draft: &mut SpecDraft) {
    let Some(chosen) = draft.methods.get_mut(column.index()) else { return };
    let name = words::COLUMNS[column.index()];
    row(ui, Term { name, help: chosen.description() }, |ui| {
        choice(ui, name, 128.0, chosen, &Method::ALL, |m| (m.label(), m.description()))
    });
}

/// What storable methods that quantise after learning are after.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Usual,
    Loss,
    Bytes,
    Lambda,
}

impl Target {
    const ALL: [Self; 4] = [Self::Usual, Self::Loss, Self::Bytes, Self::Lambda];

    const fn of(draft: &SpecDraft) -> Self {
        match (draft.lambda, draft.max_loss_db, draft.max_bytes) {
            (Some(_), _, _) => Self::Lambda,
            (None, Some(_), _) => Self::Loss,
            (None, None, Some(_)) => Self::Bytes,
            (None, None, None) => Self::Usual,
        }
    }

    const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Usual => words::NO_TARGET.pair(),
            Self::Loss => words::TARGET_LOSS.pair(),
            Self::Bytes => words::TARGET_BYTES.pair(),
            Self::Lambda => words::TARGET_LAMBDA.pair(),
        }
    }

    fn choose(self, draft: &mut SpecDraft) {
        draft.lambda = (self == Self::Lambda).then_some(1e-6);
        draft.max_loss_db = (self == Self::Loss).then_some(draft.loss.default_db(draft.metric));
        draft.max_bytes = (self == Self::Bytes).then_some(4000);
    }
}

/// Label and tooltip of a setting.
const fn term(of: &Setting) -> Term {
    Term { name: of.label, help: of.tip() }
}

/// How finely the storable methods quantise.
fn params(ui: &mut Ui, draft: &mut SpecDraft) {
    let mut target = Target::of(draft);
    let before = target;
    row(ui, words::TARGET, |ui| choice(ui, words::TARGET.name, 0.0, &mut target, &Target::ALL, Target::name));
    if target != before {
        target.choose(draft);
    }
    if let Some(loss) = &mut draft.max_loss_db {
        row(ui, term(&table::MAX_LOSS_DB), |ui| {
            ui.add(
                egui::DragValue::new(loss)
                    .range(0.01..=60.0)
                    .speed(0.02)
                    .max_decimals(2)
                    .suffix(units::DECIBELS),
            )
        });
    }
    if let Some(bytes) = &mut draft.max_bytes {
        row(ui, term(&table::MAX_BYTES), |ui| {
            ui.add(egui::DragValue::new(bytes).range(1..=u64::MAX).speed(20.0).suffix(units::BYTES))
        });
    }
    if let Some(lambda) = &mut draft.lambda {
        row(ui, term(&table::LAMBDA), |ui| {
            let mut decades = lambda.log10();
            let slider = egui::Slider::new(&mut decades, -9.0..=1.0).show_value(false);
            let response = ui.add(slider);
            if response.changed() {
                // As many digits as are given.
                *lambda = format!("{:.2e}", 10f64.powf(decades)).parse().unwrap_or(*lambda);
            }
            ui.label(format!("{lambda:.2e}"));
            response
        });
    }
    setting(ui, &table::LOSS, draft);
    let proposed = draft.methods.iter().find_map(|m| m.row().targets.levels()).unwrap_or(Levels::ROUNDING);
    let mut own = draft.levels.is_some();
    ui.checkbox(&mut own, words::OWN_LEVELS).on_hover_text(table::LEVELS.tip());
    draft.levels = own.then(|| draft.levels.unwrap_or((proposed.w, proposed.h)));
    if let Some((w, h)) = &mut draft.levels {
        for (name, value) in [(words::LEVELS_OF_W, w), (words::LEVELS_OF_H, h)] {
            row(ui, Term { name, help: table::LEVELS.tip() }, |ui| {
                ui.add(egui::DragValue::new(value).range(1..=1_000_000))
            });
        }
    }
    if draft.methods.iter().any(|method| method.row().has_poster_rules) {
        egui::CollapsingHeader::new(words::POSTERS_METHOD).show(ui, |ui| {
            all(ui, Group::Renewal, draft);
            all(ui, Group::Poster, draft);
        });
    }
}
