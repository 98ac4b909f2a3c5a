//! L0: the words every other layer is written in. Nothing here knows what Dynamo is.
//!
//! Deliberately absent: a clock, platform randomness, platform mathematics, hash order.

pub mod blob;
pub mod digest;
pub mod gather;
pub mod histogram;
pub mod id;
pub mod map;
pub mod numbered;
pub mod order;
pub mod pool;
pub mod queue;
pub mod rng;
pub mod sabotage;
pub mod time;
