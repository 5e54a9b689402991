//! What can be listened to: which sounds the lanes stand for now, made in the background, and what plays them.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::panes::stamp;
use super::text::listening as words;
use super::view::View;
use crate::engine::latest::Latest;
use crate::engine::reconstruct::{gain_to, reconstruct};
use crate::engine::{
    EngineError, InputState, LaneId, Origin, Phase, Reconstruction, Session, Waker, What, session,
};
use crate::numeric::AnyModel;
use crate::playback::{Choice, Player, Program, Track, Transport};
use crate::signal::Audio;

/// While a lane runs, its sound is made anew at most so often.
const REFRESH: Duration = Duration::from_secs(1);

/// Threads that make sound: a running lane keeps its own.
const THREADS: usize = 2;

/// How the phases of a sound came about, or why it is not heard.
pub type Told = Result<String, String>;

const NOTHING: [Told; 4] = [const { Err(String::new()) }; 4];

/// What listening shows, and what is wanted of it.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own in the bar
pub struct Listen {
    /// What is heard.
    pub choice: Choice,
    /// Whether the region, or what is shown, plays over and over.
    pub looped: bool,
    /// Whether all are made equally loud.
    pub level_match: bool,
    /// Whether what is heard is a secret: a blind test goes on.
    pub blind: bool,
    /// Whether it plays.
    pub playing: bool,
    /// Where it is, in seconds; none before anything was played.
    pub playhead: Option<f64>,
    /// Where it shall go, in seconds.
    pub seek: Option<f64>,
    /// Length in seconds.
    pub seconds: f64,
    /// By [`Choice::index`]: how phases came about, or why nothing is heard.
    pub told: [Told; 4],
    /// Why nothing is heard of anything.
    pub problem: Option<String>,
    /// What is called 4.
    pub parts: String,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            choice: Choice::Original,
            looped: false,
            level_match: false,
            blind: false,
            playing: false,
            playhead: None,
            seek: None,
            seconds: 0.0,
            told: NOTHING,
            problem: None,
            parts: String::new(),
        }
    }
}

/// A sound that could be made.
#[derive(Clone)]
pub enum Plan {
    /// The input as it is.
    Original(Arc<Audio>),
    /// Of a model.
    Model {
        /// The factors.
        model: AnyModel,
        /// What they are frames of.
        origin: Origin,
        /// The sound that they were learned from, where it is there.
        audio: Option<Arc<Audio>>,
        /// What is heard of them.
        wanted: Reconstruction,
    },
}

/// A sound that was made.
#[derive(Clone)]
struct Made {
    samples: Arc<[f32]>,
    rate: u32,
    phase: String,
    /// What makes it as loud as the original.
    gain: f64,
    peak: f64,
}

/// The latest sound of a choice with what it was made of.
struct Kept {
    stamp: u64,
    outcome: Result<Made, String>,
}

/// The sounds of the window.
pub struct Listening {
    transport: Transport,
    maker: Latest<usize, u64, Result<Made, String>>,
    pool: Arc<ThreadPool>,
    kept: [Option<Kept>; 4],
    asked: [Option<(u64, Instant)>; 4],
    /// What the transport was told last.
    sent: Option<Sent>,
}

/// All that the transport is told, so that it is told only what is new.
#[derive(Clone, PartialEq)]
struct Sent {
    rate: u32,
    length: usize,
    tracks: [Option<(usize, u32)>; 4],
}

