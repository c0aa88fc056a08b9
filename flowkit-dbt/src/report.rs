//! Report: the lines of a dbt process, told on as they come and summed up at its end.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use crate::event::{Event, Node, NodeData, NodeResult};
use crate::outcome::{DbtFailure, DbtOutcome, NodeFailure};

/// The event that says how a node ended.
const NODE_FINISHED: &str = "Q025";
/// The statuses of nodes that failed.
const FAILED: &[&str] = &["error", "fail", "runtime error"];
/// How many lines of standard error are kept, for a dbt that fails without an event.
const LAST_LINES: usize = 20;

/// What a dbt process has said so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    invocation_id: Option<String>,
    /// The status of each node that ended.
    statuses: HashMap<String, String>,
    failures: Vec<NodeFailure>,
    /// What errors said about a node; dbt 2 says it before the node ends, and only so.
    about_nodes: HashMap<String, String>,
    messages: Vec<String>,
    last_lines: VecDeque<String>,
}

impl Report {
    /// Takes a line of standard output.
    pub(crate) fn read(&mut self, line: &str) {
        match Event::read(line) {
            Some(event) => {
                event.tell();
                self.note(&event);
            }
            None if line.trim().is_empty() => {}
            None => tracing::info!(target: "dbt", "{line}"),
        }
    }

    /// Takes a line of standard error.
    pub(crate) fn read_error(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        tracing::warn!(target: "dbt", "{line}");
        if self.last_lines.len() == LAST_LINES {
            self.last_lines.pop_front();
        }
        self.last_lines.push_back(line.to_owned());
    }

    fn note(&mut self, event: &Event<'_>) {
        let info = &event.info;
        if self.invocation_id.is_none() && !info.invocation_id.is_empty() {
            self.invocation_id = Some(info.invocation_id.clone());
        }
        if info.code == NODE_FINISHED {
            if let NodeData { node_info: Some(node), run_result: Some(result) } = event.node_data()
            {
                self.end(node, result);
            }
        } else if event.is_error() {
            let message = info.msg.trim().to_owned();
            match event.node_data().node_info {
                Some(node) => drop(self.about_nodes.insert(node.unique_id, message)),
                None => self.messages.push(message),
            }
        }
    }

    fn end(&mut self, node: Node, result: NodeResult) {
        let NodeResult { status, message, num_failures } = result;
        if FAILED.contains(&status.as_str()) {
            let message = message.or_else(|| self.about_nodes.remove(&node.unique_id));
            let rows = num_failures.map(|rows| format!("{status}, {rows} rows"));
            self.failures.push(NodeFailure {
                unique_id: node.unique_id.clone(),
                resource_type: node.resource_type,
                name: node.node_name,
                message: message.or(rows).unwrap_or_else(|| status.clone()),
                status: status.clone(),
            });
        }
        self.statuses.insert(node.unique_id, status);
    }

    /// Sums up a process that ended well.
    pub(crate) fn outcome(self, elapsed: Duration) -> DbtOutcome {
        let mut counts = BTreeMap::new();
        for status in self.statuses.into_values() {
            *counts.entry(status).or_default() += 1;
        }
        DbtOutcome { invocation_id: self.invocation_id, elapsed, counts }
    }

