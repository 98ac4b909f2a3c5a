//! One animation frame as numbers: what moves, and nothing else.
//!
//! ```text
//!   header (16) │ nodes (8 each) │ messages in flight (8 each) │ lost messages (8 each)
//! ```

use crate::sim::disk::Health;
use crate::sim::log::MessageKind;
use crate::sim::machine::{Machine, MachineState};
use crate::sim::network::Loss;
use crate::sim::schedule::Envelope;
use crate::sim::world::World;

/// The layout's number; the page refuses one it does not know.
pub const LAYOUT: f64 = 1.0;
pub const HEADER: usize = 16;
pub const STRIDE: usize = 8;
/// Messages listed one by one; beyond that the header only counts them.
pub const MESSAGES_MAX: usize = 8_000;

/// Where a real node shows another, its state is a belief: up, or this.
pub const SUSPECTED: f64 = 4.0;

const NONE: f64 = -1.0;

/// Writes the world's present into `out`.
pub fn fill(world: &World, until_ms: f64, out: &mut Vec<f64>) {
    out.clear();
    out.resize(HEADER, 0.0);
    nodes(world, out);
    let mut in_flight = 0;
    let mut listed = 0;
    for envelope in world.in_flight() {
        in_flight += 1;
        if listed < MESSAGES_MAX {
            listed += 1;
            message(world, envelope, out);
        }
    }
    let mut lost = 0;
    for message in world.lost().filter(|lost| lost.died <= world.now()) {
        lost += 1;
        let why = match message.why {
            Loss::Dropped | Loss::Damaged => 0.0,
            Loss::Cut => 1.0,
            Loss::DestinationDown | Loss::QueueFull => 2.0,
        };
        out.extend([
            message.id as f64,
            f64::from(message.from.0),
            f64::from(message.to.0),
            f64::from(message.kind as u8),
            message.sent.as_ms_f64(),
            message.died.as_ms_f64(),
            message.fraction,
            why,
        ]);
    }
    header(world, until_ms, [listed, in_flight, lost], &mut out[..HEADER]);
}

fn header(world: &World, until_ms: f64, counts: [usize; 3], header: &mut [f64]) {
    let digest = world.digest();
    let [listed, in_flight, lost] = counts;
    header[0] = LAYOUT;
    header[1] = world.now().as_ms_f64();
    header[2] = world.events() as f64;
    header[3] = world.log().next_id() as f64;
    header[4] = world.node_count() as f64;
    header[5] = listed as f64;
    header[6] = in_flight as f64;
    header[7] = f64::from((digest >> 32) as u32);
    header[8] = f64::from(digest as u32);
    header[9] = world.revision() as f64;
    header[10] = world.next_time().map_or(NONE, |at| at.as_ms_f64());
    header[11] = until_ms;
    header[12] = lost as f64;
    header[13] = world.cuts().len() as f64;
}

fn nodes(world: &World, out: &mut Vec<f64>) {
    let mut suspected_by = vec![0; world.node_count()];
    let mut believers = 0_u32;
    for view in world.nodes().filter_map(|node| world.view(node)) {
        believers += 1;
        view.suspects().for_each(|(suspect, ..)| suspected_by[suspect.index()] += 1);
    }
    for node in world.nodes() {
        let machine = world.machine(node);
        let (keys, hints) = match world.view(node) {
            Some(view) => (view.store().len(), view.hints().len()),
            None => (machine.disk.stored.records.len(), machine.disk.stored.hints.len()),
        };
        let state = match machine.state {
            MachineState::Up => 0.0,
            MachineState::Crashed => 1.0,
            MachineState::Paused => 2.0,
            MachineState::Left => 3.0,
        };
        let wrong = match machine.state {
            MachineState::Crashed => believers - suspected_by[node.index()],
            MachineState::Up | MachineState::Paused | MachineState::Left => {
                suspected_by[node.index()]
            }
        };
        out.extend([
            state,
            machine.slowness,
            keys as f64,
            hints as f64,
            f64::from(wrong),
            machine.inbox.len() as f64,
            disk(machine),
            machine.skew_nanoseconds as f64 / 1e6,
        ]);
    }
}

/// 0 well, 1 lost, 2 full, 3 failing, 4 slow.
fn disk(machine: &Machine) -> f64 {
    match machine.disk.health {
        Health::Full => 2.0,
        Health::Failing => 3.0,
        Health::Slow => 4.0,
        Health::Well => f64::from(u8::from(machine.is_disk_lost)),
    }
}

fn message(world: &World, envelope: &Envelope, out: &mut Vec<f64>) {
    let letter = world.hint_target(envelope).map_or(NONE, |node| f64::from(node.0));
    let op = world.op_of(envelope).map_or(NONE, |op| op as f64);
    out.extend([
        envelope.id as f64,
        f64::from(envelope.from.0),
        f64::from(envelope.to.0),
        f64::from(MessageKind::of(&envelope.message) as u8),
        envelope.sent.as_ms_f64(),
        envelope.arrives.as_ms_f64(),
        letter,
        op,
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Instant, Span};
    use crate::sim::scenario::Scenario;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn world(script: &str, ms: u64) -> World {
        let text = format!(
            r#"{{ "version": 1, "config": {{ "nodes": 6, "disk_latency_ms": [0, 0] }},
                 "script": [{script}], "until_ms": 60000 }}"#
        );
        let scenario = Scenario::parse(&text).expect("the scenario is good");
        let mut world = World::new(scenario.setup());
        world.run_to(Instant::ZERO + Span::from_ms(ms), u64::MAX);
        world
    }

    fn frame(world: &World) -> Vec<f64> {
        let mut out = vec![];
        fill(world, 60_000.0, &mut out);
        out
    }

    #[test]
    fn a_frame_is_as_long_as_its_header_says() {
        let world = world(r#"{ "at_ms": 100, "put": { "key": "k", "value": "v" } }"#, 100);
        let frame = frame(&world);
        let records = frame[4] + frame[5] + frame[12];
        assert_eq!(frame.len(), HEADER + STRIDE * records as usize);
        assert!(frame[5] >= 1.0, "the put is on its way");
        let first = HEADER + STRIDE * 6;
        assert!(frame[first + 5] >= frame[1], "what is in flight has not arrived");
    }

    #[test]
    fn a_crashed_node_is_told_as_crashed_and_others_as_wrong_about_it() {
        let crash = r#"{ "at_ms": 100, "crash": { "node": "C", "disk": "lose" } }"#;
        let frame = frame(&world(crash, 200));
        let c = &frame[HEADER + STRIDE * 2..][..STRIDE];
        assert_eq!((c[0], c[4], c[6]), (1.0, 5.0, 1.0));
    }
}
