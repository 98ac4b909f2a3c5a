//! The laws, held against drawn values.
#![cfg(not(target_arch = "wasm32"))]

mod absurd;
mod antientropy;
mod clocks;
mod draw;
mod journal;
mod membership;
mod merkle;
mod placement;
mod siblings;
mod told;
mod versionings;
mod wire;
