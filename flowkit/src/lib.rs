#![doc = include_str!("../docs/tour.md")]

pub mod api;
pub mod block;
mod chance;
mod clock;
mod durability;
mod engine;
mod error;
mod fault;
#[cfg_attr(
    not(feature = "sqlite"),
    expect(dead_code, unused_imports, reason = "without a database nobody answers")
)]
pub mod model;
pub mod prelude;
#[cfg(all(feature = "client", feature = "sqlite"))]
pub mod report;
pub mod rules;
pub mod secret;
#[cfg(feature = "server")]
pub mod server;
pub mod settings;
#[cfg(feature = "sqlite")]
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod timestamp;
#[cfg(feature = "ui")]
pub mod ui;
#[cfg_attr(
    not(feature = "sqlite"),
    expect(dead_code, unused_imports, reason = "without a database nobody answers")
)]
pub mod wire;
#[cfg(feature = "server")]
pub mod worker;

pub use clock::Clock;
pub use durability::Durability;
#[doc(hidden)]
pub use engine::private as __private;
pub use engine::{
    DEFAULT, Handle, Runtime, artifact, cancellation, concurrency, flow_run, log, pause, provide,
    shield, sleep, spawn, spawn_blocking, task_run, variable,
};
pub use error::{Error, ErrorKind, Result};
#[cfg(feature = "macros")]
pub use flowkit_macros::{flow, main, task};
pub use timestamp::Timestamp;

/// Calls of flows and tasks: what they are, what they take, how many become one.
pub mod call {
    pub use crate::engine::{
        FlowCall, Gather, Gatherable, Gathering, Input, IntoInput, IntoInputOr, TaskCall, Unset,
    };
}

/// Flows and tasks as types, and what their attributes say.
pub mod definition {
    pub use crate::engine::{Flow, FlowDefinition, Task, TaskDefinition};
}

/// What code inside a run gets hold of.
pub mod run {
    pub use crate::engine::{Cancellation, CurrentFlowRun, CurrentTaskRun, HookEvent, Slots};
}
