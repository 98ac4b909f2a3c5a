//! L1: what a node holds. Values with laws, no messages, no time.

pub mod merkle;
pub mod partitioning;
pub mod plan;
pub mod ring;
pub mod roster;
pub mod store;
pub mod version;
pub mod view;
