//! One shape for every refusal: the path to the field, what was found, what is allowed.

use crate::base::gather::Gather;
use crate::sim::json::Json;
use std::fmt;

/// Why a scenario, or a command, was refused. Nothing was built. Boxed, because it is the rare
/// end of very many calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadInput(Box<Refusal>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Such as `script[3].put.via`; empty for the input as a whole.
    pub path: String,
    pub found: String,
    pub allowed: String,
}

impl std::ops::Deref for BadInput {
    type Target = Refusal;

    fn deref(&self) -> &Refusal {
        &self.0
    }
}

impl BadInput {
    pub fn new(path: &str, found: impl Into<String>, allowed: impl Into<String>) -> BadInput {
        let (path, found, allowed) = (path.into(), found.into(), allowed.into());
        BadInput(Box::new(Refusal { path, found, allowed }))
    }

    /// The same refusal, seen from one level further out.
    pub fn under(mut self, outer: &str) -> BadInput {
        if !self.path.is_empty() && !self.path.starts_with('[') {
            self.0.path.insert(0, '.');
        }
        self.0.path.insert_str(0, outer);
        self
    }

    /// The same, of an element of a list.
    pub fn at(self, place: usize) -> BadInput {
        self.under(&format!("[{place}]"))
    }

    /// A refusal about the script's entry at `place`, seen from within the entry; any other stays.
    pub fn within(mut self, place: usize) -> BadInput {
        let entry = format!("script[{place}]");
        if let Some(inner) = self.path.strip_prefix(&entry) {
            self.0.path = inner.trim_start_matches('.').to_owned();
        }
        self
    }

    /// The same refusal, with more that would have been allowed.
    pub fn or(mut self, more: &str) -> BadInput {
        self.0.allowed.push_str(", or ");
        self.0.allowed.push_str(more);
        self
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the input" } else { &self.path };
        write!(f, "{path}: found {}, allowed {}", self.found, self.allowed)
    }
}

impl std::error::Error for BadInput {}

/// `text` in quotation marks, cut short where a person has seen enough.
pub fn quoted(text: &str) -> String {
    const ENOUGH: usize = 80;
    quoted_up_to(text, ENOUGH)
}

/// The same, for whom so many characters are enough.
pub fn quoted_up_to(text: &str, enough: usize) -> String {
    match beginning(text, enough) {
        Some(beginning) => format!("{}…", quote(beginning)),
        None => quote(text),
    }
}

/// The first characters, where there are more of them.
fn beginning(text: &str, characters: usize) -> Option<&str> {
    let (at, _) = text.char_indices().nth(characters)?;
    text.get(..at)
}

/// As JSON has it. The standard way knows every character that cannot be printed: 2 KB of code.
pub fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A name that stands in a path as it is; any other is quoted there.
pub fn is_plain(name: &str) -> bool {
    name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}

/// Parts in a row.
pub fn joined<S: AsRef<str>>(parts: &[S], between: &str) -> String {
    let mut all = String::new();
    for part in parts {
        append(&mut all, part.as_ref(), between);
    }
    all
}

fn append(all: &mut String, part: &str, between: &str) {
    if !all.is_empty() {
        all.push_str(between);
    }
    all.push_str(part);
}

