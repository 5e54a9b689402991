//! The sounds of a session: where it says they are, and whether they are what they were.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::ThreadPool;

use super::Contents;
use super::error::SessionFileError;
use super::parts::{PartSource, plain_file};
use super::unpack::{SoundLocation, SoundLocations};
use crate::engine::analysis::Analysis;
use crate::engine::files::{self, Scratch};
use crate::engine::settings::input::{InputSpec, Source as SoundSource};
use crate::engine::sound_ref::Origin;

/// A sound, and the analysis of it that was found, or why none was.
pub type Sought = (Arc<Origin>, Result<Arc<Analysis>, String>);

/// What became of the sounds that runs are of.
#[derive(Default)]
pub struct FoundSounds {
    /// Those that were found, or why they were not.
    pub sounds: Vec<Sought>,
    /// What is not as it was, a sentence each.
    pub warnings: Vec<String>,
}

/// Reads and analyses every sound that the input or a run is of. Those of a bundle are unpacked first.
pub fn find(
    contents: &Contents,
    places: &SoundLocations,
    path: &Path,
    source: &mut PartSource,
    pool: &ThreadPool,
) -> Result<(FoundSounds, Option<Scratch>), SessionFileError> {
    let home = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
    let of_runs = contents.runs.iter().filter_map(|run| run.origin.as_ref());
    let used: Vec<&Arc<Origin>> = of_runs.chain(&contents.input).collect();
    let mut found = FoundSounds::default();
    let mut scratch = None;
    let mut unpacked: Vec<(&str, PathBuf)> = Vec::new();
    for (i, (origin, place)) in places.iter().enumerate() {
        if !used.iter().any(|used| Arc::ptr_eq(used, origin)) {
            continue;
        }
        let mut paths = Vec::new();
        if let Some(name) = &place.file {
            let known = unpacked.iter().find(|(known, _)| known == name).map(|(_, path)| path.clone());
            let path = match known {
                Some(path) => path,
                None => unpack(name, i, source, &mut scratch)?,
            };
            unpacked.push((name, path.clone()));
            paths.push(path);
        }
        paths.extend(candidates(origin, place, &home));
        let outcome = search(origin, &paths, &found, pool);
        if let Ok(analysis) = &outcome
            && analysis.sha256 != origin.sha256
        {
            let text = format!(
                "{} is not what it was (another SHA-256); the numbers of the runs are those of the sound that they were \
                 learned from",
                analysis.input.source
            );
            found.warnings.push(text);
        }
        found.sounds.push((Arc::clone(origin), outcome));
    }
    Ok((found, scratch))
}

/// Brings a sound out of the bundle, under the name of its own that results carry.
fn unpack(
    name: &str,
    number: usize,
    source: &mut PartSource,
    scratch: &mut Option<Scratch>,
) -> Result<PathBuf, SessionFileError> {
    let field = format!("sounds, file {name}");
    let unnamed = || SessionFileError::field(&field, "expected the name of a file");
    let last = Path::new(name).file_name().ok_or_else(unnamed)?;
    let failed = |reason| SessionFileError::System { what: "folder for temporary files", reason };
    let folder = match scratch {
        Some(folder) => folder,
        None => scratch.insert(Scratch::new().map_err(failed)?),
    };
    // On the system that it was packed on, names may have been longer.
    let last = files::short_stem(&last.to_string_lossy());
    let path = folder.path().join(number.to_string()).join(last);
    source.sound(name, &field, &path)?;
    Ok(path)
}

/// Where a file may be: beside the session as it was beside it, or where it was.
fn candidates(origin: &Origin, place: &SoundLocation, home: &Path) -> Vec<PathBuf> {
    let relative = place.relative.as_ref().map(|way| home.join(way.split('/').collect::<PathBuf>()));
    relative.into_iter().chain(origin.absolute.clone()).collect()
}

/// The sound of these files that it was, or the first that is a sound.
fn search(
    origin: &Origin,
    paths: &[PathBuf],
    known: &FoundSounds,
    pool: &ThreadPool,
) -> Result<Arc<Analysis>, String> {
    if let SoundSource::Demo(_) = origin.input.source {
        return analyse(origin, origin.input.clone(), known, pool);
    }
    let mut other = None;
    for path in paths {
        if let Ok(analysis) = at(origin, path, known, pool) {
            if analysis.sha256 == origin.sha256 {
                return Ok(analysis);
            }
            other = other.or(Some(analysis));
        }
    }
    let last =
        origin.absolute.as_ref().map_or_else(|| origin.input.source.to_string(), |p| p.display().to_string());
    other.ok_or_else(|| format!("it is not where it was: {last}"))
}

/// The sound in a file, read and analysed as it was.
pub fn at(
    origin: &Origin,
    path: &Path,
    known: &FoundSounds,
    pool: &ThreadPool,
) -> Result<Arc<Analysis>, String> {
    plain_file(path).map_err(|e| format!("could not read the file ({e}): {}", path.display()))?;
    // What is where it was keeps the name that it was given.
    let same = match &origin.input.source {
        SoundSource::File(named) => std::path::absolute(named).is_ok_and(|named| named == path),
        SoundSource::Demo(_) => false,
    };
    let source = if same { origin.input.source.clone() } else { SoundSource::File(path.to_owned()) };
    analyse(origin, InputSpec { source, read: origin.input.read }, known, pool)
}

fn analyse(
    origin: &Origin,
    input: InputSpec,
    known: &FoundSounds,
    pool: &ThreadPool,
) -> Result<Arc<Analysis>, String> {
    // Decoding takes longer than analysing: a sound of two analyses is decoded once.
    let decoded = known.sounds.iter().filter_map(|(_, known)| known.as_ref().ok());
    let audio = decoded.filter(|known| known.input == input).find_map(|known| known.audio.clone());
    let analysis = match audio {
        Some(audio) => Analysis::of(input, audio, origin.stft, pool).map_err(|e| e.to_string())?,
        None => Analysis::read(&input, origin.stft, pool).map_err(|e| e.to_string())?,
    };
    let (expected, got) = (origin.shape, (analysis.bins(), analysis.frames()));
    if expected != got {
        return Err(format!(
            "expected {} bins x {} frames as the runs have, got {} x {}: {}",
            expected.0, expected.1, got.0, got.1, analysis.input.source
        ));
    }
    Ok(Arc::new(analysis))
}
