//! The engine: runs flows and tasks, and records what they do.
//!
//! A call is built by the function that a macro made ([`TaskCall`], [`FlowCall`]) and lives in
//! `run_task` or `run_flow` until it ends. What it needs to know around it is its `scope`; what
//! all of them share is the [`Runtime`]. Nothing here writes SQL or decides which state may
//! follow which: the `api` keeps, the `rules` decide.

mod argument;
pub mod artifact;
mod attempt;
mod body;
mod cache;
mod call;
mod concurrency;
mod current;
mod definition;
mod entry;
mod execute;
mod final_state;
mod fingerprint;
mod flow_call;
mod flow_run_source;
mod gather;
mod handle;
mod hook;
mod host;
mod input;
mod keeper;
mod lane;
pub mod log;
mod outcome;
mod panic;
mod parameter;
mod pause;
mod placeholder;
pub mod private;
mod probe;
mod recall;
mod result;
mod retention;
mod run_flow;
mod run_task;
mod runtime;
mod scope;
mod shield;
mod sleep;
mod slots;
mod span;
mod stack;
pub mod variable;

pub use call::TaskCall;
pub use concurrency::{Slots, concurrency};
pub use current::{
    Cancellation, CurrentFlowRun, CurrentTaskRun, cancellation, flow_run, spawn, spawn_blocking,
    task_run,
};
pub use definition::{FlowDefinition, TaskDefinition};
pub use flow_call::FlowCall;
pub use gather::{Gather, Gatherable, Gathering};
pub use handle::Handle;
pub use hook::HookEvent;
pub use input::{DEFAULT, Input, IntoInput, IntoInputOr, Unset};
pub use parameter::provide;
pub use runtime::Runtime;
pub use shield::shield;
pub use sleep::{pause, sleep};

/// A task as a type: the one of the same name that `#[task]` makes beside the function.
pub trait Task {
    /// What a run of it results in.
    type Output;
    /// Its name.
    const NAME: &'static str;

    /// What it says about itself.
    fn definition() -> &'static TaskDefinition;
}

/// A flow as a type: the one of the same name that `#[flow]` makes beside the function.
pub trait Flow {
    /// What a run of it results in.
    type Output;
    /// Its name.
    const NAME: &'static str;

    /// What it says about itself.
    fn definition() -> &'static FlowDefinition;
}
