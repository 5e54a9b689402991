//! What stored bases are for: sounds are separated and recognised by bases that were stored in so many bytes.
//!
//! The bases of each source are learned on the first half of its sound, stored by each method, and read back. What they
//! are used for are the second halves, which no method has seen:
//!
//! - **Separation.** The second halves of each two sources are mixed at 0 dB. The bases of both are put side by side and
//!   kept, their activations learned on the mixture, and the sources cut out by soft masks with exponent 2 on magnitudes
//!   and the phases of the mixture. What counts is the SI-SDR of the parts above that of the mixture.
//! - **Recognition.** The second halves of all sources follow each other, and the bases of all are kept. A source is
//!   recognised in a window of 0.4 s where its components add most energy to the model.
//!
//! A budget is a compression ratio: the bytes of the text of CNMF's factors in single precision after gzip, bases and
//! activations of the first half, over those of the stored file. Each source has so many bytes by itself.

mod arms;
mod error;
mod score;
mod separate;
mod sounds;
mod table;

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::ThreadPool;

use self::arms::{Arm, Kept};
use self::sounds::Material;
use super::run::memory;
use super::session;
use super::settings::error::SpecError;
use super::settings::input::Source;
use super::settings::spec::SpecDraft;
use super::task::lock;
use crate::numeric::{AnyModel, FixedBases, Method};
use crate::signal::{Demo, Stft};

pub use error::FeaturesError;
pub use score::si_sdr_db;
pub use table::{Outcome, Row};

/// Compression ratios that are compared at where none are given.
pub const BUDGETS: [f64; 4] = [20.0, 50.0, 100.0, 200.0];

/// R and T where none are given: enough for each of the built-in sounds.
pub const SIZES: (usize, usize) = (20, 5);

/// Seeds where none are given.
pub const SEEDS: u64 = 3;

/// More seeds than this are a slip of the keyboard.
const MOST_SEEDS: u64 = 10_000;

/// What is compared.
#[derive(Clone, Debug)]
pub struct Features {
    /// The sounds; the built-in ones where there are none.
    pub sources: Vec<Source>,
    /// R, T, iterations and analysis of all runs. Methods, seeds and targets are those of the comparison.
    pub draft: SpecDraft,
    /// Compression ratios.
    pub budgets: Vec<f64>,
    /// Starts, from seed 0 up.
    pub seeds: u64,
}

impl Default for Features {
    fn default() -> Self {
        let (components, lags) = SIZES;
        Self {
            sources: Vec::new(),
            draft: SpecDraft { components, lags, ..SpecDraft::default() },
            budgets: BUDGETS.to_vec(),
            seeds: SEEDS,
        }
    }
}

/// A comparison whose sounds have been read and whose settings are valid.
pub struct Comparison {
    draft: SpecDraft,
    stft: Stft,
    seeds: usize,
    arms: Vec<Arm>,
    material: Material,
    pool: ThreadPool,
}

/// What one mixture, or the sequence, tells of a stored set of bases.
#[derive(Clone, Debug)]
enum Score {
    /// dB of SI-SDR above the mixture, mean of its two sources.
    ImprovementDb(f64),
    /// Accuracy of each source.
    Accuracies(Vec<Option<f64>>),
}

impl Comparison {
    /// Reads the sounds and checks the settings. Work is shared out over `threads` threads, one a core for 0.
    ///
    /// # Errors
    /// Sounds that cannot be compared, settings out of range, or more memory than there is.
    pub fn new(features: &Features, threads: usize) -> Result<Self, FeaturesError> {
        let Features { sources, draft, budgets, seeds } = features;
        let SpecDraft { fft, hop, window, components, lags, iterations, .. } = *draft;
        let draft = SpecDraft { fft, hop, window, components, lags, iterations, ..SpecDraft::default() };
        let stft = draft.parse()?.stft;
        if let Some(&got) = budgets.iter().find(|ratio| !(ratio.is_finite() && **ratio > 0.0)) {
            return Err(SpecError::NotPositive { name: "budgets", got }.into());
        }
        let mut budgets = budgets.clone();
        budgets.sort_by(f64::total_cmp);
        budgets.dedup();
        if budgets.is_empty() {
            return Err(FeaturesError::NoBudget);
        }
        let whole = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        if !(1..=MOST_SEEDS).contains(seeds) {
            let (max, got) = (whole(MOST_SEEDS), whole(*seeds));
            return Err(SpecError::OutOfRange { name: "seeds", min: 1, max, got }.into());
        }
        let pool = session::pool(threads)?;
        let built_in = [Demo::Speech, Demo::Drums, Demo::Piano].map(Source::Demo);
        let sources = if sources.is_empty() { &built_in[..] } else { &sources[..] };
        let material = Material::read(sources, &stft, lags, &pool)?;
        let arms = Arm::all(&budgets);
        let comparison = Self { draft, stft, seeds: whole(*seeds), arms, material, pool };
        comparison.check_sizes()?;
        Ok(comparison)
    }

