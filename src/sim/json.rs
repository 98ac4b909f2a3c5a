//! One JSON value: what a scenario is read into, and what results and views are written from.
//!
//! The parser and the writer are `serde_json`'s. The value is not: there an object is a hash table
//! that keeps an order, which is more code in the module than everything here. These objects are
//! lists of fields in their order, and numbers are written as they were read.

use std::char::REPLACEMENT_CHARACTER;

use crate::base::gather::Gather;
use serde::ser::{Serialize, SerializeMap, Serializer};

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Whole(u64),
    Negative(i64),
    /// Never infinite, and always a number.
    Float(f64),
    Text(String),
    List(Vec<Json>),
    /// Each name once.
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let &Json::Bool(value) = self { Some(value) } else { None }
    }

    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Json::Whole(x) => Some(x as f64),
            Json::Negative(x) => Some(x as f64),
            Json::Float(x) => Some(x),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    pub fn as_list_mut(&mut self) -> Option<&mut Vec<Json>> {
        if let Json::List(list) = self { Some(list) } else { None }
    }

    /// What an object has under this name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        let Json::Object(fields) = self else { return None };
        fields.iter().find_map(|(other, json)| (other == name).then_some(json))
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        let Json::Object(fields) = self else { return None };
        fields.iter_mut().find_map(|(other, json)| (other == name).then_some(json))
    }

    /// Gives an object this field: in the place of the one of that name, or as the last. What is
    /// no object stays as it is.
    pub fn set(&mut self, name: &str, json: Json) {
        if let Some(known) = self.get_mut(name) {
            *known = json;
        } else if let Json::Object(fields) = self {
            fields.push((name.to_owned(), json));
        }
    }
}

/// An object with these fields in this order. No `json!` here: it makes a writer for each type.
pub fn object(fields: Vec<(&str, Json)>) -> Json {
    Json::Object(fields.into_iter().map(|(name, json)| (name.to_owned(), json)).collect())
}

/// An object of what goes by these keys. Bytes that are no text may read alike: then the last of
/// them counts.
pub fn by_key<'k>(entries: impl Iterator<Item = (&'k [u8], Json)>) -> Json {
    let mut object = Json::Object(Vec::new());
    for (key, json) in entries {
        let name = String::from_utf8_lossy(key);
        match &mut object {
            Json::Object(fields) if !name.chars().any(|c| c == REPLACEMENT_CHARACTER) => {
                fields.push((name.into_owned(), json));
            }
            object => object.set(&name, json),
        }
    }
    object
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => to.serialize_unit(),
            Json::Bool(value) => to.serialize_bool(*value),
            Json::Whole(x) => to.serialize_u64(*x),
            Json::Negative(x) => to.serialize_i64(*x),
            Json::Float(x) => to.serialize_f64(*x),
            Json::Text(text) => to.serialize_str(text),
            Json::List(list) => to.collect_seq(list),
            Json::Object(fields) => {
                let mut map = to.serialize_map(Some(fields.len()))?;
                for (name, json) in fields {
                    map.serialize_entry(name, json)?;
                }
                map.end()
            }
        }
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Json {
        Json::Bool(value)
    }
}

impl From<u64> for Json {
    fn from(x: u64) -> Json {
        Json::Whole(x)
    }
}

impl From<u32> for Json {
    fn from(x: u32) -> Json {
        Json::Whole(x.into())
    }
}

impl From<u8> for Json {
    fn from(x: u8) -> Json {
        Json::Whole(x.into())
    }
}

impl From<usize> for Json {
    fn from(x: usize) -> Json {
        Json::Whole(x as u64)
    }
}

impl From<i64> for Json {
    fn from(x: i64) -> Json {
        if x < 0 { Json::Negative(x) } else { Json::Whole(x as u64) }
    }
}

/// JSON has no infinities, and nothing that is not a number: they are null.
impl From<f64> for Json {
    fn from(x: f64) -> Json {
        if x.is_finite() { Json::Float(x) } else { Json::Null }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, T::into)
    }
}

impl<T: Into<Json>> FromIterator<T> for Json {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Json {
        Json::List(items.into_iter().map(T::into).gather())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn text(json: &Json) -> String {
        serde_json::to_string(json).expect("it can be written")
    }

    #[test]
    fn it_is_written_in_the_order_of_its_fields_and_numbers_as_they_are() {
        let list: Json = [Some(1.0), Some(0.1), None, Some(f64::NAN)].into_iter().collect();
        let mut json = object(vec![
            ("b", u64::MAX.into()),
            ("a", i64::MIN.into()),
            ("list", list),
            ("text", "\"".into()),
        ]);
        json.set("b", true.into());
        json.set("c", 7i64.into());
        let written =
            r#"{"b":true,"a":-9223372036854775808,"list":[1.0,0.1,null,null],"text":"\"","c":7}"#;
        assert_eq!(text(&json), written);
    }

    #[test]
    fn of_keys_that_read_alike_the_last_counts() {
        let keys: [&[u8]; 4] = [b"a", b"\xff", b"b", b"\xfe"];
        let json = by_key((0u32..).zip(keys).map(|(n, key)| (key, n.into())));
        assert_eq!(text(&json), "{\"a\":0,\"\u{fffd}\":3,\"b\":2}");
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        let mut json = Json::from("text");
        json.set("a", 1u32.into());
        assert_eq!((json.get("a"), json.as_f64()), (None, None));
        assert!(json.get_mut("a").is_none() && json.as_list_mut().is_none());
        assert_eq!((json.as_str(), json.as_bool(), json.is_null()), (Some("text"), None, false));
    }
}
