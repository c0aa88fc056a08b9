//! Filters of the API as conditions of a query.

use std::time::Duration;

use super::query::Query;
use crate::model::{FlowRunId, StateType};
use crate::wire::{FlowRunFilter, LogFilter, StateFilter, TaskRunFilter, Text, TimeSpan};

pub(super) fn flow_runs(query: &mut Query, wanted: FlowRunFilter) {
    if let Some(ids) = wanted.id {
        query.when_one_of("flow_run.id IN ?", ids.any_);
    }
    if let Some(name) = wanted.name {
        text(query, "flow_run.name", name);
    }
    if let Some(flows) = wanted.flow_id {
        query.when_one_of("flow_run.flow_id IN ?", flows.any_);
    }
    if let Some(name) = wanted.flow_name {
        text(query, "flow.name", name);
    }
    if let Some(wanted) = wanted.state {
        state(query, "flow_run", wanted);
    }
    if let Some(wanted) = wanted.tags {
        for tag in wanted.all_ {
            let has_it = "EXISTS (SELECT 1 FROM flow_run_tag WHERE flow_run_tag.tag = ? \
                          AND flow_run_tag.flow_run_id = flow_run.id)";
            query.when_value(has_it, tag);
        }
    }
    if let Some(span) = wanted.start_time {
        time(query, "flow_run.start_time", span);
    }
    if let Some(span) = wanted.created {
        created(query, span);
    }
    if let Some(next) = wanted.made_before {
        query.when_value("flow_run.id < ?", next);
    }
    if let Some(parents) = wanted.parent_task_run_id {
        query.when_one_of("flow_run.parent_task_run_id IN ?", parents.any_);
    }
    match wanted.is_subflow {
        Some(true) => query.when("flow_run.parent_task_run_id IS NOT NULL"),
        Some(false) => query.when("flow_run.parent_task_run_id IS NULL"),
        None => {}
    }
}

pub(super) fn task_runs(query: &mut Query, wanted: TaskRunFilter) {
    if let Some(ids) = wanted.id {
        query.when_one_of("task_run.id IN ?", ids.any_);
    }
    if let Some(name) = wanted.name {
        text(query, "task_run.name", name);
    }
    if let Some(flow_runs) = wanted.flow_run_id {
        if wanted.state.as_ref().is_some_and(has_ended_badly) {
            // Finds the few among a hundred thousand of one run.
            let few = "task_run.id IN (SELECT id FROM task_run \
                       WHERE state_type BETWEEN 4 AND 6 AND flow_run_id IN ?)";
            query.when_one_of(few, flow_runs.any_.clone());
        }
        query.when_one_of("task_run.flow_run_id IN ?", flow_runs.any_);
        // A run of its own has its own id there, which no flow run has but anybody may ask for.
        query.when("task_run.flow_run_id <> task_run.id");
    }
    if let Some(wanted) = wanted.state {
        if has_not_ended(&wanted) {
            // Finds the few that go on among millions; asked for at once, SQLite would go through all.
            query.when(
                "task_run.id IN (SELECT id FROM task_run WHERE state_type NOT BETWEEN 3 AND 6)",
            );
        }
        state(query, "task_run", wanted);
    }
}

/// Says whether only runs are wanted that have ended, and not well; an index holds just these.
fn has_ended_badly(wanted: &StateFilter) -> bool {
    let is_bad = |kind: &StateType| kind.is_terminal() && *kind != StateType::Completed;
    wanted.kind.as_ref().is_some_and(|kinds| kinds.any_.iter().all(is_bad))
}

/// Says whether only runs are wanted that go on.
fn has_not_ended(wanted: &StateFilter) -> bool {
    wanted.kind.as_ref().is_some_and(|kinds| !kinds.any_.iter().any(|kind| kind.is_terminal()))
}

pub(super) fn logs(query: &mut Query, wanted: LogFilter) {
    if let Some(flow_runs) = wanted.flow_run_id {
        query.when_one_of("log.owner_id IN ?", flow_runs.any_);
    } else if let Some(task_runs) = &wanted.task_run_id {
        // Without this the lines of all runs would have to be looked through.
        let owners = "log.owner_id IN (SELECT flow_run_id FROM task_run WHERE id IN ?)";
        query.when_one_of(owners, task_runs.any_.clone());
    }
    if let Some(task_runs) = wanted.task_run_id {
        query.when_one_of("log.task_run_id IN ?", task_runs.any_);
    }
    if let Some(level) = wanted.level {
        query.when_value("log.level >= ?", i64::from(level.number()));
    }
    if let Some(span) = wanted.timestamp {
        time(query, "log.timestamp", span);
    }
}

pub(super) fn text(query: &mut Query, column: &str, wanted: Text) {
    if let Some(names) = wanted.any_ {
        query.when_one_of(&format!("{column} IN ?"), names);
    }
    if let Some(part) = wanted.like_ {
        query.when_like(column, &part);
    }
}

fn time(query: &mut Query, column: &str, span: TimeSpan) {
    if let Some(after) = span.after_ {
        query.when_value(&format!("{column} >= ?"), after);
    }
    if let Some(before) = span.before_ {
        query.when_value(&format!("{column} <= ?"), before);
    }
}

/// Ids say when they were made, to the millisecond, and every list has an index on them.
fn created(query: &mut Query, span: TimeSpan) {
    if let Some(after) = span.after_ {
        query.when_value("flow_run.id >= ?", FlowRunId::first_of(after));
    }
    if let Some(before) = span.before_ {
        let behind = before + Duration::from_millis(1);
        query.when_value("flow_run.id < ?", FlowRunId::first_of(behind));
    }
}

fn state(query: &mut Query, table: &str, wanted: StateFilter) {
    if let Some(kinds) = wanted.kind {
        query.when_one_of(&format!("{table}.state_type IN ?"), kinds.any_);
    }
    if let Some(names) = wanted.name {
        query.when_one_of(&format!("{table}.state_name IN ?"), names.any_);
    }
}
