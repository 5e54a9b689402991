//! What can be done in the window: one table, which menus, keys and the palette of commands read.

pub mod keys;
pub mod menu;
pub mod palette;
mod request;
pub mod table;

pub use request::Request;
pub use table::{Action, Menu, describe_keys, pressed};
