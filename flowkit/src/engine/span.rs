//! Spans: every run is one, with fields that never change their names.
//!
//! Whoever adds an OpenTelemetry layer to the subscriber sees flows and tasks without more code.

use tracing::instrument::Instrument;
use tracing::{Span, field};

use super::scope::{FlowScope, TaskScope};

/// The span of a task run.
pub(super) fn task_run(task: &TaskScope, flow: Option<&FlowScope>) -> Span {
    let span = tracing::info_span!(
        target: "flowkit::run",
        "task_run",
        otel.name = field::Empty,
        task_run.id = field::Empty,
        task_run.name = field::Empty,
        task.name = field::Empty,
        flow_run.id = field::Empty,
    );
    if !span.is_disabled() {
        span.record("otel.name", task.name.as_str());
        span.record("task_run.id", field::display(task.id));
        span.record("task_run.name", task.name.as_str());
        span.record("task.name", task.task_name);
        if let Some(flow) = flow {
            span.record("flow_run.id", field::display(flow.id));
        }
    }
    span
}

/// The span of a flow run.
pub(super) fn flow_run(flow: &FlowScope) -> Span {
    let name = flow.definition.options.name;
    tracing::info_span!(
        target: "flowkit::run",
        "flow_run",
        otel.name = %flow.name,
        flow_run.id = %flow.id,
        flow_run.name = %flow.name,
        flow.name = name,
    )
}

/// Executes a future inside a span; nothing is added when nobody listens.
pub(super) async fn within<F: Future>(span: Span, future: F) -> F::Output {
    if span.is_disabled() { future.await } else { future.instrument(span).await }
}
