//! Where a flow run comes from: continued, found crashed, or made.

use super::flow_call::PreparedFlow;
use super::placeholder::Placeholder;
use super::result;
use super::runtime::Runtime;
use crate::model::{
    CrashPolicy, FlowRun, FlowRunId, FlowRunNotes, Program, State, StateType, two_words,
};
use crate::wire::{
    CreateFlow, CreateFlowRun, FilterFlowRuns, FlowRunFilter, Page, ReadFlow, ReadFlowRun, Text,
};
use crate::{Error, ErrorKind, Result};

/// The run that a call executes: the one that it continues, one that crashed, or a new one.
pub(super) async fn find_or_make<T>(
    runtime: &Runtime,
    call: &PreparedFlow<T>,
    placeholder: Option<&Placeholder>,
) -> Result<FlowRun> {
    if let Some(id) = call.options.continues {
        return continued(runtime, call, id).await;
    }
    if let Some(placeholder) = placeholder {
        return subflow(runtime, call, placeholder).await;
    }
    if call.definition.on_crash == CrashPolicy::Resume
        && let Some(run) = find_crashed(runtime, call).await?
    {
        return Ok(run);
    }
    make(runtime, call, runtime.new_id().into(), None).await
}

/// The run of a subflow. Its id is kept in the run around it before it is made: a process that
/// dies in between leaves an id without a run, never a run that is not found again.
async fn subflow<T>(
    runtime: &Runtime,
    call: &PreparedFlow<T>,
    placeholder: &Placeholder,
) -> Result<FlowRun> {
    if let Some(id) = placeholder.child {
        return match continued(runtime, call, id).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make(runtime, call, id, Some(placeholder)).await
            }
            found => found,
        };
    }
    let id = runtime.new_id().into();
    placeholder.begin(id).await?;
    make(runtime, call, id, Some(placeholder)).await
}

async fn continued<T>(runtime: &Runtime, call: &PreparedFlow<T>, id: FlowRunId) -> Result<FlowRun> {
    let run = runtime.client().call(ReadFlowRun { id }).await?;
    let flow = runtime.client().call(ReadFlow { id: run.flow_id }).await?;
    let name = call.definition.options.name;
    if flow.name != name {
        let problem =
            format!("flow run '{}' is one of flow `{}`, not of `{name}`", run.name, flow.name);
        return Err(Error::invalid(problem));
    }
    Ok(run)
}

/// A crashed run of the same flow with the same parameters, the newest first.
async fn find_crashed<T>(runtime: &Runtime, call: &PreparedFlow<T>) -> Result<Option<FlowRun>> {
    let crashed = FlowRunFilter {
        flow_name: Some(Text::is(call.definition.options.name)),
        state: Some(vec![StateType::Crashed].into()),
        is_subflow: Some(false),
        ..FlowRunFilter::default()
    };
    let filter =
        FilterFlowRuns { flow_runs: crashed, page: Page::first(100), ..FilterFlowRuns::default() };
    let parameters = call.body.with(|body| body.json())?;
    let runs = runtime.client().call(filter).await?;
    Ok(runs
        .into_iter()
        .find(|run| run.on_crash == CrashPolicy::Resume && run.parameters == parameters))
}

async fn make<T>(
    runtime: &Runtime,
    call: &PreparedFlow<T>,
    id: FlowRunId,
    placeholder: Option<&Placeholder>,
) -> Result<FlowRun> {
    let options = &call.definition.options;
    let client = runtime.client();
    let flow = client.call(CreateFlow { name: options.name.to_owned(), tags: Vec::new() }).await?;
    let name = call.options.name.clone().or_else(|| call.body.with(|body| body.run_name()));
    let tags = options.tags.iter().map(|tag| (*tag).to_owned());
    let made = client
        .call(CreateFlowRun {
            id,
            name: name.unwrap_or_else(two_words),
            flow_id: flow.id,
            flow_version: Some(options.version.to_owned()),
            parameters: call.body.with(|body| body.json())?,
            tags: tags.chain(call.options.tags.iter().cloned()).collect(),
            parent_task_run_id: placeholder.map(Placeholder::id),
            empirical_policy: options
                .policy(call.options.retries.unwrap_or(options.retries), call.options.retry_delay),
            idempotency_key: None,
            state: State::pending(runtime.clock().now()),
            program: this_program(),
            on_crash: call.definition.on_crash,
            notes: FlowRunNotes::default(),
        })
        .await?;
    Ok(made.value)
}

/// The program that can execute the run again: this one.
fn this_program() -> Option<Program> {
    let executable = std::env::current_exe().ok()?;
    let working_dir = std::env::current_dir().ok()?;
    Some(Program { executable, working_dir })
}

/// The result of a run that has completed already, when a flow around it is executed again.
pub(super) async fn kept_result<T>(
    runtime: &Runtime,
    call: &PreparedFlow<T>,
    run: &FlowRun,
) -> Option<T> {
    let is_subflow = call.scope.as_ref().is_some_and(|scope| scope.flow.is_some());
    let state = run.state.as_ref().filter(|state| is_subflow && state.is_completed())?;
    let kept = state.data.as_ref()?.get("kept")?.as_str()?;
    result::read(&call.codec, kept, runtime).await.ok()
}
