//! The small values of the format, each with its range and with words for what is allowed.

use super::bad_input::{BadInput, plain};
use super::form::{Form, fields, list, refused};
use crate::base::order::sort_by;
use crate::sim::json::Json;

/// A whole number from `LO` to `HI`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole<const LO: u64, const HI: u64>(pub u64);

/// Milliseconds from `LO` to `HI`; fractions are welcome.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Millis<const LO: u64, const HI: u64>(pub f64);

/// A signed number of milliseconds, up to about thirty years either way.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SignedMillis(pub f64);

/// A probability.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fraction(pub f64);

/// A positive number from a hundredth to ten thousand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Factor(pub f64);

/// A level of suspicion: a tenth to a hundred.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Phi(pub f64);

/// Text of `LO` to `HI` bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text<const LO: usize, const HI: usize>(pub String);

/// `[low, high]` in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Between(pub f64, pub f64);

/// Text, or a whole number up to 2^53−1, which is the same as its digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seed(pub String);

/// Text, or any bytes as `{"base64": "…"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

/// Names with texts, in the order of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata(pub Vec<(String, String)>);

pub const INTERVAL_MS_MAX: u64 = 3_600_000;
pub const SKEW_MS_MAX: f64 = 1e12;
pub const SEED_MAX: u64 = (1 << 53) - 1;
pub const SEED_BYTES_MAX: usize = 1_024;
pub const VALUE_BYTES_MAX: usize = 1 << 20;

fn range(kind: &str, low: f64, high: f64) -> String {
    format!("{kind} from {} to {}", plain(low), plain(high))
}

/// A number from `low` to `high`; `kind` is how that is said.
fn number(json: &Json, kind: &str, low: f64, high: f64) -> Result<f64, BadInput> {
    let found = json.as_f64().filter(|x| (low..=high).contains(x));
    found.map_or_else(|| refused(json, range(kind, low, high)), Ok)
}

/// The same without a fraction; JavaScript and others may well write 7.0 for 7.
fn whole(json: &Json, low: u64, high: u64) -> Result<u64, BadInput> {
    let kind = "a whole number";
    let (low, high) = (low as f64, high as f64);
    match number(json, kind, low, high)? {
        x if x.fract() == 0.0 => Ok(x as u64),
        _ => refused(json, range(kind, low, high)),
    }
}

/// Whether it is one of the whole numbers from `low` to `high`.
pub fn as_whole(json: &Json, low: u64, high: u64) -> Option<u64> {
    whole(json, low, high).ok()
}

/// Text between two lengths.
fn text(json: &Json, low: usize, high: usize) -> Result<String, BadInput> {
    let allowed = || format!("text of {low} to {high} bytes");
    match json.as_str() {
        None => refused(json, allowed()),
        Some(text) if (low..=high).contains(&text.len()) => Ok(text.to_owned()),
        Some(text) => Err(BadInput::new("", format!("text of {} bytes", text.len()), allowed())),
    }
}

impl<const LO: u64, const HI: u64> Form for Whole<LO, HI> {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        self.0 = whole(json, LO, HI)?;
        Ok(())
    }
}

impl<const LO: u64, const HI: u64> Form for Millis<LO, HI> {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        self.0 = number(json, "a number", LO as f64, HI as f64)?;
        Ok(())
    }
}

impl Form for SignedMillis {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        self.0 = number(json, "a number", -SKEW_MS_MAX, SKEW_MS_MAX)?;
        Ok(())
    }
}

impl Form for Fraction {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        self.0 = number(json, "a number", 0.0, 1.0)?;
        Ok(())
    }
}

impl Form for Factor {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        self.0 = number(json, "a number", 0.01, 10_000.0)?;
        Ok(())
    }
}

impl Form for Phi {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        self.0 = number(json, "a number", 0.1, 100.0)?;
        Ok(())
    }
}

impl<const LO: usize, const HI: usize> Form for Text<LO, HI> {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        self.0 = text(json, LO, HI)?;
        Ok(())
    }
}

impl Form for Between {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        let allowed =
            format!("[low, high] in milliseconds with 0 ≤ low ≤ high ≤ {INTERVAL_MS_MAX}");
        let bounds: Vec<Millis<0, INTERVAL_MS_MAX>> = list(json, &allowed)?;
        match bounds.as_slice() {
            &[Millis(low), Millis(high)] if low <= high => {
                *self = Between(low, high);
                Ok(())
            }
            &[Millis(low), Millis(high)] => {
                let found = format!("[{}, {}]", plain(low), plain(high));
                Err(BadInput::new("", found, allowed))
            }
            other => Err(BadInput::new("", format!("a list of {}", other.len()), allowed)),
        }
    }
}

impl Form for Seed {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        let number = || format!("a whole number from 0 to {SEED_MAX}");
        self.0 = match as_whole(json, 0, SEED_MAX) {
            Some(whole) => whole.to_string(),
            None => text(json, 0, SEED_BYTES_MAX).map_err(|refusal| refusal.or(&number()))?,
        };
        Ok(())
    }
}

impl Form for Bytes {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        const { assert!(VALUE_BYTES_MAX == 1_048_576, "the words below say so") };
        let allowed = "text, or {\"base64\": \"…\"}, of up to 1048576 bytes";
        self.0 = match json {
            Json::Text(text) => text.as_bytes().to_vec(),
            json => {
                let mut bytes = Base64::default();
                fields(json, allowed, &[("base64", true)], &mut [&mut bytes])?;
                bytes.0
            }
        };
        match self.0.len() {
            0..=VALUE_BYTES_MAX => Ok(()),
            many => Err(BadInput::new("", format!("{many} bytes"), allowed)),
        }
    }
}

impl Form for Metadata {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        let Json::Object(object) = json else { return refused(json, "an object") };
        for (name, json) in object {
            let mut text = String::new();
            text.read(json).map_err(|refusal| refusal.under(name))?;
            self.0.push((name.clone(), text));
        }
        sort_by(&mut self.0, |a, b| a.0.cmp(&b.0));
        Ok(())
    }
}

#[derive(Default)]
struct Base64(Vec<u8>);

impl Form for Base64 {
    fn read(&mut self, json: &Json) -> Result<(), BadInput> {
        use base64ct::Encoding as _;
        let decode = |text| base64ct::Base64::decode_vec(text).ok();
        let decoded = json.as_str().and_then(decode);
        let Some(bytes) = decoded else {
            return refused(json, "bytes in standard base64 with padding");
        };
        self.0 = bytes;
        Ok(())
    }
}
