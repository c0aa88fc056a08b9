//! JSON written the one way that Python writes it: what is hashed on both sides must be equal.

use serde_json::Value;

/// The text of a value: names in order, a blank behind `,` and `:`, nothing but ASCII.
pub(crate) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
        Value::String(string) => write_string(text, string),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write(text, item);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (index, (name, field)) in fields.into_iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write_string(text, name);
                text.push_str(": ");
                write(text, field);
            }
            text.push('}');
        }
    }
}

fn write_string(text: &mut String, string: &str) {
    let quoted = Value::from(string).to_string();
    let mut units = [0; 2];
    for letter in quoted.chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_python_writes() {
        let value = serde_json::json!({ "b": [1, 2.5, null], "a": "é\n😀\"", "c": {} });
        let python = r#"{"a": "\u00e9\n\ud83d\ude00\"", "b": [1, 2.5, null], "c": {}}"#;
        assert_eq!(canonical(&value), python);
    }
}
