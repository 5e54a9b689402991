//! Where learning stands, in a folder: W, and the activations of each sound, as little-endian f32 in the order in which
//! they are computed with, and `state.json`, which names them with their SHA-256.
//!
//! `state.json` comes last, so that it is whole whenever it is there; files of earlier passes go after that.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::error::LearnError;
use super::training::Member;
use crate::engine::files::{self, FileError};
use crate::numeric::methods::shared::SharedCnmf;

const STATE: &str = "state.json";

/// What W is called, where activations have the id of their sound.
const BASES: &str = "w";

/// Checkpoints take one part of the time in so many.
const SPARED: u32 = 20;

/// A folder for checkpoints, and what they are of.
pub struct Checkpoint {
    folder: PathBuf,
    of: String,
    /// When the latest was written, and how long that took.
    latest: (Instant, Duration),
}

#[derive(Serialize, Deserialize)]
struct CheckpointDocument {
    /// A hash of the sounds and the settings.
    of: String,
    /// D after each pass.
    objective: Vec<f64>,
    /// SHA-256 of each file.
    files: BTreeMap<String, String>,
}

impl Checkpoint {
    /// The checkpoints in a folder, of sounds and settings that are written down as `description`.
    pub fn new(folder: &Path, description: &str) -> Self {
        let latest = (Instant::now(), Duration::ZERO);
        Self { folder: folder.to_owned(), of: files::sha256(description.as_bytes()), latest }
    }

    /// What the file of a pass is called.
    fn name(pass: usize, of: &str) -> String {
        format!("{of}-{pass}.f32")
    }

    /// Takes up the state that there is. D after each pass until then, nothing where there is no checkpoint.
    ///
    /// # Errors
    /// A checkpoint of something else, or one that is damaged.
    pub fn resume(&self, learner: &mut SharedCnmf, members: &[Member]) -> Result<Vec<f64>, LearnError> {
        let path = self.folder.join(STATE);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let damaged = |path: &Path| LearnError::Damaged { path: path.to_owned() };
        let state: CheckpointDocument =
            serde_json::from_slice(&files::read(&path)?).map_err(|_| damaged(&path))?;
        if state.of != self.of {
            return Err(LearnError::Other { path: self.folder.clone() });
        }
        let read = |of: &str, length: usize| {
            let name = Self::name(state.objective.len(), of);
            let path = self.folder.join(&name);
            let bytes = files::read(&path)?;
            if bytes.len() != 4 * length || state.files.get(&name) != Some(&files::sha256(&bytes)) {
                return Err(damaged(&path));
            }
            Ok(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect::<Vec<_>>())
        };
        let bases = read(BASES, learner.bases().len())?;
        let activations =
            members.iter().zip(learner.activations()).map(|(member, h)| read(&member.id, h.len()));
        let activations = activations.collect::<Result<_, _>>()?;
        learner.resume(bases, activations);
        Ok(state.objective)
    }

    /// Writes the state after the passes whose D are given, unless that would take too much of the time.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_in_turn(
        &mut self,
        learner: &SharedCnmf,
        members: &[Member],
        objective: &[f64],
    ) -> Result<(), LearnError> {
        let (written, took) = self.latest;
        if written.elapsed() >= SPARED * took {
            let begun = Instant::now();
            self.write(learner, members, objective)?;
            self.latest = (Instant::now(), begun.elapsed());
        }
        Ok(())
    }

    /// Writes the state after the passes whose D are given.
    ///
    /// # Errors
    /// The system refuses; the checkpoint before is still there.
    pub fn write(
        &self,
        learner: &SharedCnmf,
        members: &[Member],
        objective: &[f64],
    ) -> Result<(), LearnError> {
        let failed = |source| FileError::Write { path: self.folder.clone(), source };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let names = [BASES].into_iter().chain(members.iter().map(|member| &member.id[..]));
        let mut state =
            CheckpointDocument { of: self.of.clone(), objective: objective.to_vec(), files: BTreeMap::new() };
        for (of, values) in names.zip([learner.bases()].into_iter().chain(learner.activations())) {
            let name = Self::name(objective.len(), of);
            let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            files::write_atomic(&self.folder.join(&name), true, &bytes)?;
            state.files.insert(name, files::sha256(&bytes));
        }
        let text = serde_json::to_vec_pretty(&state).map_err(std::io::Error::from).map_err(failed)?;
        files::write_atomic(&self.folder.join(STATE), true, &text)?;
        for entry in fs::read_dir(&self.folder).map_err(failed)?.flatten() {
            let (name, path) = (entry.file_name(), entry.path());
            let is_ours = path.extension() == Some(OsStr::new("f32"));
            if is_ours && name.to_str().is_none_or(|name| !state.files.contains_key(name)) {
                // One that stays does no harm.
                let _ = fs::remove_file(path);
            }
        }
        Ok(())
    }
}
