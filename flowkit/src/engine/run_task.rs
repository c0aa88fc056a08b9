//! The life of a task run: called, waited for, tried, recorded.
//!
//! The process that executes a run owns its truth: states are decided here by the rules and
//! handed to the store, which is never asked on the way.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::attempt::{self, Limits};
use super::cache;
use super::call::Prepared;
use super::definition::Cache;
use super::fingerprint::Fingerprint;
use super::handle::{Ended, Upstream};
use super::hook::{self, HookEvent};
use super::log;
use super::outcome::{Failure, FailureKind, Outcome};
use super::result;
use super::runtime::Runtime;
use super::scope::{FlowScope, Places, Scope, TaskScope};
use super::slots::HeldSlots;
use super::span;
use crate::chance;
use crate::model::{State, StateType, TaskInput};
use crate::rules::{Standing, Verdict, task_run::TaskRunFacts, task_run::propose};
use crate::wire::{Record, TaskRunRecord, look};
use crate::{Durability, Error, Result};

type SharedRecord = Arc<Mutex<TaskRunRecord>>;

/// Runs a call among those that run in the background, as many at once as the flow allows.
pub(super) async fn run_bounded<T: Send + Sync + 'static>(call: Box<Prepared<T>>) -> Ended<T> {
    let bound = call.scope.as_ref().and_then(|scope| match (&scope.flow, &scope.task) {
        // A task run inside a task run takes no place of its own: its caller holds one.
        (Some(flow), None) => Some(flow.bound.clone()),
        (Some(_) | None, _) => None,
    });
    let _place = match bound {
        Some(bound) => bound.acquire_owned().await.ok(),
        None => None,
    };
    // Boxed, so that one which waits for its place takes no more than its call.
    Box::pin(run(call)).await
}

/// Runs a call here and now.
pub(super) async fn run<T: Send + Sync + 'static>(call: Box<Prepared<T>>) -> Ended<T> {
    let runtime = match &call.scope {
        Some(scope) => scope.runtime.clone(),
        None => match Runtime::current().await {
            Ok(runtime) => runtime,
            Err(error) => return never_began(error),
        },
    };
    let mut run = TaskRunning::begin(call, runtime);
    let ended = run.live().await;
    run.is_over = true;
    ended
}

/// The end of a run that could not even be recorded.
fn never_began<T>(error: Error) -> Ended<T> {
    let state = State::crashed(error.full_message(), crate::Clock::system().now());
    Ended { state, result: Err(error) }
}

/// A task run while it is executed.
struct TaskRunning<T> {
    call: Box<Prepared<T>>,
    runtime: Runtime,
    flow: Option<Arc<FlowScope>>,
    record: SharedRecord,
    slots: HeldSlots,
    /// Keeps the runs around this one from ending first.
    _around: Option<[Option<TaskTrackerToken>; 2]>,
    /// Set at its end, so that a run which is dropped before it can be told from one that ended.
    is_over: bool,
}

impl<T> TaskRunning<T> {
    fn begin(call: Box<Prepared<T>>, runtime: Runtime) -> Self {
        let flow = call.scope.as_ref().and_then(|scope| scope.flow.clone());
        let parent = call.scope.as_ref().and_then(|scope| scope.task.as_ref().map(|task| task.id));
        let options = &call.definition.options;
        let dynamic_key = match &call.scope {
            Some(scope) => scope.dynamic_key(call.place),
            // Runs on their own share no flow run whose places could number them.
            None => call.id.to_string(),
        };
        let name = call.options.name.clone();
        let task = runtime.shared_task(call.definition, &call.options);
        let name = name.unwrap_or_else(|| format!("{}-{}", options.name, call.place));
        let record = TaskRunRecord {
            flow_run_id: flow.as_ref().map(|flow| flow.id),
            parent_task_run_id: parent,
            extra_tags: call.options.tags.clone(),
            ..TaskRunRecord::new(call.id, task, name, dynamic_key)
        };
        let record = Arc::new(Mutex::new(record));
        let _around = call.scope.as_ref().map(Scope::hold_open);
        Self { call, runtime, flow, record, slots: HeldSlots::none(), _around, is_over: false }
    }