impl Plan {
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
            Choice::A => Self::of_lane(session, view, LaneId::A, None),
            Choice::B => Self::of_lane(session, view, LaneId::B, None),
            Choice::Selection => {
                let lane = view.over;
                let count = session.lane(lane).snapshot.as_ref().map_or(0, |s| s.model.shape().components);
                let soloed: Vec<usize> = (0..count).filter(|r| view.mix.is_on(lane, *r, true)).collect();
                let chosen = match view.mix.selected(lane) {
                    _ if !soloed.is_empty() => soloed,
                    Some(selected) if selected < count => vec![selected],
                    _ => return Err(words::NO_COMPONENT.to_owned()),
                };
                Self::of_lane(session, view, lane, Some(chosen))
            }
        }
    }

    /// A lane with its solos and mutes, or these components of it.
    fn of_lane(
        session: &Session,
        view: &View,
        lane: LaneId,
        chosen: Option<Vec<usize>>,
    ) -> Result<Self, String> {
        let state = session.lane(lane);
        let name = lane.name();
        let snapshot = state.snapshot.as_ref().ok_or_else(|| words::no_factors(name))?;
        let model = snapshot.model.clone();
        let audible = view.mix.audible(lane, model.shape().components).map(|audible| {
            audible.iter().enumerate().filter(|(_, heard)| **heard).map(|(r, _)| r).collect::<Vec<_>>()
        });
        let what = chosen.or(audible).map_or(What::Model, What::Components);
        if what == What::Components(Vec::new()) {
            return Err(words::all_muted(name));
        }
        let audio = state.analysis.as_ref().and_then(|analysis| analysis.audio.clone());
        let mut origin = match (&state.analysis, &state.imported) {
            (Some(analysis), _) => Origin::of_analysis(analysis),
            (None, Some(stored)) => Origin::of_header(&stored.header),
            (None, None) => return Err(words::lane_without_sound(name)),
        }
        .map_err(|e| e.to_string())?;
        // Factors that were imported are in the units of their own sound.
        if let Some(max) = state.imported.as_ref().and_then(|stored| stored.header.max) {
            origin.max = max;
        }
        let phase =
            if audio.is_some() { Phase::Mixture } else { Phase::GriffinLim(Reconstruction::GRIFFIN_LIM) };
        let wanted = Reconstruction { what, phase, ..Reconstruction::MODEL };
        Ok(Self::Model { model, origin, audio, wanted })
    }

    /// Samples a second, and how many.
    fn size(&self) -> (u32, usize) {
        match self {
            Self::Original(audio) => (audio.rate, audio.samples.len()),
            Self::Model { origin, .. } => (origin.rate, origin.samples),
        }
    }

    /// A number that tells it from other plans.
    fn stamp(&self) -> u64 {
        let of_audio = |audio: &Arc<Audio>| Arc::as_ptr(audio).addr();
        match self {
            Self::Original(audio) => stamp((0, of_audio(audio))),
            Self::Model { model, origin, audio, wanted } => {
                let model = match model {
                    AnyModel::F32(model) => Arc::as_ptr(model).addr(),
                    AnyModel::F64(model) => Arc::as_ptr(model).addr(),
                };
                let (audio, max) = (audio.as_ref().map(of_audio), origin.max.to_bits());
                stamp((1, model, audio, max, &wanted.what, wanted.phase))
            }
        }
    }

    /// Samples, rate and the name of the phase, on `pool`; as loud as the original where that is wanted.
    pub fn make(&self, pool: &ThreadPool, level_match: bool) -> Result<(Vec<f32>, u32, String), String> {
        match self {
            Self::Original(audio) => Ok((audio.samples.clone(), audio.rate, words::SOUND_ITSELF.to_owned())),
            Self::Model { model, origin, audio, wanted } => {
                let wanted = Reconstruction { level_match, ..wanted.clone() };
                let mut go_on = |_: usize| ControlFlow::Continue(());
                let made = pool
                    .install(|| reconstruct(model, origin, audio.as_deref(), &wanted, &mut go_on))
                    .map_err(|e| e.to_string())?;
                let sound = made.ok_or_else(|| words::ENDED.to_owned())?;
                Ok((sound.samples, sound.rate, sound.phase))
            }
        }
    }

    fn made(&self, pool: &ThreadPool) -> Result<Made, String> {
        let (samples, rate, phase) = self.make(pool, false)?;
        let original = match self {
            Self::Original(_) => None,
            Self::Model { audio, .. } => audio.as_ref(),
        };
        let gain = original.map_or(1.0, |audio| gain_to(&audio.samples, &samples));
        let peak = samples.iter().fold(0.0f64, |peak, x| peak.max(f64::from(x.abs())));
        Ok(Made { samples: samples.into(), rate, phase, gain, peak })
    }
}

