//! `snmf encode`: factors that others learned as a factor stream.

use std::sync::Arc;

use super::arguments::EncodeArguments;
use super::output::{self, Failure};
use super::progress::{self, analyse, note, warn};
use super::run::warn_of_miss;
use crate::codec::{self, GivenArrays, Header, Stored};
use crate::engine::run::series::Series;
use crate::engine::run::{job, measure, memory, verdict};
use crate::engine::{Learning, given, session};
use crate::numeric::Method;

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
    let analysis = analyse(&input, &experiment.stft, &pool)?;
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
    let (quality, bytes) = (run.measures.quality().describe(), run.measures.sizes.file_bytes);
    note(&format!("{}: {quality}, {bytes} B", method.name()));
    for warning in verdict::of_run(spec, &run.measures, None) {
        warn(&format!("{}: {}", method.name(), warning.text));
    }
    Ok(stored)
}
