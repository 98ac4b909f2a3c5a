//! L6: the module's face to JavaScript. Narrow, and pulled from outside: Rust never calls into
//! JavaScript with what happens.
//!
//! [`beliefs`], [`frame`] and [`views`] are plain Rust and are tested natively; the rest knows
//! bindgen.

pub mod beliefs;
#[cfg(all(target_arch = "wasm32", feature = "swarm"))]
pub mod bench;
#[cfg(all(target_arch = "wasm32", feature = "peer"))]
pub mod channel;
#[cfg(all(target_arch = "wasm32", feature = "peer"))]
mod clock;
pub mod frame;
#[cfg(all(target_arch = "wasm32", feature = "peer"))]
mod inbox;
#[cfg(all(target_arch = "wasm32", feature = "peer"))]
pub mod peer;
#[cfg(any(not(target_arch = "wasm32"), feature = "peer"))]
pub mod peer_views;
#[cfg(all(target_arch = "wasm32", feature = "world"))]
pub mod sim;
#[cfg(all(target_arch = "wasm32", feature = "peer"))]
pub mod socket;
#[cfg(all(target_arch = "wasm32", feature = "swarm"))]
pub mod swarm;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
#[cfg(all(target_arch = "wasm32", feature = "peer"))]
pub mod traffic;
pub mod views;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen::{JsError, JsValue};

/// As fast for what a world asks for as the standard library's, and a fifth of its code.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A value as plain JavaScript.
#[cfg(target_arch = "wasm32")]
fn to_js(value: &impl serde::Serialize) -> Result<JsValue, JsError> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(said)
}

/// An error with these words.
#[cfg(target_arch = "wasm32")]
fn said(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}

/// A panic is a bug: its message goes to the console before the module traps.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}
