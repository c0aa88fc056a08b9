//! Keeper: the thread that renews leases and hears what others want of this process's runs.
//!
//! It is a thread and no async task, so that a body that never yields, or a runtime that was
//! dropped, cannot make a living process look dead.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use super::retention;
use super::runtime::{Runtime, WeakRuntime};
use super::scope::FlowScope;
use crate::Result;
use crate::model::{FlowRun, FlowRunId, State, StateType};
use crate::wire::{
    FilterFlowRuns, FlowRunFilter, OneOf, Page, ReleaseFlowRun, ReleaseSlots, RenewLeases,
    SetFlowRunState,
};

/// How soon a wish of another process is heard.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The thread, started with the first run that needs it.
#[derive(Debug, Default)]
pub(super) struct Keeper(Mutex<Option<Sender<Message>>>);

enum Message {
    Wake,
    Release(Uuid),
    Abandon(FlowRunId),
}

impl Keeper {
    /// Makes sure that the thread looks after the runtime's runs.
    pub(super) fn wake(&self, runtime: &Runtime) {
        self.send(runtime, Message::Wake);
    }

    /// Gives slots back in the thread.
    pub(super) fn release(&self, runtime: &Runtime, holder: Uuid) {
        self.send(runtime, Message::Release(holder));
    }

    /// Ends a flow run in the thread, whose future was dropped.
    pub(super) fn abandon(&self, runtime: &Runtime, id: FlowRunId) {
        self.send(runtime, Message::Abandon(id));
    }

    fn send(&self, runtime: &Runtime, message: Message) {
        let mut thread = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = thread.get_or_insert_with(|| start(runtime.downgrade()));
        // A thread that ended cannot be helped from here; leases then end by their time.
        let _ = thread.send(message);
    }
}

fn start(runtime: WeakRuntime) -> Sender<Message> {
    let (sender, messages) = channel();
    let work = move || {
        let Ok(executor) = tokio::runtime::Builder::new_current_thread().enable_all().build()
        else {
            return;
        };
        let mut is_busy = false;
        let mut cleaned = None;
        loop {
            let message = if is_busy {
                messages.recv_timeout(LOOK_EVERY)
            } else {
                messages.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            let Some(runtime) = runtime.upgrade() else { return };
            match message {
                Ok(Message::Release(holder)) => executor.block_on(release(&runtime, holder)),
                Ok(Message::Abandon(id)) => executor.block_on(abandon(&runtime, id)),
                Ok(Message::Wake) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Err(error) = executor.block_on(look_after(&runtime)) {
                let reason = error.full_message();
                tracing::warn!(target: "flowkit", "Runs were not looked after this time: {reason}");
            }
            let now = runtime.clock().now();
            if cleaned.is_none_or(|cleaned| now.since(cleaned) >= retention::LOOK_EVERY) {
                cleaned = Some(now);
                if let Err(error) = executor.block_on(retention::apply(&runtime)) {
                    let reason = error.full_message();
                    tracing::warn!(target: "flowkit", "Old runs were not deleted this time: {reason}");
                }
            }
            is_busy = !runtime.active().is_empty() || !runtime.slot_holders().is_empty();
        }
    };
    // Without the thread the runs still run; others can only not tell that they do.
    let _ = std::thread::Builder::new().name("flowkit-keeper".into()).spawn(work);
    sender
}

async fn release(runtime: &Runtime, holder: Uuid) {
    // What is not given back ends with its lease.
    let _ = runtime.client().call(ReleaseSlots { holder }).await;
    runtime.slots_freed().notify_waiters();
}

/// Ends a run that nobody awaits any more; a failure leaves it to the reaper.
async fn abandon(runtime: &Runtime, id: FlowRunId) {
    let state = State::cancelled(runtime.clock().now());
    let state = state.with_message("whoever awaited the call dropped it");
    let client = runtime.client();
    if client.call(SetFlowRunState { id, state, force: false }).await.is_ok() {
        let holder = runtime.holder().id;
        let _ = client.call(ReleaseFlowRun { id, holder }).await;
    }
}

/// Renews leases that are due and hears what others want.
pub(super) async fn look_after(runtime: &Runtime) -> Result<()> {
    let flows = runtime.active();
    let slot_holders = runtime.slot_holders();
    if flows.is_empty() && slot_holders.is_empty() {
        return Ok(());
    }
    runtime.learn_limits().await?;
    renew(runtime, slot_holders).await?;
    for chunk in flows.chunks(200) {
        let ids = chunk.iter().map(|flow| flow.id).collect::<Vec<_>>();
        let filter = FlowRunFilter { id: Some(OneOf::from(ids)), ..FlowRunFilter::default() };
        let wanted = FilterFlowRuns {
            flow_runs: filter,
            page: Page::first(200),
            ..FilterFlowRuns::default()
        };
        // Noted before the runs are read: one that pauses meanwhile is not taken for running.
        let closings: Vec<_> = chunk.iter().map(|flow| flow.gate.closings()).collect();
        for run in runtime.client().call(wanted).await? {
            let heeding = chunk.iter().zip(&closings).find(|(flow, _)| flow.id == run.id);
            if let Some((flow, closings)) = heeding {
                heed(flow, &run, *closings);
            }
        }
    }
    Ok(())
}

async fn renew(runtime: &Runtime, slot_holders: Vec<Uuid>) -> Result<()> {
    let now = runtime.clock().now();
    let duration = runtime.settings().lease_duration();
    if !runtime.leases_are_due(now, duration / 3) {
        return Ok(());
    }
    let holder = runtime.holder().id;
    let until = now + duration;
    runtime.client().call(RenewLeases { holder, until, slot_holders }).await?;
    Ok(())
}

/// Does what another process asked for by changing the run's state.
fn heed(flow: &FlowScope, run: &FlowRun, closings: u64) {
    match run.state_type() {
        StateType::Cancelling | StateType::Cancelled | StateType::Crashed => flow.cancel.cancel(),
        StateType::Paused => flow.gate.close(),
        StateType::Running => flow.gate.open_unless_closed_since(closings),
        StateType::Scheduled | StateType::Pending | StateType::Completed | StateType::Failed => {}
    }
}
