//! The blind test: two sounds, an unknown one, and how likely the answers are by chance.

use std::time::{SystemTime, UNIX_EPOCH};

use egui::Ui;

use crate::engine::Abx;
use crate::playback::Choice;
use crate::ui::text::blind as words;
use crate::ui::theme::{GAP, Palette};
use crate::ui::view::View;
use crate::ui::widgets::escaped;

/// The pairs that can be compared.
const PAIRS: [[Choice; 2]; 3] =
    [[Choice::Original, Choice::A], [Choice::Original, Choice::B], [Choice::A, Choice::B]];

/// The test, while it is open.
pub struct AbxDialog {
    pair: [Choice; 2],
    abx: Abx,
    hearing: Option<Hearing>,
}

/// What became of the test.
pub enum AbxAnswer {
    /// It goes on.
    Open,
    /// The window was closed.
    Closed,
    /// What is heard now; it plays if it did not.
    Play,
    /// The answers are to be written.
    Save,
}

/// The name of what is compared.
const fn word(choice: Choice) -> &'static str {
    words::NAMES[choice.index()]
}

/// What of the test is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hearing {
    First,
    Second,
    X,
}

impl AbxDialog {
    /// A test of the original against B, in an order that `seed` decides.
    pub fn new(seed: u64) -> Self {
        Self::of(PAIRS[1], seed)
    }

    fn of(pair: [Choice; 2], seed: u64) -> Self {
        Self { pair, abx: Abx::new(pair.map(|choice| word(choice).to_owned()), seed), hearing: None }
    }

    /// The test itself.
    pub fn abx(&self) -> &Abx {
        &self.abx
    }

    /// Shows the test; `seed` decides the order of one that is begun anew.
    pub fn show(&mut self, ui: &Ui, view: &mut View, seed: u64) -> AbxAnswer {
        let (mut open, mut heard) = (true, AbxAnswer::Open);
        let window = egui::Window::new(words::TITLE).collapsible(false).resizable(false).open(&mut open);
        // Above the bar that plays, off the panes that are looked at most.
        let place = ui.ctx().content_rect().center_bottom() - egui::vec2(190.0, 330.0);
        window.default_width(380.0).default_pos(place).show(ui.ctx(), |ui| {
            ui.label(words::WHAT);
            ui.add_space(GAP);
            ui.horizontal(|ui| {
                for pair in PAIRS {
                    let name = words::pair(word(pair[0]), word(pair[1]));
                    if ui.selectable_label(self.pair == pair, name).clicked() && self.pair != pair {
                        *self = Self::of(pair, seed);
                    }
                }
            });
            let problem =
                self.pair.iter().find_map(|choice| view.listen.readiness[choice.index()].as_ref().err());
            if let Some(reason) = problem {
                let text = words::not_this_pair(reason);
                ui.colored_label(Palette::of(ui.visuals()).warning, text);
            }
            ui.add_space(GAP);
            ui.add_enabled_ui(problem.is_none(), |ui| self.listening(ui, view, &mut heard));
            self.results(ui, &mut heard);
        });
        // Answers are not thrown away by a key.
        let escaped = self.abx.trials().is_empty() && escaped(ui);
        if open && !escaped { heard } else { AbxAnswer::Closed }
    }

    fn listening(&mut self, ui: &mut Ui, view: &mut View, heard: &mut AbxAnswer) {
        let [first, second] = self.pair;
        let x = if self.abx.x_is_first() { first } else { second };
        ui.horizontal(|ui| {
            for (what, choice) in [(Hearing::First, first), (Hearing::Second, second), (Hearing::X, x)] {
                let label = match what {
                    Hearing::X => words::HEAR_X.to_owned(),
                    Hearing::First | Hearing::Second => words::hear(word(choice)),
                };
                let now = self.hearing == Some(what) && view.listen.playing;
                if ui.selectable_label(now, label).clicked() {
                    self.hearing = Some(what);
                    view.listen.choice = choice;
                    *heard = AbxAnswer::Play;
                }
            }
        });
        ui.horizontal(|ui| {
            for (is_first, choice) in [(true, first), (false, second)] {
                if ui.button(words::x_is(word(choice))).clicked() {
                    self.abx.answer(is_first);
                    // What is heard goes on as what it is called, whatever X is next.
                    if self.hearing == Some(Hearing::X) {
                        self.hearing = Some(Hearing::First);
                        view.listen.choice = first;
                    }
                }
            }
        });
    }

    fn results(&self, ui: &mut Ui, heard: &mut AbxAnswer) {
        ui.add_space(GAP);
        let trials = self.abx.trials().len();
        let text = match self.abx.p_value() {
            None => words::NO_ANSWERS.to_owned(),
            Some(p) => words::result(self.abx.right(), trials, p),
        };
        ui.label(egui::RichText::new(text).strong());
        let save = ui.add_enabled(trials > 0, egui::Button::new(words::SAVE));
        if save.on_disabled_hover_text(words::NOTHING_TO_SAVE).clicked() {
            *heard = AbxAnswer::Save;
        }
    }
}

/// A number that nobody knows beforehand.
#[allow(clippy::cast_possible_truncation)] // the lower digits are the ones that nobody knows
pub fn seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos() as u64)
}
