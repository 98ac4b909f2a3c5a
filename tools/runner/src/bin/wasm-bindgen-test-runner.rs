//! Runs the tests in a wasm module: `cargo test` calls it, for Node and for browsers.
//!
//! A member of this workspace instead of an installed tool, like `tools/bindgen`: it comes from the
//! lock file that the module's `wasm-bindgen` comes from, so the two can never differ.

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(env::args_os())?)
}