    /// Sums up a process that did not end well.
    pub(crate) fn failure(self, command: String, exit_code: Option<i32>) -> DbtFailure {
        let mut messages = self.messages;
        // A command line that dbt does not understand is told there and nowhere else.
        if self.failures.is_empty() && messages.is_empty() {
            messages.extend(self.last_lines);
        }
        DbtFailure { command, exit_code, nodes: self.failures, messages }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report_of(lines: &str) -> Report {
        let mut report = Report::default();
        lines.lines().for_each(|line| report.read(line));
        report
    }

    #[test]
    fn nodes_are_counted_by_status() {
        let report = report_of(include_str!("../fixtures/v1_build_fails.jsonl"));

        let outcome = report.outcome(Duration::from_secs(3));

        assert_eq!(outcome.invocation_id.as_deref(), Some("d0ecf9c2-b18c-4918-bcd9-42505cdc6e45"));
        let counts = [("error", 1), ("fail", 1), ("pass", 1), ("skipped", 1), ("success", 2)];
        let counts = counts.map(|(status, count)| (status.to_owned(), count));
        assert_eq!(outcome.counts, BTreeMap::from(counts));
        assert_eq!(outcome.total(), 6);
        assert_eq!(outcome.count("warn"), 0);
    }

    #[test]
    fn failed_nodes_are_named_with_what_dbt_says_of_them() {
        let report = report_of(include_str!("../fixtures/v1_build_fails.jsonl"));

        let failure = report.failure("dbt build".into(), Some(1));

        insta::assert_snapshot!(failure, @r#"
        Runtime Error in model customers (models/customers.sql)
          Parser Error: syntax error at or near "left"
          
          LINE 38: left join ordered on customers.customer_id = ordered.custom...
                   ^
        test not_null_orders_amount: Got 2 results, configured to fail if != 0
        `dbt build` ended with exit code 1
        "#);
        let statuses = failure.nodes.iter().map(|node| (&*node.unique_id, &*node.status));
        let test = "test.jaffle_shop.not_null_orders_amount.106140f9fd";
        let expected = [("model.jaffle_shop.customers", "error"), (test, "fail")];
        assert_eq!(statuses.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn failed_nodes_of_dbt_2_are_told_by_the_error_before() {
        let report = report_of(include_str!("../fixtures/v2_build_fails.jsonl"));

        let failure = report.failure("dbt build".into(), Some(1));

        insta::assert_snapshot!(failure, @r#"
        test not_null_orders_amount: fail, 2 rows
        [error] [DbDriverFailed (dbt1308)]: Database Error in model customers (target/run/jaffle_shop/models/customers.sql)
          Parser Error: syntax error at or near "left"
          
          LINE 38: left join ordered on customers.customer_id = ordered.custom...
                   ^
          (in run/jaffle_shop/models/customers.sql:1:11)
        `dbt build` ended with exit code 1
        "#);
        assert!(failure.messages.is_empty());
    }

    #[test]
    fn error_beyond_nodes_is_told() {
        let report = report_of(include_str!("../fixtures/v1_unknown_target.jsonl"));

        let failure = report.failure("dbt build --target nope".into(), Some(2));

        let message = failure.to_string();
        assert!(message.contains("does not have a target named 'nope'"), "{message}");
        assert!(message.ends_with("`dbt build --target nope` ended with exit code 2"), "{message}");
    }

    #[test]
    fn standard_error_is_told_if_there_is_nothing_else() {
        let mut report = Report::default();
        for line in 0..30 {
            report.read_error(&format!("line {line}"));
        }
        report.read_error("Error: No such command 'bild'.");

        let failure = report.failure("dbt bild".into(), Some(2));

        assert_eq!(failure.messages.len(), LAST_LINES);
        let end = "line 29\nError: No such command 'bild'.\n`dbt bild` ended with exit code 2";
        assert!(failure.to_string().ends_with(end), "{failure}");
    }

    #[test]
    fn many_failures_are_cut_short() {
        let node = |number| {
            format!(
                r#"{{"info":{{"code":"Q025","level":"debug","msg":""}},"data":{{"node_info":{{"unique_id":"test.p.t{number}","resource_type":"test","node_name":"t{number}"}},"run_result":{{"status":"fail"}}}}}}"#
            )
        };
        let lines: Vec<_> = (0..12).map(node).collect();

        let failure = report_of(&lines.join("\n")).failure("dbt test".into(), Some(1));

        let message = failure.to_string();
        let end = "test t9: fail\n… and 2 more\n`dbt test` ended with exit code 1";
        assert!(message.ends_with(end), "{message}");
    }
}
