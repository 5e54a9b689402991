//! An update allocates nothing: a run of any length takes the memory that it took at its start.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nalgebra::DMatrix;
use snmf_workbench::numeric::{Factors, FixedBases, Model, RunSpec, start};

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counting.
struct Counting;

#[allow(unsafe_code)] // an allocator cannot be written without; both calls are handed through
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations in 50 steps, after 20 others: the least of several times. The queues of the pool grow now and then,
/// whatever is done on it; an allocation in a step would be there every time.
fn allocations(spec: &RunSpec, frames: usize, threads: usize) -> usize {
    let v = Arc::new(DMatrix::from_fn(65, frames, |m, n| ((m * 31 + n * 17) % 101) as f32 / 101.0));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut learner = start(&v, spec);
        (0..20).for_each(|_| _ = learner.step());
        let mut count = || {
            let begun = COUNT.load(Ordering::Relaxed);
            (0..50).for_each(|_| _ = learner.step());
            COUNT.load(Ordering::Relaxed) - begun
        };
        (0..4).map(|_| count()).min().unwrap()
    })
}

// One test alone in this program: another would allocate beside it.
#[test]
fn a_step_allocates_nothing() {
    let given = |components| {
        let basis = |t| DMatrix::from_fn(65, components, |m, r| ((m * 7 + r * 5 + t) % 13) as f32 / 13.0);
        let factors = Factors { w: (0..5).map(basis).collect(), h: DMatrix::zeros(components, 1) };
        Some(Arc::new(FixedBases::of(&Model::Real(factors).into(), 1.0)))
    };
    let cases = [None, given(2), given(6)].map(|fixed| [true, false].map(|plain| (plain, fixed.clone())));
    for (plain, fixed) in cases.into_iter().flatten() {
        let spec = RunSpec { components: 6, lags: 5, iterations: 100, plain, fixed, ..RunSpec::default() };
        // Small enough for one thread, and shared out to several blocks and tasks.
        for (frames, threads) in [(60, 1), (1100, 1), (1100, 2)] {
            let count = allocations(&spec, frames, threads);
            let frozen = spec.fixed_components();
            assert_eq!(count, 0, "plain: {plain}, {frozen} fixed, {frames} frames, {threads} threads");
        }
    }
}
