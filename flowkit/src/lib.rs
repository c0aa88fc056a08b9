#![doc = include_str!("../docs/tour.md")]

pub mod api;
mod chance;
mod clock;
mod durability;
mod error;
mod fault;
pub mod model;
pub mod rules;
pub mod secret;
pub mod settings;
#[cfg(feature = "sqlite")]
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod timestamp;
pub mod wire;

pub use clock::Clock;
pub use durability::Durability;
pub use error::{Error, ErrorKind, Result};
pub use timestamp::Timestamp;

pub mod block;
mod engine;
pub mod prelude;

#[doc(hidden)]
pub use engine::private as __private;
pub use engine::{
    CurrentFlowRun, CurrentTaskRun, DEFAULT, Flow, FlowCall, FlowDefinition, Gather, Gatherable,
    Gathering, Handle, HookEvent, Input, IntoInput, IntoInputOr, Runtime, Slots, Task, TaskCall,
    TaskDefinition, Unset, artifact, cancellation, concurrency, flow_run, log, pause, provide,
    shield, sleep, spawn, spawn_blocking, task_run, variable,
};
#[cfg(feature = "macros")]
pub use flowkit_macros::{flow, main, task};
