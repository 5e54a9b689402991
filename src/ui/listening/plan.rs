//! What can be listened to: the sound that a choice stands for now, and how it is made.

use std::ops::ControlFlow;
use std::sync::Arc;

use rayon::ThreadPool;

use crate::engine::reconstruct::{ReconstructedSound, reconstruct};
use crate::engine::{ColumnId, FrameOrigin, InputState, Phase, Reconstruction, Session, What};
use crate::numeric::AnyModel;
use crate::playback::Choice;
use crate::signal::Audio;
use crate::ui::pictures::stamp;
use crate::ui::text::listening as words;
use crate::ui::view::View;
use crate::ui::view::listen::Making;

/// A sound that could be made.
#[derive(Clone)]
pub enum SoundPlan {
    /// The input as it is.
    Original(Arc<Audio>),
    /// Of a model.
    Model {
        /// The factors.
        model: AnyModel,
        /// What they are frames of.
        origin: FrameOrigin,
        /// The sound that they were learned from, where it is there.
        audio: Option<Arc<Audio>>,
        /// What is heard of them.
        wanted: Reconstruction,
    },
}

impl SoundPlan {
    /// What is heard when `choice` is, or why nothing is.
    pub fn of(session: &Session, view: &View, choice: Choice) -> Result<Self, String> {
        match choice {
            Choice::Original => match session.input() {
                InputState::Ready(analysis) => {
                    let audio = analysis.audio.clone();
                    audio.map(Self::Original).ok_or_else(|| words::READY_SPECTROGRAM.to_owned())
                }
                InputState::Loading { .. } => Err(words::BEING_READ.to_owned()),
                InputState::Empty | InputState::Failed { .. } => Err(words::NO_SOUND.to_owned()),
            },
            Choice::A => Self::of_column(session, view, ColumnId::A, None),
            Choice::B => Self::of_column(session, view, ColumnId::B, None),
            Choice::Selection => {
                let column = view.over;
                let count = session.shown(column).snapshot.as_ref().map_or(0, |s| s.model.shape().components);
                let soloed: Vec<usize> =
                    (0..count).filter(|r| view.selection.is_on(column, *r, true)).collect();
                let chosen = match view.selection.selected(column) {
                    _ if !soloed.is_empty() => soloed,
                    Some(selected) if selected < count => vec![selected],
                    _ => return Err(words::NO_COMPONENT.to_owned()),
                };
                Self::of_column(session, view, column, Some(chosen))
            }
        }
    }

    /// A column with its solos and mutes, or these components of it.
    fn of_column(
        session: &Session,
        view: &View,
        column: ColumnId,
        chosen: Option<Vec<usize>>,
    ) -> Result<Self, String> {
        let state = session.shown(column);
        let name = column.name();
        let snapshot = state.snapshot.as_ref().ok_or_else(|| words::no_factors(name))?;
        let model = snapshot.model.clone();
        let audible = view.selection.audible(column, model.shape().components).map(|audible| {
            audible.iter().enumerate().filter(|(_, heard)| **heard).map(|(r, _)| r).collect::<Vec<_>>()
        });
        let what = chosen.or(audible).map_or(What::Model, What::Components);
        if what == What::Components(Vec::new()) {
            return Err(words::all_muted(name));
        }
        let audio = state.analysis.as_ref().and_then(|analysis| analysis.audio.clone());
        let mut origin = match (&state.analysis, &state.imported) {
            (Some(analysis), _) => FrameOrigin::of_analysis(analysis, snapshot.power),
            (None, Some(stored)) => FrameOrigin::of_header(&stored.header),
            (None, None) => return Err(words::column_without_sound(name)),
        }
        .map_err(|e| e.to_string())?;
        // Factors that were imported are in the units of their own sound.
        if let Some(max) = state.imported.as_ref().and_then(|stored| stored.header.max) {
            origin.max = max;
        }
        let Making { exponent, searched, search } = view.listen.making;
        let phase = if audio.is_some() && !searched { Phase::Mixture } else { Phase::GriffinLim(search) };
        let wanted = Reconstruction { what, phase, exponent, level_match: false };
        Ok(Self::Model { model, origin, audio, wanted })
    }

    /// Samples a second, and how many.
    pub fn size(&self) -> (u32, usize) {
        match self {
            Self::Original(audio) => (audio.rate, audio.samples.len()),
            Self::Model { origin, .. } => (origin.rate, origin.samples),
        }
    }

    /// A number that distinguishes it from other plans.
    pub fn stamp(&self) -> u64 {
        let of_audio = |audio: &Arc<Audio>| Arc::as_ptr(audio).addr();
        match self {
            Self::Original(audio) => stamp((0, of_audio(audio))),
            Self::Model { model, origin, audio, wanted } => {
                let model = match model {
                    AnyModel::F32(model) => Arc::as_ptr(model).addr(),
                    AnyModel::F64(model) => Arc::as_ptr(model).addr(),
                };
                let (audio, max) = (audio.as_ref().map(of_audio), origin.max.to_bits());
                stamp((1, model, audio, max, &wanted.what, wanted.phase, wanted.exponent.to_bits()))
            }
        }
    }

    /// Whether phases are searched for.
    pub const fn is_search(&self) -> bool {
        matches!(self, Self::Model { wanted: Reconstruction { phase: Phase::GriffinLim(_), .. }, .. })
    }

    /// Steps that `observe` counts while it is made.
    pub const fn steps(&self) -> usize {
        match self {
            Self::Original(_) => 1,
            Self::Model { wanted, .. } => wanted.steps(),
        }
    }

    /// Makes it, on `pool`; as loud as the original where that is wanted. None where `observe` ended it by its answer.
    pub fn make(
        &self,
        pool: &ThreadPool,
        level_match: bool,
        observe: &mut (dyn FnMut(usize) -> ControlFlow<()> + Send),
    ) -> Result<Option<ReconstructedSound>, String> {
        match self {
            Self::Original(audio) => Ok(Some(ReconstructedSound {
                samples: audio.samples.clone(),
                rate: audio.rate,
                phase: words::SOUND_ITSELF.to_owned(),
                gain: 1.0,
                snr_db: None,
                convergence_db: None,
                warnings: Vec::new(),
            })),
            Self::Model { model, origin, audio, wanted } => {
                let wanted = Reconstruction { level_match, ..wanted.clone() };
                let made = pool.install(|| reconstruct(model, origin, audio.as_deref(), &wanted, observe));
                made.map_err(|e| e.to_string())
            }
        }
    }
}

/// What the fourth choice is called.
pub fn parts(session: &Session, view: &View) -> String {
    let column = view.over;
    let count = session.shown(column).snapshot.as_ref().map_or(0, |s| s.model.shape().components);
    let soloed = (0..count).filter(|r| view.selection.is_on(column, *r, true)).count();
    match view.selection.selected(column) {
        _ if soloed > 0 => words::several(soloed, column.name()),
        Some(r) => words::one(r + 1, column.name()),
        None => words::COMPONENT.to_owned(),
    }
}