/// Refuses what has none of these fields, or two of them.
pub fn exactly_one(kind: &str, fields: &[(&'static str, bool)]) -> Result<&'static str, BadInput> {
    let mut given = Vec::new();
    for &(name, is_given) in fields {
        if is_given {
            given.push(name);
        }
    }
    let found = match given.as_slice() {
        &[one] => return Ok(one),
        [] => format!("no {kind}"),
        many => joined(many, " and "),
    };
    let mut names = String::new();
    for (place, (name, _)) in fields.iter().enumerate() {
        let is_last = place + 1 == fields.len();
        append(&mut names, name, if is_last { " or " } else { ", " });
    }
    Err(BadInput::new("", found, format!("exactly one of {names}")))
}

/// Names in a row, the first dozen of them where there are many.
pub fn listed<S: AsRef<str>>(names: impl ExactSizeIterator<Item = S>) -> String {
    const ENOUGH: usize = 12;
    let total = names.len();
    let shown: Vec<String> = names.take(ENOUGH).map(|name| name.as_ref().to_owned()).gather();
    match total {
        0 => "there is none".into(),
        _ if total > ENOUGH => format!("{} … ({total} in all)", joined(&shown, ", ")),
        _ => joined(&shown, ", "),
    }
}

/// A number as people write it. By way of JSON: the standard way is another 16 KB of code.
pub fn plain(x: f64) -> String {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    if x.fract() == 0.0 && x.abs() <= EXACT {
        (x as i64).to_string()
    } else {
        serde_json::to_string(&x).unwrap_or_default()
    }
}

/// What stands there, in a few words: a person has seen enough of a text after one line.
pub fn shown(json: &Json) -> String {
    const ENOUGH: usize = 80;
    match json {
        Json::Null => "null".into(),
        Json::Bool(value) => value.to_string(),
        Json::Whole(x) => x.to_string(),
        Json::Negative(x) => x.to_string(),
        Json::Float(x) => plain(*x),
        Json::Text(text) => {
            let text = quote(text);
            match beginning(&text, ENOUGH) {
                Some(beginning) => format!("{beginning}…\""),
                None => text,
            }
        }
        Json::List(_) => "a list".into(),
        Json::Object(_) => "an object".into(),
    }
}

/// A field that is not `known` here, with what the contract has and this build has not told apart
/// from what nobody ever heard of.
pub fn unknown_field(field: &str, known: &[&str]) -> BadInput {
    let mut allowed = match known {
        [] => "no field".to_owned(),
        fields => joined(fields, ", "),
    };
    let not_built = [("strategy", "tokens_per_node")];
    let is_in_contract = |&(sibling, fields): &(&str, &str)| {
        known.contains(&sibling) && fields.split(' ').any(|name| name == field)
    };
    if not_built.iter().any(is_in_contract) {
        allowed.push_str(&format!(" ({field} is not built yet)"));
    }
    let path = if is_plain(field) { field.to_owned() } else { format!("[{}]", quoted(field)) };
    BadInput::new(&path, format!("an unknown field {}", quoted(field)), allowed)
}

/// What a field that must be there asks for.
pub fn wanted(field: &str) -> &'static str {
    match field {
        "version" => "1",
        "until_ms" => "a number from 0 to 36000000",
        "value" | "equals" => "text, or {\"base64\": \"…\"}",
        "key" => "text of 1 to 1024 bytes",
        "node" | "whom" => "the name of a node",
        "name" => "a name",
        "from" | "to" | "on" => "a list of names of nodes",
        "factor" => "a number from 0.01 to 10000",
        "ms" => "a number of milliseconds",
        "op" => "the name of a put or get of the script",
        "is" => {
            "\"ok\", \"refused\" or \"timeout\"; of a suspicion true or false; of a disk \"well\", \
             \"full\" or \"failing\""
        }
        "count" => "a whole number",
        "base64" => "bytes in base64",
        "ok" => "true or false",
        "strategy" => "3",
        "clients" => "a whole number from 1 to 10000",
        "keys" => "a whole number from 1 to 100000",
        "for_ms" => "a number from 1 to 3600000",
        _ => "a value",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_grows_outwards_by_names_and_by_places() {
        let refusal = BadInput::new("via", "\"Q\"", "A, B").under("put").under("script[3]");
        assert_eq!(refusal.to_string(), "script[3].put.via: found \"Q\", allowed A, B");
        assert_eq!(BadInput::new("[1]", "x", "y").under("on").path, "on[1]");
    }

    #[test]
    fn an_unknown_field_is_refused_with_those_there_are_and_those_that_come() {
        let refusal = unknown_field("x", &["y", "z"]).under("a");
        assert_eq!(refusal.to_string(), "a.x: found an unknown field \"x\", allowed y, z");
        let refusal = unknown_field("tokens_per_node", &["strategy"]);
        assert_eq!(refusal.allowed, "strategy (tokens_per_node is not built yet)");
        assert_eq!(unknown_field("a b", &[]).under("heal").path, "heal[\"a b\"]");
    }

    #[test]
    fn a_long_text_is_shown_by_its_beginning() {
        let found = shown(&"ä".repeat(500).into());
        assert!(found.ends_with("ä…\"") && found.chars().count() == 82, "{found}");
    }

    #[test]
    fn a_long_list_of_names_is_cut_short_with_its_length() {
        let names: Vec<String> = (0..40).map(|i| format!("N{i}")).collect();
        assert!(listed(names.iter()).ends_with("N11 … (40 in all)"));
        assert_eq!(listed(["A", "B"].iter()), "A, B");
    }
}
