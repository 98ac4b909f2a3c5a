//! Reading the format's types from JSON, one level at a time.
//!
//! Written by hand instead of derived: a derived reader is made anew for each type and each kind
//! of source, which once was half of the wasm module. Here all sources are one [`Json`], and
//! what differs from type to type is a list of names. [`object!`] still states a type, its fields
//! and its schema in one place.

use super::bad_input::{BadInput, shown, unknown_field, wanted};
use crate::sim::json::Json;

/// A type of the format. Refusals have the path from here on inwards; callers add their own.
pub trait Form: Sized {
    fn read(json: &Json) -> Result<Self, BadInput>;
}

/// `json` is not what is allowed.
pub fn refused<T>(json: &Json, allowed: impl Into<String>) -> Result<T, BadInput> {
    Err(BadInput::new("", shown(json), allowed))
}

/// An object up to its first unknown name: what is wrong before that is said first.
pub struct Fields<'j> {
    object: &'j [(String, Json)],
    readable: usize,
    stranger: Option<BadInput>,
}

impl<'j> Fields<'j> {
    pub fn of(json: &'j Json, allowed: &str, known: &[&str]) -> Result<Fields<'j>, BadInput> {
        let Json::Object(object) = json else { return refused(json, allowed) };
        let stranger = object.iter().position(|(name, _)| !known.contains(&name.as_str()));
        let readable = stranger.unwrap_or(object.len());
        let stranger = object.get(readable).map(|(name, _)| unknown_field(name, known));
        Ok(Fields { object, readable, stranger })
    }

    pub fn required<T: Form>(&self, name: &str) -> Result<T, BadInput> {
        match self.find(name) {
            Some(json) => T::read(json).map_err(|refusal| refusal.under(name)),
            None => Err(self.missing(name)),
        }
    }

    pub fn or_default<T: Form + Default>(&self, name: &str) -> Result<T, BadInput> {
        match self.find(name) {
            Some(json) => T::read(json).map_err(|refusal| refusal.under(name)),
            None => Ok(T::default()),
        }
    }

    /// Every field that is known has been read.
    pub fn end(self) -> Result<(), BadInput> {
        self.stranger.map_or(Ok(()), Err)
    }

    /// Objects of the format are small: looking is faster than hashing.
    fn find(&self, name: &str) -> Option<&'j Json> {
        let mut readable = self.object[..self.readable].iter();
        readable.find_map(|(other, json)| (other == name).then_some(json))
    }

    fn missing(&self, name: &str) -> BadInput {
        let missing = || BadInput::new(name, "nothing", wanted(name));
        self.stranger.clone().unwrap_or_else(missing)
    }
}

impl<T: Form> Form for Option<T> {
    #[inline(always)]
    fn read(json: &Json) -> Result<Self, BadInput> {
        if json.is_null() { Ok(None) } else { T::read(json).map(Some) }
    }
}

impl<T: Form> Form for Box<T> {
    #[inline(always)]
    fn read(json: &Json) -> Result<Self, BadInput> {
        T::read(json).map(Box::new)
    }
}

impl<T: Form> Form for Vec<T> {
    fn read(json: &Json) -> Result<Self, BadInput> {
        list(json, "a list")
    }
}

impl Form for bool {
    fn read(json: &Json) -> Result<Self, BadInput> {
        json.as_bool().map_or_else(|| refused(json, "true or false"), Ok)
    }
}

impl Form for String {
    fn read(json: &Json) -> Result<Self, BadInput> {
        json.as_str().map_or_else(|| refused(json, "text"), |text| Ok(text.to_owned()))
    }
}

/// The elements of a list, of any length.
pub fn list<T: Form>(json: &Json, allowed: &str) -> Result<Vec<T>, BadInput> {
    let Json::List(elements) = json else { return refused(json, allowed) };
    let mut list = Vec::with_capacity(elements.len());
    for (place, json) in elements.iter().enumerate() {
        list.push(T::read(json).map_err(|refusal| refusal.at(place))?);
    }
    Ok(list)
}

/// States a type that is an object in the JSON, with its fields. `as` gives a field another name
/// there, `= default` lets it be left out. Nothing but an object is taken, and no other field.
macro_rules! object {
    ($(
        $(#[$meta:meta])*
        $name:ident, $allowed:literal {
            $(
                $(#[$field_meta:meta])*
                $field:ident $(as $json:literal)?: $type:ty $(= $default:ident)?,
            )*
        }
    )+) => {$(
        #[cfg_attr(
            all(test, not(target_arch = "wasm32")),
            derive(schemars::JsonSchema),
            schemars(deny_unknown_fields)
        )]
        #[derive(Clone, Debug)]
        $(#[$meta])*
        pub struct $name {
            $(
                $(#[$field_meta])*
                $(#[cfg_attr(all(test, not(target_arch = "wasm32")), schemars(rename = $json))])?
                $(#[cfg_attr(all(test, not(target_arch = "wasm32")), schemars($default))])?
                pub $field: $type,
            )*
        }

        impl $crate::sim::scenario::form::Form for $name {
            fn read(json: &$crate::sim::json::Json) -> Result<Self, BadInput> {
                let known = &[$(name_of!($field $($json)?)),*];
                let fields = $crate::sim::scenario::form::Fields::of(json, $allowed, known)?;
                let form = $name {
                    $($field: field_of!(fields, name_of!($field $($json)?) $(, $default)?)?,)*
                };
                fields.end().map(|()| form)
            }
        }
    )+};
}
pub(super) use object;

macro_rules! name_of {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $json:literal) => {
        $json
    };
}
pub(super) use name_of;

macro_rules! field_of {
    ($fields:ident, $name:expr) => {
        $fields.required($name)
    };
    ($fields:ident, $name:expr, default) => {
        $fields.or_default($name)
    };
}
pub(super) use field_of;
