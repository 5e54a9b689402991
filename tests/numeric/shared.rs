//! One W for many sounds: against the mathematics as it reads, and the same bits in any order of adding.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use nalgebra::DMatrix;
use snmf_workbench::numeric::methods::init;
use snmf_workbench::numeric::methods::shared::{Alone, Reduce, SharedCnmf, TrainingSpectrogram};
use snmf_workbench::numeric::{Factors, RunSpec, Shape, Stacked};
use snmf_workbench::signal::{self, Demo, ReadOptions, Spectrogram, Stft, Window};

use crate::common::{naive, spectrogram};

fn spec(components: usize, lags: usize, plain: bool) -> RunSpec {
    RunSpec { components, lags, plain, seed: 5, ..RunSpec::default() }
}

/// The built-in sounds in pieces of half a second, among them silence and one of fewer frames than a basis.
fn pieces() -> Vec<TrainingSpectrogram> {
    let stft = Stft { fft: 512, hop: 256, window: Window::default() };
    let read = ReadOptions { rate: Some(16_000), ..ReadOptions::default() };
    let mut sounds = Vec::new();
    for demo in [Demo::Speech, Demo::Drums, Demo::Piano] {
        let audio = signal::load(demo, &read).unwrap();
        for samples in audio.samples.chunks(8_000).filter(|samples| samples.len() >= 4 * 256) {
            let piece = signal::Audio { samples: samples.to_vec(), ..audio.clone() };
            let Spectrogram { v, max, .. } = Spectrogram::of(&piece, &stft).unwrap();
            sounds.push(TrainingSpectrogram { v: Arc::unwrap_or_clone(v), max, seed: sounds.len() as u64 });
        }
    }
    let bins = stft.bins();
    sounds.push(TrainingSpectrogram { v: DMatrix::zeros(bins, 20), max: 0.0, seed: 90 });
    let short = sounds[0].v.columns(3, 2).into_owned();
    sounds.push(TrainingSpectrogram { v: short, max: sounds[0].max, seed: 91 });
    sounds
}

type Bits = (Vec<u32>, Vec<(u64, Vec<u32>)>);

/// W, and H by the seeds of the sounds, after so many passes.
fn learned(sounds: Vec<TrainingSpectrogram>, passes: usize, reduce: Box<dyn Reduce>) -> Bits {
    let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    let seeds: Vec<u64> = sounds.iter().map(|sound| sound.seed).collect();
    let mut learner = SharedCnmf::new(sounds, &spec(6, 5, false), reduce);
    (0..passes).for_each(|_| _ = learner.step());
    (bits(learner.bases()), seeds.into_iter().zip(learner.activations().map(bits)).collect())
}

/// One of several workers: each sends its numbers to all others, and adds up what it receives, each beginning with another one.
struct Rank {
    own: usize,
    to: Vec<SyncSender<Vec<i64>>>,
    from: Vec<Mutex<Receiver<Vec<i64>>>>,
}

impl Rank {
    fn all(count: usize) -> Vec<Self> {
        let mut ranks: Vec<Self> =
            (0..count).map(|own| Self { own, to: Vec::new(), from: Vec::new() }).collect();
        for from in 0..count {
            for to in 0..count {
                let (sender, receiver) = sync_channel(1);
                ranks[from].to.push(sender);
                ranks[to].from.push(Mutex::new(receiver));
            }
        }
        ranks
    }

    fn gathered(&self, numbers: &[i64]) -> Vec<Vec<i64>> {
        self.to.iter().for_each(|to| to.send(numbers.to_vec()).unwrap());
        let count = self.from.len();
        (0..count).map(|i| self.from[(self.own + i) % count].lock().unwrap().recv().unwrap()).collect()
    }
}

impl Reduce for Rank {
    fn sum(&self, numbers: &mut [i64]) {
        let all = self.gathered(numbers);
        numbers.fill(0);
        for received in all {
            numbers.iter_mut().zip(received).for_each(|(sum, x)| *sum = sum.saturating_add(x));
        }
    }

    #[allow(clippy::cast_possible_wrap, clippy::cast_sign_loss)] // bits
    fn max(&self, number: f64) -> f64 {
        let all = self.gathered(&[number.to_bits() as i64]);
        all.iter().map(|received| f64::from_bits(received[0] as u64)).fold(0.0, f64::max)
    }
}

#[test]
fn w_and_every_h_are_the_same_bits_on_any_number_of_threads_and_workers() {
    let expected = learned(pieces(), 6, Box::new(Alone));
    let mut turned = pieces();
    turned.reverse();
    let (w, mut h) = learned(turned, 6, Box::new(Alone));
    h.reverse();
    assert!((w, h) == expected, "the order of the sounds");
    for threads in [1, 2, 3, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| learned(pieces(), 6, Box::new(Alone))) == expected, "{threads} threads");
    }
    for count in [2, 3] {
        let run = |rank: Rank| {
            let own = rank.own;
            let mine = pieces().into_iter().enumerate().filter(|(i, _)| i % count == own);
            learned(mine.map(|(_, sound)| sound).collect(), 6, Box::new(rank))
        };
        let mut all = Vec::new();
        std::thread::scope(|scope| {
            let ranks: Vec<_> = Rank::all(count).into_iter().map(|rank| scope.spawn(|| run(rank))).collect();
            for rank in ranks {
                let (w, h) = rank.join().unwrap();
                assert!(w == expected.0, "W of {count} workers");
                all.extend(h);
            }
        });
        all.sort();
        assert!(all == expected.1, "H of {count} workers");
    }
}

