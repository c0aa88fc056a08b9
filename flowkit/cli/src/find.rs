//! Finds the run that a name or an id on the command line means.

use flowkit::model::{FlowRun, FlowRunId, TaskRun, TaskRunId};
use flowkit::settings::nearest;
use flowkit::wire::{
    FilterFlowRuns, FilterTaskRuns, FlowRunFilter, Page, ReadFlowRun, ReadTaskRun, TaskRunFilter,
    TaskRunSort, Text,
};
use flowkit::{Error, Result};

use crate::named_run::NamedRun;
use crate::session::Session;

/// How many runs are looked at for one of that name, or for a name like it.
const LOOKED_AT: Page = Page::first(200);

/// The flow run of that id, or the newest one of that name: `brave-otter` or `foo/brave-otter`.
///
/// # Errors
/// Not found if there is none, with the nearest name; invalid if runs of several flows are meant.
pub(crate) async fn flow_run(session: &Session, wanted: &str) -> Result<NamedRun> {
    if let Ok(id) = wanted.parse::<FlowRunId>() {
        let run = session.call(ReadFlowRun { id }).await?;
        return NamedRun::of(session, run).await;
    }
    let mut runs = flow_runs(session, any_name(wanted)).await?;
    if runs.is_empty()
        && let Some((flow, name)) = wanted.split_once('/')
    {
        let filter = FlowRunFilter { flow_name: Some(one(flow)), ..any_name(name) };
        runs = flow_runs(session, filter).await?;
    }
    let Some(newest) = runs.first().cloned() else {
        return Err(no_flow_run(session, wanted).await?);
    };
    runs.sort_by_key(|run| run.flow_id);
    runs.dedup_by_key(|run| run.flow_id);
    if runs.len() > 1 {
        return Err(several_flows(wanted, &NamedRun::all(session, runs).await?));
    }
    NamedRun::of(session, newest).await
}

/// The task run of that id, or the newest one of that name, in this flow run or in any.
///
/// # Errors
/// Not found if there is none, with the nearest name; invalid if the flow run has several.
pub(crate) async fn task_run(
    session: &Session,
    wanted: &str,
    within: Option<&NamedRun>,
) -> Result<TaskRun> {
    if let Ok(id) = wanted.parse::<TaskRunId>() {
        return session.call(ReadTaskRun { id }).await;
    }
    let here = TaskRunFilter {
        flow_run_id: within.map(|named| vec![named.run.id].into()),
        ..TaskRunFilter::default()
    };
    let named = TaskRunFilter { name: Some(one(wanted)), ..here.clone() };
    let runs = task_runs(session, named).await?;
    let Some(newest) = runs.first().cloned() else {
        return Err(no_task_run(session, wanted, here).await?);
    };
    let same_place: Vec<_> =
        runs.into_iter().filter(|run| run.flow_run_id == newest.flow_run_id).collect();
    if same_place.len() > 1 {
        let ids: Vec<_> = same_place.iter().map(|run| run.id.to_string()).collect();
        let several = format!("several task runs of one flow run are called '{wanted}'");
        return Err(
            Error::invalid(several).with_hint(format!("name one by id: {}", ids.join(", ")))
        );
    }
    Ok(newest)
}

fn one(name: &str) -> Text {
    Text::is(name)
}

fn any_name(name: &str) -> FlowRunFilter {
    FlowRunFilter { name: Some(one(name)), ..FlowRunFilter::default() }
}

async fn flow_runs(session: &Session, flow_runs: FlowRunFilter) -> Result<Vec<FlowRun>> {
    let newest = FilterFlowRuns { flow_runs, page: LOOKED_AT, ..FilterFlowRuns::default() };
    session.call(newest).await
}

async fn task_runs(session: &Session, task_runs: TaskRunFilter) -> Result<Vec<TaskRun>> {
    let sort = TaskRunSort::IdDesc;
    let newest = FilterTaskRuns { task_runs, sort, page: LOOKED_AT, ..FilterTaskRuns::default() };
    session.call(newest).await
}

async fn no_flow_run(session: &Session, wanted: &str) -> Result<Error> {
    let runs = flow_runs(session, FlowRunFilter::default()).await?;
    let named = NamedRun::all(session, runs).await?;
    let is_qualified = wanted.contains('/');
    let names = named
        .iter()
        .map(|named| if is_qualified { named.to_string() } else { named.run.name.clone() });
    let names: Vec<_> = names.collect();
    let known = names.iter().map(String::as_str);
    let hint = advice(wanted, known, "`flowkit flow-run ls` shows the flow runs");
    Ok(Error::not_found(format!("flow run '{wanted}'")).with_hint(hint))
}

async fn no_task_run(session: &Session, wanted: &str, here: TaskRunFilter) -> Result<Error> {
    let runs = task_runs(session, here).await?;
    let known = runs.iter().map(|run| run.name.as_str());
    let otherwise = "`flowkit task-run ls --flow-run NAME` shows the task runs of a flow run";
    let hint = advice(wanted, known, otherwise);
    Ok(Error::not_found(format!("task run '{wanted}'")).with_hint(hint))
}

/// What to do about a name that nothing has.
pub(crate) fn advice<'a>(
    wanted: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(wanted, known) {
        Some(near) => format!("did you mean '{near}'?"),
        None => otherwise.to_owned(),
    }
}

fn several_flows(wanted: &str, runs: &[NamedRun]) -> Error {
    let listed: Vec<_> = runs.iter().map(|named| format!("{named} ({})", named.run.id)).collect();
    Error::invalid(format!("runs of several flows are called '{wanted}'"))
        .with_hint(format!("name one of {}", listed.join(", ")))
}
