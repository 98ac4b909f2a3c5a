//! Amazon's Dynamo (SOSP 2007) as a playground: one node, many homes.
//!
//! A Dynamo node is a value. It is told the time, given a message, and it answers with what it
//! wants done. That one value runs in simulated worlds, in browser tabs and at the edge.
//! `ARCHITECTURE.md` draws the layers; arrows point downwards only.

pub mod base;
pub mod data;
pub mod host;
pub mod node;
pub mod protocol;
pub mod sim;
pub mod wasm;
pub mod wire;
