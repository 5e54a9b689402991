//! `snmf compare`: two factor streams side by side.

use std::fmt::Write as _;

use serde::Serialize;

use super::arguments::CompareArguments;
use super::inspect::Inspection;
use super::output::{self, Failure};
use crate::engine::run::measure;
use crate::engine::{Quality, session};

#[derive(Serialize)]
struct Comparison {
    a: Inspection,
    b: Inspection,
    /// Of B's model against A's, on magnitudes; none where they are of other shapes, the ratios null also where they are
    /// equal.
    snr_db: Option<f64>,
    kld: Option<f64>,
    sqrt_snr_db: Option<f64>,
    lsd_db: Option<f64>,
    /// Whether both models are the same to the last bit.
    equal: bool,
    /// Bytes of A over bytes of B.
    text: f64,
    binary: f64,
    file: f64,
}

pub fn compare(arguments: &CompareArguments) -> Result<(), Failure> {
    let (stored_a, bytes_a) = output::stream(&arguments.a)?;
    let (stored_b, bytes_b) = output::stream(&arguments.b)?;
    let (a, b) = (Inspection::of(&stored_a, &bytes_a)?, Inspection::of(&stored_b, &bytes_b)?);
    let over = |a: usize, b: usize| a as f64 / b as f64;
    let pool = session::pool(0).map_err(Failure::failed)?;
    let Quality { snr_db, kld, sqrt_snr_db, lsd_db } =
        measure::between(&stored_a, &stored_b, &pool).map_err(Failure::failed)?;
    let comparison = Comparison {
        snr_db,
        kld,
        sqrt_snr_db,
        lsd_db,
        equal: stored_a.model == stored_b.model,
        text: over(a.text_gzip_bytes, b.text_gzip_bytes),
        binary: over(a.binary_gzip_bytes, b.binary_gzip_bytes),
        file: over(a.file_bytes, b.file_bytes),
        a,
        b,
    };
    if arguments.json { output::print_json(&comparison) } else { output::print_text(&comparison.text()) }
}

impl Comparison {
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
        let snr = match self.snr_db {
            _ if self.equal => "the factors are equal to the last bit".to_owned(),
            Some(snr) if snr.is_infinite() => "the spectrograms are equal".to_owned(),
            Some(snr_db) => {
                let Self { kld, sqrt_snr_db, lsd_db, .. } = *self;
                let quality = Quality { snr_db: Some(snr_db), kld, sqrt_snr_db, lsd_db };
                format!("B's spectrogram against A's: {}", quality.describe())
            }
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
