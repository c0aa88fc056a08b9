//! Answers about the states of flow runs: the rules decide, in the transaction that writes.

use super::{Local, flow_run_event, task_run_state};
use crate::Result;
use crate::Timestamp;
use crate::api::Answer;
use crate::model::{FlowRun, State, StateType, TaskRunId};
use crate::rules::Verdict;
use crate::rules::bookkeeping::enter_flow_run;
use crate::rules::flow_run::{FlowRunFacts, propose};
use crate::store::{Tx, flow_run, flow_run_state, lease, report, task_run, task_run_key};
use crate::wire::{ReadFlowRunStates, SetFlowRunState, SetStateAnswer};

impl Answer<SetFlowRunState> for Local {
    async fn answer(&self, mut wanted: SetFlowRunState) -> Result<SetStateAnswer> {
        let (subject, now) = (wanted.id.as_uuid(), self.now());
        wanted.state.settle(now);
        let is_serving = self.news.is_serving();
        let write = async move |tx: &mut Tx<'_>| {
            let SetFlowRunState { id, state, force } = wanted;
            let mut run = flow_run::need(tx, id).await?;
            let before = run.state.clone();
            let verdict = if force {
                Verdict::Accept(state)
            } else {
                let facts = facts(tx, &run, &state).await?;
                propose(&run, facts, state, now)
            };
            let answer = apply(tx, &mut run, verdict, now).await?;
            let event = match is_serving {
                true => flow_run_event::keep(tx, &run, before.as_ref(), now).await?,
                false => None,
            };
            Ok((answer, event))
        };
        let (answer, event) = self.store.write_about(subject, write).await?;
        self.news.tell_events(event);
        Ok(answer)
    }
}

impl Answer<ReadFlowRunStates> for Local {
    async fn answer(&self, ReadFlowRunStates { id }: ReadFlowRunStates) -> Result<Vec<State>> {
        let read = async move |tx: &mut Tx<'_>| {
            flow_run::need(tx, id).await?;
            flow_run_state::read(tx, id).await
        };
        self.store.read(read).await
    }
}

/// What the rules need to know beside the run.
pub(super) async fn facts(
    tx: &mut Tx<'_>,
    run: &FlowRun,
    proposed: &State,
) -> Result<FlowRunFacts> {
    let pause_fired = match &proposed.details().pause_key {
        Some(key) if proposed.kind == StateType::Paused => {
            let states = flow_run_state::read(tx, run.id).await?;
            let is_same = |state: &State| state.details().pause_key.as_ref() == Some(key);
            states.iter().any(|state| state.kind == StateType::Paused && is_same(state))
        }
        Some(_) | None => false,
    };
    let infrastructure = lease::read(tx, run.id).await?.is_some();
    Ok(FlowRunFacts { deployed: false, resume: false, infrastructure, pause_fired })
}

/// Does what a verdict says.
pub(super) async fn apply(
    tx: &mut Tx<'_>,
    run: &mut FlowRun,
    verdict: Verdict,
    now: Timestamp,
) -> Result<SetStateAnswer> {
    Ok(match verdict {
        Verdict::Accept(state) => {
            enter(tx, run, state.clone(), now).await?;
            SetStateAnswer::Accept { state }
        }
        Verdict::Reject { state, reason } => {
            enter(tx, run, state.clone(), now).await?;
            SetStateAnswer::Reject { state, reason }
        }
        Verdict::Wait { delay, reason } => {
            SetStateAnswer::Wait { delay_seconds: delay.as_secs_f64(), reason }
        }
        Verdict::Abort { reason } => SetStateAnswer::Abort { reason },
    })
}

/// Writes the state that a run enters; the one that it is in changes nothing.
async fn enter(tx: &mut Tx<'_>, run: &mut FlowRun, state: State, now: Timestamp) -> Result<()> {
    if run.state.as_ref().is_some_and(|current| current.id == state.id) {
        return Ok(());
    }
    flow_run_state::add(tx, run.id, &state).await?;
    if let Some(placeholder) = run.parent_task_run_id {
        show_in_parent(tx, run, placeholder, &state, now).await?;
    }
    enter_flow_run(run, state);
    run.updated = now;
    report::reopen(tx, run.id).await?;
    flow_run::set_state(tx, run).await
}

/// Gives the task run that stands for a subflow the subflow's state.
///
/// Only one that a client of the API made: a process that executes flows itself looks after its own.
async fn show_in_parent(
    tx: &mut Tx<'_>,
    child: &FlowRun,
    placeholder: TaskRunId,
    state: &State,
    now: Timestamp,
) -> Result<()> {
    if !task_run_key::is_known(tx, placeholder).await? {
        return Ok(());
    }
    let Some(mut record) = task_run::record(tx, placeholder).await? else { return Ok(()) };
    let mut shown = State::new(state.kind, state.timestamp.max(now));
    shown.name = state.name.clone();
    shown.message = state.message.clone();
    shown.details_mut().child_flow_run_id = Some(child.id);
    let flow_run_run_count = record.tally.flow_run_run_count;
    task_run_state::enter(tx, &mut record, shown, flow_run_run_count).await
}
