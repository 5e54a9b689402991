//! The `snmf` program: the window, or a job without one.

use std::process::ExitCode;

use snmf_workbench::cli::{self, Invocation};
use snmf_workbench::codec::text;
use snmf_workbench::ui;

#[allow(clippy::print_stderr)] // the last place where a failure can be told
fn main() -> ExitCode {
    let outcome = match cli::parse() {
        Invocation::Job(job) => cli::perform(*job).map_err(|failure| (failure.message, failure.code)),
        Invocation::Window { input, threads } => ui::run(input, threads).map_err(|e| (e.to_string(), 1)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err((message, code)) => {
            eprintln!("snmf: {}", text::line(&message));
            ExitCode::from(code)
        }
    }
}