    /// Refuses more components together than a model may have, and what the free memory cannot hold.
    fn check_sizes(&self) -> Result<(), FeaturesError> {
        let components = self.draft.components * self.material.sounds.len();
        let draft = SpecDraft { components, methods: vec![Method::Cnmf], ..self.draft.clone() };
        for spec in draft.parse()?.runs {
            let v = &self.material.sequence.v;
            memory::check(&spec, v.nrows(), v.ncols())?;
        }
        for arm in &self.arms {
            let spec = arm.spec(&self.draft, u64::MAX)?;
            for sound in &self.material.sounds {
                memory::check(&spec, sound.learned.bins(), sound.learned.frames())?;
            }
        }
        Ok(())
    }

    /// What was not quite as it should be with the sounds, a sentence each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.material.warnings
    }

    /// Runs in all: what [`Comparison::run`] counts.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.seeds * self.arms.len() * (self.material.sounds.len() + self.scenes())
    }

    /// Mixtures and the sequence.
    fn scenes(&self) -> usize {
        self.material.mixtures.len() + 1
    }

    /// Learns, stores and uses the bases. `observe` gets the number of runs done and decides whether to go on; none where
    /// it does not. The result does not depend on the number of threads.
    ///
    /// # Errors
    /// No threads, or a run that fails.
    pub fn run(
        &self,
        observe: &(dyn Fn(usize) -> ControlFlow<()> + Sync),
    ) -> Result<Option<Outcome>, FeaturesError> {
        let (arms, sounds, scenes) = (self.arms.len(), self.material.sounds.len(), self.scenes());
        let done = AtomicUsize::new(0);
        let learn = |i: usize, alone: &ThreadPool| {
            let draft = SpecDraft { seed: (i / sounds) as u64, ..self.draft.clone() };
            let before = Cell::new(0);
            let go_on = |now: usize| {
                let more = now - before.replace(now);
                observe(done.fetch_add(more, Ordering::Relaxed) + more)
            };
            let kept =
                arms::kept(&self.material.sounds[i % sounds].learned, &self.arms, &draft, alone, &go_on)?;
            done.fetch_add(arms - before.get(), Ordering::Relaxed);
            Ok(kept)
        };
        let Some(kept) = share_out(self.seeds * sounds, &self.pool, learn)? else { return Ok(None) };
        let kept: Vec<&[Vec<Kept>]> = kept.chunks(sounds).collect();
        let score = |i: usize, alone: &ThreadPool| {
            let (seed, scene, arm) = (i / (scenes * arms), i / arms % scenes, i % arms);
            let go_on = || observe(done.load(Ordering::Relaxed));
            let score = alone.install(|| self.score(kept[seed], seed, scene, arm, &go_on))?;
            let _ = observe(done.fetch_add(1, Ordering::Relaxed) + 1);
            Ok(score)
        };
        let Some(scores) = share_out(self.seeds * scenes * arms, &self.pool, score)? else {
            return Ok(None);
        };
        Ok(Some(Outcome::new(self, &kept, &scores)))
    }

    /// What the bases that an arm stored with this seed are good for in a mixture or, beyond these, in the sequence.
    fn score(
        &self,
        kept: &[Vec<Kept>],
        seed: usize,
        scene: usize,
        arm: usize,
        go_on: &dyn Fn() -> ControlFlow<()>,
    ) -> Result<Option<Score>, FeaturesError> {
        let Material { sounds, mixtures, sequence, .. } = &self.material;
        let draft = SpecDraft { seed: seed as u64, ..self.draft.clone() };
        let bases = |sounds: &[usize]| -> FixedBases {
            let models: Vec<&AnyModel> = sounds.iter().map(|sound| &kept[*sound][arm].model).collect();
            separate::joined(&models, self.arms[arm].power)
        };
        if let Some(mixture) = mixtures.get(scene) {
            let spec = separate::activating(&draft, bases(&mixture.of))?;
            let improvement = separate::improvement_db(mixture, &spec, &self.stft, go_on)?;
            return Ok(improvement.map(Score::ImprovementDb));
        }
        let all: Vec<usize> = (0..sounds.len()).collect();
        let spec = separate::activating(&draft, bases(&all))?;
        Ok(separate::accuracies(sequence, all.len(), &spec, go_on).map(Score::Accuracies))
    }
}

/// What `work` makes of 0 to `count - 1`, in this order, each on one of as many threads as the pool has; none once one of
/// them gives none.
fn share_out<T: Send>(
    count: usize,
    pool: &ThreadPool,
    work: impl Fn(usize, &ThreadPool) -> Result<Option<T>, FeaturesError> + Sync,
) -> Result<Option<Vec<T>>, FeaturesError> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let worker = || -> Result<(), FeaturesError> {
        let alone = session::pool(1)?;
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return Ok(());
            }
            match work(i, &alone) {
                Ok(Some(result)) => lock(&results).push((i, result)),
                ended => {
                    // The others are to end too.
                    next.store(count, Ordering::Relaxed);
                    return ended.map(drop);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..pool.current_num_threads()).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(FeaturesError::Failed("it panicked".to_owned())))
        })
    })?;
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if results.len() != count {
        return Ok(None);
    }
    results.sort_by_key(|(i, _)| *i);
    Ok(Some(results.into_iter().map(|(_, result)| result).collect()))
}
