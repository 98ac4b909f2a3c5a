//! Makes a scenario that breaks something smaller, while it goes on breaking the same thing.
//!
//! Entries of the script go in halves, quarters and so on (delta debugging), then nodes, as long
//! as the same check stays broken. The heal stays: without it nothing has to mend. What is left is
//! a scenario that `run` plays.

use serde_json::Value;

use crate::sim::scenario::Scenario;
use crate::sim::swarm::{judge, play};

/// The most runs that shrinking may take.
const TRIES_MAX: usize = 2_000;

/// The smallest scenario found that breaks the same check, and how many runs that took; the
/// scenario itself when it breaks nothing.
pub fn shrink(text: &str, mut progress: impl FnMut(usize, usize)) -> (String, usize) {
    let Some(check) = broken_check(text) else { return (text.to_owned(), 1) };
    let mut whole: Value = serde_json::from_str(text).expect("it was played, so it is JSON");
    let mut tries = 1;
    let mut still_breaks = |candidate: &Value| {
        tries += 1;
        tries <= TRIES_MAX && broken_check(&candidate.to_string()) == Some(check)
    };
    let mut lists: Vec<&[&str]> = vec![&["script"]];
    if whole["config"]["nodes"].is_array() {
        lists.push(&["config", "nodes"]);
        lists.push(&["script"]);
    }
    for path in lists {
        let mut size = list_at(&mut whole, path).len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < list_at(&mut whole, path).len() {
                let mut smaller = whole.clone();
                let list = list_at(&mut smaller, path);
                let end = (at + size).min(list.len());
                let healed =
                    list[at..end].iter().find(|entry| entry.get("heal").is_some()).cloned();
                list.splice(at..end, healed);
                if smaller != whole && still_breaks(&smaller) {
                    whole = smaller;
                    progress(whole["script"].as_array().map_or(0, Vec::len), size);
                } else {
                    at = end;
                }
            }
            size /= 2;
        }
    }
    let text = serde_json::to_string_pretty(&whole).expect("JSON can be written");
    (text, tries.min(TRIES_MAX))
}

fn list_at<'v>(value: &'v mut Value, path: &[&str]) -> &'v mut Vec<Value> {
    let at = path.iter().fold(value, |value, field| &mut value[*field]);
    at.as_array_mut().expect("only lists are shrunk")
}

/// The check that a scenario breaks. None as well when it is no good scenario any more, as when a
/// context names an operation that has gone.
fn broken_check(text: &str) -> Option<&'static str> {
    let scenario = Scenario::parse(text).ok()?;
    judge::broken(&play(&scenario, u64::MAX, false)).map(|broken| broken.check)
}
