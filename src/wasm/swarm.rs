//! Hostile runs for the page: a module of its own, which nobody loads who does not ask for it.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::sim::json::{Json, object};
use crate::sim::scenario::BadInput;
use crate::sim::swarm::under::{self, Tried};

/// Plays a seed's hostile run of this scenario's settings: `{ seed, events, asked, refused,
/// unanswered, first?: { op, at_ms }, broken?: { check, why, at_ms } }`.
#[wasm_bindgen(js_name = trySeed)]
pub fn try_seed(scenario: &str, seed: u32) -> Result<JsValue, JsError> {
    let tried = under::try_seed(scenario, u64::from(seed)).map_err(refused)?;
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    to_json(&tried).serialize(&serializer).map_err(|error| JsError::new(&error.to_string()))
}

/// The same run as a scenario.
#[wasm_bindgen(js_name = hostileScenario)]
pub fn hostile_scenario(scenario: &str, seed: u32) -> Result<String, JsError> {
    under::text(scenario, u64::from(seed)).map_err(refused)
}

fn to_json(tried: &Tried) -> Json {
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

fn refused(bad: BadInput) -> JsError {
    JsError::new(&bad.to_string())
}
