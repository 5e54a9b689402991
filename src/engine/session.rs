//! The state of the window's work: one input, two lanes, messages; changed only by commands and by what
//! the jobs report.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::analysis::Analysis;
use super::files;
use super::job::{self, Job, Snapshot, Stop};
use super::lane::{LaneId, LaneState, Status};
use super::latest::Latest;
use super::learning::Learning;
use super::measure::{self, Measures, Ratios};
use super::runs::Runs;
use super::spec::{Fixed, InputSpec, SpecDraft};
use super::task::{Task, Waker};
use super::trace::Trace;
use crate::codec::{self, Form, Header, Limits, Stored};
use crate::numeric::{FixedBases, Method, RunSpec};
use crate::signal::{Channel, ReadOptions, Window};

/// How often sizes and ratios are measured while a run goes on.
const MEASURE_INTERVAL: Duration = Duration::from_secs(1);

/// The input of the window.
#[derive(Clone)]
pub enum InputState {
    /// None chosen.
    Empty,
    /// Being read and analysed.
    Loading {
        /// Name of what is read.
        name: String,
    },
    /// Read and analysed.
    Ready(Arc<Analysis>),
    /// Could not be read.
    Failed {
        /// Name of what was to be read.
        name: String,
        /// File and reason.
        reason: String,
    },
}

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// Something was done.
    Info,
    /// It was done, not quite as asked.
    Warning,
    /// It was not done.
    Error,
}

/// What happened, to what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How much it matters.
    pub kind: MessageKind,
    /// The sentence.
    pub text: String,
}

/// Everything that can be asked of a session.
#[derive(Clone, Debug)]
pub enum Command {
    /// Read and analyse an input with the draft's analysis settings.
    Open(InputSpec),
    /// Take over edited settings; a changed analysis is carried out at once.
    SetDraft(SpecDraft),
    /// Start these lanes on the current input with the current draft, as soon as the input is there.
    Run(Vec<LaneId>),
    /// Hold after the iteration in progress.
    Pause(LaneId),
    /// Go on.
    Resume(LaneId),
    /// End after the iteration in progress; the factors so far stay.
    Cancel(LaneId),
    /// Write a lane's factors as a stream.
    Export {
        /// Which lane.
        lane: LaneId,
        /// Where to.
        path: PathBuf,
        /// Body of the stream.
        form: Form,
        /// Replace a file of that name.
        overwrite: bool,
    },
    /// Read a factor stream into a lane.
    Import {
        /// Which lane.
        lane: LaneId,
        /// The file.
        path: PathBuf,
    },
    /// Trace bytes against loss for every storable method with the current settings.
    Sweep,
    /// End the sweep; its points so far stay.
    StopSweep,
    /// Show a point of the sweep in a lane.
    ShowPoint {
        /// Which lane.
        lane: LaneId,
        /// Number of the point in [`Trace::points`].
        point: usize,
    },
    /// Show a run that is kept in a lane.
    ShowRun {
        /// Which lane.
        lane: LaneId,
        /// Its number.
        number: usize,
    },
    /// Give the bases of a lane to the runs that follow.
    UseBases(LaneId),
    /// Add a line to the messages.
    Tell(Message),
}

/// The window's work, without the window.
pub struct Session {
    pool: Arc<ThreadPool>,
    wake: Waker,
    draft: SpecDraft,
    input: InputState,
    lanes: [LaneState; 2],
    runs: Runs,
    messages: Vec<Message>,
    /// Measures by lane, with the numbers of the run and of the snapshot they are of.
    measurer: Latest<LaneId, (u64, u64), Measures>,
    /// The newest is the one that counts; older ones are only waited for, without blocking anybody.
    loading: Vec<Task<Result<Analysis, String>>>,
    /// Cancelled runs whose lane has gone on already.
    retiring: Vec<Job>,
    run_when_ready: Vec<LaneId>,
    exports: Vec<Task<Result<(PathBuf, usize), String>>>,
    imports: Vec<Import>,
    /// The newest is the one that is shown; older ones are only waited for.
    traces: Vec<Trace>,
}

/// A stream on its way into a lane.
type Import = (LaneId, Task<Result<Stored, String>>, PathBuf);

/// A session that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No threads to work with.
    #[error("could not start {threads} worker threads: {reason}")]
    Pool {
        /// How many were asked for; 0 means one a core.
        threads: usize,
        /// Why.
        reason: String,
    },
    /// No thread for a job.
    #[error("could not start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// The pool on which steps run, with one thread a core for 0.
