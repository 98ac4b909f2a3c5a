//! L5: a world of nodes in virtual time. Same setup and same commands, same digest, everywhere.

pub mod bench;
pub mod causality;
pub mod command;
pub mod counters;
pub mod disk;
pub mod expect;
#[cfg(not(target_arch = "wasm32"))]
pub mod experiment;
pub mod json;
pub mod load;
pub mod log;
pub mod machine;
pub mod network;
pub mod op;
pub mod oracle;
pub mod plan;
pub mod report;
pub mod scenario;
pub mod schedule;
pub mod setup;
#[cfg(any(not(target_arch = "wasm32"), feature = "swarm"))]
pub mod swarm;
pub mod timeline;

pub mod why;
pub mod words;
pub mod world;
