//! The sources once more, their unit tests included, as a program that asks for a browser.
//!
//! A test program says in itself whether it is for Node or for browsers, and wasm-pack skips, with
//! success, what is for the other. So there are two from the same sources: the library's own, which
//! says nothing and runs under Node, and this one. `npm test` counts what really ran.
#![cfg(target_arch = "wasm32")]
// The modules are a library's: much of them, and of what they re-export, only others use.
#![allow(dead_code, unused_imports)]
// What is private here is exported there, and Clippy has another opinion of names then.
#![allow(clippy::wrong_self_convention)]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "../../src/base/mod.rs"]
mod base;
#[path = "../../src/data/mod.rs"]
mod data;
#[path = "../../src/host/mod.rs"]
mod host;
#[path = "../../src/node/mod.rs"]
mod node;
#[path = "../../src/protocol/mod.rs"]
mod protocol;
#[path = "../../src/sim/mod.rs"]
mod sim;
#[path = "../../src/wasm/mod.rs"]
mod wasm;
#[path = "../../src/wire/mod.rs"]
mod wire;