///
/// # Errors
/// The system has no threads to give.
pub fn pool(threads: usize) -> Result<ThreadPool, EngineError> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|i| format!("snmf-pool-{i}"))
        .build()
        .map_err(|e| EngineError::Pool { threads, reason: e.to_string() })
}

impl Session {
    /// An empty session whose runs share a pool of `threads` threads, one a core for 0. `wake` is called from
    /// other threads whenever [`Session::poll`] has something to pick up.
    ///
    /// # Errors
    /// The system has no threads to give.
    pub fn new(threads: usize, wake: Waker) -> Result<Self, EngineError> {
        let pool = Arc::new(pool(threads)?);
        Ok(Self {
            measurer: Latest::start("snmf-measure", Arc::clone(&wake))?,
            pool,
            wake,
            draft: SpecDraft::default(),
            input: InputState::Empty,
            lanes: [LaneState::new(), LaneState::new()],
            runs: Runs::default(),
            messages: Vec::new(),
            loading: Vec::new(),
            retiring: Vec::new(),
            run_when_ready: Vec::new(),
            exports: Vec::new(),
            imports: Vec::new(),
            traces: Vec::new(),
        })
    }

    /// The settings as edited.
    #[must_use]
    pub fn draft(&self) -> &SpecDraft {
        &self.draft
    }

    /// The input.
    #[must_use]
    pub fn input(&self) -> &InputState {
        &self.input
    }

    /// One of the two columns.
    #[must_use]
    pub fn lane(&self, lane: LaneId) -> &LaneState {
        &self.lanes[lane.index()]
    }

