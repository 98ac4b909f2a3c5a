//! One small machine per request (§5): "each client request results in the creation of a state
//! machine on the node that received the client request".
//!
//! [`put`] and [`get`] only count: they know quorum sizes and answers, no time and no sends.
//! [`quorum`] picks the nodes; [`table`] keeps what is running, with its deadlines.

pub mod get;
pub mod put;
pub mod quorum;
pub mod table;
pub mod tally;
