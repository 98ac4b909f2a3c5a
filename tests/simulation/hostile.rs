//! A scenario drawn from a seed: its size, its network, its clients and its faults.

use dynamo_playground::base::rng::Rng;
use dynamo_playground::sim::scenario::Scenario;
use serde_json::{Value, json};

const FAULTS_UNTIL_MS: u64 = 20_000;
const UNTIL_MS: u64 = 60_000;

pub fn scenario(seed: u64) -> Scenario {
    let mut rng = Rng::stream(&seed.to_string(), "hostile");
    let nodes = 3 + rng.index(6);
    let n = 1 + rng.index(nodes.min(5));
    let (r, w) = (1 + rng.index(n), 1 + rng.index(n));
    let is = |rng: &mut Rng| rng.index(2) == 0;
    let loss = if is(&mut rng) { rng.index(20) as f64 / 100.0 } else { 0.0 };
    let duplicate = if is(&mut rng) { rng.index(40) as f64 / 100.0 } else { 0.0 };
    let detection = if is(&mut rng) { "gossip" } else { "local" };
    let mut script: Vec<Value> = (0..60).map(|number| operation(&mut rng, number, nodes)).collect();
    for _ in 0..rng.index(12) {
        script.push(fault(&mut rng, nodes));
    }
    script.extend(changes(seed, nodes));
    let (deletes, reap_after_ms) = deletes(seed, nodes);
    script.extend(deletes);
    let (disk_faults, disk_latency_ms) = disks(seed, nodes);
    script.extend(disk_faults);
    script.extend(load(seed));
    script.push(json!({ "at_ms": FAULTS_UNTIL_MS, "heal": {} }));
    let mut text = json!({
        "version": 1, "title": format!("hostile {seed}"), "seed": seed,
        "config": {
            "nodes": nodes, "n": n, "r": r, "w": w, "failure_detection": detection,
            "read_repair": is(&mut rng), "reap_after_ms": reap_after_ms,
            "disk_latency_ms": disk_latency_ms,
            "network": {
                "latency_ms": [1, 1 + rng.index(30)], "loss": loss, "duplicate": duplicate
            }
        },
        "script": script, "until_ms": UNTIL_MS,
    });
    compare(seed, &mut text["config"]);
    buffer(seed, &mut text["config"]);
    work(seed, &mut text["config"]);
    place(seed, nodes, &mut text["config"]);
    hold_versions(seed, &mut text["config"]);
    count(seed, &mut text["config"]);
    coordinate(seed, &mut text["config"]);
    Scenario::parse(&text.to_string()).expect("what is drawn is in range")
}

/// Whether and how often replicas are compared; drawn apart, too. So often that after the heal each
/// node has compared with each other.
fn compare(seed: u64, config: &mut Value) {
    let mut rng = Rng::stream(&seed.to_string(), "anti-entropy");
    config["anti_entropy"] = (rng.index(3) > 0).into();
    config["anti_entropy_interval_ms"] = (500 + rng.below(3_000)).into();
}

/// Whether writes are buffered, how many and how long, in every third run; drawn apart, too.
fn buffer(seed: u64, config: &mut Value) {
    let mut rng = Rng::stream(&seed.to_string(), "write buffer");
    if rng.index(3) == 0 {
        config["write_buffer"] = [1, 3, 1_000][rng.index(3)].into();
        config["write_buffer_flush_ms"] = (50 + rng.below(2_000)).into();
        config["durable_replica"] = (rng.index(2) == 0).into();
    }
}

/// How versions are held against each other, and how long clocks may be; drawn apart, too. Every
/// second run has dots, which promise most.
fn hold_versions(seed: u64, config: &mut Value) {
    let mut rng = Rng::stream(&seed.to_string(), "versions");
    let names = ["dotted", "dotted", "dotted", "vector-clock", "record-clock", "last-write-wins"];
    config["versioning"] = names[rng.index(names.len())].into();
    config["clock_entries_max"] = (1 + rng.index(6)).into();
}

/// Whose answers count; drawn apart, too. A strict quorum promises most where all overlap.
fn count(seed: u64, config: &mut Value) {
    let mut rng = Rng::stream(&seed.to_string(), "quorum");
    config["quorum"] = ["sloppy", "strict", "primaries"][rng.index(3)].into();
}

