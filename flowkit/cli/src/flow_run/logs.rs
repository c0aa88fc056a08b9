//! `flowkit flow-run logs`: what a flow run and its task runs wrote.

use clap::Args;
use flowkit::Result;
use flowkit::wire::{LogFilter, ReadFlowRun};

use crate::report::Report;
use crate::session::Session;
use crate::{find, log_stream};

/// Show what a flow run and its task runs wrote
#[derive(Debug, Args)]
#[command(after_help = "With --output json each line is an object of its own.

Examples:
  flowkit flow-run logs brave-otter
  flowkit flow-run logs brave-otter --follow --level warning
  flowkit flow-run logs brave-otter --task-run bar-0 --tail 20")]
pub(crate) struct Logs {
    /// The flow run: its id or its name
    #[arg(value_name = "RUN")]
    name: String,
    /// Only what this task run wrote: its id or its name
    #[arg(long, value_name = "TASK RUN")]
    task_run: Option<String>,
    #[command(flatten)]
    lines: log_stream::Lines,
}

impl Logs {
    pub(super) async fn run(self, session: &Session) -> Result<Report> {
        let named = find::flow_run(session, &self.name).await?;
        let id = named.run.id;
        let mut filter = LogFilter { flow_run_id: Some(vec![id].into()), ..LogFilter::default() };
        if let Some(task_run) = &self.task_run {
            let task_run = find::task_run(session, task_run, Some(&named)).await?;
            filter.task_run_id = Some(vec![task_run.id].into());
        }
        log_stream::print(session, self.lines, filter, async || {
            Ok(session.call(ReadFlowRun { id }).await?.state_type().is_terminal())
        })
        .await
    }
}
