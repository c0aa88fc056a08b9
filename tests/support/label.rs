//! Labels for ids and names that differ from run to run.

use std::collections::HashMap;

use flowkit::Timestamp;
use serde_json::{Map, Value};

use super::account::text;

/// Fields that are part of the account already, or that nobody can know before.
const DROPPED: &[&str] = &["id", "created", "updated", "state"];

/// Notes that Prefect's server makes for itself, which no client reads.
const NOTES: &[&str] = &["resuming", "retry_type"];

/// Fields that hold a length of time.
const SECONDS: &[&str] = &["total_run_time", "estimated_run_time", "estimated_start_time_delta"];

/// The labels of one server's objects.
#[derive(Debug, Default)]
pub(super) struct Labels {
    ids: HashMap<String, String>,
    /// Names that are the only ones of their kind on the server, and their labels.
    names: Vec<(String, String)>,
    /// By flow run: the names of its task runs, the longest first, and their labels.
    task_names: HashMap<String, Vec<(String, String)>>,
}

impl Labels {
    /// Flow runs come sorted by time; task runs are sorted here, as they were called.
    pub(super) fn new(
        flows: &[Value],
        flow_runs: &[Value],
        task_runs: &mut [Value],
        states: &HashMap<String, Vec<Value>>,
    ) -> Self {
        let mut labels = Self::default();
        for flow in flows {
            labels.ids.insert(text(flow, "id").to_owned(), text(flow, "name").to_owned());
        }
        let mut numbers = HashMap::new();
        for run in flow_runs {
            let flow = labels.of(text(run, "flow_id")).to_owned();
            let label = numbered(&flow, "", &mut numbers);
            labels.names.push((text(run, "name").to_owned(), label.clone()));
            labels.ids.insert(text(run, "id").to_owned(), label);
        }
        task_runs.sort_by_cached_key(call_order);
        for run in &*task_runs {
            let (flow_run, name) = (text(run, "flow_run_id"), text(run, "name").to_owned());
            let label = numbered(&task_name(text(run, "task_key")), flow_run, &mut numbers);
            let full = format!("{}/{label}", labels.of(flow_run));
            labels.ids.insert(text(run, "id").to_owned(), full);
            labels.task_names.entry(flow_run.to_owned()).or_default().push((name, label));
        }
        for names in labels.task_names.values_mut() {
            names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        }
        for (run, states) in states {
            for (number, state) in states.iter().enumerate() {
                let label = format!("{} state {number}", labels.of(run));
                labels.ids.insert(text(state, "id").to_owned(), label);
            }
        }
        labels
    }

    pub(super) fn of(&self, id: &str) -> &str {
        self.ids.get(id).map_or("[id]", String::as_str)
    }

    /// Whether a message of that flow run names one of its task runs.
    pub(super) fn names_task(&self, message: &str, flow_run: &str) -> bool {
        let mut names = self.task_names.get(flow_run).into_iter().flatten();
        names.any(|(name, _)| message.contains(name.as_str()))
    }

    /// The fields of an object of that flow run, with labels, and without what says nothing.
    pub(super) fn apply(&self, object: &Value, flow_run: &str) -> Map<String, Value> {
        let Value::Object(fields) = object else {
            panic!("no object: {object}");
        };
        let mut fields = fields.clone();
        fields.retain(|field, _| !DROPPED.contains(&field.as_str()));
        if let Some(Value::Object(policy)) = fields.get_mut("empirical_policy") {
            policy.retain(|field, _| !NOTES.contains(&field.as_str()));
        }
        // Details that are not set are told or not.
        if let Some(Value::Object(details)) = fields.get_mut("state_details") {
            details.retain(|_, detail| *detail != false);
        }
        match self.replace(&Value::Object(fields), flow_run) {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    fn replace(&self, value: &Value, flow_run: &str) -> Value {
        match value {
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| {
                    let value = match name.as_str() {
                        name if SECONDS.contains(&name) => Value::from("[seconds]"),
                        _ => self.replace(value, flow_run),
                    };
                    (name.clone(), value)
                });
                fields.filter(|(_, value)| !is_nothing(value)).collect()
            }
            Value::Array(values) => {
                let mut values: Vec<_> =
                    values.iter().map(|it| self.replace(it, flow_run)).collect();
                // Tags and inputs are sets to Prefect, in any order.
                values.sort_by_key(Value::to_string);
                values.into()
            }
            Value::String(text) => self.replace_text(text, flow_run).into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn replace_text(&self, text: &str, flow_run: &str) -> String {
        if is_uuid(text) {
            return self.of(text).to_owned();
        }
        if text.contains("-") && text.parse::<Timestamp>().is_ok() {
            return "[time]".to_owned();
        }
        match text.rsplit_once('/').unwrap_or(("", text)) {
            ("", hash) if is_hash(hash) => return "[hash]".to_owned(),
            (_, hash) if is_hash(hash) => return "[folder]/[hash]".to_owned(),
            _ => {}
        }
        if let Some((name, hash)) = text.rsplit_once('-')
            && hash.len() == 8
            && is_hex(hash)
        {
            return format!("{name}-[hash]");
        }
        let mut text = without_trace(text);
        let ids = self.ids.iter().filter(|(id, _)| text.contains(id.as_str())).collect::<Vec<_>>();
        for (id, label) in ids {
            text = text.replace(id, label);
        }
        for (name, label) in self.task_names.get(flow_run).into_iter().flatten().chain(&self.names)
        {
            text = text.replace(name, label);
        }
        let Some(start) = text.find("http://127.0.0.1:") else {
            return text;
        };
        let port = text[start + 17..].find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
        format!("{}[url]{}", &text[..start], &text[start + 17 + port..])
    }
}

/// When a task was called: its number with Prefect 2, its id with Prefect 3 and with flowkit.
fn call_order(run: &Value) -> (bool, String, u64, String) {
    let number = text(run, "dynamic_key").parse::<u64>();
    let (key, id) = (text(run, "task_key").to_owned(), text(run, "id").to_owned());
    (number.is_err(), key, number.unwrap_or(0), id)
}

/// The name that a task's key was made of.
fn task_name(key: &str) -> String {
    let name = key.rsplit_once('.').map_or(key, |(_, name)| name);
    match name.rsplit_once('-') {
        Some((name, hash)) if is_hex(hash) => name.to_owned(),
        _ => name.to_owned(),
    }
}

/// `name#0` for the first of that name there, `name#1` for the next.
fn numbered(name: &str, place: &str, numbers: &mut HashMap<String, usize>) -> String {
    let number = numbers.entry(format!("{place}/{name}")).or_default();
    *number += 1;
    format!("{name}#{}", *number - 1)
}

/// A message without the lines of the stack, which tell of files of this machine.
fn without_trace(text: &str) -> String {
    let Some(start) = text.find("Traceback (most recent call last):\n") else {
        return text.to_owned();
    };
    let last = text.trim_end().lines().last().unwrap_or_default();
    format!("{}Traceback […] {last}", &text[..start])
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_hash(text: &str) -> bool {
    matches!(text.len(), 16 | 32) && is_hex(text)
}

pub(crate) fn is_uuid(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(|it| is_hex(it))
}
