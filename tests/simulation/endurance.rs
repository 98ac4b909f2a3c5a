//! No table grows without bound.

use dynamo_playground::base::time::Span;
use dynamo_playground::sim::experiment::endurance::{Endurance, measure};

/// The ring of the experiment, smaller and faster: what takes hours there takes minutes.
const SMALL: Endurance = Endurance {
    nodes: 8,
    period: Span::from_ms(120_000),
    periods: 4,
    clients: 20,
    keys: 40,
    think_ms: 600,
};

#[test]
fn a_busy_ring_holds_no_more_after_the_fourth_period_than_after_the_second() {
    let samples = measure(SMALL, |_| {});
    let [_, second, _, fourth] = &samples[..] else { panic!("four periods were played") };
    assert!(fourth.operations > second.operations * 3 / 2, "it stays busy");
    for (before, after) in second.tables.iter().zip(&fourth.tables) {
        assert!(after.held <= after.max, "{after:?}");
        // A few more is chance, a newcomer in each period, or a key first met. What remembers the
        // newest alone is full in the end, and stays so.
        let bound = before.held + before.held / 4 + 8;
        let is_full = after.name.starts_with("world") && after.held == after.max;
        let grows = after.held > bound && !is_full;
        assert!(!grows, "{} grows from {} to {}", after.name, before.held, after.held);
    }
}
