//! What ring a seed draws: its size, its settings, and its network as it is without faults.

use serde_json::{Value, json};

use crate::base::rng::Rng;
use crate::sim::swarm::draw::{Draw, is, one_of};

pub(super) fn network(rng: &mut Rng) -> Value {
    let rate = |rng: &mut Rng, most: usize| match is(rng, 2) {
        true => rng.index(most) as f64 / 100.0,
        false => 0.0,
    };
    json!({
        "latency_ms": [1, 1 + rng.index(30)],
        "loss": rate(rng, 30), "duplicate": rate(rng, 50),
    })
}

impl Draw {
    pub(super) fn config(&self) -> Value {
        let rng = &mut self.stream("config");
        let n = 1 + rng.index(self.names.len().min(5));
        let zones = 1 + rng.index(3);
        let (r, w) = (1 + rng.index(n), 1 + rng.index(n));
        // In every second run at least, R answers and W copies have a home in common.
        let w = if is(&mut self.stream("overlap"), 2) { w.max(n + 1 - r) } else { w };
        let zone = |at: usize| format!("zone-{}", at % zones);
        let node = |(at, name): (usize, &String)| json!({ "name": name, "zone": zone(at) });
        let mut config = json!({
            "nodes": self.names.iter().enumerate().map(node).collect::<Vec<_>>(),
            "n": n, "r": r, "w": w,
            "quorum": one_of(rng, &["sloppy", "sloppy", "strict", "primaries"]),
            "failure_detection": one_of(rng, &["gossip", "local"]),
            "read_repair": is(rng, 2),
            "anti_entropy": !is(rng, 4),
            "anti_entropy_interval_ms": 500 + rng.below(3_000),
            "reap_after_ms": 2_000 + rng.below(8_000),
            "disk_latency_ms": [0.1, 1 + rng.index(20)],
        });
        // Every second run has dots, which promise most.
        config["versioning"] = (*one_of(
            rng,
            &["dotted", "dotted", "dotted", "vector-clock", "record-clock", "last-write-wins"],
        ))
        .into();
        config["clock_entries_max"] = (1 + rng.index(6)).into();
        let tokens = 1 + rng.index(12);
        config["partitioning"] = match rng.index(3) {
            0 => json!({ "strategy": 1, "tokens_per_node": tokens }),
            1 => json!({ "strategy": 2, "tokens_per_node": tokens, "partitions": 64 }),
            _ => json!({ "strategy": 3, "partitions": 64 << rng.index(2) }),
        };
        config["network"] = self.network.clone();
        self.coordinate(&mut config);
        self.work(&mut config);
        self.buffer(&mut config);
        self.yields(&mut config);
        config
    }

    /// In every third run clients choose who coordinates.
    fn coordinate(&self, config: &mut Value) {
        let rng = &mut self.stream("coordination");
        if is(rng, 3) {
            config["coordination"] = "client".into();
            config["client_poll_ms"] = (500 + rng.below(15_000)).into();
        }
    }

    /// In every third run machines take time for what comes, and little may wait for them.
    fn work(&self, config: &mut Value) {
        let rng = &mut self.stream("work");
        if is(rng, 3) {
            config["service_ms"] = (rng.index(20) as f64 / 10.0).into();
            config["queue_max"] = (*one_of(rng, &[20, 100, 10_000])).into();
        }
    }

    /// In every fourth run writes are buffered; in some, one replica is durable all the same.
    fn buffer(&self, config: &mut Value) {
        let rng = &mut self.stream("write buffer");
        if is(rng, 4) {
            config["write_buffer"] = (*one_of(rng, &[1, 3, 1_000])).into();
            config["write_buffer_flush_ms"] = (50 + rng.below(2_000)).into();
            config["durable_replica"] = is(rng, 2).into();
        }
    }

    /// How soon background work yields, and how silence is judged.
    fn yields(&self, config: &mut Value) {
        let rng = &mut self.stream("admission");
        config["admission_control"] = (!is(rng, 4)).into();
        let most_ms = if is(&mut self.stream("late answers"), 2) { 60 } else { 5 };
        config["admission_p99_ms"] = (1 + rng.index(60) % most_ms).into();
        if is(rng, 4) {
            config["suspect_phi"] = (4 + rng.index(9)).into();
        }
    }
}
