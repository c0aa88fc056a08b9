//! What a Prefect server is told, step by step, under the ids that it makes.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::http::{Named, Trouble};
use super::peer::PeerKind;
use super::prefect::log::Line;
use super::prefect::{self, artifact, event, flow_run, task_run};
use super::teller::Teller;
use super::telling::{Telling, Told};
use crate::model::{Artifact, FlowRun, Log, State, StateType, TaskRunId};
use crate::wire::{Method, ReadTaskRun, TaskRunRecord};
use crate::{ErrorKind, Result, Timestamp};

/// How many bytes of events travel in one request; an event may have up to 1.5 MB there.
const EVENT_BYTES: usize = 1_000_000;

/// How many lines, artifacts or states a server gives at a time.
const PAGE: usize = 200;

/// Makes the run there, or finds the one that was made for it.
pub(super) async fn begin(
    teller: &mut Teller,
    telling: &mut Telling,
    run: &FlowRun,
    states: &[State],
) -> Result<(), Trouble> {
    let Some(first) = states.first() else { return Ok(()) };
    let (flow_id, _) = flow(teller, run).await?;
    let parent = parent(teller, run).await?;
    let body = flow_run::create(run, first, flow_id, parent, teller.kind());
    let (made, is_new): (Named, _) = teller.http.post("/flow_runs/", &body).await?;
    telling.report.remote_id = Some(made.id);
    telling.report.states = telling.report.states.max(1);
    if !is_new {
        telling.is_certain = false;
        find_again(teller, telling, states).await?;
    }
    Ok(())
}

/// The id and the name of the run's flow there.
async fn flow(teller: &mut Teller, run: &FlowRun) -> Result<(Uuid, String), Trouble> {
    if let Some(known) = teller.flows.get(&run.flow_id) {
        return Ok(known.clone());
    }
    let name = teller.flow_name(run.flow_id).await?;
    let body = flow_run::flow(&name, teller.kind());
    let (made, _): (Named, _) = teller.http.post("/flows/", &body).await?;
    teller.flows.insert(run.flow_id, (made.id, name.clone()));
    Ok((made.id, name))
}

