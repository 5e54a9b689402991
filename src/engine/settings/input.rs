//! Where sound comes from, and what of it is read.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

use super::error::SpecError;
use crate::engine::files::path_of;
use crate::numeric::Named;
use crate::signal::{Demo, ReadOptions};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Demo(Demo),
    File(PathBuf),
}

impl Source {
    /// Reads `demo:NAME` as a built-in signal and everything else as a path, see [`path_of`].
    pub fn parse(text: impl AsRef<OsStr>) -> Result<Self, SpecError> {
        let path = text.as_ref();
        let text = path.to_str().unwrap_or_default();
        match Demo::parse(text) {
            Some(demo) => Ok(Self::Demo(demo)),
            None if text.starts_with("demo:") => Err(SpecError::UnknownDemo { got: text.to_owned() }),
            None => Ok(Self::File(path_of(path))),
        }
    }

    /// What [`Source::parse`] reads as this.
    pub fn word(&self) -> &OsStr {
        match self {
            Self::Demo(demo) => demo.name().as_ref(),
            Self::File(path) => path.as_os_str(),
        }
    }

    /// The name that results carry: `demo:speech`, or the file's name without its folder.
    pub fn name(&self) -> String {
        match self {
            Self::Demo(demo) => demo.name().to_owned(),
            Self::File(path) => path
                .file_name()
                .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Demo(demo) => f.write_str(demo.name()),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct InputSpec {
    pub source: Source,
    pub read: ReadOptions,
}
