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
    let Failure { message, code } = outcome.err().unwrap_or(Failure { message: String::new(), code: 0 });
    if !message.is_empty() {
        cli::report(&format!("snmf: {message}"));
    }
    // What came on standard input was kept until now.
    files::abandon();
    ExitCode::from(code)
}
