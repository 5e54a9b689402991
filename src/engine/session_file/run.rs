//! A run as it stands in the file.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::error::SessionFileError;
use super::real::{Number, unwrapped, wrapped};
use crate::codec::{Sizes, Stored};
use crate::engine::files::path_of;
use crate::engine::run::column::Status;
use crate::engine::run::measure::Measures;
use crate::engine::run::quality::Quality;
use crate::engine::run::snapshot::{Quantising, Snapshot, Stop};
use crate::engine::settings::draft::SpecDraft;
use crate::numeric::methods::search::Probe;
use crate::numeric::{Levels, Named, QuantParams, UpdateStats};

/// A run, or a stream that was imported.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunDocument {
    /// Counted from 1.
    pub number: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default)]
    pub pinned: bool,
    /// Why it ended, by name; none for a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<String>,
    /// The file that it was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imported: Option<String>,
    #[serde(default)]
    pub from_sweep: bool,
    /// Which of the analyses it is of; none for a stream without its sound.
    pub analysis: Option<usize>,
    /// What was asked for, with one method; none for a stream.
    pub settings: Option<SpecDraft>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<GivenBases>,
    /// How it got where it is.
    pub course: Course,
    pub measures: Numbers,
    pub factors: StoredStream,
}

/// What a snapshot holds beside its factors.
#[derive(Debug, Serialize, Deserialize)]
pub struct Course {
    iteration: usize,
    total: usize,
    objective: Vec<Number>,
    /// Accepted, in part, refused, changed.
    #[serde(rename = "tallies", default, skip_serializing_if = "Vec::is_empty")]
    update_stats: Vec<[usize; 4]>,
    seconds: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantising: Option<After>,
}

/// What followed the iterations.
#[derive(Debug, Serialize, Deserialize)]
struct After {
    probe: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<(u32, u32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lambda: Option<Number>,
    sweeps: usize,
    objective: Vec<Number>,
    /// How the search for a target went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tried: Vec<TriedModel>,
    seconds: Number,
}

/// A model that was tried on the way to a target.
#[derive(Debug, Serialize, Deserialize)]
struct TriedModel {
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<(u32, u32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lambda: Option<Number>,
    snr_db: Number,
    file_bytes: Option<usize>,
}

/// Levels, or the price of a bit.
fn apart(params: QuantParams) -> (Option<(u32, u32)>, Option<Number>) {
    match params {
        QuantParams::Levels(levels) => (Some((levels.w, levels.h)), None),
        QuantParams::Lambda(lambda) => (None, Some(Number(lambda))),
    }
}

fn together(
    levels: Option<(u32, u32)>,
    lambda: Option<Number>,
    field: &str,
) -> Result<QuantParams, SessionFileError> {
    match (levels, lambda) {
        (Some((w, h)), None) => Ok(QuantParams::Levels(Levels { w, h })),
        (None, Some(lambda)) => Ok(QuantParams::Lambda(lambda.0)),
        _ => Err(SessionFileError::field(field, "expected either levels or lambda")),
    }
}

/// [`Measures`] in the file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Numbers {
    iteration: usize,
    snr_db: Option<Number>,
    kld: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sqrt_snr_db: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lsd_db: Option<Number>,
    distinct_w: usize,
    distinct_h: usize,
    zeros_w: usize,
    zeros_h: usize,
    entropy_bytes: Option<Number>,
    text_bytes: usize,
    text_gzip_bytes: usize,
    binary_bytes: usize,
    binary_gzip_bytes: usize,
    file_bytes: usize,
    /// Of the CNMF that was quantised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cnmf: Option<Reference>,
}

/// [`Quality`] in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Reference {
    snr_db: Option<Number>,
    kld: Option<Number>,
    sqrt_snr_db: Option<Number>,
    lsd_db: Option<Number>,
}

impl From<Quality> for Reference {
    fn from(Quality { snr_db, kld, sqrt_snr_db, lsd_db }: Quality) -> Self {
        let [snr_db, kld, sqrt_snr_db, lsd_db] = [snr_db, kld, sqrt_snr_db, lsd_db].map(|x| x.map(Number));
        Self { snr_db, kld, sqrt_snr_db, lsd_db }
    }
}

impl From<Reference> for Quality {
    fn from(Reference { snr_db, kld, sqrt_snr_db, lsd_db }: Reference) -> Self {
        let [snr_db, kld, sqrt_snr_db, lsd_db] =
            [snr_db, kld, sqrt_snr_db, lsd_db].map(|x| x.map(|number| number.0));
        Self { snr_db, kld, sqrt_snr_db, lsd_db }
    }
}

impl RunDocument {
    /// How it ended, or where it is from.
    pub fn status(&self, field: &str) -> Result<Status, SessionFileError> {
        match (&self.stop, &self.imported) {
            (Some(name), None) => {
                let unknown = || format!("expected one of {}, got {name:?}", Stop::names());
                let stop = Stop::parse(name);
                let stop = stop.ok_or_else(|| SessionFileError::field(format!("{field}.stop"), unknown()))?;
                Ok(Status::Ended(stop))
            }
            (None, Some(path)) => Ok(Status::Imported { path: path_of(path) }),
            _ => Err(SessionFileError::field(
                format!("{field}.stop"),
                "expected either stop or imported, got both or neither",
            )),
        }
    }
}

