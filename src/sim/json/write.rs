//! From one JSON value to its text.

use super::Json;

impl Json {
    /// On one line, without spaces.
    pub fn to_text(&self) -> String {
        Writer::of(self, false)
    }

    /// Each field and element on a line of its own, two spaces further in at each level.
    pub fn to_pretty(&self) -> String {
        Writer::of(self, true)
    }
}

/// A text in quotation marks, as JSON has it.
pub fn quote(text: &str) -> String {
    let mut writer = Writer::default();
    writer.quoted(text);
    writer.text
}

#[derive(Default)]
struct Writer {
    text: String,
    is_pretty: bool,
    /// Lists and objects around what is written.
    depth: usize,
}

impl Writer {
    fn of(json: &Json, is_pretty: bool) -> String {
        let mut writer = Writer { is_pretty, ..Writer::default() };
        writer.value(json);
        writer.text
    }

    fn value(&mut self, json: &Json) {
        match json {
            Json::Null => self.text.push_str("null"),
            Json::Bool(true) => self.text.push_str("true"),
            Json::Bool(false) => self.text.push_str("false"),
            Json::Whole(x) => self.text.push_str(&x.to_string()),
            Json::Negative(x) => self.text.push_str(&x.to_string()),
            // The fewest digits that are read as the same number again.
            Json::Float(x) => self.text.push_str(zmij::Buffer::new().format_finite(*x)),
            Json::Text(text) => self.quoted(text),
            Json::List(list) => {
                self.row("[]", list.len(), &|writer, place| writer.value(&list[place]));
            }
            Json::Object(fields) => self.row("{}", fields.len(), &|writer, place| {
                let (name, json) = &fields[place];
                writer.quoted(name);
                writer.text.push_str(if writer.is_pretty { ": " } else { ":" });
                writer.value(json);
            }),
        }
    }

    /// So many elements, with commas between them and brackets around them.
    fn row(&mut self, brackets: &str, count: usize, element: &dyn Fn(&mut Writer, usize)) {
        let (open, close) = brackets.split_at(1);
        self.text.push_str(open);
        self.depth += 1;
        for place in 0..count {
            if place > 0 {
                self.text.push(',');
            }
            self.line();
            element(self, place);
        }
        self.depth -= 1;
        if count > 0 {
            self.line();
        }
        self.text.push_str(close);
    }

    fn line(&mut self) {
        if self.is_pretty {
            self.text.push('\n');
            (0..self.depth).for_each(|_| self.text.push_str("  "));
        }
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            let escaped = match c {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\x08' => "\\b",
                '\x0c' => "\\f",
                '\0'..' ' => {
                    self.text.push_str(&format!("\\u{:04x}", u32::from(c)));
                    continue;
                }
                c => {
                    self.text.push(c);
                    continue;
                }
            };
            self.text.push_str(escaped);
        }
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use crate::sim::scenario::text::parse;
    use serde_json::Value;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const ALL: &str = r#"{"a":[1,-2,0.1,1e21,true,false,null,[],{},-0.0,18446744073709551615],
        "b\u0000\u001f\"\\\b\f\n\r\té😀\u007f":{"c":[[{"d":"e"}]]}}"#;

    #[test]
    fn it_writes_what_serde_json_writes_on_one_line_and_on_many() {
        let theirs: Value = serde_json::from_str(ALL).expect("it is JSON");
        let ours = parse(ALL).expect("it is JSON");
        assert_eq!(ours.to_text(), theirs.to_string());
        assert_eq!(Ok(ours.to_pretty()), serde_json::to_string_pretty(&theirs).map_err(drop));
        assert_eq!(parse(&ours.to_pretty()).as_ref(), Ok(&ours), "and reads it again");
    }
}