    fn durability(&self) -> Durability {
        self.flow.as_ref().map_or(self.runtime.durability(), |flow| flow.durability)
    }

    fn flow_run_count(&self) -> u32 {
        self.flow.as_ref().map_or(1, |flow| flow.run_count())
    }

    fn name(&self) -> String {
        look(&self.record, |record| record.name.clone())
    }

    /// Writes a state into the record.
    fn enter(&self, state: State) {
        let flow_run_count = self.flow_run_count();
        look(&self.record, |record| {
            record.tally.enter_task_run(record.states.last(), &state, flow_run_count);
            record.states.push(state);
        });
    }

    /// Tells the store where the run stands, soon enough for people to see it.
    fn tell(&self) {
        self.runtime.client().record(Record::TaskRun(self.record.clone()));
    }

    /// Has the rules decide about a state.
    fn propose(&self, state: State, facts: &TaskRunFacts) -> Verdict {
        let now = state.timestamp;
        look(&self.record, |record| {
            let standing = Standing {
                state: record.states.last(),
                policy: &record.task.policy,
                tally: record.tally,
            };
            propose(standing, facts, state, now)
        })
    }

    /// The error that the caller gets, under the run's name.
    fn error(&self, failure: Failure) -> Error {
        let what = match failure.kind {
            FailureKind::Returned | FailureKind::Panicked => "failed",
            FailureKind::TimedOut => "timed out",
            FailureKind::Cancelled => "was cancelled",
            FailureKind::NotReady => "could not start",
        };
        failure.into_error(format!("task run '{}' {what}", self.name()))
    }
}

