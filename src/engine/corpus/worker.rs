//! Works through a corpus, or a shard of it: what every scheduler calls, and what does everything where there is none.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rayon::ThreadPool;
use serde_json::Value;

use super::error::CorpusError;
use super::plan::Item;
use super::shards::Shard;
use super::store::{Corpus, ItemState};
use crate::codec;
use crate::engine::analysis::Analysis;
use crate::engine::interrupt;
use crate::engine::run::job::{self, Progress};
use crate::engine::run::measure;
use crate::engine::run::series::{Finished, Series};
use crate::engine::settings::framing::Framing;
use crate::engine::task::{catch, lock};
use crate::numeric::RunSpec;

/// The numbers of one run, its stream under that name, as they are kept.
pub type RunReporter<'a> = &'a (dyn Fn(&Analysis, &Finished, &str) -> Value + Sync);

/// Works on a corpus.
pub struct Worker<'a> {
    /// What is to be done.
    pub corpus: &'a Corpus,
    /// The part of it.
    pub shard: Shard,
    /// Its threads are shared by as many sounds at a time.
    pub pool: &'a ThreadPool,
    /// Whether items that have failed are tried again.
    pub retries: bool,
    /// What is kept of a run.
    pub report: RunReporter<'a>,
    /// Called after each item.
    pub observe: &'a (dyn Fn(&Tally) + Sync),
}

/// How far a worker is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Items that were open when it began.
    pub items: usize,
    /// Those that are done since.
    pub done: usize,
    /// Those that have failed since.
    pub failed: usize,
    /// What the open items cost in all, about, in milliseconds of a core.
    pub cost_ms: u64,
    /// What those cost that are done or have failed.
    pub settled_ms: u64,
}

/// An item with its run, and how its sound is analysed.
struct ItemTask<'a> {
    item: &'a Item,
    framing: Framing,
    spec: RunSpec,
}

/// Items of one sound that could not be done, with the reasons.
type Refused<'a> = Vec<(&'a Item, String)>;

impl<'a> Worker<'a> {
    /// Does what is open. An item that cannot be done is kept as failed, and the others go on.
    ///
    /// # Errors
    /// A file that cannot be written, or the process was asked to end.
    pub fn work(&self) -> Result<Tally, CorpusError> {
        let sounds: Vec<Vec<&Item>> =
            self.corpus.sounds(self.shard).into_iter().map(|s| self.open(s)).collect();
        let sounds: Vec<Vec<&Item>> = sounds.into_iter().filter(|items| !items.is_empty()).collect();
        let items = || sounds.iter().flatten();
        let cost_ms = items().map(|item| item.cost_ms).sum();
        let tally = Mutex::new(Tally { items: items().count(), cost_ms, ..Tally::default() });
        let refused = self.each(&sounds, self.pool.current_num_threads(), &tally)?;
        // Once more, alone: there may have been too little memory for all at once.
        let again: Vec<Vec<&Item>> = refused.chunk_by(|a, b| a.0.path == b.0.path).map(items_of).collect();
        for (item, reason) in self.each(&again, 1, &tally)? {
            self.corpus.fail(item, &reason)?;
            self.settle(item, &tally, |tally| tally.failed += 1);
        }
        Ok(*lock(&tally))
    }

