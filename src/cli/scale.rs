//! `snmf bench scale`: what corpora cost on many machines.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use super::corpus;
use super::output::{self, Failure};
use crate::engine::bench::{self, ItemCost, Scaling};
use crate::engine::files::Scratch;
use crate::engine::run::memory;
use crate::engine::session;
use crate::numeric::{RunSpec, Shape};

/// Frames of the V that is timed.
const FRAMES: usize = 1_000;

#[derive(Debug, Args)]
pub struct ScaleArguments {
    /// M, bins of V
    #[arg(long, default_value_t = 1025, value_parser = clap::value_parser!(u32).range(1..=65_537))]
    bins: u32,
    /// R, number of components
    #[arg(short = 'r', long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    components: u32,
    /// T, frames of a basis
    #[arg(short = 't', long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=500))]
    lags: u32,
    /// Samples a second of the sounds
    #[arg(long, value_name = "HZ", default_value_t = 44_100, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// Samples from one frame to the next
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    hop: u32,
    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Costs {
    one_w: Scaling,
    items: ItemCost,
}

pub fn scale(arguments: &ScaleArguments) -> Result<(), Failure> {
    let size = |n: u32| n as usize;
    let pool = session::pool(1).map_err(Failure::failed)?;
    let ScaleArguments { bins, components, lags, rate, hop, .. } = *arguments;
    let shape = Shape { bins: size(bins), frames: FRAMES, components: size(components), lags: size(lags) };
    let spec = RunSpec { components: shape.components, lags: shape.lags, plain: true, ..RunSpec::default() };
    memory::check_shared(&spec, shape.bins, [FRAMES].into_iter(), 1).map_err(Failure::failed)?;
    let scratch = Scratch::new().map_err(|e| Failure::failed(format!("folder for temporary files: {e}")))?;
    let items = bench::item_cost(scratch.path(), &corpus::report, &pool).map_err(corpus::refused)?;
    let one_w = bench::scaling(&spec, shape, f64::from(rate) / f64::from(hop), &pool);
    let costs = Costs { one_w, items };
    if arguments.json { output::print_json(&costs) } else { output::print_text(&costs.text()) }
}

impl Costs {
    fn text(&self) -> String {
        let Self { one_w, items } = self;
        let Scaling { bins, components, lags, frames_a_second, us_a_frame, bytes_a_pass, networks } = one_w;
        let mut out = format!(
            "corpus work: {:.2} ms on one thread for an item of R = 1 (mean of {}), of which {:.2} ms to keep it (median)\n\n\
             one W, M {bins}, R {components}, T {lags}: {us_a_frame:.1} us a frame and pass on one core (measured), \
             {frames_a_second:.1} frames a second of sound,\n\
             {bytes_a_pass} bytes a pass = 8 (M R T + R T + 1); one rank a node; a sum takes 2 log2 P latencies and \
             2 (P - 1) / P of the bytes\n",
            items.ms_an_item, items.items, items.keeping_ms
        );
        // Writing to a string cannot fail.
        for on in networks {
            let bench::Network { name, latency_us, gbit_a_second } = on.network;
            let _ = writeln!(out, "\n{name}: {latency_us} us, {gbit_a_second} Gbit/s (stated, not measured)");
            let heads: String = on.rows[0]
                .efficiency
                .iter()
                .map(|(hours, _)| format!("{:>9}", format!("{hours} h")))
                .collect();
            let _ = writeln!(out, "{:>6} {:>9}{heads}", "ranks", "sum (ms)");
            for row in &on.rows {
                let cells: String =
                    row.efficiency.iter().map(|(_, share)| format!("{:>7.1} %", 100.0 * share)).collect();
                let _ = writeln!(out, "{:>6} {:>9.2}{cells}", row.ranks, row.sum_ms);
            }
            let most = on.rows.last().map_or(0, |row| row.ranks);
            let _ = writeln!(out, "90 % at {most} ranks from {:.1} h of sound", on.hours_to_90_percent);
        }
        out
    }
}