impl<T: Send + Sync + 'static> TaskRunning<T> {
    /// All of it, in order.
    async fn live(&mut self) -> Ended<T> {
        match self.prepare().await {
            Ok(Ready::ToRun) => {}
            Ok(Ready::Recalled(ended)) => return ended,
            Err(failure) => return self.end_without_running(failure).await,
        }
        loop {
            match self.start().await {
                Ok(Start::Go(state)) => self.enter(state),
                Ok(Start::Cached(state, value)) => return self.end(state, Ok(value)).await,
                Err(failure) => return self.end_without_running(failure).await,
            }
            self.tell();
            let outcome = self.attempt().await;
            self.slots.release(&self.runtime).await;
            match self.judge(&outcome).await {
                After::End(state) => return self.end(state, outcome).await,
                After::Retry { at } => {
                    if let Err(failure) = self.wait_for_retry(at).await {
                        return self.end_without_running(failure).await;
                    }
                }
            }
        }
    }

    /// Waits for what comes before, and looks whether an earlier execution has done it already.
    async fn prepare(&mut self) -> Result<Ready<T>, Failure> {
        let now = self.runtime.clock().now();
        self.note_upstreams();
        let recalled = self.recall().await?;
        if let Some(ended) = recalled {
            return Ok(Ready::Recalled(ended));
        }
        self.enter(State::pending(now));
        self.wait_for_upstreams().await?;
        self.call
            .body
            .with(|body| body.settle())
            .map_err(|error| Failure::of(FailureKind::NotReady, error))?;
        if let Some(name) = self.call.body.with(|body| body.run_name())
            && self.call.options.name.is_none()
        {
            look(&self.record, |record| record.name = name);
        }
        if let Some(flow) = &self.flow {
            flow.gate.pass(&flow.cancel).await.map_err(cancelled)?;
        }
        Ok(Ready::ToRun)
    }

    /// The edges of the graph.
    fn note_upstreams(&self) {
        let mut inputs = self.call.body.with(|body| body.upstreams());
        if !self.call.after.is_empty() {
            inputs.push(("wait_for", self.call.after.clone()));
        }
        if inputs.is_empty() {
            return;
        }
        let edges: std::collections::BTreeMap<_, Vec<_>> = inputs
            .iter()
            .map(|(name, from)| {
                (*name, from.iter().map(|run| TaskInput::TaskRun { id: run.id() }).collect())
            })
            .collect();
        let json = serde_json::to_string(&edges).ok();
        look(&self.record, |record| record.task_inputs = json);
    }

    /// What an earlier execution of the flow run recorded at this place.
    async fn recall(&mut self) -> Result<Option<Ended<T>>, Failure> {
        let guard = self.call.body.with(|body| body.fingerprint(Fingerprint::guard()));
        let guard = guard.map_err(|error| Failure::of(FailureKind::NotReady, error))?;
        let hash = guard.map(Fingerprint::short);
        let earlier = self.flow.as_ref().and_then(|flow| {
            look(&self.record, |record| flow.recall.take(&record.task.key, &record.dynamic_key))
        });
        let Some(earlier) = earlier else {
            look(&self.record, |record| record.input_hash = hash);
            return Ok(None);
        };
        let is_same_call = hash.is_some() && earlier.input_hash == hash;
        let completed = earlier.states.last().filter(|state| state.is_completed()).cloned();
        let kept = earlier.result.clone();
        look(&self.record, |record| {
            record.id = earlier.id;
            record.states = earlier.states;
            record.tally = earlier.tally;
            record.stored_as = earlier.stored_as;
            record.result = earlier.result;
            record.input_hash = hash;
        });
        self.call.id = earlier.id;
        let (true, Some(state), Some(kept)) = (is_same_call, completed, kept) else {
            return Ok(None);
        };
        let value = result::read(&self.call.codec, &kept, &self.runtime).await;
        Ok(value.ok().map(|value| Ended { state, result: Ok(value) }))
    }

    async fn wait_for_upstreams(&self) -> Result<(), Failure> {
        let data = self.call.body.with(|body| body.upstreams());
        let data = data.iter().flat_map(|(_, from)| from).map(|run| (run, false));
        let order = self.call.after.iter().map(|run| (run, self.call.allow_failure));
        for (upstream, may_fail) in data.chain(order) {
            self.wait_for(upstream, may_fail).await?;
        }
        Ok(())
    }

    async fn wait_for(&self, upstream: &Upstream, may_fail: bool) -> Result<(), Failure> {
        let not_ready = |error| Err(Failure::of(FailureKind::NotReady, error));
        if upstream.flow_run_id() != self.flow.as_ref().map(|flow| flow.id) {
            let problem =
                format!("the handle of '{}' belongs to another flow run", upstream.label());
            let hint = "await the handle in its own run and pass the value on";
            return not_ready(Error::invalid(problem).with_hint(hint));
        }
        let state = tokio::select! {
            biased;
            state = upstream.wait() => state,
            () = self.cancelled() => return Err(cancelled(stopped())),
        };
        if state.is_completed() || may_fail {
            return Ok(());
        }
        not_ready(Error::refused(format!("upstream '{}' ended {state}", upstream.label())))
    }

    async fn cancelled(&self) {
        match &self.flow {
            Some(flow) => flow.cancel.cancelled().await,
            None => std::future::pending().await,
        }
    }

    /// Asks the rules until the run may start.
    async fn start(&mut self) -> Result<Start<T>, Failure> {
        let mut facts = TaskRunFacts {
            flow_run: self.flow.as_ref().map(|_| StateType::Running),
            flow_run_run_count: self.flow_run_count(),
            ..TaskRunFacts::default()
        };
        if let Some((state, value)) = self.find_cached().await? {
            facts.cached = Some(state);
            let now = self.runtime.clock().now();
            if let Verdict::Reject { state, .. } = self.propose(State::running(now), &facts) {
                return Ok(Start::Cached(state, value));
            }
        }
        loop {
            if self.flow.as_ref().is_some_and(|flow| flow.cancel.is_cancelled()) {
                return Err(cancelled(stopped()));
            }
            facts.slots = self.slots.take(&self.runtime, &self.record).await.map_err(not_ready)?;
            let now = self.runtime.clock().now();
            match self.propose(State::running(now), &facts) {
                Verdict::Accept(state) => return Ok(Start::Go(state)),
                Verdict::Wait { delay, .. } => self.pause(delay).await?,
                Verdict::Reject { reason, .. } | Verdict::Abort { reason } => {
                    return Err(not_ready(Error::refused(reason)));
                }
            }
        }
    }

    async fn pause(&self, delay: Duration) -> Result<(), Failure> {
        tokio::select! {
            () = self.slots.wait(&self.runtime, delay) => Ok(()),
            () = self.cancelled() => Err(cancelled(stopped())),
        }
    }

    /// A result that is kept under the call's cache key.
    async fn find_cached(&mut self) -> Result<Option<(State, T)>, Failure> {
        let definition = self.call.definition;
        if definition.cache == Cache::Off && self.call.options.cache_key.is_none() {
            return Ok(None);
        }
        let Some(key) = cache::key(&self.call).map_err(not_ready)? else { return Ok(None) };
        let now = self.runtime.clock().now();
        let expiration = definition.cache_expiration.map(|span| now + span);
        look(&self.record, |record| {
            record.cache_key = Some(key.clone());
            record.cache_expiration = expiration;
        });
        let refresh = self.call.options.refresh_cache.unwrap_or(definition.refresh_cache);
        if refresh || self.runtime.refreshes_cache() {
            return Ok(None);
        }
        cache::find(&self.call.codec, key, &self.runtime).await.map_err(not_ready)
    }

    /// One try of the body.
    async fn attempt(&mut self) -> Outcome<T> {
        let (run_count, is_last) = look(&self.record, |record| {
            let count = record.tally.run_count;
            (count, count > record.task.policy.retries())
        });
        let body = self.call.body.with(|body| body.start(is_last)).map_err(not_ready)?;
        let timeout = self.call.options.timeout.or(self.call.definition.options.timeout);
        let flow_cancel = self.flow.as_ref().map(|flow| flow.cancel.clone()).unwrap_or_default();
        // Only a timeout stops this run alone; else the flow's own token serves.
        let cancel = if timeout.is_some() { flow_cancel.child_token() } else { flow_cancel };
        let scope = self.inside(run_count, cancel.clone());
        let task = scope.task.clone().expect("a task's scope has a task");
        let span = span::task_run(&task, self.flow.as_deref());
        let (clock, inside) = (self.runtime.clock(), &task.inside);
        let limits = Limits { timeout, cancel: &cancel, inside, clock };
        let outcome = scope.hold(span::within(span, attempt::run(body, limits))).await;
        task.inside.close();
        task.inside.wait().await;
        outcome
    }

    /// The scope of code that belongs to the run.
    fn inside(&self, run_count: u32, cancel: CancellationToken) -> Scope {
        let task = look(&self.record, |record| TaskScope {
            id: record.id,
            name: record.name.clone(),
            task_name: self.call.definition.options.name,
            dynamic_key: record.dynamic_key.clone(),
            run_count: AtomicU32::new(run_count),
            cancel,
            places: Places::default(),
            inside: TaskTracker::new(),
        });
        let (runtime, flow) = (self.runtime.clone(), self.flow.clone());
        let depth = self.call.scope.as_ref().map_or(0, |scope| scope.depth) + 1;
        Scope { runtime, flow, task: Some(Arc::new(task)), depth }
    }

    /// Says something in the name of the run.
    fn say(&self, say: impl FnOnce()) {
        self.inside(0, CancellationToken::new()).hold_blocking(say);
    }

    /// Has the rules decide what follows a try.
    async fn judge(&mut self, outcome: &Outcome<T>) -> After {
        let now = self.runtime.clock().now();
        let proposed = attempt::proposed_state(outcome, now);
        if proposed.kind != StateType::Failed {
            return After::End(proposed);
        }
        let facts = TaskRunFacts {
            flow_run_run_count: self.flow_run_count(),
            chance: chance::random_unit(),
            ..TaskRunFacts::default()
        };
        match self.propose(proposed.clone(), &facts) {
            Verdict::Reject { state, .. } if state.kind == StateType::Scheduled => {
                let at = state.details().scheduled_time.unwrap_or(now);
                self.say(|| log::retrying(&state, at.since(now)));
                self.enter(proposed);
                self.enter(state);
                self.tell();
                After::Retry { at }
            }
            Verdict::Accept(state) | Verdict::Reject { state, .. } => After::End(state),
            Verdict::Wait { .. } | Verdict::Abort { .. } => After::End(proposed),
        }
    }

    async fn wait_for_retry(&self, at: crate::Timestamp) -> Result<(), Failure> {
        tokio::select! {
            () = self.runtime.clock().sleep_until(at) => Ok(()),
            () = self.cancelled() => Err(cancelled(stopped())),
        }
    }

    async fn end_without_running(&mut self, failure: Failure) -> Ended<T> {
        let now = self.runtime.clock().now();
        self.slots.release(&self.runtime).await;
        let state = attempt::failed_state(&failure, now);
        self.end(state, Err(failure)).await
    }

    /// Writes the last state with the result, and returns once both are kept as promised.
    async fn end(&mut self, state: State, outcome: Outcome<T>) -> Ended<T> {
        let kept = match &outcome {
            Ok(value) => result::write(value, &self.call, &self.record, &self.runtime).await,
            Err(_) => Ok(()),
        };
        self.enter(state.clone());
        let outcome = match (outcome, kept) {
            (Ok(_), Err(error)) => Err(error),
            (Ok(value), Ok(())) => Ok(value),
            (Err(failure), _) => Err(self.error(failure)),
        };
        let stored = match self.durability() {
            Durability::Relaxed => {
                self.tell();
                Ok(())
            }
            durability => self.runtime.client().commit(&self.record, durability).await,
        };
        self.is_over = true;
        if state.is_completed() {
            log::task_completed(&self.record, &state, self.flow.as_deref());
        } else {
            self.say(|| log::ended_badly(&state));
        }
        self.call_hooks(&state, outcome.as_ref().err()).await;
        Ended { state, result: stored.and(outcome) }
    }

    async fn call_hooks(&self, state: &State, error: Option<&Error>) {
        let hooks = hook::of(&self.call.definition.options.hooks, state);
        if hooks.is_empty() {
            return;
        }
        let event = HookEvent::task_run(look(&self.record, |record| record.clone()), state, error);
        hook::call(hooks, event).await;
    }
}

/// What preparing a run found.
enum Ready<T> {
    /// It has to be run.
    ToRun,
    /// An earlier execution has done it.
    Recalled(Ended<T>),
}

/// What the rules said to starting.
enum Start<T> {
    /// The body may be tried in that state.
    Go(State),
    /// Its result is kept already.
    Cached(State, T),
}

/// What follows a try.
enum After {
    /// The run ends in that state.
    End(State),
    /// It is tried again then.
    Retry { at: crate::Timestamp },
}

fn not_ready(error: Error) -> Failure {
    Failure::of(FailureKind::NotReady, error)
}

fn cancelled(error: Error) -> Failure {
    Failure::of(FailureKind::Cancelled, error)
}

fn stopped() -> Error {
    Error::cancelled("the flow run was asked to stop")
}

/// A run whose future is dropped half-way was cancelled by whoever dropped it.
impl<T> Drop for TaskRunning<T> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if !look(&self.record, |record| record.state().is_some_and(State::is_terminal)) {
            let state = State::cancelled(self.runtime.clock().now());
            self.enter(state.with_message("whoever awaited the call dropped it"));
        }
        self.tell();
        self.slots.release_later(&self.runtime);
    }
}
