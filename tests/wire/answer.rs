//! Answers compared: what Prefect's server answered, and what ours does.

use std::collections::HashMap;

use flowkit::Timestamp;
use serde_json::Value;

use crate::support::is_uuid;

/// Fields whose number is measured.
const MEASURED: &[&str] = &["total_run_time", "estimated_run_time", "estimated_start_time_delta"];

/// Fields in Prefect's own words, for which we have ours.
const WORDS: &[&str] = &[
    "logo_url",
    "documentation_url",
    "description",
    "code_example",
    "fields",
    "version",
    "detail",
];

/// What each recorded id, and each name that a server chose, is in our answers.
#[derive(Default)]
pub(super) struct Bound(HashMap<String, String>);

impl Bound {
    /// What was recorded, with our ids.
    pub(super) fn translate(&self, recorded: &Value) -> Value {
        match recorded {
            Value::String(text) => self.translate_text(text).into(),
            Value::Array(values) => values.iter().map(|value| self.translate(value)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), self.translate(value))).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => recorded.clone(),
        }
    }

    pub(super) fn translate_text(&self, text: &str) -> String {
        let bound = self.0.iter().filter(|(recorded, _)| text.contains(recorded.as_str()));
        bound.fold(text.to_owned(), |text, (recorded, ours)| text.replace(recorded, ours))
    }

    /// Binds what is free in the recorded answer, and tells what differs in the rest.
    pub(super) fn compare(&mut self, place: &str, recorded: &Value, ours: &Value) -> Vec<String> {
        let mut differences = Vec::new();
        self.walk(place, recorded, ours, &mut differences);
        differences
    }

    /// Binds a name that the server chose.
    pub(super) fn bind(&mut self, recorded: &str, ours: &str) {
        self.0.insert(recorded.to_owned(), ours.to_owned());
    }

    fn walk(&mut self, place: &str, recorded: &Value, ours: &Value, to: &mut Vec<String>) {
        match (recorded, ours) {
            (Value::Object(recorded), Value::Object(ours)) => {
                for (field, recorded) in recorded {
                    let place = format!("{place}: {field}");
                    let Some(ours) = ours.get(field) else {
                        if !says_nothing(recorded, &place) {
                            to.push(format!("{place} is missing, should be {recorded}"));
                        }
                        continue;
                    };
                    let is_free = MEASURED.contains(&&**field) || WORDS.contains(&&**field);
                    if !is_free || recorded.is_null() {
                        self.walk(&place, recorded, ours, to);
                    } else if kind(recorded) != kind(ours) {
                        to.push(format!("{place} is {ours}, should be like {recorded}"));
                    }
                }
            }
            (Value::Array(recorded), Value::Array(ours)) if recorded.len() == ours.len() => {
                for (number, (recorded, ours)) in recorded.iter().zip(ours).enumerate() {
                    self.walk(&format!("{place}[{number}]"), recorded, ours, to);
                }
            }
            (Value::Number(recorded), Value::Number(ours))
                if recorded.as_f64() == ours.as_f64() => {}
            (Value::String(recorded), Value::String(ours)) => {
                if !self.is_same(recorded, ours) {
                    to.push(format!("{place} is {ours:?}, should be {recorded:?}"));
                }
            }
            _ if recorded == ours => {}
            _ => to.push(format!("{place} is {ours}, should be {recorded}")),
        }
    }

    fn is_same(&mut self, recorded: &str, ours: &str) -> bool {
        if let Some(bound) = self.0.get(recorded) {
            return bound == ours;
        }
        if is_uuid(recorded) && is_uuid(ours) {
            self.bind(recorded, ours);
            return true;
        }
        let is_time = |text: &str| text.contains(':') && text.parse::<Timestamp>().is_ok();
        recorded == ours || is_time(recorded) && is_time(ours)
    }
}

/// Whether a field says no more than clients assume without it.
fn says_nothing(recorded: &Value, place: &str) -> bool {
    let is_assumed = match recorded {
        Value::Null | Value::Bool(false) => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::String(_) => false,
    };
    let places = [": state_details: ", ": empirical_policy: ", ": labels"];
    is_assumed && places.iter().any(|it| place.contains(it))
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
