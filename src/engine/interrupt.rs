//! Signals that ask the process to end: work looks for them between its steps, and what takes longer is ended
//! from outside, without temporary files left behind.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use super::files;

/// What asked the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Ctrl+C.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// SIGHUP: the terminal is gone.
    HungUp,
}

/// The exit code of the first that asked; 0 for none.
static ASKED: AtomicU8 = AtomicU8::new(0);

impl Ending {
    const ALL: [Self; 3] = [Self::Interrupted, Self::Terminated, Self::HungUp];

    /// The exit code of a process that was ended so, as a shell gives it: 128 and the number of the signal.
    pub const fn code(self) -> u8 {
        match self {
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::HungUp => 129,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupted => "interrupted",
            Self::Terminated => "ended by SIGTERM",
            Self::HungUp => "ended by SIGHUP",
        })
    }
}

/// What has asked the process to end, if anything has.
pub fn asked() -> Option<Ending> {
    let code = ASKED.load(Ordering::Relaxed);
    Ending::ALL.into_iter().find(|ending| ending.code() == code)
}

/// Listens from now on. When the process is asked to end, `asked` is called; where it has not ended `grace` later, its
/// temporary files are removed, `overdue` reports it, and it ends. A file that grows beyond what the process may write
/// is an error from now on, and not the end of the process.
pub fn listen(
    grace: Duration,
    asked: impl Fn() + Send + 'static,
    overdue: impl Fn(Ending) + Send + 'static,
) -> io::Result<()> {
    system::listen(move |ending| {
        if ASKED.compare_exchange(0, ending.code(), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            asked();
        }
        std::thread::sleep(grace);
        files::abandon();
        overdue(ending);
        std::process::exit(i32::from(ending.code()));
    })
}

#[cfg(unix)]
mod system {
    use std::io;
    use std::sync::Arc;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;

    use super::Ending;

    pub fn listen(act: impl Fn(Ending) + Send + 'static) -> io::Result<()> {
        // Noticed, it does not end the process, and the write that caused it fails.
        signal_hook::flag::register(SIGXFSZ, Arc::default())?;
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        if !hang_up_is_ignored() {
            signals.add_signal(SIGHUP)?;
        }
        let listen = move || {
            for signal in signals.forever() {
                act(match signal {
                    SIGTERM => Ending::Terminated,
                    SIGHUP => Ending::HungUp,
                    _ => Ending::Interrupted,
                });
            }
        };
        std::thread::Builder::new().name("snmf-signals".to_owned()).spawn(listen)?;
        Ok(())
    }

    /// Whether this was started to outlive its terminal, as by `nohup`.
    fn hang_up_is_ignored() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        ignored.is_some_and(|mask| mask & 1 << (SIGHUP - 1) != 0)
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;

    use super::Ending;

    pub fn listen(act: impl Fn(Ending) + Send + 'static) -> io::Result<()> {
        ctrlc::set_handler(move || act(Ending::Interrupted)).map_err(io::Error::other)
    }
}
