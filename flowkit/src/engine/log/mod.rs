//! Logs: every `tracing` event inside a run is stored with the run and shown on the console.

mod console;
mod layer;

use std::sync::Mutex;
use std::time::Duration;

use super::scope::FlowScope;
use crate::model::State;
use crate::wire::{TaskRunRecord, look};

pub use console::flush as flush_console;
pub use layer::{LogLayer, init, layer};

/// The target of our own lines that are shown and not stored.
pub(super) const CONSOLE_ONLY: &str = "flowkit::console";

/// How many task runs of one flow run say how they ended before the rest says it at DEBUG.
const TALKATIVE: u32 = 100;

/// Says on the console that a task run completed; the first ones of a flow run louder than the rest.
pub(super) fn task_completed(
    record: &Mutex<TaskRunRecord>,
    state: &State,
    flow: Option<&FlowScope>,
) {
    let told = flow.map_or(0, FlowScope::count_told);
    if told < TALKATIVE {
        let name = look(record, |record| record.name.clone());
        tracing::info!(target: "flowkit::console", run_label = %Label::Task(&name), "Finished in state {state}");
    } else if tracing::enabled!(target: "flowkit::console", tracing::Level::DEBUG) {
        let name = look(record, |record| record.name.clone());
        tracing::debug!(target: "flowkit::console", run_label = %Label::Task(&name), "Finished in state {state}");
    }
    if told == TALKATIVE {
        let flow = flow.map_or("", |flow| flow.name.as_str());
        tracing::info!(target: "flowkit::console", run_label = %Label::Flow(flow), "More task runs follow; how they end is told at level DEBUG");
    }
}

/// Says, in the scope of a run, that it did not complete; this is kept with its logs.
pub(super) fn ended_badly(state: &State) {
    tracing::error!(target: "flowkit", "Finished in state {state}");
}

/// Says on the console that a flow run completed.
pub(super) fn flow_completed(name: &str, state: &State) {
    tracing::info!(target: "flowkit::console", run_label = %Label::Flow(name), "Finished in state {state}");
}

/// Says that a run is tried again.
pub(super) fn retrying(state: &State, delay: Duration) {
    let reason = state.message.as_deref().unwrap_or("it failed");
    tracing::warn!(target: "flowkit", "Failed and will be tried again in {delay:?}: {reason}");
}

/// Who a console line is about, when it is not the run that the code is in.
pub(super) enum Label<'a> {
    Task(&'a str),
    Flow(&'a str),
}

impl std::fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Task(name) => write!(f, "Task run '{name}'"),
            Self::Flow(name) => write!(f, "Flow run '{name}'"),
        }
    }
}
