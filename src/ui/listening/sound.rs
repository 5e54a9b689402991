//! The sounds of the window: made in the background, kept for as long as they are of what is shown, and played.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::plan::{SoundPlan, parts};
use crate::engine::latest::Latest;
use crate::engine::reconstruct::{ReconstructedSound, gain, loudness};
use crate::engine::task::seldom;
use crate::engine::{ColumnId, EngineError, Session, Waker, session};
use crate::playback::{Choice, Player, Program, Track, Transport};
use crate::ui::text::listening as words;
use crate::ui::view::View;
use crate::ui::view::listen::{Making, NOTHING, Readiness};

/// While a column runs, its sound is made anew at most so often.
const REFRESH: Duration = Duration::from_secs(1);

/// Threads that make sound: a running column keeps its own.
pub const THREADS: usize = 2;

/// A sound that was made.
#[derive(Clone)]
struct MadeSound {
    samples: Arc<[f32]>,
    rate: u32,
    phase: String,
    loudness: f64,
    peak: f64,
}

/// The latest sound of a choice with what it was made of.
struct CachedSound {
    of: Arc<SoundRequest>,
    outcome: Result<MadeSound, String>,
}

/// A sound that was asked for, how far it is, and whether it is to end.
struct SoundRequest {
    /// Held, so that no other plan comes to have its stamp.
    plan: SoundPlan,
    stamp: u64,
    at: Instant,
    done: AtomicUsize,
    ended: AtomicBool,
}

impl SoundRequest {
    fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    fn report(&self, done: usize) -> ControlFlow<()> {
        self.done.store(done, Ordering::Relaxed);
        if self.ended.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn make(&self, pool: &ThreadPool, wake: &Waker) -> Result<MadeSound, String> {
        let mut observe = |done: usize| {
            wake();
            self.report(done)
        };
        let made = self.plan.make(pool, false, &mut observe)?;
        let ReconstructedSound { samples, rate, phase, .. } = made.ok_or_else(|| words::ENDED.to_owned())?;
        let peak = samples.iter().fold(0.0f64, |peak, x| peak.max(f64::from(x.abs())));
        Ok(MadeSound { loudness: loudness(&samples), samples: samples.into(), rate, phase, peak })
    }
}

/// The sounds of the window.
pub struct Listening {
    transport: Transport,
    maker: Latest<usize, Arc<SoundRequest>, Result<MadeSound, String>>,
    pool: Arc<ThreadPool>,
    kept: [Option<CachedSound>; 4],
    asked: [Option<Arc<SoundRequest>>; 4],
    /// Whose search was ended, until it is wanted again.
    halted: [bool; 4],
    /// By which the sounds are made.
    making: Making,
    wake: Waker,
    /// What the transport was sent last.
    sent: Option<Sent>,
}

/// All that the transport gets, so that it is sent only what is new.
#[derive(Clone, PartialEq)]
struct Sent {
    rate: u32,
    length: usize,
    tracks: [Option<(usize, u32)>; 4],
}

impl Listening {
    /// Listening through `player`.
    ///
    /// # Errors
    /// The system has no threads to give.
    pub fn start(player: Box<dyn Player>, wake: &Waker) -> Result<Self, EngineError> {
        let notify = Arc::clone(wake);
        Ok(Self {
            transport: Transport::start(player, move || notify())?,
            maker: Latest::start("snmf-sound", Arc::clone(wake))?,
            pool: Arc::new(session::pool(THREADS)?),
            kept: [const { None }; 4],
            asked: [const { None }; 4],
            halted: [false; 4],
            making: Making::default(),
            wake: seldom(wake),
            sent: None,
        })
    }

