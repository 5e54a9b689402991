//! What is analysed: reading it, and putting it under a stream that was imported.

use std::sync::Arc;

use super::under_way::Load;
use super::{InputState, MessageKind, Session};
use crate::engine::analysis::Analysis;
use crate::engine::attach;
use crate::engine::run::column::ColumnId;
use crate::engine::run::memory;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::input::InputSpec;
use crate::engine::task::{Task, seldom};
use crate::signal::{ReadOptions, Reading, Stft};

impl Session {
    pub(super) fn open(&mut self, mut input: InputSpec) {
        self.adopt_analysis(&mut input);
        self.note_input(&input);
        self.read_input(input);
    }

    pub(super) fn read_input(&mut self, input: InputSpec) {
        let name = input.source.name();
        self.file_state.touch();
        let framing = match self.draft.framing() {
            Ok(framing) => framing,
            Err(e) => return self.report(MessageKind::Error, format!("Not opened, {name}: {e}")),
        };
        let pool = Arc::clone(&self.pool);
        self.load(name, true, move |reading| {
            Analysis::read_reporting(&input, framing, &pool, reading).map_err(|e| e.to_string())
        });
    }

    /// A sound that is opened beside an imported stream is analysed as the stream says its own was, so that both fit
    /// together.
    pub(super) fn adopt_analysis(&mut self, input: &mut InputSpec) {
        let awaiting = self.columns.iter().filter(|column| column.awaits_sound());
        let mut imported = awaiting.filter_map(|column| column.imported.as_ref());
        let Some(header) = imported.next().map(|stored| stored.header.clone()) else { return };
        if header.fft.is_none() || header.hop.is_none() {
            return;
        }
        let (read, Stft { fft, hop, window }) = attach::settings(&header);
        self.draft = SpecDraft { fft: fft.into(), hop: hop.into(), window, ..self.draft.clone() };
        if input.read == ReadOptions::default() {
            input.read = read;
        }
    }

    /// Puts the current input under an imported stream, where it has its shape, and returns whether it is the sound that
    /// the stream was learned from.
    pub(super) fn attach(&mut self, column: ColumnId) {
        let InputState::Ready(now) = &self.input else { return };
        let now = Arc::clone(now);
        let state = &mut self.columns[column.index()];
        let Some(stored) = state.imported.clone() else { return };
        if state.analysis.as_ref().is_some_and(|of| Arc::ptr_eq(of, &now)) || !state.awaits_sound() {
            return;
        }
        // A run that a session has kept has a sound of its own, which is located where it is missing.
        if state.spec.is_some() && stored.header.sha256.as_deref() != Some(now.sha256.as_str()) {
            return;
        }
        let fits = attach::fits(&now, &stored);
        state.analysis = fits.is_ok().then(|| Arc::clone(&now));
        state.generation += 1;
        let (column_name, name) = (column.name(), &now.name);
        let (kind, text) = if let Err(e) = fits {
            (MessageKind::Warning, format!("Column {column_name}: {e}"))
        } else if stored.header.sha256.as_deref() == Some(now.sha256.as_str()) {
            (
                MessageKind::Info,
                format!("Column {column_name}: {name} is the sound that the stream was learned from"),
            )
        } else {
            let text = format!(
                "Column {column_name}: {name} is not the sound that the stream was learned from (another SHA-256); SNR \
                 and KLD are against this one"
            );
            (MessageKind::Warning, text)
        };
        self.report(kind, text);
        self.request_measures(column);
    }

    /// Ends the reading of a file that goes on; analysing again what is there has no earlier state to go back to.
    pub(super) fn stop_reading(&self) {
        if let InputState::Loading { reading, from_file: true, .. } = &self.input {
            reading.end();
        }
    }

