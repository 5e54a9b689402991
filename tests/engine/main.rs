//! Runs, sessions, searches and files.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod choose;
#[path = "../common/window.rs"]
mod common;
mod corpus;
mod features;
mod files;
mod learn;
mod recovery;
mod session;
mod session_file;
mod settings;
