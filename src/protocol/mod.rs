//! L2: the machines of the protocol, each small and pure. They decide; [`crate::node`] acts.
//!
//! Within this layer a machine knows only [`message`] and [`config`], never another machine.

pub mod admission;
pub mod antientropy;
pub mod client;
pub mod config;
pub mod coordinator;
pub mod detector;
mod digest;
pub mod handoff;
pub mod membership;
pub mod message;
pub mod reaping;
pub mod transfer;
