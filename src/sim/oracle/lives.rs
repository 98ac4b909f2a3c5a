//! Each life of a node is a newer one.

use crate::base::time::Instant;
use crate::sim::oracle::{Broken, Moment};

#[derive(Clone, Debug, Default)]
pub struct Lives {
    /// When a node first started again with what its disk had kept.
    pub first: Option<Instant>,
    pub broken: Option<Broken>,
}

impl Lives {
    /// A node whose disk knows of one incarnation started in another.
    pub fn on_started(&mut self, moment: Moment, node: &str, before: u32, now: u32) {
        self.first.get_or_insert(moment.at);
        if now <= before && self.broken.is_none() {
            let what = format!("{node} was in incarnation {before}, and started in {now}");
            self.broken = Some(moment.broken(what));
        }
    }
}
