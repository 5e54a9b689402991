//! Figures and everything of a run.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod everything;
mod figures;
