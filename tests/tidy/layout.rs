//! What may stand at the top of the repository.

use std::fs;
use std::path::Path;

const AGREED: [&str; 13] = [
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "package-lock.json",
    "package.json",
    "rust-toolchain.toml",
    "src",
    "tests",
    "tools",
    "www",
];
/// Demanded there by a tool that looks nowhere else.
const DEMANDED: [&str; 1] = ["webdriver.json"];
/// Written by the tools and ignored by git.
const WRITTEN: [&str; 5] = ["dist", "node_modules", "playwright-report", "target", "test-results"];

pub fn entries(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root).expect("the root is readable");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a readable root").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

pub fn strangers(names: &[String]) -> Vec<String> {
    let is_known = |name: &str| {
        let listed = [&AGREED[..], &DEMANDED, &WRITTEN].concat().contains(&name);
        listed || name.starts_with('.') || name.starts_with("LICENSE")
    };
    let strangers = names.iter().filter(|name| !is_known(name));
    strangers.map(|name| format!("{name}: not among what was agreed for the top level")).collect()
}

#[test]
fn a_stranger_at_the_top_level_is_refused() {
    let names = ["src", ".clippy.toml", "LICENSE-MIT", "docs", "biome.json"].map(str::to_owned);
    let found = strangers(&names);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("docs:") && found[1].starts_with("biome.json:"));
}
