//! Answers to what clients of Prefect ask of a flow run beside its states.

use super::Local;
use crate::Result;
use crate::api::Answer;
use crate::model::{State, StateType};
use crate::store::{Tx, flow_run};
use crate::wire::{
    ReadFlowRun, ResumeFlowRun, SetFlowRunState, SetStateAnswer, UpdateFlowRunLabels,
};

impl Answer<ResumeFlowRun> for Local {
    async fn answer(&self, ResumeFlowRun { id, .. }: ResumeFlowRun) -> Result<SetStateAnswer> {
        let run = self.answer(ReadFlowRun { id }).await?;
        let paused = run.state.filter(|state| state.kind == StateType::Paused);
        let Some(paused) = paused else {
            let reason = "the flow run is not paused".to_owned();
            return Ok(SetStateAnswer::Abort { reason });
        };
        let now = self.now();
        let state = match paused.details().pause_reschedule {
            true => State::scheduled(now, now).named("Resuming"),
            false => State::running(now),
        };
        self.answer(SetFlowRunState { id, state, force: false }).await
    }
}

impl Answer<UpdateFlowRunLabels> for Local {
    async fn answer(&self, change: UpdateFlowRunLabels) -> Result<()> {
        let now = self.now();
        let write = async move |tx: &mut Tx<'_>| {
            let mut run = flow_run::need(tx, change.id).await?;
            run.notes.labels.extend(change.labels);
            run.updated = now;
            flow_run::update(tx, &run).await
        };
        self.store.write(write).await
    }
}
