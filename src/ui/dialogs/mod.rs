//! Questions in front of the window, and those that the desktop asks.

pub mod abx;
pub mod choose;
pub mod close;
pub mod figure_dialog;
pub mod grid;
pub mod native;
pub mod path;
pub mod prompt;
pub mod recent;

pub use native::{Asking, Dialogs, NativeDialogs, NoDialogs, PathRequest};