impl Listening {
    /// Listening through `player`.
    ///
    /// # Errors
    /// The system has no threads to give.
    pub fn start(player: Box<dyn Player>, wake: &Waker) -> Result<Self, EngineError> {
        let tell = Arc::clone(wake);
        Ok(Self {
            transport: Transport::start(player, move || tell())?,
            maker: Latest::start("snmf-sound", Arc::clone(wake))?,
            pool: Arc::new(session::pool(THREADS)?),
            kept: [const { None }; 4],
            asked: [None; 4],
            sent: None,
        })
    }

    /// The pool that sound is made on.
    pub fn pool(&self) -> Arc<ThreadPool> {
        Arc::clone(&self.pool)
    }

    /// Plays or holds; in a loop from its begin where it is outside.
    pub fn play_or_hold(&self, view: &View) {
        if self.transport.state().playing {
            return self.transport.pause();
        }
        if let (Some((start, end)), Some(sent)) = (loop_of(view), &self.sent) {
            let at = self.transport.position() as f64 / f64::from(sent.rate.max(1));
            if !(start..end).contains(&at) {
                self.transport.seek(samples(start, sent.rate));
            }
        }
        self.transport.play();
    }

    /// Takes over what has changed, and asks for what is missing.
    pub fn follow(&mut self, session: &Session, view: &mut View) {
        for (index, stamp, outcome) in self.maker.take() {
            let outcome = outcome.unwrap_or_else(|panic| Err(words::failed(&panic)));
            self.kept[index] = Some(Kept { stamp, outcome });
        }
        let plans = Choice::ALL.map(|choice| Plan::of(session, view, choice));
        // One sound is the measure of all: what has another length or rate cannot be switched to.
        let size = plans.iter().find_map(|plan| plan.as_ref().ok().map(Plan::size));
        let (rate, length) = size.unwrap_or_default();
        let wanted = view.listen.playing || view.listen.blind;
        let mut told = NOTHING;
        for (choice, plan) in Choice::ALL.into_iter().zip(plans) {
            let index = choice.index();
            told[index] = match plan {
                Ok(plan) if Some(plan.size()) == size => {
                    let running = match choice {
                        Choice::Original => false,
                        Choice::A => session.lane(LaneId::A).status.is_active(),
                        Choice::B => session.lane(LaneId::B).status.is_active(),
                        Choice::Selection => session.lane(view.over).status.is_active(),
                    };
                    self.want(index, plan, wanted, running)
                }
                Ok(_) => Err(words::OTHER_SIZE.to_owned()),
                Err(reason) => Err(reason),
            };
            if told[index].is_err() && self.asked[index].is_none() {
                self.kept[index] = None;
            }
        }
        self.send(rate, length);
        self.tell(view, told, rate, length);
        view.listen.parts = parts(session, view);
    }

    /// Has a sound made if it is wanted and not there; what is there to be told of it.
    fn want(&mut self, index: usize, plan: Plan, wanted: bool, running: bool) -> Told {
        let stamp = plan.stamp();
        let fresh = self.kept[index].as_ref().is_some_and(|kept| kept.stamp == stamp);
        let asked = self.asked[index].is_some_and(|(asked, at)| {
            let pending = self.kept[index].as_ref().is_none_or(|kept| kept.stamp != asked);
            asked == stamp || running && (pending || at.elapsed() < REFRESH)
        });
        if wanted && !fresh && !asked {
            self.asked[index] = Some((stamp, Instant::now()));
            let pool = Arc::clone(&self.pool);
            self.maker.request(index, stamp, move || plan.made(&pool));
            return self.kept_phase(index);
        }
        match &self.kept[index] {
            Some(_) => self.kept_phase(index),
            // It is told before it is made.
            None => match plan {
                Plan::Original(_) => Ok(words::SOUND_ITSELF.to_owned()),
                Plan::Model { wanted, .. } => Ok(wanted.phase_name()),
            },
        }
    }

