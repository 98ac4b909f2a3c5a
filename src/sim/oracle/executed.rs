//! What coordinators do with a put: once, and for all N of its homes.

use crate::base::id::NodeId;
use crate::base::map::Map;
use crate::base::queue::Queue;
use crate::base::time::{Instant, Span};
use crate::protocol::message::Origin;
use crate::sim::oracle::{Broken, Moment};

/// Executions that are remembered, the newest.
pub const EXECUTIONS_MAX: usize = 20_000;

/// Which process executed which request. A put that went to a node by two ways, because a
/// coordinator seemed dead, is two requests: nobody can know that they are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Execution {
    pub node: NodeId,
    /// Which start of the node: a new process does not know what the one before did.
    pub boots: u32,
    pub origin: Origin,
}

/// The copies of a put that left its coordinator, its own among them.
#[derive(Clone, Copy, Debug)]
pub struct Copies {
    pub sent: usize,
    /// To how many it must go: none where the coordinator knows of none that is silent.
    pub due: Option<usize>,
}

#[derive(Clone, Debug, Default)]
pub struct Executed {
    /// Each with when it was executed last.
    known: Map<Execution, Instant>,
    /// A process remembers what it has answered for at least so long.
    remembered_for: Span,
    /// Those of `known`, the oldest first.
    order: Queue<Execution>,
    pub first_put: Option<Instant>,
    /// The first put that a process executed twice.
    pub twice: Option<Broken>,
    /// The first put that was kept from one of its homes.
    pub short: Option<Broken>,
}

impl Executed {
    pub fn new(remembered_for: Span) -> Executed {
        Executed { remembered_for, ..Executed::default() }
    }

    /// A coordinator made a version of a put.
    pub fn on_put(&mut self, moment: Moment, execution: Execution, copies: Copies) {
        self.first_put.get_or_insert(moment.at);
        let Execution { node, origin, .. } = execution;
        if let Some(due) = copies.due.filter(|&due| copies.sent < due)
            && self.short.is_none()
        {
            let what = format!("node {} sent {} of {due} copies", node.0, copies.sent);
            self.short = Some(moment.broken(what));
        }
        let Some(before) = self.known.insert(execution, moment.at) else {
            return self.remember(execution);
        };
        if self.twice.is_none() && moment.at < before + self.remembered_for {
            let what = format!("node {} made two versions of {origin:?}", node.0);
            self.twice = Some(moment.broken(what));
        }
    }

    fn remember(&mut self, execution: Execution) {
        self.order.push_back(execution);
        if self.order.len() > EXECUTIONS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// How many are remembered.
    pub fn held(&self) -> usize {
        self.order.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::ClientId;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const ALL: Copies = Copies { sent: 3, due: Some(3) };

    fn execution(node: u32, boots: u32, request: u64) -> Execution {
        let origin = Origin::Client { client: ClientId(0), request };
        Execution { node: NodeId(node), boots, origin }
    }

    fn told(executions: &[(Execution, Copies)]) -> Executed {
        let mut executed = Executed::new(Span::from_ms(1_000));
        for &(execution, copies) in executions {
            executed.on_put(Moment { at: Instant(1), event: 1 }, execution, copies);
        }
        executed
    }

    #[test]
    fn one_process_that_executes_a_request_twice_is_caught_and_two_are_not() {
        let (first, other) = (execution(1, 1, 7), execution(2, 1, 7));
        let (later, next) = (execution(1, 2, 7), execution(1, 1, 8));
        let all = [first, other, later, next].map(|execution| (execution, ALL));
        assert_eq!(told(&all).twice, None);
        assert!(told(&[(first, ALL), (first, ALL)]).twice.is_some());
    }

    #[test]
    fn a_copy_that_is_not_sent_is_caught_where_it_was_due() {
        let short = Copies { sent: 2, ..ALL };
        assert!(told(&[(execution(1, 1, 7), short)]).short.is_some());
        assert_eq!(told(&[(execution(1, 1, 7), Copies { due: None, ..short })]).short, None);
    }

    #[test]
    fn the_newest_requests_are_remembered() {
        let all: Vec<_> =
            (0..EXECUTIONS_MAX as u64 + 9).map(|request| (execution(1, 1, request), ALL)).collect();
        assert_eq!(told(&all).held(), EXECUTIONS_MAX);
    }
}
