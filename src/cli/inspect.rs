//! `snmf inspect`: what a factor stream holds.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::arguments::{BasesArguments, path};
use super::output::{self, Failure};
use crate::codec::{self, Coder, Stored, header, text};
use crate::engine::run::measure;
use crate::engine::{Measures, session};
use crate::numeric::measure::entropy_bits;
use crate::numeric::{AnyModel, Named};

#[derive(Debug, Args)]
pub struct InspectArguments {
    /// A factor stream, or - for standard input
    #[arg(value_parser = path())]
    pub file: PathBuf,
    #[command(flatten)]
    bases: BasesArguments,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// What there is to say of a stream.
#[derive(Serialize)]
pub struct Inspection {
    pub file_bytes: usize,
    pub header: Vec<(String, String)>,
    pub bins: usize,
    pub frames: usize,
    pub components: usize,
    pub lags: usize,
    pub precision: &'static str,
    pub quantised: bool,
    pub encoding: &'static str,
    /// SHA-256 of the stream that has W, where this one has not.
    pub bases: Option<String>,
    pub distinct_w: usize,
    pub distinct_h: usize,
    pub zeros_w: usize,
    pub zeros_h: usize,
    /// Bits a value when each costs what its frequency says; none for real numbers.
    pub entropy_w: Option<f64>,
    pub entropy_h: Option<f64>,
    /// Bits a value that the file spends.
    pub bits_w: f64,
    pub bits_h: f64,
    pub bits_steps: f64,
    /// Bytes of the file for each part.
    pub header_file_bytes: usize,
    pub w_file_bytes: usize,
    pub h_file_bytes: usize,
    pub steps_file_bytes: usize,
    pub text_bytes: usize,
    pub text_gzip_bytes: usize,
    pub binary_bytes: usize,
    pub binary_gzip_bytes: usize,
    /// The analysed sound as 16-bit PCM over the file; none where the stream does not say how long it was.
    pub audio_ratio: Option<f64>,
    /// What deflated the file.
    pub file_coder: &'static str,
    /// What the other sizes are measured with.
    pub coder: &'static str,
    /// Whether writing it again gives the same bytes.
    pub rewrites: bool,
}

pub fn inspect(arguments: &InspectArguments) -> Result<(), Failure> {
    let (stored, bytes) = arguments.bases.stream(&arguments.file)?;
    let inspection = Inspection::of(&stored, &bytes)?;
    if arguments.json { output::print_json(&inspection) } else { output::print_text(&inspection.text()) }
}

impl Inspection {
    /// Of a stream that was read from these bytes.
    pub fn of(stored: &Stored, bytes: &[u8]) -> Result<Self, Failure> {
        let pool = session::pool(1).map_err(Failure::failed)?;
        let Measures { distinct_w, distinct_h, zeros_w, zeros_h, sizes, .. } =
            measure::measure(stored, 0, None, &pool);
        let shape = stored.model.shape();
        let (in_w, in_h) = (shape.bins * shape.components * shape.lags, shape.components * shape.frames);
        let entropy = match &stored.model {
            AnyModel::F32(model) => entropy_bits(model),
            AnyModel::F64(model) => entropy_bits(model),
        };
        let parts = codec::parts(stored);
        let bits = |bytes: usize, values: usize| 8.0 * bytes as f64 / values as f64;
        let samples = stored.header.samples;
        Ok(Self {
            file_bytes: bytes.len(),
            header: header::fields(&stored.header)
                .into_iter()
                .map(|(key, value)| (full_name(key).to_owned(), value))
                .collect(),
            bins: shape.bins,
            frames: shape.frames,
            components: shape.components,
            lags: shape.lags,
            precision: stored.model.precision().name(),
            quantised: stored.model.is_quantised(),
            encoding: stored.form.encoding.name(),
            bases: stored.form.bases.map(|digest| digest.to_string()),
            distinct_w,
            distinct_h,
            zeros_w,
            zeros_h,
            entropy_w: entropy.map(|(w, _)| w / in_w as f64),
            entropy_h: entropy.map(|(_, h)| h / in_h as f64),
            bits_w: bits(parts.w, in_w),
            bits_h: bits(parts.h, in_h),
            bits_steps: bits(parts.steps, 2 * shape.components),
            header_file_bytes: parts.header,
            w_file_bytes: parts.w,
            h_file_bytes: parts.h,
            steps_file_bytes: parts.steps,
            text_bytes: sizes.text_bytes,
            text_gzip_bytes: sizes.text_gzip_bytes,
            binary_bytes: sizes.binary_bytes,
            binary_gzip_bytes: sizes.binary_gzip_bytes,
            audio_ratio: samples.map(|samples| 2.0 * samples as f64 / bytes.len() as f64),
            file_coder: stored.form.coder.label(),
            coder: Coder::default().label(),
            rewrites: codec::write(stored) == bytes,
        })
    }

