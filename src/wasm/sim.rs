//! The class that the page's worker owns: a timeline behind plain calls.

use wasm_bindgen::prelude::*;

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::time::Instant;
use crate::sim::json::Json;
use crate::sim::op::Outcome;
use crate::sim::report::Report;
use crate::sim::scenario::Scenario;
use crate::sim::scenario::bad_input::quoted;
use crate::sim::timeline::{StepKind, Timeline};
use crate::sim::why::{About, why};
use crate::sim::world::World;
use crate::wasm::{beliefs, frame, said, to_js, views};

/// A simulated world with its timeline. Times are milliseconds of virtual time.
#[wasm_bindgen]
pub struct Sim {
    timeline: Timeline,
    frame: Vec<f64>,
}

#[wasm_bindgen]
impl Sim {
    /// A world from the JSON text of a scenario; throws what is wrong with it.
    #[wasm_bindgen(constructor)]
    pub fn new(scenario: &str) -> Result<Sim, JsError> {
        let scenario = Scenario::parse(scenario).map_err(said)?;
        Ok(Sim { timeline: Timeline::new(scenario), frame: Vec::new() })
    }

    /// A seed nobody has used: a duck and a number, from the platform's randomness.
    #[wasm_bindgen(js_name = freshSeed)]
    pub fn fresh_seed() -> Result<String, JsError> {
        let random = getrandom::u32().map_err(|error| JsError::new(&error.to_string()))?;
        let duck = DUCKS[(random % DUCKS.len() as u32) as usize];
        Ok(format!("{duck}-{}", random / DUCKS.len() as u32 % 100_000))
    }

    /// Lets time pass up to `to_ms`, at most `max_events` of it. True when it got there.
    pub fn advance(&mut self, to_ms: f64, max_events: u32) -> bool {
        self.timeline.advance(Instant::from_ms_f64(to_ms), u64::from(max_events))
    }

    /// One `event`, `message` or gossip `round` on. False when nothing is left to happen.
    pub fn step(&mut self, kind: &str) -> Result<bool, JsError> {
        let kind = match kind {
            "event" => StepKind::Event,
            "message" => StepKind::Message,
            "round" => StepKind::Round,
            _ => {
                let why = format!("step: found {}, allowed event, message or round", quoted(kind));
                return Err(JsError::new(&why));
            }
        };
        Ok(self.timeline.step(kind))
    }

    /// Goes to a moment, back or on. The digest there is that of a straight run.
    pub fn seek(&mut self, ms: f64) {
        self.timeline.seek(Instant::from_ms_f64(ms));
    }

    /// One entry of a script, without `at_ms`, now. Answers the operation's name, or nothing.
    pub fn command(&mut self, json: &str) -> Result<String, JsError> {
        let name = self.timeline.command(json).map_err(said)?;
        Ok(name.unwrap_or_default())
    }

    /// What a join or a leave, given as in a script, would move were it given now:
    /// `{ digest, moves: [{ partition, from, to, keys, bytes }], keys, bytes }`.
    pub fn plan(&self, json: &str) -> Result<JsValue, JsError> {
        let (plan, setup) = self.timeline.plan(json).map_err(said)?;
        to_js(&plan.to_json(&|node| setup.name(node)))
    }

    /// The present as numbers; the layout is that of the module `frame`.
    pub fn frame(&mut self) -> js_sys::Float64Array {
        let until_ms = self.timeline.scenario().setup().until.as_ms_f64();
        frame::fill(self.timeline.world(), until_ms, &mut self.frame);
        js_sys::Float64Array::from(self.frame.as_slice())
    }

    /// 16 hex digits.
    pub fn digest(&self) -> String {
        format!("{:016x}", self.world().digest())
    }

    /// The result so far: the same object that the command line prints.
    pub fn state(&self) -> Result<JsValue, JsError> {
        to_js(&Report::new(self.world()))
    }

    /// The same, but not what each node believes of the others.
    pub fn glance(&self) -> Result<JsValue, JsError> {
        to_js(&Report::new(self.world()).at_a_glance())
    }

    pub fn ring(&self) -> Result<JsValue, JsError> {
        let setup = self.timeline.scenario().setup();
        let end_ms = setup.script.last().map_or(0.0, |entry| entry.at.as_ms_f64());
        to_js(&views::ring(self.world(), setup.until.as_ms_f64(), end_ms))
    }

    pub fn key(&self, name: &str) -> Result<JsValue, JsError> {
        to_js(&views::key(self.world(), name))
    }

