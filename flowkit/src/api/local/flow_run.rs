//! Answers about flow runs.

use super::{Local, flow_run_event};
use crate::Timestamp;
use crate::api::Answer;
use crate::model::{FlowRun, RunCounts, two_words};
use crate::rules::bookkeeping::enter_flow_run;
use crate::store::{Tx, flow, flow_run, flow_run_state};
use crate::wire::{CountFlowRuns, CreateFlowRun, FilterFlowRuns, Made, ReadFlowRun, UpdateFlowRun};
use crate::{Error, Result};

impl Answer<CreateFlowRun> for Local {
    async fn answer(&self, mut wanted: CreateFlowRun) -> Result<Made<FlowRun>> {
        let (now, reports) = (self.now(), self.reports.clone());
        if wanted.id.is_nil() {
            wanted.id = self.new_id();
        }
        if wanted.name.is_empty() {
            wanted.name = two_words();
        }
        wanted.state.settle(now);
        // The same key makes one run, whoever asks.
        let is_keyed = wanted.idempotency_key.is_some();
        let subject = if is_keyed { wanted.flow_id.as_uuid() } else { wanted.id.as_uuid() };
        let is_serving = self.news.is_serving();
        let write = async move |tx: &mut Tx<'_>| {
            let made = create(tx, wanted, now).await?;
            reports.begin(tx, made.id, now).await?;
            let event = match is_serving && made.is_new {
                true => flow_run_event::keep(tx, &made, None, now).await?,
                false => None,
            };
            Ok((made, event))
        };
        let (made, event) = self.store.write_about(subject, write).await?;
        self.news.tell_events(event);
        Ok(made)
    }
}

async fn create(tx: &mut Tx<'_>, wanted: CreateFlowRun, now: Timestamp) -> Result<Made<FlowRun>> {
    if let Some(key) = &wanted.idempotency_key
        && let Some(known) = flow_run::find_by_key(tx, wanted.flow_id, key).await?
    {
        return Ok(Made::found(known));
    }
    if flow::read(tx, wanted.flow_id).await?.is_none() {
        return Err(Error::not_found(format!("flow {}", wanted.flow_id)));
    }
    if flow_run::read(tx, wanted.id).await?.is_some() {
        return Err(Error::conflict(format!("flow run {} exists already", wanted.id)));
    }
    let state = wanted.state;
    let mut run = FlowRun {
        id: wanted.id,
        created: now,
        updated: now,
        name: wanted.name,
        flow_id: wanted.flow_id,
        flow_version: wanted.flow_version,
        parameters: wanted.parameters,
        tags: wanted.tags,
        parent_task_run_id: wanted.parent_task_run_id,
        empirical_policy: wanted.empirical_policy,
        idempotency_key: wanted.idempotency_key,
        state: None,
        run_count: 0,
        expected_start_time: None,
        next_scheduled_start_time: None,
        start_time: None,
        end_time: None,
        total_run_time: 0.0,
        program: wanted.program,
        on_crash: wanted.on_crash,
        notes: wanted.notes,
    };
    flow_run_state::add(tx, run.id, &state).await?;
    enter_flow_run(&mut run, state);
    flow_run::create(tx, &run).await?;
    Ok(Made::new(run))
}

impl Answer<ReadFlowRun> for Local {
    async fn answer(&self, ReadFlowRun { id }: ReadFlowRun) -> Result<FlowRun> {
        self.store.read(async move |tx| flow_run::need(tx, id).await).await
    }
}

impl Answer<UpdateFlowRun> for Local {
    async fn answer(&self, change: UpdateFlowRun) -> Result<()> {
        let (subject, now) = (change.id.as_uuid(), self.now());
        let write = async move |tx: &mut Tx<'_>| {
            let mut run = flow_run::need(tx, change.id).await?;
            apply(&mut run, change);
            run.updated = now;
            flow_run::update(tx, &run).await
        };
        self.store.write_about(subject, write).await
    }
}

/// Changes what was given.
fn apply(run: &mut FlowRun, change: UpdateFlowRun) {
    fn set<T>(place: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *place = value;
        }
    }
    set(&mut run.name, change.name);
    set(&mut run.tags, change.tags);
    set(&mut run.parameters, change.parameters);
    set(&mut run.empirical_policy, change.empirical_policy);
    run.flow_version = change.flow_version.or(run.flow_version.take());
    run.notes.infrastructure_pid =
        change.infrastructure_pid.or(run.notes.infrastructure_pid.take());
    run.notes.job_variables = change.job_variables.or(run.notes.job_variables.take());
}

impl Answer<FilterFlowRuns> for Local {
    async fn answer(&self, wanted: FilterFlowRuns) -> Result<Vec<FlowRun>> {
        self.store.scan(async move |tx| flow_run::filter(tx, wanted).await).await
    }
}

impl Answer<CountFlowRuns> for Local {
    async fn answer(&self, wanted: CountFlowRuns) -> Result<RunCounts> {
        self.store.scan(async move |tx| flow_run::count(tx, wanted).await).await
    }
}
