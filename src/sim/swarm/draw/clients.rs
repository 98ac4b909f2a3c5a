//! What clients ask while faults rage.

use serde_json::{Value, json};

use crate::sim::swarm::draw::{Draw, FAULTS_UNTIL_MS, PROBED_AT_MS, is, one_of};

const KEYS: usize = 5;
/// Operations are so far apart on average.
const OPERATION_EVERY_MS: u64 = 350;
/// A client that has no answer asks once more, long before it gives up.
const REPEATED_WITHIN_MS: u64 = 400;

impl Draw {
    /// Puts, gets and deletes of a few keys, some of them hot; some hand back the context of an
    /// operation that is long past, or that was never answered.
    pub(super) fn operations(&self) -> Vec<Value> {
        let rng = &mut self.stream("operations");
        let count = (FAULTS_UNTIL_MS / OPERATION_EVERY_MS) as usize + rng.index(20);
        let has_deletes = !is(rng, 3);
        let repeats = &mut self.stream("repeats");
        let repeats_one_in = *one_of(repeats, &[4, 1_000_000]);
        let mut before: Vec<Vec<String>> = vec![Vec::new(); KEYS];
        let mut at_ms = 100;
        let mut script = Vec::with_capacity(count);
        for number in 0..count {
            at_ms += 1 + rng.below(2 * OPERATION_EVERY_MS);
            // The first keys are asked for more than the last.
            let place = rng.index(KEYS).min(rng.index(KEYS));
            let (name, key) = (format!("op{number}"), format!("key-{place}"));
            let mut fields = json!({ "as": name, "key": key });
            if is(rng, 2) {
                fields["via"] = self.node(rng).into();
            }
            let verb = match rng.index(6) {
                0 | 1 => "get",
                2 if has_deletes => "delete",
                _ => "put",
            };
            if verb == "put" {
                fields["value"] = format!("value {number}").into();
            }
            if verb != "get" && !before[place].is_empty() && !is(rng, 3) {
                let newest = before[place].len() - 1;
                let stale = if is(rng, 4) { rng.index(newest + 1) } else { 0 };
                fields["context"] = before[place][newest - stale.min(newest)].as_str().into();
            }
            if verb != "get" && is(repeats, repeats_one_in) {
                fields["again_ms"] = (1 + repeats.below(REPEATED_WITHIN_MS)).into();
            }
            before[place].push(name);
            script.push(json!({ "at_ms": at_ms, verb: fields }));
        }
        script
    }

    /// In every second run, keys that somebody writes, deletes once it has been seen, and leaves
    /// alone: only so is a tombstone the last of its key, and reaped. Some are deleted again.
    pub(super) fn deletes(&self) -> Vec<Value> {
        let rng = &mut self.stream("deletes");
        let keys = if is(rng, 2) { 2 + rng.index(4) } else { 0 };
        let mut script = Vec::new();
        for number in 0..keys {
            let key = format!("gone-{number}");
            let mut at_ms = 100 + rng.below(FAULTS_UNTIL_MS / 2);
            let put = json!({ "as": format!("{key}-put"), "key": key, "value": "not for long" });
            script.push(json!({ "at_ms": at_ms, "put": put }));
            for time in 0..1 + rng.index(2) {
                at_ms += 100 + rng.below(3_000);
                let seen = format!("{key}-seen-{time}");
                script.push(json!({ "at_ms": at_ms, "get": { "as": seen, "key": key } }));
                at_ms += 100 + rng.below(3_000);
                let delete = json!({ "as": format!("{key}-gone-{time}"), "key": key,
                    "context": seen });
                script.push(json!({ "at_ms": at_ms, "delete": delete }));
            }
        }
        script
    }

    /// Long after the heal: keys that nobody has filled are put through one node and got through
    /// another; the old ones are got.
    pub(super) fn probes(&self) -> Vec<Value> {
        let rng = &mut self.stream("probes");
        let mut script = Vec::new();
        for place in 0..KEYS as u64 {
            let (key, at_ms) = (format!("probe-{place}"), PROBED_AT_MS + 50 * place);
            let put = json!({ "as": key, "key": key, "value": "well again",
                "via": self.node(rng) });
            script.push(json!({ "at_ms": at_ms, "put": put }));
            for key in [key, format!("key-{place}")] {
                let get = json!({ "as": format!("{key}-got"), "key": key,
                    "via": self.node(rng) });
                script.push(json!({ "at_ms": at_ms + 3_000, "get": get }));
            }
        }
        script
    }

    /// Clients that keep asking for some of the same keys, in every fourth run; in some so many
    /// that background work has to yield.
    pub(super) fn load(&self) -> Option<Value> {
        let rng = &mut self.stream("load");
        let mut load = json!({ "clients": 1 + rng.index(8), "keys": 1 + rng.index(6),
            "for_ms": 2_000 + rng.below(15_000), "zipf": rng.index(2), "cart": is(rng, 2),
            "read_fraction": 0.4, "delete_fraction": rng.index(3) as f64 / 10.0 });
        match is(rng, 2) {
            true => load["ops_per_second"] = (*one_of(rng, &[2, 20, 200])).into(),
            false => load["think_ms"] = json!([20, 400]),
        }
        let at_ms = rng.below(FAULTS_UNTIL_MS);
        is(rng, 4).then(|| json!({ "at_ms": at_ms, "workload": load }))
    }
}
