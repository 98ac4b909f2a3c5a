//! Reading the format's types from JSON, one level at a time.
//!
//! Written by hand instead of derived: a derived reader is made anew for each type and each kind
//! of source, which once was half of the wasm module. Here all sources are one [`Json`], and
//! what differs from type to type is a list of names. [`object!`] still states a type, its fields
//! and its schema in one place.

use super::bad_input::{BadInput, shown, unknown_field, wanted};
use crate::base::gather::Gather;
use crate::sim::json::Json;

/// A type of the format, that takes what stands in the JSON. Refusals have the path from here on
/// inwards; callers add their own. After one, what was taken so far means nothing.
pub trait Form {
    fn read(&mut self, json: &Json) -> Result<(), BadInput>;
}

pub fn read<T: Form + Default>(json: &Json) -> Result<T, BadInput> {
    let mut form = T::default();
    form.read(json).map(|()| form)
}

/// `json` is not what is allowed.
pub fn refused<T>(json: &Json, allowed: impl Into<String>) -> Result<T, BadInput> {
    Err(BadInput::new("", shown(json), allowed))
}

/// What a field is called, and whether it must be there.
pub type Known = (&'static str, bool);

/// Reads an object field by field, each into its place; a place whose field may be left out
/// stays as it is. What is wrong before the first unknown name is said first.
pub fn fields(
    json: &Json,
    allowed: &str,
    known: &[Known],
    places: &mut [&mut dyn Form],
) -> Result<(), BadInput> {
    let Json::Object(object) = json else { return refused(json, allowed) };
    let is_known = |(name, _): &(String, Json)| known.iter().any(|(known, _)| known == name);
    let stranger = object.iter().position(|field| !is_known(field)).unwrap_or(object.len());
    let (readable, rest) = object.split_at(stranger);
    let stranger = || {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).gather();
        rest.first().map(|(name, _)| unknown_field(name, &names))
    };
    for (&(name, must_be), place) in known.iter().zip(places) {
        // Objects of the format are small: looking is faster than hashing.
        match readable.iter().find(|(other, _)| other == name) {
            Some((_, json)) => place.read(json).map_err(|refusal| refusal.under(name))?,
            None if must_be => {
                let missing = || BadInput::new(name, "nothing", wanted(name));
                return Err(stranger().unwrap_or_else(missing));
            }
            None => {}
        }
    }
    stranger().map_or(Ok(()), Err)
}

impl<T: Form + Default> Form for Option<T> {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        if json.is_null() { Ok(()) } else { self.insert(T::default()).read(json) }
    }
}

impl<T: Form> Form for Box<T> {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        (**self).read(json)
    }
}

impl<T: Form + Default> Form for Vec<T> {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        *self = list(json, "a list")?;
        Ok(())
    }
}

impl Form for bool {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        let Some(found) = json.as_bool() else { return refused(json, "true or false") };
        *self = found;
        Ok(())
    }
}

impl Form for String {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        let Some(found) = json.as_str() else { return refused(json, "text") };
        found.clone_into(self);
        Ok(())
    }
}

/// The elements of a list, of any length.
pub fn list<T: Form + Default>(json: &Json, allowed: &str) -> Result<Vec<T>, BadInput> {
    let Json::List(elements) = json else { return refused(json, allowed) };
    let mut list = Vec::with_capacity(elements.len());
    for (place, json) in elements.iter().enumerate() {
        list.push(read(json).map_err(|refusal| refusal.at(place))?);
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
        #[derive(Clone, Debug, Default)]
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
            fn read(&mut self, json: &$crate::sim::json::Json) -> Result<(), BadInput> {
                const KNOWN: &[$crate::sim::scenario::form::Known] =
                    &[$((name_of!($field $($json)?), must_be!($($default)?)),)*];
                $crate::sim::scenario::form::fields(
                    json,
                    $allowed,
                    KNOWN,
                    &mut [$(&mut self.$field),*],
                )
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

macro_rules! must_be {
    () => {
        true
    };
    (default) => {
        false
    };
}
pub(super) use must_be;
