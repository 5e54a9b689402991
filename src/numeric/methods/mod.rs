//! The table of methods, and their algorithms: CNMF and its acceleration, rounding, the poster's SNMF, SNMF by rate and
//! distortion, and the search for a quantisation that keeps to a target.
//!
//! To add a method, write its algorithm in a file beside this one and its row in `Table`.

pub mod accelerated;
pub mod cnmf;
pub mod init;
pub mod learner;
pub mod poster;
pub mod rate_distortion;
pub mod rounding;
pub mod search;
pub mod shared;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use nalgebra::DMatrix;

use self::accelerated::Accelerated;
use self::cnmf::Cnmf;
use self::learner::Learner;
use self::poster::Poster;
use self::rounding::{Round, round_adaptively, round_globally};
use self::search::Quantiser;
use super::factors::Factors;
use super::kernels::scalar::Real;
use super::spec::{Levels, Method, RunSpec, Targets};

/// One row a method: all in which it differs from the others.
pub struct MethodRow<F: Real> {
    /// The name used on the command line and in files.
    name: &'static str,
    /// The name shown at the head of a column.
    label: &'static str,
    /// One sentence for tooltips and help.
    description: &'static str,
    kind: MethodKind<F>,
    /// What it can be asked for.
    pub targets: Targets,
    /// Whether its runs follow [`PosterRules`](super::PosterRules).
    pub has_poster_rules: bool,
    /// What its runs keep in memory.
    pub memory: Memory,
    /// The levels and the share of renewed iterations that a sweep tries, where the method cannot be given a loss.
    pub sweep: &'static [(Levels, f64)],
    /// Which of the colours for methods it has in diagrams.
    pub colour: usize,
    /// The shape of its points in the window.
    pub marker: Marker,
}

/// How a method comes to its model.
enum MethodKind<F: Real> {
    /// Real-valued factors, as they are learned.
    RealValued(Updates<F>),
    /// What CNMF learned, quantised at the end.
    AfterLearning(Quantiser<F>),
    /// Integers and step sizes from the first update on, and the start from factors that were learned elsewhere.
    WithinLearning(Updates<F>, StartFrom<F>),
}

/// The learner of a run on V.
type StartLearner<F> = fn(Arc<DMatrix<F>>, &RunSpec) -> Box<dyn Learner<F>>;

/// The same from these factors.
type StartFrom<F> = fn(Arc<DMatrix<F>>, &Factors<F>, &RunSpec) -> Box<dyn Learner<F>>;

/// How factors are learned.
struct Updates<F: Real> {
    /// The learner at its seeded start.
    start: StartLearner<F>,
    /// The rules of the updates in words, with commas between.
    rules: fn(&RunSpec) -> String,
}

/// What a run keeps in memory at most.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Copies of the factors; none for what learning them takes.
    pub copies: Option<u64>,
    /// Whether it keeps how elements weigh on one another, and what is left of V against every stacked column.
    pub has_grams: bool,
}

/// The shape of a method's points in the window; colours alone do not distinguish them in print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    Circle,
    Square,
    Diamond,
    /// A triangle that points up.
    Up,
    /// A triangle that points down.
    Down,
}

/// The share of renewed iterations with which the poster's method is traced over its levels: without renewal its
/// integers outgrow them, and the levels decide little.
const RENEW: f64 = 0.6;

/// The table in either precision.
struct MethodTable<F>(PhantomData<F>);