/// Whether clients choose who coordinates, in every third run, and how old their views may get;
/// drawn apart, too.
fn coordinate(seed: u64, config: &mut Value) {
    let mut rng = Rng::stream(&seed.to_string(), "coordination");
    if rng.index(3) == 0 {
        config["coordination"] = "client".into();
        config["client_poll_ms"] = (500 + rng.below(15_000)).into();
    }
}

/// How long machines are at work on what comes, and how much may wait for them; drawn apart, too.
fn work(seed: u64, config: &mut Value) {
    let mut rng = Rng::stream(&seed.to_string(), "work");
    if rng.index(3) == 0 {
        config["service_ms"] = (rng.index(20) as f64 / 10.0).into();
        config["queue_max"] = [20, 100, 10_000][rng.index(3)].into();
    }
}

/// Clients that keep asking for some of the same keys, in every fourth run; drawn apart, too.
fn load(seed: u64) -> Option<Value> {
    let mut rng = Rng::stream(&seed.to_string(), "load");
    let mut load = json!({ "clients": 1 + rng.index(4), "keys": 1 + rng.index(6),
        "for_ms": 2_000 + rng.below(10_000), "zipf": rng.index(2), "cart": rng.index(2) == 0,
        "read_fraction": 0.4, "delete_fraction": rng.index(3) as f64 / 10.0 });
    match rng.index(2) {
        0 => load["ops_per_second"] = (1 + rng.index(20)).into(),
        _ => load["think_ms"] = json!([20, 400]),
    }
    (rng.index(4) == 0).then(|| json!({ "at_ms": rng.below(FAULTS_UNTIL_MS), "workload": load }))
}

/// How the ring is cut, and over how many zones it spreads; drawn apart, too.
fn place(seed: u64, nodes: usize, config: &mut Value) {
    let mut rng = Rng::stream(&seed.to_string(), "place");
    let tokens = 1 + rng.index(12);
    config["partitioning"] = match rng.index(3) {
        0 => json!({ "strategy": 1, "tokens_per_node": tokens }),
        1 => json!({ "strategy": 2, "tokens_per_node": tokens, "partitions": 64 }),
        _ => json!({ "strategy": 3, "partitions": 64 }),
    };
    let zones = 1 + rng.index(3);
    let node = |at: usize| {
        let name = char::from(b'A' + at as u8).to_string();
        json!({ "name": name, "zone": format!("zone-{}", at % zones) })
    };
    config["nodes"] = (0..nodes).map(node).collect();
}

/// Nodes that join and leave while all that goes on, in every second run; drawn apart, so that
/// the others stay what they were.
fn changes(seed: u64, nodes: usize) -> Vec<Value> {
    let mut rng = Rng::stream(&seed.to_string(), "changes");
    if seed.is_multiple_of(2) {
        return vec![];
    }
    let mut changes = vec![];
    for number in 0..rng.index(4) {
        let mut join = json!({ "name": format!("new-{number}"), "weight": 1 + rng.index(3) });
        if rng.index(2) == 0 {
            join["via"] = name(&mut rng, nodes).into();
        }
        changes.push(json!({ "at_ms": rng.below(FAULTS_UNTIL_MS), "join": join }));
    }
    for _ in 0..rng.index(3) {
        // A is the seed: without one, who joins knowing seeds alone never finds the others.
        let leaver = char::from(b'B' + rng.index(nodes - 1) as u8).to_string();
        let leave = json!({ "node": leaver });
        changes.push(json!({ "at_ms": rng.below(FAULTS_UNTIL_MS), "leave": leave }));
    }
    changes
}

/// Deletes of the keys that are put and got meanwhile, and how soon their tombstones may go.
fn deletes(seed: u64, nodes: usize) -> (Vec<Value>, u64) {
    let mut rng = Rng::stream(&seed.to_string(), "deletes");
    let count = if seed.is_multiple_of(3) { 0 } else { rng.index(15) };
    let mut deletes = vec![];
    for number in 0..count {
        let (key, at_ms) =
            (format!("key-{}", rng.index(5)), 500 + rng.below(FAULTS_UNTIL_MS + 5_000));
        let mut delete = json!({ "as": format!("del{number}"), "key": key });
        if rng.index(2) == 0 {
            delete["via"] = name(&mut rng, nodes).into();
        }
        if rng.index(4) > 0 {
            let seen = format!("seen{number}");
            let get = json!({ "as": seen, "key": key });
            deletes.push(json!({ "at_ms": at_ms - 400, "get": get }));
            delete["context"] = seen.into();
        }
        deletes.push(json!({ "at_ms": at_ms, "delete": delete }));
    }
    (deletes, Rng::stream(&seed.to_string(), "reaping").below(8_000) + 2_000)
}

