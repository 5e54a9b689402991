//! `snmf decode`: a factor stream as NPZ or CSV, or in another format of `export`.

use std::path::PathBuf;

use clap::Args;

use super::arguments::{BasesArguments, path};
use super::output::{self, Failure};
use crate::engine::run::memory;
use crate::export::{CSV, FORMATS, FactorFormat};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("where").args(["out", "csv"]).required(true).multiple(true))]
pub struct DecodeArguments {
    /// A factor stream, or - for standard input
    #[arg(value_parser = path())]
    pub file: PathBuf,
    /// The NPZ file to write, or - for standard output
    #[arg(long, value_name = "X.npz", value_parser = path())]
    pub out: Option<PathBuf>,
    /// A folder for W.csv, H.csv and steps.csv
    #[arg(long, value_name = "DIR", value_parser = path())]
    pub csv: Option<PathBuf>,
    /// Put the model's spectrogram into the NPZ file too, as Vhat
    #[arg(long, requires = "out")]
    pub vhat: bool,
    #[command(flatten)]
    bases: BasesArguments,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
}

pub fn decode(arguments: &DecodeArguments) -> Result<(), Failure> {
    let single: Vec<FactorFormat> = FORMATS.into_iter().filter(|format| format.is_single).collect();
    if let Some(out) = &arguments.out {
        let endings: Vec<&str> = single.iter().map(|format| format.name).collect();
        output::check(out, arguments.force, &endings)?;
    }
    if let Some(folder) = &arguments.csv {
        output::check_below(folder)?;
    }
    let (mut stored, _) = arguments.bases.stream(&arguments.file)?;
    // What is written here holds the bases.
    stored.form.bases = None;
    if let Some(out) = &arguments.out {
        let named = |format: &&FactorFormat| output::ends_in(out, &[format.name]);
        let Some(format) = single.iter().find(named).or(single.first()) else { return Ok(()) };
        if arguments.vhat && !format.holds_vhat {
            return Err(Failure::usage(format!("vhat: a .{} file has no place for it", format.name)));
        }
        if arguments.vhat {
            // The archive holds it once more.
            memory::check_vhat(stored.model.shape(), 2).map_err(Failure::failed)?;
        }
        let vhat = arguments.vhat.then(|| stored.magnitudes().reconstruct());
        for file in (format.write)(&stored, vhat.as_ref()).map_err(Failure::failed)? {
            output::write(out, arguments.force, &file.bytes)?;
        }
    }
    if let Some(folder) = &arguments.csv {
        output::make_folder(folder)?;
        let files = (CSV.write)(&stored, None).map_err(Failure::failed)?;
        let path = |part: &str| folder.join(format!("{part}.{}", CSV.name));
        files.iter().try_for_each(|file| output::check(&path(file.part), arguments.force, &[CSV.name]))?;
        for file in &files {
            output::write(&path(file.part), arguments.force, &file.bytes)?;
        }
    }
    Ok(())
}
