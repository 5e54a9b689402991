//! How much memory something takes and how much there is, known before it starts: an allocation that fails ends the
//! program.

use std::path::{Path, PathBuf};

use crate::codec::Limits;
use crate::numeric::methods::Memory;
use crate::numeric::{Precision, RunSpec, Shape};

/// What a machine is taken to have where the system does not say.
const ASSUMED: u64 = 8 << 30;

/// Size in bytes up to which V is kept transposed too.
const TRANSPOSED: u64 = 8 << 20;

/// Bytes that a number takes while a stream, a table or an archive is written: its text, and what is made of that.
const BYTES_A_VALUE: u64 = 96;

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} would take about {need} MiB, and {have} MiB are free: {advice}")]
pub struct TooLarge {
    what: String,
    need: u64,
    have: u64,
    advice: &'static str,
}

/// Refuses what the free memory cannot hold.
fn ask(need: u64, what: impl FnOnce() -> String, advice: &'static str) -> Result<(), TooLarge> {
    let have = available();
    if need <= have {
        return Ok(());
    }
    Err(TooLarge { what: what(), need: need >> 20, have: have >> 20, advice })
}

/// About how many bytes a run takes at most: V, the factors as often as the method keeps them, and what each task of
/// a pass works with.
pub fn estimate(spec: &RunSpec, bins: usize, frames: usize) -> u64 {
    let [m, n, r, t] = [bins, frames, spec.components, spec.lags].map(|x| x as u64);
    let element = if spec.precision == Precision::F64 { 8 } else { 4 };
    let times = |a: u64, b: u64| a.saturating_mul(b);
    let depth = times(r, t);
    let factors = times(m, depth).saturating_add(times(r, n.saturating_add(t)));
    // The state, its numerators and denominators, a snapshot; then the history of the quasi-Newton steps, or the
    // shadows, roundings and trials, and what each integer costs a coder of contexts.
    let of_updates = if spec.is_accelerated() { 22 } else { 8 };
    let Memory { copies, has_grams } = spec.method.row().memory;
    let packed = times(4, times(m.max(256), depth));
    let tasks = times(16 * 32, times(2, m).saturating_add(times(4, depth)));
    // In double precision V in single precision stays beside it, for it is what is shown.
    let v = times(m, n)
        .saturating_mul(if element == 8 { 12 } else { 4 })
        .saturating_add(TRANSPOSED.min(times(times(m, n), 4)));
    // How elements weigh on one another, and what is left of V against every stacked column.
    let grams = if has_grams {
        times(4, times(depth, depth)).saturating_add(times(depth.max(times(3, m)), n))
    } else {
        0
    };
    let values = times(copies.unwrap_or(of_updates), factors)
        .saturating_add(packed)
        .saturating_add(tasks)
        .saturating_add(grams);
    // V^P stands beside V.
    let compressed = if spec.power == 1.0 { 0 } else { times(times(m, n), element) };
    times(values, element).saturating_add(v).saturating_add(compressed)
}

pub fn estimate_text(spec: &RunSpec, bins: usize, frames: usize) -> String {
    text(estimate(spec, bins, frames))
}

/// So many bytes in words.
pub fn text(bytes: u64) -> String {
    let mib = bytes >> 20;
    if mib < 10 << 10 { format!("about {} MiB", mib.max(1)) } else { format!("about {} GiB", mib >> 10) }
}

/// Refuses a run that the machine's free memory cannot hold.
pub fn check(spec: &RunSpec, bins: usize, frames: usize) -> Result<(), TooLarge> {
    let (components, lags) = (spec.components, spec.lags);
    let what = || format!("{bins} bins x {frames} frames with R = {components} and T = {lags}");
    let advice = "use fewer components or lags, a shorter region, or a smaller FFT";
    ask(estimate(spec, bins, frames), what, advice)
}

