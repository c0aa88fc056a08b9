//! Shown: the thing itself, as its kind wants to be looked at.

use std::collections::BTreeMap;

use askama::Template;
use askama::filters::HtmlSafe;
use serde_json::{Map, Value};

use crate::model::{Artifact, ArtifactKind};
use crate::ui::markdown::{Markdown, safe_address};

/// How many rows of a table are shown.
const ROWS: usize = 500;

/// An artifact's data for people.
#[derive(Template)]
#[template(path = "shown.html")]
pub(super) enum Shown {
    Markdown(Markdown),
    Table {
        columns: Vec<String>,
        rows: Vec<Vec<Cell>>,
        more: usize,
    },
    Progress(f64),
    /// An address that may be followed, and one that may not.
    Picture {
        address: String,
        is_safe: bool,
    },
    Json(String),
}

impl HtmlSafe for Shown {}

/// A cell of a table.
pub(super) struct Cell {
    text: String,
    is_number: bool,
}

impl Shown {
    pub(super) fn new(artifact: &Artifact) -> Self {
        match (&artifact.kind, &artifact.data) {
            (ArtifactKind::Markdown | ArtifactKind::Link, Value::String(text)) => {
                Self::Markdown(Markdown::new(text))
            }
            (ArtifactKind::Image, Value::String(address)) => {
                Self::Picture { address: address.clone(), is_safe: safe_address(address).is_some() }
            }
            (ArtifactKind::Progress, data) => Self::Progress(percent(data)),
            (ArtifactKind::Table, data) => table(data),
            (
                ArtifactKind::Markdown
                | ArtifactKind::Link
                | ArtifactKind::Image
                | ArtifactKind::Other(_),
                data,
            ) => json(data),
        }
    }
}

/// How far a progress is.
pub(super) fn percent(data: &Value) -> f64 {
    let number = data.as_f64().or_else(|| data.as_str()?.parse().ok());
    number.unwrap_or(0.0).clamp(0.0, 100.0)
}

/// What a list shows of an artifact.
pub(super) fn excerpt(artifact: &Artifact) -> String {
    match (&artifact.kind, &artifact.data) {
        (ArtifactKind::Table, data) => match rows(data) {
            Some(rows) => format!("{} rows", rows.len()),
            None => String::new(),
        },
        (ArtifactKind::Progress, _) => String::new(),
        (_, Value::String(text)) => {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.collect::<Vec<_>>().join(" · ")
        }
        (_, other) => other.to_string(),
    }
}

fn json(data: &Value) -> Shown {
    Shown::Json(serde_json::to_string_pretty(data).unwrap_or_default())
}

/// A table is a list of rows, or columns by name; Prefect's clients send it as text.
fn table(data: &Value) -> Shown {
    let Some(rows) = rows(data) else { return json(data) };
    let mut columns: Vec<String> = Vec::new();
    for name in rows.iter().take(ROWS).flat_map(Map::keys) {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    let more = rows.len().saturating_sub(ROWS);
    let cells = |row: &Map<String, Value>| {
        columns.iter().map(|column| Cell::new(row.get(column))).collect()
    };
    let rows = rows.iter().take(ROWS).map(cells).collect();
    Shown::Table { columns, rows, more }
}

fn rows(data: &Value) -> Option<Vec<Map<String, Value>>> {
    match data {
        Value::String(text) => {
            rows(&serde_json::from_str(text).ok().filter(|v: &Value| !v.is_string())?)
        }
        Value::Array(list) => list.iter().map(row).collect(),
        Value::Object(columns) => {
            let lists: BTreeMap<_, _> = columns
                .iter()
                .map(|(name, list)| Some((name, list.as_array()?)))
                .collect::<Option<_>>()?;
            let height = lists.values().map(|list| list.len()).max()?;
            let row = |at: usize| {
                let cell = |(name, list): (&&String, &&Vec<Value>)| {
                    ((*name).clone(), list.get(at).cloned().unwrap_or_default())
                };
                lists.iter().map(cell).collect()
            };
            Some((0..height).map(row).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn row(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(row) => Some(row.clone()),
        Value::Array(cells) => {
            let numbered = cells.iter().enumerate();
            Some(numbered.map(|(at, cell)| ((at + 1).to_string(), cell.clone())).collect())
        }
        _ => None,
    }
}

impl Cell {
    fn new(value: Option<&Value>) -> Self {
        let text = match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        Self { text, is_number: value.is_some_and(Value::is_number) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(data: &Value, expected: &[&str], height: usize) {
        let Shown::Table { columns, rows, .. } = table(data) else { panic!("no table") };
        assert_eq!(
            (columns.iter().map(String::as_str).collect(), rows.len()),
            (expected.to_vec(), height)
        );
    }

    #[test]
    fn tables_are_read_in_every_spelling() {
        check(&json!([{ "a": 1, "b": 2 }, { "c": 3 }]), &["a", "b", "c"], 2);
        check(&json!({ "a": [1, 2, 3], "b": [4] }), &["a", "b"], 3);
        check(&json!("[[1, 2], [3, 4]]"), &["1", "2"], 2);
    }

    #[test]
    fn what_is_no_table_is_shown_as_it_is() {
        assert!(matches!(table(&json!([1, 2])), Shown::Json(_)));
        assert!(matches!(table(&json!("\"\\\"x\\\"\"")), Shown::Json(_)));
    }
}
