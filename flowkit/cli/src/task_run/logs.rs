//! `flowkit task-run logs`: what a task run wrote.

use clap::Args;
use flowkit::Result;
use flowkit::model::TaskRun;
use flowkit::wire::{LogFilter, ReadTaskRun};

use crate::report::Report;
use crate::session::Session;
use crate::{find, log_stream};

/// Show what a task run wrote
#[derive(Debug, Args)]
#[command(after_help = "With --output json each line is an object of its own.

Examples:
  flowkit task-run logs bar-0
  flowkit task-run logs bar-0 --flow-run brave-otter --follow")]
pub(crate) struct Logs {
    #[command(flatten)]
    task_run: Meant,
    #[command(flatten)]
    lines: log_stream::Lines,
}

/// The task run that is meant.
#[derive(Debug, Args)]
pub(super) struct Meant {
    /// The task run: its id or its name
    #[arg(value_name = "TASK RUN")]
    name: String,
    /// Look for it in this flow run only: its id or its name
    #[arg(long, value_name = "RUN")]
    flow_run: Option<String>,
}

impl Meant {
    pub(super) async fn find(&self, session: &Session) -> Result<TaskRun> {
        let within = match &self.flow_run {
            Some(wanted) => Some(find::flow_run(session, wanted).await?),
            None => None,
        };
        find::task_run(session, &self.name, within.as_ref()).await
    }
}

impl Logs {
    pub(super) async fn run(self, session: &Session) -> Result<Report> {
        let id = self.task_run.find(session).await?.id;
        let filter = LogFilter { task_run_id: Some(vec![id].into()), ..LogFilter::default() };
        log_stream::print(session, self.lines, filter, async || {
            Ok(session.call(ReadTaskRun { id }).await?.state_type().is_terminal())
        })
        .await
    }
}
