//! The truth: accounts that Prefect's own servers gave, and where others differ from them.

use serde_json::Value;

use super::Account;
use super::account::Line;

impl Account {
    /// The account that a snapshot holds.
    pub(crate) fn from_snapshot(text: &str) -> Self {
        let lines = text.splitn(3, "---\n").nth(2).expect("a header and an account").lines();
        Self(lines.filter(|line| !line.is_empty()).map(Line::parse).collect())
    }

    /// Where another account says less, or something else; it may say more of each thing.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let mut others = other.0.iter();
        for line in &self.0 {
            // What belongs to the same thing, up to the next such thing.
            let mut near = others.as_slice().iter().take_while(|other| other.depth >= line.depth);
            match near.position(|other| other.what == line.what && other.depth == line.depth) {
                Some(place) => {
                    let skipped = others.by_ref().take(place);
                    differences.extend(skipped.map(|other| format!("too much: {other}")));
                    line.differences(others.next().expect("it was found"), &mut differences);
                }
                None => differences.push(format!("missing: {line}")),
            }
        }
        differences.extend(others.map(|line| format!("too much: {line}")));
        differences
    }
}

impl Line {
    fn parse(line: &str) -> Self {
        let text = line.trim_start();
        let (what, fields) = text.split_at(text.find(" {").expect("fields"));
        let fields = serde_json::from_str(fields).expect("fields in JSON");
        Self { depth: (line.len() - text.len()) / 2, what: what.to_owned(), fields }
    }

    fn differences(&self, other: &Self, differences: &mut Vec<String>) {
        for (field, value) in &self.fields {
            let answered = other.fields.get(field).unwrap_or(&Value::Null);
            if !says(answered, value) {
                let what = &self.what;
                differences.push(format!("{what}: {field} is {answered}, should be {value}"));
            }
        }
    }
}

/// Whether a value says all that another says; objects may have more fields.
fn says(value: &Value, other: &Value) -> bool {
    match (value, other) {
        (Value::Object(value), Value::Object(other)) => {
            other.iter().all(|(field, other)| value.get(field).is_some_and(|it| says(it, other)))
        }
        (Value::Array(values), Value::Array(others)) => {
            values.len() == others.len() && values.iter().zip(others).all(|(a, b)| says(a, b))
        }
        (Value::Number(value), Value::Number(other)) => value.as_f64() == other.as_f64(),
        _ => value == other,
    }
}
