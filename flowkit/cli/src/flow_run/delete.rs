//! `flowkit flow-run delete`: removes flow runs with all that they left.

use clap::Args;
use flowkit::model::StateType;
use flowkit::wire::DeleteFlowRun;
use flowkit::{Error, Result};

use crate::confirm::Confirmation;
use crate::find;
use crate::named_run::NamedRun;
use crate::report::Report;
use crate::session::Session;

/// Remove flow runs with their task runs, states, logs and artifacts
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flowkit flow-run delete brave-otter
  flowkit flow-run delete brave-otter calm-heron --yes")]
pub(crate) struct Delete {
    /// The flow runs: their ids or names
    #[arg(value_name = "RUN", required = true)]
    names: Vec<String>,
    /// Remove them even if they are running
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, session: &Session) -> Result<Report> {
        let mut found: Vec<NamedRun> = Vec::new();
        for name in &self.names {
            let named = find::flow_run(session, name).await?;
            if !self.force && may_be_executed(named.run.state_type()) {
                return Err(running(&named));
            }
            if found.iter().all(|known| known.run.id != named.run.id) {
                found.push(named);
            }
        }
        self.confirmation.ask(&question(&found))?;
        for named in &found {
            session.call(DeleteFlowRun { id: named.run.id }).await?;
        }
        let line = |named: &NamedRun| format!("Deleted flow run '{named}' ({}).", named.run.id);
        Ok(Report::of(&found).lines(found.iter().map(line)))
    }
}

/// Says whether a process may be at work on a run in such a state.
const fn may_be_executed(kind: StateType) -> bool {
    match kind {
        StateType::Pending | StateType::Running | StateType::Paused | StateType::Cancelling => true,
        StateType::Scheduled
        | StateType::Completed
        | StateType::Failed
        | StateType::Cancelled
        | StateType::Crashed => false,
    }
}

fn running(named: &NamedRun) -> Error {
    let kind = named.run.state_type().default_name().to_lowercase();
    Error::refused(format!("flow run '{named}' is {kind}"))
        .with_hint(format!("end it first: `flowkit flow-run cancel {named}`; or use --force"))
}

fn question(runs: &[NamedRun]) -> String {
    let names: Vec<_> = runs.iter().map(|named| format!("'{named}'")).collect();
    format!("Delete {} with all that belongs to it?", names.join(", "))
}
