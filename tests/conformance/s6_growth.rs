//! §1, §2: "the system needs to be highly scalable": each machine more serves more.

use dynamo_playground::sim::load::growth::{CLIENTS_PER_MACHINE, Growth, measure};

fn full(machines: u32) -> Growth {
    let growth = measure(machines, machines * CLIENTS_PER_MACHINE).expect("it is in range");
    assert!(growth.busy > 0.85, "{machines} machines have enough to do: {growth:?}");
    growth
}

#[test]
fn twice_the_machines_serve_nearly_twice_as_much() {
    let (six, twelve, more) = (full(6), full(12), full(24));
    let efficiency = |large: &Growth, small: &Growth| large.per_machine() / small.per_machine();
    assert!(efficiency(&twelve, &six) > 0.8, "{twelve:?} after {six:?}");
    assert!(efficiency(&more, &twelve) > 0.9, "{more:?} after {twelve:?}");
}

#[test]
fn what_is_lost_to_growth_is_the_hop_of_whoever_is_asked_and_has_no_copy() {
    // A put takes 5 messages and requests, 8 when it is passed on; a get 5, or 7.
    for machines in [3, 12] {
        let without_copy = 1.0 - 3.0 / f64::from(machines);
        let wanted = 5.0 + 2.5 * without_copy;
        let found = full(machines).inputs_per_op;
        assert!((found / wanted - 1.0).abs() < 0.03, "{found} at {machines}, wanted {wanted}");
    }
}

#[test]
fn clients_that_wait_set_a_limit_of_their_own() {
    let (small, large) = (measure(6, 12), measure(12, 12));
    let [small, large] = [small, large].map(|growth| growth.expect("it is in range"));
    assert!(large.busy < 0.5, "machines wait for clients: {large:?}");
    assert!(large.ops_per_second < 1.3 * small.ops_per_second, "{large:?} after {small:?}");
}
