//! Narrowing: a word that few runs have is looked up first, so that not all runs are looked through.
//!
//! Where many have it, the newest of them are found soon by going through the newest runs. Which of
//! the two it is cannot be known from outside, and no index serves both.

use super::flow_run_tag;
use super::query::Query;
use super::tx::Tx;
use crate::Result;
use crate::model::FlowRunId;
use crate::wire::{FlowRunFilter, Operator, Page, Text};

/// So many are not few any more.
const MANY: u32 = 1000;

/// The same filter, with the runs that it can mean where these are few.
pub(super) async fn narrow(tx: &mut Tx<'_>, wanted: FlowRunFilter) -> Result<FlowRunFilter> {
    if wanted.id.is_some() || wanted.operator == Operator::Or {
        return Ok(wanted);
    }
    let after = wanted.created.as_ref().and_then(|span| span.after_);
    let tags = wanted.tags.iter().filter(|tags| tags.operator == Operator::And);
    for tag in tags.flat_map(|tags| tags.all_.iter().flatten()) {
        let from = after.map(FlowRunId::first_of);
        let runs = flow_run_tag::newest(tx, tag, from, MANY).await?;
        if runs.len() < MANY as usize {
            return Ok(FlowRunFilter { id: Some(runs.into()), ..wanted });
        }
    }
    // Within a span of time only the runs of that span are looked through anyway.
    if let Some(Text { like_: Some(part), .. }) = wanted.name.as_ref().filter(|_| after.is_none()) {
        let runs = named_like(tx, part).await?;
        if runs.len() < MANY as usize {
            return Ok(FlowRunFilter { id: Some(runs.into()), ..wanted });
        }
    }
    Ok(wanted)
}

/// Some runs whose names hold that text, told by the index on names alone.
async fn named_like(tx: &mut Tx<'_>, part: &str) -> Result<Vec<FlowRunId>> {
    let mut query = Query::new("SELECT id FROM flow_run");
    query.when_like("name", part);
    query.page(Page::first(MANY));
    query.rows(tx, |row| row.next()).await
}
