//! Counting the answers to a put: its own write and W−1 others make a success (§4.5).

use crate::data::version::{Record, Version};
use crate::protocol::coordinator::tally::Tally;

#[derive(Clone, Debug)]
pub struct PutOp {
    pub tally: Tally,
    /// The version it made.
    pub version: Version,
    /// The same, as every replica is sent it.
    pub record: Record,
}

impl PutOp {
    pub fn new(tally: Tally, version: Version, record: Record) -> PutOp {
        PutOp { tally, version, record }
    }
}
