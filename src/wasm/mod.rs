//! L6: the module's face to JavaScript. Narrow, and pulled from outside: Rust never calls into
//! JavaScript with what happens.
//!
//! [`frame`] and [`views`] are plain Rust and are tested natively; the rest knows bindgen.

#[cfg(target_arch = "wasm32")]
pub mod channel;
pub mod frame;
#[cfg(target_arch = "wasm32")]
mod inbox;
#[cfg(target_arch = "wasm32")]
pub mod sim;
#[cfg(target_arch = "wasm32")]
pub mod socket;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
pub mod views;
