//! From text to one JSON value.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::bad_input::{BadInput, is_plain, quoted};

/// The JSON that `text` is. A name that an object has twice is refused: readers of JSON differ in
/// which of the two they take.
pub fn parse(text: &str) -> Result<Value, BadInput> {
    let mut path = String::new();
    let mut from = serde_json::Deserializer::from_str(text);
    let json = Strict(&mut path).deserialize(&mut from);
    let json = json.and_then(|json| from.end().map(|()| json));
    json.map_err(|error| match error.is_data() {
        true => twice(&path),
        false => not_json(&error),
    })
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

/// Reads a value, and knows the path of what it is reading.
struct Strict<'p>(&'p mut String);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON with each name once")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, x: bool) -> Result<Value, E> {
        Ok(x.into())
    }

    fn visit_u64<E: Error>(self, x: u64) -> Result<Value, E> {
        Ok(x.into())
    }

    fn visit_i64<E: Error>(self, x: i64) -> Result<Value, E> {
        Ok(x.into())
    }

    fn visit_f64<E: Error>(self, x: f64) -> Result<Value, E> {
        Ok(x.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let (mut list, length) = (Vec::new(), self.0.len());
        loop {
            self.0.push_str(&format!("[{}]", list.len()));
            let Some(json) = seq.next_element_seed(Strict(self.0))? else { break };
            self.0.truncate(length);
            list.push(json);
        }
        self.0.truncate(length);
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let (mut object, length) = (Map::new(), self.0.len());
        while let Some(name) = map.next_key::<String>()? {
            match (is_plain(&name), length) {
                (true, 0) => self.0.push_str(&name),
                (true, _) => self.0.extend([".", &name]),
                (false, _) => self.0.extend(["[", &quoted(&name), "]"]),
            }
            if object.contains_key(&name) {
                return Err(A::Error::custom("a name twice"));
            }
            let json = map.next_value_seed(Strict(self.0))?;
            object.insert(name, json);
            self.0.truncate(length);
        }
        Ok(Value::Object(object))
    }
}
