//! A flow run with the name of its flow, as people call it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use flowkit::model::{FlowId, FlowRun};
use flowkit::wire::ReadFlow;
use flowkit::{Result, Timestamp};
use serde::Serialize;

use crate::session::Session;

/// A flow run with the name of its flow; shows itself as `flow/run`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NamedRun {
    pub(crate) flow_name: String,
    #[serde(flatten)]
    pub(crate) run: FlowRun,
}

impl NamedRun {
    /// Gives one run the name of its flow.
    pub(crate) async fn of(session: &Session, run: FlowRun) -> Result<Self> {
        let flow = session.call(ReadFlow { id: run.flow_id }).await?;
        Ok(Self { flow_name: flow.name, run })
    }

    /// Gives each run the name of its flow; every flow is asked for once.
    pub(crate) async fn all(session: &Session, runs: Vec<FlowRun>) -> Result<Vec<Self>> {
        let mut names: BTreeMap<FlowId, String> = BTreeMap::new();
        let mut named = Vec::with_capacity(runs.len());
        for run in runs {
            let flow_name = match names.get(&run.flow_id) {
                Some(name) => name.clone(),
                None => session.call(ReadFlow { id: run.flow_id }).await?.name,
            };
            names.insert(run.flow_id, flow_name.clone());
            named.push(Self { flow_name, run });
        }
        Ok(named)
    }

    /// How long it has been running.
    pub(crate) fn run_time(&self, now: Timestamp) -> Duration {
        let FlowRun { start_time, end_time, total_run_time, .. } = self.run;
        run_time(start_time, end_time, total_run_time, now)
    }
}

/// How long a run has been running: what is noted when it ends, until then the time since its start.
pub(crate) fn run_time(
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    total_run_time: f64,
    now: Timestamp,
) -> Duration {
    match (start_time, end_time) {
        (Some(start), None) => now.since(start),
        (_, _) => Duration::try_from_secs_f64(total_run_time).unwrap_or_default(),
    }
}

impl fmt::Display for NamedRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.flow_name, self.run.name)
    }
}
