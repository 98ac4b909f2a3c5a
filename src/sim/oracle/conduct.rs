//! What nodes do, watched while a run goes on: they answer, they start as somebody newer, and their
//! coordinators execute a put once, and for all N of its homes.

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

/// A promise that is watched while a run goes on, and judged when it is over.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// When it was first put to the test.
    first: Option<Instant>,
    broken: Option<Broken>,
}

impl Watched {
    fn see(&mut self, moment: Moment, is_kept: bool, what: impl FnOnce() -> String) {
        self.first.get_or_insert(moment.at);
        if !is_kept && self.broken.is_none() {
            self.broken = Some(moment.broken(what()));
        }
    }

    pub fn is_armed(&self) -> bool {
        self.first.is_some()
    }

    /// What was seen to break first, if anything.
    pub fn verdict(&self) -> Result<(), String> {
        match &self.broken {
            Some(broken) => Err(format!("at {} ms: {}", broken.at, broken.what)),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Conduct {
    /// Who is asked answers, if only that time is over.
    pub answers: Watched,
    /// Each life of a node is a newer one.
    pub lives: Watched,
    /// A process executes a request once.
    pub executes_once: Watched,
    /// A coordinator sends a put to all its homes.
    pub sends_all: Watched,
    /// Each with when it was executed last.
    known: Map<Execution, Instant>,
    /// A process remembers what it has answered for at least so long.
    remembered_for: Span,
    /// Those of `known`, the oldest first.
    order: Queue<Execution>,
}

impl Conduct {
    pub fn new(remembered_for: Span) -> Conduct {
        Conduct { remembered_for, ..Conduct::default() }
    }

    /// A client gave up. `has_excuse`: the node was down, stopped, at work or writing, so that it
    /// could not say so in time.
    pub fn on_given_up(&mut self, moment: Moment, node: &str, has_excuse: bool) {
        let what = || format!("{node} was up, and left a client waiting");
        self.answers.see(moment, has_excuse, what);
    }

    /// A node whose disk knows of one incarnation started in another.
    pub fn on_started(&mut self, moment: Moment, node: &str, before: u32, now: u32) {
        let what = || format!("{node} was in incarnation {before}, and started in {now}");
        self.lives.see(moment, now > before, what);
    }

    /// A coordinator made a version of a put.
    pub fn on_put(&mut self, moment: Moment, execution: Execution, copies: Copies) {
        let Execution { node, origin, .. } = execution;
        let Copies { sent, due } = copies;
        let due = due.unwrap_or(0);
        let what = || format!("node {} sent {sent} of {due} copies", node.0);
        self.sends_all.see(moment, sent >= due, what);
        let before = self.known.insert(execution, moment.at);
        let is_new = before.is_none_or(|before| moment.at >= before + self.remembered_for);
        let what = || format!("node {} made two versions of {origin:?}", node.0);
        self.executes_once.see(moment, is_new, what);
        if before.is_none() {
            self.remember(execution);
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

    fn told(executions: &[(Execution, Copies)]) -> Conduct {
        let mut conduct = Conduct::new(Span::from_ms(1_000));
        for &(execution, copies) in executions {
            conduct.on_put(Moment { at: Instant(1), event: 1 }, execution, copies);
        }
        conduct
    }

    #[test]
    fn one_process_that_executes_a_request_twice_is_caught_and_two_are_not() {
        let (first, other) = (execution(1, 1, 7), execution(2, 1, 7));
        let (later, next) = (execution(1, 2, 7), execution(1, 1, 8));
        let all = [first, other, later, next].map(|execution| (execution, ALL));
        assert_eq!(told(&all).executes_once.verdict(), Ok(()));
        assert!(told(&[(first, ALL), (first, ALL)]).executes_once.verdict().is_err());
    }

    #[test]
    fn a_copy_that_is_not_sent_is_caught_where_it_was_due() {
        let short = Copies { sent: 2, ..ALL };
        assert!(told(&[(execution(1, 1, 7), short)]).sends_all.verdict().is_err());
        let undue = told(&[(execution(1, 1, 7), Copies { due: None, ..short })]);
        assert_eq!(undue.sends_all.verdict(), Ok(()));
    }

    #[test]
    fn the_newest_requests_are_remembered() {
        let all: Vec<_> =
            (0..EXECUTIONS_MAX as u64 + 9).map(|request| (execution(1, 1, request), ALL)).collect();
        assert_eq!(told(&all).held(), EXECUTIONS_MAX);
    }
}
