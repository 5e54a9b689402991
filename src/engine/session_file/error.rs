//! What can be wrong with a session file.

use std::path::Path;

use super::super::files::FileError;
use crate::codec::CodecError;

/// A session that cannot be written or read; [`SessionFileError::describe`] names the file too.
#[derive(Debug, thiserror::Error)]
pub enum SessionFileError {
    /// The system refuses.
    #[error(transparent)]
    File(#[from] FileError),
    /// The archive of a bundle.
    #[error(transparent)]
    Archive(#[from] CodecError),
    /// Neither a JSON object that says that it is a session, nor an archive with one.
    #[error("not a session ({reason}): expected an object with \"format\": \"snmf-session\"")]
    NotASession {
        /// What it is instead.
        reason: String,
    },
    /// A major version from the future.
    #[error("a session of version {got}: this program reads version 1, use a newer one")]
    Version {
        /// The version found.
        got: String,
    },
    /// A field that does not say what it should.
    #[error("{field}: {reason}")]
    Field {
        /// Its path in the object, such as `runs[2].settings.fft`.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A session without any place to put it.
    #[error("the system has no {what}: {reason}")]
    System {
        /// What is missing.
        what: &'static str,
        /// Why.
        reason: std::io::Error,
    },
}

impl SessionFileError {
    /// With the file that it is about, the path last.
    pub fn describe(&self, path: &Path) -> String {
        match self {
            Self::File(e) => e.to_string(),
            e => format!("{e}: {}", path.display()),
        }
    }

    /// A field that is wrong.
    pub(super) fn field(field: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Field { field: field.into(), reason: reason.to_string() }
    }
}
