//! The life of a flow run: found or made, claimed, tried, ended.
//!
//! Its states go through the API one by one, since others may change them: somebody may cancel
//! or pause it at any moment. Its task runs are decided in this process; see `run_task`.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::attempt::{self, Limits};
use super::flow_call::PreparedFlow;
use super::flow_run_source as source;
use super::hook::{self, HookEvent};
use super::outcome::{Failure, FailureKind, Outcome};
use super::pause::Gate;
use super::placeholder::Placeholder;
use super::recall::Recall;
use super::runtime::Runtime;
use super::scope::{FlowScope, Places, Scope};
use super::{execute, final_state, log, result, span};
use crate::model::{FlowRun, State, StateType};
use crate::wire::{
    ClaimFlowRun, ReadRecordedCalls, ReleaseFlowRun, SetFlowRunState, SetStateAnswer,
};
use crate::{Durability, Error, Result, Timestamp};

/// How many flows may be around a flow. More is a flow that calls itself without end.
const DEEPEST: u32 = 50;

/// Runs a call of a flow.
pub(super) async fn run<T: Send + Sync + 'static>(mut call: Box<PreparedFlow<T>>) -> Result<T> {
    let runtime = match &call.scope {
        Some(scope) => scope.runtime.clone(),
        None => Runtime::current().await?,
    };
    execute::check_name(call.definition)?;
    let depth = depth(&call)?;
    let placeholder = Placeholder::of(&call);
    settle(&mut call).await?;
    let run = source::find_or_make(&runtime, &call, placeholder.as_ref()).await?;
    if let Some(value) = source::kept_result(&runtime, &call, &run).await {
        return Ok(value);
    }
    let _around = call.scope.as_ref().map(Scope::hold_open);
    let running = FlowRunning { call, runtime, run, depth, placeholder, _around, is_over: false };
    running.live().await
}

fn depth<T>(call: &PreparedFlow<T>) -> Result<u32> {
    let around = call.scope.as_ref().and_then(|scope| scope.flow.as_ref());
    let depth = around.map_or(0, |flow| flow.depth + 1);
    if depth > DEEPEST {
        let name = call.definition.options.name;
        let problem = format!("flow `{name}` is called inside {DEEPEST} other flows");
        return Err(Error::refused(problem).with_hint("does it call itself without end?"));
    }
    Ok(depth)
}

/// Waits for the task runs that make its arguments.
async fn settle<T>(call: &mut PreparedFlow<T>) -> Result<()> {
    let name = call.definition.options.name;
    for (parameter, upstreams) in call.body.with(|body| body.upstreams()) {
        for upstream in upstreams {
            let state = upstream.wait().await;
            if !state.is_completed() {
                let label = upstream.label();
                let problem = format!(
                    "flow `{name}` could not start: `{parameter}` comes from '{label}', which ended {state}"
                );
                return Err(Error::failed(problem));
            }
        }
    }
    call.body.with(|body| body.settle())
}

/// A flow run while it is executed.
struct FlowRunning<T> {
    call: Box<PreparedFlow<T>>,
    runtime: Runtime,
    run: FlowRun,
    depth: u32,
    placeholder: Option<Placeholder>,
    /// Keeps the runs around this one from ending first.
    _around: Option<[Option<TaskTrackerToken>; 2]>,
    /// Set at its end, so that a run which is dropped before it can be told from one that ended.
    is_over: bool,
}

/// A run whose future is dropped half-way was cancelled by whoever dropped it.
impl<T> Drop for FlowRunning<T> {
    fn drop(&mut self) {
        if !self.is_over {
            self.runtime.abandon(self.run.id);
        }
    }
}

/// How an execution of the flow run ended.
struct End<T> {
    state: State,
    result: Result<T>,
}

