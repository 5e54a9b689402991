//! What to do: the draft that sliders and flags edit, and the valid specification that it is parsed into.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Parameter;
use super::error::SpecError;
use super::input::InputSpec;
use super::purpose::{Purpose, Settings};
use crate::codec::Header;
use crate::engine::settings;
use crate::numeric::magnitudes::POWERS;
use crate::numeric::{
    FixedBases, HRule, Init, Levels, Loss, Method, Metric, Named, PosterRules, Precision, QuantParams,
    QuantTarget, Rules, RunSpec, WRule,
};
use crate::signal::{Channel, Stft, Window};

/// A complete, valid description of an experiment: one input, one analysis, one run a method.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExperimentSpec {
    /// Frames, hop and window.
    pub stft: Stft,
    /// The runs, in the order in which they are shown.
    pub runs: Vec<RunSpec>,
}

/// What the controls and the flags edit; anything can stand here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpecDraft {
    /// FFT size in samples.
    pub fft: usize,
    /// Hop in samples.
    pub hop: usize,
    /// Name of the window, see [`Window::name`].
    #[serde(with = "by_name::window")]
    pub window: Window,
    /// Methods, in the order in which they are shown; the window has two.
    #[serde(with = "by_name::methods")]
    pub methods: Vec<Method>,
    /// R.
    pub components: usize,
    /// T.
    pub lags: usize,
    /// K.
    pub iterations: usize,
    /// Seed of the start.
    pub seed: u64,
    /// Double precision instead of single.
    pub double: bool,
    /// Plain updates, without acceleration.
    pub plain: bool,
    /// How H is updated; other than jointly, updates are plain.
    #[serde(with = "by_name::named")]
    pub h_rule: HRule,
    /// How W is updated; other than simultaneously, updates are plain.
    #[serde(with = "by_name::named")]
    pub w_rule: WRule,
    /// Where the factors begin.
    #[serde(with = "by_name::named")]
    pub init: Init,
    /// The run ends once D falls by less than this share of itself in ten iterations; 0 for never.
    pub tolerance: f64,
    /// P: what is factorised is V^P.
    #[serde(default = "as_before::power")]
    pub power: f64,
    /// Price of a bit for `snmf-rd`; none to search for the one that reaches its target.
    pub lambda: Option<f64>,
    /// Largest loss against the CNMF that was quantised, in dB; without it and `max_bytes`, `snmf-rd` takes
    /// [`Loss::default_db`] and rounding its levels.
    pub max_loss_db: Option<f64>,
    /// The measures in which that loss is counted.
    #[serde(with = "by_name::named", default = "as_before::loss")]
    pub loss: Loss,
    /// Most bytes of the exported file.
    pub max_bytes: Option<u64>,
    /// The distortion that integers are chosen by.
    #[serde(with = "by_name::named", default = "as_before::metric")]
    pub metric: Metric,
    /// Levels (W, H) of the quantised methods; the method's own where none are given.
    pub levels: Option<(u32, u32)>,
    /// Share of the iterations of `snmf-poster` that begin with new steps.
    pub renew: f64,
    /// Roundings that it proposes each time.
    pub proposals: usize,
    /// Its p of (10).
    pub p: f64,
    /// Bases that are given.
    #[serde(skip)]
    pub fixed: Option<Fixed>,
}

/// Given bases, and the file that they are from, where they are from one.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed {
    /// The bases.
    pub bases: Arc<FixedBases>,
    /// Where a command line finds them.
    pub file: Option<PathBuf>,
}

