//! What the actions of listening do: saving what is heard, and the blind test.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use super::abx::AbxDialog;
use super::app::App;
use super::prompt::{Prompt, Purpose};
use super::sound::Plan;
use super::text::listening as words;
use crate::engine::{InputState, MessageKind};
use crate::playback::Choice;
use crate::signal::{Format, wav};

/// A number that nobody knows beforehand.
#[allow(clippy::cast_possible_truncation)] // the lower digits are the ones that nobody knows
pub fn seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos() as u64)
}

impl App {
    pub(super) fn blind_test(&mut self) {
        self.abx = if self.abx.is_some() { None } else { Some(AbxDialog::new(seed())) };
    }

    pub(super) fn ask_for_sound(&mut self, choice: Choice) {
        let input = match self.session.input() {
            InputState::Ready(analysis) => analysis.name.replace(':', "-"),
            _ => "factors".to_owned(),
        };
        let of = match choice {
            Choice::Original => "original".to_owned(),
            Choice::A => "A".to_owned(),
            Choice::B => "B".to_owned(),
            Choice::Selection => self.view.listen.parts.replace([' ', '\''], "-"),
        };
        self.prompt = Some(Prompt::new(Purpose::Sound(choice), &format!("{input}__{of}.wav")));
    }

    pub(super) fn save_sound(&mut self, choice: Choice, path: PathBuf, overwrite: bool) {
        let plan = match Plan::of(&self.session, &self.view, choice) {
            Ok(plan) => plan,
            Err(reason) => return self.tell(MessageKind::Error, words::not_saved(&reason)),
        };
        if let Ok(phase) = &self.view.listen.told[choice.index()] {
            self.tell(MessageKind::Info, words::saving(phase));
        }
        let (pool, level_match) = (self.listening.pool(), self.view.listen.level_match);
        self.session.save(path, overwrite, move || {
            let (samples, rate, _) = plan.make(&pool, level_match)?;
            wav::write(&samples, rate, Format::F32)
        });
    }

    pub(super) fn save_answers(&mut self, path: PathBuf, overwrite: bool) {
        if let Some(abx) = &self.abx {
            let csv = abx.abx().csv();
            self.session.save(path, overwrite, move || Ok(csv.into_bytes()));
        }
    }
}
