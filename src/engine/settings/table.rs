//! One table of parameters: names, ranges, defaults and help for sliders, flags and validation alike.

/// A whole-number parameter of a run or of the analysis.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The long flag without its dashes; also the name in messages.
    pub name: &'static str,
    /// What stands beside the control.
    pub label: &'static str,
    /// Unit, or nothing.
    pub unit: &'static str,
    /// Value where none is given.
    pub default: usize,
    /// Smallest allowed value.
    pub min: usize,
    /// Largest allowed value; keeps a typing slip from asking for more memory than any machine has.
    pub max: usize,
    /// One sentence that defines it.
    pub help: &'static str,
}

/// R.
pub const COMPONENTS: Parameter = Parameter {
    name: "components",
    label: "Components R",
    unit: "",
    default: 10,
    min: 1,
    max: 2_000,
    help: "R: how many components add up to the model (eq. 2)",
};

/// T.
pub const LAGS: Parameter = Parameter {
    name: "lags",
    label: "Lags T",
    unit: "frames",
    default: 8,
    min: 1,
    max: 1_000,
    help: "T: how many frames a basis spans; 1 is plain NMF (eq. 2)",
};

/// K.
pub const ITERATIONS: Parameter = Parameter {
    name: "iterations",
    label: "Iterations",
    unit: "",
    default: 200,
    min: 1,
    max: 1_000_000,
    help: "How many times H and W are updated (eq. 3)",
};

/// FFT size.
pub const FFT: Parameter = Parameter {
    name: "fft",
    label: "FFT size",
    unit: "samples",
    default: 1024,
    min: 16,
    max: 65_536,
    help: "Samples in one analysis frame; the spectrogram has fft/2 + 1 bins",
};

/// Hop.
pub const HOP: Parameter = Parameter {
    name: "hop",
    label: "Hop",
    unit: "samples",
    default: 512,
    min: 1,
    max: 65_536,
    help: "Samples from one frame to the next; not more than the FFT size",
};

/// C of the poster's method.
pub const PROPOSALS: Parameter = Parameter {
    name: "proposals",
    label: "Proposals",
    unit: "",
    default: 8,
    min: 1,
    max: 64,
    help: "Roundings that snmf-poster compares in each update: the plain one, and random ones (eq. 10)",
};

/// All of them.
pub const ALL: [Parameter; 6] = [COMPONENTS, LAGS, ITERATIONS, FFT, HOP, PROPOSALS];

/// Level of the floor phi below max V, in dB.
pub const PHI_DB: f64 = 80.0;
