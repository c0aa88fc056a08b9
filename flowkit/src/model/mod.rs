//! The nouns of flowkit and their JSON, which is Prefect's where the shape is natural.
//!
//! No input, no output, no clock: values only.

mod api_key;
mod artifact;
mod block_document;
mod block_schema;
mod block_type;
mod canonical;
mod concurrency_limit;
mod flow;
mod flow_run;
mod id;
mod log;
mod null;
mod policy;
mod state;
mod tally;
mod task;
mod task_run;
mod two_words;
mod variable;

pub use api_key::ApiKey;
pub use artifact::{Artifact, ArtifactKind};
pub use block_document::BlockDocument;
pub use block_schema::BlockSchema;
pub use block_type::BlockType;
pub(crate) use canonical::canonical;
pub use concurrency_limit::{ConcurrencyLimit, LimitScope};
pub use flow::Flow;
pub use flow_run::{CrashPolicy, FlowRun, FlowRunNotes, Program, RunCounts};
pub use id::{
    ApiKeyId, ArtifactId, BlockDocumentId, BlockSchemaId, BlockTypeId, ConcurrencyLimitId, FlowId,
    FlowRunId, LogId, StateId, TaskRunId, VariableId,
};
pub use log::{Level, Log};
pub(crate) use null::or_default;
pub use policy::RetryPolicy;
pub use state::{State, StateDetails, StateType};
pub use tally::Tally;
pub use task::Task;
pub use task_run::{TaskInput, TaskRun};
pub(crate) use two_words::two_words;
pub use variable::Variable;