    /// Plays or holds; in a loop from its begin where it is outside.
    pub fn play_or_hold(&mut self, view: &View) {
        if self.transport.state().playing {
            return self.transport.pause();
        }
        // What could not be made, or was ended, is tried again.
        self.halted = [false; 4];
        for index in 0..4 {
            if self.kept[index].as_ref().is_some_and(|kept| kept.outcome.is_err()) {
                self.drop_sound(index);
            }
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
        for (index, of, outcome) in self.maker.take() {
            let outcome = outcome.unwrap_or_else(|panic| Err(words::failed(&panic)));
            // One that was ended for a newer one says nothing of that.
            if self.asked[index].as_ref().is_some_and(|asked| Arc::ptr_eq(asked, &of)) {
                self.kept[index] = Some(CachedSound { of, outcome });
            }
        }
        if self.making != view.listen.making {
            self.making = view.listen.making;
            self.halted = [false; 4];
        }
        let heard = view.listen.choice.index();
        if std::mem::take(&mut view.listen.end_search) {
            self.drop_sound(heard);
            self.halted[heard] = true;
            self.transport.pause();
        }
        let plans = Choice::ALL.map(|choice| SoundPlan::of(session, view, choice));
        view.listen.possible = [0, 1, 2, 3].map(|index: usize| plans[index].is_ok());
        // One sound is the measure of all: what has another length or rate cannot be switched to.
        let size = plans.iter().find_map(|plan| plan.as_ref().ok().map(SoundPlan::size));
        let (rate, length) = size.unwrap_or_default();
        let listening = view.listen.playing || view.listen.blind;
        let mut readiness = NOTHING;
        for (choice, plan) in Choice::ALL.into_iter().zip(plans) {
            let index = choice.index();
            readiness[index] = match plan {
                Ok(plan) if Some(plan.size()) == size => {
                    let running = match choice {
                        Choice::Original => false,
                        Choice::A => session.shown(ColumnId::A).status.is_active(),
                        Choice::B => session.shown(ColumnId::B).status.is_active(),
                        Choice::Selection => session.shown(view.over).status.is_active(),
                    };
                    // Searches take long: only what is heard is searched for.
                    let wanted = listening && (!plan.is_search() || index == heard || view.listen.blind);
                    self.want(index, plan, wanted, running)
                }
                refused => {
                    self.drop_sound(index);
                    Err(refused.err().unwrap_or_else(|| words::OTHER_SIZE.to_owned()))
                }
            };
        }
        view.listen.searching = self.searching(heard);
        self.send(rate, length);
        self.show(view, readiness, rate, length);
        view.listen.parts = parts(session, view);
    }

    /// Has a sound made if it is wanted and not there; returns what the bar says of it.
    fn want(&mut self, index: usize, plan: SoundPlan, wanted: bool, running: bool) -> Readiness {
        let stamp = plan.stamp();
        if self.halted[index] && plan.is_search() {
            return Err(words::ENDED.to_owned());
        }
        let fresh = self.kept[index].as_ref().is_some_and(|kept| kept.of.stamp == stamp);
        let asked = self.asked[index].as_ref().is_some_and(|asked| {
            asked.stamp == stamp || running && (self.is_pending(index) || asked.at.elapsed() < REFRESH)
        });
        if wanted && !fresh && !asked {
            let (done, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
            let work = Arc::new(SoundRequest { plan, stamp, at: Instant::now(), done, ended });
            if let Some(older) = self.asked[index].replace(Arc::clone(&work)) {
                older.end();
            }
            let (pool, wake, of) = (Arc::clone(&self.pool), Arc::clone(&self.wake), Arc::clone(&work));
            self.maker.request(index, of, move || work.make(&pool, &wake));
            return self.kept_phase(index);
        }
        if fresh || wanted {
            return self.kept_phase(index);
        }
        // The bar says so before it is made.
        match plan {
            SoundPlan::Original(_) => Ok(words::SOUND_ITSELF.to_owned()),
            SoundPlan::Model { wanted, .. } => Ok(wanted.phase_name()),
        }
    }

    /// How far a search for phases is that goes on.
    fn searching(&self, index: usize) -> Option<(usize, usize)> {
        let work = self.asked[index].as_ref().filter(|work| work.plan.is_search())?;
        self.is_pending(index).then(|| (work.done.load(Ordering::Relaxed), work.plan.steps()))
    }

    /// Whether what was asked for is not there yet.
    fn is_pending(&self, index: usize) -> bool {
        let asked = self.asked[index].as_ref();
        asked.is_some_and(|asked| self.kept[index].as_ref().is_none_or(|kept| !Arc::ptr_eq(&kept.of, asked)))
    }

    /// What is heard no more, and is not to be made either.
    fn drop_sound(&mut self, index: usize) {
        if let Some(work) = self.asked[index].take() {
            work.end();
        }
        self.kept[index] = None;
    }

    fn kept_phase(&self, index: usize) -> Readiness {
        match &self.kept[index] {
            Some(CachedSound { outcome: Ok(made), .. }) => Ok(made.phase.clone()),
            Some(CachedSound { outcome: Err(reason), .. }) => Err(reason.clone()),
            None => Ok(words::COMPUTING.to_owned()),
        }
    }

    /// Hands the transport what there is, if that is new.
    fn send(&mut self, rate: u32, length: usize) {
        let fits = |made: &&MadeSound| made.rate == rate && made.samples.len() == length;
        let made = [0, 1, 2, 3].map(|index: usize| {
            self.kept[index].as_ref().and_then(|kept| kept.outcome.as_ref().ok()).filter(fits)
        });
        // As loud as the original, or the first that there is, and none of them beyond what can be played.
        let measure = made.iter().flatten().next().map_or(0.0, |first| first.loudness);
        let gain = |made: &MadeSound| gain(measure, made.loudness);
        let loudest = made.iter().flatten().map(|made| gain(made) * made.peak).fold(1.0, f64::max);
        #[allow(clippy::cast_possible_truncation)] // a factor for samples
        let gain = |made: &MadeSound| (gain(made) / loudest) as f32;
        let tracks = made.map(|made| made.map(|made| (made.samples.as_ptr().addr(), gain(made).to_bits())));
        let sent = Sent { rate, length, tracks };
        if self.sent.as_ref() == Some(&sent) {
            return;
        }
        let track = |made: &MadeSound| Track { samples: Arc::clone(&made.samples), gain: gain(made) };
        let tracks = made.map(|made| made.map(track));
        self.transport.set_program(Arc::new(Program { rate, length, tracks }));
        self.sent = Some(sent);
    }

    /// Sends the transport what is wanted, and writes into the view where it is.
    fn show(&self, view: &mut View, readiness: [Readiness; 4], rate: u32, length: usize) {
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
        listen.readiness = readiness;
        listen.seconds = length as f64 / per_second;
        listen.playhead =
            (length > 0 && (state.playing || position > 0)).then(|| position as f64 / per_second);
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // The thread that makes sound, dropped next, is waited for.
        self.asked.iter().flatten().for_each(|work| work.end());
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
