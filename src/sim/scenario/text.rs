//! From text to one JSON value.
//!
//! By hand: a library reads any type from any source, which was 4 KiB of the packed module,
//! and takes a name that an object has twice. What it takes else, and refuses, is the same.

use super::bad_input::{BadInput, is_plain, quoted};
use crate::base::map::Map;
use crate::sim::json::Json;

/// Lists and objects within each other: what reads and drops them calls itself.
const DEPTH_MAX: usize = 127;

/// The JSON that `text` is. A name that an object has twice is refused: readers of JSON differ in
/// which of the two they take.
pub fn parse(text: &str) -> Result<Json, BadInput> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0 };
    let json = reader.value(0).and_then(|json| match reader.next() {
        None => Ok(json),
        Some(_) => Err(Wrong::More),
    });
    json.map_err(|wrong| reader.refusal(wrong))
}

enum Wrong {
    /// No JSON, where the reader is, because of this.
    Mistake(&'static str),
    /// More text after the value.
    More,
    /// An object has a name twice; with the path to it.
    Twice(BadInput),
}

impl Wrong {
    /// Seen from one level further out.
    fn under(self, outer: &str) -> Wrong {
        match self {
            Wrong::Twice(refusal) => Wrong::Twice(refusal.under(outer)),
            wrong => wrong,
        }
    }
}

/// The digits of a number, as far as there is room for them.
#[derive(Default)]
struct Digits {
    number: u64,
    /// How many more there were. The first that has no room ends it.
    left_out: i32,
}

impl Digits {
    fn push(&mut self, digit: u8) {
        let longer = self.number.checked_mul(10).and_then(|x| x.checked_add(u64::from(digit)));
        match longer {
            Some(longer) if self.left_out == 0 => self.number = longer,
            _ => self.left_out += 1,
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// The byte it is at, always the first of a character.
    at: usize,
}

impl Reader<'_> {
    fn refusal(&self, wrong: Wrong) -> BadInput {
        let found = match wrong {
            Wrong::Twice(refusal) => return refusal,
            Wrong::More => "more after the end of the JSON".to_owned(),
            _ if self.at == self.bytes.len() => "the end of the JSON in the middle of it".into(),
            Wrong::Mistake(what) => ["a mistake in the JSON: ", what].concat(),
        };
        // With the byte it is at, where there is one.
        let before = &self.bytes[..self.bytes.len().min(self.at + 1)];
        let is_break = |&&byte: &&u8| byte == b'\n';
        let line = 1 + self.bytes[..self.at].iter().filter(is_break).count();
        let column = before.iter().rev().position(|&byte| byte == b'\n').unwrap_or(before.len());
        BadInput::new(&format!("line {line}, column {column}"), found, "one JSON object")
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// What comes after spaces, which it steps over.
    fn next(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    /// Steps over the byte, if it comes now.
    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn value(&mut self, depth: usize) -> Result<Json, Wrong> {
        match self.next() {
            Some(b'{' | b'[') if depth == DEPTH_MAX => {
                Err(Wrong::Mistake("more than 127 lists and objects within each other"))
            }
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.list(depth + 1),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Json, Wrong> {
        let words = [("null", Json::Null), ("true", true.into()), ("false", false.into())];
        for (word, json) in words {
            if self.bytes[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(json);
            }
        }
        Err(Wrong::Mistake("expected value"))
    }

    fn list(&mut self, depth: usize) -> Result<Json, Wrong> {
        let mut list = Vec::new();
        while self.has_more(list.is_empty(), b']')? {
            let json = self.value(depth);
            list.push(json.map_err(|wrong| wrong.under(&format!("[{}]", list.len())))?);
        }
        Ok(Json::List(list))
    }

    fn object(&mut self, depth: usize) -> Result<Json, Wrong> {
        let mut fields = Vec::new();
        // Hostile objects have any number of names.
        let mut places = Map::default();
        while self.has_more(fields.is_empty(), b'}')? {
            if self.next() != Some(b'"') {
                return Err(Wrong::Mistake("key must be a string"));
            }
            let name = self.string()?;
            let (shown, path) = match is_plain(&name) {
                true => (name.clone(), name.clone()),
                false => (quoted(&name), ["[", &quoted(&name), "]"].concat()),
            };
            if places.insert(name.clone(), fields.len()).is_some() {
                let (found, allowed) = ([&shown, " twice"].concat(), [&shown, " once"].concat());
                return Err(Wrong::Twice(BadInput::new(&path, found, allowed)));
            }
            self.next();
            if !self.take(b':') {
                return Err(Wrong::Mistake("expected `:`"));
            }
            let json = self.value(depth).map_err(|wrong| wrong.under(&path))?;
            fields.push((name, json));
        }
        Ok(Json::Object(fields))
    }

    /// Steps over what stands before an element, or over the end of all, and says which it was.
    fn has_more(&mut self, is_first: bool, end: u8) -> Result<bool, Wrong> {
        if is_first {
            // The bracket that opens.
            self.at += 1;
        } else if self.next() == Some(b',') {
            self.at += 1;
            return match self.next() {
                Some(next) if next == end => Err(Wrong::Mistake("trailing comma")),
                _ => Ok(true),
            };
        }
        self.next();
        match self.take(end) {
            true => Ok(false),
            false if is_first => Ok(true),
            false => Err(Wrong::Mistake("expected `,` or the end of the list or object")),
        }
    }

    fn string(&mut self) -> Result<String, Wrong> {
        self.at += 1;
        let mut string = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1F)) {
                self.at += 1;
            }
            string.push_str(&self.text[start..self.at]);
            if self.take(b'"') {
                return Ok(string);
            }
            if !self.take(b'\\') {
                return Err(Wrong::Mistake("a control character in a text"));
            }
            string.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Result<char, Wrong> {
        let c = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => c.into(),
            Some(b'b') => '\x08',
            Some(b'f') => '\x0C',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(Wrong::Mistake("invalid escape")),
        };
        self.at += 1;
        Ok(c)
    }

    /// Four digits, or two times four for a character beyond them: a pair of surrogates.
    fn unicode(&mut self) -> Result<char, Wrong> {
        let mut code = self.hex()?;
        if (0xD800..0xDC00).contains(&code) && self.take(b'\\') {
            let low = self.hex()?;
            // What is no low surrogate makes no character.
            let bits = if (0xDC00..0xE000).contains(&low) { low - 0xDC00 } else { u32::MAX };
            code = (0x10000 + ((code - 0xD800) << 10)).saturating_add(bits);
        }
        char::from_u32(code).ok_or(Wrong::Mistake("half a character"))
    }

    /// `u` and four digits.
    fn hex(&mut self) -> Result<u32, Wrong> {
        let mut code = 0;
        for place in 0..5 {
            let digit = match self.peek() {
                Some(b'u') if place == 0 => Some(0),
                Some(byte) if place > 0 => char::from(byte).to_digit(16),
                _ => None,
            };
            code = code << 4 | digit.ok_or(Wrong::Mistake("invalid escape"))?;
            self.at += 1;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<Json, Wrong> {
        let is_negative = self.take(b'-');
        let (mut digits, start) = (Digits::default(), self.bytes.get(self.at..));
        if self.digits(&mut digits)? > 1 && start.is_some_and(|start| start[0] == b'0') {
            return Err(self.bad_number("a number that begins with 0"));
        }
        let mut exponent = 0;
        let mut is_whole = digits.left_out == 0;
        if self.take(b'.') {
            is_whole = false;
            exponent = -self.digits(&mut digits)?;
        }
        if self.take(b'e') || self.take(b'E') {
            is_whole = false;
            let is_small = self.take(b'-');
            if !is_small {
                self.take(b'+');
            }
            let mut power = Digits::default();
            self.digits(&mut power)?;
            let power = i32::try_from(power.number).unwrap_or(i32::MAX / 2).min(i32::MAX / 2);
            exponent += if is_small { -power } else { power };
        }
        match 0i64.checked_sub_unsigned(digits.number) {
            Some(x @ ..0) if is_whole && is_negative => return Ok(Json::Negative(x)),
            _ if is_whole && !is_negative => return Ok(Json::Whole(digits.number)),
            _ => {}
        }
        let x = scaled(digits.number as f64, exponent.saturating_add(digits.left_out));
        match if is_negative { -x } else { x } {
            x if x.is_finite() => Ok(Json::Float(x)),
            _ => Err(self.bad_number("number out of range")),
        }
    }

    /// About the number it has just read: where that ends, which may be the end of the text too.
    fn bad_number(&mut self, what: &'static str) -> Wrong {
        self.at -= 1;
        Wrong::Mistake(what)
    }

    /// One digit or more; how many.
    fn digits(&mut self, into: &mut Digits) -> Result<i32, Wrong> {
        let start = self.at;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            into.push(digit - b'0');
            self.at += 1;
        }
        match self.at - start {
            0 => Err(Wrong::Mistake("invalid number")),
            count => Ok(count as i32),
        }
    }
}

/// `x` times ten to the `exponent`. Exact is what has no more than 15 digits and an exponent up to
/// 22, so all that people write; beyond, the last of 16 digits may be another.
fn scaled(mut x: f64, exponent: i32) -> f64 {
    let mut left = exponent.unsigned_abs();
    while left > 0 && x != 0.0 && x.is_finite() {
        let step = left.min(22);
        let power = (0..step).fold(1.0, |power, _| power * 10.0);
        x = if exponent < 0 { x / power } else { x * power };
        left -= step;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn it_takes_and_refuses_what_serde_json_does() {
        let deep = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        let rows = [
            "0",
            "-0",
            "7",
            "-7",
            "01",
            "-01",
            "-",
            "+1",
            "1.",
            ".5",
            "1.5",
            "-2.25",
            "1e3",
            "1E+3",
            "25e-1",
            "1e",
            "1e+",
            "0e9",
            "0.1",
            "0.3",
            "1e22",
            "123456789012345e-20",
            "1e999",
            "-1e999",
            "1e-999",
            "1e99999999999",
            "0e99999999999",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            "184467440737095516190.5",
            "0.30000000000000004",
            "4.35",
            "0.000001",
            "1.7976931348623157",
            "true",
            "false",
            "null",
            "tru",
            "nul",
            "True",
            "truee",
            "",
            " ",
            "\u{a0}1",
            "1 ",
            "1 2",
            "[]",
            "[ ]",
            "[1]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1",
            "[1,",
            "[",
            "]",
            "[[],[1,[2]]]",
            "{}",
            "{ }",
            r#"{"a":1}"#,
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{"a":}"#,
            r#"{a:1}"#,
            r#"{"a":1"#,
            r#"{"a""#,
            r#"{"a":1 "b":2}"#,
            r#"{,}"#,
            r#"{"":[]}"#,
            r#""a"#,
            r#"""#,
            r#""\"#,
            r#""\n\t\"\\\/""#,
            r#""\x""#,
            r#""\u00e9""#,
            r#""\u00E9""#,
            r#""\u00g9""#,
            r#""\u00""#,
            r#""\ud83d\ude00""#,
            r#""\ud83d""#,
            r#""\ud83dx""#,
            r#""\ud83d\n""#,
            r#""\ud83d\u0041""#,
            r#""\ude00""#,
            "\"\n\"",
            "\"\u{7f}é😀\"",
            "\u{feff}1",
            "[1]x",
            "/**/1",
            "NaN",
            "-Infinity",
            "1_000",
            "0x10",
        ];
        let deep = [deep(127), deep(128), deep(10_000)];
        for text in rows.into_iter().chain(deep.iter().map(String::as_str)) {
            let (ours, theirs) = (parse(text), serde_json::from_str::<Value>(text));
            match (&ours, &theirs) {
                (Ok(ours), Ok(theirs)) => assert_eq!(ours.to_text(), theirs.to_string(), "{text}"),
                _ => assert_eq!(ours.is_ok(), theirs.is_ok(), "{text}: {ours:?} {theirs:?}"),
            }
        }
    }

    #[test]
    fn numbers_beyond_what_is_exact_are_off_by_the_last_digit_at_most() {
        for text in ["1e23", "1.7976931348623157e308", "2.2250738585072014e-308", "6.02214076e23"] {
            let (ours, theirs) = (parse(text).ok(), text.parse::<f64>().unwrap_or_default());
            let ours = ours.and_then(|json| json.as_f64()).unwrap_or_default();
            assert!((ours / theirs - 1.0).abs() < 1e-15, "{text} is read as {ours}");
        }
    }

    #[test]
    fn a_name_twice_is_refused_with_its_path_however_deep() {
        let rows = [
            (r#"{ "a": 1, "a": 2 }"#, "a: found a twice, allowed a once"),
            (
                r#"{ "a": [0, { "b": { "c": 1, "c": 2 } }] }"#,
                "a[1].b.c: found c twice, allowed c once",
            ),
            (
                r#"{ "a b": { "c d": 1, "c d": 2 } }"#,
                "[\"a b\"][\"c d\"]: found \"c d\" twice, allowed \"c d\" once",
            ),
        ];
        for (text, refusal) in rows {
            assert_eq!(parse(text).map_err(|found| found.to_string()), Err(refusal.to_owned()));
        }
    }

    #[test]
    fn a_mistake_has_its_line_and_column() {
        let rows = [
            ("", "line 1, column 0: found the end of the JSON in the middle of it"),
            ("{\n  \"a\":\n  [1,\n", "line 4, column 0: found the end of the JSON"),
            ("[1,\n 2 3]", "line 2, column 4: found a mistake in the JSON: expected `,` or"),
            ("[01]", "line 1, column 3: found a mistake in the JSON: a number that begins with 0"),
            ("{}\n{}", "line 2, column 1: found more after the end of the JSON"),
        ];
        for (text, said) in rows {
            let refusal =
                parse(text).map_err(|found| found.to_string()).expect_err("it is refused");
            assert!(refusal.starts_with(said), "{refusal}");
        }
    }
}