    /// The sweep, if one was started.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        self.traces.last()
    }

    /// Runs that have ended and streams that were imported.
    #[must_use]
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// Everything told so far, oldest first.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Whether a run, a load, an export or an import is under way.
    #[must_use]
    pub fn busy(&self) -> bool {
        let files = !self.exports.is_empty() || !self.imports.is_empty();
        !self.loading.is_empty()
            || files
            || self.trace().is_some_and(Trace::is_running)
            || LaneId::BOTH.into_iter().any(|lane| self.lane(lane).status.is_active())
    }

    /// Whether a lane shows a result that the current settings or input would not give.
    #[must_use]
    pub fn is_stale(&self, lane: LaneId) -> bool {
        let state = self.lane(lane);
        let (Some(spec), Some(of)) = (&state.spec, &state.analysis) else { return false };
        let current = self.draft.parse().ok().and_then(|e| e.runs.get(lane.index()).cloned());
        let same_input = matches!(&self.input, InputState::Ready(now) if Arc::ptr_eq(now, of));
        !state.from_sweep && current.as_ref() != Some(spec) || !same_input
    }

    /// How many times smaller lane B's factors are than lane A's, once both are measured.
    #[must_use]
    pub fn ratios(&self) -> Option<Ratios> {
        let [a, b] = LaneId::BOTH.map(|lane| self.lane(lane).measures.as_ref());
        let pcm16 = self.lane(LaneId::B).analysis.as_ref().and_then(|analysis| analysis.pcm16_bytes());
        Some(Ratios::between(&a?.sizes, &b?.sizes, pcm16))
    }

    /// Does what a command asks, or says why not.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::Open(input) => self.open(input),
            Command::SetDraft(draft) => self.set_draft(draft),
            Command::Run(lanes) => self.run(lanes),
            Command::Pause(lane) => self.turn(lane, &Status::Running, Status::Paused, Job::pause),
            Command::Resume(lane) => self.turn(lane, &Status::Paused, Status::Running, Job::resume),
            Command::Cancel(lane) => self.cancel(lane),
            Command::Export { lane, path, form, overwrite } => {
                self.export(lane, path, form, overwrite);
            }
            Command::Import { lane, path } => self.import(lane, path),
            Command::Sweep => self.sweep(),
            Command::StopSweep => self.traces.iter().for_each(Trace::cancel),
            Command::ShowPoint { lane, point } => self.show_point(lane, point),
            Command::ShowRun { lane, number } => self.show_run(lane, number),
            Command::UseBases(lane) => self.use_bases(lane),
            Command::Tell(message) => self.messages.push(message),
        }
    }

    /// Writes a file that `make` fills, in the background; the outcome becomes a message.
    pub fn save(
        &mut self,
        path: PathBuf,
        overwrite: bool,
        make: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
    ) {
        let work = move || {
            let bytes = make().map_err(|reason| format!("{reason}: {}", path.display()))?;
            files::write_atomic(&path, overwrite, &bytes).map_err(|e| e.to_string())?;
            Ok((path, bytes.len()))
        };
        match Task::spawn("snmf-export", Arc::clone(&self.wake), work) {
            Ok(task) => self.exports.push(task),
            Err(e) => self.tell(MessageKind::Error, format!("Not exported: could not start a thread: {e}")),
        }
    }

    /// What became of a lane, for whoever wants to wait: whether anything still moves in it.
    #[must_use]
    pub fn is_settled(&self, lane: LaneId) -> bool {
        let state = self.lane(lane);
        !state.status.is_active() && (state.snapshot.is_none() || state.measured == Some(state.generation))
    }

    /// Picks up what the jobs have to tell; true if anything changed.
    pub fn poll(&mut self) -> bool {
        self.retiring.retain(|job| job.take_ending().is_none());
        let loaded = self.poll_loading();
        let files = self.poll_files();
        let measured = self.poll_measures();
        let stepped = LaneId::BOTH.into_iter().fold(false, |any, lane| self.poll_lane(lane) | any);
        LaneId::BOTH.into_iter().for_each(|lane| self.follow(lane));
        let failed: Vec<String> = self.traces.iter_mut().filter_map(Trace::poll).collect();
        failed.into_iter().for_each(|reason| self.tell(MessageKind::Error, format!("Sweep ended: {reason}")));
        let shown = self.traces.len().saturating_sub(1);
        let mut index = 0;
        self.traces.retain(|trace| {
            index += 1;
            index > shown || trace.is_running()
        });
        loaded | files | measured | stepped
    }

    fn tell(&mut self, kind: MessageKind, text: String) {
        self.messages.push(Message { kind, text });
    }

    fn open(&mut self, mut input: InputSpec) {
        let name = input.source.name();
        self.adopt_analysis(&mut input);
        let stft = match self.draft.stft() {
            Ok(stft) => stft,
            Err(e) => return self.tell(MessageKind::Error, format!("Not opened, {name}: {e}")),
        };
        let pool = Arc::clone(&self.pool);
        self.load(name, move || Analysis::read(&input, &stft, &pool).map_err(|e| e.to_string()));
    }

    /// A sound that is opened beside an imported stream is analysed as the stream says its own was, so that both fit
    /// together.
    fn adopt_analysis(&mut self, input: &mut InputSpec) {
        let mut imported = self.lanes.iter().filter_map(|lane| lane.imported.as_ref());
        let Some(header) = imported.next().map(|stored| stored.header.clone()) else { return };
        let size = |x: Option<u32>| x.and_then(|x| usize::try_from(x).ok());
        let (Some(fft), Some(hop)) = (size(header.fft), size(header.hop)) else { return };
        let window = Window::parse(header.window.as_deref().unwrap_or(Header::WINDOW)).unwrap_or_default();
        self.draft = SpecDraft { fft, hop, window, ..self.draft.clone() };
        if input.read == ReadOptions::default() {
            let channel = header.channel.as_deref().and_then(|channel| channel.parse().ok());
            input.read = ReadOptions {
                channel: channel.map_or(Channel::Mix, Channel::Index),
                rate: header.sample_rate,
                start: header.start,
                end: header.end,
            };
        }
    }

    /// Puts the current input under an imported stream, where it has its shape, and tells whether it is the sound that
    /// the stream was learned from.
    fn attach(&mut self, lane: LaneId) {
        let InputState::Ready(now) = &self.input else { return };
        let now = Arc::clone(now);
        let state = &mut self.lanes[lane.index()];
        let Some(stored) = state.imported.clone() else { return };
        if state.analysis.as_ref().is_some_and(|of| Arc::ptr_eq(of, &now)) {
            return;
        }
        let shape = stored.model.shape();
        let (wanted, got) = ((shape.bins, shape.frames), (now.bins(), now.frames()));
        let fits = wanted == got;
        state.analysis = fits.then(|| Arc::clone(&now));
        state.generation += 1;
        let (lane_name, name) = (lane.name(), &now.name);
        let (kind, text) = if !fits {
            let text = format!(
                "Lane {lane_name}: {name} has {} bins x {} frames and the stream {} x {}, so that they cannot be \
                 compared; open the sound that it was learned from",
                got.0, got.1, wanted.0, wanted.1
            );
            (MessageKind::Warning, text)
        } else if stored.header.sha256.as_deref() == Some(now.sha256.as_str()) {
            (
                MessageKind::Info,
                format!("Lane {lane_name}: {name} is the sound that the stream was learned from"),
            )
        } else {
            let text = format!(
                "Lane {lane_name}: {name} is not the sound that the stream was learned from (another SHA-256); SNR \
                 and KLD are against this one"
            );
            (MessageKind::Warning, text)
        };
        self.tell(kind, text);
        self.request_measures(lane);
    }

    fn show_run(&mut self, lane: LaneId, number: usize) {
        let Some(run) = self.runs.get(number).cloned() else { return };
        let state = &mut self.lanes[lane.index()];
        self.retiring.extend(state.retire());
        *state = run.shown(state.generation + 1, state.run + 1);
        self.attach(lane);
    }

    fn use_bases(&mut self, lane: LaneId) {
        let state = self.lane(lane);
        let Some(snapshot) = &state.snapshot else {
            let text = format!("No bases: lane {} has no factors yet", lane.name());
            return self.tell(MessageKind::Error, text);
        };
        let bases = Arc::new(FixedBases::of(&snapshot.model));
        let file = if let Status::Imported { path } = &state.status { Some(path.clone()) } else { None };
        let (components, lags) = (bases.components(), bases.lags());
        let fixed = Some(Fixed { bases, file });
        self.set_draft(SpecDraft { components, lags, fixed, ..self.draft.clone() });
        let text = format!(
            "The bases of lane {} are kept from now on: runs learn their activations, and with more than \
             {components} components further bases beside them",
            lane.name()
        );
        self.tell(MessageKind::Info, text);
    }

    /// Reads in the background; a load that is still going on is overtaken.
    fn load(&mut self, name: String, work: impl FnOnce() -> Result<Analysis, String> + Send + 'static) {
        match Task::spawn("snmf-load", Arc::clone(&self.wake), work) {
            Ok(task) => {
                self.loading.push(task);
                self.input = InputState::Loading { name };
            }
            Err(e) => {
                self.tell(MessageKind::Error, format!("Not opened, {name}: could not start a thread: {e}"));
            }
        }
    }

    fn set_draft(&mut self, draft: SpecDraft) {
        self.draft = draft;
        let InputState::Ready(analysis) = &self.input else { return };
        // An analysis out of range waits until it is mended; starting a run tells about it.
        let Ok(stft) = self.draft.stft() else { return };
        // A spectrogram that came ready is as it is.
        let Some(audio) = analysis.audio.clone() else { return };
        if stft != analysis.stft {
            let input = analysis.input.clone();
            let name = input.source.name();
            let pool = Arc::clone(&self.pool);
            self.load(name, move || Analysis::of(input, audio, &stft, &pool).map_err(|e| e.to_string()));
        }
    }

    fn run(&mut self, lanes: Vec<LaneId>) {
        let analysis = match &self.input {
            InputState::Ready(analysis) => Arc::clone(analysis),
            InputState::Loading { .. } => {
                self.run_when_ready = lanes;
                return;
            }
            InputState::Empty => {
                return self.tell(MessageKind::Error, "Not run: open a sound first".to_owned());
            }
            InputState::Failed { name, reason } => {
                let text =
                    format!("Not run: {name} could not be opened ({reason}); open another sound first");
                return self.tell(MessageKind::Error, text);
            }
        };
        let experiment = match self.draft.parse() {
            Ok(experiment) => experiment,
            Err(e) => return self.tell(MessageKind::Error, format!("Not run: {e}")),
        };
        for lane in lanes {
            match experiment.runs.get(lane.index()) {
                Some(spec) => self.start(lane, spec.clone(), Arc::clone(&analysis)),
                None => self.tell(MessageKind::Error, format!("Not run: lane {} has no method", lane.name())),
            }
        }
    }

    fn start(&mut self, lane: LaneId, spec: RunSpec, analysis: Arc<Analysis>) {
        let learning = self.learning_of(&spec, &analysis);
        let job = job::check(&spec, &analysis).and_then(|()| {
            let (pool, wake) = (Arc::clone(&self.pool), Arc::clone(&self.wake));
            Job::start(lane.name(), Arc::clone(&learning), spec.clone(), pool, wake)
                .map_err(|e| format!("could not start a thread: {e}"))
        });
        let method = spec.method;
        let state = &mut self.lanes[lane.index()];
        self.retiring.extend(state.retire());
        *state = LaneState {
            generation: state.generation + 1,
            run: state.run + 1,
            spec: Some(spec),
            analysis: Some(analysis),
            learning: Some(learning),
            measured_at: Some(Instant::now()),
            ..LaneState::new()
        };
        match job {
            Ok(job) => {
                state.status = Status::Running;
                state.job = Some(job);
            }
            Err(reason) => {
                state.status = Status::Failed { reason: reason.clone() };
                self.tell(MessageKind::Error, format!("Lane {}, {}: {reason}", lane.name(), method.label()));
            }
        }
    }

    /// Quantises anew where nothing but the fineness was changed: what was learned serves again, so that the lane
    /// keeps up with whoever drags a price.
    fn follow(&mut self, lane: LaneId) {
        let state = self.lane(lane);
        let (Status::Ended(_), Some(spec), Some(learning)) = (&state.status, &state.spec, &state.learning)
        else {
            return;
        };
        let InputState::Ready(analysis) = &self.input else { return };
        let wanted = self.draft.parse().ok().and_then(|e| e.runs.get(lane.index()).cloned());
        let Some(wanted) = wanted.filter(|wanted| wanted != spec && wanted.method == spec.method) else {
            return;
        };
        if wanted.is_quantised_after_learning() && learning.has_ended() && learning.serves(analysis, &wanted)
        {
            let (analysis, kept) = (Arc::clone(analysis), state.kept);
            self.start(lane, wanted, analysis);
            // The same run at another price: it keeps its place among the runs.
            self.lanes[lane.index()].kept = kept;
        }
    }

    /// What a lane has learned already, or is learning, where it is the same; else a new start.
    fn learning_of(&self, spec: &RunSpec, analysis: &Arc<Analysis>) -> Arc<Learning> {
        let mut known = self.lanes.iter().filter_map(|lane| lane.learning.as_ref());
        let same = known.find(|learning| learning.serves(analysis, spec) && !learning.has_failed());
        same.map_or_else(|| Arc::new(Learning::new(Arc::clone(analysis), spec)), Arc::clone)
    }

    fn turn(&mut self, lane: LaneId, from: &Status, to: Status, how: impl FnOnce(&Job)) {
        let state = &mut self.lanes[lane.index()];
        if let (true, Some(job)) = (state.status == *from, &state.job) {
            how(job);
            state.status = to;
        }
    }

    fn sweep(&mut self) {
        let InputState::Ready(analysis) = &self.input else {
            return self.tell(MessageKind::Error, "No sweep: open a sound first".to_owned());
        };
        // The sweep decides on methods and targets itself; the rest is that of the lanes.
        let draft = SpecDraft { methods: vec![Method::SnmfRd], ..self.draft.clone() };
        let base = match draft.parse() {
            Ok(mut experiment) => experiment.runs.swap_remove(0),
            Err(e) => return self.tell(MessageKind::Error, format!("No sweep: {e}")),
        };
        self.traces.iter().for_each(Trace::cancel);
        let known = self.lanes.iter().filter_map(|lane| lane.learning.clone());
        let known = known.filter(|learning| !learning.has_failed()).collect();
        let (pool, wake) = (Arc::clone(&self.pool), Arc::clone(&self.wake));
        match Trace::start(Arc::clone(analysis), base, known, pool, wake) {
            Ok(trace) => self.traces.push(trace),
            Err(e) => self.tell(MessageKind::Error, format!("No sweep: could not start a thread: {e}")),
        }
    }

    fn show_point(&mut self, lane: LaneId, point: usize) {
        let Some(trace) = self.trace() else { return };
        let (analysis, Some(run)) = (Arc::clone(trace.analysis()), trace.points().get(point).cloned()) else {
            return;
        };
        let state = &mut self.lanes[lane.index()];
        self.retiring.extend(state.retire());
        let generation = state.generation + 1;
        *state = LaneState {
            generation,
            measured: Some(generation),
            run: state.run + 1,
            status: Status::Ended(run.stop),
            spec: Some(run.spec.clone()),
            snapshot: Some(Arc::new(run.snapshot.clone())),
            measures: Some(Arc::new(run.measures.clone())),
            analysis: Some(analysis),
            from_sweep: true,
            ..LaneState::new()
        };
    }

    fn cancel(&mut self, lane: LaneId) {
        let state = &mut self.lanes[lane.index()];
        if let (true, Some(job)) = (state.status.is_active(), &state.job) {
            job.cancel();
            state.status = Status::Cancelling;
        }
    }

    fn export(&mut self, lane: LaneId, path: PathBuf, form: Form, overwrite: bool) {
        let Some(stored) = self.lane(lane).stored(form) else {
            let text = format!("Not exported: lane {} has no factors yet", lane.name());
            return self.tell(MessageKind::Error, text);
        };
        self.save(path, overwrite, move || Ok(codec::write(&stored)));
    }

    fn import(&mut self, lane: LaneId, path: PathBuf) {
        let from = path.clone();
        let work = move || {
            let bytes = files::read(&from).map_err(|e| e.to_string())?;
            codec::read(&bytes, &Limits::default()).map_err(|e| format!("{e}: {}", from.display()))
        };
        match Task::spawn("snmf-import", Arc::clone(&self.wake), work) {
            Ok(task) => self.imports.push((lane, task, path)),
            Err(e) => self.tell(MessageKind::Error, format!("Not imported: could not start a thread: {e}")),
        }
    }

    fn poll_loading(&mut self) -> bool {
        let Some(newest) = self.loading.len().checked_sub(1) else { return false };
        let mut current = None;
        let mut index = 0;
        self.loading.retain(|task| {
            let outcome = task.take();
            let ended = outcome.is_some();
            if index == newest {
                current = outcome;
            }
            index += 1;
            !ended
        });
        let Some(outcome) = current else { return false };
        let InputState::Loading { name } = self.input.clone() else { return true };
        match outcome.unwrap_or_else(|panic| Err(format!("the reader failed: {panic}"))) {
            Ok(analysis) => {
                let shape = format!("{} bins x {} frames", analysis.bins(), analysis.frames());
                let length = analysis
                    .audio
                    .as_ref()
                    .map_or_else(String::new, |audio| format!("{:.2} s, ", audio.seconds()));
                self.tell(MessageKind::Info, format!("Opened {name}: {length}{shape}"));
                for warning in &analysis.warnings {
                    self.messages.push(Message { kind: MessageKind::Warning, text: warning.clone() });
                }
                self.input = InputState::Ready(Arc::new(analysis));
                LaneId::BOTH.into_iter().for_each(|lane| self.attach(lane));
                let lanes = std::mem::take(&mut self.run_when_ready);
                if !lanes.is_empty() {
                    self.run(lanes);
                }
            }
            Err(reason) => {
                self.tell(MessageKind::Error, format!("Not opened: {reason}"));
                self.run_when_ready.clear();
                self.input = InputState::Failed { name, reason };
            }
        }
        true
    }

    fn poll_files(&mut self) -> bool {
        let mut told = Vec::new();
        self.exports.retain(|task| match task.take() {
            None => true,
            Some(outcome) => {
                told.push(match outcome {
                    Ok(Ok((path, bytes))) => {
                        (MessageKind::Info, format!("Exported {bytes} bytes to {}", path.display()))
                    }
                    Ok(Err(e)) => (MessageKind::Error, format!("Not exported: {e}")),
                    Err(panic) => (MessageKind::Error, format!("Not exported: the writer failed: {panic}")),
                });
                false
            }
        });
        let mut read = Vec::new();
        self.imports.retain(|(lane, task, path)| match task.take() {
            None => true,
            Some(outcome) => {
                read.push((
                    *lane,
                    path.clone(),
                    outcome.unwrap_or_else(|p| Err(format!("the reader failed: {p}"))),
                ));
                false
            }
        });
        let changed = !told.is_empty() || !read.is_empty();
        for (kind, text) in told {
            self.tell(kind, text);
        }
        for (lane, path, outcome) in read {
            match outcome {
                Ok(stored) => self.show_import(lane, path, stored),
                Err(reason) => self.tell(MessageKind::Error, format!("Not imported: {reason}")),
            }
        }
        changed
    }

    /// Puts a stream into a lane.
    fn show_import(&mut self, lane: LaneId, path: PathBuf, stored: Stored) {
        let snapshot = Snapshot::of_stream(&stored);
        self.tell(MessageKind::Info, format!("Imported {} into lane {}", path.display(), lane.name()));
        let state = &mut self.lanes[lane.index()];
        self.retiring.extend(state.retire());
        *state = LaneState {
            generation: state.generation + 1,
            run: state.run + 1,
            status: Status::Imported { path },
            imported: Some(Arc::new(stored)),
            snapshot: Some(Arc::new(snapshot)),
            ..LaneState::new()
        };
        self.request_measures(lane);
        self.attach(lane);
    }

    fn poll_lane(&mut self, lane: LaneId) -> bool {
        let state = &mut self.lanes[lane.index()];
        let Some(job) = &state.job else { return false };
        // The ending is looked at first: a snapshot left behind by a run that has ended is older than its end.
        match job.take_ending() {
            Some(Ok((snapshot, stop))) => {
                state.show(snapshot);
                state.status = Status::Ended(stop);
                state.job = None;
                let missed = state.spec.as_ref().filter(|_| stop == Stop::TargetMissed);
                if let Some((method, target)) = missed.and_then(|s| Some((s.method, s.aim?.target_text()?))) {
                    let (name, label) = (lane.name(), method.label());
                    let text =
                        format!("Lane {name}, {label}: nothing reaches {target}; the nearest is shown");
                    self.tell(MessageKind::Warning, text);
                }
                self.request_measures(lane);
                true
            }
            Some(Err(panic)) => {
                let reason = format!("the computation failed: {panic}");
                state.status = Status::Failed { reason: reason.clone() };
                state.job = None;
                self.tell(MessageKind::Error, format!("Lane {}: {reason}", lane.name()));
                true
            }
            None => match job.take_latest() {
                Some(snapshot) => {
                    state.show(snapshot);
                    if state.measured_at.is_none_or(|at| at.elapsed() >= MEASURE_INTERVAL) {
                        self.request_measures(lane);
                    }
                    true
                }
                None => false,
            },
        }
    }

    fn request_measures(&mut self, lane: LaneId) {
        let state = &mut self.lanes[lane.index()];
        let form = state.imported.as_ref().map_or(Form::default(), |stored| stored.form);
        let (Some(stored), Some(snapshot)) = (state.stored(form), &state.snapshot) else { return };
        let (iteration, analysis, pool) =
            (snapshot.iteration, state.analysis.clone(), Arc::clone(&self.pool));
        state.measured_at = Some(Instant::now());
        self.measurer.request(lane, (state.run, state.generation), move || {
            measure::measure(&stored, iteration, analysis.as_deref(), &pool)
        });
    }

    fn poll_measures(&mut self) -> bool {
        let measured = self.measurer.take();
        let changed = !measured.is_empty();
        for (lane, (run, generation), measures) in measured {
            let state = &mut self.lanes[lane.index()];
            if state.run != run {
                continue;
            }
            match measures {
                Ok(measures) => {
                    state.measures = Some(Arc::new(measures));
                    state.measured = Some(generation);
                    if generation == state.generation
                        && let Some(number) = self.runs.keep(state)
                    {
                        state.kept = Some(number);
                    }
                }
                Err(panic) => {
                    self.tell(MessageKind::Error, format!("Lane {} not measured: {panic}", lane.name()));
                }
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::spec::Source;
    use crate::signal::{Demo, ReadOptions};

    #[test]
    fn a_panic_in_one_lane_is_a_failed_lane_and_nothing_else() {
        let mut session = Session::new(2, Arc::new(|| {})).unwrap();
        let draft = SpecDraft { components: 2, lags: 2, iterations: 3, ..SpecDraft::default() };
        let experiment = draft.parse().unwrap();
        let input = InputSpec { source: Source::Demo(Demo::Speech), read: ReadOptions::default() };
        let analysis = Arc::new(Analysis::read(&input, &experiment.stft, &session.pool).unwrap());
        // No specification that is parsed says this: it stands for a mistake in a kernel.
        let broken = RunSpec { lags: 0, ..experiment.runs[0].clone() };
        session.start(LaneId::A, broken, Arc::clone(&analysis));
        session.start(LaneId::B, experiment.runs[1].clone(), analysis);
        let begun = Instant::now();
        while session.busy() {
            session.poll();
            assert!(begun.elapsed() < Duration::from_secs(30));
        }
        let Status::Failed { reason } = &session.lane(LaneId::A).status else { panic!("the lane failed") };
        assert!(reason.contains("computation failed"), "{reason}");
        assert_eq!(session.lane(LaneId::B).status, Status::Ended(Stop::IterationLimit));
        assert_eq!(session.messages().len(), 1);
    }
}
