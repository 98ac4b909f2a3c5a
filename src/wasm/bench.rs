//! The standard workloads for `npm run bench`: in the module that nobody loads who does not ask.

use wasm_bindgen::prelude::*;

use crate::base::time::Instant;
use crate::sim::bench::{KEYS, Played, Workload};

/// One workload being played.
#[wasm_bindgen]
pub struct Bench(Played);

#[wasm_bindgen]
impl Bench {
    /// `w1` is gossip, anything else the store.
    #[wasm_bindgen(constructor)]
    pub fn new(workload: &str, nodes: u32) -> Result<Bench, JsError> {
        let workload = of(workload);
        let setup = workload.setup(nodes, workload.lasts());
        setup.map(|setup| Bench(Played::new(setup))).map_err(|bad| JsError::new(&bad.to_string()))
    }

    /// How long the workload lasts, in virtual time.
    #[wasm_bindgen(js_name = lastsMs)]
    pub fn lasts_ms(workload: &str) -> f64 {
        of(workload).lasts().as_ms_f64()
    }

    /// Plays on to this moment.
    #[wasm_bindgen(js_name = runTo)]
    pub fn run_to(&mut self, ms: f64) {
        self.0.run_to(Instant::from_ms_f64(ms));
    }

    /// Messages delivered, operations answered, and what was not as it must be.
    pub fn counted(&self) -> Vec<f64> {
        let counted = self.0.counted();
        [counted.messages, counted.operations, counted.violations].map(|n| n as f64).to_vec()
    }

    /// As natively, if both played the same.
    pub fn digest(&self) -> String {
        format!("{:016x}", self.0.digest())
    }
}

fn of(workload: &str) -> Workload {
    match workload {
        "w1" => Workload::Gossip,
        _ => Workload::Store { keys: KEYS },
    }
}
