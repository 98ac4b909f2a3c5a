//! The laws, held against drawn values.

mod absurd;
mod clocks;
mod placement;
mod siblings;
