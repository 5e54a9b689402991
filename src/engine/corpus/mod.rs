//! A grid of settings over many sounds, shared out over cores and machines, see CORPORA.md.
//!
//! A plan is frozen in a folder: `plan.json` and `items.jsonl`. An *item* is one run on one sound. What an item gives is
//! `streams/<2 hex>/<id>.snmf.gz`, then `done/<2 hex>/<id>.json`, which names it with its SHA-256; an item that cannot be
//! done has `failed/<id>.json`. Every file appears whole or not at all, no file is written by two, and nothing is locked:
//! what is on the disk is all that workers know of each other.

pub mod error;
mod find;
pub mod grid;
pub mod inputs;
pub mod plan;
pub mod script;
pub mod shards;
pub mod store;
pub mod worker;

pub use error::CorpusError;
pub use grid::GridAxis;
pub use inputs::Sounds;
pub use plan::{Item, Plan, PlanRequest};
pub use script::Engine;
pub use shards::Shard;
pub use store::{Corpus, ItemState};
pub use worker::{Tally, Worker};
