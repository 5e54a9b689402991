//! What the actions of listening do: saving what is heard, and the blind test.

use std::path::PathBuf;

use super::App;
use super::exporting::Made;
use crate::engine::{InputState, MessageKind, files, session};
use crate::playback::Choice;
use crate::signal::wav;
use crate::ui::dialogs::abx::AbxDialog;
use crate::ui::dialogs::abx::seed;
use crate::ui::dialogs::prompt::{Prompt, PromptPurpose};
use crate::ui::listening::plan::SoundPlan;
use crate::ui::listening::sound::THREADS;
use crate::ui::text::{figures, listening as words};

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
            Choice::Selection => self.view.listen.parts.replace(", ", "-").replace(' ', "-"),
        };
        self.prompt = Some(Prompt::new(
            PromptPurpose::Sound(choice, wav::WavFormat::F32),
            &format!("{}.wav", files::short_stem(&format!("{input}__{of}"))),
        ));
    }

    pub(super) fn save_sound(
        &mut self,
        choice: Choice,
        format: wav::WavFormat,
        path: PathBuf,
        overwrite: bool,
    ) {
        let plan = match SoundPlan::of(&self.session, &self.view, choice) {
            Ok(plan) => plan,
            Err(reason) => return self.report(MessageKind::Error, words::not_saved(&reason)),
        };
        let level_match = self.view.listen.level_match;
        let steps = plan.steps();
        self.start_export(words::SAVING, steps, move |progress| {
            let mut observe = |done: usize| progress.report(done, steps);
            // Its own, so that what plays does not wait for it.
            let pool = session::pool(THREADS).map_err(|e| e.to_string())?;
            let made = plan.make(&pool, level_match, &mut observe)?;
            let sound = made.ok_or_else(|| figures::CANCELLED.to_owned())?;
            let bytes = wav::write(&sound.samples, sound.rate, format)?;
            files::write_atomic(&path, overwrite, &bytes).map_err(|e| e.to_string())?;
            let mut notes = vec![(MessageKind::Info, words::saved_phase(&sound.phase))];
            let clipped = format.clipped(&sound.samples);
            let clipped = (clipped > 0).then(|| {
                words::clipped(clipped, sound.samples.len(), level_match || choice == Choice::Original)
            });
            notes.extend(sound.warnings.into_iter().chain(clipped).map(|text| (MessageKind::Warning, text)));
            Ok(Made::Written { path, bytes: bytes.len(), notes })
        });
    }

    pub(super) fn save_answers(&mut self, path: PathBuf, overwrite: bool) {
        if let Some(abx) = &self.abx {
            let csv = abx.abx().csv();
            self.session.save(path, overwrite, move || Ok(csv.into_bytes()));
        }
    }
}
