//! The window, clicked and typed in by the names that a screen reader says.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod choose;
mod columns;
#[path = "../common/window.rs"]
mod common;
mod factors;
mod figures;
mod keyboard;
mod layout;
mod listening;
mod runs;
mod sessions;
mod times;
mod verdict;
mod view;
