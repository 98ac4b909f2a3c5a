//! The structure of the project, held by a test: the wall that one crate does not give.
//!
//! Each check is a function from sources to complaints, so that it is tried here on sources with a
//! planted fault too: a check that cannot fail guards nothing. Deliberately absent: a parser of
//! Rust. Comments and texts are blanked out, and what is left is read as words and paths.
#![cfg(not(target_arch = "wasm32"))]

use std::path::Path;

#[path = "tidy/features.rs"]
mod features;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/layout.rs"]
mod layout;
#[path = "tidy/modules.rs"]
mod modules;
#[path = "tidy/packages.rs"]
mod packages;
#[path = "tidy/paths.rs"]
mod paths;
#[path = "tidy/size.rs"]
mod size;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/words.rs"]
mod words;

use source::{Source, read_tree};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_sources() -> Vec<Source> {
    let sources = read_tree(root(), &["src"], &[".rs"]);
    assert!(!sources.is_empty(), "no source was found, so nothing would be checked");
    sources
}

#[track_caller]
fn assert_none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
}

#[test]
fn every_use_line_points_downwards_as_architecture_md_says() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md"))
        .expect("ARCHITECTURE.md holds the table of layers");
    let table = layers::Table::parse(&text).unwrap_or_else(|why| panic!("ARCHITECTURE.md: {why}"));
    assert_none(table.complaints(&rust_sources()));
}

#[test]
fn no_file_is_longer_than_500_lines_without_its_tests() {
    let folders = ["src", "tests", "tools", "www"];
    assert_none(size::too_long(&read_tree(root(), &folders, &[".rs", ".ts", ".css", ".mjs"])));
}

#[test]
fn no_line_is_wider_than_100_columns() {
    let folders = ["src", "tests", "tools", "www"];
    assert_none(size::too_wide(&read_tree(root(), &folders, &[".rs", ".ts", ".mjs"])));
}

#[test]
fn unsafe_stands_nowhere_but_in_the_facade() {
    assert_none(words::unsafe_outside_wasm(&rust_sources()));
}

#[test]
fn the_lower_layers_know_no_clock_and_no_hash_order() {
    assert_none(words::impure_below(&rust_sources()));
}

#[test]
fn every_file_is_declared_as_a_module_exactly_once() {
    assert_none(modules::complaints(&rust_sources()));
}

#[test]
fn the_top_level_holds_only_what_was_agreed() {
    assert_none(layout::strangers(&layout::entries(root())));
}

#[test]
fn every_package_that_was_agreed_is_used() {
    assert_none(packages::unused(&rust_sources()));
}

#[test]
fn no_build_has_saboteurs_unless_it_asks_for_them() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml is there");
    assert_none(features::pulled_in(&text));
}
