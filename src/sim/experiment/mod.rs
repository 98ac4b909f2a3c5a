//! Tables of the paper, made anew by the product's own code. One file each; only the command line
//! has them.

pub mod coordination;
pub mod divergence;
pub mod endurance;
pub mod memory;
pub mod partitioning;
pub mod throughput;
pub mod write_buffer;

use crate::sim::json::Json;

/// What an experiment came to.
pub struct Table {
    pub json: Json,
    /// The same for people, with what it shows.
    pub text: String,
}
