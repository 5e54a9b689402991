//! The `snmf` program.

fn main() {}
