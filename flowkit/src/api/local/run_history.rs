//! Answers about how many runs there were when.

use super::Local;
use crate::api::Answer;
use crate::store::Tx;
use crate::store::run_history::{self, Found, Parts};
use crate::wire::{
    History, HistoryInterval, ReadFlowRunHistory, ReadFlowRunLateness, ReadTaskRunHistory,
};
use crate::{Error, Result};

/// How many parts a history has at most; what lies behind them is left out, as Prefect does it.
const MOST_PARTS: u32 = 500;

impl Answer<ReadFlowRunHistory> for Local {
    async fn answer(&self, wanted: ReadFlowRunHistory) -> Result<Vec<HistoryInterval>> {
        let (parts, now) = (parts(wanted.history)?, self.now());
        let ask =
            async move |tx: &mut Tx<'_>| run_history::of_flow_runs(tx, wanted, parts, now).await;
        Ok(intervals(parts, self.store.scan(ask).await?))
    }
}

impl Answer<ReadTaskRunHistory> for Local {
    async fn answer(&self, wanted: ReadTaskRunHistory) -> Result<Vec<HistoryInterval>> {
        let (parts, now) = (parts(wanted.history)?, self.now());
        let ask =
            async move |tx: &mut Tx<'_>| run_history::of_task_runs(tx, wanted, parts, now).await;
        Ok(intervals(parts, self.store.scan(ask).await?))
    }
}

impl Answer<ReadFlowRunLateness> for Local {
    async fn answer(&self, wanted: ReadFlowRunLateness) -> Result<Option<f64>> {
        let now = self.now();
        let ask = async move |tx: &mut Tx<'_>| run_history::lateness(tx, wanted, now).await;
        let micros = self.store.scan(ask).await?.and_then(|micros| u64::try_from(micros).ok());
        Ok(micros.map(|micros| std::time::Duration::from_micros(micros).as_secs_f64()))
    }
}

fn parts(history: History) -> Result<Parts> {
    let width = std::time::Duration::try_from_secs_f64(history.interval_seconds).ok();
    let width = width.and_then(|width| i64::try_from(width.as_micros()).ok());
    let Some(width) = width.filter(|width| *width >= 1_000_000) else {
        return Err(Error::invalid("an interval of a history is at least 1 second long"));
    };
    let (start, end) = (history.history_start, history.history_end);
    let length = end.as_micros().saturating_sub(start.as_micros()).max(0);
    let count = u32::try_from(length.cast_unsigned().div_ceil(width.cast_unsigned()));
    Ok(Parts { start, width, count: count.unwrap_or(MOST_PARTS).min(MOST_PARTS) })
}

/// All parts, with what was found in each.
fn intervals(parts: Parts, found: Vec<Found>) -> Vec<HistoryInterval> {
    let mut intervals: Vec<_> = (0..parts.count)
        .map(|number| HistoryInterval {
            interval_start: parts.start_of(number),
            interval_end: parts.start_of(number + 1),
            states: Vec::new(),
        })
        .collect();
    for (number, state) in found {
        let interval = usize::try_from(number).ok().and_then(|number| intervals.get_mut(number));
        if let Some(interval) = interval {
            interval.states.push(state);
        }
    }
    intervals
}
