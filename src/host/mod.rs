//! L5: one node under wall-clock time, between a transport and a journal.
//!
//! ```text
//!   packets ──▶ ┌────────────── Host ─────────────┐ ──▶ packets   (may be lost, doubled, late)
//!   clients ──▶ │ wire ─▶ Node::handle ─▶ Commit  │ ──▶ replies
//!      time ──▶ └──────────────────┬──────────────┘ ──▶ next wake-up
//!                                  ▼
//!                      journal: load, append, durable
//! ```
//!
//! It does no input and output of its own: a driver feeds it and fetches what it wants done, so the
//! same host lives in a tab's worker, a Durable Object, Deno, Node and the tests.
//!
//! Deliberately absent: sockets, files, threads, a clock.

mod commit;
mod live;
mod start;

pub use crate::wire::journal;
pub use commit::{Append, Leaving, packed};
pub use live::{Counts, Host, Refused};
pub use start::{BadStart, Founding, Start};
