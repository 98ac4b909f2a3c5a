//! The generator by its usual name. wasm-pack looks for it on PATH, asks it for its version, and
//! takes the test runner beside it: with both here, it has nothing to fetch.

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    Ok(wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(env::args_os())?)
}
