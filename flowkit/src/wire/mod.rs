//! The operations of the API, one struct each, and what travels with them.
//!
//! An operation is a value: it knows its answer, its HTTP method and its path. [`Client`](crate::api::Client)
//! has it answered, by the local database or by a server; nothing else in the crate talks to either.

mod artifact;
mod concurrency;
mod filter;
mod flow;
mod flow_run;
mod lease;
mod log;
mod record;
mod task_run;
mod variable;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use artifact::{
    CreateArtifact, DeleteArtifact, FilterArtifacts, ReadArtifact, ReadLatestArtifact,
    UpdateArtifact,
};
pub use concurrency::{
    AcquireSlots, Acquired, DeleteConcurrencyLimit, FilterConcurrencyLimits, ReadConcurrencyLimit,
    ReleaseSlots, ResetConcurrencyLimit, SetConcurrencyLimit,
};
pub use filter::{
    FlowRunFilter, LogFilter, OneOf, Page, StateFilter, Tags, TaskRunFilter, Text, TimeSpan,
};
pub use flow::{CreateFlow, FilterFlows, ReadFlow, ReadFlowByName};
pub use flow_run::{
    CountFlowRuns, CreateFlowRun, DeleteFlowRun, FilterFlowRuns, FlowRunSort, ReadFlowRun,
    ReadFlowRunStates, SetFlowRunState, SetStateAnswer, UpdateFlowRun,
};
pub use lease::{ClaimFlowRun, LeaseHolder, ReapFlowRuns, ReleaseFlowRun, RenewLeases};
pub use log::FilterLogs;
pub(crate) use record::look;
pub use record::{CachedResult, ReadCachedResult, Record, TaskRunRecord};
pub use task_run::{
    CountTaskRuns, FilterTaskRuns, ReadRecordedCalls, ReadTaskRun, ReadTaskRunStates, TaskRunSort,
};
pub use variable::{DeleteVariable, FilterVariables, ReadVariable, SetVariable};

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or asks with a body.
    Post,
    /// Changes a part.
    Patch,
    /// Removes.
    Delete,
}

/// One call of the API as a value.
pub trait Operation: Serialize + Send + 'static {
    /// What it is answered with.
    type Output: Serialize + DeserializeOwned + Send + 'static;
    /// Its HTTP method.
    const METHOD: Method;
    /// Its path, with `{field}` where a field of the operation stands.
    const PATH: &'static str;
}

/// Says for a list of operations what they are answered with, and where.
macro_rules! operations {
    ($($name:ty => $output:ty, $method:ident $path:literal;)*) => {$(
        impl crate::wire::Operation for $name {
            type Output = $output;
            const METHOD: crate::wire::Method = crate::wire::Method::$method;
            const PATH: &'static str = $path;
        }
    )*};
}
use operations;
