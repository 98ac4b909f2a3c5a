//! Which event broke an expectation: the run is played again and the question asked all along.

use crate::base::time::Instant;
use crate::sim::command::Action;
use crate::sim::expect::{Predicate, evaluate};
use crate::sim::setup::Setup;
use crate::sim::world::{Expected, World};
use std::rc::Rc;

/// Longer runs are not played again: the answer would take as long as the run.
const EVENTS_MAX: u64 = 2_000_000;
/// How often the question is asked on the way, before the place is looked at closely.
const LOOKS: u64 = 2_000;

/// What is known of how a failed expectation came to fail, in words.
pub fn blame(setup: &Rc<Setup>, failed: &Expected, events: u64) -> String {
    let entry = setup.script.get(failed.index).map(|entry| &entry.action);
    let Some(Action::Expect(predicate)) = entry else { return String::new() };
    if events > EVENTS_MAX {
        return String::new();
    }
    let stride = events / LOOKS + 1;
    let asked = Question { setup, predicate, before: failed.at };
    match asked.last_good_step(0, u64::MAX, stride) {
        None => "; it never held before".into(),
        Some(from) => asked.breaking_event(from, stride),
    }
}

/// A predicate, asked while the run goes on up to its own moment.
struct Question<'s> {
    setup: &'s Rc<Setup>,
    predicate: &'s Predicate,
    before: Instant,
}

impl Question<'_> {
    /// The last step at which it held, of those looked at: every `stride`th from `from` to `to`.
    fn last_good_step(&self, from: u64, to: u64, stride: u64) -> Option<u64> {
        let mut world = self.world_after(from);
        let (mut step, mut good) = (from, None);
        loop {
            if evaluate(self.predicate, &world).0 {
                good = Some(step);
            }
            if step >= to || self.advance(&mut world, stride) {
                return good;
            }
            step += stride;
        }
    }

    /// Looks at each step from a good one on: the one after the last good one broke it.
    fn breaking_event(&self, good: u64, stride: u64) -> String {
        let last = self.last_good_step(good, good + stride, 1).unwrap_or(good);
        let mut world = self.world_after(last);
        let event = world.log().next_id();
        if self.advance(&mut world, 1) {
            return format!("; it held until {} ms", self.before.as_ms_f64());
        }
        format!("; it held until event {event} at {} ms broke it", world.now().as_ms_f64())
    }

    fn world_after(&self, steps: u64) -> World {
        let mut world = World::without_log(self.setup.clone());
        if steps > 0 {
            self.advance(&mut world, steps);
        }
        world
    }

    /// Answers whether the moment of the question has come.
    fn advance(&self, world: &mut World, steps: u64) -> bool {
        match self.before.0.checked_sub(1) {
            Some(just_before) => world.run_to(Instant(just_before), steps),
            None => true,
        }
    }
}
