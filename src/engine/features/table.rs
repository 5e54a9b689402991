//! The comparison as rows: a method at a size, over all seeds and sounds.

use serde::Serialize;

use crate::engine::reproduce::Mean;

/// Which sounds were compared, how, and what came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeaturesReport {
    pub sources: Vec<String>,
    pub sample_rate: u32,
    pub fft: usize,
    pub hop: usize,
    /// R of each source.
    pub components: usize,
    pub lags: usize,
    /// Most updates of each run.
    pub iterations: usize,
    /// Starts, from seed 0 up.
    pub seeds: usize,
    /// Mixtures of two that were separated with each seed.
    pub mixtures: usize,
    /// Windows in which a source was to be recognised with each seed.
    pub windows: usize,
    pub rows: Vec<FeaturesRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeaturesRow {
    pub method: &'static str,
    /// The distortion that integers are chosen by, where that is a choice.
    pub metric: Option<&'static str>,
    pub power: f64,
    /// Levels of W and H, for the method that is not given a number of bytes.
    pub levels: Option<[u32; 2]>,
    /// The budget: how many times smaller than CNMF the files are to be; none for CNMF itself and where levels decide.
    pub ratio: Option<f64>,
    /// How many times smaller they are: bytes of CNMF over these, both of all sources and seeds together.
    pub reached_ratio: f64,
    /// Bytes that the file of a source has, on average; of CNMF those of its text after gzip.
    pub bytes: f64,
    /// Files, of as many as sources times seeds, whose budget nothing met; what came nearest is used.
    pub missed: usize,
    /// dB that the SI-SDR of separated sources is above that of the mixture, over seeds and mixtures.
    pub si_sdr_improvement_db: Mean,
    /// dB that this is below CNMF with P = 1 on the same mixture and with the same seed.
    pub loss_db: Mean,
    /// Share of the windows of a source in which it is recognised, over seeds and sources.
    pub accuracy: Mean,
}
