//! The JSON object: its fields as they stand in the file, before anybody has looked whether they make sense.

use std::io::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::SessionFileError;
use super::run::RunDocument;
use super::run::{GivenBases, StoredStream};
use crate::engine::settings::draft::SpecDraft;

/// What the field `format` says.
const FORMAT: &str = "snmf-session";

/// `major.minor`: fields are only added within a major version, and a reader passes over those that it does not know.
const VERSION: &str = "1.0";
const MAJOR: &str = "1";

#[derive(Debug, Serialize, Deserialize)]
pub struct Document {
    format: String,
    version: String,
    #[serde(default)]
    program: String,
    /// Sounds, each once.
    #[serde(default)]
    pub sounds: Vec<Sound>,
    /// Analyses of these sounds, each once.
    #[serde(default)]
    pub analyses: Vec<AnalysisOf>,
    /// Which of the analyses runs begin with.
    pub input: Option<usize>,
    /// The settings as edited.
    pub settings: SpecDraft,
    /// The bases that are given with them.
    pub given: Option<GivenBases>,
    /// Given bases, each once, as factor streams.
    #[serde(default)]
    pub bases: Vec<StoredStream>,
    /// Runs, the latest last.
    #[serde(default)]
    pub runs: Vec<RunDocument>,
    /// How many have ended.
    #[serde(default)]
    pub runs_ended: usize,
    /// The numbers of the runs that the columns show.
    #[serde(default)]
    pub columns: [Option<usize>; 2],
    /// What is looked at, as the window describes it.
    #[serde(default)]
    pub view: Value,
    /// The file that it was saved in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved_as: Option<String>,
}

/// A sound and what of it was read.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sound {
    /// As it was named: a path, or `demo:NAME`.
    pub source: String,
    /// Where the file was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absolute: Option<String>,
    /// The same as seen from the session file, with `/` between folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative: Option<String>,
    /// Its name in the bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The channel, counted from 1; the mean of all where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<usize>,
    /// Hz, where it was resampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<f64>,
    /// SHA-256 of the analysed samples as little-endian f32, in hex.
    pub sha256: String,
    /// Warnings of reading, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct AnalysisOf {
    /// Which of the sounds.
    pub sound: usize,
    pub fft: usize,
    pub hop: usize,
    pub window: String,
    pub bins: usize,
    pub frames: usize,
}

impl Document {
    /// An object of this version without runs.
    pub fn new(settings: SpecDraft) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION.to_owned(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            sounds: Vec::new(),
            analyses: Vec::new(),
            input: None,
            settings,
            given: None,
            bases: Vec::new(),
            runs: Vec::new(),
            runs_ended: 0,
            columns: [None; 2],
            view: Value::Null,
            saved_as: None,
        }
    }

    /// Writes it with a newline behind it.
    pub fn write(&self, mut out: impl Write) -> std::io::Result<()> {
        serde_json::to_writer(&mut out, self)?;
        out.write_all(b"\n")?;
        out.flush()
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, SessionFileError> {
        #[derive(Deserialize)]
        struct Head {
            format: Option<String>,
            version: Option<String>,
        }
        let not = |reason: String| SessionFileError::NotASession { reason };
        let head: Head = serde_json::from_slice(bytes).map_err(|e| not(e.to_string()))?;
        match head.format {
            Some(format) if format == FORMAT => {}
            Some(format) => return Err(not(format!("its format is {format:?}"))),
            None => return Err(not("it has no format".to_owned())),
        }
        let version = head.version.ok_or_else(|| SessionFileError::field("version", "it is missing"))?;
        if version.split('.').next() != Some(MAJOR) {
            return Err(SessionFileError::Version { got: version });
        }
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(bytes))
            .map_err(|e| SessionFileError::field(e.path().to_string(), e.inner()))
    }
}