/// About how many bytes learning one W for sounds of so many `frames` takes beside their V: two copies of H, and a run on
/// the longest of them for each of `threads`.
pub fn estimate_shared(
    spec: &RunSpec,
    bins: usize,
    frames: impl Iterator<Item = usize> + Clone,
    threads: usize,
) -> u64 {
    let longest = frames.clone().max().unwrap_or_default();
    let plain = RunSpec { plain: true, ..spec.clone() };
    let h = frames.fold(0u64, |sum, n| sum.saturating_add(n as u64)).saturating_mul(spec.components as u64);
    let run = estimate(&plain, bins, longest);
    h.saturating_mul(2 * 4).saturating_add(run.saturating_mul(threads as u64))
}

/// Refuses to learn one W, of sounds whose V are there already, where the free memory cannot hold what that takes.
///
/// # Errors
/// The estimate is above what is free.
pub fn check_shared(
    spec: &RunSpec,
    bins: usize,
    frames: impl Iterator<Item = usize> + Clone,
    threads: usize,
) -> Result<(), TooLarge> {
    let (components, lags) = (spec.components, spec.lags);
    let what = || format!("one W of {bins} bins with R = {components} and T = {lags} for all sounds");
    let advice = "use fewer components, lags, sounds or threads, or a smaller FFT";
    ask(estimate_shared(spec, bins, frames, threads), what, advice)
}

/// Refuses a V (M x N) in single precision that the free memory cannot hold.
pub fn check_v(bins: usize, frames: usize) -> Result<(), TooLarge> {
    let need = (bins as u64).saturating_mul(frames as u64).saturating_mul(4);
    let what = || format!("a spectrogram of {bins} bins x {frames} frames");
    ask(need, what, "use a larger hop, a shorter region, or a smaller FFT")
}

/// Refuses a Vhat (M x N) in double precision, held so many times, that the free memory cannot hold.
pub fn check_vhat(shape: Shape, copies: u64) -> Result<(), TooLarge> {
    let Shape { bins, frames, .. } = shape;
    let need = (bins as u64).saturating_mul(frames as u64).saturating_mul(8).saturating_mul(copies);
    ask(need, || format!("Vhat of {bins} bins x {frames} frames"), "use a machine with more memory")
}

/// Refuses to write down models of these sizes, as streams, archives and tables together, where the free memory cannot
/// hold what is written.
pub fn check_export(shapes: impl Iterator<Item = Shape>) -> Result<(), TooLarge> {
    let values = |shape: Shape| shape.values().map_or(u64::MAX, |values| values as u64);
    let need =
        shapes.fold(0, |sum: u64, shape| sum.saturating_add(values(shape).saturating_mul(BYTES_A_VALUE)));
    ask(need, || "the files of this export".to_owned(), "export fewer runs at a time")
}

/// Refuses a picture of so many pixels, each with so many bytes, that the free memory cannot hold.
pub fn check_picture(pixels: u64, bytes: u64) -> Result<(), TooLarge> {
    ask(
        pixels.saturating_mul(bytes),
        || format!("a picture of {pixels} pixels"),
        "use fewer dots or a smaller page",
    )
}

/// What a reader may hold on this machine now.
pub fn limits() -> Limits {
    Limits { memory: available(), ..Limits::default() }
}

/// How many bytes the samples of a sound may take: half of what is free, for resampling needs them twice.
pub fn for_samples() -> u64 {
    available() / 2
}

/// Free memory in bytes: the least of what the system has, what the process may still take, and what its control groups
/// (containers) may.
pub(in crate::engine) fn available() -> u64 {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let system = read("/proc/meminfo").and_then(|text| kib(&text, "MemAvailable:"));
    let groups =
        read("/proc/self/cgroup").and_then(|text| left_in_groups(Path::new("/sys/fs/cgroup"), &text));
    [system, left_of_limits(), groups].into_iter().flatten().min().unwrap_or(ASSUMED)
}

/// A number of KiB in a file of the system's, in bytes.
fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1 << 10)
}

/// What the limits of the process (`ulimit -v`, `ulimit -d`) leave of its addresses.
#[cfg(target_os = "linux")]
fn left_of_limits() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    [(Resource::As, "VmSize:"), (Resource::Data, "VmData:")]
        .into_iter()
        .filter_map(|(resource, used)| {
            let limit = getrlimit(resource).current?;
            // Stacks and the allocator take addresses in pieces larger than what is asked for.
            Some(limit.saturating_sub(kib(&status, used)?) / 8 * 7)
        })
        .min()
}

