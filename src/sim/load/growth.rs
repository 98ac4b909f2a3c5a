//! How much a ring serves, by the number of its machines: so many clients that each waits for its
//! answer, and machines that take time for every message and request.

use crate::base::time::{Instant, Span};
use crate::sim::json::{Json, object};
use crate::sim::scenario::{BadInput, Scenario};
use crate::sim::world::World;

/// Machines at work on each message and request. A length of time, not a number: the standard way
/// to print numbers with a point is 17 KB of code.
pub const SERVICE: Span = Span(200_000);
/// Enough that something waits for every machine.
pub const CLIENTS_PER_MACHINE: u32 = 16;
/// From when on, and how long, answers are counted.
const BEGINS: Span = Span::from_ms(1_000);
const LASTS: Span = Span::from_ms(2_000);

#[derive(Clone, Copy, Debug)]
pub struct Growth {
    pub machines: u32,
    pub clients: u32,
    pub ops_per_second: f64,
    pub mean_ms: f64,
    /// 99.9th percentile.
    pub p999_ms: f64,
    /// What machines handle for one operation.
    pub inputs_per_op: f64,
    /// The part of their time that machines are at work, in the mean.
    pub busy: f64,
}

/// Plays a ring of so many machines, N=3 R=2 W=2, and counts.
///
/// # Errors
/// What of the numbers no scenario may have.
pub fn measure(machines: u32, clients: u32) -> Result<Growth, BadInput> {
    let scenario = format!(
        r#"{{ "version": 1, "seed": "growth",
            "config": {{ "nodes": {machines}, "service_ms": {SERVICE},
                "disk_latency_ms": [0.1, 0.3], "network": {{ "latency_ms": [0.5, 1.5] }} }},
            "script": [{{ "at_ms": 0, "workload": {{ "clients": {clients}, "keys": 1500,
                "for_ms": 4000 }} }}],
            "until_ms": 4000 }}"#
    );
    let mut world = World::without_log(Scenario::parse(&scenario)?.setup());
    let begins = Instant::ZERO + BEGINS;
    world.run_to(begins, u64::MAX);
    let before = counted(&world);
    world.run_to(begins + LASTS, u64::MAX);
    let after = counted(&world);
    let [answers, inputs] = [after[0] - before[0], after[1] - before[1]];
    let load = world.load();
    let [reads, writes] = [&load.reads, &load.writes];
    let ms = |span: Option<Span>| span.unwrap_or_default().as_ms_f64();
    let rare = ms(reads.percentile(99_900)).max(ms(writes.percentile(99_900)));
    let sum = reads.count() as f64 * ms(reads.mean()) + writes.count() as f64 * ms(writes.mean());
    let seconds = LASTS.as_ms_f64() / 1_000.0;
    Ok(Growth {
        machines,
        clients,
        ops_per_second: answers as f64 / seconds,
        mean_ms: sum / (reads.count() + writes.count()).max(1) as f64,
        p999_ms: rare,
        inputs_per_op: inputs as f64 / answers.max(1) as f64,
        busy: inputs as f64 * SERVICE.as_ms_f64() / 1_000.0 / (seconds * f64::from(machines)),
    })
}

/// Answers, and what machines handled.
fn counted(world: &World) -> [u64; 2] {
    let load = world.load();
    let answers = load.reads.count() + load.writes.count();
    [answers, answers + load.refused + world.counters().messages_delivered]
}

impl Growth {
    pub fn per_machine(&self) -> f64 {
        self.ops_per_second / f64::from(self.machines)
    }

    pub fn to_json(&self) -> Json {
        object(vec![
            ("machines", self.machines.into()),
            ("clients", self.clients.into()),
            ("ops_per_second", self.ops_per_second.into()),
            ("per_machine", self.per_machine().into()),
            ("mean_ms", self.mean_ms.into()),
            ("p999_ms", self.p999_ms.into()),
            ("inputs_per_op", self.inputs_per_op.into()),
            ("busy", self.busy.into()),
        ])
    }
}
