//! Which log lines are meant.

use super::super::query::Query;
use super::{one_of, time};
use crate::wire::{LogFilter, Operator, Search};

/// Adds conditions for rows of `log`.
pub(in crate::store) fn logs(query: &mut Query, wanted: LogFilter) {
    query.when_joined(wanted.operator, |query| parts(query, wanted));
}

fn parts(query: &mut Query, wanted: LogFilter) {
    if let Some(flow_runs) = wanted.flow_run_id {
        one_of(query, "log.owner_id", flow_runs);
    } else if let Some(task_runs) = wanted.task_run_id.as_ref().and_then(|runs| runs.any_.as_ref())
    {
        // Without this the lines of all runs would have to be looked through.
        let owners = "log.owner_id IN (SELECT flow_run_id FROM task_run WHERE id IN ?)";
        query.when_one_of(owners, task_runs.clone());
    }
    if let Some(task_runs) = wanted.task_run_id {
        one_of(query, "log.task_run_id", task_runs);
    }
    if let Some(ids) = wanted.id {
        one_of(query, "log.id", ids);
    }
    if let Some(span) = wanted.level {
        query.when_joined(span.operator, |query| {
            if let Some(least) = span.ge_ {
                query.when_value("log.level >= ?", i64::from(least.number()));
            }
            if let Some(most) = span.le_ {
                query.when_value("log.level <= ?", i64::from(most.number()));
            }
        });
    }
    if let Some(span) = wanted.timestamp {
        time(query, "log.timestamp", &span);
    }
    if let Some(text) = wanted.text {
        said(query, &text);
    }
}

/// Lines that say one of the words, and none of those that must not be there.
fn said(query: &mut Query, text: &Search) {
    let (unwanted, wanted): (Vec<_>, Vec<_>) =
        text.words().into_iter().partition(|word| word.is_unwanted);
    query.when_joined(Operator::Or, |query| {
        for word in wanted {
            query.when_like("log.message", &word.text);
        }
    });
    query.when_joined(Operator::And, |query| {
        for word in unwanted {
            query.when_unlike("log.message", &word.text);
        }
    });
}
