//! `snmf compare`: two factor streams side by side.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::arguments::{BasesArguments, path};
use super::inspect::Inspection;
use super::output::{self, Failure};
use crate::engine::run::measure;
use crate::engine::{Quality, session};

#[derive(Debug, Args)]
pub struct CompareArguments {
    /// A factor stream, the reference
    #[arg(value_parser = path())]
    pub a: PathBuf,
    /// The factor stream that is compared with it
    #[arg(value_parser = path())]
    pub b: PathBuf,
    #[command(flatten)]
    bases: BasesArguments,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct StreamComparison {
    a: Inspection,
    b: Inspection,
    /// Of B's model against A's, on magnitudes; none where they are of other shapes, the ratios null also where they are
    /// equal.
    #[serde(flatten)]
    quality: Quality,
    /// Whether both models are the same to the last bit.
    equal: bool,
    /// Bytes of A over bytes of B.
    text: f64,
    binary: f64,
    file: f64,
}

pub fn compare(arguments: &CompareArguments) -> Result<(), Failure> {
    let (stored_a, bytes_a) = arguments.bases.stream(&arguments.a)?;
    let (stored_b, bytes_b) = arguments.bases.stream(&arguments.b)?;
    let (a, b) = (Inspection::of(&stored_a, &bytes_a)?, Inspection::of(&stored_b, &bytes_b)?);
    let over = |a: usize, b: usize| a as f64 / b as f64;
    let pool = session::pool(0).map_err(Failure::failed)?;
    let comparison = StreamComparison {
        quality: measure::between(&stored_a, &stored_b, &pool).map_err(Failure::failed)?,
        equal: stored_a.model == stored_b.model,
        text: over(a.text_gzip_bytes, b.text_gzip_bytes),
        binary: over(a.binary_gzip_bytes, b.binary_gzip_bytes),
        file: over(a.file_bytes, b.file_bytes),
        a,
        b,
    };
    if arguments.json { output::print_json(&comparison) } else { output::print_text(&comparison.text()) }
}

impl StreamComparison {
    /// What differs first, then what is the same.
    fn text(&self) -> String {
        let (a, b) = (self.a.lines(), self.b.lines());
        let mut names: Vec<&str> = a.iter().map(|(name, _)| name.as_str()).collect();
        names.extend(
            b.iter().map(|(name, _)| name.as_str()).filter(|name| !names.contains(name)).collect::<Vec<_>>(),
        );
        let value = |lines: &[(String, String)], name: &str| {
            lines.iter().find(|line| line.0 == name).map_or_else(|| "-".to_owned(), |line| line.1.clone())
        };
        let rows: Vec<(&str, String, String)> =
            names.into_iter().map(|name| (name, value(&a, name), value(&b, name))).collect();
        let (same, other): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, a, b)| a == b);
        let mut out = String::new();
        // Writing to a string cannot fail.
        for (name, a, b) in other {
            let _ = writeln!(out, "{name:<14} A {a}\n{:<14} B {b}", "");
        }
        let _ = writeln!(out, "\nthe same in both:");
        for (name, a, _) in same {
            let _ = writeln!(out, "{name:<14} {a}");
        }
        let snr = match self.quality.snr_db {
            _ if self.equal => "the factors are equal to the last bit".to_owned(),
            Some(snr) if snr.is_infinite() => "the spectrograms are equal".to_owned(),
            Some(_) => format!("B's spectrogram against A's: {}", self.quality.describe()),
            None => "the spectrograms are of other shapes".to_owned(),
        };
        let _ = writeln!(
            out,
            "\n{snr}\nA over B: text {:.2}:1, binary {:.2}:1, file {:.2}:1",
            self.text, self.binary, self.file
        );
        out
    }
}