impl Default for SpecDraft {
    fn default() -> Self {
        Self {
            fft: settings::FFT.default,
            hop: settings::HOP.default,
            window: Window::default(),
            methods: vec![Method::Cnmf, Method::DEFAULT_STORABLE],
            components: settings::COMPONENTS.default,
            lags: settings::LAGS.default,
            iterations: settings::ITERATIONS.default,
            seed: 0,
            double: false,
            plain: false,
            h_rule: HRule::default(),
            w_rule: WRule::default(),
            init: Init::default(),
            tolerance: 0.0,
            power: Header::POWER,
            lambda: None,
            max_loss_db: None,
            loss: Loss::default(),
            max_bytes: None,
            metric: Metric::default(),
            levels: None,
            renew: PosterRules::default().renew,
            proposals: settings::PROPOSALS.default,
            p: PosterRules::default().p,
            fixed: None,
        }
    }
}

impl SpecDraft {
    /// The purpose whose settings these are, if they are those of one.
    #[must_use]
    pub fn purpose(&self) -> Option<Purpose> {
        let Self { power, metric, loss, .. } = *self;
        Purpose::of(Settings { power, metric, loss })
    }

    /// Makes the settings those of a purpose.
    pub fn set_purpose(&mut self, purpose: Purpose) {
        let Settings { power, metric, loss } = purpose.settings();
        (self.power, self.metric, self.loss) = (power, metric, loss);
    }

    /// The draft as a specification.
    ///
    /// # Errors
    /// The first parameter that is out of range, with its range.
    pub fn parse(&self) -> Result<ExperimentSpec, SpecError> {
        let stft = self.stft()?;
        let components = in_range(&settings::COMPONENTS, self.components)?;
        let lags = in_range(&settings::LAGS, self.lags)?;
        let iterations = in_range(&settings::ITERATIONS, self.iterations)?;
        let levels = match self.levels {
            Some((w, h)) if w == 0 || h == 0 => return Err(SpecError::NoLevels { w, h }),
            levels => levels.map(|(w, h)| Levels { w, h }),
        };
        if !(0.0..1.0).contains(&self.tolerance) {
            return Err(SpecError::Tolerance { got: self.tolerance });
        }
        if !POWERS.contains(&self.power) {
            return Err(SpecError::Power { got: self.power });
        }
        let target = self.target()?;
        let poster = self.poster()?;
        if self.methods.is_empty() {
            return Err(SpecError::NoMethod);
        }
        let fixed = self.fixed.as_ref().map(|fixed| &fixed.bases);
        if let Some(bases) = fixed {
            let (given, got) = (bases.lags(), lags);
            if given != got {
                return Err(SpecError::FixedLags { given, got });
            }
            let (given, got) = (bases.components(), components);
            if given > got {
                return Err(SpecError::FixedComponents { given, got });
            }
            let (given, got) = (bases.power(), self.power);
            if given != got {
                return Err(SpecError::FixedPower { given, got });
            }
            if !self.double && !bases.fit_single_precision() {
                return Err(SpecError::FixedBeyondSingle);
            }
        }
        let run = |&method: &Method| {
            let target = target_of(method, target, levels, self.loss);
            RunSpec {
                method,
                components,
                lags,
                iterations,
                seed: self.seed,
                precision: if self.double { Precision::F64 } else { Precision::F32 },
                phi_db: settings::PHI_DB,
                plain: self.plain,
                rules: Rules { h: self.h_rule, w: self.w_rule },
                init: self.init,
                tolerance: self.tolerance,
                power: self.power,
                // Settings of other methods do not make a run another one.
                metric: target.as_ref().and_then(|target| method.metric(target, self.metric)),
                target,
                poster: if method == Method::SnmfPoster { poster } else { PosterRules::default() },
                fixed: fixed.map(Arc::clone),
            }
        };
        Ok(ExperimentSpec { stft, runs: self.methods.iter().map(run).collect() })
    }

