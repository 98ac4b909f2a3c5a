//! Words that may not stand in some places.

use crate::source::{Source, is_word};

/// L0 to L3: no clock, no hash order. Clippy denies these too; this holds where it is switched off.
const PURE: [&str; 4] = ["src/base", "src/data", "src/protocol", "src/node"];
const IMPURE: [&str; 4] = ["HashMap", "HashSet", "SystemTime", "Instant::now"];

pub fn unsafe_outside_wasm(sources: &[Source]) -> Vec<String> {
    let outside = |source: &&Source| !is_in(source, &["src/wasm"]);
    sources.iter().filter(outside).flat_map(|source| places(source, &["unsafe"])).collect()
}

pub fn impure_below(sources: &[Source]) -> Vec<String> {
    let below = |source: &&Source| is_in(source, &PURE);
    sources.iter().filter(below).flat_map(|source| places(source, &IMPURE)).collect()
}

fn is_in(source: &Source, modules: &[&str]) -> bool {
    modules.iter().any(|module| {
        let rest = source.path.strip_prefix(module);
        rest.is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
    })
}

fn places(source: &Source, words: &[&str]) -> Vec<String> {
    let code = source.code();
    let mut complaints = Vec::new();
    for (number, line) in code.lines().enumerate() {
        for word in words.iter().filter(|word| has_word(line, word)) {
            complaints.push(format!("{}:{}: {word}", source.path, number + 1));
        }
    }
    complaints
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[test]
fn unsafe_is_refused_outside_the_facade_only() {
    let planted = |path| unsafe_outside_wasm(&[Source::planted(path, "\nunsafe { x() }")]);
    assert_eq!(planted("src/base/blob.rs"), ["src/base/blob.rs:2: unsafe"]);
    assert!(planted("src/wasm/frame.rs").is_empty());
    let innocent = "// unsafe\n#![forbid(unsafe_code)]";
    assert!(unsafe_outside_wasm(&[Source::planted("src/lib.rs", innocent)]).is_empty());
}

#[test]
fn clocks_and_hash_order_are_refused_in_the_lower_layers_only() {
    let text = "use std::collections::HashMap;\nlet t = std::time::Instant::now();";
    let planted = |path| impure_below(&[Source::planted(path, text)]).len();
    assert_eq!(planted("src/node/mod.rs"), 2);
    assert_eq!(planted("src/node.rs"), 2);
    assert_eq!(planted("src/sim/world.rs"), 0);
}