#[cfg(not(target_os = "linux"))]
const fn left_of_limits() -> Option<u64> {
    None
}

/// What the control groups that `text` names, and those that they are in, leave; none without limits. `root` is where
/// the system shows them.
fn left_in_groups(root: &Path, text: &str) -> Option<u64> {
    let number = |path: PathBuf| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let left = |folder: &Path, [limit, used, cached]: [&str; 3]| {
        let limit = number(folder.join(limit))?;
        let stat = std::fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
        let cached = stat.lines().find_map(|line| line.strip_prefix(cached)?.trim().parse().ok());
        // What files left there is given back when it is needed.
        let used = number(folder.join(used))?.saturating_sub(cached.unwrap_or(0));
        Some(limit.saturating_sub(used))
    };
    let groups = text.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?.trim_start_matches('/'));
        let (root, names) = match controllers {
            "" => (root.to_owned(), ["memory.max", "memory.current", "inactive_file "]),
            _ if controllers.split(',').any(|name| name == "memory") => {
                let names = ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "];
                (root.join("memory"), names)
            }
            _ => return None,
        };
        Path::new(path).ancestors().filter_map(|group| left(&root.join(group), names)).min()
    });
    groups.min()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by panicking
mod tests {
    use super::*;
    use crate::engine::settings::draft::SpecDraft;

    fn spec(components: usize, lags: usize) -> RunSpec {
        let draft = SpecDraft { components, lags, double: true, ..SpecDraft::default() };
        RunSpec {
            components,
            lags,
            ..SpecDraft { components: 1, lags: 1, ..draft }.parse().unwrap().runs.remove(0)
        }
    }

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        assert_eq!(estimate(&spec(usize::MAX, usize::MAX), usize::MAX, usize::MAX), u64::MAX);
    }

    #[test]
    fn the_poster_fits_anywhere() {
        assert!(estimate(&spec(20, 7), 513, 91) < 32 << 20);
    }
    #[test]
    fn the_tightest_group_counts_in_both_versions() {
        let root = tempfile::tempdir().unwrap();
        let group = |path: &str, files: &[(&str, &str)]| {
            let folder = root.path().join(path);
            std::fs::create_dir_all(&folder).unwrap();
            files.iter().for_each(|(name, text)| std::fs::write(folder.join(name), text).unwrap());
        };
        group("", &[("memory.stat", "inactive_file 5\n")]);
        group("a", &[("memory.max", "1000\n"), ("memory.current", "300\n")]);
        group("a/b", &[("memory.max", "max\n"), ("memory.current", "300\n")]);
        let file = ("memory.stat", "anon 1\ninactive_file 40\nactive_file 7\n");
        group("a/c", &[("memory.max", "500\n"), ("memory.current", "200\n"), file]);
        assert_eq!(left_in_groups(root.path(), "0::/a/b\n"), Some(700));
        assert_eq!(left_in_groups(root.path(), "0::/a/c\n"), Some(340));
        assert_eq!(left_in_groups(root.path(), "0::/\n"), None);
        group(
            "memory",
            &[("memory.limit_in_bytes", "9223372036854771712\n"), ("memory.usage_in_bytes", "9\n")],
        );
        group("memory/x", &[("memory.limit_in_bytes", "100\n"), ("memory.usage_in_bytes", "30\n")]);
        assert_eq!(left_in_groups(root.path(), "3:cpu:/x\n2:hugetlb,memory:/x\n0::/\n"), Some(70));
        // A container may not see the way to its own group from the outside.
        group("memory", &[("memory.limit_in_bytes", "64\n"), ("memory.usage_in_bytes", "4\n")]);
        assert_eq!(left_in_groups(root.path(), "2:memory:/docker/0123\n"), Some(60));
    }

    #[test]
    fn what_is_free_is_less_than_what_there_is() {
        let free = available();
        assert!(free > 1 << 20 && free < 1 << 50, "{free}");
        assert!(check_v(513, 91).is_ok());
        let text = check_v(32_769, 1 << 40).unwrap_err().to_string();
        assert!(text.contains("would take about") && text.contains("MiB are free"), "{text}");
    }
}
