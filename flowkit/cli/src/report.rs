//! Report: what a command has to say, as text and as JSON.

use std::fmt::Display;

use serde::Serialize;
use serde_json::Value;

use crate::table::{self, Column};

/// What a command has to say, in both forms, and the exit code that it ends with.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) json: Option<Value>,
    pub(crate) lines: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) exit_code: u8,
}

impl Report {
    /// A report whose JSON form is this data; its text is added line by line.
    ///
    /// # Panics
    /// If the data cannot be JSON, which is a mistake in the command.
    pub(crate) fn of(data: &impl Serialize) -> Self {
        let json = serde_json::to_value(data).expect("what a command reports can be JSON");
        Self { json: Some(json), ..Self::default() }
    }

    /// The report of a command that has said everything already.
    pub(crate) fn said() -> Self {
        Self::default()
    }

    /// A report of many things of a kind: a list of objects, and a table; of none it says so.
    pub(crate) fn table<T: Serialize>(items: &[T], columns: &[Column<'_, T>], none: &str) -> Self {
        let report = Self::of(&items);
        if items.is_empty() {
            report.line(none)
        } else {
            report.lines(table::lines(items, columns))
        }
    }

    /// The report with one more line of text.
    pub(crate) fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// The report with more lines of text.
    pub(crate) fn lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// The report with one line for each label and its value, the values below each other.
    pub(crate) fn fields<V: Display>(mut self, fields: &[(&str, V)]) -> Self {
        let width = fields.iter().map(|(label, _)| label.len()).max().unwrap_or_default();
        let lines = fields.iter().map(|(label, value)| format!("{label:width$}  {value}"));
        self.lines.extend(lines);
        self
    }

    /// The report with things that the user should know.
    pub(crate) fn warnings<W: Display>(mut self, warnings: impl IntoIterator<Item = W>) -> Self {
        self.warnings.extend(warnings.into_iter().map(|warning| warning.to_string()));
        self
    }

    /// The report of a command that ends with this exit code although it did what it was asked.
    pub(crate) fn exit_code(mut self, code: u8) -> Self {
        self.exit_code = code;
        self
    }
}