impl Course {
    pub fn of(snapshot: &Snapshot) -> Self {
        let update_stats = |t: &UpdateStats| [t.accepted, t.in_part, t.refused, t.changed];
        Self {
            iteration: snapshot.iteration,
            total: snapshot.total,
            objective: wrapped(&snapshot.objective),
            update_stats: snapshot.update_stats.iter().map(update_stats).collect(),
            seconds: Number(snapshot.seconds),
            quantising: snapshot.quantising.as_ref().map(After::of),
        }
    }

    /// The snapshot with these factors.
    pub fn snapshot(self, stored: &Stored, field: &str) -> Result<Snapshot, SessionFileError> {
        let update_stats = |[accepted, in_part, refused, changed]: [usize; 4]| UpdateStats {
            accepted,
            in_part,
            refused,
            changed,
        };
        let quantising = self.quantising.map(|after| after.quantising(&format!("{field}.quantising")));
        Ok(Snapshot {
            iteration: self.iteration,
            total: self.total,
            model: stored.model.clone(),
            power: stored.header.power_or_one(),
            objective: Arc::new(unwrapped(self.objective)),
            update_stats: Arc::new(self.update_stats.into_iter().map(update_stats).collect()),
            seconds: self.seconds.0,
            quantising: quantising.transpose()?,
            highest_bin: OnceLock::new(),
        })
    }
}

impl After {
    fn of(quantising: &Quantising) -> Self {
        let (levels, lambda) = apart(quantising.params);
        let tried = |probe: &Probe| {
            let (levels, lambda) = apart(probe.params);
            TriedModel { levels, lambda, snr_db: Number(probe.snr_db), file_bytes: probe.file_bytes }
        };
        Self {
            probe: quantising.probe,
            levels,
            lambda,
            sweeps: quantising.sweeps,
            objective: wrapped(&quantising.objective),
            tried: quantising.probed.iter().map(tried).collect(),
            seconds: Number(quantising.seconds),
        }
    }

    fn quantising(self, field: &str) -> Result<Quantising, SessionFileError> {
        let tried = |(i, tried): (usize, TriedModel)| {
            let params = together(tried.levels, tried.lambda, &format!("{field}.tried[{i}]"))?;
            Ok(Probe { params, snr_db: tried.snr_db.0, file_bytes: tried.file_bytes })
        };
        let probed: Result<Vec<Probe>, SessionFileError> =
            self.tried.into_iter().enumerate().map(tried).collect();
        Ok(Quantising {
            probe: self.probe,
            params: together(self.levels, self.lambda, field)?,
            sweeps: self.sweeps,
            objective: Arc::new(unwrapped(self.objective)),
            probed: Arc::new(probed?),
            seconds: self.seconds.0,
        })
    }
}

impl From<&Measures> for Numbers {
    fn from(m: &Measures) -> Self {
        Self {
            iteration: m.iteration,
            snr_db: m.quality.snr_db.map(Number),
            kld: m.quality.kld.map(Number),
            sqrt_snr_db: m.quality.sqrt_snr_db.map(Number),
            lsd_db: m.quality.lsd_db.map(Number),
            distinct_w: m.distinct_w,
            distinct_h: m.distinct_h,
            zeros_w: m.zeros_w,
            zeros_h: m.zeros_h,
            entropy_bytes: m.entropy_bytes.map(Number),
            text_bytes: m.sizes.text_bytes,
            text_gzip_bytes: m.sizes.text_gzip_bytes,
            binary_bytes: m.sizes.binary_bytes,
            binary_gzip_bytes: m.sizes.binary_gzip_bytes,
            file_bytes: m.sizes.file_bytes,
            cnmf: m.cnmf.map(Reference::from),
        }
    }
}

impl From<Numbers> for Measures {
    fn from(n: Numbers) -> Self {
        Self {
            iteration: n.iteration,
            quality: Quality {
                snr_db: n.snr_db.map(|x| x.0),
                kld: n.kld.map(|x| x.0),
                sqrt_snr_db: n.sqrt_snr_db.map(|x| x.0),
                lsd_db: n.lsd_db.map(|x| x.0),
            },
            distinct_w: n.distinct_w,
            distinct_h: n.distinct_h,
            zeros_w: n.zeros_w,
            zeros_h: n.zeros_h,
            entropy_bytes: n.entropy_bytes.map(|x| x.0),
            sizes: Sizes {
                text_bytes: n.text_bytes,
                text_gzip_bytes: n.text_gzip_bytes,
                binary_bytes: n.binary_bytes,
                binary_gzip_bytes: n.binary_gzip_bytes,
                file_bytes: n.file_bytes,
            },
            cnmf: n.cnmf.map(Quality::from),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct GivenBases {
    /// Which of the bases.
    pub bases: usize,
    /// The stream that a command line finds them in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A factor stream: in the object itself, or a file beside it.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredStream {
    /// The bytes as base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The name of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}