#[test]
fn twenty_passes_do_what_thirty_plain_ones_do_and_d_never_rises() {
    let traced = |plain: bool, passes: usize| -> Vec<f64> {
        let mut learner = SharedCnmf::new(pieces(), &spec(12, 6, plain), Box::new(Alone));
        let trace: Vec<f64> = (0..passes).map(|_| learner.step()).collect();
        assert!(trace.windows(2).all(|d| d[1] <= d[0]) && trace[0].is_finite(), "{trace:?}");
        assert!(learner.bases().iter().chain(learner.activations().flatten()).all(|x| x.is_finite()));
        trace
    };
    let (plain, raised) = (traced(true, 30), traced(false, 20));
    assert!(raised[19] <= plain[29], "{} after 20 passes, {} after 30 plain ones", raised[19], plain[29]);
}

#[test]
fn a_pass_that_would_raise_d_is_taken_back_and_done_plainly() {
    // One bin fits and one is twenty times too quiet: a raised update of W overshoots, and H cannot make up for it.
    let begun = |plain| {
        let sounds = vec![TrainingSpectrogram { v: DMatrix::from_element(2, 5, 1.0), max: 1.0, seed: 1 }];
        let mut learner = SharedCnmf::new(sounds, &spec(1, 1, plain), Box::new(Alone));
        learner.resume(vec![0.05, 1.0], vec![vec![1.0; 5]]);
        learner
    };
    let [mut raised, mut plain] = [false, true].map(begun);
    let d = [raised.step(), plain.step()];
    assert!(d[0] == d[1] && raised.bases() == plain.bases(), "{d:?}");
    assert!(raised.activations().eq(plain.activations()));
}

#[test]
fn a_pass_is_what_the_equations_say() {
    let (shape, phi) = (Shape { bins: 9, frames: 0, components: 3, lags: 4 }, RunSpec::default().phi());
    let vs: Vec<DMatrix<f32>> =
        [(40, 1), (3, 2), (77, 3)].map(|(frames, seed)| spectrogram(shape.bins, frames, seed)).into();
    let gains = [1.0, 0.5, 0.25];
    let sounds =
        vs.iter().zip(gains).zip(1..).map(|((v, max), seed)| TrainingSpectrogram { v: v.clone(), max, seed });
    let spec = spec(3, 4, true);
    let mut learner = SharedCnmf::new(sounds.collect(), &spec, Box::new(Alone));

    let vs: Vec<DMatrix<f64>> = vs.iter().zip(gains).map(|(v, gain)| v.map(f64::from) * gain).collect();
    let mut w = init::random_factors::<f64>(shape, spec.seed).w;
    let start = learner.activations().map(|h| DMatrix::from_column_slice(3, h.len() / 3, h));
    let mut hs: Vec<DMatrix<f64>> = start.map(|h| h.map(f64::from)).collect();
    for _ in 0..3 {
        let factors: Vec<Factors<f64>> = hs.iter().map(|h| Factors { w: w.clone(), h: h.clone() }).collect();
        for (t, w) in w.iter_mut().enumerate() {
            let mut sums = [DMatrix::zeros(9, 3), DMatrix::zeros(9, 3)];
            for (v, f) in vs.iter().zip(&factors) {
                let ones = DMatrix::from_element(v.nrows(), v.ncols(), 1.0);
                sums[0] += naive::w_correlation(&naive::ratio(v, f, phi), f, t, 1);
                sums[1] += naive::w_correlation(&ones, f, t, 1);
            }
            w.component_mul_assign(&sums[0].component_div(&sums[1]));
        }
        let mut d = 0.0;
        for (v, h) in vs.iter().zip(&mut hs) {
            let mut f = Factors { w: w.clone(), h: h.clone() };
            naive::joint_h_update(v, &mut f, phi);
            d += naive::kld(v, &naive::model(&f), phi);
            *h = f.h;
        }
        let got = learner.step();
        assert!((got - d).abs() < 1e-5 * d, "{got}, expected {d}");
    }
    let w = Stacked::from_factors(&Factors { w, h: hs[0].clone() }).w;
    let near = |a: &[f32], b: &[f64]| {
        a.iter().zip(b).all(|(a, b)| (f64::from(*a) - b).abs() <= 1e-5 * b.abs().max(1e-6))
    };
    assert!(near(learner.bases(), &w));
    assert!(learner.activations().zip(&hs).all(|(h, expected)| near(h, expected.as_slice())));
    let total: f32 = learner.factors().w.iter().map(|w| w.column(1).sum()).sum();
    assert!((total - 1.0).abs() < 1e-5, "bases of a component sum to {total}");
}