    /// The settings of a run that was lane number `slot` of its draft: parsed, they give the same run there.
    /// What the run does not say, for it does not matter to it, stays.
    pub fn adopt(&mut self, slot: usize, run: &RunSpec, stft: &Stft) {
        (self.fft, self.hop, self.window) = (stft.fft, stft.hop, stft.window);
        if let Some(method) = self.methods.get_mut(slot) {
            *method = run.method;
        }
        (self.components, self.lags, self.iterations) = (run.components, run.lags, run.iterations);
        (self.seed, self.double, self.plain) = (run.seed, run.precision == Precision::F64, run.plain);
        (self.h_rule, self.w_rule) = (run.rules.h, run.rules.w);
        (self.init, self.tolerance) = (run.init, run.tolerance);
        self.power = run.power;
        self.metric = run.metric.unwrap_or(self.metric);
        if run.method == Method::SnmfPoster {
            (self.renew, self.p) = (run.poster.renew, run.poster.p);
            self.proposals = run.poster.proposals as usize;
        }
        if let Some(target) = run.target {
            (self.lambda, self.max_loss_db, self.max_bytes, self.levels) = (None, None, None, None);
            if let QuantTarget::MaxLossDb(_, of) = target {
                self.loss = of;
            }
            let usual = target_of(run.method, None, None, self.loss) == Some(target);
            match target {
                _ if usual => {}
                QuantTarget::Fixed(QuantParams::Lambda(lambda)) => self.lambda = Some(lambda),
                QuantTarget::Fixed(QuantParams::Levels(levels)) => self.levels = Some((levels.w, levels.h)),
                QuantTarget::MaxLossDb(loss, _) => self.max_loss_db = Some(loss),
                QuantTarget::MaxBytes(bytes) => self.max_bytes = Some(bytes),
            }
        }
        let same = |fixed: &Fixed| run.fixed.as_ref().is_some_and(|bases| Arc::ptr_eq(bases, &fixed.bases));
        if !self.fixed.as_ref().is_some_and(same) {
            self.fixed = run.fixed.clone().map(|bases| Fixed { bases, file: None });
        }
    }

    /// The one thing that is aimed at, if any.
    fn target(&self) -> Result<Option<QuantTarget>, SpecError> {
        for (name, got) in [("lambda", self.lambda), ("max-loss-db", self.max_loss_db)] {
            if let Some(got) = got.filter(|got| !(*got > 0.0 && got.is_finite())) {
                return Err(SpecError::NotPositive { name, got });
            }
        }
        if self.max_bytes == Some(0) {
            return Err(SpecError::NotPositive { name: "max-bytes", got: 0.0 });
        }
        let targets = [
            self.lambda.map(|lambda| QuantTarget::Fixed(QuantParams::Lambda(lambda))),
            self.max_loss_db.map(|loss| QuantTarget::MaxLossDb(loss, self.loss)),
            self.max_bytes.map(QuantTarget::MaxBytes),
        ];
        let mut given = targets.into_iter().flatten();
        let first = given.next();
        if given.next().is_some() { Err(SpecError::TwoTargets) } else { Ok(first) }
    }

    fn poster(&self) -> Result<PosterRules, SpecError> {
        for (name, got) in [("renew", self.renew), ("p", self.p)] {
            if !(0.0..=1.0).contains(&got) {
                return Err(SpecError::NoShare { name, got });
            }
        }
        let proposals = in_range(&settings::PROPOSALS, self.proposals)?;
        Ok(PosterRules {
            renew: self.renew,
            proposals: u32::try_from(proposals).unwrap_or(u32::MAX),
            p: self.p,
        })
    }

    /// The analysis alone, which is all that opening a sound needs.
    ///
    /// # Errors
    /// FFT or hop out of range.
    pub fn stft(&self) -> Result<Stft, SpecError> {
        let fft = in_range(&settings::FFT, self.fft)?;
        let hop = in_range(&settings::HOP, self.hop)?;
        if hop > fft {
            return Err(SpecError::HopBeyondFft { fft, got: hop });
        }
        Ok(Stft { fft, hop, window: self.window })
    }

