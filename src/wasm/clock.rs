//! The platform's clocks, which every home of a real node has: the only place that reads them.

use wasm_bindgen::prelude::*;

use crate::base::time::{Instant, Now, WallTime};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Now. The monotonic clock began when the page, or the process, did.
pub fn now() -> Now {
    let wall_ms = js_sys::Date::now();
    Now {
        monotonic: Instant::from_ms_f64(performance_now()),
        wall: WallTime(wall_ms as i64 * 1_000_000),
    }
}
