//! Answers to events: what clients of version 3 tell of their task runs is recorded.
//!
//! A state has the id of its event, so that what is told twice counts once, and states are put in
//! the order of their times, whatever the order in which they come.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Local;
use super::task_run::task_name;
use crate::api::Answer;
use crate::model::{State, Task, TaskRunId};
use crate::store::{Tx, count, event, task_run};
use crate::wire::{EmitEvents, Event, TaskRunNews, TaskRunRecord};
use crate::{Result, Timestamp};

/// More tasks than a server hears of in a while; one that never ends to name new ones must not
/// make it grow without end.
const MOST_TASKS: usize = 4096;

/// The tasks that clients have named, each held once: the store knows one again by its place.
#[derive(Default)]
pub(super) struct Tasks(Mutex<HashMap<String, Vec<Arc<Task>>>>);

impl Tasks {
    /// The task that is held already, or this one.
    pub(super) fn shared(&self, task: Task) -> Arc<Task> {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.len() >= MOST_TASKS {
            tasks.clear();
        }
        if let Some(known) = tasks.get(&task.key)
            && let Some(known) = known.iter().find(|known| ***known == task)
        {
            return known.clone();
        }
        let task = Arc::new(task);
        let namesakes = tasks.entry(task.key.clone()).or_default();
        if namesakes.len() >= MOST_TASKS {
            namesakes.clear();
        }
        namesakes.push(task.clone());
        task
    }
}

impl Answer<EmitEvents> for Local {
    async fn answer(&self, EmitEvents(events): EmitEvents) -> Result<()> {
        let (tasks, now, events) = (self.tasks.clone(), self.now(), Arc::new(events));
        let told = events.clone();
        self.store.write(async move |tx| record(tx, &told, &tasks, now).await).await?;
        // Heard by others only once it is kept.
        self.news.tell_events(events.iter().map(|event| (event.clone(), now).into()));
        Ok(())
    }
}

/// How the name of an event begins that says no more than that a run goes on.
const HEARTBEAT: &str = "prefect.flow-run.heartbeat";

/// Records the task runs that events tell of: each is read and written once a batch.
async fn record(tx: &mut Tx<'_>, events: &[Event], tasks: &Tasks, now: Timestamp) -> Result<()> {
    let mut records: Vec<TaskRunRecord> = Vec::new();
    let mut places: HashMap<TaskRunId, usize> = HashMap::new();
    for told in events {
        let Some(news) = told.task_run_news() else {
            if told.event != HEARTBEAT {
                event::put(tx, told, now).await?;
            }
            continue;
        };
        let place = match places.get(&news.id) {
            Some(place) => *place,
            None => {
                let known = task_run::record(tx, news.id).await?;
                records.push(known.unwrap_or_else(|| begin(&news, tasks)));
                places.insert(news.id, records.len() - 1);
                records.len() - 1
            }
        };
        note(&mut records[place], news, tasks);
    }
    let mut deltas = count::Deltas::default();
    for record in &records {
        task_run::keep(tx, record, &mut deltas).await?;
    }
    count::add(tx, &deltas).await
}

/// A run that is told of for the first time.
fn begin(news: &TaskRunNews<'_>, tasks: &Tasks) -> TaskRunRecord {
    let (name, dynamic_key) = (news.run.name.to_string(), news.run.dynamic_key.to_string());
    let mut record = TaskRunRecord::new(news.id, task(news, tasks), name, dynamic_key);
    record.flow_run_id = news.flow_run_id;
    record.parent_task_run_id = news.parent_task_run_id;
    record
}

fn task(news: &TaskRunNews<'_>, tasks: &Tasks) -> Arc<Task> {
    tasks.shared(Task {
        key: news.run.task_key.to_string(),
        name: task_name(&news.run.task_key).to_owned(),
        version: news.run.task_version.clone().unwrap_or_default(),
        description: None,
        tags: Vec::new(),
        policy: news.run.empirical_policy.clone(),
    })
}

/// Adds a state at its place; the newest one says how the run is.
fn note(record: &mut TaskRunRecord, news: TaskRunNews<'_>, tasks: &Tasks) {
    if record.states.iter().any(|state| state.id == news.state.id) {
        return;
    }
    let is_later = |known: &State| known.timestamp > news.state.timestamp;
    let place = record.states.iter().rposition(|known| !is_later(known)).map_or(0, |at| at + 1);
    let is_newest = place == record.states.len();
    if is_newest {
        record.task = task(&news, tasks);
        describe(record, &news);
    }
    record.states.insert(place, news.state);
}

/// Takes over what is told of the run itself.
fn describe(record: &mut TaskRunRecord, news: &TaskRunNews<'_>) {
    let run = &news.run;
    record.name = run.name.to_string();
    record.extra_tags = run.tags.clone();
    record.task_inputs =
        run.task_inputs.map(|inputs| inputs.get().to_owned()).filter(|inputs| inputs != "{}");
    record.cache_key = run.cache_key.clone();
    record.cache_expiration = run.cache_expiration;
    let tally = &mut record.tally;
    tally.run_count = run.run_count;
    tally.flow_run_run_count = run.flow_run_run_count;
    tally.expected_start_time = run.expected_start_time;
    tally.start_time = run.start_time;
    tally.end_time = run.end_time;
    tally.run_time = Duration::try_from_secs_f64(run.total_run_time).unwrap_or_default();
}
