//! No file that two things share, and none that nothing uses: each is declared exactly once.

use std::collections::BTreeMap;

use crate::source::Source;

const ROOTS: [&str; 2] = ["src/lib.rs", "src/main.rs"];

pub fn complaints(sources: &[Source]) -> Vec<String> {
    let mut declared: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut complaints = Vec::new();
    for source in sources {
        for (candidates, line) in declarations(source) {
            match candidates.iter().find(|path| sources.iter().any(|one| &one.path == *path)) {
                Some(path) => declared.entry(path.clone()).or_default().push(&source.path),
                None => complaints.push(format!("{}:{line}: no file for it", source.path)),
            }
        }
    }
    for source in sources.iter().filter(|source| !ROOTS.contains(&source.path.as_str())) {
        match declared.get(&source.path).map(Vec::as_slice) {
            None => complaints.push(format!("{}: declared nowhere", source.path)),
            Some([_]) => {}
            Some(by) => complaints.push(format!("{}: shared by {}", source.path, by.join(", "))),
        }
    }
    complaints
}

/// For each `mod name;`: the files it may mean, and its line. `#[path]` names one file.
fn declarations(source: &Source) -> Vec<(Vec<String>, usize)> {
    let folder = folder_of(&source.path);
    let beside = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    let mut path = None;
    let code = source.code();
    for (number, (line, text)) in code.lines().zip(source.text.lines()).enumerate() {
        if line.trim_start().starts_with("#[path") {
            path = text.split('"').nth(1).map(|relative| normal(&format!("{beside}/{relative}")));
        } else if let Some(name) = declared_name(line) {
            let usual = vec![format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")];
            found.push((path.take().map_or(usual, |path| vec![path]), number + 1));
        }
    }
    found
}

fn declared_name(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("mod ")?;
    let before = before.trim();
    let is_declaration = before.is_empty() || before.starts_with("pub") || before.ends_with(']');
    is_declaration.then(|| rest.trim().strip_suffix(';')).flatten()
}

/// Where a file's own modules stand: beside a root or a `mod.rs`, else in a folder of its name.
fn folder_of(path: &str) -> String {
    let stem = path.trim_end_matches(".rs");
    if ROOTS.contains(&path) || stem.ends_with("/mod") {
        return stem.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    }
    stem.to_owned()
}

fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
fn planted(files: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<Source> = files.iter().map(|(p, t)| Source::planted(p, t)).collect();
    complaints(&sources)
}

#[test]
fn a_tree_where_each_file_is_declared_once_is_fine() {
    let found = planted(&[
        ("src/lib.rs", "pub mod data;\npub mod node;"),
        ("src/data/mod.rs", "pub(crate) mod ring;\nmod inline { fn f() {} }"),
        ("src/data/ring.rs", "#[cfg(test)]\nmod tests;"),
        ("src/data/ring/tests.rs", ""),
        ("src/node.rs", ""),
    ]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_file_that_two_things_share_is_refused() {
    let roots = [("src/lib.rs", "mod a;"), ("src/main.rs", "mod a;"), ("src/a.rs", "")];
    assert_eq!(planted(&roots), ["src/a.rs: shared by src/lib.rs, src/main.rs"]);
    let by_path = [
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", ""),
        ("src/b/mod.rs", "#[path = \"../a.rs\"]\nmod c;"),
    ];
    assert_eq!(planted(&by_path), ["src/a.rs: shared by src/lib.rs, src/b/mod.rs"]);
}

#[test]
fn a_file_that_nothing_declares_and_a_declaration_without_a_file_are_refused() {
    assert_eq!(planted(&[("src/lib.rs", ""), ("src/a.rs", "")]), ["src/a.rs: declared nowhere"]);
    assert_eq!(planted(&[("src/lib.rs", "\nmod a;")]), ["src/lib.rs:2: no file for it"]);
}