    pub fn node(&self, index: u32) -> Result<JsValue, JsError> {
        let count = self.world().node_count();
        if index as usize >= count {
            let why = format!("node: found {index}, allowed 0 to {}", count - 1);
            return Err(JsError::new(&why));
        }
        to_js(&views::node(self.world(), NodeId(index)))
    }

    pub fn op(&self, name: &str) -> Result<JsValue, JsError> {
        let world = self.world();
        let Some(op) = world.op(name) else {
            return Err(no_op(name));
        };
        to_js(&views::op(world, op))
    }

    /// The newest fifty, newest first.
    pub fn ops(&self) -> Result<JsValue, JsError> {
        let world = self.world();
        let newest = world.ops().iter().rev().take(50);
        to_js(&newest.map(|op| views::op(world, op)).collect::<Json>())
    }

    /// The newest operations of loads that were refused or had no answer in time, newest first.
    #[wasm_bindgen(js_name = failedLoadOps)]
    pub fn failed_load_ops(&self) -> Result<JsValue, JsError> {
        const SHOWN: usize = 5;
        let world = self.world();
        let failed = world
            .load()
            .newest()
            .filter(|op| matches!(op.outcome, Outcome::Refused(_) | Outcome::Timeout(_)));
        to_js(&failed.take(SHOWN).map(|op| views::op(world, op)).collect::<Json>())
    }

    pub fn beliefs(&self) -> Result<JsValue, JsError> {
        to_js(&beliefs::beliefs(self.world()))
    }

    /// Events of the log from this id on that are still in its window, oldest first.
    pub fn events(&self, from_id: f64, max: u32) -> Result<JsValue, JsError> {
        let world = self.world();
        let events = world.log().since(from_id.max(0.0) as u64).take(max as usize);
        to_js(&events.map(|event| views::event(world, event)).collect::<Json>())
    }

    /// What a timeline shows of the events from this id on, the newest of them.
    pub fn marks(&self, from_id: f64, max: u32) -> Result<JsValue, JsError> {
        to_js(&views::marks(self.world(), from_id.max(0.0) as u64, max as usize))
    }

    /// Why an event happened: `{ sentences: [{ event, at_ms, text }], cut_short }`, oldest first,
    /// at most five. No sentences where the log's window has nothing of it any more.
    #[wasm_bindgen(js_name = whyEvent)]
    pub fn why_event(&self, id: f64) -> Result<JsValue, JsError> {
        self.why(&About::Event(id.max(0.0) as u64))
    }

    /// Why an operation ended as it did, or has not.
    #[wasm_bindgen(js_name = whyOp)]
    pub fn why_op(&self, name: &str) -> Result<JsValue, JsError> {
        match self.world().op_number(name) {
            Some(op) => self.why(&About::Op(op)),
            None => Err(no_op(name)),
        }
    }

    /// Why a node holds a hint for another.
    #[wasm_bindgen(js_name = whyHint)]
    pub fn why_hint(&self, holder: u32, target: u32, key: &str) -> Result<JsValue, JsError> {
        let (holder, target) = (NodeId(holder), NodeId(target));
        self.why(&About::Hint { holder, target, key: Key::new(key.as_bytes()) })
    }

    /// Why a node believes of another what it does.
    #[wasm_bindgen(js_name = whyBelief)]
    pub fn why_belief(&self, node: u32, whom: u32) -> Result<JsValue, JsError> {
        self.why(&About::Belief { node: NodeId(node), whom: NodeId(whom) })
    }

    /// Why a key has the versions it has.
    #[wasm_bindgen(js_name = whyKey)]
    pub fn why_key(&self, key: &str) -> Result<JsValue, JsError> {
        self.why(&About::Key(Key::new(key.as_bytes())))
    }

    fn why(&self, about: &About) -> Result<JsValue, JsError> {
        to_js(&views::why(&why(self.world(), about)))
    }

    /// The scenario with every command so far in its script.
    pub fn scenario(&self) -> String {
        self.timeline.scenario().to_json()
    }

    fn world(&self) -> &World {
        self.timeline.world()
    }
}

fn no_op(name: &str) -> JsError {
    JsError::new(&format!("no operation is called {}", quoted(name)))
}

/// Dabbling and diving ducks, for seeds that people can say aloud.
const DUCKS: [&str; 16] = [
    "mallard",
    "teal",
    "pintail",
    "gadwall",
    "wigeon",
    "shoveler",
    "garganey",
    "pochard",
    "scaup",
    "goldeneye",
    "smew",
    "eider",
    "merganser",
    "shelduck",
    "mandarin",
    "bufflehead",
];
