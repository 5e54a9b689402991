//! What can be wrong with a session file.

use std::path::Path;

use super::super::files::FileError;
use crate::codec::CodecError;

/// A session that cannot be written or read; [`SessionFileError::describe`] names the file too.
#[derive(Debug, thiserror::Error)]
pub enum SessionFileError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Archive(#[from] CodecError),
    #[error("not a session ({reason}): expected an object with \"format\": \"snmf-session\"")]
    NotASession { reason: String },
    #[error("a session of version {got}: this program reads version 1, use a newer one")]
    Version { got: String },
    #[error("{field}: {reason}")]
    Field { field: String, reason: String },
    #[error("the system has no {what}: {reason}")]
    System { what: &'static str, reason: std::io::Error },
}

impl SessionFileError {
    /// With the file that it is about, the path last.
    pub fn describe(&self, path: &Path) -> String {
        match self {
            Self::File(e) => e.to_string(),
            e => format!("{e}: {}", path.display()),
        }
    }

    pub(super) fn field(field: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Self::Field { field: field.into(), reason: reason.to_string() }
    }
}
