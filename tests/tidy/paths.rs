//! Every path in a source that begins at the crate's root or climbs with `super`.

use crate::source::{Source, is_word};

/// A path from the root of the crate, as far as names go: `["data", "ring", "Ring"]`.
#[derive(Debug, PartialEq)]
pub struct Found {
    pub line: usize,
    pub path: Vec<String>,
}

/// The names by which the crate's root is called: inside it, and from the command line.
const ROOTS: [&str; 2] = ["crate", "dynamo_playground"];

pub fn found_in(source: &Source) -> Vec<Found> {
    let code: Vec<char> = source.code().chars().collect();
    let module: Vec<String> = source.module().into_iter().map(str::to_owned).collect();
    let mut found = Vec::new();
    let mut line = 1;
    // For each open brace: was it opened by `mod name {`?
    let mut braces = Vec::new();
    let mut at = 0;
    while at < code.len() {
        match code[at] {
            '\n' => line += 1,
            '{' => braces.push(opens_module(&code[..at])),
            '}' => drop(braces.pop()),
            c if is_word(c) => {
                let name = word(&code, at);
                let inner = braces.iter().filter(|&&is_module| is_module).count();
                for path in paths_at(&code, at, &name, &module, inner) {
                    found.push(Found { line, path });
                }
                // A climb is read as one: its later `super`s are not climbs of their own.
                at = if name == "super" { climb(&code, at).1 } else { at + name.chars().count() };
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn paths_at(
    code: &[char],
    at: usize,
    name: &str,
    module: &[String],
    inner: usize,
) -> Vec<Vec<String>> {
    let (base, end) = if ROOTS.contains(&name) {
        (Vec::new(), at + name.chars().count())
    } else if name == "super" {
        let (steps, end) = climb(code, at);
        let Some(up) = steps.checked_sub(inner).filter(|&up| up > 0) else { return Vec::new() };
        (module[..module.len().saturating_sub(up)].to_vec(), end)
    } else {
        return Vec::new();
    };
    match after_colons(code, end) {
        Some(rest) => {
            tree(code, rest).0.into_iter().map(|tail| [&base[..], &tail].concat()).collect()
        }
        None => Vec::new(),
    }
}

/// `super::super::x`: how many steps, and where the last `super` ends.
fn climb(code: &[char], at: usize) -> (usize, usize) {
    let (mut steps, mut end) = (1, at + "super".len());
    while let Some(next) = after_colons(code, end) {
        if word(code, next) != "super" {
            break;
        }
        steps += 1;
        end = next + "super".len();
    }
    (steps, end)
}

/// A use tree: its paths, and where it ends. `a::{b, c::D}` is `a::b` and `a::c::D`.
fn tree(code: &[char], at: usize) -> (Vec<Vec<String>>, usize) {
    let at = skip_space(code, at);
    if code.get(at) == Some(&'{') {
        let mut all = Vec::new();
        let mut here = at + 1;
        loop {
            here = skip_space(code, here);
            match code.get(here) {
                None => return (all, here),
                Some('}') => return (all, here + 1),
                Some(c) if is_word(*c) || *c == '{' => {
                    let (paths, end) = tree(code, here);
                    all.extend(paths);
                    here = end.max(here + 1);
                }
                Some(_) => here += 1,
            }
        }
    }
    let name = word(code, at);
    if name.is_empty() {
        return (vec![Vec::new()], at);
    }
    let end = at + name.chars().count();
    match after_colons(code, end) {
        Some(rest) => {
            let (tails, end) = tree(code, rest);
            let paths = tails.into_iter().map(|tail| [vec![name.clone()], tail].concat());
            (paths.collect(), end)
        }
        // `as other` names nothing of the crate.
        None => (vec![vec![name]], skip_alias(code, end)),
    }
}

fn skip_alias(code: &[char], at: usize) -> usize {
    let next = skip_space(code, at);
    if word(code, next) != "as" {
        return at;
    }
    let alias = skip_space(code, next + 2);
    alias + word(code, alias).chars().count()
}

fn after_colons(code: &[char], at: usize) -> Option<usize> {
    let at = skip_space(code, at);
    (code.get(at) == Some(&':') && code.get(at + 1) == Some(&':')).then(|| skip_space(code, at + 2))
}

fn skip_space(code: &[char], at: usize) -> usize {
    at + code[at.min(code.len())..].iter().take_while(|c| c.is_whitespace()).count()
}

fn word(code: &[char], at: usize) -> String {
    code[at.min(code.len())..].iter().take_while(|&&c| is_word(c)).collect()
}

/// Is what stands before this brace `mod name`?
fn opens_module(before: &[char]) -> bool {
    let start = before.len().saturating_sub(80);
    let tail: String = before[start..].iter().collect();
    let words: Vec<&str> = tail.split_whitespace().collect();
    words.len() >= 2 && words[words.len() - 2] == "mod"
}

#[cfg(test)]
fn read(path: &str, text: &str) -> Vec<String> {
    found_in(&Source::planted(path, text)).into_iter().map(|f| f.path.join("::")).collect()
}

#[test]
fn groups_over_several_lines_are_read_whole() {
    let text =
        "use crate::{\n  base::{self, time::Span as S},\n  data::ring::*,\n};\nuse std::fmt;";
    let paths = read("src/node/mod.rs", text);
    assert_eq!(paths, ["base::self", "base::time::Span", "data::ring"]);
}

#[test]
fn paths_in_expressions_count_as_well_as_use_lines() {
    let text = "fn f() { let x = crate::sim::World::<u8>::new(); $crate::host::go() }";
    assert_eq!(read("src/data/ring.rs", text), ["sim::World", "host::go"]);
}

#[test]
fn super_is_followed_out_of_the_file_but_not_out_of_an_inline_module() {
    let text =
        "use super::message::Put;\nmod tests { use super::*; use super::super::sim::World; }";
    let paths = read("src/protocol/handoff.rs", text);
    assert_eq!(paths, ["protocol::message::Put", "protocol::sim::World"]);
    let twice = read("src/protocol/handoff.rs", "use super::super::sim::World;");
    assert_eq!(twice, ["sim::World"]);
}

#[test]
fn the_line_of_a_path_is_told() {
    let source = Source::planted("src/a.rs", "// one\n\nuse crate::b;\n");
    assert_eq!(found_in(&source), [Found { line: 3, path: vec!["b".to_owned()] }]);
}

#[test]
fn a_path_in_a_comment_or_a_text_is_no_path() {
    assert!(read("src/a.rs", "//! [`crate::node`]\nconst A: &str = \"crate::sim\";").is_empty());
}
