//! Answers about many flow runs at once.

use super::Local;
use crate::api::Answer;
use crate::model::{FlowRun, StateId};
use crate::store::{Tx, flow_run};
use crate::wire::{
    BulkDeleteFlowRuns, BulkDeleted, BulkSetFlowRunState, BulkSetStateAnswer, DeleteFlowRun, Few,
    FilterFlowRuns, FlowRunAnswer, FlowRunFilter, Page, SetFlowRunState, SetStateAnswer,
};
use crate::{ErrorKind, Result};

impl Answer<BulkDeleteFlowRuns> for Local {
    async fn answer(&self, wanted: BulkDeleteFlowRuns) -> Result<BulkDeleted> {
        let mut deleted = Vec::new();
        for run in self.few(wanted.flow_runs, wanted.limit).await? {
            match self.answer(DeleteFlowRun { id: run.id }).await {
                Ok(()) => deleted.push(run.id),
                // It is being executed, or somebody was faster.
                Err(error) if is_about_the_run(error.kind()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(BulkDeleted { deleted })
    }
}

impl Answer<BulkSetFlowRunState> for Local {
    async fn answer(&self, wanted: BulkSetFlowRunState) -> Result<BulkSetStateAnswer> {
        let mut results = Vec::new();
        for run in self.few(wanted.flow_runs, wanted.limit).await? {
            let mut state = wanted.state.clone();
            state.id = StateId::default();
            let set = SetFlowRunState { id: run.id, state, force: wanted.force };
            let answer = match self.answer(set).await {
                Ok(answer) => answer,
                Err(error) if is_about_the_run(error.kind()) => {
                    SetStateAnswer::Abort { reason: error.full_message() }
                }
                Err(error) => return Err(error),
            };
            results.push(FlowRunAnswer { flow_run_id: run.id, answer });
        }
        Ok(BulkSetStateAnswer { results })
    }
}

const fn is_about_the_run(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::Refused | ErrorKind::Conflict)
}

impl Local {
    async fn few(&self, flow_runs: FlowRunFilter, limit: Few) -> Result<Vec<FlowRun>> {
        let page = Page::first(limit.into());
        let wanted = FilterFlowRuns { flow_runs, page, ..FilterFlowRuns::default() };
        self.store.scan(async move |tx: &mut Tx<'_>| flow_run::filter(tx, wanted).await).await
    }
}
