//! `flowkit task-run`: executions of tasks.

mod inspect;
mod logs;
mod ls;

use clap::Subcommand;
use flowkit::Result;

use crate::global::Global;
use crate::report::Report;
use crate::session::Session;

/// Look at task runs
#[derive(Debug, Subcommand)]
#[command(
    after_help = "A task run is named by its id or its name; of several with one name the newest is meant.

Examples:
  flowkit task-run ls --flow-run brave-otter --state failed
  flowkit task-run inspect bar-0 --flow-run brave-otter"
)]
pub(crate) enum Command {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Logs(logs::Logs),
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        Session::run(global, async |session| match self {
            Self::Ls(ls) => ls.run(session).await,
            Self::Inspect(inspect) => inspect.run(session).await,
            Self::Logs(logs) => logs.run(session).await,
        })
    }
}
