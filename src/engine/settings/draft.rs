//! The draft that controls and flags edit, and how it is serialised.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::numeric::{
    FixedBases, HRule, Init, Levels, Loss, Method, Metric, PosterRules, Precision, QuantParams, QuantTarget,
    Rules, RunSpec, WRule,
};
use crate::signal::{Stft, Window};

use super::framing::{Framing, Span};

/// What the controls and the flags edit; anything can stand here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpecDraft {
    /// FFT size.
    pub fft: Span,
    pub hop: Span,
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
    pub seed: u64,
    pub double: bool,
    pub plain: bool,
    /// How H is updated; other than jointly, updates are plain.
    #[serde(with = "by_name::named")]
    pub h_rule: HRule,
    /// How W is updated; other than simultaneously, updates are plain.
    #[serde(with = "by_name::named")]
    pub w_rule: WRule,
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
    #[serde(skip)]
    pub fixed: Option<Fixed>,
}

/// Given bases, and the file that they are from, where they are from one.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed {
    pub bases: Arc<FixedBases>,
    /// Where a command line finds them.
    pub file: Option<PathBuf>,
}

impl Default for SpecDraft {
    fn default() -> Self {
        let run = RunSpec::default();
        let Stft { fft, hop, window } = Stft::default();
        Self {
            fft: fft.into(),
            hop: hop.into(),
            window,
            methods: vec![Method::CNMF, Method::DEFAULT_STORABLE],
            components: run.components,
            lags: run.lags,
            iterations: run.iterations,
            seed: run.seed,
            double: run.precision == Precision::F64,
            plain: run.plain,
            h_rule: run.rules.h,
            w_rule: run.rules.w,
            init: run.init,
            tolerance: run.tolerance,
            power: run.power,
            lambda: None,
            max_loss_db: None,
            loss: Loss::default(),
            max_bytes: None,
            metric: Metric::default(),
            levels: None,
            renew: run.poster.renew,
            proposals: run.poster.proposals as usize,
            p: run.poster.p,
            fixed: None,
        }
    }
}

impl SpecDraft {
    /// Its run of a method with that target; what is set for other methods alone does not make a run another one.
    pub(super) fn run(&self, method: Method, target: Option<QuantTarget>) -> RunSpec {
        let targets = method.row().targets;
        let levels = self.levels.map(|(w, h)| Levels { w, h });
        let target = targets.target(target, levels, self.loss, self.metric);
        RunSpec {
            method,
            components: self.components,
            lags: self.lags,
            iterations: self.iterations,
            seed: self.seed,
            precision: if self.double { Precision::F64 } else { Precision::F32 },
            plain: self.plain,
            rules: Rules { h: self.h_rule, w: self.w_rule },
            init: self.init,
            tolerance: self.tolerance,
            power: self.power,
            metric: target.as_ref().and_then(|target| targets.metric(target, self.metric)),
            target,
            poster: if method.row().has_poster_rules { self.posters_rules() } else { PosterRules::default() },
            fixed: self.fixed.as_ref().map(|fixed| Arc::clone(&fixed.bases)),
            phi_db: RunSpec::PHI_DB,
        }
    }

    fn posters_rules(&self) -> PosterRules {
        let proposals = u32::try_from(self.proposals).unwrap_or(u32::MAX);
        PosterRules { renew: self.renew, proposals, p: self.p }
    }

    /// The settings of a run that was column number `slot` of its draft: parsed, they give the same run there.
    /// What the run does not say, for it does not matter to it, stays.
    pub fn adopt(&mut self, slot: usize, run: &RunSpec, framing: impl Into<Framing>) {
        Framing { fft: self.fft, hop: self.hop, window: self.window } = framing.into();
        if let Some(method) = self.methods.get_mut(slot) {
            *method = run.method;
        }
        (self.components, self.lags, self.iterations) = (run.components, run.lags, run.iterations);
        (self.seed, self.double, self.plain) = (run.seed, run.precision == Precision::F64, run.plain);
        (self.h_rule, self.w_rule) = (run.rules.h, run.rules.w);
        (self.init, self.tolerance) = (run.init, run.tolerance);
        self.power = run.power;
        self.metric = run.metric.unwrap_or(self.metric);
        if run.method.row().has_poster_rules {
            (self.renew, self.p) = (run.poster.renew, run.poster.p);
            self.proposals = run.poster.proposals as usize;
        }
        if let Some(target) = run.target {
            (self.lambda, self.max_loss_db, self.max_bytes, self.levels) = (None, None, None, None);
            if let QuantTarget::MaxLossDb(_, of) = target {
                self.loss = of;
            }
            let usual = run.method.row().targets.target(None, None, self.loss, self.metric) == Some(target);
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

/// Enums of the lower layers know nothing of serialisation; in settings they stand by their names.
mod by_name {
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde passes references
    pub mod window {
        use serde::{Deserialize, Deserializer, Serializer, de::Error};

        use crate::numeric::Named;
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
