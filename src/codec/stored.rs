//! What a factor stream holds, how it is written, and what a reader is willing to hold.

use strum::{IntoStaticStr, VariantArray};

use super::digest::Digest;
use super::gzip::{Coder, Content};
use crate::numeric::{AnyModel, Magnitudes, Model, Precision, Real};

/// How the numbers of the body are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Encoding {
    /// LEB128 integers and little-endian reals.
    #[default]
    #[strum(serialize = "varint")]
    Binary,
    /// Decimal tokens separated by single spaces.
    Text,
    /// Integers by an arithmetic coder with adaptive contexts; real numbers as [`Encoding::Binary`].
    Context,
}

impl Encoding {
    /// What is written where this one is asked for: contexts are for integers, real numbers are binary then.
    #[must_use]
    pub const fn of(self, quantised: bool) -> Self {
        match self {
            Self::Context if !quantised => Self::Binary,
            Self::Text | Self::Binary | Self::Context => self,
        }
    }

    /// What is to be deflated of a line of so many bytes and the body behind it.
    pub(super) const fn content(self, bytes: &[u8], line: usize) -> Content<'_> {
        match self {
            Self::Text | Self::Binary => Content::loose(bytes),
            Self::Context => Content { bytes, dense: line },
        }
    }
}

/// What of a model is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoredPart {
    Whole,
    /// All but W and dw.
    Activations,
}

impl StoredPart {
    /// What is written of W or dw.
    pub(super) const fn of<T>(self, values: &[T]) -> &[T] {
        match self {
            Self::Whole => values,
            Self::Activations => &[],
        }
    }
}

/// What of a file is not its content: how numbers are written, what deflates them, and where the bases are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Form {
    pub encoding: Encoding,
    pub coder: Coder,
    /// The factor stream that has W and dw, where they are left out of this one.
    pub bases: Option<Digest>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub header: Header,
    pub model: AnyModel,
    pub form: Form,
}

impl Stored {
    /// Vhat in double precision, in units of max V = 1.
    pub fn magnitudes(&self) -> Magnitudes<f64> {
        Magnitudes::of(&self.model.to_f64(), self.header.power_or_one())
    }

    /// Whether W and dw are those of `bases`, value by value.
    pub fn has_bases_of(&self, bases: &AnyModel) -> bool {
        fn has<F: Real>(model: &Model<F>, bases: &Model<F>) -> bool {
            match (model, bases) {
                (Model::Quantised(a), Model::Quantised(b)) => a.w == b.w && a.dw == b.dw,
                (Model::Real(a), Model::Real(b)) => a.w == b.w,
                (Model::Quantised(_), Model::Real(_)) | (Model::Real(_), Model::Quantised(_)) => false,
            }
        }
        match (&self.model, bases) {
            (AnyModel::F32(a), AnyModel::F32(b)) => has(a, b),
            (AnyModel::F64(a), AnyModel::F64(b)) => has(a, b),
            (AnyModel::F32(_), AnyModel::F64(_)) | (AnyModel::F64(_), AnyModel::F32(_)) => false,
        }
    }
}

/// What a reader is willing to hold. Every limit is checked before memory is taken for what it limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub inflated_bytes: u64,
    pub header_bytes: u64,
    pub bins: u64,
    pub components: u64,
    pub frames: u64,
    pub lags: u64,
    /// Numbers in all factors together, M R T + R N.
    pub values: u64,
    /// Elements of the spectrogram that they stand for, M N.
    pub cells: u64,
    /// Bytes of memory that what is read may take.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // As many values as are allowed, in the longest form.
            inflated_bytes: 1 << 32,
            header_bytes: 1 << 16,
            bins: 1 << 20,
            components: 1 << 16,
            frames: 1 << 28,
            lags: 1 << 16,
            // An hour at FFT 2048 with R = 100 and T = 32 has 18 million numbers.
            values: 1 << 27,
            // Six hours at 44.1 kHz, FFT 2048 and hop 1024.
            cells: 1 << 30,
            // The caller that knows how much memory is free says so.
            memory: u64::MAX,
        }
    }
}

/// What is known of the factors beside their values. Nothing but the method has to be known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    pub method: String,
    pub input: Option<String>,
    /// SHA-256 of the analysed samples as little-endian f32, in hex.
    pub sha256: Option<String>,
    /// Hz.
    pub sample_rate: Option<u32>,
    pub samples: Option<u64>,
    pub fft: Option<u32>,
    pub hop: Option<u32>,
    /// Name of the analysis window, where it is not [`Header::WINDOW`].
    pub window: Option<String>,
    /// The channel that was analysed, counted from 1; the mean of all where none is named.
    pub channel: Option<String>,
    /// Where in the input the samples begin, in seconds, where that was chosen.
    pub start: Option<f64>,
    /// Where in the input they end, in seconds, where that was chosen.
    pub end: Option<f64>,
    /// The magnitude that V was divided by.
    pub max: Option<f64>,
    /// Level of the floor phi below max V, in dB, where it is not [`Header::PHI_DB`].
    pub phi_db: Option<f64>,
    /// P: the factors explain V^P; where it is not [`Header::POWER`].
    pub power: Option<f64>,
    pub seed: Option<u64>,
    pub iterations: Option<u64>,
    /// Quantisation levels of W and H.
    pub levels: Option<(u32, u32)>,
    /// Which update rules were used, where not the usual ones.
    pub rules: Option<String>,
    /// Which bases were given and kept, as `COUNT:HASH`.
    pub fixed: Option<String>,
    /// The price of a bit that the integers were chosen at.
    pub lambda: Option<f64>,
    /// What the quantisation was searched for, such as `max-loss-db:1`.
    pub target: Option<String>,
    /// The distortion that they were chosen by, where it is not [`Header::METRIC`].
    pub metric: Option<String>,
    pub program: Option<String>,
    /// Keys that this version does not know, in order.
    pub unknown: Vec<(String, String)>,
}

impl Header {
    /// The window where none is named.
    pub const WINDOW: &'static str = "hann";
    /// The floor phi where none is given, in dB below max V.
    pub const PHI_DB: f64 = 80.0;
    /// The power P where none is given: the factors explain V itself.
    pub const POWER: f64 = 1.0;
    /// The distortion where none is named.
    pub const METRIC: &'static str = "snr";

    /// P of the V^P that the factors explain.
    pub fn power_or_one(&self) -> f64 {
        self.power.unwrap_or(Self::POWER)
    }
}

/// What a reader must know to make sense of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub lags: usize,
    pub encoding: Encoding,
    /// What deflates it; nothing that a reader needs.
    pub coder: Coder,
    /// Integers with steps, or reals.
    pub quantised: bool,
    /// Of the reals: factors or steps.
    pub precision: Precision,
    /// The file that has W and dw, where this one has not.
    pub bases: Option<Digest>,
}

impl Layout {
    pub fn of(stored: &Stored) -> Self {
        Self {
            lags: stored.model.shape().lags,
            encoding: stored.form.encoding.of(stored.model.is_quantised()),
            coder: stored.form.coder,
            quantised: stored.model.is_quantised(),
            precision: stored.model.precision(),
            bases: stored.form.bases,
        }
    }

    pub const fn form(&self) -> Form {
        Form { encoding: self.encoding, coder: self.coder, bases: self.bases }
    }

    pub(super) const fn part(&self) -> StoredPart {
        if self.bases.is_some() { StoredPart::Activations } else { StoredPart::Whole }
    }
}
