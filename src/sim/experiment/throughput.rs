//! Throughput against the number of machines: more machines serve more.

use std::fmt::Write as _;

use crate::sim::experiment::Table;
use crate::sim::json::object;
use crate::sim::load::growth::{CLIENTS_PER_MACHINE, Growth, SERVICE, measure};

/// As many clients for all sizes: at some size they have no more to ask.
const FEW_CLIENTS: u32 = 40;

/// From three machines, where each keeps everything, to thirty.
pub fn table() -> Table {
    let sizes = || (1..=10).map(|step| 3 * step);
    let play = |machines, clients| measure(machines, clients).expect("a scenario may have these");
    let many: Vec<Growth> = sizes().map(|size| play(size, size * CLIENTS_PER_MACHINE)).collect();
    let few: Vec<Growth> = sizes().map(|size| play(size, FEW_CLIENTS)).collect();
    let json = object(vec![
        ("experiment", "throughput".into()),
        ("service_ms", SERVICE.as_ms_f64().into()),
        ("clients_per_machine", CLIENTS_PER_MACHINE.into()),
        ("points", many.iter().map(Growth::to_json).collect()),
        ("few_clients", few.iter().map(Growth::to_json).collect()),
    ]);
    Table { json, text: text(&many, &few) }
}

fn text(many: &[Growth], few: &[Growth]) -> String {
    let mut text = format!(
        "Throughput against the number of machines: N=3 R=2 W=2, half reads, {SERVICE} ms of\n\
         work for each message and request, clients that each wait for their answer\n\n\
         {:>19} {CLIENTS_PER_MACHINE:>3} clients to a machine {:>19} {FEW_CLIENTS} clients in all\n\
         machines    ops/s  per machine  handled/op  busy    99.9%      ops/s  busy\n",
        "", ""
    );
    for (many, few) in many.iter().zip(few) {
        let _ = writeln!(
            text,
            "{:>8} {:>8.0} {:>12.0} {:>11.2} {:>4.0}% {:>6.1}ms {:>10.0} {:>4.0}%",
            many.machines,
            many.ops_per_second,
            many.per_machine(),
            many.inputs_per_op,
            100.0 * many.busy,
            many.p999_ms,
            few.ops_per_second,
            100.0 * few.busy
        );
    }
    text + "\nWhat a machine does for others it cannot do for itself: with three machines each has \
            a copy\nof every key and an operation takes 5 messages and requests; with S, whoever \
            is asked has\nnone S-3 times in S, passes a put on (3 more) or asks all three for a \
            get (2 more), up to\n7.5. That is the bend before ten machines; after it the line is \
            straight. On the right the\nknee is the clients': 40 that wait cannot keep all \
            machines busy, and more add little.\n"
}
