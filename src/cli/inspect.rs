//! `snmf inspect`: what a factor stream holds.

use std::fmt::Write as _;

use serde::Serialize;

use super::arguments::InspectArguments;
use super::output::{self, Failure};
use crate::codec::{self, Header, Limits, Stored};
use crate::engine::{Measures, measure, session};

#[derive(Serialize)]
struct Inspection {
    file_bytes: usize,
    header: Vec<(String, String)>,
    bins: usize,
    frames: usize,
    components: usize,
    lags: usize,
    precision: &'static str,
    quantised: bool,
    distinct_w: usize,
    distinct_h: usize,
    zeros_w: usize,
    zeros_h: usize,
    text_bytes: usize,
    text_gzip_bytes: usize,
    binary_bytes: usize,
    binary_gzip_bytes: usize,
    coder: &'static str,
}

pub fn inspect(arguments: &InspectArguments) -> Result<(), Failure> {
    let bytes = output::read(&arguments.file)?;
    let named = |e| Failure::failed(format!("{e}: {}", arguments.file.display()));
    let stored = codec::read(&bytes, &Limits::default()).map_err(named)?;
    let pool = session::pool(1).map_err(Failure::failed)?;
    let measures = measure::measure(&stored, 0, None, &pool);
    let inspection = Inspection::of(&stored, &measures, bytes.len());
    if arguments.json { output::print_json(&inspection) } else { output::print(inspection.text().as_bytes()) }
}

impl Inspection {
    fn of(stored: &Stored, measures: &Measures, file_bytes: usize) -> Self {
        let shape = stored.model.shape();
        Self {
            file_bytes,
            header: fields(&stored.header),
            bins: shape.bins,
            frames: shape.frames,
            components: shape.components,
            lags: shape.lags,
            precision: stored.model.precision().name(),
            quantised: stored.model.is_quantised(),
            distinct_w: measures.distinct_w,
            distinct_h: measures.distinct_h,
            zeros_w: measures.zeros_w,
            zeros_h: measures.zeros_h,
            text_bytes: measures.sizes.text_bytes,
            text_gzip_bytes: measures.sizes.text_gzip_bytes,
            binary_bytes: measures.sizes.binary_bytes,
            binary_gzip_bytes: measures.sizes.binary_gzip_bytes,
            coder: codec::CODER,
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let mut line = |name: &str, value: String| {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{name:<14} {value}");
        };
        for (name, value) in &self.header {
            line(name, value.clone());
        }
        let kind = if self.quantised { "integers with step sizes" } else { "real numbers" };
        line("factors", format!("{kind}, {}", self.precision));
        line("W", format!("{} lags x {} bins x {} components", self.lags, self.bins, self.components));
        line("H", format!("{} components x {} frames", self.components, self.frames));
        line("distinct W", format!("{}, {} zeros", self.distinct_w, self.zeros_w));
        line("distinct H", format!("{}, {} zeros", self.distinct_h, self.zeros_h));
        line("text", format!("{} B, gzip {} B", self.text_bytes, self.text_gzip_bytes));
        line("binary", format!("{} B, gzip {} B", self.binary_bytes, self.binary_gzip_bytes));
        line("file", format!("{} B", self.file_bytes));
        line("coder", self.coder.to_owned());
        out
    }
}

/// The header's fields that are known, by their full names.
fn fields(header: &Header) -> Vec<(String, String)> {
    fn text<T: ToString>(value: Option<&T>) -> Option<String> {
        value.map(T::to_string)
    }
    let named = [
        ("method", Some(header.method.clone())),
        ("input", header.input.clone()),
        ("sha256", header.sha256.clone()),
        ("sample rate", text(header.sample_rate.as_ref())),
        ("samples", text(header.samples.as_ref())),
        ("fft", text(header.fft.as_ref())),
        ("hop", text(header.hop.as_ref())),
        ("window", header.window.clone()),
        ("channel", header.channel.clone()),
        ("start", text(header.start.as_ref())),
        ("end", text(header.end.as_ref())),
        ("max V", text(header.max.as_ref())),
        ("phi dB", text(header.phi_db.as_ref())),
        ("seed", text(header.seed.as_ref())),
        ("iterations", text(header.iterations.as_ref())),
        ("levels", header.levels.map(|(w, h)| format!("{w},{h}"))),
        ("rules", header.rules.clone()),
        ("target", header.target.clone()),
        ("metric", header.metric.clone()),
        ("program", header.program.clone()),
    ];
    let known = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    known.chain(header.unknown.iter().cloned()).collect()
}
