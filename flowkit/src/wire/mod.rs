//! The operations of the API, one struct each, and what travels with them.
//!
//! An operation is a value: it knows its answer, its HTTP method and its path. [`Client`](crate::api::Client)
//! has it answered, by the local database or by a server; nothing else in the crate talks to either.
//!
//! Paths, bodies and answers are those of Prefect's API. What Prefect does not have lies under
//! `/flowkit/`, so that the two never meet.

mod artifact;
mod bulk;
mod concurrency;
mod event;
mod event_filter;
mod event_page;
mod filter;
mod flow;
mod flow_run;
mod graph;
mod history;
mod label;
mod lease;
mod list;
mod log;
mod log_search;
mod made;
mod paginate;
mod record;
mod report;
mod request;
mod resume;
mod run_history;
mod set_state;
mod slot;
mod subflow;
mod task_run;
mod task_run_counts;
mod task_run_result;
mod timeline;
mod total;
mod variable;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use artifact::{
    CreateArtifact, DeleteArtifact, FilterArtifacts, ReadArtifact, ReadLatestArtifact,
    UpdateArtifact,
};
pub use bulk::{
    BulkDeleteFlowRuns, BulkDeleted, BulkSetFlowRunState, BulkSetStateAnswer, Few, FlowRunAnswer,
};
pub use concurrency::{
    AcquireSlots, Acquired, DeleteConcurrencyLimit, FilterConcurrencyLimits, ReadConcurrencyLimit,
    ReleaseSlots, ResetConcurrencyLimit, SetConcurrencyLimit,
};
pub(crate) use event::TaskRunNews;
pub use event::{EmitEvents, Event};
pub use event_filter::{
    EventFilter, EventIds, EventName, EventOrder, Labels, Occurred, OneOrMany, RelatedFilter,
    ResourceFilter,
};
pub use event_page::{EventLimit, EventPage, FilterEvents, ReadNextEvents, ReceivedEvent};
pub use filter::{
    DeploymentFilter, FlowFilter, FlowRunFilter, LevelSpan, LogFilter, OneOf, Operator, Page,
    Paginated, Related, Search, StateFilter, Tags, TaskRunFilter, Text, TimeSpan, Truth,
    WorkPoolFilter, WorkQueueFilter,
};
pub use flow::{CreateFlow, FilterFlows, FlowSort, ReadFlow, ReadFlowByName};
pub use flow_run::{
    CountFlowRuns, CreateFlowRun, DeleteFlowRun, FilterFlowRuns, FlowRunSort, ReadFlowRun,
    ReadFlowRunStates, SetFlowRunState, UpdateFlowRun,
};
pub use graph::{
    Dependency, Edge, Graph, GraphArtifact, GraphState, Node, NodeKind, ReadFlowRunDependencies,
    ReadFlowRunGraph,
};
pub use history::{ReadRunHistory, RunHistory};
pub use label::UpdateFlowRunLabels;
pub use lease::{ClaimFlowRun, LeaseHolder, ReapFlowRuns, ReleaseFlowRun, RenewLeases};
pub(crate) use list::each_operation;
pub use log::{CreateLogs, FilterLogs, LogSort};
pub use log_search::{LogOwner, SearchLogs};
pub use made::Made;
pub use paginate::{PageNumber, PaginateFlowRuns, PaginateFlows, PaginateTaskRuns};
pub(crate) use record::look;
pub use record::{CachedResult, ReadCachedResult, Record, TaskRunRecord};
pub use report::{ReportArtifacts, ReportFlowRun, ReportLogs, ReportTaskRuns};
#[cfg(feature = "server")]
pub(crate) use request::path_fields;
pub use request::{Call, Parts};
pub use resume::ResumeFlowRun;
pub use run_history::{
    History, HistoryInterval, HistoryState, ReadFlowRunHistory, ReadTaskRunHistory,
};
pub use set_state::SetStateAnswer;
pub use slot::{HeldSlots, ReadSlots};
pub use subflow::ReadSubflows;
pub use task_run::{
    CountTaskRuns, CreateTaskRun, FilterTaskRuns, ReadRecordedCalls, ReadTaskRun,
    ReadTaskRunStates, SetTaskRunState, TaskRunSort, UpdateTaskRun,
};
pub use task_run_counts::{ReadTaskRunCounts, TaskRunCounts};
pub use task_run_result::{KeptResult, ReadTaskRunResult};
pub use timeline::{Band, BandCounts, ReadTimeline, Timeline};
pub use total::{ReadFlowRunLateness, TotalFlowRuns, TotalFlows, TotalTaskRuns};
pub use variable::{DeleteVariable, FilterVariables, ReadVariable, SetVariable};

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or asks with a body.
    Post,
    /// Sets as a whole.
    Put,
    /// Changes a part.
    Patch,
    /// Removes.
    Delete,
}

/// One call of the API as a value.
///
/// Its JSON is its body, except for the fields that its path and its query take.
pub trait Operation: Serialize + DeserializeOwned + Send + 'static {
    /// What it is answered with.
    type Output: Serialize + DeserializeOwned + Send + 'static;
    /// Its HTTP method.
    const METHOD: Method;
    /// Its path, with `{field}` where a field of the operation stands.
    const PATH: &'static str;
    /// The fields that travel in the query.
    const QUERY: &'static [&'static str] = &[];

    /// The HTTP status of an answer: 204 when it says nothing, else 200.
    #[must_use]
    fn status(_answer: &Self::Output) -> u16 {
        if size_of::<Self::Output>() == 0 { 204 } else { 200 }
    }
}

/// Says for a list of operations what they are answered with, and where.
macro_rules! operations {
    ($(
        $name:ty => $output:ty, $method:ident $path:literal
        $(, query $query:literal)* $(, status $status:expr)?;
    )*) => {$(
        impl crate::wire::Operation for $name {
            type Output = $output;
            const METHOD: crate::wire::Method = crate::wire::Method::$method;
            const PATH: &'static str = $path;
            const QUERY: &'static [&'static str] = &[$($query),*];
            $(
                fn status(answer: &$output) -> u16 {
                    let status: fn(&$output) -> u16 = $status;
                    status(answer)
                }
            )?
        }
    )*};
}
use operations;
