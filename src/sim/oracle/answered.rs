//! Who is asked answers, if only that time is over.

use crate::base::time::Instant;
use crate::sim::oracle::{Broken, Moment};

#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// When the first client gave up.
    pub first: Option<Instant>,
    pub broken: Option<Broken>,
}

impl Answered {
    /// A client gave up. `excuse`: whether the node was down, stopped, at work or writing, so that
    /// it could not say so in time.
    pub fn on_given_up(&mut self, moment: Moment, node: &str, has_excuse: bool) {
        self.first.get_or_insert(moment.at);
        if !has_excuse && self.broken.is_none() {
            self.broken = Some(moment.broken(format!("{node} was up, and left a client waiting")));
        }
    }
}
