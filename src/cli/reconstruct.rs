//! `snmf reconstruct`: a model, or some of its components, as a WAV file.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::arguments::{BasesArguments, named, path, source, threads};
use super::output::{self, Failure};
use super::progress::{self, bar, note, warn};
use crate::codec::Header;
use crate::engine::reconstruct::{
    self, FrameOrigin, ReconstructError, ReconstructedSound, Reconstruction, What,
};
use crate::engine::run::memory;
use crate::engine::{Phase, Source, session};
use crate::numeric::Named;
use crate::signal::{self, Audio, GriffinLim, WavFormat, wav};

#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct ReconstructArguments {
    /// A factor stream, or - for standard input
    #[arg(value_parser = path())]
    pub file: PathBuf,
    #[command(flatten)]
    bases: BasesArguments,
    /// The sound that was analysed, a file or demo:NAME; channel, rate and region are those of the stream
    #[arg(long, value_name = "X", value_parser = source())]
    pub audio: Option<Source>,
    /// Only this component, counted from 1; several times for several together
    #[arg(long = "component", value_name = "R")]
    components: Vec<usize>,
    /// Where phases come from: mixture, griffin-lim [default: mixture with --audio, griffin-lim without]
    #[arg(long, value_parser = ["mixture", "griffin-lim"])]
    phase: Option<String>,
    /// Iterations of Griffin-Lim
    #[arg(short = 'i', long, value_name = "K", default_value_t = Reconstruction::GRIFFIN_LIM.iterations)]
    iterations: usize,
    /// Seed of the phases that Griffin-Lim starts from
    #[arg(long, default_value_t = Reconstruction::GRIFFIN_LIM.seed)]
    seed: u64,
    /// Exponent of the soft mask that cuts components out of the sound: 1 shares magnitudes, 2 powers
    #[arg(long, value_name = "P", default_value_t = Reconstruction::EXPONENT)]
    mask_exponent: f64,
    /// How samples are written: f32, pcm16, pcm24
    #[arg(long, value_parser = named::<WavFormat>, default_value = WavFormat::F32.name())]
    pub format: WavFormat,
    /// Make it as loud as the original, where --audio names that, and never so loud that it clips
    #[arg(long)]
    level_match: bool,
    /// The WAV file to write, or - for standard output
    #[arg(long, value_name = "Y.wav", value_parser = path())]
    pub out: PathBuf,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

impl ReconstructArguments {
    pub fn wanted(&self) -> Result<Reconstruction, Failure> {
        let what = if self.components.is_empty() {
            What::Model
        } else {
            let from_0 = |r: &usize| r.checked_sub(1);
            let chosen: Option<Vec<usize>> = self.components.iter().map(from_0).collect();
            What::Components(chosen.ok_or_else(|| Failure::usage("component: they count from 1, got 0"))?)
        };
        let mixture = self.phase.as_deref().map_or(self.audio.is_some(), |phase| phase == "mixture");
        let search = GriffinLim { iterations: self.iterations, seed: self.seed };
        Ok(Reconstruction {
            what,
            phase: if mixture { Phase::Mixture } else { Phase::GriffinLim(search) },
            exponent: self.mask_exponent,
            level_match: self.level_match,
        })
    }
}

#[derive(Serialize)]
struct ReconstructionReport {
    out: String,
    /// Counted from 1; none for the whole model.
    components: Option<Vec<usize>>,
    phase: String,
    iterations: Option<usize>,
    seed: Option<u64>,
    mask_exponent: Option<f64>,
    samples: usize,
    sample_rate: u32,
    format: &'static str,
    gain: f64,
    peak: f32,
    clipped: usize,
    /// Against the sound, sample by sample; none without it.
    snr_db: Option<f64>,
    /// Of the magnitudes against the model's, after a search.
    spectral_convergence_db: Option<f64>,
    warnings: Vec<String>,
}