    pub fn lines(&self) -> Vec<(String, String)> {
        let shown = |(key, value): &(String, String)| {
            (text::value(key).into_owned(), text::value(value).into_owned())
        };
        let mut lines: Vec<(String, String)> = self.header.iter().map(shown).collect();
        let mut line = |name: &str, value: String| lines.push((name.to_owned(), value));
        let kind = if self.quantised { "integers with step sizes" } else { "real numbers" };
        line("factors", format!("{kind}, {}", self.precision));
        line("W", format!("{} lags x {} bins x {} components", self.lags, self.bins, self.components));
        line("H", format!("{} components x {} frames", self.components, self.frames));
        if let Some(sha256) = &self.bases {
            line("bases", format!("not in this file but in that with the SHA-256 {sha256}"));
        }
        let side = |distinct: usize, zeros: usize, entropy: Option<f64>, bits: f64, bytes: usize| {
            let entropy = entropy.map_or_else(String::new, |bits| format!("entropy {bits:.3}, "));
            format!(
                "{distinct} values, {zeros} zeros; bits a value: {entropy}in the file {bits:.3} ({bytes} B)"
            )
        };
        line("in W", side(self.distinct_w, self.zeros_w, self.entropy_w, self.bits_w, self.w_file_bytes));
        line("in H", side(self.distinct_h, self.zeros_h, self.entropy_h, self.bits_h, self.h_file_bytes));
        line("in steps", format!("bits a step: {:.1} ({} B)", self.bits_steps, self.steps_file_bytes));
        line("in header", format!("{} B", self.header_file_bytes));
        line("file", format!("{} B as {}, by {}", self.file_bytes, self.encoding, self.file_coder));
        line("text", format!("{} B, gzip {} B by {}", self.text_bytes, self.text_gzip_bytes, self.coder));
        line(
            "binary",
            format!("{} B, gzip {} B by {}", self.binary_bytes, self.binary_gzip_bytes, self.coder),
        );
        let audio = self.audio_ratio.map_or_else(
            || "unknown, the stream does not say how long the sound was".to_owned(),
            |ratio| format!("{ratio:.1}:1, the sound as 16-bit PCM over the file"),
        );
        line("audio ratio", audio);
        line("text ratio", "against another stream: snmf compare CNMF FILE".to_owned());
        let rewrites = if self.rewrites {
            "written again it is the same file"
        } else {
            "written again it is another file with the same factors"
        };
        line("integrity", format!("checksum, length and every value are right; {rewrites}"));
        lines
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for (name, value) in self.lines() {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{name:<14} {value}");
        }
        out
    }
}

/// What a key of the header stands for.
fn full_name(key: &str) -> &str {
    match key {
        "in" => "input",
        "sr" => "sample rate",
        "n" => "samples",
        "win" => "window",
        "ch" => "channel",
        "from" => "start",
        "to" => "end",
        "max" => "max V",
        "phi" => "phi dB",
        "it" => "iterations",
        "lv" => "levels",
        "aim" => "target",
        "v" => "program",
        "fix" => "fixed bases",
        key => key,
    }
}
