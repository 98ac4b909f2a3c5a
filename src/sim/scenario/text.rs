//! From text to one JSON value.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::bad_input::{BadInput, is_plain, quoted};
use crate::base::map::Map;
use crate::sim::json::Json;

/// The JSON that `text` is. A name that an object has twice is refused: readers of JSON differ in
/// which of the two they take.
pub fn parse(text: &str) -> Result<Json, BadInput> {
    let mut place = Place::default();
    let mut from = serde_json::Deserializer::from_str(text);
    let json = Strict(&mut place).deserialize(&mut from);
    let json = json.and_then(|json| from.end().map(|()| json));
    match place.twice {
        Some(path) => Err(twice(&path)),
        None => json.map_err(|error| not_json(&error)),
    }
}

fn twice(path: &str) -> BadInput {
    let name = path.rsplit(['.', '[']).next().unwrap_or(path).trim_end_matches(']');
    BadInput::new(path, format!("{name} twice"), format!("{name} once"))
}

fn not_json(error: &serde_json::Error) -> BadInput {
    let text = error.to_string();
    let (line, column) = (error.line(), error.column());
    let message = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
    // The parser's own words, but for the two that only programmers say.
    let found = match message.strip_prefix("EOF while parsing ") {
        Some(what) => format!("the end of the JSON in the middle of {what}"),
        None if message == "trailing characters" => "more after the end of the JSON".into(),
        None => format!("a mistake in the JSON: {message}"),
    };
    BadInput::new(&format!("line {line}, column {column}"), found, "one JSON object")
}

/// Where a reader is.
#[derive(Default)]
struct Place {
    /// The path of what it is reading.
    path: String,
    /// The path of the first name that an object has twice. Noted, not thrown: an error of one's
    /// own would bring the parser's search for line and column in its text into the module.
    twice: Option<String>,
}

/// Reads a value, and knows where it is.
struct Strict<'p>(&'p mut Place);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with each name once")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, x: bool) -> Result<Json, E> {
        Ok(x.into())
    }

    fn visit_u64<E: Error>(self, x: u64) -> Result<Json, E> {
        Ok(x.into())
    }

    fn visit_i64<E: Error>(self, x: i64) -> Result<Json, E> {
        Ok(x.into())
    }

    fn visit_f64<E: Error>(self, x: f64) -> Result<Json, E> {
        Ok(x.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let (mut list, length) = (Vec::new(), self.0.path.len());
        loop {
            self.0.path.push_str(&format!("[{}]", list.len()));
            let Some(json) = seq.next_element_seed(Strict(self.0))? else { break };
            self.0.path.truncate(length);
            list.push(json);
        }
        self.0.path.truncate(length);
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let (mut object, length) = (Vec::new(), self.0.path.len());
        // Hostile objects have any number of names.
        let mut places = Map::default();
        while let Some(name) = map.next_key::<String>()? {
            match (is_plain(&name), length) {
                (true, 0) => self.0.path.push_str(&name),
                (true, _) => self.0.path.extend([".", &name]),
                (false, _) => self.0.path.extend(["[", &quoted(&name), "]"]),
            }
            if places.insert(name.clone(), object.len()).is_some() {
                self.0.twice.get_or_insert_with(|| self.0.path.clone());
            }
            let json = map.next_value_seed(Strict(self.0))?;
            object.push((name, json));
            self.0.path.truncate(length);
        }
        Ok(Json::Object(object))
    }
}
