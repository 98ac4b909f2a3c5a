//! Counting the answers to a put: its own write and W−1 others make a success (§4.5).

use crate::base::id::NodeId;
use crate::data::version::{Record, Version};
use crate::protocol::coordinator::tally::Tally;

#[derive(Clone, Debug)]
pub struct PutOp {
    pub tally: Tally,
    /// The version it made.
    pub version: Version,
    /// The same, as every replica is sent it.
    pub record: Record,
    /// Who is asked for a durable write, while others may buffer theirs (§6.1).
    pub durable: Option<NodeId>,
}

impl PutOp {
    pub fn new(tally: Tally, version: Version, record: Record, durable: Option<NodeId>) -> PutOp {
        PutOp { tally, version, record, durable }
    }
}
