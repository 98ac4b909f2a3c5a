//! One shape for every refusal: the path to the field, what was found, what is allowed.

use std::fmt;

/// Why a scenario, or a command, was refused. Nothing was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadInput {
    /// Such as `script[3].put.via`; empty for the input as a whole.
    pub path: String,
    pub found: String,
    pub allowed: String,
}

impl BadInput {
    pub fn new(path: &str, found: impl Into<String>, allowed: impl Into<String>) -> BadInput {
        BadInput { path: path.into(), found: found.into(), allowed: allowed.into() }
    }

    /// The same refusal, seen from one level further out.
    pub fn under(mut self, outer: impl fmt::Display) -> BadInput {
        self.path = match self.path.as_str() {
            "" => outer.to_string(),
            inner if inner.starts_with('[') => format!("{outer}{inner}"),
            inner => format!("{outer}.{inner}"),
        };
        self
    }

    /// Reads a refusal back out of serde's words. [`super::scalar`] and the derived visitors speak
    /// them in one of a few fixed forms.
    pub fn from_serde(error: serde_path_to_error::Error<serde_json::Error>) -> BadInput {
        let path = match error.path().to_string() {
            root if root == "." => String::new(),
            path => path,
        };
        let inner = error.into_inner();
        if !inner.is_data() {
            return BadInput::not_json(&inner);
        }
        let text = inner.to_string();
        let message = text.rfind(" at line ").map_or(text.as_str(), |at| &text[..at]);
        from_message(path, message)
    }

    pub fn not_json(error: &serde_json::Error) -> BadInput {
        let text = error.to_string();
        let message = text.rfind(" at line ").map_or(text.as_str(), |at| &text[..at]);
        let path = format!("line {}, column {}", error.line(), error.column());
        BadInput::new(&path, format!("a mistake in the JSON: {message}"), "one JSON object")
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
    match text.char_indices().nth(ENOUGH) {
        Some((at, _)) => format!("{:?}…", &text[..at]),
        None => format!("{text:?}"),
    }
}

/// Names in a row, the first dozen of them where there are many.
pub fn listed<S: AsRef<str>>(names: impl ExactSizeIterator<Item = S>) -> String {
    const ENOUGH: usize = 12;
    let total = names.len();
    let shown: Vec<String> = names.take(ENOUGH).map(|name| name.as_ref().to_owned()).collect();
    match total {
        0 => "there is none".into(),
        _ if total > ENOUGH => format!("{} … ({total} in all)", shown.join(", ")),
        _ => shown.join(", "),
    }
}

fn from_message(path: String, message: &str) -> BadInput {
    let within = |field: &str| match path.as_str() {
        "" => field.to_owned(),
        path => format!("{path}.{field}"),
    };
    if let Some(field) = between(message, "missing field `", "`") {
        return BadInput::new(&within(field), "nothing", wanted(field));
    }
    if let Some(field) = between(message, "duplicate field `", "`") {
        return BadInput::new(&within(field), format!("{field} twice"), format!("{field} once"));
    }
    if let Some(rest) = message.strip_prefix("unknown field `") {
        return unknown_field(&path, rest);
    }
    for prefix in ["invalid type: ", "invalid value: ", "invalid length "] {
        let Some((found, expected)) =
            message.strip_prefix(prefix).and_then(|rest| rest.rsplit_once(", expected "))
        else {
            continue;
        };
        return BadInput::new(&path, plain_found(found), plain_expected(expected));
    }
    BadInput::new(&path, message, "what the format says")
}

/// serde's list of fields, with what the contract has and this build has not told apart from what
/// nobody ever heard of.
fn unknown_field(path: &str, rest: &str) -> BadInput {
    let (field, expected) = rest
        .rsplit_once("`, expected ")
        .or_else(|| rest.rsplit_once("`, there are "))
        .unwrap_or((rest, ""));
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let mut allowed = match known.as_slice() {
        [] => "no field".to_owned(),
        fields => fields.join(", "),
    };
    let not_built = [
        ("gossip_interval_ms", "clock_entries_max anti_entropy_interval_ms write_buffer_flush_ms"),
        ("strategy", "tokens_per_node"),
        ("crash", "delete join leave workload"),
    ];
    let is_in_contract = |&(sibling, fields): &(&str, &str)| {
        known.contains(&sibling) && fields.split(' ').any(|name| name == field)
    };
    if not_built.iter().any(is_in_contract) {
        allowed.push_str(&format!(" ({field} is not built yet)"));
    }
    let field_path = match field.contains(|c: char| !c.is_alphanumeric() && c != '_') {
        true => format!("[{}]", quoted(field)),
        false => field.to_owned(),
    };
    // serde_path_to_error has the field in its path already where it saw the key go by.
    let outer = path.strip_suffix(field).map_or(path, |outer| outer.trim_end_matches('.'));
    let refusal =
        BadInput::new(&field_path, format!("an unknown field {}", quoted(field)), allowed);
    if outer.is_empty() { refusal } else { refusal.under(outer) }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

fn plain_found(found: &str) -> String {
    for kind in ["integer `", "floating point `", "boolean `"] {
        if let Some(value) = between(found, kind, "`") {
            return value.to_owned();
        }
    }
    match found {
        "map" => "an object".into(),
        "sequence" => "a list".into(),
        other => match other.strip_prefix("string ") {
            Some(text) => shortened(text),
            None => other.to_owned(),
        },
    }
}

/// A quoted text comes from serde whole; a person has seen enough of it after one line.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}…\"", &text[..at]),
        None => text.to_owned(),
    }
}

fn plain_expected(expected: &str) -> String {
    match expected {
        "a boolean" => "true or false".into(),
        "a string" => "text".into(),
        "a sequence" => "a list".into(),
        "a map" => "an object".into(),
        other => other.to_owned(),
    }
}

/// What a field that must be there asks for.
fn wanted(field: &str) -> &'static str {
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
        "is" => "\"ok\", \"refused\" or \"timeout\"; of a suspicion true or false",
        "count" => "a whole number",
        "base64" => "bytes in base64",
        "ok" => "true or false",
        "strategy" => "3",
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
    fn what_serde_says_is_taken_apart_even_when_the_input_mimics_its_words() {
        let refusal =
            from_message("title".into(), "invalid type: string \"a, expected b\", expected u8");
        assert_eq!((refusal.found.as_str(), refusal.allowed.as_str()), ("\"a, expected b\"", "u8"));
        let refusal = from_message("a".into(), "unknown field `x`, expected `y` or `z`");
        assert_eq!(refusal.to_string(), "a.x: found an unknown field \"x\", allowed y, z");
    }

    #[test]
    fn a_long_list_of_names_is_cut_short_with_its_length() {
        let names: Vec<String> = (0..40).map(|i| format!("N{i}")).collect();
        assert!(listed(names.iter()).ends_with("N11 … (40 in all)"));
        assert_eq!(listed(["A", "B"].iter()), "A, B");
    }
}
