//! Filters of the API as conditions of a query. One file per noun.

mod flow;
mod flow_run;
mod log;
mod task_run;

pub(super) use flow::flows;
pub(super) use flow_run::flow_runs;
pub(super) use log::logs;
pub(super) use task_run::{alive_since, task_runs};

use super::query::Query;
use super::value::Value;
use crate::wire::{OneOf, Related, StateFilter, Tags, Text, TimeSpan};

pub(super) fn one_of<T>(query: &mut Query, column: &str, wanted: OneOf<T>)
where
    T: Into<Value<'static>>,
{
    query.when_joined(wanted.operator, |query| {
        if let Some(list) = wanted.any_ {
            query.when_one_of(&format!("{column} IN ?"), list);
        }
        if let Some(list) = wanted.not_any_.filter(|list| !list.is_empty()) {
            query.when_one_of(&format!("{column} NOT IN ?"), list);
        }
        if let Some(is_null) = wanted.is_null_ {
            null(query, column, is_null);
        }
    });
}

fn null(query: &mut Query, column: &str, is_null: bool) {
    query.when(&format!("{column} IS {}", if is_null { "NULL" } else { "NOT NULL" }));
}

/// A filter that asks for something.
fn asking<T: Default + PartialEq>(filter: Option<T>) -> Option<T> {
    filter.filter(|filter| *filter != T::default())
}

/// Deployments, pools and queues, of which there are none yet.
fn absent_related(query: &mut Query, related: Related) {
    let asks = asking(related.deployments).is_some()
        || asking(related.work_pools).is_some()
        || asking(related.work_pool_queues).is_some();
    if asks {
        query.when("1 = 0");
    }
}

/// What no row has yet: all are without it.
fn absent<T>(query: &mut Query, wanted: &OneOf<T>) {
    query.when_joined(wanted.operator, |query| {
        if wanted.any_.is_some() || wanted.not_any_.is_some() {
            query.when("1 = 0");
        }
        if let Some(is_null) = wanted.is_null_ {
            query.when(if is_null { "1 = 1" } else { "1 = 0" });
        }
    });
}

pub(super) fn text(query: &mut Query, column: &str, wanted: Text) {
    query.when_joined(wanted.operator, |query| {
        if let Some(names) = wanted.any_ {
            query.when_one_of(&format!("{column} IN ?"), names);
        }
        if let Some(part) = wanted.like_ {
            query.when_like(column, &part);
        }
    });
}

pub(super) fn tags(query: &mut Query, column: &str, wanted: Tags) {
    tagged(query, &format!("SELECT json_each.value FROM json_each({column})"), wanted);
}

/// Tags, where `all` selects those that a row has.
fn tagged(query: &mut Query, all: &str, wanted: Tags) {
    query.when_joined(wanted.operator, |query| {
        for tag in wanted.all_.unwrap_or_default() {
            query.when_value(&format!("? IN ({all})"), tag);
        }
        if let Some(tags) = wanted.any_ {
            query.when_one_of(
                &format!("EXISTS (SELECT 1 FROM ({all}) AS tag WHERE value IN ?)"),
                tags,
            );
        }
        match wanted.is_null_ {
            Some(true) => query.when(&format!("NOT EXISTS ({all})")),
            Some(false) => query.when(&format!("EXISTS ({all})")),
            None => {}
        }
    });
}

fn time(query: &mut Query, column: &str, span: &TimeSpan) {
    query.when_joined(span.operator, |query| {
        if let Some(after) = span.after_ {
            query.when_value(&format!("{column} >= ?"), after);
        }
        if let Some(before) = span.before_ {
            query.when_value(&format!("{column} <= ?"), before);
        }
        if let Some(is_null) = span.is_null_ {
            null(query, column, is_null);
        }
    });
}

fn state(query: &mut Query, table: &str, wanted: StateFilter) {
    query.when_joined(wanted.operator, |query| {
        if let Some(kinds) = wanted.kind {
            one_of(query, &format!("{table}.state_type"), kinds);
        }
        if let Some(names) = wanted.name {
            one_of(query, &format!("{table}.state_name"), names);
        }
    });
}
