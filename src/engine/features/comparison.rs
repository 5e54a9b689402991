//! A comparison of what stored bases are for: learned, stored, used and scored, on all cores.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::ThreadPool;

use super::Features;
use super::arms::{self, Arm, Size, StoredSource};
use super::error::FeaturesError;
use super::separate;
use super::sounds::Material;
use super::table::{FeaturesReport, FeaturesRow};
use crate::engine::reproduce::Mean;
use crate::engine::run::memory;
use crate::engine::session;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::error::SpecError;
use crate::engine::settings::input::Source;
use crate::engine::task::lock;
use crate::numeric::{AnyModel, FixedBases, Levels, Method, Named};
use crate::signal::{Demo, Stft};

/// More seeds than this are a slip of the keyboard.
const MOST_SEEDS: u64 = 10_000;

/// A comparison whose sounds have been read and whose settings are valid.
pub struct Comparison {
    draft: SpecDraft,
    stft: Stft,
    seeds: usize,
    arms: Vec<Arm>,
    material: Material,
    pool: ThreadPool,
}

/// What one mixture, or the sequence, measures of a stored set of bases.
#[derive(Clone, Debug)]
enum Score {
    /// dB of SI-SDR above the mixture, mean of its two sources.
    ImprovementDb(f64),
    /// Accuracy of each source.
    Accuracies(Vec<Option<f64>>),
}

impl Comparison {
    /// Reads the sounds and checks the settings. Work is shared out over `threads` threads, one a core for 0.
    pub fn new(features: &Features, threads: usize) -> Result<Self, FeaturesError> {
        let Features { sources, draft, budgets, seeds } = features;
        let SpecDraft { fft, hop, window, components, lags, iterations, .. } = *draft;
        let draft = SpecDraft { fft, hop, window, components, lags, iterations, ..SpecDraft::default() };
        let framing = draft.parse()?.framing;
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
        let material = Material::read(sources, framing, lags, &pool)?;
        let arms = Arm::all(&budgets);
        let comparison = Self { draft, stft: material.stft, seeds: whole(*seeds), arms, material, pool };
        comparison.check_sizes()?;
        Ok(comparison)
    }

    /// Refuses more components together than a model may have, and what the free memory cannot hold.
    fn check_sizes(&self) -> Result<(), FeaturesError> {
        let components = self.draft.components * self.material.sounds.len();
        let draft = SpecDraft { components, methods: vec![Method::CNMF], ..self.draft.clone() };
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
    pub fn warnings(&self) -> &[String] {
        &self.material.warnings
    }

    /// Runs in all: what [`Comparison::run`] counts.
    pub fn runs(&self) -> usize {
        self.seeds * self.arms.len() * (self.material.sounds.len() + self.scenes())
    }

    /// Mixtures and the sequence.
    fn scenes(&self) -> usize {
        self.material.mixtures.len() + 1
    }

    /// Learns, stores and uses the bases. `observe` gets the number of runs done and decides whether to go on; none where
    /// it does not. The result does not depend on the number of threads.
    pub fn run(
        &self,
        observe: &(dyn Fn(usize) -> ControlFlow<()> + Sync),
    ) -> Result<Option<FeaturesReport>, FeaturesError> {
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
        let kept: Vec<&[Vec<StoredSource>]> = kept.chunks(sounds).collect();
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
        Ok(Some(self.outcome(&kept, &scores)))
    }

    /// What the bases that an arm stored with this seed are good for in a mixture or, beyond these, in the sequence.
    fn score(
        &self,
        kept: &[Vec<StoredSource>],
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

    /// The rows of what was stored (by seed, sound and arm) and how it scored (by seed, scene and arm, arms fastest).
    fn outcome(&self, kept: &[&[Vec<StoredSource>]], scores: &[Score]) -> FeaturesReport {
        let Self { draft, stft, seeds, arms, material, .. } = self;
        let of_arm = |i: usize| kept.iter().copied().flatten().map(move |sound| &sound[i]);
        let all_bytes = |i: usize| of_arm(i).map(|kept| kept.bytes as f64).sum::<f64>();
        let scored = |i: usize| scores.iter().skip(i).step_by(arms.len());
        let improvements = |i: usize| -> Vec<f64> {
            let improvement = |score: &Score| match score {
                Score::ImprovementDb(db) => Some(*db),
                Score::Accuracies(_) => None,
            };
            scored(i).filter_map(improvement).collect()
        };
        let accuracies = |i: usize| -> Vec<f64> {
            let shares = |score: &Score| match score {
                Score::ImprovementDb(_) => Vec::new(),
                Score::Accuracies(shares) => shares.iter().copied().flatten().collect(),
            };
            scored(i).flat_map(shares).collect()
        };
        let reference = improvements(0);
        let row = |i: usize| {
            let arm = &arms[i];
            let improvements = improvements(i);
            let losses: Vec<f64> =
                reference.iter().zip(&improvements).map(|(cnmf, own)| cnmf - own).collect();
            let (levels, ratio) = match arm.size {
                Size::Unlimited => (None, None),
                Size::Ratio(ratio) => (None, Some(ratio)),
                Size::Levels(Levels { w, h }) => (Some([w, h]), None),
            };
            FeaturesRow {
                method: arm.method.name(),
                metric: arm.metric.map(Named::name),
                power: arm.power,
                levels,
                ratio,
                reached_ratio: all_bytes(0) / all_bytes(i),
                bytes: all_bytes(i) / of_arm(i).count() as f64,
                missed: of_arm(i).filter(|kept| kept.missed).count(),
                si_sdr_improvement_db: Mean::of(&improvements),
                loss_db: Mean::of(&losses),
                accuracy: Mean::of(&accuracies(i)),
            }
        };
        FeaturesReport {
            sources: material.sounds.iter().map(|sound| sound.name.clone()).collect(),
            sample_rate: material.rate,
            fft: stft.fft,
            hop: stft.hop,
            components: draft.components,
            lags: draft.lags,
            iterations: draft.iterations,
            seeds: *seeds,
            mixtures: material.mixtures.len(),
            windows: material.sequence.windows.len(),
            rows: (0..arms.len()).map(row).collect(),
        }
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