    fn kept_phase(&self, index: usize) -> Told {
        match &self.kept[index] {
            Some(Kept { outcome: Ok(made), .. }) => Ok(made.phase.clone()),
            Some(Kept { outcome: Err(reason), .. }) => Err(reason.clone()),
            None => Ok(words::COMPUTING.to_owned()),
        }
    }

    /// Hands the transport what there is, if that is new.
    fn send(&mut self, rate: u32, length: usize) {
        let fits = |made: &&Made| made.rate == rate && made.samples.len() == length;
        let made = [0, 1, 2, 3].map(|index: usize| {
            self.kept[index].as_ref().and_then(|kept| kept.outcome.as_ref().ok()).filter(fits)
        });
        // Equally loud, and none of them beyond what can be played.
        let loudest = made.iter().flatten().map(|made| made.gain * made.peak).fold(1.0, f64::max);
        #[allow(clippy::cast_possible_truncation)] // a factor for samples
        let gain = |made: &Made| (made.gain / loudest) as f32;
        let tracks = made.map(|made| made.map(|made| (made.samples.as_ptr().addr(), gain(made).to_bits())));
        let sent = Sent { rate, length, tracks };
        if self.sent.as_ref() == Some(&sent) {
            return;
        }
        let track = |made: &Made| Track { samples: Arc::clone(&made.samples), gain: gain(made) };
        let tracks = made.map(|made| made.map(track));
        self.transport.set_program(Arc::new(Program { rate, length, tracks }));
        self.sent = Some(sent);
    }

    /// Tells the transport what is wanted, and the view where it is.
    fn tell(&self, view: &mut View, told: [Told; 4], rate: u32, length: usize) {
        let per_second = f64::from(rate.max(1));
        self.transport.listen(view.listen.choice);
        self.transport.set_level_match(view.listen.level_match || view.listen.blind);
        let looped = loop_of(view).map(|(start, end)| {
            let (start, end) = (samples(start, rate), samples(end, rate).min(length));
            start.min(end)..end
        });
        // Less than a fade is no loop but a noise.
        self.transport.set_loop(looped.filter(|range| range.len() as f64 > 0.02 * per_second));
        if let Some(seconds) = view.listen.seek.take().filter(|_| length > 0) {
            self.transport.seek(samples(seconds, rate).min(length));
        }
        let (state, position) = (self.transport.state(), self.transport.position());
        let listen = &mut view.listen;
        listen.playing = state.playing;
        listen.problem = state.problem;
        listen.told = told;
        listen.seconds = length as f64 / per_second;
        listen.playhead =
            (length > 0 && (state.playing || position > 0)).then(|| position as f64 / per_second);
    }
}

/// The part that plays over and over, in seconds: the region, or what is shown.
fn loop_of(view: &View) -> Option<(f64, f64)> {
    view.listen.looped.then(|| view.region.unwrap_or(view.time))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // negative times are the begin
fn samples(seconds: f64, rate: u32) -> usize {
    (seconds * f64::from(rate)).round().max(0.0) as usize
}

/// What the fourth choice is called.
fn parts(session: &Session, view: &View) -> String {
    let lane = view.over;
    let count = session.lane(lane).snapshot.as_ref().map_or(0, |s| s.model.shape().components);
    let soloed = (0..count).filter(|r| view.mix.is_on(lane, *r, true)).count();
    match view.mix.selected(lane) {
        _ if soloed > 0 => words::several(soloed, lane.name()),
        Some(r) => words::one(r + 1, lane.name()),
        None => words::COMPONENT.to_owned(),
    }
}
