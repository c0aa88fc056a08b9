//! History: how many flow runs were made in each span of time.

use super::filter;
use super::narrow::narrow;
use super::query::Query;
use super::tx::Tx;
use crate::model::{FlowRunId, RunCounts, StateType};
use crate::wire::{
    FlowRunFilter, Page, ReadRunHistory, Related, RunHistory, StateFilter, TimeSpan,
};
use crate::{Error, Result, Timestamp};

/// The most spans that one answer holds.
const MOST_SPANS: u32 = 500;

/// How many runs are looked at one by one where no index counts them.
const LOOKED_AT: u32 = 10_000;

/// Counts flow runs by span and type of state.
pub(crate) async fn read(tx: &mut Tx<'_>, wanted: ReadRunHistory) -> Result<RunHistory> {
    let bounds = bounds(&wanted)?;
    let filter = FlowRunFilter { created: None, made_before: None, ..wanted.flow_runs };
    if is_counted_by_index(&filter) {
        count(tx, filter, &bounds).await
    } else {
        look(tx, filter, &bounds).await
    }
}

/// The first ids of all spans, and the one behind the last.
fn bounds(wanted: &ReadRunHistory) -> Result<Vec<FlowRunId>> {
    let ReadRunHistory { from, until, spans, .. } = *wanted;
    if spans == 0 || spans > MOST_SPANS || from >= until {
        let problem = format!("a history of {spans} spans from {from} until {until}");
        return Err(Error::invalid(problem)
            .with_hint(format!("ask for 1 to {MOST_SPANS} spans that begin before they end")));
    }
    let (from, whole) = (from.as_micros(), until.as_micros().saturating_sub(from.as_micros()));
    let span = |number: u32| {
        let offset = i128::from(whole) * i128::from(number) / i128::from(spans);
        Timestamp::from_micros(from.saturating_add(i64::try_from(offset).unwrap_or(i64::MAX)))
    };
    Ok((0..=spans).map(|number| FlowRunId::first_of(span(number))).collect())
}

/// Says whether an index holds all that the filter asks for.
fn is_counted_by_index(filter: &FlowRunFilter) -> bool {
    let FlowRunFilter { flow_id, state, is_subflow, .. } = filter.clone();
    let rest = FlowRunFilter { flow_id, state, is_subflow, ..FlowRunFilter::default() };
    let is_list = |state: &StateFilter| {
        let kinds = state.kind.as_ref().and_then(|kinds| kinds.any_.clone());
        kinds.is_some_and(|kinds| *state == kinds.into())
    };
    *filter == rest && filter.state.as_ref().is_none_or(is_list)
}

async fn count(
    tx: &mut Tx<'_>,
    mut filter: FlowRunFilter,
    bounds: &[FlowRunId],
) -> Result<RunHistory> {
    let state = filter.state.take().and_then(|state| state.kind);
    let kinds =
        state.map_or_else(|| StateType::ALL.to_vec(), |kinds| kinds.any_.unwrap_or_default());
    let mut history = RunHistory::default();
    history.spans.resize(bounds.len() - 1, RunCounts::default());
    let (first, last) = (bounds[0], bounds[bounds.len() - 1]);
    for kind in kinds {
        // Most types of state have no run at all.
        if !has_any(tx, filter.clone(), kind, [first, last]).await? {
            continue;
        }
        for (counts, span) in history.spans.iter_mut().zip(bounds.windows(2)) {
            let runs = count_span(tx, filter.clone(), kind, [span[0], span[1]]).await?;
            if runs > 0 {
                counts.0.insert(kind, runs);
            }
        }
    }
    Ok(history)
}

async fn count_span(
    tx: &mut Tx<'_>,
    filter: FlowRunFilter,
    kind: StateType,
    span: [FlowRunId; 2],
) -> Result<u64> {
    let query = of_span("SELECT COUNT(*) FROM flow_run", filter, kind, span);
    let counts = query.rows(tx, |row| row.next::<u64>()).await?;
    Ok(counts.first().copied().unwrap_or(0))
}

async fn has_any(
    tx: &mut Tx<'_>,
    filter: FlowRunFilter,
    kind: StateType,
    span: [FlowRunId; 2],
) -> Result<bool> {
    let mut query = of_span("SELECT id FROM flow_run", filter, kind, span);
    query.page(Page::first(1));
    Ok(!query.rows(tx, |row| row.next::<FlowRunId>()).await?.is_empty())
}

fn of_span(
    select: &str,
    filter: FlowRunFilter,
    kind: StateType,
    [from, until]: [FlowRunId; 2],
) -> Query {
    let mut query = Query::new(select);
    // The plus keeps SQLite from preferring the index of the state to that of the flow.
    let of_flow = filter.flow_id.is_some();
    query.when_value(if of_flow { "+state_type = ?" } else { "state_type = ?" }, kind);
    query.when_value("flow_run.id >= ?", from);
    query.when_value("flow_run.id < ?", until);
    filter::flow_runs(&mut query, filter, Related::default());
    query
}

/// Looks at the newest runs one by one.
async fn look(tx: &mut Tx<'_>, filter: FlowRunFilter, bounds: &[FlowRunId]) -> Result<RunHistory> {
    let span = TimeSpan::since(bounds[0].moment());
    let created = Some(span);
    let filter = narrow(tx, FlowRunFilter { created, ..filter }).await?;
    let mut query = Query::new("SELECT flow_run.id, state_type FROM flow_run ");
    if filter.flow_name.is_some() {
        query.then("JOIN flow ON flow.id = flow_run.flow_id");
    }
    query.when_value("flow_run.id >= ?", bounds[0]);
    query.when_value("flow_run.id < ?", bounds[bounds.len() - 1]);
    filter::flow_runs(&mut query, filter, Related::default());
    query.order_by("flow_run.id DESC");
    query.page(Page::first(LOOKED_AT));
    let runs = query.rows(tx, |row| Ok((row.next::<FlowRunId>()?, row.next()?))).await?;
    let mut spans = vec![RunCounts::default(); bounds.len() - 1];
    for (id, kind) in &runs {
        let span = bounds.partition_point(|first| first <= id);
        if let Some(counts) = span.checked_sub(1).and_then(|span| spans.get_mut(span)) {
            *counts.0.entry(*kind).or_default() += 1;
        }
    }
    Ok(RunHistory { spans, is_partial: runs.len() >= LOOKED_AT as usize })
}
