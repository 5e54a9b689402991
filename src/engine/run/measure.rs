//! Numbers of a model: quality against V, symbols, sizes; once for the window and the command line.

use rayon::ThreadPool;

use super::learning::Learning;
use super::memory::{self, TooLarge};
use super::quality::{Measure, Quality};
use super::snapshot::Snapshot;
use crate::codec::{self, Form, Header, Sizes, Stored};
use crate::engine::analysis::Analysis;
use crate::numeric::{AnyModel, Magnitudes, Model, Named, QuantParams, QuantTarget, Real, RunSpec, measure};
use crate::signal::{self, Channel, Spectrogram};

/// The rules that a header leaves out.
const USUAL_RULES: &str = "accelerated";

/// What is known of a model at one iteration.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// The iteration whose factors were measured.
    pub iteration: usize,
    pub quality: Quality,
    /// Different values among all `W_t`.
    pub distinct_w: usize,
    /// Different values in H.
    pub distinct_h: usize,
    /// Zeros among all `W_t`.
    pub zeros_w: usize,
    /// Zeros in H.
    pub zeros_h: usize,
    /// Bytes of the integers when each costs what its frequency says; none for real-valued factors.
    pub entropy_bytes: Option<f64>,
    /// How many bytes the factors take, in every form.
    pub sizes: Sizes,
    /// Quality of the CNMF that the factors were quantised from, where they were and it is known.
    pub cnmf: Option<Quality>,
}

impl Measure {
    /// Its value among all that is known of a model.
    #[must_use]
    pub fn of(self, measures: &Measures) -> Option<f64> {
        self.value(&measures.quality)
    }
}

/// Measures `stored`, against the analysed input where there is one; the products run on `pool`.
pub fn measure(
    stored: &Stored,
    iteration: usize,
    analysis: Option<&Analysis>,
    pool: &ThreadPool,
) -> Measures {
    let phi = 10f64.powf(-stored.header.phi_db.unwrap_or(Header::PHI_DB) / 20.0);
    let power = stored.header.power_or_one();
    // Only the products: packing is one long piece of work that would keep a worker from a running column.
    let quality =
        analysis.map_or_else(Quality::default, |a| pool.install(|| quality(&stored.model, power, a, phi)));
    let (symbols, entropy) = match &stored.model {
        AnyModel::F32(m) => (measure::symbols(m), measure::entropy_bits(m)),
        AnyModel::F64(m) => (measure::symbols(m), measure::entropy_bits(m)),
    };
    Measures {
        iteration,
        quality,
        distinct_w: symbols.distinct_w,
        distinct_h: symbols.distinct_h,
        zeros_w: symbols.zeros_w,
        zeros_h: symbols.zeros_h,
        entropy_bytes: entropy.map(|(w, h)| (w + h) / 8.0),
        sizes: codec::sizes(stored),
        cnmf: None,
    }
}

/// Quality of the CNMF that a run of `spec` quantises, once that has been learned; the products run on `pool`.
pub fn cnmf(learning: &Learning, spec: &RunSpec, pool: &ThreadPool) -> Option<Quality> {
    if !spec.is_quantised_after_learning() || !learning.has_ended() {
        return None;
    }
    let (learned, analysis) = (learning.latest()?, learning.analysis());
    Some(pool.install(|| quality(&learned.model, spec.power, analysis, spec.phi_of_v())))
}

/// How near the spectrogram of `b` is to that of `a`; nothing is known where they are of other shapes. The products run
/// on `pool`.
pub fn between(a: &Stored, b: &Stored, pool: &ThreadPool) -> Result<Quality, TooLarge> {
    let (of_a, of_b) = (a.model.shape(), b.model.shape());
    if (of_a.bins, of_a.frames) != (of_b.bins, of_b.frames) {
        return Ok(Quality::default());
    }
    memory::check_vhat(of_a, 1)?;
    let phi = 10f64.powf(-a.header.phi_db.unwrap_or(Header::PHI_DB) / 20.0);
    Ok(pool.install(|| Quality::of(&a.magnitudes().reconstruct(), &b.magnitudes(), phi)))
}

