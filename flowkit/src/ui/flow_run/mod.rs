//! Flow run: where one stands, what it did, and what went wrong in it.

mod action;
mod bands;
mod picture;
mod tasks;

use std::hash::{DefaultHasher, Hash, Hasher};

use askama::Template;
use axum::extract::{Path, State as Shared};

pub(super) use self::action::act;
use self::action::{Action, offered};
use self::picture::Picture;
use self::tasks::Tasks;
use super::artifact::{self, Summary};
use super::frame::{Answer, Frame, Section, show};
use super::logs::{Lines, last_line};
use super::part::{self, Ago, Badge, Strip, Timed, Took, When};
use super::query::Params;
use super::runs::{self, Row, flow_name};
use super::text;
use crate::api::Client;
use crate::model::{
    CrashPolicy, FlowRun, FlowRunId, RunCounts, State, StateType, TaskRun, TaskRunId,
};
use crate::wire::{
    CountTaskRuns, FilterArtifacts, FilterTaskRuns, LogOwner, Page, ReadFlowRun, ReadFlowRunStates,
    ReadSubflows, ReadTaskRun, StateFilter, TaskRunFilter, TaskRunSort,
};
use crate::{Error, ErrorKind, Result, Timestamp};

/// How many task runs that went wrong are shown before everything else.
const FAILURES: u32 = 5;

/// How many subflows and artifacts are listed.
const LISTED: u32 = 50;

