//! Which flows are meant.

use super::super::query::Query;
use super::{absent, absent_related, asking, flow_run, one_of, tags, text};
use crate::wire::{FlowFilter, Related};

/// Adds conditions for rows of `flow`.
pub(in crate::store) fn flows(query: &mut Query, wanted: FlowFilter, related: Related) {
    own(query, wanted);
    let Related { flow_runs, task_runs, deployments, work_pools, work_pool_queues, .. } = related;
    let (flow_runs, task_runs) = (asking(flow_runs), asking(task_runs));
    if flow_runs.is_some() || task_runs.is_some() {
        query.when_found("EXISTS (SELECT 1 FROM flow_run", |query| {
            query.when("flow_run.flow_id = flow.id");
            flow_run::own(query, flow_runs.unwrap_or_default());
            flow_run::with_task_runs(query, task_runs);
        });
    }
    let absent = Related { deployments, work_pools, work_pool_queues, ..Related::default() };
    absent_related(query, absent);
}

/// What a flow is itself.
pub(super) fn own(query: &mut Query, wanted: FlowFilter) {
    query.when_joined(wanted.operator, |query| {
        if let Some(ids) = wanted.id {
            one_of(query, "flow.id", ids);
        }
        if let Some(name) = wanted.name {
            text(query, "flow.name", name);
        }
        if let Some(wanted) = wanted.tags {
            tags(query, "flow.tags", wanted);
        }
        if let Some(deployment) = wanted.deployment {
            absent(query, &deployment);
        }
    });
}
