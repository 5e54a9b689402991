//! What was opened before, and what was not saved.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Files that are remembered.
pub const MOST: usize = 12;

/// A file that was opened before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentFile {
    /// Where it is, or was.
    pub path: PathBuf,
    /// Whether it is not there any more, as far as is known.
    pub missing: bool,
}

/// A session that was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaved {
    /// Its object.
    pub path: PathBuf,
    /// What it holds.
    pub about: String,
    /// When it was written.
    pub written: SystemTime,
}

/// Both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// The latest first.
    pub files: Vec<RecentFile>,
    /// The latest first.
    pub unsaved: Vec<Unsaved>,
}

impl Recent {
    /// Puts a file in front; whether the list has changed.
    pub fn note(&mut self, path: &Path) -> bool {
        if self.files.first().is_some_and(|first| first.path == path) {
            return false;
        }
        self.files.retain(|file| file.path != path);
        self.files.insert(0, RecentFile { path: path.to_owned(), missing: false });
        self.files.truncate(MOST);
        true
    }

    /// Takes a file off; whether it was there.
    pub fn forget(&mut self, path: &Path) -> bool {
        let before = self.files.len();
        self.files.retain(|file| file.path != path);
        self.files.len() != before
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.unsaved.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_stands_first_and_once() {
        let mut recent = Recent::default();
        for i in 0..20 {
            assert!(recent.note(Path::new(&format!("{i}.wav"))));
        }
        assert_eq!(recent.files.len(), MOST);
        assert!(!recent.note(Path::new("19.wav")));
        assert!(recent.note(Path::new("15.wav")));
        let names: Vec<_> = recent.files.iter().map(|file| file.path.display().to_string()).collect();
        assert_eq!(names[..3], ["15.wav", "19.wav", "18.wav"]);
        assert_eq!(names.iter().filter(|name| *name == "15.wav").count(), 1);
        assert!(recent.forget(Path::new("15.wav")) && !recent.forget(Path::new("15.wav")));
    }
}
