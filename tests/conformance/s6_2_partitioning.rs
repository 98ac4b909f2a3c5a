//! §6.2, ensuring uniform load distribution.

use dynamo_playground::sim::experiment::partitioning::{TOKENS, partitioning};

/// Figure 8 as it is read off the plot: to about 0.003 from 960 units of metadata up, to 0.01
/// below, where markers overlap.
const PLOT: [[f64; 10]; 3] = [
    [0.52, 0.61, 0.69, 0.76, 0.82, 0.873, 0.908, 0.929, 0.949, 0.96],
    [0.532, 0.61, 0.7, 0.76, 0.82, 0.85, 0.88, 0.869, 0.85, 0.84],
    [0.86, 0.87, 0.9, 0.92, 0.939, 0.959, 0.97, 0.98, 0.98, 0.989],
];

#[test]
fn the_three_strategies_are_as_efficient_as_figure_8_says_at_all_thirty_points() {
    let points = partitioning(1_000);
    assert_eq!(points.len(), TOKENS.len());
    let mut far = vec![];
    for (at, point) in points.iter().enumerate() {
        for (strategy, (plot, found)) in (1..).zip(PLOT.iter().zip(point.efficiency)) {
            if (found - plot[at]).abs() > 0.015 {
                let metadata = point.metadata;
                far.push(format!("{strategy} at {metadata}: {found:.3}, plot {}", plot[at]));
            }
        }
    }
    assert!(far.is_empty(), "{far:#?}");
}

#[test]
fn strategy_3_achieves_the_best_and_strategy_2_the_worst_load_balancing_efficiency() {
    // "compared to Strategy 1, strategy 3 achieves better efficiency", with the same metadata.
    let points = partitioning(50);
    assert!(points.iter().all(|point| point.efficiency[2] > point.efficiency[0]));
    let last = points[points.len() - 1].efficiency;
    assert!(last[1] < last[0] && last[0] < last[2]);
}