fn quality(model: &AnyModel, power: f64, analysis: &Analysis, phi: f64) -> Quality {
    match model {
        AnyModel::F32(model) => quality_of(model, power, analysis.spectrogram_f32(), phi),
        AnyModel::F64(model) => quality_of(model, power, analysis.spectrogram_f64(), phi),
    }
}

/// Nothing is known where the model is of another shape than the spectrogram.
fn quality_of<F: Real>(model: &Model<F>, power: f64, spectrogram: &Spectrogram<F>, phi: f64) -> Quality {
    let shape = model.shape();
    if (shape.bins, shape.frames) != spectrogram.v.shape() {
        return Quality::default();
    }
    Quality::of(&spectrogram.v, &Magnitudes::of(&model.to_factors(), power), phi)
}

/// A run's factors with everything that the header of a stream says of them.
pub fn stored(analysis: &Analysis, spec: &RunSpec, snapshot: &Snapshot, form: Form) -> Stored {
    let header = header(analysis, spec, snapshot.iteration, snapshot.params());
    Stored { header, model: snapshot.model.clone(), form }
}

/// The header of a stream that holds the factors of a run after `iterations` iterations, and the parameters that
/// was found for them where the run was not given it.
pub fn header(analysis: &Analysis, spec: &RunSpec, iterations: usize, found: Option<QuantParams>) -> Header {
    let whole = |n: usize| u32::try_from(n).ok();
    // Of a spectrogram that came ready nobody knows the frames.
    let stft = analysis.audio.as_ref().map(|_| &analysis.stft);
    // A header leaves out what its reader takes for granted.
    let unusual = |name: &str, usual: &str| (name != usual).then(|| name.to_owned());
    let given = spec.target.and_then(QuantTarget::params);
    let (levels, lambda) = match found.or(given) {
        Some(QuantParams::Levels(levels)) => (Some((levels.w, levels.h)), None),
        Some(QuantParams::Lambda(lambda)) => (None, Some(lambda)),
        None => (None, None),
    };
    Header {
        method: spec.method.name().to_owned(),
        input: Some(analysis.name.clone()),
        sha256: Some(analysis.sha256.clone()),
        sample_rate: analysis.rate(),
        samples: analysis.audio.as_ref().map(|audio| audio.samples.len() as u64),
        fft: stft.and_then(|stft| whole(stft.fft)),
        hop: analysis.hop().and_then(whole),
        window: stft.and_then(|stft| unusual(stft.window.name(), Header::WINDOW)),
        channel: match analysis.input.read.channel {
            Channel::Mix => None,
            Channel::Index(index) => Some(index.to_string()),
        },
        start: analysis.input.read.start,
        end: analysis.input.read.end,
        max: Some(analysis.spectrogram_f32().max),
        phi_db: Some(spec.phi_db).filter(|phi| *phi != Header::PHI_DB),
        power: Some(spec.power).filter(|power| *power != Header::POWER),
        seed: Some(spec.seed),
        iterations: Some(iterations as u64),
        levels,
        lambda,
        target: spec.target.and_then(|target| target.target_text()),
        metric: spec.metric.and_then(|metric| unusual(metric.name(), Header::METRIC)),
        rules: Some(spec.rules_text()).filter(|text| !text.is_empty() && text != USUAL_RULES),
        fixed: spec
            .fixed
            .as_ref()
            .map(|bases| format!("{}:{}", bases.components(), signal::short_hash(bases.values()))),
        program: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..Header::default()
    }
}

/// How many times smaller one run's factors are than another's, by three yardsticks.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Ratios {
    /// gzip of the reference as text over gzip of this one as text: the poster's kind.
    pub text: f64,
    /// gzip of the reference as little-endian f32 over gzip of this one as varint.
    pub binary: f64,
    /// The analysed sound as 16-bit PCM over the exported file; none without sound.
    pub audio: Option<f64>,
}

impl Ratios {
    /// The bytes of `of` divided by those of `to`.
    pub fn between(of: &Sizes, to: &Sizes, pcm16_bytes: Option<usize>) -> Self {
        let over = |a: usize, b: usize| a as f64 / b as f64;
        Self {
            text: over(of.text_gzip_bytes, to.text_gzip_bytes),
            binary: over(of.binary_gzip_bytes, to.binary_gzip_bytes),
            audio: pcm16_bytes.map(|bytes| over(bytes, to.file_bytes)),
        }
    }
}
