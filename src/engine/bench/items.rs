//! What an item of a corpus costs beside its run.

use std::path::Path;

use rayon::ThreadPool;
use serde::Serialize;

use super::wall_time;
use crate::codec::Form;
use crate::engine::corpus::worker::RunReporter;
use crate::engine::corpus::{Corpus, CorpusError, GridAxis, ItemState, PlanRequest, Shard, Sounds, Worker};
use crate::engine::files;
use crate::engine::settings::draft::SpecDraft;
use crate::numeric::Method;
use crate::signal::ReadOptions;

/// Items that are done and kept.
const SEEDS: &str = "seed=0-99";

#[derive(Clone, Debug, Serialize)]
pub struct ItemCost {
    pub items: usize,
    /// Milliseconds on one thread for a run of R = 1 on a built-in signal, with everything included.
    pub ms_an_item: f64,
    /// Of these, what it takes to keep its stream and its record: the median.
    pub keeping_ms: f64,
}

/// Does 100 small runs in `folder`, then keeps what they gave once more, beside it, with a clock.
///
/// # Errors
/// The system refuses a file.
pub fn item_cost(folder: &Path, report: RunReporter<'_>, pool: &ThreadPool) -> Result<ItemCost, CorpusError> {
    let draft = SpecDraft {
        components: 1,
        lags: 1,
        iterations: 10,
        methods: vec![Method::CNMF],
        ..SpecDraft::default()
    };
    let request = PlanRequest {
        sounds: Sounds { root: folder.to_owned(), words: vec!["demo:noise-burst".to_owned()] },
        draft,
        read: ReadOptions::default(),
        form: Form::default(),
        axes: vec![GridAxis::parse(SEEDS)?],
    };
    let (done, kept) = (folder.join("done"), folder.join("kept"));
    let corpus = Corpus::create(&done, &request)?;
    let begun = wall_time();
    Worker {
        corpus: &corpus,
        shard: Shard { index: 0, count: 1 },
        pool,
        retries: false,
        report,
        observe: &|_| (),
    }
    .work()?;
    let worked = wall_time().saturating_sub(begun);
    let again = Corpus::create(&kept, &request)?;
    let mut keeping = Vec::new();
    for item in corpus.items() {
        let ItemState::Done(report) = corpus.state(item) else { continue };
        let stream = files::read(&done.join(Corpus::stream(item)))?;
        let begun = wall_time();
        again.finish(item, &stream, report)?;
        keeping.push(wall_time().saturating_sub(begun).as_secs_f64() * 1e3);
    }
    keeping.sort_by(f64::total_cmp);
    let items = corpus.items().len();
    let keeping_ms = keeping.get(keeping.len() / 2).copied().unwrap_or(f64::NAN);
    Ok(ItemCost { items, ms_an_item: worked.as_secs_f64() * 1e3 / items as f64, keeping_ms })
}
