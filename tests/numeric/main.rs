//! The mathematics: updates, quantisation, bases that are kept.

#![allow(clippy::unwrap_used)] // a test fails by panicking

#[path = "../common/mod.rs"]
mod common;
mod factorise;
mod fixed;
mod recorded;
mod shared;
mod storable;
