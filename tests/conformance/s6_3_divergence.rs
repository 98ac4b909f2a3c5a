//! §6.3, divergent versions: when and how many.

use dynamo_playground::sim::experiment::divergence::{CASES, Trouble};

/// Reads that found more than one version, in percent.
fn divergent(is_many: bool, trouble: Trouble) -> f64 {
    let is_it = |carts: u32| (carts < 100) == is_many;
    let case = CASES.iter().find(|case| is_it(case.carts) && case.trouble == trouble);
    let found = case.expect("it is in the table").measure();
    assert!((found.iter().sum::<f64>() - 100.0).abs() < 1e-6, "every read found some: {found:?}");
    100.0 - found[0]
}

/// "99.94% of requests saw exactly one version."
#[test]
fn nearly_all_readers_of_carts_with_few_writers_find_one_version() {
    assert!(divergent(false, Trouble::None) < 0.06);
    assert!(divergent(false, Trouble::Crashes) < 0.06);
}

/// "The increase in the number of divergent versions is contributed not by failures but due to the
/// increase in number of concurrent writers."
#[test]
fn divergent_versions_come_from_concurrent_writers_and_not_from_nodes_that_fail() {
    let (few, failing) = (divergent(false, Trouble::None), divergent(false, Trouble::Crashes));
    let (many, both) = (divergent(true, Trouble::None), divergent(true, Trouble::Crashes));
    assert!(many > 50.0 * few && many > 50.0 * failing, "{few} and {failing} against {many}");
    assert!((both / many - 1.0).abs() < 0.1, "{many} in calm, {both} when nodes crash");
}

/// What the paper's rings did not see in a day: both sides of a cut ring take writes (§4.6).
#[test]
fn a_ring_cut_in_two_diverges_because_both_halves_stay_writable() {
    let (whole, cut) = (divergent(false, Trouble::None), divergent(false, Trouble::Cut));
    assert!(cut > 20.0 * whole, "{whole} in one ring, {cut} in two halves");
}
