//! The state of the window's work: one input, two columns, messages; changed only by commands and by what
//! the jobs report.

mod command;
mod exchange;
mod file;
mod grid;
mod history;
mod input;
mod locating;
mod running;
mod under_way;
mod undo;

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use self::history::History;
use self::under_way::{FileState, GridState, Load};
use super::analysis::Analysis;
use super::latest::Latest;
use super::run::batch::Batch;
use super::run::column::{ColumnId, ColumnState, Status};
use super::run::job::Job;
use super::run::list::{RunRecord, Runs};
use super::run::measure::{Measures, Ratios};
use super::run::trace::Trace;
use super::run::verdict::{self, Verdict, Warning};
use super::settings::draft::SpecDraft;
use super::task::{Task, Waker};
use crate::codec::{Stored, text};
use crate::numeric::RunSpec;
use crate::signal::ReadOptions;

pub use command::{Command, InputState, Message, MessageKind};

/// How often sizes and ratios are measured while a run goes on.
const MEASURE_INTERVAL: Duration = Duration::from_secs(1);

/// The window's work, without the window.
pub struct Session {
    pool: Arc<ThreadPool>,
    wake: Waker,
    draft: SpecDraft,
    input: InputState,
    columns: [ColumnState; 2],
    runs: Runs,
    history: History,
    messages: Vec<Message>,
    begun: Instant,
    /// Measures by column, with the numbers of the run and of the snapshot they are of.
    measurer: Latest<ColumnId, (u64, u64), Measures>,
    /// The newest is the one that counts; older ones are only waited for, without blocking anybody.
    loading: Vec<Load>,
    /// Cancelled runs whose column has gone on already.
    retiring: Vec<Job>,
    run_when_ready: Vec<ColumnId>,
    exports: Vec<Task<Result<(PathBuf, usize), String>>>,
    imports: Vec<Import>,
    /// The newest is the one that is shown; older ones are only waited for.
    traces: Vec<Trace>,
    file_state: FileState,
    grid: GridState,
}

/// A stream on its way into a column.
type Import = (ColumnId, Task<Result<Stored, String>>, PathBuf);

