//! The poster's sequence S = M | R | N | W | H | dw | dh (13), as text, binary or by contexts. Where the bases are in another
//! file, W and dw are left out.

mod read;
mod write;

pub use read::read;
pub use write::{write, write_single};
