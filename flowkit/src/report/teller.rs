//! Teller: says things to one server, each kind in its own way.

use std::collections::HashMap;

use uuid::Uuid;

use super::http::{Http, Trouble};
use super::peer::{Peer, PeerKind, page};
use super::telling::Telling;
use super::{ours, theirs};
use crate::Result;
use crate::api::Client;
use crate::model::{FlowId, FlowRun, FlowRunId, Log, State};
use crate::wire::{ReadFlow, TaskRunRecord};

/// Says things to one server.
pub(super) struct Teller {
    pub(super) client: Client,
    pub(super) http: Http,
    pub(super) peer: Peer,
    pub(super) url: String,
    /// Flows under the names and the ids that they have there.
    pub(super) flows: HashMap<FlowId, (Uuid, String)>,
    /// Flow runs under the ids that they have there.
    pub(super) flow_runs: HashMap<FlowRunId, Uuid>,
}

impl Teller {
    pub(super) fn kind(&self) -> PeerKind {
        self.peer.kind
    }

    fn is_ours(&self) -> bool {
        self.peer.is_flowkit()
    }

    /// Makes the run known there, unless it is.
    pub(super) async fn begin(
        &mut self,
        telling: &mut Telling,
        run: &FlowRun,
        states: &[State],
    ) -> Result<(), Trouble> {
        let is_new = telling.report.remote_id.is_none();
        if self.is_ours() {
            if is_new {
                ours::tell_flow_run(self, telling, run, states).await?;
                telling.report.remote_id = Some(run.id.as_uuid());
            }
        } else if is_new {
            theirs::begin(self, telling, run, states).await?;
        } else if !telling.is_certain {
            theirs::find_again(self, telling, states).await?;
        }
        let Some(id) = telling.report.remote_id else { return Ok(()) };
        self.flow_runs.insert(run.id, id);
        if is_new {
            self.save(telling).await?;
            if run.parent_task_run_id.is_none() {
                say_where(&run.name, &page(self.kind(), &self.url, id));
            }
        }
        Ok(())
    }

    /// Tells of those of these states that are not told.
    pub(super) async fn tell_states(
        &mut self,
        telling: &mut Telling,
        run: &FlowRun,
        states: &[State],
    ) -> Result<(), Trouble> {
        if telling.report.states as usize >= states.len() {
            return Ok(());
        }
        if self.is_ours() {
            ours::tell_flow_run(self, telling, run, states).await
        } else {
            theirs::tell_states(self, telling, states).await
        }
    }

    pub(super) async fn tell_task_runs(
        &mut self,
        telling: &mut Telling,
        records: &[TaskRunRecord],
    ) -> Result<(), Trouble> {
        if records.is_empty() {
            return Ok(());
        }
        if self.is_ours() {
            ours::tell_task_runs(self, telling, records).await
        } else {
            theirs::tell_task_runs(self, telling, records).await
        }
    }

    pub(super) async fn tell_artifacts(&mut self, telling: &mut Telling) -> Result<(), Trouble> {
        loop {
            let (id, since) = (telling.report.flow_run_id, telling.report.artifacts_until);
            let artifacts = self.client.artifacts_since(id, since).await?;
            let Some(last) = artifacts.last() else { return Ok(()) };
            let until = last.updated;
            if self.is_ours() {
                ours::tell_artifacts(self, artifacts).await?;
            } else if self.kind() != PeerKind::EarlyPrefect2 {
                theirs::tell_artifacts(self, telling, &artifacts).await?;
            }
            telling.report.artifacts_until = until;
            self.save(telling).await?;
        }
    }

    pub(super) async fn tell_lines(
        &mut self,
        telling: &Telling,
        lines: &[Log],
    ) -> Result<(), Trouble> {
        if lines.is_empty() {
            return Ok(());
        }
        if self.is_ours() {
            ours::tell_lines(self, lines).await
        } else {
            theirs::tell_lines(self, telling, lines).await
        }
    }

    /// Notes how far a report has got.
    pub(super) async fn save(&self, telling: &Telling) -> Result<(), Trouble> {
        self.client.save_report(telling.report.clone()).await?;
        Ok(())
    }

    /// The name of a flow.
    pub(super) async fn flow_name(&self, id: FlowId) -> Result<String> {
        Ok(self.client.call(ReadFlow { id }).await?.name)
    }
}

/// Shows where people find the run.
fn say_where(name: &str, page: &str) {
    tracing::info!(target: "flowkit::console", run_label = format!("Flow run '{name}'"), "View at {page}");
}
