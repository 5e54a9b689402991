//! `snmf decode`: a factor stream as NPZ or CSV.

use std::io::Cursor;

use super::arguments::DecodeArguments;
use super::output::{self, Failure};
use crate::engine::run::memory;
use crate::export::{factors_csv, npz};

pub fn decode(arguments: &DecodeArguments) -> Result<(), Failure> {
    if let Some(out) = &arguments.out {
        output::check(out, arguments.force, &["npz"])?;
    }
    if let Some(folder) = &arguments.csv {
        output::check_below(folder)?;
    }
    let (stored, _) = output::stream(&arguments.file)?;
    if let Some(out) = &arguments.out {
        if arguments.vhat {
            // The archive holds it once more.
            memory::check_vhat(stored.model.shape(), 2).map_err(Failure::failed)?;
        }
        let vhat = arguments.vhat.then(|| stored.magnitudes().reconstruct());
        let mut npz = Cursor::new(Vec::new());
        npz::write_npz(&mut npz, &stored, vhat.as_ref()).map_err(Failure::failed)?;
        output::write(out, arguments.force, npz.get_ref())?;
    }
    if let Some(folder) = &arguments.csv {
        output::make_folder(folder)?;
        let tables = factors_csv::tables(&stored)
            .map(|table| (folder.join(format!("{}.csv", table.name)), table.text));
        tables.iter().try_for_each(|(path, _)| output::check(path, arguments.force, &["csv"]))?;
        for (path, text) in &tables {
            output::write(path, arguments.force, text.as_bytes())?;
        }
    }
    Ok(())
}
