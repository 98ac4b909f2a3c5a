//! Writes the JavaScript face of a wasm module: `bindgen MODULE.wasm OUT_DIR NAME`.
//!
//! A member of this workspace instead of an installed tool: the generator and the `wasm-bindgen`
//! inside the module come from one lock file, so the two can never differ.

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [module, out_dir, name] = arguments.as_slice() else {
        eprintln!("usage: bindgen MODULE.wasm OUT_DIR NAME");
        return ExitCode::from(2);
    };
    match generate(module, out_dir, name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen could not turn {module} into {name} in {out_dir}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// One output for every runtime: `web`, which browsers import and Node starts with `initSync`.
fn generate(module: &str, out_dir: &str, name: &str) -> Result<(), Box<dyn std::error::Error>> {
    Bindgen::new()
        .input_path(module)
        .out_name(name)
        .web(true)?
        .typescript(true)
        .debug(false)
        .remove_name_section(true)
        .omit_default_module_path(false)
        .generate(out_dir)?;
    Ok(())
}
