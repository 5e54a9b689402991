//! One W learned from many sounds, in passes that can be interrupted and taken up again.

mod checkpoint;
mod error;
mod training;

use std::ops::ControlFlow;
use std::path::Path;

use rayon::ThreadPool;

pub use self::error::LearnError;
pub use self::training::{NamedInput, TrainingSet, inputs};

use self::checkpoint::Checkpoint;
use crate::codec::{Form, Header, Stored};
use crate::numeric::methods::rounding::round_adaptively;
use crate::numeric::methods::shared::{Alone, SharedCnmf};
use crate::numeric::{Levels, Model, Named, RunSpec};
use crate::signal::Stft;

/// What came of it.
pub struct SharedBases {
    /// W, with one frame of activations, all zero.
    pub stored: Stored,
    /// D after each pass.
    pub objective: Vec<f64>,
    /// Whether it was ended before its passes were done.
    pub is_cancelled: bool,
}

/// Learns W on `pool` in as many passes as `spec` has iterations, fewer where no pass makes D smaller. Where there is
/// a folder for checkpoints, it goes on from the one in it. `observe` is called with D after each pass and says whether
/// to go on. Where there are `levels`, W is rounded to integers in the end.
///
/// # Errors
/// A checkpoint that is damaged, of something else, or cannot be written.
pub fn learn(
    set: TrainingSet,
    (spec, levels): (&RunSpec, Option<u32>),
    checkpoints: Option<&Path>,
    pool: &ThreadPool,
    observe: &mut dyn FnMut(&[f64]) -> ControlFlow<()>,
) -> Result<SharedBases, LearnError> {
    let mut checkpoint = checkpoints.map(|folder| Checkpoint::new(folder, &description(&set, spec)));
    let header = header(&set, spec);
    let TrainingSet { members, sounds, .. } = set;
    let mut learner = pool.install(|| SharedCnmf::new(sounds, spec, Box::new(Alone)));
    let mut objective = match &checkpoint {
        Some(checkpoint) => checkpoint.resume(&mut learner, &members)?,
        None => Vec::new(),
    };
    let mut flow = ControlFlow::Continue(());
    while objective.len() < spec.iterations && flow.is_continue() {
        let d = pool.install(|| learner.step());
        if learner.is_finished() {
            break;
        }
        objective.push(d);
        flow = observe(&objective);
        if let Some(checkpoint) = &mut checkpoint {
            checkpoint.write_in_turn(&learner, &members, &objective)?;
        }
    }
    if let Some(checkpoint) = &checkpoint {
        checkpoint.write(&learner, &members, &objective)?;
    }
    let header = Header {
        max: Some(learner.max()),
        iterations: Some(objective.len() as u64),
        levels: levels.map(|levels| (levels, 0)),
        ..header
    };
    let factors = learner.factors();
    let model = match levels {
        None => Model::Real(factors),
        // The activations are zero, and so are their integers and steps.
        Some(w) => Model::Quantised(round_adaptively(&factors, Levels { w, h: 1 }, None)),
    };
    Ok(SharedBases {
        stored: Stored { header, model: model.into(), form: Form::default() },
        is_cancelled: flow.is_break() && objective.len() < spec.iterations,
        objective,
    })
}

/// What decides the bits of every pass, in words.
fn description(set: &TrainingSet, spec: &RunSpec) -> String {
    let Stft { fft, hop, window } = set.stft();
    let RunSpec { components, lags, seed, power, phi_db, .. } = spec;
    let sounds = set.members.iter().map(|member| format!("\n{} {}", member.sha256, member.name));
    format!(
        "R {components} T {lags} seed {seed} power {power} phi {phi_db} {} fft {fft} hop {hop} {} rate {:?}{}",
        spec.rules_text(),
        window.name(),
        set.rate(),
        sounds.collect::<String>()
    )
}

/// What the stream says of W before it is learned.
fn header(set: &TrainingSet, spec: &RunSpec) -> Header {
    let whole = |n: usize| u32::try_from(n).ok();
    // Of spectrograms that came ready nobody knows the frames.
    let stft = set.rate().map(|_| set.stft());
    Header {
        method: spec.method.name().to_owned(),
        input: Some(format!("{} sounds", set.members.len())),
        sample_rate: set.rate(),
        fft: stft.and_then(|stft| whole(stft.fft)),
        hop: stft.and_then(|stft| whole(stft.hop)),
        window: stft.map(|stft| stft.window.name().to_owned()).filter(|name| name != Header::WINDOW),
        phi_db: Some(spec.phi_db).filter(|phi| *phi != Header::PHI_DB),
        power: Some(spec.power).filter(|power| *power != Header::POWER),
        seed: Some(spec.seed),
        rules: Some(if spec.is_accelerated() { "shared" } else { "shared,plain" }.to_owned()),
        program: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..Header::default()
    }
}