    /// Reads in the background; a load that is still going on is overtaken.
    pub(super) fn load(
        &mut self,
        name: String,
        from_file: bool,
        work: impl FnOnce(&Reading) -> Result<Analysis, String> + Send + 'static,
    ) {
        let wake = seldom(&self.wake);
        let reading = Arc::new(Reading::reporting(move |_| wake()).within(memory::for_samples()));
        let shared = Arc::clone(&reading);
        match Task::spawn("snmf-load", Arc::clone(&self.wake), move || work(&shared)) {
            Ok(task) => {
                self.loading.push(Load { reading: Arc::clone(&reading), task });
                let before = self.input.open().cloned();
                if let InputState::Loading { reading: overtaken, .. } = &self.input {
                    overtaken.end();
                }
                self.input = InputState::Loading { name, reading, from_file, before };
            }
            Err(e) => {
                self.report(MessageKind::Error, format!("Not opened, {name}: could not start a thread: {e}"));
            }
        }
    }

    pub(super) fn set_draft(&mut self, draft: SpecDraft) {
        self.draft = draft;
        self.file_state.touch();
        let InputState::Ready(analysis) = &self.input else { return };
        // An analysis out of range waits until it is mended; starting a run reports it.
        let Ok(framing) = self.draft.framing() else { return };
        // A spectrogram that came ready is as it is.
        let Some(audio) = analysis.audio.clone() else { return };
        if framing.at(audio.rate) != Ok(analysis.stft) {
            let input = analysis.input.clone();
            let name = input.source.name();
            let pool = Arc::clone(&self.pool);
            self.load(name, false, move |_| {
                Analysis::of(input, audio, framing, &pool).map_err(|e| e.to_string())
            });
        }
    }

    pub(super) fn poll_loading(&mut self) -> bool {
        let Some(newest) = self.loading.len().checked_sub(1) else { return false };
        // Dropping one that is done ends it too, which says nothing.
        let is_ended = matches!(&self.input, InputState::Loading { reading, .. } if reading.is_ended());
        let mut current = None;
        let mut index = 0;
        self.loading.retain(|load| {
            let outcome = load.task.take();
            let ended = outcome.is_some();
            if index == newest {
                current = outcome;
            }
            index += 1;
            !ended
        });
        let Some(outcome) = current else { return false };
        let InputState::Loading { name, before, .. } = self.input.clone() else { return true };
        match outcome.unwrap_or_else(|panic| Err(format!("the reader failed: {panic}"))) {
            _ if is_ended => {
                self.report(MessageKind::Info, format!("Not opened, {name}: its reading was ended"));
                self.run_when_ready.clear();
                self.input = before.map_or(InputState::Empty, InputState::Ready);
                // What was open may have been analysed by other settings than those that are chosen by now.
                self.set_draft(self.draft.clone());
            }
            Ok(analysis) => {
                let shape = format!("{} bins x {} frames", analysis.bins(), analysis.frames());
                let length = analysis
                    .audio
                    .as_ref()
                    .map_or_else(String::new, |audio| format!("{:.2} s, ", audio.seconds()));
                self.report(MessageKind::Info, format!("Opened {name}: {length}{shape}"));
                for warning in &analysis.warnings {
                    self.report(MessageKind::Warning, warning.clone());
                }
                let analysis = Arc::new(analysis);
                self.retire_sweeps();
                self.give_to_runs(&analysis);
                self.input = InputState::Ready(analysis);
                ColumnId::BOTH.into_iter().for_each(|column| self.attach(column));
                // What was chosen while it was read: runs wait for that.
                self.set_draft(self.draft.clone());
                let columns = std::mem::take(&mut self.run_when_ready);
                if !columns.is_empty() {
                    self.run(columns);
                }
            }
            Err(reason) => {
                self.run_when_ready.clear();
                let stays =
                    before.as_ref().map_or_else(String::new, |of| format!("; {} stays open", of.name));
                self.report(MessageKind::Error, format!("Not opened: {reason}{stays}"));
                if let Some(before) = before {
                    let Stft { fft, hop, window } = before.stft;
                    self.draft = SpecDraft { fft: fft.into(), hop: hop.into(), window, ..self.draft.clone() };
                    self.input = InputState::Ready(before);
                } else {
                    self.input = InputState::Failed { name, reason };
                }
            }
        }
        true
    }
}
