//! The factor stream, and factors from and to other programs.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod exchange;
mod stream;
