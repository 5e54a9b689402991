//! `snmf encode`: factors that others learned as a factor stream.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::arguments::{
    AnalysisArguments, FormArguments, PurposeArguments, TargetArguments, method, path, source, threads,
};
use super::flags::PosterFlags;
use super::output::{self, Failure};
use super::progress::{self, analyse, note, warn};
use super::run::warn_of_miss;
use crate::codec::{self, GivenArrays, Header, Stored, WAxes};
use crate::engine::run::series::Series;
use crate::engine::run::{job, measure, memory, verdict};
use crate::engine::{InputSpec, Learning, Source, SpecDraft, given, session};
use crate::numeric::{Method, Precision};

#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct EncodeArguments {
    /// An NPZ archive with non-negative W (T x M x R, or M x R) and H (R x N)
    #[arg(value_parser = path())]
    pub file: PathBuf,
    /// The factor stream to write, or - for standard output
    #[arg(long, value_name = "X.snmf.gz", value_parser = path())]
    pub out: PathBuf,
    /// Order of the axes of a W that has three: t for lags, m for bins, r for components
    #[arg(long, value_name = "AXES", value_parser = w_axes, default_value_t)]
    pub w_axes: WAxes,
    #[arg(long, help = format!("Quantise the factors: {}", storable().join(", ")), value_parser = method, requires = "input")]
    pub method: Option<Method>,
    /// What the factors explain: a sound, demo:NAME, or an NPZ archive with V
    #[arg(long, value_parser = source())]
    input: Option<Source>,
    #[command(flatten)]
    analysis: AnalysisArguments,
    #[command(flatten)]
    purpose: PurposeArguments,
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    storable: PosterFlags,
    /// Iterations of snmf-poster
    #[arg(short = 'i', long, default_value_t = SpecDraft::default().iterations)]
    iterations: usize,
    /// Seed of the random choices of snmf-poster
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    pub form: FormArguments,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
}

impl EncodeArguments {
    /// What the factors explain, where that is given.
    pub fn input(&self) -> Result<Option<InputSpec>, Failure> {
        self.input.as_ref().map(|source| self.analysis.input(source)).transpose()
    }

    /// The run that quantises these factors.
    pub fn draft(&self, method: Method, given: &GivenArrays) -> SpecDraft {
        let (shape, precision) = (given.model.shape(), given.model.precision());
        let draft = SpecDraft {
            methods: vec![method],
            components: shape.components,
            lags: shape.lags,
            iterations: self.iterations,
            seed: self.seed,
            double: precision == Precision::F64,
            ..SpecDraft::default()
        };
        let draft = self.analysis.stft.set(self.purpose.set_beside(draft, given.header.power));
        self.target.set(self.storable.set(draft))
    }
}

pub fn encode(arguments: &EncodeArguments) -> Result<(), Failure> {
    output::check(&arguments.out, arguments.force, &[output::STREAM])?;
    let bytes = output::read(&arguments.file)?;
    let named = |e| Failure::failed(format!("{e}: {}", arguments.file.display()));
    let given = codec::read_factors(&bytes, arguments.w_axes, &memory::limits()).map_err(named)?;
    let stored = match arguments.method {
        None => Stored { header: given.header, model: given.model, form: arguments.form.form() },
        Some(method) if !method.is_quantised() => {
            return Err(Failure::usage(
                "method: expected one that quantises, or none to store W and H as they are",
            ));
        }
        Some(method) => quantised(arguments, method, &given)?,
    };
    output::write(&arguments.out, arguments.force, &codec::write(&stored))
}

fn quantised(arguments: &EncodeArguments, method: Method, given: &GivenArrays) -> Result<Stored, Failure> {
    let draft = arguments.draft(method, given);
    let experiment = draft.parse().map_err(Failure::usage)?;
    let Some(input) = arguments.input()? else { return Err(Failure::usage("input: expected a sound or V")) };
    let pool = session::pool(arguments.threads).map_err(Failure::failed)?;
    let analysis = analyse(&input, experiment.framing, &pool)?;
    analysis.warnings.iter().for_each(|warning| warn(warning));
    let spec = &experiment.runs[0];
    job::check(spec, &analysis).map_err(Failure::failed)?;
    let (model, gain) = given::fitted(given, &analysis, spec.power, &pool).map_err(Failure::failed)?;
    if (gain - 1.0).abs() > 1e-9 {
        note(&format!("W was multiplied by {gain:.6e}, for V is divided by its maximum"));
    }
    let learning = Arc::new(Learning::given(Arc::clone(&analysis), spec, &model));
    let form = arguments.form.form();
    let mut series = Series::new(Arc::clone(&analysis), form, &pool).knowing(vec![learning]);
    let run = progress::run(&mut series, spec, "")?;
    warn_of_miss(&run);
    let mut stored = measure::stored(&analysis, spec, &run.snapshot, form);
    if spec.is_quantised_after_learning() {
        // Learned elsewhere: what is known of that is what the archive says.
        let Header { seed, iterations, rules, .. } = given.header.clone();
        stored.header = Header { seed, iterations, rules, ..stored.header };
    }
    let (quality, bytes) = (run.measures.quality.describe(), run.measures.sizes.file_bytes);
    note(&format!("{}: {quality}, {bytes} B", method.name()));
    for warning in verdict::of_run(spec, &run.measures, None) {
        warn(&format!("{}: {}", method.name(), warning.text));
    }
    Ok(stored)
}

/// The methods that quantise, and which of them only begin with given factors.
fn storable() -> Vec<String> {
    let begins = |method: &Method| method.is_quantised_within_learning();
    let note = |method: &Method| if begins(method) { " (begins with them)" } else { "" };
    let storable = Method::ALL.into_iter().filter(|method| method.is_quantised());
    storable.map(|method| format!("{}{}", method.name(), note(&method))).collect()
}

fn w_axes(text: &str) -> Result<WAxes, String> {
    WAxes::parse(text).ok_or_else(|| "expected t, m and r in some order, such as tmr or mrt".to_owned())
}
