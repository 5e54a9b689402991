//! The command line, hostile input, and every input that was once handled wrong.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod cases;
mod command_line;
#[path = "../common/window.rs"]
mod common;
mod corpus;
mod hostile;
