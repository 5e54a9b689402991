//! What to do: the valid specification that a draft is parsed into, and the way back to a draft and to a command line.

use std::ffi::OsStr;

use super::draft::SpecDraft;
use super::error::SpecError;
use super::framing::{Framing, Span};
use super::input::InputSpec;
use super::purpose::{Purpose, PurposeSettings};
use super::setting::Group;
use super::table;
use crate::numeric::{Named, QuantParams, QuantTarget, RunSpec};
use crate::signal::Channel;

/// A complete, valid description of an experiment: one input, one analysis, one run a method.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExperimentSpec {
    pub framing: Framing,
    /// The runs, in the order in which they are shown.
    pub runs: Vec<RunSpec>,
}

impl SpecDraft {
    /// The purpose whose settings these are, if they are those of one.
    pub fn purpose(&self) -> Option<Purpose> {
        let Self { power, metric, loss, .. } = *self;
        Purpose::of(PurposeSettings { power, metric, loss })
    }

    /// Makes the settings those of a purpose. Frames that are not those of another one stay as they were set.
    pub fn set_purpose(&mut self, purpose: Purpose) {
        self.set_purpose_of_factors(purpose);
        if Purpose::ALL.iter().any(|other| other.frames() == (self.fft, self.hop)) {
            (self.fft, self.hop) = purpose.frames();
        }
    }

    /// The same but for the frames: factors that are there already have frames of their own.
    pub fn set_purpose_of_factors(&mut self, purpose: Purpose) {
        let PurposeSettings { power, metric, loss } = purpose.settings();
        (self.power, self.metric, self.loss) = (power, metric, loss);
    }

    /// The draft as a specification.
    pub fn parse(&self) -> Result<ExperimentSpec, SpecError> {
        let framing = self.framing()?;
        table::ALL.into_iter().try_for_each(|setting| setting.check(self))?;
        let (components, lags) = (self.components, self.lags);
        let target = self.target()?;
        if self.methods.is_empty() {
            return Err(SpecError::NoMethod);
        }
        if let Some(bases) = self.fixed.as_ref().map(|fixed| &fixed.bases) {
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
        Ok(ExperimentSpec {
            framing,
            runs: self.methods.iter().map(|method| self.run(*method, target)).collect(),
        })
    }

    /// The one thing that is aimed at, if any.
    fn target(&self) -> Result<Option<QuantTarget>, SpecError> {
        let targets = [
            self.lambda.map(|lambda| QuantTarget::Fixed(QuantParams::Lambda(lambda))),
            self.max_loss_db.map(|loss| QuantTarget::MaxLossDb(loss, self.loss)),
            self.max_bytes.map(QuantTarget::MaxBytes),
        ];
        let mut given = targets.into_iter().flatten();
        let first = given.next();
        if given.next().is_some() { Err(SpecError::TwoTargets) } else { Ok(first) }
    }

    /// The analysis alone, which is all that opening a sound needs.
    pub fn framing(&self) -> Result<Framing, SpecError> {
        table::of(Group::Analysis).try_for_each(|setting| setting.check(self))?;
        let Self { fft, hop, window, .. } = *self;
        match (fft, hop) {
            (Span::Samples(fft), Span::Samples(got)) | (Span::Milliseconds(fft), Span::Milliseconds(got))
                if got > fft =>
            {
                Err(SpecError::HopBeyondFft { fft, got })
            }
            // Of two units only the rate of a sound says which is longer.
            _ => Ok(Framing { fft, hop, window }),
        }
    }

    /// The flags that make `snmf run` do what this draft does, defaults left out.
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
        // One word stands for all settings of a purpose.
        let purpose = self.purpose().unwrap_or_default();
        let mut usual = default;
        if self.fixed.is_some() {
            usual.set_purpose_of_factors(purpose);
        } else {
            usual.set_purpose(purpose);
        }
        for setting in table::ALL {
            let is_first = std::ptr::eq(setting, &raw const table::POWER);
            flag(is_first && purpose != Purpose::default(), format!("--for {}", purpose.name()));
            if let Some(words) = setting.words(self, &usual) {
                flag(true, words);
            }
        }
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

/// A word as a POSIX shell reads it back; one that is no text, as bash does.
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nalgebra::DMatrix;

    use super::*;
    use crate::engine::settings::draft::Fixed;
    use crate::engine::settings::input::Source;
    use crate::numeric::{Factors, FixedBases, Method, Metric, Model, WRule};
    use crate::signal::{Demo, ReadOptions};

    #[test]
    fn a_command_line_names_frames_that_are_not_those_of_its_purpose() {
        let input = InputSpec { source: Source::Demo(Demo::Speech), read: ReadOptions::default() };
        let factors =
            Factors { w: vec![DMatrix::from_element(2, 1, 1.0)], h: DMatrix::from_element(1, 1, 1.0) };
        let bases = FixedBases::of(&Model::<f32>::Real(factors).into(), 0.5);
        let fixed = Some(Fixed { bases: Arc::new(bases), file: None });
        let mut sound = SpecDraft::default();
        sound.set_purpose(Purpose::Sound);
        let usual = SpecDraft { fft: 1024.into(), hop: 512.into(), ..sound.clone() };
        let beside = SpecDraft { fixed: fixed.clone(), ..sound.clone() };
        let usual_beside = SpecDraft { fixed, ..usual.clone() };
        for (draft, frames) in [
            (sound, ""),
            (usual, " --fft 1024 --hop 512"),
            (beside, " --fft 30ms --hop 10ms"),
            (usual_beside, ""),
        ] {
            let line = draft.command_line(&input);
            let line = line.strip_suffix(" --fixed-w FILE").unwrap_or(&line);
            assert_eq!(
                line.strip_prefix("snmf run demo:speech").unwrap().replace(" --for sound", ""),
                frames
            );
        }
    }

    #[test]
    fn the_settings_of_a_run_give_the_same_run() {
        let other =
            SpecDraft { seed: 99, components: 3, levels: Some((5, 6)), p: 0.2, ..SpecDraft::default() };
        for (slot, method) in Method::ALL.into_iter().enumerate() {
            let drafts = [
                SpecDraft::default(),
                SpecDraft { levels: Some((40, 30)), double: true, hop: 256.into(), ..SpecDraft::default() },
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
                adopted.adopt(slot, &before.runs[slot], before.framing);
                let after = adopted.parse().unwrap();
                assert_eq!(after.runs[slot], before.runs[slot], "{draft:?}");
                assert_eq!(after.framing, before.framing, "{draft:?}");
            }
        }
    }
}