/// What disks do besides being kept or lost, and how slow they are, in two of three runs; drawn
/// apart, too.
fn disks(seed: u64, nodes: usize) -> (Vec<Value>, Value) {
    let mut rng = Rng::stream(&seed.to_string(), "disks");
    let mut script = vec![];
    if seed.is_multiple_of(3) {
        return (script, json!([0.1, 1]));
    }
    let slowest = 1 + rng.index(40);
    for _ in 0..rng.index(7) {
        let (node, at_ms) = (name(&mut rng, nodes), rng.below(FAULTS_UNTIL_MS));
        let entry = match rng.index(9) {
            0..3 => {
                // Something has to be on its way to the disk.
                let put = json!({ "key": "torn", "value": "in two", "via": node });
                script.push(json!({ "at_ms": at_ms.saturating_sub(1), "put": put }));
                json!({ "at_ms": at_ms, "crash": { "node": node, "disk": "torn" } })
            }
            3 => {
                let backed_up_ms = rng.below(at_ms + 1);
                script.push(json!({ "at_ms": backed_up_ms, "backup": { "node": node } }));
                json!({ "at_ms": at_ms, "crash": { "node": node, "disk": "old" } })
            }
            4 | 5 => json!({ "at_ms": at_ms, "restart": { "node": node } }),
            kind => {
                let is = ["full", "failing", "well"][kind - 6];
                json!({ "at_ms": at_ms, "disk": { "node": node, "is": is } })
            }
        };
        script.push(entry);
    }
    (script, json!([1, slowest]))
}

fn name(rng: &mut Rng, nodes: usize) -> String {
    char::from(b'A' + rng.index(nodes) as u8).to_string()
}

/// A put or a get of one of a few keys; some puts hand back the context of an earlier operation.
fn operation(rng: &mut Rng, number: usize, nodes: usize) -> Value {
    // Each key has its own fifth of the numbers, so a context is never of another key.
    let (key, at_ms) = (number % 5, 100 + number as u64 * 300 + rng.below(250));
    let key_name = format!("key-{key}");
    if rng.index(3) == 0 {
        return json!({ "at_ms": at_ms, "get": { "as": format!("op{number}"), "key": key_name } });
    }
    let mut put = json!({
        "as": format!("op{number}"), "key": key_name, "value": format!("value {number}")
    });
    if rng.index(2) == 0 {
        put["via"] = name(rng, nodes).into();
    }
    let back = 5 * (1 + rng.index(4));
    if number >= back && rng.index(3) > 0 {
        put["context"] = format!("op{}", number - back).into();
    }
    json!({ "at_ms": at_ms, "put": put })
}

fn fault(rng: &mut Rng, nodes: usize) -> Value {
    let at_ms = rng.below(FAULTS_UNTIL_MS);
    let node = name(rng, nodes);
    let split = 1 + rng.index(nodes - 1);
    let letters: Vec<String> = (0..nodes).map(|i| char::from(b'A' + i as u8).to_string()).collect();
    let (from, to) = letters.split_at(split);
    match rng.index(8) {
        0 | 1 => json!({ "at_ms": at_ms, "crash": { "node": node, "disk": "keep" } }),
        2 | 3 => json!({ "at_ms": at_ms, "restart": { "node": node } }),
        4 => json!({ "at_ms": at_ms, "pause": { "node": node } }),
        5 => json!({ "at_ms": at_ms, "slow": { "node": node, "factor": 1 + rng.index(40) } }),
        6 => {
            let one_way = rng.index(2) == 0;
            json!({ "at_ms": at_ms, "cut": { "from": from, "to": to, "one_way": one_way } })
        }
        _ => json!({ "at_ms": at_ms, "crash": { "node": node, "disk": "lose" } }),
    }
}