impl<T: Send + Sync + 'static> FlowRunning<T> {
    async fn live(mut self) -> Result<T> {
        if let Err(error) = self.claim().await {
            self.is_over = true;
            return Err(error);
        }
        let ended = self.execute().await;
        let released = self.release().await;
        self.is_over = true;
        let End { state, result } = match ended {
            Ok(end) => end,
            Err(error) => {
                self.show_end(&State::crashed(error.full_message(), self.now())).await?;
                return Err(error);
            }
        };
        self.show_end(&state).await?;
        self.call_hooks(&state, result.as_ref().err()).await;
        released?;
        result
    }

    fn now(&self) -> Timestamp {
        self.runtime.clock().now()
    }

    async fn claim(&self) -> Result<()> {
        let until = self.now() + self.runtime.settings().lease_duration();
        let holder = self.runtime.holder().clone();
        self.runtime.client().call(ClaimFlowRun { id: self.run.id, holder, until }).await
    }

    async fn release(&self) -> Result<()> {
        self.runtime.deactivate(self.run.id);
        let holder = self.runtime.holder().id;
        self.runtime.client().call(ReleaseFlowRun { id: self.run.id, holder }).await?;
        let durability = self.durability().max(Durability::Process);
        self.runtime.client().flush(durability).await
    }

    fn durability(&self) -> Durability {
        self.call.definition.durability.unwrap_or(self.runtime.durability())
    }

    /// Tries until it ends.
    async fn execute(&mut self) -> Result<End<T>> {
        self.reopen().await?;
        loop {
            self.start().await?;
            let scope = self.scope().await?;
            let outcome = self.attempt(&scope).await;
            let (proposed, result) = self.conclude(&scope, outcome).await;
            match self.propose(proposed.clone()).await? {
                SetStateAnswer::Reject { state, .. } if state.kind == StateType::Scheduled => {
                    let at = state.details().scheduled_time.unwrap_or(state.timestamp);
                    self.show(&state);
                    scope.hold_blocking(|| log::retrying(&state, at.since(self.now())));
                    self.runtime.clock().sleep_until(at).await;
                }
                SetStateAnswer::Accept { state } if !state.is_completed() => {
                    scope.hold_blocking(|| log::ended_badly(&state));
                    return Ok(End { state, result });
                }
                SetStateAnswer::Accept { state } => return Ok(End { state, result }),
                SetStateAnswer::Reject { state, reason } if state.is_terminal() => {
                    let error =
                        Error::failed(format!("flow run '{}' failed: {reason}", self.run.name));
                    return Ok(End { state, result: result.and(Err(error)) });
                }
                SetStateAnswer::Reject { .. }
                | SetStateAnswer::Wait { .. }
                | SetStateAnswer::Abort { .. } => return self.end_as_others_want().await,
            }
        }
    }

    /// Others changed the run: it was cancelled, or taken out of our hands.
    async fn end_as_others_want(&mut self) -> Result<End<T>> {
        let error = Error::cancelled(format!("flow run '{}' was cancelled", self.run.name));
        let cancelled = State::cancelled(self.now());
        let state = match self.propose(cancelled.clone()).await? {
            SetStateAnswer::Accept { state } | SetStateAnswer::Reject { state, .. } => state,
            SetStateAnswer::Wait { .. } | SetStateAnswer::Abort { .. } => cancelled,
        };
        Ok(End { state, result: Err(error) })
    }

    /// Makes a run that has ended one that can start.
    async fn reopen(&mut self) -> Result<()> {
        if !self.run.state.as_ref().is_some_and(State::is_terminal) {
            return Ok(());
        }
        let now = self.now();
        match self.propose(State::awaiting_retry(now, now)).await? {
            SetStateAnswer::Accept { .. } => Ok(()),
            SetStateAnswer::Reject { reason, .. }
            | SetStateAnswer::Wait { reason, .. }
            | SetStateAnswer::Abort { reason } => Err(self.refused(&reason)),
        }
    }

    fn refused(&self, reason: &str) -> Error {
        Error::refused(format!("flow run '{}' was not started: {reason}", self.run.name))
    }

    /// Has it enter Running, at its time.
    async fn start(&mut self) -> Result<()> {
        loop {
            let running = State::running(self.now());
            match self.propose(running).await? {
                SetStateAnswer::Accept { state } => {
                    self.run.run_count += 1;
                    self.show(&state);
                    return Ok(());
                }
                SetStateAnswer::Wait { delay_seconds, .. } => {
                    let delay = std::time::Duration::try_from_secs_f64(delay_seconds);
                    self.runtime.clock().sleep(delay.unwrap_or_default()).await;
                }
                SetStateAnswer::Reject { reason, .. } | SetStateAnswer::Abort { reason } => {
                    return Err(self.refused(&reason));
                }
            }
        }
    }

    async fn propose(&self, state: State) -> Result<SetStateAnswer> {
        let proposal = SetFlowRunState { id: self.run.id, state, force: false };
        self.runtime.client().call(proposal).await
    }

    /// The scope of one try: a fresh one, so that nothing of an earlier try is left.
    async fn scope(&self) -> Result<Scope> {
        let recall = Recall::default();
        if self.run.run_count > 1 {
            self.runtime.client().flush(Durability::Process).await?;
            let flow_run_id = self.run.id;
            recall.load(self.runtime.client().call(ReadRecordedCalls { flow_run_id }).await?);
        }
        let around = self.call.scope.as_ref().and_then(Scope::cancel);
        let definition = self.call.definition;
        let flow = Arc::new(FlowScope {
            id: self.run.id,
            name: self.run.name.clone(),
            definition,
            durability: self.durability(),
            depth: self.depth,
            run_count: AtomicU32::new(self.run.run_count),
            told: AtomicU32::new(0),
            cancel: around.map_or_else(CancellationToken::new, CancellationToken::child_token),
            gate: Gate::default(),
            places: Places::default(),
            bound: Arc::new(Semaphore::new(
                definition.concurrency.clamp(1, Semaphore::MAX_PERMITS),
            )),
            recall,
            background: TaskTracker::new(),
            unseen: Mutex::default(),
        });
        self.runtime.activate(flow.clone());
        let depth = self.call.scope.as_ref().map_or(0, |scope| scope.depth) + 1;
        Ok(Scope { runtime: self.runtime.clone(), flow: Some(flow), task: None, depth })
    }

    /// One try of the body.
    async fn attempt(&mut self, scope: &Scope) -> Outcome<T> {
        let flow = scope.flow.as_ref().expect("a flow's scope has a flow");
        let run = &self.run;
        let (name, flow_name) = (run.name.clone(), self.call.definition.options.name);
        if run.run_count == 1 {
            tracing::info!(target: "flowkit::console", run_label = "flowkit", "Created flow run '{name}' for flow '{flow_name}'");
        } else {
            tracing::info!(target: "flowkit::console", run_label = "flowkit", "Continuing flow run '{name}' of flow '{flow_name}'");
        }
        let is_last = run.run_count > run.empirical_policy.retries();
        let not_ready = |error| Failure::of(FailureKind::Returned, error).may_retry(false);
        self.call.body.with(|body| body.validate()).map_err(not_ready)?;
        let body = self.call.body.with(|body| body.start(is_last)).map_err(not_ready)?;
        let timeout = self.call.options.timeout.or(self.call.definition.options.timeout);
        let (cancel, inside) = (&flow.cancel, &flow.background);
        let limits = Limits { timeout, cancel, inside, clock: self.runtime.clock() };
        let outcome = span::within(span::flow_run(flow), attempt::run(body, limits));
        scope.clone().hold(outcome).await
    }

    /// Waits for what the body left in the background, and says how the run ended.
    async fn conclude(&self, scope: &Scope, outcome: Outcome<T>) -> (State, Result<T>) {
        let flow = scope.flow.as_ref().expect("a flow's scope has a flow");
        if outcome.is_err() {
            flow.cancel.cancel();
        }
        flow.background.close();
        flow.background.wait().await;
        let now = self.now();
        match outcome {
            Ok(value) => self.completed(flow, value).await,
            Err(failure) => {
                let state = attempt::failed_state(&failure, now);
                let what = match state.kind {
                    StateType::Cancelled => "was cancelled",
                    _ if state.name == "TimedOut" => "timed out",
                    _ => "failed",
                };
                (state, Err(failure.into_error(format!("flow run '{}' {what}", self.run.name))))
            }
        }
    }

    /// The state of a run whose body returned a value.
    async fn completed(&self, flow: &FlowScope, value: T) -> (State, Result<T>) {
        let mut state = final_state::of(flow, &value, &self.call.codec, self.now()).await;
        if !state.is_completed() {
            let message = state.message.clone().unwrap_or_default();
            let error = Error::failed(format!("flow run '{}' failed: {message}", self.run.name));
            return (state, Err(error));
        }
        let options = &self.call.definition.options;
        if options.persist_result.unwrap_or(self.runtime.settings().results_persist()) {
            let key = self.run.id.to_string();
            let kept = result::keep_flow_result(
                &value,
                &self.call.codec,
                &key,
                options.result_storage,
                &self.runtime,
            );
            match kept.await {
                Ok(kept) => {
                    state.data = kept.map(|kept| json!({ "type": "flowkit", "kept": kept }))
                }
                Err(error) if options.persist_result == Some(true) => {
                    return (State::failed(error.full_message(), self.now()), Err(error));
                }
                Err(_) => {}
            }
        }
        (state, Ok(value))
    }

    fn show(&self, state: &State) {
        if let Some(placeholder) = &self.placeholder {
            placeholder.show(self.run.id, state);
        }
    }

    async fn show_end(&self, state: &State) -> Result<()> {
        if state.is_completed() {
            log::flow_completed(&self.run.name, state);
        }
        match &self.placeholder {
            Some(placeholder) => placeholder.end(self.run.id, state).await,
            None => Ok(()),
        }
    }

    async fn call_hooks(&self, state: &State, error: Option<&Error>) {
        let hooks = hook::of(&self.call.definition.options.hooks, state);
        if !hooks.is_empty() {
            let name = self.call.definition.options.name;
            hook::call(hooks, HookEvent::flow_run(&self.run, name, state, error)).await;
        }
    }
}

/// Calls the hooks of a run that was found crashed, if its flow is one of this program.
pub(super) async fn call_crash_hooks(runtime: &Runtime, run: &FlowRun) {
    let read = crate::wire::ReadFlow { id: run.flow_id };
    let Ok(flow) = runtime.client().call(read).await else { return };
    let (Ok(definition), Some(state)) = (execute::find(&flow.name), &run.state) else { return };
    let hooks = definition.options.hooks.on_crashed;
    hook::call(hooks, HookEvent::flow_run(run, &flow.name, state, None)).await;
}
