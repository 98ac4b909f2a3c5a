//! L6: the module's face to JavaScript. Narrow, and pulled from outside: Rust never calls into
//! JavaScript with what happens.
//!
//! [`frame`] and [`views`] are plain Rust and are tested natively; only [`sim`] knows bindgen.

pub mod frame;
#[cfg(target_arch = "wasm32")]
pub mod sim;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
pub mod views;