#[derive(Template)]
#[template(path = "flow_run.html")]
struct FlowRunPage {
    frame: Frame,
    run: FlowRun,
    flow: String,
    badge: Badge,
    since: Option<Ago>,
    message: Option<String>,
    began: Option<When>,
    ended: Option<When>,
    took: Took,
    tags: Vec<(String, String)>,
    strip: Option<Strip>,
    around: Option<Around>,
    actions: Vec<Action>,
    /// How a run that ended is executed again, which only its own program can do.
    again: Option<String>,
    progress: Vec<Summary>,
    failures: Vec<Failed>,
    more_failures: Option<String>,
    picture: Picture,
    tasks: Tasks,
    logs: Lines,
    subflows: Vec<Row>,
    artifacts: Vec<Summary>,
    parameters: Option<String>,
    states: Vec<Entered>,
    facts: Vec<(&'static str, String)>,
}

/// The run that called a subflow.
struct Around {
    id: FlowRunId,
    name: String,
    task_run: TaskRunId,
}

/// A task run that went wrong.
struct Failed {
    id: TaskRunId,
    name: String,
    badge: Badge,
    message: Option<String>,
}

/// A state that a run entered, and how long it stayed in it.
pub(super) struct Entered {
    pub(super) badge: Badge,
    pub(super) when: When,
    pub(super) stayed: String,
    pub(super) message: Option<String>,
}

/// The page of a flow run.
pub(super) async fn page(
    Shared(client): Shared<Client>,
    Path(id): Path<String>,
    params: Params,
) -> Answer {
    let id = read_id(&id)?;
    let now = client.clock().now();
    let run = client.call(ReadFlowRun { id }).await?;
    let states = client.call(ReadFlowRunStates { id }).await?;
    let counts = client.call(CountTaskRuns { flow_run_id: id }).await?;
    let flow = flow_name(&client, run.flow_id).await?;
    let path = format!("/flow-runs/{id}");
    let subflows = ReadSubflows { flow_run_id: id, page: Page::first(LISTED) };
    let subflows = client.call(subflows).await?;
    let artifacts = FilterArtifacts {
        flow_run_id: Some(vec![id].into()),
        page: Page::first(LISTED),
        ..FilterArtifacts::default()
    };
    let artifacts = client.call(artifacts).await?;
    let is_progress = |summary: &Summary| summary.is_progress() && !run.state_type().is_terminal();
    let summaries = artifacts.into_iter().map(|artifact| Summary::new(&artifact, now));
    let (progress, artifacts) = summaries.partition(is_progress);
    let (failures, more_failures) = failures(&client, id, &counts).await?;
    let page = FlowRunPage {
        frame: Frame::live(Section::Runs, format!("{} · {flow}", run.name)),
        badge: Badge::of(run.state.as_ref()),
        since: run.state.as_ref().map(|state| Ago::new(state.timestamp, now)),
        message: message(run.state.as_ref()),
        began: run.start_time.map(When::new),
        ended: run.end_time.map(When::new),
        took: run.took(now),
        tags: tags(&run.tags),
        strip: Strip::new(&counts),
        around: around(&client, &run).await?,
        actions: offered(&run),
        again: again(&run, &flow),
        progress,
        failures,
        more_failures,
        picture: Picture::read(&client, &run, &states, &counts, &params, now).await?,
        tasks: Tasks::read(&client, &run, &counts, &params, now).await?,
        logs: Lines::read(&client, LogOwner::FlowRun(id), &path, &params).await?,
        subflows: runs::rows(&client, subflows, now).await?,
        artifacts,
        parameters: parameters(&run),
        states: entered(&states, now),
        facts: facts(&run),
        flow,
        run,
    };
    show(&page)
}

/// The id in an address.
pub(super) fn read_id(text: &str) -> Result<FlowRunId> {
    let hint = "the id of a run is copied from its page, or found with the box on the right";
    text.parse().map_err(|_| Error::not_found(format!("flow run '{text}'")).with_hint(hint))
}

/// What a state says.
pub(super) fn message(state: Option<&State>) -> Option<String> {
    state?.message.as_ref().map(|message| message.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Tags, each with the list of runs that have it.
pub(super) fn tags(tags: &[String]) -> Vec<(String, String)> {
    let link = |tag: &String| Params::default().with(&[("tag", tag)]).link("/");
    tags.iter().map(|tag| (tag.clone(), link(tag))).collect()
}

/// The states that a run has entered.
pub(super) fn entered(states: &[State], now: Timestamp) -> Vec<Entered> {
    let ends = states.iter().skip(1).map(|next| Some(next.timestamp)).chain([None]);
    let entered = states.iter().zip(ends).map(|(state, end)| Entered {
        badge: Badge::of(Some(state)),
        when: When::new(state.timestamp),
        stayed: match end {
            Some(end) => text::took(end.since(state.timestamp)),
            None if state.is_terminal() => String::new(),
            None => text::took(now.since(state.timestamp)),
        },
        message: message(Some(state)),
    });
    entered.collect()
}

/// The first task runs that went wrong, and how many there are besides.
async fn failures(
    client: &Client,
    id: FlowRunId,
    counts: &RunCounts,
) -> Result<(Vec<Failed>, Option<String>)> {
    let wrong = [StateType::Failed, StateType::Crashed];
    let total: u64 = wrong.iter().map(|kind| counts.of(*kind)).sum();
    if total == 0 {
        return Ok((Vec::new(), None));
    }
    let ask = FilterTaskRuns {
        task_runs: TaskRunFilter {
            flow_run_id: Some(vec![id].into()),
            state: Some(StateFilter::from(wrong.to_vec())),
            ..TaskRunFilter::default()
        },
        sort: TaskRunSort::IdAsc,
        page: Page::first(FAILURES),
        ..FilterTaskRuns::default()
    };
    let runs = client.call(ask).await?;
    let more = total.saturating_sub(runs.len() as u64);
    let failed = |run: TaskRun| Failed {
        id: run.id,
        badge: Badge::of(run.state.as_ref()),
        message: message(run.state.as_ref()),
        name: run.name,
    };
    let more = (more > 0).then(|| text::count(more, "more task run"));
    Ok((runs.into_iter().map(failed).collect(), more))
}

async fn around(client: &Client, run: &FlowRun) -> Result<Option<Around>> {
    let Some(task_run) = run.parent_task_run_id else { return Ok(None) };
    let around = async {
        let id = client.call(ReadTaskRun { id: task_run }).await?.flow_run_id;
        let Some(id) = id else { return Ok(None) };
        let name = client.call(ReadFlowRun { id }).await?.name;
        Ok(Some(Around { id, name, task_run }))
    };
    match around.await {
        Err(error) if Error::kind(&error) == ErrorKind::NotFound => Ok(None),
        read => read,
    }
}

/// The command that executes a run again.
fn again(run: &FlowRun, flow: &str) -> Option<String> {
    let ended_badly = run.state_type().is_terminal() && run.state_type() != StateType::Completed;
    let can = ended_badly && run.program.is_some() && run.parent_task_run_id.is_none();
    can.then(|| format!("flowkit flow-run resume {flow}/{}", run.name))
}

fn parameters(run: &FlowRun) -> Option<String> {
    let json = serde_json::to_string_pretty(&run.parameters).ok();
    json.filter(|_| !run.parameters.is_empty())
}

fn facts(run: &FlowRun) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Id", run.id.to_string()), ("Created", run.created.to_string())];
    if let Some(expected) = run.expected_start_time {
        facts.push(("Expected start", expected.to_string()));
    }
    if let Some(version) = &run.flow_version {
        facts.push(("Flow version", version.clone()));
    }
    if let Some(retries) = run.empirical_policy.retries.filter(|retries| *retries > 0) {
        facts.push(("Retries", retries.to_string()));
    }
    facts.push((
        "After a crash",
        match run.on_crash {
            CrashPolicy::Fail => "stays crashed until somebody resumes it".to_owned(),
            CrashPolicy::Resume => "the next call with the same parameters continues it".to_owned(),
        },
    ));
    if let Some(program) = &run.program {
        facts.push(("Program", program.executable.display().to_string()));
        facts.push(("Folder", program.working_dir.display().to_string()));
    }
    facts
}

/// A number that changes with what the page of a flow run shows.
pub(super) async fn fingerprint(client: &Client, id: &str) -> Result<u64> {
    let id = read_id(id)?;
    let mut hasher = DefaultHasher::new();
    let run = client.call(ReadFlowRun { id }).await?;
    runs::hash_runs(&[run], &mut hasher);
    let counts = client.call(CountTaskRuns { flow_run_id: id }).await?;
    part::in_words(&counts).hash(&mut hasher);
    last_line(client, LogOwner::FlowRun(id)).await?.hash(&mut hasher);
    artifact::hash_of_flow_run(client, id, &mut hasher).await?;
    Ok(hasher.finish())
}
