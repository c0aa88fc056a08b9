//! One log line as the console shows it, in Prefect's format.

use std::collections::HashMap;
use std::fmt::Write;

use clap::builder::styling::{AnsiColor, Style};
use flowkit::Result;
use flowkit::model::{FlowRunId, Level, Log, TaskRunId};
use flowkit::wire::{FilterTaskRuns, Page, ReadFlowRun, TaskRunFilter};
use serde_json::Value;

use crate::moment;
use crate::session::Session;

/// How many names are asked for at once.
const BATCH: usize = 200;

/// The names of the runs that wrote log lines.
#[derive(Debug, Default)]
pub(crate) struct Writers {
    flow_runs: HashMap<FlowRunId, String>,
    task_runs: HashMap<TaskRunId, String>,
}

impl Writers {
    /// Learns the names of whoever wrote these lines.
    pub(crate) async fn learn(&mut self, session: &Session, logs: &[Log]) -> Result<()> {
        let mut unknown: Vec<_> = logs.iter().filter_map(|log| log.task_run_id).collect();
        unknown.retain(|id| !self.task_runs.contains_key(id));
        unknown.sort_unstable();
        unknown.dedup();
        for ids in unknown.chunks(BATCH) {
            let of = TaskRunFilter { id: Some(ids.to_vec().into()), ..TaskRunFilter::default() };
            let page = Page::first(u32::try_from(ids.len()).unwrap_or(u32::MAX));
            let runs = FilterTaskRuns { task_runs: of, page, ..FilterTaskRuns::default() };
            let runs = session.call(runs).await?;
            self.task_runs.extend(runs.into_iter().map(|run| (run.id, run.name)));
        }
        for log in logs.iter().filter(|log| log.task_run_id.is_none()) {
            if let Some(id) = log.flow_run_id
                && !self.flow_runs.contains_key(&id)
            {
                let run = session.call(ReadFlowRun { id }).await?;
                self.flow_runs.insert(id, run.name);
            }
        }
        Ok(())
    }

    /// `HH:MM:SS.mmm | INFO    | Task run 'bar-0' - 👋 from bar-0!`
    pub(crate) fn line(&self, log: &Log) -> String {
        let style = style(log.level);
        let (time, level, who) = (moment::time_of_day(log.timestamp), log.level, self.who(log));
        let mut line = format!("{time} | {style}{level:<7}{style:#} | {who} - {}", log.message);
        for (name, value) in &log.fields {
            // Writing to memory does not fail.
            let _ = match value {
                Value::String(text) => write!(line, " {name}={text}"),
                value => write!(line, " {name}={value}"),
            };
        }
        line
    }

    fn who(&self, log: &Log) -> String {
        match (log.task_run_id, log.flow_run_id) {
            (Some(id), _) => said("Task run", self.task_runs.get(&id), &id),
            (None, Some(id)) => said("Flow run", self.flow_runs.get(&id), &id),
            (None, None) => log.name.clone(),
        }
    }
}

/// Its name; its id if it is not written yet or gone.
fn said(what: &str, name: Option<&String>, id: &impl ToString) -> String {
    format!("{what} '{}'", name.cloned().unwrap_or_else(|| id.to_string()))
}

const fn style(level: Level) -> Style {
    match level {
        Level::Trace | Level::Debug => Style::new().dimmed(),
        Level::Info => AnsiColor::Cyan.on_default(),
        Level::Warn => AnsiColor::Yellow.on_default(),
        Level::Error => AnsiColor::Red.on_default(),
    }
}