    fn open(&self, items: &'a [Item]) -> Vec<&'a Item> {
        let is_open = |item: &&Item| match self.corpus.state(item) {
            ItemState::Done(_) => false,
            ItemState::Failed(_) => self.retries,
            ItemState::Open => true,
        };
        items.iter().filter(is_open).collect()
    }

    /// Works on so many sounds at a time.
    fn each(
        &self,
        sounds: &[Vec<&'a Item>],
        columns: usize,
        tally: &Mutex<Tally>,
    ) -> Result<Refused<'a>, CorpusError> {
        let (next, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
        let column = || {
            let mut refused = Vec::new();
            while let Some(items) = sounds.get(next.fetch_add(1, Ordering::Relaxed)) {
                let outcome = self.sound(items, &ended, tally);
                refused.extend(outcome.inspect_err(|_| ended.store(true, Ordering::Relaxed))?);
            }
            Ok(refused)
        };
        thread::scope(|scope| {
            let columns: Vec<_> = (0..columns.min(sounds.len())).map(|_| scope.spawn(column)).collect();
            let outcomes: Vec<Result<Refused<'a>, CorpusError>> = columns
                .into_iter()
                .map(|column| column.join().unwrap_or(Err(CorpusError::Interrupted)))
                .collect();
            let mut refused = Vec::new();
            let mut interrupted = false;
            for outcome in outcomes {
                match outcome {
                    Ok(more) => refused.extend(more),
                    // Another column knows why.
                    Err(CorpusError::Interrupted) => interrupted = true,
                    Err(e) => return Err(e),
                }
            }
            if interrupted { Err(CorpusError::Interrupted) } else { Ok(refused) }
        })
    }

    /// Does the items of a sound: it is decoded once, and what items learn alike is learned once.
    fn sound(
        &self,
        items: &[&'a Item],
        ended: &AtomicBool,
        tally: &Mutex<Tally>,
    ) -> Result<Refused<'a>, CorpusError> {
        let tasks = items.iter().map(|item| {
            let (framing, spec) = self.corpus.run(item)?;
            Ok(ItemTask { item, framing, spec })
        });
        let tasks = tasks.collect::<Result<Vec<ItemTask<'a>>, CorpusError>>()?;
        let mut refused = Vec::new();
        let mut before: Option<Arc<Analysis>> = None;
        for tasks in tasks.chunk_by(|a, b| a.framing == b.framing) {
            let analysis = match catch(|| self.analyse(&tasks[0], before.as_deref())).flatten() {
                Ok(analysis) => Arc::new(analysis),
                Err(reason) => {
                    refused.extend(tasks.iter().map(|task| (task.item, reason.clone())));
                    continue;
                }
            };
            before = Some(Arc::clone(&analysis));
            let mut series = Series::new(Arc::clone(&analysis), self.corpus.plan().form(), self.pool);
            for task in tasks {
                match catch(|| self.item(task, &mut series, &analysis, ended)) {
                    Ok(Ok(None)) => self.settle(task.item, tally, |tally| tally.done += 1),
                    Ok(Ok(Some(reason))) | Err(reason) => refused.push((task.item, reason)),
                    Ok(Err(e)) => return Err(e),
                }
            }
        }
        Ok(refused)
    }

    fn analyse(&self, task: &ItemTask<'_>, before: Option<&Analysis>) -> Result<Analysis, String> {
        let input = self.corpus.plan().input(&task.item.path).map_err(|e| e.to_string())?;
        match before.and_then(|before| before.audio.clone()) {
            Some(audio) => Analysis::of(input, audio, task.framing, self.pool),
            None => Analysis::read(&input, task.framing, self.pool),
        }
        .map_err(|e| e.to_string())
    }

    /// Does one item; why it cannot be done, if it cannot.
    fn item(
        &self,
        task: &ItemTask<'_>,
        series: &mut Series<'_>,
        analysis: &Arc<Analysis>,
        ended: &AtomicBool,
    ) -> Result<Option<String>, CorpusError> {
        let is_over = || ended.load(Ordering::Relaxed) || interrupt::asked().is_some();
        if is_over() {
            return Err(CorpusError::Interrupted);
        }
        if let Err(reason) = job::check(&task.spec, analysis) {
            return Ok(Some(reason));
        }
        let mut go_on =
            |_: &Progress<'_>| if is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let form = self.corpus.form(&task.spec);
        series.set_form(form);
        let Ok(run) = series.run(&task.spec, &mut go_on) else { return Err(CorpusError::Interrupted) };
        let stored = measure::stored(analysis, &task.spec, &run.snapshot, form);
        if !self.corpus.has_bases(&stored) {
            return Ok(Some("the run changed the bases that it was given".to_owned()));
        }
        let report = (self.report)(analysis, &run, &Corpus::stream(task.item));
        let bytes = codec::write(&stored);
        if is_over() {
            return Err(CorpusError::Interrupted);
        }
        self.corpus.finish(task.item, &bytes, report).map(|()| None)
    }

    fn settle(&self, item: &Item, tally: &Mutex<Tally>, count: impl Fn(&mut Tally)) {
        let mut tally = lock(tally);
        count(&mut tally);
        tally.settled_ms += item.cost_ms;
        (self.observe)(&tally);
    }
}

fn items_of<'a>(refused: &[(&'a Item, String)]) -> Vec<&'a Item> {
    refused.iter().map(|(item, _)| *item).collect()
}
