//! Task run: what it was given, what it did, what it returned.

use std::hash::{DefaultHasher, Hash, Hasher};

use askama::Template;
use axum::extract::{Path, State as Shared};

use super::artifact::Summary;
use super::flow_run::{Entered, entered, message, tags};
use super::frame::{Answer, Frame, Section, show};
use super::logs::{Lines, last_line};
use super::part::{Ago, Badge, Timed, Took, When};
use super::query::Params;
use super::text::shorten;
use crate::api::Client;
use crate::model::{FlowRunId, StateType, TaskInput, TaskRun, TaskRunId};
use crate::wire::{
    ArtifactFilter, FilterArtifacts, KeptResult, LogOwner, Page, ReadFlowRun, ReadTaskRun,
    ReadTaskRunResult, ReadTaskRunStates,
};
use crate::{Error, ErrorKind, Result};

/// How much of a result is shown.
const RESULT: usize = 4_000;

/// How many upstream task runs are named.
const UPSTREAMS: usize = 50;

#[derive(Template)]
#[template(path = "task_run.html")]
struct TaskRunPage {
    frame: Frame,
    run: TaskRun,
    flow_run: Option<(FlowRunId, String)>,
    badge: Badge,
    since: Option<Ago>,
    message: Option<String>,
    began: Option<When>,
    ended: Option<When>,
    took: Took,
    tags: Vec<(String, String)>,
    subflow: Option<(FlowRunId, String)>,
    inputs: Vec<Input>,
    states: Vec<Entered>,
    result: Option<String>,
    result_place: Option<String>,
    logs: Lines,
    artifacts: Vec<Summary>,
    facts: Vec<(&'static str, String)>,
}

/// One parameter, and where its value came from.
struct Input {
    parameter: String,
    sources: Vec<Source>,
}

struct Source {
    text: String,
    href: Option<String>,
    badge: Option<Badge>,
}

/// The page of a task run.
pub(super) async fn page(
    Shared(client): Shared<Client>,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    let id = read_id(&id)?;
    let now = client.clock().now();
    let run = client.call(ReadTaskRun { id }).await?;
    let states = client.call(ReadTaskRunStates { id }).await?;
    let flow_run = match run.flow_run_id {
        Some(id) => flow_run(&client, id).await?,
        None => None,
    };
    let child = run.state.as_ref().and_then(|state| state.details().child_flow_run_id);
    let subflow = match child {
        Some(id) => self::flow_run(&client, id).await?,
        None => None,
    };
    let kept = client.call(ReadTaskRunResult { id }).await?;
    let (result, result_place) = match kept {
        KeptResult::Nothing => (None, None),
        KeptResult::Value { value } => {
            let json = serde_json::to_string_pretty(&value).unwrap_or_default();
            (Some(shorten(&json, RESULT)), None)
        }
        KeptResult::Stored { place } => (None, Some(place)),
    };
    let artifacts = FilterArtifacts {
        artifacts: ArtifactFilter {
            task_run_id: Some(vec![id].into()),
            ..ArtifactFilter::default()
        },
        page: Page::first(50),
        ..FilterArtifacts::default()
    };
    let artifacts = client.call(artifacts).await?;
    let path = format!("/task-runs/{id}");
    let page = TaskRunPage {
        frame: Frame::live(Section::Runs, run.name.clone()),
        flow_run,
        badge: Badge::of(run.state.as_ref()),
        since: run.state.as_ref().map(|state| Ago::new(state.timestamp, now)),
        message: message(run.state.as_ref()).filter(|_| run.state_type() != StateType::Completed),
        began: run.start_time.map(When::new),
        ended: run.end_time.map(When::new),
        took: run.took(now),
        tags: tags(&run.tags),
        subflow,
        inputs: inputs(&client, &run).await?,
        states: entered(&states, now),
        result,
        result_place,
        logs: Lines::read(&client, LogOwner::TaskRun(id), &path, &params).await?,
        artifacts: artifacts.into_iter().map(|artifact| Summary::new(&artifact, now)).collect(),
        facts: facts(&run),
        run,
    };
    show(&page)
}

fn read_id(text: &str) -> Result<TaskRunId> {
    text.parse().map_err(|_| Error::not_found(format!("task run '{text}'")))
}

/// A flow run with its name, unless it is gone.
async fn flow_run(client: &Client, id: FlowRunId) -> Result<Option<(FlowRunId, String)>> {
    match client.call(ReadFlowRun { id }).await {
        Ok(run) => Ok(Some((id, run.name))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn inputs(client: &Client, run: &TaskRun) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    let mut left = UPSTREAMS;
    for (parameter, from) in &run.task_inputs {
        let mut sources = Vec::new();
        for input in from.iter().take(left) {
            sources.push(source(client, input).await?);
        }
        left -= sources.len();
        if from.len() > sources.len() {
            let text = format!("and {} more", from.len() - sources.len());
            sources.push(Source { text, href: None, badge: None });
        }
        inputs.push(Input { parameter: parameter.clone(), sources });
    }
    Ok(inputs)
}

async fn source(client: &Client, input: &TaskInput) -> Result<Source> {
    let plain = |text: String| Source { text, href: None, badge: None };
    Ok(match input {
        TaskInput::TaskRun { id } => match client.call(ReadTaskRun { id: *id }).await {
            Ok(run) => Source {
                href: Some(format!("/task-runs/{id}")),
                badge: Some(Badge::of(run.state.as_ref())),
                text: run.name,
            },
            Err(error) if error.kind() == ErrorKind::NotFound => plain(format!("task run {id}")),
            Err(error) => return Err(error),
        },
        TaskInput::FlowRun { id } => Source {
            text: self::flow_run(client, *id)
                .await?
                .map_or_else(|| id.to_string(), |(_, name)| name),
            href: Some(format!("/flow-runs/{id}")),
            badge: None,
        },
        TaskInput::Parameter { name } => plain(format!("parameter {name}")),
        TaskInput::Constant { kind } => plain(format!("a value of type {kind}")),
    })
}

fn facts(run: &TaskRun) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Id", run.id.to_string()),
        ("Task", run.task_key.clone()),
        ("Place of the call", run.dynamic_key.clone()),
        ("Started", format!("{} ×", run.run_count)),
    ];
    if let Some(retries) = run.empirical_policy.retries.filter(|retries| *retries > 0) {
        facts.push(("Retries", retries.to_string()));
    }
    if let Some(version) = &run.task_version {
        facts.push(("Version", version.clone()));
    }
    if let Some(key) = &run.cache_key {
        facts.push(("Cache key", key.clone()));
    }
    if let Some(until) = run.cache_expiration {
        facts.push(("Cached until", until.to_string()));
    }
    facts
}

/// A number that changes with what the page of a task run shows.
pub(super) async fn fingerprint(client: &Client, id: &str) -> Result<u64> {
    let id = read_id(id)?;
    let run = client.call(ReadTaskRun { id }).await?;
    let mut hasher = DefaultHasher::new();
    (run.updated, run.run_count, run.state.map(|state| state.id)).hash(&mut hasher);
    last_line(client, LogOwner::TaskRun(id)).await?.hash(&mut hasher);
    Ok(hasher.finish())
}
