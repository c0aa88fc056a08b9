//! `flowkit flow-run cancel`: asks a flow run to end.

use clap::Args;
use flowkit::Result;
use flowkit::model::{State, StateType};
use flowkit::wire::ReadFlowRun;

use super::propose;
use crate::named_run::NamedRun;
use crate::report::Report;
use crate::session::Session;
use crate::{find, moment};

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
        let cancelling =
            State::cancelling(session.now()).with_message("Cancelled by the command line");
        propose::state(session, &named, cancelling).await?;
        // Whoever finds that its process is gone makes it Cancelled.
        session.reap().await?;
        let run = session.call(ReadFlowRun { id: named.run.id }).await?;
        let named = NamedRun { run, ..named };
        Ok(Report::of(&named).lines(told(session, &named)))
    }
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
