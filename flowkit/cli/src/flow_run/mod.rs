//! `flowkit flow-run`: executions of flows, from a list to the end of one.

mod cancel;
mod delete;
mod inspect;
mod logs;
mod ls;
mod pause;
mod propose;
mod resume;
mod watch;

use clap::Subcommand;
use flowkit::Result;

use crate::global::Global;
use crate::report::Report;
use crate::session::Session;

/// Look at flow runs, follow them, stop them and let them go on
#[derive(Debug, Subcommand)]
#[command(
    after_help = "A flow run is named by its id, its name or both names: `brave-otter` or `foo/brave-otter`.
Of several with one name the newest is meant.

Examples:
  flowkit flow-run ls --state failed --since 1d
  flowkit flow-run logs brave-otter --follow
  flowkit flow-run resume brave-otter"
)]
pub(crate) enum Command {
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    Logs(logs::Logs),
    Watch(watch::Watch),
    Cancel(cancel::Cancel),
    Pause(pause::Pause),
    Resume(resume::Resume),
    Delete(delete::Delete),
}

impl Command {
    pub(crate) fn run(self, global: &Global) -> Result<Report> {
        Session::run(global, async |session| match self {
            Self::Ls(ls) => ls.run(session).await,
            Self::Inspect(inspect) => inspect.run(session).await,
            Self::Logs(logs) => logs.run(session).await,
            Self::Watch(watch) => watch.run(session).await,
            Self::Cancel(cancel) => cancel.run(session).await,
            Self::Pause(pause) => pause.run(session).await,
            Self::Resume(resume) => resume.run(session, global).await,
            Self::Delete(delete) => delete.run(session).await,
        })
    }
}
