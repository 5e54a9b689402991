//! `snmf learn`: one W for many sounds.

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::arguments::{AnalysisArguments, path, threads};
use super::corpus;
use super::flags::SizeFlags;
use super::output::{self, Failure};
use super::progress::{self, note, warn};
use crate::codec;
use crate::engine::corpus::Sounds;
use crate::engine::learn::{self, NamedInput, SharedBases, TrainingSet};
use crate::engine::run::memory;
use crate::engine::{SpecDraft, files, session, settings};
use crate::numeric::Method;

#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct LearnArguments {
    /// Sounds as `corpus plan` takes them: a folder, a list (.txt), a table (.csv), the folder of a plan, or sounds
    #[arg(required = true, value_name = "DIR|LIST|RUN|SOUND", value_parser = path())]
    sounds: Vec<PathBuf>,
    #[command(flatten)]
    analysis: AnalysisArguments,
    #[command(flatten)]
    size: SizeFlags,
    /// Passes over the sounds at most: updates of W and of each H
    #[arg(short = 'i', long, value_name = "K", default_value_t = 60)]
    max_passes: usize,
    #[arg(long, default_value_t = SpecDraft::default().seed, help = settings::table::SEED.help)]
    seed: u64,
    /// Learn from V^P instead of V, P from 0.2 to 1
    #[arg(long, value_name = "P", default_value_t = SpecDraft::default().power)]
    power: f64,
    /// Plain multiplicative updates, without a larger exponent where D allows it
    #[arg(long)]
    plain: bool,
    /// Round W to integers, so many steps up to the largest element of a component: `corpus plan --fixed-w` then makes
    /// streams of integers that hold activations alone
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    levels: Option<u32>,
    /// Keep W and each H in this folder, and go on from what is there
    #[arg(long, value_name = "DIR", value_parser = path())]
    pub checkpoint: Option<PathBuf>,
    /// The factor stream to write: W, with one frame of activations that are zero
    #[arg(long, value_name = "W.snmf.gz", value_parser = path())]
    pub out: PathBuf,
    /// Worker threads; W does not depend on them [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object instead of a line
    #[arg(long)]
    pub json: bool,
}

impl LearnArguments {
    /// What is learned, and how sounds are analysed for it.
    pub fn draft(&self) -> SpecDraft {
        let Self { max_passes, seed, power, plain, .. } = *self;
        let draft = SpecDraft { methods: vec![Method::CNMF], iterations: max_passes, ..SpecDraft::default() };
        self.size.set(self.analysis.stft.set(SpecDraft { seed, plain, power, ..draft }))
    }

    /// The sounds.
    pub fn inputs(&self) -> Result<Vec<NamedInput>, Failure> {
        let sounds = Sounds::find(&self.sounds).map_err(corpus::refused)?;
        learn::inputs(&sounds, self.analysis.read()).map_err(corpus::refused)
    }
}

/// What is printed.
#[derive(Default, Serialize)]
struct LearnReport {
    sounds: usize,
    left_out: usize,
    frames: usize,
    bins: usize,
    components: usize,
    lags: usize,
    passes: usize,
    /// D after each pass.
    d: Vec<f64>,
    file: String,
    bytes: usize,
    /// SHA-256 of the file.
    sha256: String,
}

pub fn learn(arguments: &LearnArguments) -> Result<(), Failure> {
    let LearnArguments { out, force, checkpoint, .. } = arguments;
    output::check(out, *force, &[output::STREAM])?;
    if let Some(folder) = checkpoint {
        output::check_below(folder)?;
    }
    let experiment = arguments.draft().parse().map_err(Failure::usage)?;
    let spec = &experiment.runs[0];
    let inputs = arguments.inputs()?;
    let pool = session::pool(arguments.threads).map_err(Failure::failed)?;

    let bar = progress::bar("reading", inputs.len());
    let report = || {
        bar.inc(1);
        !progress::is_interrupted()
    };
    let read = TrainingSet::read(inputs, &experiment, &pool, &report).map_err(Failure::failed)?;
    bar.finish_and_clear();
    let set = read.ok_or_else(|| Failure::interrupted("nothing was written"))?;
    set.warnings.iter().for_each(|warning| warn(warning));
    if !arguments.json {
        let [v, rest] = set.memory(spec, pool.current_num_threads()).map(memory::text);
        note(&format!("learning takes {rest} of memory beside {v} of spectrograms"));
    }
    let report = LearnReport {
        sounds: set.members.len(),
        left_out: set.left_out,
        frames: set.frames(),
        bins: set.bins(),
        components: spec.components,
        lags: spec.lags,
        ..LearnReport::default()
    };

    let bar = progress::bar("learning", spec.iterations);
    let mut observe = |objective: &[f64]| {
        bar.set_position(objective.len() as u64);
        bar.set_message(format!("D {:.5e}", objective.last().copied().unwrap_or_default()));
        if progress::is_interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let learned = learn::learn(set, (spec, arguments.levels), checkpoint.as_deref(), &pool, &mut observe);
    bar.finish_and_clear();
    let SharedBases { stored, objective, is_cancelled } = learned.map_err(Failure::failed)?;
    if is_cancelled {
        let (passes, total) = (objective.len(), spec.iterations);
        let rest =
            if checkpoint.is_some() { "the same call goes on from there" } else { "nothing was written" };
        return Err(Failure::interrupted(format!("pass {passes} of {total}, {rest}")));
    }
    let bytes = codec::write(&stored);
    output::write(out, *force, &bytes)?;
    let report = LearnReport {
        passes: objective.len(),
        d: objective,
        file: out.display().to_string(),
        bytes: bytes.len(),
        sha256: files::sha256(&bytes),
        ..report
    };
    if arguments.json { output::print_json(&report) } else { output::print_text(&report.line()) }
}

impl LearnReport {
    fn line(&self) -> String {
        let Self { sounds, frames, passes, d, file, bytes, sha256, .. } = self;
        let d = d.last().copied().unwrap_or_default();
        format!(
            "{file}: W of {sounds} sounds ({frames} frames) after {passes} passes, D {d:.5e}, {bytes} B, {sha256}\n"
        )
    }
}
