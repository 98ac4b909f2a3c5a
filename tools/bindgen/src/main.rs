//! Writes the JavaScript face of a wasm module: `bindgen MODULE.wasm OUT_DIR NAME [names]`.
//!
//! With `names` its functions keep their names: for `wasm-opt`, which puts them in order by these
//! and then drops them. Without, they are dropped here.
//!
//! A member of this workspace instead of an installed tool: the generator and the `wasm-bindgen`
//! inside the module come from one lock file, so the two can never differ.

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (module, out_dir, name, is_named) = match texts.as_slice() {
        &[module, out_dir, name] => (module, out_dir, name, false),
        &[module, out_dir, name, "names"] => (module, out_dir, name, true),
        _ => {
            eprintln!("usage: bindgen MODULE.wasm OUT_DIR NAME [names]");
            return ExitCode::from(2);
        }
    };
    match generate(module, out_dir, name, is_named) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen could not turn {module} into {name} in {out_dir}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// One output for every runtime: `web`, which browsers import and Node starts with `initSync`.
fn generate(
    module: &str,
    out_dir: &str,
    name: &str,
    is_named: bool,
) -> Result<(), Box<dyn std::error::Error>> {
    Bindgen::new()
        .input_path(module)
        .out_name(name)
        .web(true)?
        .typescript(true)
        .debug(false)
        .remove_name_section(!is_named)
        .omit_default_module_path(false)
        .generate(out_dir)?;
    Ok(())
}