pub fn reconstruct(arguments: &ReconstructArguments) -> Result<(), Failure> {
    output::check(&arguments.out, arguments.force, &["wav"])?;
    let wanted = arguments.wanted()?;
    let (stored, _) = arguments.bases.stream(&arguments.file)?;
    let named = |e: ReconstructError| Failure::failed(format!("{e}: {}", arguments.file.display()));
    let origin = FrameOrigin::of_header(&stored.header).map_err(named)?;
    let mut warnings = Vec::new();
    let audio = match &arguments.audio {
        Some(source) => Some(attach(source, &stored.header, &mut warnings)?),
        None => None,
    };
    let pool = session::pool(arguments.threads).map_err(Failure::failed)?;
    let bar = bar("reconstruct", wanted.steps());
    let mut observe = |done: usize| {
        bar.set_position(done as u64);
        if progress::is_interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let outcome = pool
        .install(|| reconstruct::reconstruct(&stored.model, &origin, audio.as_ref(), &wanted, &mut observe));
    bar.finish_and_clear();
    let interrupted = || Failure::interrupted("the sound was not done, nothing was written");
    let sound = outcome.map_err(named)?.ok_or_else(interrupted)?;
    warnings.extend(sound.warnings.iter().cloned());
    let clipped = arguments.format.clipped(&sound.samples);
    if clipped > 0 {
        warnings.push(format!(
            "{clipped} of {} samples clipped: --format f32 keeps them, --level-match makes them fit",
            sound.samples.len()
        ));
    }
    warnings.iter().for_each(|warning| warn(warning));
    let bytes = wav::write(&sound.samples, sound.rate, arguments.format).map_err(Failure::failed)?;
    if progress::is_interrupted() {
        return Err(interrupted());
    }
    output::write(&arguments.out, arguments.force, &bytes)?;
    let report = ReconstructionReport::of(arguments, &wanted, &sound, clipped, warnings);
    if arguments.out.as_os_str() == "-" {
        // Standard output is the sound.
        report.text().lines().for_each(note);
        Ok(())
    } else if arguments.json {
        output::print_json(&report)
    } else {
        output::print_text(&report.text())
    }
}

/// Reads the sound that the stream was learned from, as the stream says.
fn attach(source: &Source, header: &Header, warnings: &mut Vec<String>) -> Result<Audio, Failure> {
    let read = reconstruct::read_options(header);
    let audio = match &output::spooled(source)? {
        Source::Demo(demo) => signal::load(*demo, &read),
        Source::File(path) => {
            let reading = signal::Reading::default().within(memory::for_samples());
            signal::read_file_reporting(path, &read, &reading)
        }
    };
    let audio = audio.map_err(Failure::failed)?;
    warnings.extend(audio.warnings.iter().cloned());
    warnings.extend(reconstruct::attached(header, &audio).map_err(Failure::failed)?);
    Ok(audio)
}

impl ReconstructionReport {
    fn of(
        arguments: &ReconstructArguments,
        wanted: &Reconstruction,
        sound: &ReconstructedSound,
        clipped: usize,
        warnings: Vec<String>,
    ) -> Self {
        let components = match &wanted.what {
            What::Model => None,
            What::Components(chosen) => Some(chosen.iter().map(|r| r + 1).collect()),
        };
        let search = match wanted.phase {
            Phase::Mixture => None,
            Phase::GriffinLim(search) => Some(search),
        };
        Self {
            out: arguments.out.display().to_string(),
            phase: sound.phase.clone(),
            iterations: search.map(|search| search.iterations),
            seed: search.map(|search| search.seed),
            mask_exponent: components.as_ref().filter(|_| search.is_none()).map(|_| wanted.exponent),
            components,
            samples: sound.samples.len(),
            sample_rate: sound.rate,
            format: arguments.format.name(),
            gain: sound.gain,
            peak: sound.samples.iter().fold(0.0, |peak: f32, x| peak.max(x.abs())),
            clipped,
            snr_db: sound.snr_db,
            spectral_convergence_db: sound.convergence_db,
            warnings,
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let mut line = |name: &str, value: String| {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{name:<14} {value}");
        };
        line(
            "file",
            format!("{}, {} samples at {} Hz, {}", self.out, self.samples, self.sample_rate, self.format),
        );
        let heard = self.components.as_ref().map_or_else(
            || "the whole model".to_owned(),
            |chosen| {
                format!(
                    "components {}",
                    chosen.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                )
            },
        );
        line("heard", heard);
        line("phase", self.phase.clone());
        if let Some(db) = self.spectral_convergence_db {
            line("convergence", format!("{db:.2} dB, magnitudes against the model's"));
        }
        if let Some(db) = self.snr_db {
            line("SNR", format!("{db:.2} dB, against the sound, sample by sample"));
        }
        if self.gain != 1.0 {
            line("gain", format!("{:.2} dB", 20.0 * self.gain.log10()));
        }
        line("peak", format!("{:.3}", self.peak));
        out
    }
}
