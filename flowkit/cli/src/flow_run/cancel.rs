//! `flowkit flow-run cancel`: asks a flow run to end.

use clap::Args;
use flowkit::model::{State, StateType};
use flowkit::wire::{ClaimFlowRun, LeaseHolder, ReadFlowRun, ReleaseFlowRun};
use flowkit::{ErrorKind, Result};

use super::propose;
use crate::named_run::NamedRun;
use crate::report::Report;
use crate::session::Session;
use crate::{find, moment};

/// Why the run ended, as its state tells.
const MESSAGE: &str = "cancelled from the command line";

/// Ask a flow run to end
#[derive(Debug, Args)]
#[command(
    after_help = "The process that executes the run stops it: async tasks at their next await, others when
they look at their token. A run that no living process executes is cancelled at once.

Example:
  flowkit flow-run cancel brave-otter"
)]
pub(crate) struct Cancel {
    /// The flow run: its id or its name
    #[arg(value_name = "RUN")]
    name: String,
}

impl Cancel {
    pub(super) async fn run(self, session: &Session) -> Result<Report> {
        let named = find::flow_run(session, &self.name).await?;
        let cancelling = State::cancelling(session.now()).with_message(MESSAGE);
        propose::state(session, &named, cancelling).await?;
        if named.run.state_type() == StateType::Pending {
            end_if_left(session, &named).await?;
        }
        // Its process may have died meanwhile.
        session.reap().await?;
        let run = session.call(ReadFlowRun { id: named.run.id }).await?;
        let named = NamedRun { run, ..named };
        Ok(Report::of(&named).lines(told(session, &named)))
    }
}

/// Cancels a run that nobody has begun and nobody holds: its process died before it claimed it.
async fn end_if_left(session: &Session, named: &NamedRun) -> Result<()> {
    let (id, until) = (named.run.id, session.now());
    // For a moment we hold it ourselves, under a name that no process has.
    let holder = LeaseHolder {
        id: id.as_uuid(),
        host: String::new(),
        pid: std::process::id(),
        lock_file: None,
    };
    match session.call(ClaimFlowRun { id, holder, until }).await {
        Err(error) if error.kind() == ErrorKind::Conflict => return Ok(()),
        claimed => claimed?,
    }
    let cancelled = State::cancelled(session.now()).with_message(MESSAGE);
    propose::state(session, named, cancelled).await?;
    session.call(ReleaseFlowRun { id, holder: id.as_uuid() }).await
}

fn told(session: &Session, named: &NamedRun) -> Vec<String> {
    if named.run.state_type() != StateType::Cancelling {
        return vec![format!("Flow run '{named}' is cancelled; no process was executing it.")];
    }
    let grace = moment::took(session.settings().cancel_grace());
    vec![
        format!("Flow run '{named}' is asked to end; its process stops it within {grace}."),
        format!("See how it goes: flowkit flow-run watch {named}"),
    ]
}