impl<F: Real> MethodTable<F> {
    /// The reference first, the best method last.
    const ROWS: &'static [MethodRow<F>] = &[
        MethodRow {
            name: "cnmf",
            label: "CNMF",
            description: "Convolutive NMF: real-valued factors, the reference (eq. 2, 3)",
            kind: MethodKind::RealValued(Self::CNMF),
            targets: Targets::None,
            has_poster_rules: false,
            memory: Memory { copies: None, has_grams: false },
            sweep: &[],
            colour: 3,
            marker: Marker::Circle,
        },
        MethodRow {
            name: "ptq-global",
            label: "PTQ global",
            description: "CNMF, rounded at the end with one step size for everything (eq. 4)",
            kind: MethodKind::AfterLearning(Quantiser {
                round: Some(round_globally),
                search: search::equal_levels,
            }),
            targets: Targets::LevelsOrSearch(Levels::ROUNDING),
            has_poster_rules: false,
            memory: Memory { copies: None, has_grams: false },
            sweep: &[],
            colour: 0,
            marker: Marker::Square,
        },
        MethodRow {
            name: "ptq-adaptive",
            label: "PTQ adaptive",
            description: "CNMF, rounded at the end with a step size for each component (eq. 6)",
            kind: MethodKind::AfterLearning(Quantiser {
                round: Some(round_adaptively),
                search: search::pairs_of_levels,
            }),
            targets: Targets::LevelsOrSearch(Levels::ROUNDING),
            has_poster_rules: false,
            memory: Memory { copies: None, has_grams: false },
            sweep: &[],
            colour: 1,
            marker: Marker::Diamond,
        },
        MethodRow {
            name: "snmf-poster",
            label: "SNMF poster",
            description: "The poster's Storable NMF: integers and step sizes learned together (eq. 6 to 10)",
            kind: MethodKind::WithinLearning(
                Updates { start: |v, spec| Box::new(Poster::new(v, spec)), rules: poster::rules_text },
                |v, factors, spec| Box::new(Poster::from_factors(v, factors, spec)),
            ),
            targets: Targets::Levels(Levels::POSTER),
            has_poster_rules: true,
            memory: Memory { copies: Some(16), has_grams: false },
            sweep: &[
                (Levels::POSTER, 0.0),
                (Levels::POSTER, RENEW),
                (Levels { w: 300, h: 40 }, RENEW),
                (Levels { w: 75, h: 10 }, RENEW),
                (Levels { w: 38, h: 5 }, RENEW),
            ],
            colour: 2,
            marker: Marker::Up,
        },
        MethodRow {
            name: "snmf-rd",
            label: "SNMF rd",
            description: "CNMF, then integers, step sizes and bits optimised together (eq. 7)",
            kind: MethodKind::AfterLearning(Quantiser { round: None, search: search::prices }),
            targets: Targets::PriceOrSearch,
            has_poster_rules: false,
            memory: Memory { copies: Some(27), has_grams: true },
            sweep: &[],
            colour: 3,
            marker: Marker::Circle,
        },
    ];

    const CNMF: Updates<F> = Updates {
        start: |v, spec| {
            if spec.is_accelerated() {
                Box::new(Accelerated::new(v, spec))
            } else {
                Box::new(Cnmf::new(v, spec))
            }
        },
        rules: cnmf::rules_text,
    };
}

/// An element type with the table of methods. What the rows call is compiled here, in one unit with the kernels, and not
/// once more by every crate that starts a run.
pub trait Methods: Real {
    fn rows() -> &'static [MethodRow<Self>];
}

/// Statics, which stand in this crate alone; a constant would be compiled by every crate that names it, with all that it calls.
static SINGLE: &[MethodRow<f32>] = MethodTable::ROWS;
static DOUBLE: &[MethodRow<f64>] = MethodTable::ROWS;

impl Methods for f32 {
    fn rows() -> &'static [MethodRow<Self>] {
        SINGLE
    }
}

impl Methods for f64 {
    fn rows() -> &'static [MethodRow<Self>] {
        DOUBLE
    }
}

/// The methods that the program itself names.
impl Method {
    /// Convolutive NMF with real-valued factors (2), (3): the reference.
    pub const CNMF: Self = Self(0);
    /// CNMF to the end, then one step size for everything (4).
    pub const PTQ_GLOBAL: Self = Self(1);
    /// CNMF to the end, then a step size a component and side (6).
    pub const PTQ_ADAPTIVE: Self = Self(2);
    /// The poster's Storable NMF: rounding interleaved with the updates (6), (8), (9), (10).
    pub const SNMF_POSTER: Self = Self(3);
    /// Storable NMF by rate and distortion: integers, steps and bits optimised together.
    pub const SNMF_RD: Self = Self(4);

    /// The storable method that is run where none is named.
    pub const DEFAULT_STORABLE: Self = Self::SNMF_RD;

    pub const ALL: [Self; MethodTable::<f32>::ROWS.len()] = {
        let mut all = [Self::CNMF; MethodTable::<f32>::ROWS.len()];
        let mut i = 0;
        while i < all.len() {
            all[i].0 = i;
            i += 1;
        }
        all
    };

