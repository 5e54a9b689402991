//! The left side: what is analysed, and with which settings.

use egui::Ui;

use super::source::signal;
use crate::engine::run::memory;
use crate::engine::settings::purpose::Purpose;
use crate::engine::settings::{self};
use crate::engine::{Command, InputState, LaneId, Session, SpecDraft};
use crate::numeric::magnitudes::POWERS;
use crate::numeric::{HRule, Init, Levels, Loss, Method, Metric, Named, RunSpec, WRule};
use crate::signal::Window;
use crate::ui::actions::menu::button;
use crate::ui::actions::{Action, Request};
use crate::ui::text::{Term, controls as words, units};
use crate::ui::theme::{GAP, GROUP, Palette};
use crate::ui::view::View;
use crate::ui::widgets::choice;
use crate::ui::widgets::{row, whole};

/// The controls.
pub fn controls(ui: &mut Ui, session: &Session, view: &mut View, out: &mut Vec<Request>) {
    ui.spacing_mut().item_spacing.y = 6.0;
    signal(ui, session, view, out);
    let mut draft = session.draft().clone();
    purpose(ui, &mut draft);
    group(ui, words::SPECTROGRAM, &mut draft, |draft, usual| {
        (draft.fft, draft.hop, draft.window) = (usual.fft, usual.hop, usual.window);
    });
    whole(ui, &settings::FFT, &mut draft.fft);
    whole(ui, &settings::HOP, &mut draft.hop);
    row(ui, words::WINDOW, |ui| {
        choice(ui, words::WINDOW.name, 0.0, &mut draft.window, &Window::ALL, |w| (w.name(), ""))
    });
    group(ui, words::BOTH_LANES, &mut draft, |draft, usual| {
        *draft = SpecDraft {
            fft: draft.fft,
            hop: draft.hop,
            window: draft.window,
            methods: draft.methods.clone(),
            power: draft.power,
            lambda: draft.lambda,
            max_loss_db: draft.max_loss_db,
            loss: draft.loss,
            max_bytes: draft.max_bytes,
            metric: draft.metric,
            levels: draft.levels,
            renew: draft.renew,
            proposals: draft.proposals,
            p: draft.p,
            fixed: draft.fixed.clone(),
            ..usual
        };
    });
    whole(ui, &settings::COMPONENTS, &mut draft.components);
    whole(ui, &settings::LAGS, &mut draft.lags);
    whole(ui, &settings::ITERATIONS, &mut draft.iterations);
    row(ui, words::SEED, |ui| ui.add(egui::DragValue::new(&mut draft.seed)));
    row(ui, words::PRECISION, |ui| {
        let name = |double| (if double { words::DOUBLE } else { words::SINGLE }, "");
        choice(ui, words::PRECISION.name, 0.0, &mut draft.double, &[false, true], name)
    });
    given_bases(ui, &mut draft);
    updates(ui, &mut draft);
    group(ui, words::METHODS, &mut draft, |draft, usual| {
        (draft.methods, draft.loss, draft.levels) = (usual.methods, usual.loss, usual.levels);
        (draft.lambda, draft.max_loss_db, draft.max_bytes) = (None, None, None);
        (draft.renew, draft.proposals, draft.p) = (usual.renew, usual.proposals, usual.p);
    });
    for lane in LaneId::BOTH {
        method(ui, lane, &mut draft);
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
    group(ui, name, draft, |draft, usual| {
        (draft.power, draft.metric, draft.loss) = (usual.power, usual.metric, usual.loss);
    });
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
    row(ui, words::POWER, |ui| {
        ui.add(egui::DragValue::new(&mut draft.power).range(POWERS).speed(0.005).max_decimals(2))
    });
    row(ui, words::METRIC, |ui| {
        choice(ui, words::METRIC.name, 0.0, &mut draft.metric, Metric::ALL, words::metric)
    });
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

/// The heading of a group of settings, with a way back to those of the start where they are others.
fn group(ui: &mut Ui, title: &str, draft: &mut SpecDraft, reset: fn(&mut SpecDraft, SpecDraft)) {
    ui.add_space(GROUP - GAP);
    let mut usual = draft.clone();
    reset(&mut usual, SpecDraft::default());
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

/// The memory that a lane would take, before it is run.
fn memory_needed(ui: &mut Ui, runs: &[RunSpec], bins: usize, frames: usize) {
    let palette = Palette::of(ui.visuals());
    let Some(largest) = runs.iter().max_by_key(|spec| memory::estimate(spec, bins, frames)) else { return };
    let needed = words::memory(&memory::estimate_text(largest, bins, frames));
    ui.label(egui::RichText::new(needed).color(palette.weak).small()).on_hover_text(words::MEMORY_HELP);
}

/// How the factors are learned: folded away, for the usual choice serves nearly always.
fn updates(ui: &mut Ui, draft: &mut SpecDraft) {
    egui::CollapsingHeader::new(words::UPDATES).show(ui, |ui| {
        row(ui, words::KIND, |ui| {
            let name = |plain| (if plain { words::PLAIN } else { words::ACCELERATED }, "");
            choice(ui, words::KIND.name, 0.0, &mut draft.plain, &[false, true], name)
        });
        row(ui, words::H_RULE, |ui| {
            choice(ui, words::H_RULE.name, 0.0, &mut draft.h_rule, HRule::ALL, |rule| (rule.name(), ""))
        });
        row(ui, words::W_RULE, |ui| {
            choice(ui, words::W_RULE.name, 0.0, &mut draft.w_rule, WRule::ALL, |rule| (rule.name(), ""))
        });
        row(ui, words::START, |ui| {
            choice(ui, words::START.name, 0.0, &mut draft.init, Init::ALL, |init| (init.name(), ""))
        });
        row(ui, words::TOLERANCE, |ui| {
            ui.add(egui::DragValue::new(&mut draft.tolerance).range(0.0..=0.5).speed(1e-4).max_decimals(6))
        });
    });
}

fn method(ui: &mut Ui, lane: LaneId, draft: &mut SpecDraft) {
    let Some(chosen) = draft.methods.get_mut(lane.index()) else { return };
    let name = words::LANES[lane.index()];
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
        draft.max_loss_db = (self == Self::Loss).then_some(draft.loss.default_db());
        draft.max_bytes = (self == Self::Bytes).then_some(4000);
    }
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
        row(ui, words::LARGEST_LOSS, |ui| {
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
        row(ui, words::MOST_BYTES, |ui| {
            ui.add(egui::DragValue::new(bytes).range(1..=u64::MAX).speed(20.0).suffix(units::BYTES))
        });
    }
    if let Some(lambda) = &mut draft.lambda {
        row(ui, words::LAMBDA, |ui| {
            let mut decades = lambda.log10();
            let slider = egui::Slider::new(&mut decades, -9.0..=1.0).show_value(false);
            let response = ui.add(slider);
            if response.changed() {
                // As many digits as are given.
                *lambda = format!("{:.2e}", 10f64.powf(decades)).parse().unwrap_or(*lambda);
            }
            ui.label(egui::RichText::new(format!("{lambda:.2e}")).monospace());
            response
        });
    }
    row(ui, words::LOSS_COUNTS, |ui| {
        choice(ui, words::LOSS_COUNTS.name, 0.0, &mut draft.loss, Loss::ALL, words::loss)
    });
    let proposed = draft.methods.iter().find_map(|m| m.default_levels()).unwrap_or(Levels::ROUNDING);
    let mut own = draft.levels.is_some();
    ui.checkbox(&mut own, words::OWN_LEVELS.name).on_hover_text(words::OWN_LEVELS.help);
    draft.levels = own.then(|| draft.levels.unwrap_or((proposed.w, proposed.h)));
    if let Some((w, h)) = &mut draft.levels {
        for (term, value) in [(words::LEVELS_OF_W, w), (words::LEVELS_OF_H, h)] {
            row(ui, term, |ui| ui.add(egui::DragValue::new(value).range(1..=1_000_000)));
        }
    }
    if draft.methods.contains(&Method::SnmfPoster) {
        posters_rules(ui, draft);
    }
}

/// What the poster leaves open in its method.
fn posters_rules(ui: &mut Ui, draft: &mut SpecDraft) {
    egui::CollapsingHeader::new(words::POSTERS_METHOD).show(ui, |ui| {
        row(ui, words::RENEW, |ui| {
            ui.add(egui::DragValue::new(&mut draft.renew).range(0.0..=1.0).speed(0.01).max_decimals(2))
        });
        whole(ui, &settings::PROPOSALS, &mut draft.proposals);
        row(ui, words::SECOND_CHOICE, |ui| {
            ui.add(egui::DragValue::new(&mut draft.p).range(0.0..=1.0).speed(0.01).max_decimals(2))
        });
    });
}
