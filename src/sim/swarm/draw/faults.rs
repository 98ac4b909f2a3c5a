//! What befalls a ring: one function for each class of faults.

use serde_json::{Value, json};

use crate::base::rng::Rng;
use crate::sim::swarm::draw::{Draw, FAULTS_UNTIL_MS, is, one_of};

/// A kind of fault: what it adds to the script between two moments.
pub(super) type Class = (&'static str, fn(&Draw, &mut Rng, u64, u64) -> Vec<Value>);

/// Each class is there or not, and has a stream of its own.
pub(super) const CLASSES: &[Class] = &[
    ("crash", Draw::crash),
    ("disk lost", Draw::disk_lost),
    ("disk torn", Draw::disk_torn),
    ("disk old", Draw::disk_old),
    ("disk full", Draw::disk_full),
    ("disk failing", Draw::disk_failing),
    ("disk slow", Draw::disk_slow),
    ("pause", Draw::pause),
    ("slow", Draw::slow),
    ("skew", Draw::skew),
    ("drift", Draw::drift),
    ("cut", Draw::cut),
    ("isolate", Draw::isolate),
    ("clog", Draw::clog),
    ("swizzle-clog", Draw::swizzle),
    ("burst", Draw::burst),
    ("damaged bytes", Draw::damage),
    ("join", Draw::join),
    ("leave", Draw::leave),
    ("replace", Draw::replace),
    ("flap", Draw::flap),
];
/// Each is there in one of so many runs.
pub(super) const DRAWN_ONE_IN: usize = 3;
/// The longest that a clog holds a message.
const CLOG_MS: u64 = 5_000;

impl Draw {
    pub(super) fn faults(&self, classes: &[&str]) -> Vec<Value> {
        let mut script = Vec::new();
        for &(name, class) in CLASSES {
            let rng = &mut self.stream(name);
            // What `classes` has drawn from the same stream: the next draws are the faults.
            is(rng, DRAWN_ONE_IN);
            if !classes.contains(&name) {
                continue;
            }
            for _ in 0..1 + rng.index(4) {
                let at_ms = 500 + rng.below(FAULTS_UNTIL_MS - 1_000);
                let ends_ms = (at_ms + 200 + rng.below(12_000)).min(FAULTS_UNTIL_MS - 1);
                script.extend(class(self, rng, at_ms, ends_ms));
            }
        }
        script
    }

    fn crash_with(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64, disk: &str) -> Vec<Value> {
        let node = self.node(rng);
        let crash = json!({ "at_ms": at_ms, "crash": { "node": node, "disk": disk } });
        let restart = json!({ "at_ms": ends_ms, "restart": { "node": node } });
        // Some come back with the heal alone.
        if is(rng, 3) { vec![crash] } else { vec![crash, restart] }
    }

    fn crash(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        self.crash_with(rng, at_ms, ends_ms, "keep")
    }

    fn disk_lost(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        self.crash_with(rng, at_ms, ends_ms, "lose")
    }

    /// Something has to be on its way to the disk: a put came just before.
    fn disk_torn(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let before_ms = rng.below(3);
        let mut script = self.crash_with(rng, at_ms, ends_ms, "torn");
        let node = script[0]["crash"]["node"].clone();
        let put = json!({ "key": "torn", "value": format!("at {at_ms}"), "via": node });
        script.insert(0, json!({ "at_ms": at_ms - before_ms, "put": put }));
        script
    }

    fn disk_old(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let node = self.node(rng);
        vec![
            json!({ "at_ms": rng.below(at_ms), "backup": { "node": node } }),
            json!({ "at_ms": at_ms, "crash": { "node": node, "disk": "old" } }),
            json!({ "at_ms": ends_ms, "restart": { "node": node } }),
        ]
    }

    fn disk_does(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64, what: &str) -> Vec<Value> {
        let node = self.node(rng);
        vec![
            json!({ "at_ms": at_ms, "disk": { "node": node, "is": what } }),
            json!({ "at_ms": ends_ms, "disk": { "node": node, "is": "well" } }),
        ]
    }

    fn disk_full(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        self.disk_does(rng, at_ms, ends_ms, "full")
    }

    fn disk_failing(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        self.disk_does(rng, at_ms, ends_ms, "failing")
    }

    fn disk_slow(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        self.disk_does(rng, at_ms, ends_ms, "slow")
    }

    fn pause(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let node = self.node(rng);
        vec![
            json!({ "at_ms": at_ms, "pause": { "node": node } }),
            json!({ "at_ms": ends_ms, "resume": { "node": node } }),
        ]
    }

    fn slow(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let node = self.node(rng);
        let factor = 2 + rng.index(40);
        vec![
            json!({ "at_ms": at_ms, "slow": { "node": node, "factor": factor } }),
            json!({ "at_ms": ends_ms, "slow": { "node": node, "factor": 1 } }),
        ]
    }

    fn skew(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let ms = rng.below(120_000) as i64 - 60_000;
        vec![json!({ "at_ms": at_ms, "skew": { "node": self.node(rng), "ms": ms } })]
    }

    /// A clock that runs too fast or too slow: moved a little each second.
    fn drift(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let (node, ms) = (self.node(rng), rng.below(400) as i64 - 200);
        let moments = (at_ms..ends_ms).step_by(1_000);
        moments.map(|at_ms| json!({ "at_ms": at_ms, "skew": { "node": node, "ms": ms } })).collect()
    }

    /// The ring in two parts, or one way only.
    fn cut(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let mut names = self.names.clone();
        rng.shuffle(&mut names);
        let split = 1 + rng.index(names.len());
        let (from, to) = names.split_at(split.min(names.len() - 1));
        if from.is_empty() || to.is_empty() {
            return Vec::new();
        }
        let one_way = is(rng, 2);
        vec![json!({ "at_ms": at_ms, "cut": { "from": from, "to": to, "one_way": one_way } })]
    }

    fn isolate(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let alone = self.node(rng);
        let others: Vec<&String> = self.names.iter().filter(|name| *name != alone).collect();
        if others.is_empty() {
            return Vec::new();
        }
        let one_way = is(rng, 3);
        vec![
            json!({ "at_ms": at_ms, "cut": { "from": [alone], "to": others, "one_way": one_way } }),
        ]
    }

    /// What is sent between one node and some others is held.
    fn clog(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let held_ms = 1 + rng.below(CLOG_MS);
        self.clog_one(rng, at_ms, held_ms).into_iter().collect()
    }

    fn clog_one(&self, rng: &mut Rng, at_ms: u64, held_ms: u64) -> Option<Value> {
        let one = self.node(rng);
        let is_chosen = |name: &&String| *name != one && is(rng, 2);
        let others: Vec<&String> = self.names.iter().filter(is_chosen).collect();
        let one_way = is(rng, 2);
        (!others.is_empty()).then(|| {
            json!({ "at_ms": at_ms, "clog": { "from": [one], "to": others, "for_ms": held_ms,
                "one_way": one_way } })
        })
    }

    /// Links are clogged one by one, and let go in another order.
    fn swizzle(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let links = 2 + rng.below(5);
        let clog = |place: u64| {
            let held_ms = 500 + rng.below(CLOG_MS - 500);
            self.clog_one(rng, at_ms + 50 * place, held_ms)
        };
        (0..links).filter_map(clog).collect()
    }

    /// The network is bad for a while.
    fn burst(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let loss = rng.index(60) as f64 / 100.0;
        vec![
            json!({ "at_ms": at_ms, "network": { "loss": loss, "latency_ms": [1, 200] } }),
            json!({ "at_ms": ends_ms, "network": self.network }),
        ]
    }

    /// Bytes are damaged, or missing, for a while.
    fn damage(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let rate = (1 + rng.index(30)) as f64 / 100.0;
        vec![
            json!({ "at_ms": at_ms, "network": { "corrupt": rate } }),
            json!({ "at_ms": ends_ms, "network": { "corrupt": 0.0 } }),
        ]
    }

    fn join(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        vec![self.join_as(rng, at_ms, "new")]
    }

    fn join_as(&self, rng: &mut Rng, at_ms: u64, what: &str) -> Value {
        let name = format!("{what}-{at_ms}");
        let mut join = json!({ "name": name, "weight": 1 + rng.index(3) });
        if is(rng, 2) {
            join["via"] = self.node(rng).into();
        }
        json!({ "at_ms": at_ms, "join": join })
    }

    /// Never the first: it is the seed, and who joins knowing seeds alone would find nobody.
    fn leaver(&self, rng: &mut Rng) -> Option<&str> {
        let others = self.names.get(1..)?;
        (!others.is_empty()).then(|| one_of(rng, others).as_str())
    }

    fn leave(&self, rng: &mut Rng, at_ms: u64, _: u64) -> Vec<Value> {
        let leaver = self.leaver(rng);
        leaver
            .map(|node| json!({ "at_ms": at_ms, "leave": { "node": node } }))
            .into_iter()
            .collect()
    }

    /// A node is lost for good: it is taken out, and another takes its place.
    fn replace(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let Some(node) = self.leaver(rng) else { return Vec::new() };
        vec![
            json!({ "at_ms": at_ms, "crash": { "node": node, "disk": "lose" } }),
            json!({ "at_ms": ends_ms, "leave": { "node": node } }),
            self.join_as(rng, ends_ms, "spare"),
        ]
    }

    /// Down and up and down again.
    fn flap(&self, rng: &mut Rng, at_ms: u64, ends_ms: u64) -> Vec<Value> {
        let node = self.node(rng);
        let every = 100 + rng.below(1_500);
        let mut script = Vec::new();
        let mut at_ms = at_ms;
        while at_ms < ends_ms && script.len() < 20 {
            script.push(json!({ "at_ms": at_ms, "crash": { "node": node } }));
            script.push(json!({ "at_ms": at_ms + every / 2, "restart": { "node": node } }));
            at_ms += every;
        }
        script
    }
}
