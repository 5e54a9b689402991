//! The mathematics: factors, factorisations, quantised models and measures.
//!
//! May use `nalgebra`, `faer`, `pulp` and `rayon`. Knows nothing of files, threads of its own, serialisation,
//! the window or time.
//!
//! # Equations
//!
//! Numbers in parentheses are those of the poster *Storable NMF* (SNMF), which this
//! program follows. All other files refer to this page.
//!
//! | symbol | what | size |
//! | --- | --- | --- |
//! | V | the spectrogram, non-negative; [`Magnitudes`] is V^P, divided by its maximum | M bins x N frames |
//! | `W_t` | the bases at lag t = 0 .. T-1 | M x R components |
//! | H | the activations; `H_t` is H shifted by t frames to the right, zeros coming in | R x N |
//! | Vhat | the model | M x N |
//! | dw, dh | step sizes of the integers of a component in W and in H | R each |
//! | phi | the floor added to V and Vhat in D, [`RunSpec::phi`] | number |
//! | 1 | a matrix of ones | M x N |
//!
//! ```text
//! (1)  D = sum V log(V / Vhat) - V + Vhat                        the divergence, without unit
//! (2)  Vhat = sum_t W_t H_t                                      the convolutive model
//! (3)  H   <- H   * mean_t [ W_t' shift_-t(V / Vhat) / (W_t' 1) ]   updates that lower D;
//!      W_t <- W_t * [ (V / Vhat) H_t' / (1 H_t') ]                  * and / element by element
//! (4)  What = floor(W / d + 1/2), Hhat = floor(H / d + 1/2)      rounding with one step size d
//! (5)  I = the set of all values in What and Hhat                the symbols
//! (6)  as (4) with dw[r] for column r of each W_t and dh[r] for row r of H
//! (7)  Vhat = sum_t What_t diag(dw) diag(dh) Hhat_t              the storable model
//! (8)  dh[r] <- dh[r] * sum (V / Vhat) P_r / sum P_r             P_r: the share of component r in Vhat
//! (9)  dw[r] <- as (8)
//! (10) floor(W / dw + 1/2), or floor(W / dw - 1/2) with probability p
//! (11) W_t as a sequence, column by column                       (12) H as a sequence, row by row
//! (13) S = M | R | N | W | H | dw | dh                           what is stored
//! ```
//!
//! What this program does otherwise:
//! - (1) has phi beside V and Vhat, so that silence counts and no quotient is infinite.
//! - (3) is one quotient over all lags for H ([`HRule::Joint`]), which never raises D; the mean of the poster is
//!   [`HRule::Average`]. Updates are accelerated unless [`RunSpec::plain`].
//! - (8) and (9) are the same quotient, since only the product `dw[r] dh[r]` enters (7): one side takes it.
//! - (10) is proposed for small parts of W and H, of which D is a sum, and taken where it lowers D: see
//!   [`methods::poster`].
//! - [`methods::rate_distortion`] replaces (8) to (10) by the minimum of D + lambda B, B the bits of (13).

pub mod context_model;
pub mod factors;
pub mod fixed;
pub mod kernels;
pub mod magnitudes;
pub mod measure;
pub mod methods;
pub mod named;
pub mod spec;

pub use factors::{AnyModel, Factors, Model, Quantised, Shape};
pub use fixed::FixedBases;
pub use kernels::scalar::{Precision, Real};
pub use kernels::stacked::Stacked;
pub use magnitudes::Magnitudes;
pub use methods::learner::{AnyLearner, Learner, UpdateStats};
pub use methods::{Methods, start, start_from};
pub use named::Named;
pub use spec::{
    HRule, Init, Levels, Loss, Method, Metric, PosterRules, QuantParams, QuantTarget, Rules, RunSpec, WRule,
};
