//! A file of the project, and its code with comments and texts blanked out.

use std::fs;
use std::path::Path;

#[derive(Clone, Debug)]
pub struct Source {
    /// Relative to the root, with `/`.
    pub path: String,
    pub text: String,
}

impl Source {
    #[cfg(test)]
    pub fn planted(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    /// `src/data/ring.rs` is `["data", "ring"]`; the roots are `["lib"]` and `["main"]`.
    pub fn module(&self) -> Vec<&str> {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let mut parts: Vec<&str> = inner.split('/').collect();
        if parts.last() == Some(&"mod") {
            parts.pop();
        }
        parts
    }

    /// The text with comments, strings and characters blanked out; lines stay where they are.
    pub fn code(&self) -> String {
        blank(&self.text)
    }
}

/// What a tool wrote is not held to what people write.
const GENERATED: [&str; 4] = ["node_modules", "pkg", "generated", "target"];

pub fn read_tree(root: &Path, folders: &[&str], endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    for folder in folders {
        walk(root, folder, endings, &mut found);
    }
    found
}

fn walk(root: &Path, folder: &str, endings: &[&str], found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return };
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a readable folder").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    for name in names {
        let path = format!("{folder}/{name}");
        if root.join(&path).is_dir() {
            if !GENERATED.contains(&name.as_str()) {
                walk(root, &path, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            let text = fs::read_to_string(root.join(&path)).expect("a readable text");
            found.push(Source { path, text });
        }
    }
}

/// Blanks what is not code. Everything stays in its line; widths may change.
fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skip(&chars, at);
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else {
            code.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    code
}

/// The end of the comment, string or character that begins at `at`; `at` itself when none does.
fn skip(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    let inside_word = at > 0 && is_word(chars[at - 1]);
    match (chars[at], next) {
        ('/', Some('/')) => line_end(chars, at),
        ('/', Some('*')) => block_end(chars, at),
        ('"', _) => string_end(chars, at),
        ('r', Some('"' | '#')) if !inside_word || chars[at - 1] == 'b' => raw_end(chars, at),
        ('\'', Some('\\')) => {
            chars[at + 3..].iter().position(|&c| c == '\'').map_or(chars.len(), |n| at + 4 + n)
        }
        ('\'', Some(_)) if chars.get(at + 2) == Some(&'\'') => at + 3,
        _ => at,
    }
}

fn line_end(chars: &[char], at: usize) -> usize {
    chars[at..].iter().position(|&c| c == '\n').map_or(chars.len(), |n| at + n)
}

fn block_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut here = at;
    while here + 1 < chars.len() {
        match (chars[here], chars[here + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                here += 1;
                continue;
            }
        }
        here += 2;
        if depth == 0 {
            return here;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], at: usize) -> usize {
    let mut here = at + 1;
    while here < chars.len() {
        match chars[here] {
            '\\' => here += 2,
            '"' => return here + 1,
            _ => here += 1,
        }
    }
    chars.len()
}

/// A raw string, or `at` where the `r` begins something else (`r#type`).
fn raw_end(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let close: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = at + 2 + hashes;
    chars[body..]
        .windows(close.len())
        .position(|window| window == close)
        .map_or(chars.len(), |n| body + n + close.len())
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn comments_and_texts_are_not_code() {
    let text = "a /* b /* c */ d */ e // f\ng \"h \\\" i\" j r#\"k \" l\"# m";
    let words: Vec<String> = blank(text).split_whitespace().map(str::to_owned).collect();
    assert_eq!(words, ["a", "e", "g", "j", "m"]);
}

#[test]
fn characters_are_texts_and_lifetimes_are_not() {
    let text = "fn f<'a>(x: &'a str) { g('\"', '\\'', '{', '\\u{1F}'); h }";
    let code: String = blank(text).split_whitespace().collect();
    assert_eq!(code, "fnf<'a>(x:&'astr){g(,,,);h}");
}

#[test]
fn the_module_of_a_file_is_read_from_its_path() {
    let module = |path| Source::planted(path, "").module().join("::");
    assert_eq!(module("src/data/ring.rs"), "data::ring");
    assert_eq!(module("src/data/mod.rs"), "data");
    assert_eq!(module("src/lib.rs"), "lib");
}
