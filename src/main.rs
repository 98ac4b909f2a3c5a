//! The command line. Everything it knows about Dynamo comes from the library.

#[cfg(not(target_arch = "wasm32"))]
mod cli;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    cli::main()
}

/// In wasm there is no command line; `Sim` is the way in.
#[cfg(target_arch = "wasm32")]
fn main() {}