    /// The flags that make `snmf run` do what this draft does, defaults left out.
    #[must_use]
    pub fn command_line(&self, input: &InputSpec) -> String {
        let default = Self::default();
        let mut words = vec!["snmf run".to_owned(), shell_word(input.source.word())];
        let mut flag = |differs: bool, text: String| {
            if differs {
                words.push(text);
            }
        };
        let methods =
            self.methods.iter().map(|m| format!("--method {}", m.name())).collect::<Vec<_>>().join(" ");
        flag(self.methods != default.methods, methods);
        flag(self.components != default.components, format!("-r {}", self.components));
        flag(self.lags != default.lags, format!("-t {}", self.lags));
        flag(self.iterations != default.iterations, format!("-i {}", self.iterations));
        flag(self.seed != default.seed, format!("--seed {}", self.seed));
        flag(self.fft != default.fft, format!("--fft {}", self.fft));
        flag(self.hop != default.hop, format!("--hop {}", self.hop));
        flag(self.window != default.window, format!("--window {}", self.window.name()));
        flag(self.double, "--precision f64".to_owned());
        flag(self.plain, "--plain".to_owned());
        flag(self.h_rule != default.h_rule, format!("--h-rule {}", self.h_rule.name()));
        flag(self.w_rule != default.w_rule, format!("--w-rule {}", self.w_rule.name()));
        flag(self.init != default.init, format!("--init {}", self.init.name()));
        flag(self.tolerance != default.tolerance, format!("--tolerance {}", self.tolerance));
        if let Some(lambda) = self.lambda {
            flag(true, format!("--lambda {lambda}"));
        }
        if let Some(loss) = self.max_loss_db {
            flag(true, format!("--max-loss-db {loss}"));
        }
        if let Some(bytes) = self.max_bytes {
            flag(true, format!("--max-bytes {bytes}"));
        }
        if let Some(purpose) = self.purpose() {
            flag(purpose != Purpose::default(), format!("--for {}", purpose.name()));
        } else {
            flag(self.power != default.power, format!("--power {}", self.power));
            flag(self.loss != default.loss, format!("--loss {}", self.loss.name()));
            flag(self.metric != default.metric, format!("--metric {}", self.metric.name()));
        }
        if let Some((w, h)) = self.levels {
            flag(true, format!("--levels {w},{h}"));
        }
        flag(self.renew != default.renew, format!("--renew {}", self.renew));
        flag(self.proposals != default.proposals, format!("--proposals {}", self.proposals));
        flag(self.p != default.p, format!("--p {}", self.p));
        if let Some(fixed) = &self.fixed {
            // Bases without a file have to be exported first, by the reader of the command.
            let file = fixed.file.as_ref().map_or(OsStr::new("FILE"), |file| file.as_os_str());
            flag(true, format!("--fixed-w {}", shell_word(file)));
        }
        if let Channel::Index(index) = input.read.channel {
            flag(true, format!("--channel {index}"));
        }
        for (name, value) in
            [("rate", input.read.rate.map(f64::from)), ("start", input.read.start), ("end", input.read.end)]
        {
            if let Some(value) = value {
                flag(true, format!("--{name} {value}"));
            }
        }
        words.join(" ")
    }
}

/// What a draft that does not say otherwise was before these settings were there.
mod as_before {
    use crate::codec::Header;
    use crate::numeric::{Loss, Metric};

    pub const fn power() -> f64 {
        Header::POWER
    }

    pub const fn loss() -> Loss {
        Loss::Snr
    }

    pub const fn metric() -> Metric {
        Metric::Snr
    }
}

/// The target of a method: its own parameters where they are given, the target of the draft, or the default of the method.
fn target_of(
    method: Method,
    target: Option<QuantTarget>,
    levels: Option<Levels>,
    of: Loss,
) -> Option<QuantTarget> {
    let fixed = |levels| QuantTarget::Fixed(QuantParams::Levels(levels));
    match method {
        Method::Cnmf => None,
        Method::SnmfRd => Some(target.unwrap_or(QuantTarget::MaxLossDb(of.default_db(), of))),
        // Its steps are learned: each target would be a search over whole runs.
        Method::SnmfPoster => Some(fixed(levels.unwrap_or(Levels::POSTER))),
        Method::PtqGlobal | Method::PtqAdaptive => Some(match (levels, target) {
            (Some(levels), _) => fixed(levels),
            (None, Some(target @ (QuantTarget::MaxLossDb(..) | QuantTarget::MaxBytes(_)))) => target,
            (None, _) => fixed(Levels::ROUNDING),
        }),
    }
}

