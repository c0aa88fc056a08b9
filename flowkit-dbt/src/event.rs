//! Event: one line of dbt's log, told on as a `tracing` event of the same level.
//!
//! Read are lines of dbt's log version 3, which dbt 1.4 to 2 write. Whatever cannot be read is
//! a line all the same.

use serde::Deserialize;
use serde_json::value::RawValue;

/// SQL statements and how they went: hundreds of lines a run.
const CHATTER: &[&str] = &["E016", "E017"];

/// A line of dbt's log.
#[derive(Debug, Deserialize)]
pub(crate) struct Event<'a> {
    pub(crate) info: Info,
    /// What it is about, whose shape depends on the code.
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// What every event says.
#[derive(Debug, Deserialize)]
pub(crate) struct Info {
    #[serde(default)]
    pub(crate) code: String,
    pub(crate) level: String,
    pub(crate) msg: String,
    #[serde(default)]
    pub(crate) invocation_id: String,
}

/// What events about nodes say besides.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct NodeData {
    pub(crate) node_info: Option<Node>,
    pub(crate) run_result: Option<NodeResult>,
}

/// A model, test, seed or snapshot.
#[derive(Debug, Deserialize)]
pub(crate) struct Node {
    pub(crate) unique_id: String,
    #[serde(default)]
    pub(crate) resource_type: String,
    #[serde(default)]
    pub(crate) node_name: String,
}

/// How a node ended.
#[derive(Debug, Deserialize)]
pub(crate) struct NodeResult {
    pub(crate) status: String,
    /// dbt 2 leaves it out.
    #[serde(default)]
    pub(crate) message: Option<String>,
    /// How many rows a test found.
    #[serde(default)]
    pub(crate) num_failures: Option<u64>,
}

impl<'a> Event<'a> {
    /// Reads a line; none if it is no event.
    pub(crate) fn read(line: &'a str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }

    /// What it says about a node, if it is about one.
    pub(crate) fn node_data(&self) -> NodeData {
        self.data.and_then(|data| serde_json::from_str(data.get()).ok()).unwrap_or_default()
    }

    pub(crate) fn is_error(&self) -> bool {
        self.info.level == "error"
    }

    /// Tells it on, for the run that the code is in.
    pub(crate) fn tell(&self) {
        let message = self.info.msg.trim();
        if message.is_empty() {
            return;
        }
        match self.level() {
            tracing::Level::ERROR => tracing::error!(target: "dbt", "{message}"),
            tracing::Level::WARN => tracing::warn!(target: "dbt", "{message}"),
            tracing::Level::INFO => tracing::info!(target: "dbt", "{message}"),
            tracing::Level::DEBUG => tracing::debug!(target: "dbt", "{message}"),
            tracing::Level::TRACE => tracing::trace!(target: "dbt", "{message}"),
        }
    }

    fn level(&self) -> tracing::Level {
        match self.info.level.as_str() {
            "debug" if CHATTER.contains(&self.info.code.as_str()) => tracing::Level::TRACE,
            "debug" | "test" => tracing::Level::DEBUG,
            "warn" | "warning" => tracing::Level::WARN,
            "error" => tracing::Level::ERROR,
            _ => tracing::Level::INFO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_dbt_but_for_sql() {
        let levels = [
            (r#"{"info":{"code":"A001","level":"info","msg":"m"}}"#, tracing::Level::INFO),
            (r#"{"info":{"code":"Q012","level":"error","msg":"m"}}"#, tracing::Level::ERROR),
            (r#"{"info":{"code":"M030","level":"warn","msg":"m"}}"#, tracing::Level::WARN),
            (r#"{"info":{"code":"Q025","level":"debug","msg":"m"}}"#, tracing::Level::DEBUG),
            (r#"{"info":{"code":"E016","level":"debug","msg":"m"}}"#, tracing::Level::TRACE),
            (r#"{"info":{"level":"loud","msg":"m"}}"#, tracing::Level::INFO),
        ];
        for (line, level) in levels {
            assert_eq!(Event::read(line).expect(line).level(), level, "{line}");
        }
    }

    #[test]
    fn other_lines_are_no_events() {
        let old = r#"{"code": "A001", "level": "info", "msg": "dbt 1.3", "data": {}}"#;
        for line in ["", "warnings.warn(", "7", "{}", old] {
            assert!(Event::read(line).is_none(), "{line}");
        }
    }

    #[test]
    fn data_of_another_shape_is_about_no_node() {
        for data in ["[1]", "null", r#"{"node_info": "x"}"#, "{}"] {
            let line = format!(r#"{{"info":{{"level":"info","msg":"m"}},"data":{data}}}"#);
            assert!(Event::read(&line).expect(data).node_data().node_info.is_none(), "{data}");
        }
    }
}
