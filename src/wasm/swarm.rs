//! Experiments for the page: a module of its own, which nobody loads who does not ask for one.

use wasm_bindgen::prelude::*;

use crate::sim::json::{Json, object};
use crate::sim::load::growth::{CLIENTS_PER_MACHINE, measure};
use crate::sim::swarm::under::{self, Tried};
use crate::wasm::{said, to_js};

/// Plays a seed's hostile run of this scenario's settings: `{ seed, events, asked, refused,
/// unanswered, first?: { op, at_ms }, broken?: { check, why, at_ms } }`.
#[wasm_bindgen(js_name = trySeed)]
pub fn try_seed(scenario: &str, seed: u32) -> Result<JsValue, JsError> {
    to_js(&tried_json(&under::try_seed(scenario, u64::from(seed)).map_err(said)?))
}

/// The same run as a scenario.
#[wasm_bindgen(js_name = hostileScenario)]
pub fn hostile_scenario(scenario: &str, seed: u32) -> Result<String, JsError> {
    under::text(scenario, u64::from(seed)).map_err(said)
}

/// What a ring of so many machines serves, by clients in proportion: `{ machines, clients,
/// ops_per_second, per_machine, mean_ms, p999_ms, inputs_per_op, busy }`. It takes seconds.
#[wasm_bindgen]
pub fn throughput(machines: u32) -> Result<JsValue, JsError> {
    let clients = machines.saturating_mul(CLIENTS_PER_MACHINE);
    to_js(&measure(machines, clients).map_err(said)?.to_json())
}

fn tried_json(tried: &Tried) -> Json {
    let mut fields = vec![
        ("seed", tried.seed.into()),
        ("events", tried.events.into()),
        ("asked", tried.asked.into()),
        ("refused", tried.refused.into()),
        ("unanswered", tried.unanswered.into()),
    ];
    if let Some((op, at)) = &tried.first {
        let at_ms = at.as_ms_f64().into();
        fields.push(("first", object(vec![("op", op.as_str().into()), ("at_ms", at_ms)])));
    }
    if let Some((broken, at)) = &tried.broken {
        let (check, why) = (broken.check.into(), broken.why.as_str().into());
        let broken = vec![("check", check), ("why", why), ("at_ms", at.as_ms_f64().into())];
        fields.push(("broken", object(broken)));
    }
    object(fields)
}
