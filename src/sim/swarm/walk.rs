//! Where copies belong, found once more by another road (§4.3).
//!
//! A node takes the homes of a partition from lists that are made for the whole ring at once. Here
//! each partition is walked by itself, token by token, as the paper tells it.

use crate::base::id::PartitionId;
use crate::sim::world::World;

/// Once nothing moves, the homes of each partition are the first N nodes of its walk.
pub fn homes_are_the_first_of_the_walk(world: &World) -> Result<(), String> {
    let (ring, n) = (world.ring(), world.setup().config.n);
    let is_other = |&partition: &PartitionId| {
        let met = ring.walk(partition).filter(|step| step.skipped.is_none());
        !met.take(n).map(|step| step.node).eq(ring.homes(partition).iter().copied())
    };
    match ring.partitions().find(is_other) {
        Some(PartitionId(at)) => Err(format!("the walk of partition {at} meets others first")),
        None => Ok(()),
    }
}
