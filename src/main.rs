//! The `snmf` program: the window, or a job without one.

use std::process::ExitCode;

use snmf_workbench::cli::{self, Failure, Invocation};
use snmf_workbench::engine::files;
use snmf_workbench::ui;

fn main() -> ExitCode {
    files::sweep_scratch();
    let outcome = cli::parse().and_then(|invocation| match invocation {
        Some(Invocation::Job(job)) => cli::perform(*job),
        Some(Invocation::Window { input, threads }) => {
            ui::run(input.as_deref(), threads).map_err(|e| Failure { code: e.code(), message: e.to_string() })
        }
        None => Ok(()),
    });
    let Err(Failure { message, code }) = outcome else { return ExitCode::SUCCESS };
    if !message.is_empty() {
        cli::tell(&format!("snmf: {message}"));
    }
    ExitCode::from(code)
}