/// The id there of the task run that stands for a subflow; it is made if need be.
async fn parent(teller: &mut Teller, run: &FlowRun) -> Result<Option<Uuid>, Trouble> {
    let Some(id) = run.parent_task_run_id else { return Ok(None) };
    let placeholder = match teller.client.call(ReadTaskRun { id }).await {
        Ok(placeholder) => placeholder,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(caller) = placeholder.flow_run_id else { return Ok(None) };
    let Some(flow_run_id) = teller.flow_runs.get(&caller).copied() else { return Ok(None) };
    let before = Uuid::from_u128(id.as_uuid().as_u128().saturating_sub(1));
    let records = teller.client.records_after(caller, before.into(), 1).await?;
    let Some(record) = records.into_iter().find(|record| record.id == id) else { return Ok(None) };
    let same = |id: TaskRunId| Some(id.as_uuid()).filter(|_| !is_early(teller));
    let body = task_run::create(&record, flow_run_id, teller.kind(), same);
    let (made, _): (Named, _) = teller.http.post("/task_runs/", &body).await?;
    Ok(Some(made.id))
}

fn is_early(teller: &Teller) -> bool {
    teller.kind() == PeerKind::EarlyPrefect2
}

/// The state of a run there.
#[derive(Debug, Deserialize)]
struct Known {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    message: Option<String>,
}

impl Known {
    fn is(&self, state: &State) -> bool {
        self.kind == state.kind.as_str() && self.name == state.name && self.message == state.message
    }
}

/// Finds out how much of a flow run the server knows, when an answer of it was lost.
pub(super) async fn find_again(
    teller: &mut Teller,
    telling: &mut Telling,
    states: &[State],
) -> Result<(), Trouble> {
    let Some(id) = telling.report.remote_id else { return Ok(()) };
    let known: Vec<Known> = teller.http.get(&format!("/flow_run_states/?flow_run_id={id}")).await?;
    let told = telling.report.states as usize;
    // At most one was sent whose answer did not come.
    let next = states.get(told).zip(known.last());
    if let Some((state, last)) = next
        && known.len() > told
        && last.is(state)
    {
        telling.report.states += 1;
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
struct Answer {
    status: String,
}

/// Proposes states: the first start as one that the server may refuse, the rest as facts.
pub(super) async fn tell_states(
    teller: &mut Teller,
    telling: &mut Telling,
    states: &[State],
) -> Result<(), Trouble> {
    let Some(id) = telling.report.remote_id else { return Ok(()) };
    let path = format!("/flow_runs/{id}/set_state");
    while let Some(state) = states.get(telling.report.states as usize) {
        let is_news = !telling.mirrored.contains(&state.id);
        // Whether it was cancelled there before it began is heard with the wishes.
        let is_start = telling.report.states == 1 && state.kind == StateType::Running;
        if let Some(body) = prefect::set_state(state, teller.kind(), !is_start).filter(|_| is_news)
        {
            let (answer, _): (Answer, _) = teller.http.post(&path, &body).await?;
            let is_refused = matches!(answer.status.as_str(), "WAIT" | "ABORT");
            if is_start && is_refused {
                let insisted = prefect::set_state(state, teller.kind(), true);
                let _: (Value, _) = teller.http.post(&path, &insisted).await?;
            }
        }
        telling.report.states += 1;
        teller.save(telling).await?;
    }
    Ok(())
}

pub(super) async fn tell_task_runs(
    teller: &mut Teller,
    telling: &mut Telling,
    records: &[TaskRunRecord],
) -> Result<(), Trouble> {
    let Some(flow_run_id) = telling.report.remote_id else { return Ok(()) };
    if teller.kind().takes_events() {
        return tell_events(teller, telling, records, flow_run_id).await;
    }
    for record in records {
        tell_task_run(teller, telling, record, flow_run_id).await?;
    }
    Ok(())
}

/// Tells of task runs by events; those that stand for subflows are made.
async fn tell_events(
    teller: &mut Teller,
    telling: &mut Telling,
    records: &[TaskRunRecord],
    flow_run_id: Uuid,
) -> Result<(), Trouble> {
    let Some(around) = around(teller, telling).await? else { return Ok(()) };
    let mut batch = Batch::default();
    for record in records {
        let told = telling.told.get(&record.id).copied().unwrap_or_default();
        if told.states >= record.states.len() {
            continue;
        }
        if task_run::is_placeholder(record) {
            if told.states == 0 {
                let body =
                    task_run::create(record, flow_run_id, teller.kind(), |id| Some(id.as_uuid()));
                let _: (Named, _) = teller.http.post("/task_runs/", &body).await?;
            }
        } else {
            for event in event::of_task_run(record, told.states, &around) {
                batch.add(&event)?;
            }
        }
        batch.told.push((record.id, record.states.len()));
        if batch.bytes.len() >= EVENT_BYTES {
            batch.send(teller, telling).await?;
        }
    }
    batch.send(teller, telling).await
}

/// The flow run that events belong to.
pub(super) async fn around(
    teller: &mut Teller,
    telling: &Telling,
) -> Result<Option<event::Around>, Trouble> {
    let (Some((run, _)), Some(flow_run_id)) = (&telling.run, telling.report.remote_id) else {
        return Ok(None);
    };
    let (flow_id, flow_name) = flow(teller, run).await?;
    Ok(Some(event::Around { flow_run_id, flow_run_name: run.name.clone(), flow_id, flow_name }))
}

/// Events that travel together.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    told: Vec<(TaskRunId, usize)>,
}

impl Batch {
    fn add(&mut self, event: &event::Event<'_>) -> Result<()> {
        self.bytes.push(if self.bytes.is_empty() { b'[' } else { b',' });
        serde_json::to_writer(&mut self.bytes, event)
            .map_err(|error| crate::Error::internal("an event has no JSON").with_source(error))
    }

    async fn send(&mut self, teller: &mut Teller, telling: &mut Telling) -> Result<(), Trouble> {
        let Self { mut bytes, told } = std::mem::take(self);
        if !bytes.is_empty() {
            bytes.push(b']');
            teller.http.send(Method::Post, "/events", bytes).await?;
        }
        for (id, states) in told {
            telling.told.insert(id, Told { states, remote_id: None });
        }
        Ok(())
    }
}

/// Says that the process of a flow run lives.
pub(super) async fn heartbeat(
    teller: &mut Teller,
    telling: &Telling,
    now: Timestamp,
) -> Result<(), Trouble> {
    let Some(around) = around(teller, telling).await? else { return Ok(()) };
    let event = event::heartbeat(&around, crate::chance::new_id(now), now);
    let mut batch = Batch::default();
    batch.add(&event)?;
    batch.bytes.push(b']');
    teller.http.send(Method::Post, "/events", batch.bytes).await
}

/// Makes a task run and proposes its states, as Prefect 2 has it.
async fn tell_task_run(
    teller: &mut Teller,
    telling: &mut Telling,
    record: &TaskRunRecord,
    flow_run_id: Uuid,
) -> Result<(), Trouble> {
    let mut told = telling.told.get(&record.id).copied().unwrap_or_default();
    if told.states >= record.states.len() {
        return Ok(());
    }
    if told.states == 0 {
        told = make_task_run(teller, telling, record, flow_run_id).await?;
        telling.told.insert(record.id, told);
    } else if !telling.is_certain {
        told.states = known_states(teller, remote_task_run(record.id, told)).await?;
    }
    if task_run::is_placeholder(record) {
        return Ok(());
    }
    let path = format!("/task_runs/{}/set_state", remote_task_run(record.id, told));
    for state in record.states.iter().skip(told.states) {
        if let Some(body) = prefect::set_state(state, teller.kind(), true) {
            let _: (Value, _) = teller.http.post(&path, &body).await?;
        }
        told.states += 1;
        telling.told.insert(record.id, told);
    }
    Ok(())
}

fn remote_task_run(id: TaskRunId, told: Told) -> Uuid {
    told.remote_id.unwrap_or(id.as_uuid())
}

async fn make_task_run(
    teller: &mut Teller,
    telling: &Telling,
    record: &TaskRunRecord,
    flow_run_id: Uuid,
) -> Result<Told, Trouble> {
    let is_early = is_early(teller);
    let known: HashMap<TaskRunId, Uuid> = task_run::upstreams(record)
        .into_iter()
        .filter_map(|id| match telling.told.get(&id) {
            Some(told) => Some((id, remote_task_run(id, *told))),
            None => (!is_early).then_some((id, id.as_uuid())),
        })
        .collect();
    let body = task_run::create(record, flow_run_id, teller.kind(), |id| known.get(&id).copied());
    let (made, is_new): (Named, _) = teller.http.post("/task_runs/", &body).await?;
    let remote_id = (made.id != record.id.as_uuid()).then_some(made.id);
    let states = if is_new { 1 } else { known_states(teller, made.id).await?.max(1) };
    Ok(Told { states, remote_id })
}

/// How many states of a task run the server knows.
async fn known_states(teller: &mut Teller, id: Uuid) -> Result<usize, Trouble> {
    let known: Vec<Value> = teller.http.get(&format!("/task_run_states/?task_run_id={id}")).await?;
    Ok(known.len())
}

pub(super) async fn tell_artifacts(
    teller: &mut Teller,
    telling: &mut Telling,
    artifacts: &[Artifact],
) -> Result<(), Trouble> {
    let Some(flow_run_id) = telling.report.remote_id else { return Ok(()) };
    let mut known = Vec::new();
    if !telling.is_certain {
        let wanted = json!({ "artifacts": { "flow_run_id": { "any_": [flow_run_id] } } });
        known = teller.http.post::<Vec<artifact::Known>>("/artifacts/filter", &wanted).await?.0;
    }
    for one in artifacts {
        let id = one.id.as_uuid();
        let found = known.iter().position(|known| known.is(one)).map(|at| known.swap_remove(at).id);
        if let Some(remote) = telling.artifacts.get(&id).copied().or(found) {
            let body = serde_json::to_vec(&artifact::update(one)).unwrap_or_default();
            teller.http.send(Method::Patch, &format!("/artifacts/{remote}"), body).await?;
            telling.artifacts.insert(id, remote);
            continue;
        }
        let body = artifact::create(one, flow_run_id, task_run_of(telling, one.task_run_id));
        let (made, _): (Named, _) = teller.http.post("/artifacts/", &body).await?;
        telling.artifacts.insert(id, made.id);
    }
    Ok(())
}

fn task_run_of(telling: &Telling, id: Option<TaskRunId>) -> Option<Uuid> {
    let id = id?;
    Some(telling.told.get(&id).map_or(id.as_uuid(), |told| remote_task_run(id, *told)))
}

pub(super) async fn tell_lines(
    teller: &mut Teller,
    telling: &Telling,
    lines: &[Log],
) -> Result<(), Trouble> {
    let Some(flow_run_id) = telling.report.remote_id else { return Ok(()) };
    let mut sent: Vec<Line> = lines
        .iter()
        .map(|log| Line::of(log, flow_run_id, task_run_of(telling, log.task_run_id)))
        .collect();
    if !telling.is_certain {
        let mut known = known_lines(teller, flow_run_id, &sent).await?;
        sent.retain(|line| match known.iter().position(|known| known == line) {
            Some(at) => {
                known.swap_remove(at);
                false
            }
            None => true,
        });
    }
    if sent.is_empty() {
        return Ok(());
    }
    let body = serde_json::to_vec(&sent).unwrap_or_default();
    teller.http.send(Method::Post, "/logs/", body).await
}

/// The lines of a flow run that the server knows, from the time of these.
async fn known_lines(
    teller: &mut Teller,
    flow_run_id: Uuid,
    lines: &[Line],
) -> Result<Vec<Line>, Trouble> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(Vec::new()) };
    let mut known = Vec::new();
    loop {
        let wanted = json!({
            "logs": {
                "flow_run_id": { "any_": [flow_run_id] },
                "timestamp": { "after_": first.timestamp, "before_": last.timestamp },
            },
            "sort": "TIMESTAMP_ASC",
            "limit": PAGE,
            "offset": known.len(),
        });
        let (page, _) = teller.http.post::<Vec<Line>>("/logs/filter", &wanted).await?;
        let is_last = page.len() < PAGE;
        known.extend(page);
        if is_last {
            return Ok(known);
        }
    }
}
