//! The numbers of a finished experiment as one object: what `snmf run --json` prints.

use serde::Serialize;

use crate::engine::analysis::Analysis;
use crate::engine::run::measure::Ratios;
use crate::engine::run::quality::Quality;
use crate::engine::run::series::Finished;
use crate::engine::run::sweep::Matched;
use crate::engine::run::verdict;
use crate::numeric::{Named, QuantParams, QuantTarget, UpdateStats};

/// One object for one input.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub input: InputReport,
    pub warnings: Vec<String>,
    pub spectrogram: SpectrogramReport,
    /// One entry a run, in the order asked for.
    pub runs: Vec<RunReport>,
    /// Each storable run against the first run with real-valued factors.
    pub ratios: Vec<RatioReport>,
    /// Methods side by side where one figure is the same; of a sweep only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<Matched>,
}

/// The analysed sound.
#[derive(Clone, Debug, Serialize)]
pub struct InputReport {
    /// `demo:NAME` or the file's name.
    pub name: String,
    /// SHA-256 of the samples, or of V where it came ready, as little-endian f32.
    pub sha256: String,
    /// Hz.
    pub sample_rate: Option<u32>,
    /// Number of samples; none where V came ready.
    pub samples: Option<usize>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SpectrogramReport {
    pub bins: usize,
    pub frames: usize,
    pub fft: usize,
    pub hop: usize,
    pub window: &'static str,
    /// The magnitude that V was divided by.
    pub max: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    pub method: &'static str,
    pub components: usize,
    pub lags: usize,
    pub iterations: usize,
    pub seed: u64,
    pub precision: &'static str,
    pub rules: String,
    pub stop: &'static str,
    #[serde(flatten)]
    pub quality: Quality,
    pub distinct_w: usize,
    pub distinct_h: usize,
    pub text_bytes: usize,
    pub text_gzip_bytes: usize,
    pub binary_bytes: usize,
    pub binary_gzip_bytes: usize,
    pub file_bytes: usize,
    pub seconds: f64,
    pub target: Option<String>,
    pub lambda: Option<f64>,
    pub levels: Option<[u32; 2]>,
    pub entropy_bytes: Option<f64>,
    pub sweeps: usize,
    pub quantising_seconds: f64,
    pub objective: Vec<f64>,
    pub proposals: Option<ProposalsReport>,
    /// What it lost against its CNMF, a sentence a measure.
    pub warnings: Vec<String>,
    /// Where the stream was written, if it was.
    pub file: Option<String>,
}

/// What became of the integers in each iteration of `snmf-poster`: tiles that took a proposal as it was, that took a
/// part of it, that refused it, and integers that are others than before.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ProposalsReport {
    pub accepted: Vec<usize>,
    pub in_part: Vec<usize>,
    pub refused: Vec<usize>,
    pub changed: Vec<usize>,
}

/// How many times smaller one run is than another.
#[derive(Clone, Debug, Serialize)]
pub struct RatioReport {
    /// Method of the run whose bytes are divided.
    pub of: &'static str,
    /// Method of the run whose bytes divide.
    pub to: &'static str,
    #[serde(flatten)]
    pub ratios: Ratios,
}

impl Report {
    pub fn new(analysis: &Analysis, runs: &[Finished]) -> Self {
        let reference = runs.iter().find(|run| !run.spec.method.is_quantised());
        let ratio = |of: &Finished, to: &Finished| RatioReport {
            of: of.spec.method.name(),
            to: to.spec.method.name(),
            ratios: Ratios::between(&of.measures.sizes, &to.measures.sizes, analysis.pcm16_bytes()),
        };
        let storable = || runs.iter().filter(|run| run.spec.method.is_quantised());
        Self {
            input: InputReport {
                name: analysis.name.clone(),
                sha256: analysis.sha256.clone(),
                sample_rate: analysis.rate(),
                samples: analysis.audio.as_ref().map(|audio| audio.samples.len()),
            },
            warnings: analysis.warnings.clone(),
            spectrogram: SpectrogramReport {
                bins: analysis.bins(),
                frames: analysis.frames(),
                fft: analysis.stft.fft,
                hop: analysis.stft.hop,
                window: analysis.stft.window.name(),
                max: analysis.spectrogram_f32().max,
            },
            runs: runs.iter().map(|run| RunReport::of(run, runs)).collect(),
            ratios: reference.map_or_else(Vec::new, |of| storable().map(|to| ratio(of, to)).collect()),
            matched: None,
        }
    }
}

impl RunReport {
    fn of(run: &Finished, runs: &[Finished]) -> Self {
        let Finished { spec, snapshot, stop, measures } = run;
        let found = snapshot.params().or(spec.target.and_then(QuantTarget::params));
        let others = runs.iter().map(|run| (&run.spec, &run.measures));
        let warnings =
            verdict::of_run(spec, measures, others).into_iter().map(|warning| warning.text).collect();
        let quantising = snapshot.quantising.as_ref();
        let swept = quantising.filter(|q| q.sweeps > 0);
        Self {
            method: spec.method.name(),
            components: spec.components,
            lags: spec.lags,
            iterations: snapshot.iteration,
            seed: spec.seed,
            precision: spec.precision.name(),
            rules: spec.rules_text(),
            stop: stop.name(),
            quality: measures.quality,
            distinct_w: measures.distinct_w,
            distinct_h: measures.distinct_h,
            text_bytes: measures.sizes.text_bytes,
            text_gzip_bytes: measures.sizes.text_gzip_bytes,
            binary_bytes: measures.sizes.binary_bytes,
            binary_gzip_bytes: measures.sizes.binary_gzip_bytes,
            file_bytes: measures.sizes.file_bytes,
            seconds: snapshot.seconds,
            target: spec.target.and_then(|target| target.target_text()),
            lambda: found
                .and_then(|found| if let QuantParams::Lambda(lambda) = found { Some(lambda) } else { None }),
            levels: found
                .and_then(|found| if let QuantParams::Levels(l) = found { Some([l.w, l.h]) } else { None }),
            entropy_bytes: measures.entropy_bytes,
            sweeps: quantising.map_or(0, |q| q.sweeps),
            quantising_seconds: quantising.map_or(0.0, |q| q.seconds),
            // Of integers that were chosen by J, J is what was made small.
            objective: swept.map_or(&snapshot.objective, |q| &q.objective).to_vec(),
            proposals: ProposalsReport::of(&snapshot.update_stats),
            warnings,
            file: None,
        }
    }
}

impl ProposalsReport {
    fn of(update_stats: &[UpdateStats]) -> Option<Self> {
        let all = |what: fn(&UpdateStats) -> usize| update_stats.iter().map(what).collect();
        (!update_stats.is_empty()).then(|| Self {
            accepted: all(|t| t.accepted),
            in_part: all(|t| t.in_part),
            refused: all(|t| t.refused),
            changed: all(|t| t.changed),
        })
    }
}