    fn row_of<F: Methods>(self) -> &'static MethodRow<F> {
        &F::rows()[self.0]
    }

    /// How it differs from the others.
    pub const fn row(self) -> &'static MethodRow<f32> {
        &SINGLE[self.0]
    }

    pub const fn name(self) -> &'static str {
        self.row().name
    }

    pub const fn label(self) -> &'static str {
        self.row().label
    }

    pub const fn description(self) -> &'static str {
        self.row().description
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }

    /// Whether the result is made of integers and step sizes.
    pub const fn is_quantised(self) -> bool {
        match self.row().kind {
            MethodKind::RealValued(_) => false,
            MethodKind::AfterLearning(_) | MethodKind::WithinLearning(..) => true,
        }
    }

    /// Whether integers are made once CNMF has learned, rather than never or within learning.
    pub const fn is_quantised_after_learning(self) -> bool {
        self.is_quantised() && !self.is_quantised_within_learning()
    }

    /// Whether integers are made by the updates themselves.
    pub const fn is_quantised_within_learning(self) -> bool {
        match self.row().kind {
            MethodKind::RealValued(_) | MethodKind::AfterLearning(_) => false,
            MethodKind::WithinLearning(..) => true,
        }
    }

    /// What makes integers of what CNMF learned; none for a method that does not.
    pub fn quantiser<F: Methods>(self) -> Option<&'static Quantiser<F>> {
        match &self.row_of().kind {
            MethodKind::AfterLearning(quantiser) => Some(quantiser),
            MethodKind::RealValued(_) | MethodKind::WithinLearning(..) => None,
        }
    }

    /// The rounding with given levels, for a method that does that to what CNMF learned.
    pub fn rounding<F: Methods>(self) -> Option<Round<F>> {
        self.quantiser()?.round
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl RunSpec {
    /// What learns the factors that this run quantises: CNMF with the same settings, or the run itself where
    /// quantising is part of learning. Runs that agree in it share what was learned.
    pub fn learning(&self) -> Self {
        match self.method.row().kind {
            MethodKind::WithinLearning(..) => self.clone(),
            MethodKind::RealValued(_) => Self { target: None, metric: None, ..self.clone() },
            MethodKind::AfterLearning(_) => {
                Self { method: Method::CNMF, target: None, metric: None, ..self.clone() }
            }
        }
    }

    /// Whether integers are made once learning has ended, rather than never or within it.
    pub const fn is_quantised_after_learning(&self) -> bool {
        self.method.is_quantised_after_learning()
    }

    fn updates<F: Methods>(&self) -> &'static Updates<F> {
        match &self.method.row_of().kind {
            MethodKind::RealValued(updates) | MethodKind::WithinLearning(updates, _) => updates,
            MethodKind::AfterLearning(_) => self.learning().updates(),
        }
    }

    /// How the factors are learned, in words with commas between: `accelerated` or `plain`, then what is not usual.
    /// Nothing for the usual rules of a method that has updates of its own.
    pub fn rules_text(&self) -> String {
        (self.updates::<f32>().rules)(self)
    }
}

/// The learner of `spec` at factors that fit V, for a method that quantises in its steps; none for those that quantise
/// what was learned.
pub fn start_from<F: Methods>(
    v: &Arc<DMatrix<F>>,
    factors: &Factors<F>,
    spec: &RunSpec,
) -> Option<Box<dyn Learner<F>>> {
    match spec.method.row_of().kind {
        MethodKind::WithinLearning(_, start_from) => Some(start_from(Arc::clone(v), factors, spec)),
        MethodKind::RealValued(_) | MethodKind::AfterLearning(_) => None,
    }
}

/// The learner of `spec`, at its seeded start on V (M x N, non-negative, maximum 1): what its method quantises
/// afterwards ([`RunSpec::learning`]) where it does not do that in its steps.
pub fn start<F: Methods>(v: &Arc<DMatrix<F>>, spec: &RunSpec) -> Box<dyn Learner<F>> {
    (spec.updates().start)(Arc::clone(v), spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_are_named_are_their_rows() {
        let named = [
            (Method::CNMF, "cnmf"),
            (Method::PTQ_GLOBAL, "ptq-global"),
            (Method::PTQ_ADAPTIVE, "ptq-adaptive"),
            (Method::SNMF_POSTER, "snmf-poster"),
            (Method::SNMF_RD, "snmf-rd"),
        ];
        for (method, name) in named {
            assert_eq!(Method::parse(name), Some(method));
        }
    }

    #[test]
    fn rows_can_be_told_apart() {
        for (i, a) in Method::ALL.into_iter().enumerate() {
            let quantised = |m: &Method| m.is_quantised();
            for b in Method::ALL.into_iter().skip(i + 1) {
                assert!(a.name() != b.name() && a.label() != b.label(), "{a:?} and {b:?}");
                let both = quantised(&a) && quantised(&b);
                assert!(
                    !both || (a.row().colour, a.row().marker) != (b.row().colour, b.row().marker),
                    "{a:?} and {b:?}"
                );
            }
        }
    }
}
