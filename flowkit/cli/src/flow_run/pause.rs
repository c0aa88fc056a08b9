//! `flowkit flow-run pause`: has a flow run wait.

use std::time::Duration;

use clap::Args;
use flowkit::model::{State, StateType};
use flowkit::{Error, Result, settings};

use super::propose;
use crate::report::Report;
use crate::session::Session;
use crate::{find, moment};

/// Have a running flow run wait until it is resumed
#[derive(Debug, Args)]
#[command(after_help = "What runs goes on to its end; no further task starts.

Examples:
  flowkit flow-run pause brave-otter
  flowkit flow-run pause brave-otter --timeout 1h")]
pub(crate) struct Pause {
    /// The flow run: its id or its name
    #[arg(value_name = "RUN")]
    name: String,
    /// The run has failed if it is not resumed within this time
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
}

fn duration(text: &str) -> std::result::Result<Duration, &'static str> {
    settings::duration(text).ok_or("it is no duration such as 30m, 2h or 7d")
}

impl Pause {
    pub(super) async fn run(self, session: &Session) -> Result<Report> {
        let named = find::flow_run(session, &self.name).await?;
        let now = session.now();
        let paused = State::paused(self.timeout.map(|timeout| now + timeout), now);
        let proposed = propose::state(session, &named, paused).await?;
        if proposed.state.kind != StateType::Paused {
            let reason = proposed.otherwise.unwrap_or_default();
            let name = &proposed.state.name;
            return Err(Error::refused(format!("flow run '{named}' is {name}: {reason}")));
        }
        let limit = self.timeout.map(|timeout| format!(", at most for {}", moment::took(timeout)));
        Ok(Report::of(&serde_json::json!({ "id": named.run.id, "state": proposed.state }))
            .line(format!("Flow run '{named}' waits{}.", limit.unwrap_or_default()))
            .line(format!("Let it go on: flowkit flow-run resume {named}")))
    }
}
