//! Whether a log line is meant, asked of the line itself and not of a database.

use super::{LevelSpan, LogFilter, OneOf, Operator, Search, TimeSpan};
use crate::Timestamp;
use crate::model::{Level, Log};

impl LogFilter {
    /// Says whether a line is meant.
    #[must_use]
    pub fn includes(&self, line: &Log) -> bool {
        let parts = [
            self.id.as_ref().map(|ids| ids.includes(Some(&line.id))),
            self.flow_run_id.as_ref().map(|ids| ids.includes(line.flow_run_id.as_ref())),
            self.task_run_id.as_ref().map(|ids| ids.includes(line.task_run_id.as_ref())),
            self.level.as_ref().map(|span| span.includes(line.level)),
            self.timestamp.as_ref().map(|span| span.includes(line.timestamp)),
            self.text.as_ref().map(|text| text.finds(&line.message.to_lowercase())),
        ];
        self.operator.joins(&parts)
    }
}

impl Operator {
    /// Joins what is known of the parts that there are; without any, everything is meant.
    fn joins(self, parts: &[Option<bool>]) -> bool {
        let mut parts = parts.iter().flatten().peekable();
        match self {
            Self::And => parts.all(|holds| *holds),
            Self::Or => parts.peek().is_none() || parts.any(|holds| *holds),
        }
    }
}

impl<T: PartialEq> OneOf<T> {
    fn includes(&self, value: Option<&T>) -> bool {
        let is_in = |list: &Vec<T>| value.is_some_and(|value| list.contains(value));
        self.operator.joins(&[
            self.any_.as_ref().map(is_in),
            self.not_any_.as_ref().map(|list| value.is_some() && !is_in(list)),
            self.is_null_.map(|is_null| is_null == value.is_none()),
        ])
    }
}

impl LevelSpan {
    fn includes(&self, level: Level) -> bool {
        let parts = [self.ge_.map(|least| level >= least), self.le_.map(|most| level <= most)];
        self.operator.joins(&parts)
    }
}

impl TimeSpan {
    fn includes(&self, moment: Timestamp) -> bool {
        self.operator.joins(&[
            self.after_.map(|after| moment >= after),
            self.before_.map(|before| moment <= before),
            self.is_null_.map(|is_null| !is_null),
        ])
    }
}

impl Search {
    /// Says whether a text, which is in lower case, holds one of the words and none of those that
    /// must not be there.
    pub(crate) fn finds(&self, text: &str) -> bool {
        let (unwanted, wanted): (Vec<_>, Vec<_>) =
            self.words().into_iter().partition(|word| word.is_unwanted);
        let holds = |word: &super::search::Word| text.contains(&word.text.to_lowercase());
        (wanted.is_empty() || wanted.iter().any(holds)) && !unwanted.iter().any(holds)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(filter: &Value, is_meant: bool) {
        let line: Log = serde_json::from_value(json!({
            "id": "00000000-0000-0000-0000-000000000001",
            "name": "etl", "level": 30, "message": "The disk is full",
            "timestamp": "2026-01-01T00:00:10Z",
            "flow_run_id": "00000000-0000-0000-0000-000000000002",
        }))
        .expect("a line");
        let read: LogFilter = LogFilter::deserialize(filter).expect("a filter");
        assert_eq!(read.includes(&line), is_meant, "{filter}");
    }

    #[test]
    fn lines_are_meant_as_the_database_means_them() {
        let two = "00000000-0000-0000-0000-000000000002";
        check(&json!({}), true);
        check(&json!({ "operator": "or_" }), true);
        check(&json!({ "flow_run_id": { "any_": [two] }, "level": { "ge_": 30 } }), true);
        check(&json!({ "flow_run_id": { "any_": [] } }), false);
        check(&json!({ "flow_run_id": { "not_any_": [two] } }), false);
        check(&json!({ "task_run_id": { "any_": [two] } }), false);
        check(&json!({ "task_run_id": { "is_null_": true } }), true);
        check(&json!({ "level": { "ge_": 40 } }), false);
        check(
            &json!({ "operator": "or_", "level": { "ge_": 40 }, "text": { "query": "disk" } }),
            true,
        );
        check(&json!({ "timestamp": { "after_": "2026-01-01T00:00:11Z" } }), false);
        check(&json!({ "text": { "query": "FULL -disk" } }), false);
    }
}
