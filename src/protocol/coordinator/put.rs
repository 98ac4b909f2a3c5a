//! Counting the answers to a put: its own write and W−1 others make a success (§4.5).

use std::sync::Arc;

use crate::data::version::{Siblings, Version};
use crate::protocol::coordinator::tally::Tally;

#[derive(Clone, Debug)]
pub struct PutOp {
    pub tally: Tally,
    /// The version it made.
    pub version: Version,
    /// The same, as every replica is sent it.
    pub record: Arc<Siblings>,
}

impl PutOp {
    pub fn new(tally: Tally, version: Version) -> PutOp {
        let record = Arc::new(Siblings::one(version.clone()));
        PutOp { tally, version, record }
    }
}