fn in_range(parameter: &Parameter, got: usize) -> Result<usize, SpecError> {
    let Parameter { name, min, max, .. } = *parameter;
    if (min..=max).contains(&got) { Ok(got) } else { Err(SpecError::OutOfRange { name, min, max, got }) }
}

/// A word as a POSIX shell reads it back; one that is no text, as bash does.
#[must_use]
pub fn shell_word(word: impl AsRef<OsStr>) -> String {
    let word = word.as_ref();
    let Some(text) = word.to_str() else {
        let byte = |byte: &u8| match *byte {
            b' ' => " ".to_owned(),
            byte if byte.is_ascii_graphic() && !b"'\\".contains(&byte) => char::from(byte).to_string(),
            byte => format!("\\x{byte:02x}"),
        };
        return format!("$'{}'", word.as_encoded_bytes().iter().map(byte).collect::<String>());
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:+,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Enums of the lower layers know nothing of serialisation; in settings they stand by their names.
mod by_name {
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde passes references
    pub mod window {
        use serde::{Deserialize, Deserializer, Serializer, de::Error};

        use crate::signal::Window;

        pub fn serialize<S: Serializer>(window: &Window, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_str(window.name())
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Window, D::Error> {
            let name = String::deserialize(from)?;
            Window::parse(&name).ok_or_else(|| D::Error::custom(format!("unknown window {name}")))
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde passes references
    pub mod named {
        use serde::{Deserialize, Deserializer, Serializer, de::Error};

        use crate::numeric::Named;

        pub fn serialize<T: Named, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_str(value.name())
        }

        pub fn deserialize<'de, T: Named, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
            let name = String::deserialize(from)?;
            T::parse(&name).ok_or_else(|| D::Error::custom(format!("unknown name {name}")))
        }
    }

    pub mod methods {
        use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

        use crate::numeric::Method;

        pub fn serialize<S: Serializer>(methods: &[Method], to: S) -> Result<S::Ok, S::Error> {
            methods.iter().map(|m| m.name()).collect::<Vec<_>>().serialize(to)
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Method>, D::Error> {
            let names = Vec::<String>::deserialize(from)?;
            let method = |name: &String| {
                Method::parse(name).ok_or_else(|| D::Error::custom(format!("unknown method {name}")))
            };
            names.iter().map(method).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_a_run_give_the_same_run() {
        let other =
            SpecDraft { seed: 99, components: 3, levels: Some((5, 6)), p: 0.2, ..SpecDraft::default() };
        for (slot, method) in Method::ALL.into_iter().enumerate() {
            let drafts = [
                SpecDraft::default(),
                SpecDraft { levels: Some((40, 30)), double: true, hop: 256, ..SpecDraft::default() },
                SpecDraft {
                    lambda: Some(3e-5),
                    metric: Metric::Kld,
                    tolerance: 0.01,
                    ..SpecDraft::default()
                },
                SpecDraft { max_loss_db: Some(0.4), renew: 0.3, seed: 4, ..SpecDraft::default() },
                SpecDraft {
                    max_bytes: Some(2000),
                    plain: true,
                    w_rule: WRule::Sequential,
                    ..SpecDraft::default()
                },
            ];
            for mut draft in drafts {
                let slot = slot % 2;
                draft.methods[slot] = method;
                let before = draft.parse().unwrap();
                let mut adopted = other.clone();
                adopted.adopt(slot, &before.runs[slot], &before.stft);
                let after = adopted.parse().unwrap();
                assert_eq!((&after.runs[slot], after.stft), (&before.runs[slot], before.stft), "{draft:?}");
            }
        }
    }
}
