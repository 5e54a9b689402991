//! What can be done in the window: one table, which menus, keys and the palette of commands read.

mod action;
pub mod keys;
pub mod menu;
pub mod palette;
mod request;
mod shortcuts;
mod state;
mod table;

pub use action::{Action, Menu};
pub use request::Request;
pub use shortcuts::{describe_keys, pressed};