/// A session that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("could not start {threads} worker threads: {reason}")]
    Pool { threads: usize, reason: String },
    #[error("could not start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// The pool on which steps run, with one thread a core for 0.
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
    pub fn new(threads: usize, wake: Waker) -> Result<Self, EngineError> {
        let pool = Arc::new(pool(threads)?);
        Ok(Self {
            measurer: Latest::start("snmf-measure", Arc::clone(&wake))?,
            pool,
            wake,
            draft: SpecDraft::default(),
            input: InputState::Empty,
            columns: [ColumnState::new(), ColumnState::new()],
            runs: Runs::default(),
            history: History::default(),
            messages: Vec::new(),
            begun: Instant::now(),
            loading: Vec::new(),
            retiring: Vec::new(),
            run_when_ready: Vec::new(),
            exports: Vec::new(),
            imports: Vec::new(),
            traces: Vec::new(),
            file_state: FileState::default(),
            grid: GridState::default(),
        })
    }

    pub fn draft(&self) -> &SpecDraft {
        &self.draft
    }

    pub fn input(&self) -> &InputState {
        &self.input
    }

    /// Whether what is analysed is a part of the file.
    pub fn is_part(&self) -> bool {
        let InputState::Ready(analysis) = &self.input else { return false };
        let ReadOptions { start, end, .. } = analysis.input.read;
        start.is_some() || end.is_some()
    }

    pub fn column(&self, column: ColumnId) -> &ColumnState {
        &self.columns[column.index()]
    }

    /// What there is to see of a column: the result of before for as long as a run under way has none.
    pub fn shown(&self, column: ColumnId) -> &ColumnState {
        self.column(column).shown()
    }

    /// The sweep, if one was started.
    pub fn trace(&self) -> Option<&Trace> {
        self.traces.last()
    }

    /// Runs that have ended and streams that were imported.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// All messages so far, oldest first.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Whether a run, a load, an export or an import is under way.
    pub fn busy(&self) -> bool {
        let files = !self.exports.is_empty() || !self.imports.is_empty() || self.file_state.is_busy();
        !self.loading.is_empty()
            || files
            || self.trace().is_some_and(Trace::is_running)
            || self.grid().is_some_and(Batch::is_running)
            || ColumnId::BOTH.into_iter().any(|column| self.column(column).status.is_active())
    }

    /// Whether a column shows a result that the current settings or input would not give.
    pub fn is_stale(&self, column: ColumnId) -> bool {
        let state = self.column(column);
        let (Some(spec), Some(of)) = (&state.spec, &state.analysis) else { return false };
        let current = self.draft.parse().ok().and_then(|e| e.runs.get(column.index()).cloned());
        let same_input = self.input.open().is_some_and(|now| Arc::ptr_eq(now, of));
        !state.from_sweep && current.as_ref() != Some(spec) || !same_input
    }

    /// How many times smaller column B's factors are than column A's, once both are measured.
    pub fn ratios(&self) -> Option<Ratios> {
        let [a, b] = ColumnId::BOTH.map(|column| self.shown(column).measures.as_ref());
        let pcm16 = self.shown(ColumnId::B).analysis.as_ref().and_then(|analysis| analysis.pcm16_bytes());
        Some(Ratios::between(&a?.sizes, &b?.sizes, pcm16))
    }

    /// What B keeps and costs against A, by what the columns show.
    pub fn verdict(&self) -> Option<Verdict> {
        Verdict::between(self.shown(ColumnId::A), self.shown(ColumnId::B))
    }

    /// What the run in a column lost against its CNMF, a sentence a measure, once its end is measured.
    pub fn warnings(&self, column: ColumnId) -> Vec<Warning> {
        let state = self.shown(column);
        let is_settled = !state.status.is_active() && state.measured == Some(state.generation);
        match (&state.spec, &state.measures, &state.analysis) {
            (Some(spec), Some(measures), analysis) if is_settled => {
                self.warnings_of(spec, measures, analysis.as_deref())
            }
            _ => Vec::new(),
        }
    }

    /// The same of a run of the list.
    pub fn warnings_of_run(&self, run: &RunRecord) -> Vec<Warning> {
        run.spec()
            .map_or_else(Vec::new, |spec| self.warnings_of(spec, &run.measures, run.analysis.as_deref()))
    }

    fn warnings_of(&self, spec: &RunSpec, measures: &Measures, analysis: Option<&Analysis>) -> Vec<Warning> {
        let same = |of: &Option<Arc<Analysis>>| {
            let of = of.as_deref();
            of.zip(analysis).is_some_and(|(of, here)| of.sha256 == here.sha256 && of.stft == here.stft)
        };
        let columns =
            self.columns.iter().filter(|column| same(&column.analysis) && !column.status.is_active());
        let columns = columns.filter_map(|column| Some((column.spec.as_ref()?, column.measures.as_deref()?)));
        let runs = self.runs.all().iter().filter(|run| same(&run.analysis));
        let runs = runs.filter_map(|run| Some((run.spec()?, &*run.measures)));
        verdict::of_run(spec, measures, columns.chain(runs))
    }

    /// Does what a command asks, or says why not.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::Open(input) => self.open(input),
            Command::SetDraft(draft) => self.edit_draft(draft),
            Command::Run(columns) => self.run(columns),
            Command::Pause(column) => self.switch(column, &Status::Running, Status::Paused, Job::pause),
            Command::Resume(column) => self.switch(column, &Status::Paused, Status::Running, Job::resume),
            Command::Cancel(column) => self.cancel(column),
            Command::Export { column, path, form, overwrite } => {
                self.export(column, path, form, overwrite);
            }
            Command::Import { column, path } => self.import(column, path),
            Command::Sweep => self.sweep(),
            Command::StopReading => self.stop_reading(),
            Command::StopSweep => self.traces.iter().for_each(Trace::cancel),
            Command::ShowPoint { column, point } => self.show_point(column, point),
            Command::RunGrid(grid) => self.run_grid(&grid),
            Command::Choose(draft) => self.choose(&draft),
            Command::StopGrid => self.stop_grid(),
            Command::ShowRun { column, number } => self.show_run(column, number),
            Command::SaveSession { path, kind, overwrite, view } => {
                self.save_session(path, kind, overwrite, view);
            }
            Command::OpenSession(path) => self.open_session(path, false),
            Command::Recover(path) => self.open_session(path, true),
            Command::NewSession => self.new_session(),
            Command::Locate(path) => self.locate(path),
            Command::UseBases(column) => self.use_bases(column),
            Command::RenameRun { number, title } => self.rename_run(number, &title),
            Command::PinRun { number, pinned } => self.pin_run(number, pinned),
            Command::DeleteRun(number) => self.delete_run(number),
            Command::Revert(column) => self.revert(column),
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::Report { kind, text } => self.report(kind, text),
        }
    }

    /// What became of a column, for those who wait: whether anything still moves in it.
    pub fn is_settled(&self, column: ColumnId) -> bool {
        let state = self.column(column);
        !state.status.is_active() && (state.snapshot.is_none() || state.measured == Some(state.generation))
    }

    /// Picks up what the jobs have to report; true if anything changed.
    pub fn poll(&mut self) -> bool {
        self.retiring.retain(|job| job.take_ending().is_none());
        let loaded = self.poll_loading();
        let files = self.poll_files() | self.poll_file();
        let measured = self.poll_measures();
        let stepped = ColumnId::BOTH.into_iter().fold(false, |any, column| self.poll_column(column) | any);
        ColumnId::BOTH.into_iter().for_each(|column| self.follow(column));
        let gridded = self.poll_grid();
        let failed: Vec<String> = self.traces.iter_mut().filter_map(Trace::poll).collect();
        failed
            .into_iter()
            .for_each(|reason| self.report(MessageKind::Error, format!("Sweep ended: {reason}")));
        let shown = self.traces.len().saturating_sub(1);
        let mut index = 0;
        self.traces.retain(|trace| {
            index += 1;
            index > shown || trace.is_running()
        });
        loaded | files | measured | stepped | gridded
    }

    /// Adds a message of one line; line breaks in names are escaped.
    fn report(&mut self, kind: MessageKind, text: String) {
        let shown = match text::line(&text) {
            Cow::Owned(line) => Some(line),
            Cow::Borrowed(_) => None,
        };
        self.messages.push(Message { after: self.begun.elapsed(), kind, text: shown.unwrap_or(text) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Stop;
    use crate::engine::settings::input::{InputSpec, Source};
    use crate::numeric::RunSpec;
    use crate::signal::{Demo, ReadOptions};

    #[test]
    fn a_panic_in_one_column_is_a_failed_column_and_nothing_else() {
        let mut session = Session::new(2, Arc::new(|| {})).unwrap();
        let draft = SpecDraft { components: 2, lags: 2, iterations: 3, ..SpecDraft::default() };
        let experiment = draft.parse().unwrap();
        let input = InputSpec { source: Source::Demo(Demo::Speech), read: ReadOptions::default() };
        let analysis = Arc::new(Analysis::read(&input, experiment.framing, &session.pool).unwrap());
        // No specification that is parsed says this: it stands for a mistake in a kernel.
        let broken = RunSpec { lags: 0, ..experiment.runs[0].clone() };
        session.start(ColumnId::A, broken, Arc::clone(&analysis));
        session.start(ColumnId::B, experiment.runs[1].clone(), analysis);
        let begun = Instant::now();
        while session.busy() {
            session.poll();
            assert!(begun.elapsed() < Duration::from_secs(30));
        }
        let Status::Failed { reason } = &session.column(ColumnId::A).status else {
            panic!("the column failed")
        };
        assert!(reason.contains("computation failed"), "{reason}");
        assert_eq!(session.column(ColumnId::B).status, Status::Ended(Stop::IterationLimit));
        assert_eq!(session.messages().len(), 1);
    }
}
