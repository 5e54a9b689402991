//! The repository: its documents and the rules of its code.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod circles;
mod links;
mod tidy;
