//! The question about a path.

use crate::signal::wav;

pub const WINDOW: &str = "Save the window as PNG";
pub const DATA: &str = "Export the data of both columns, into a .zip or a new folder";
pub const ALL: &str = "Export data and figures of both columns, into a .zip or a new folder";
pub const SESSION: &str = "Save the session; sounds stay where they are";
pub const BUNDLE: &str = "Save the session with its sounds, for another machine";
/// In the order of what can be heard.
pub const SOUNDS: [&str; 4] = [
    "Save the original as WAV",
    "Save the sound of A as WAV",
    "Save the sound of B as WAV",
    "Save the components as WAV",
];
pub const ANSWERS: &str = "Save the answers as CSV";
pub const FILE: &str = "File";
pub const NO_NAME: &str = "Give the file a name";
pub const END_IN_GZ: &str = "End the name in .snmf.gz";
pub const END_IN_PNG: &str = "End the name in .png";
pub const END_IN_WAV: &str = "End the name in .wav";
pub const END_IN_CSV: &str = "End the name in .csv";
pub const END_IN_SESSION: &str = "End the name in .session.json";
pub const END_IN_BUNDLE: &str = "End the name in .bundle.zip";
pub const IS_FOLDER: &str = "This is a folder: add a file name";
pub const IS_TAKEN: &str = "A file of that name is there: choose another name, or replace it";
pub const REPLACE: &str = "Replace the file that is there";
pub const SAVE: &str = "Save";
pub const BROWSE: &str = "Browse…";
pub const CANCEL: &str = "Do not save";
pub const SAMPLES: &str = "Samples";

/// How samples of a WAV file are written.
pub const fn samples(format: wav::WavFormat) -> (&'static str, &'static str) {
    match format {
        wav::WavFormat::F32 => ("32-bit float", "As they are"),
        wav::WavFormat::Pcm16 => {
            ("16-bit integers", "What nearly every program reads; they end at full scale")
        }
        wav::WavFormat::Pcm24 => ("24-bit integers", "Finer; they end at full scale"),
    }
}

pub fn factors(column: &str) -> String {
    format!("Export the factors of column {column}")
}
