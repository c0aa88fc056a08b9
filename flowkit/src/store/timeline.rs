//! Timeline: when the task runs of a flow run were called, however many there are.
//!
//! Ids say when they were made, so that the calls of a span of time lie side by side. Counting them
//! reads an index only; which tasks they were of is told from a few rows of each span.

use std::collections::HashMap;

use super::tx::Tx;
use super::value::{Row, values};
use crate::model::{FlowRunId, TaskRunId};
use crate::wire::{Band, BandCounts, ReadTimeline, Timeline};
use crate::{Error, Result, Timestamp};

/// The most spans that one answer holds.
const MOST_SPANS: u32 = 500;

/// How many task runs of each span are looked at.
const SAMPLE: u32 = 16;

/// How many task runs that failed, or have not ended, are looked at.
const NOTEWORTHY: u32 = 2_000;

// Each is one step to an end of the index; Postgres knows no least and greatest bytes.
const ENDS: &str = "
    SELECT (SELECT id FROM task_run WHERE flow_run_id = $1 ORDER BY id LIMIT 1),
        (SELECT id FROM task_run WHERE flow_run_id = $1 ORDER BY id DESC LIMIT 1)";

// With a bare column the primary key would be preferred, which holds whole rows; the index on the
// ids has all that this reads.
const COUNT: &str = "
    SELECT COUNT(*) FROM task_run
    WHERE id >= $1 AND id < $2 AND COALESCE(flow_run_id, id) = $3";

const LOOK: &str = "
    SELECT task_id, id FROM task_run WHERE flow_run_id = $1 AND id >= $2 AND id < $3
    ORDER BY id LIMIT $4";

// The inner questions are answered by indices that hold these few only.
const FAILED: &str = "
    SELECT task_id, id FROM task_run WHERE flow_run_id = $1 AND id IN (
        SELECT id FROM task_run WHERE flow_run_id = $1 AND state_type BETWEEN 4 AND 6)
    ORDER BY id LIMIT $2";

const UNFINISHED: &str = "
    SELECT task_id, id FROM task_run WHERE flow_run_id = $1 AND id IN (
        SELECT id FROM task_run WHERE flow_run_id = $1 AND state_type NOT BETWEEN 3 AND 6)
    ORDER BY id LIMIT $2";

const NAME: &str = "SELECT name FROM task WHERE id = $1";

/// When the task runs of a flow run were called, by task.
pub(crate) async fn read(tx: &mut Tx<'_>, wanted: &ReadTimeline) -> Result<Timeline> {
    let ReadTimeline { flow_run_id: id, spans } = *wanted;
    if spans == 0 || spans > MOST_SPANS {
        let problem = format!("a timeline of {spans} spans");
        return Err(Error::invalid(problem).with_hint(format!("ask for 1 to {MOST_SPANS} spans")));
    }
    let read = |row: &mut Row<'_>| Ok((row.next::<Option<TaskRunId>>()?, row.next()?));
    let Some((Some(first), Some(last))) = tx.row(ENDS, &values![id], read).await? else {
        return Ok(Timeline::default());
    };
    let mut drawing = Drawing::new(id, first, last, spans);
    drawing.count(tx).await?;
    drawing.mark(tx, FAILED, |counts| &mut counts.failed).await?;
    drawing.mark(tx, UNFINISHED, |counts| &mut counts.unfinished).await?;
    drawing.finish(tx).await
}

/// A timeline that is being drawn.
struct Drawing {
    id: FlowRunId,
    /// The first ids of all spans, and one behind the last.
    bounds: Vec<TaskRunId>,
    /// By the row of the task.
    bands: HashMap<i64, Vec<BandCounts>>,
    /// Tasks in the order of their first calls.
    order: Vec<i64>,
    sampled: u64,
}

impl Drawing {
    fn new(id: FlowRunId, first: TaskRunId, last: TaskRunId, spans: u32) -> Self {
        let (from, until) = (first.moment().as_micros(), last.moment().as_micros() + 1000);
        let bound = |number: u32| {
            let offset = i128::from(until - from) * i128::from(number) / i128::from(spans);
            let micros = from.saturating_add(i64::try_from(offset).unwrap_or(i64::MAX));
            TaskRunId::first_of(Timestamp::from_micros(micros))
        };
        let bounds = (0..=spans).map(bound).collect();
        Self { id, bounds, bands: HashMap::new(), order: Vec::new(), sampled: 0 }
    }

    /// Counts the calls of each span, and shares them out among the tasks of its sample.
    async fn count(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        for span in 0..self.bounds.len() - 1 {
            let (from, until) = (self.bounds[span], self.bounds[span + 1]);
            let calls = tx.number(COUNT, &values![from, until, self.id]).await?;
            let calls = u64::try_from(calls).unwrap_or(0);
            if calls == 0 {
                continue;
            }
            let values = values![self.id, from, until, SAMPLE];
            let seen: Vec<i64> = tx.rows(LOOK, &values, |row| row.next()).await?;
            self.sampled += seen.len() as u64;
            let mut shares: Vec<(i64, u64)> = Vec::new();
            for task in seen {
                match shares.iter_mut().find(|(known, _)| *known == task) {
                    Some((_, share)) => *share += 1,
                    None => shares.push((task, 1)),
                }
            }
            let whole = shares.iter().map(|(_, share)| share).sum::<u64>().max(1);
            for (task, share) in shares {
                self.at(task, span).called += (calls * share).div_ceil(whole);
            }
        }
        Ok(())
    }

    /// Marks the calls that want to be seen one by one.
    async fn mark(
        &mut self,
        tx: &mut Tx<'_>,
        sql: &str,
        count: impl Fn(&mut BandCounts) -> &mut u64,
    ) -> Result<()> {
        let values = values![self.id, NOTEWORTHY];
        let read = |row: &mut Row<'_>| Ok((row.next::<i64>()?, row.next::<TaskRunId>()?));
        for (task, id) in tx.rows(sql, &values, read).await? {
            let span = self.bounds.partition_point(|first| *first <= id).saturating_sub(1);
            let counts = self.at(task, span.min(self.bounds.len() - 2));
            *count(counts) += 1;
            counts.called = counts.called.max(counts.failed + counts.unfinished);
        }
        Ok(())
    }

    fn at(&mut self, task: i64, span: usize) -> &mut BandCounts {
        let spans = self.bounds.len() - 1;
        let band = self.bands.entry(task).or_insert_with(|| {
            self.order.push(task);
            vec![BandCounts::default(); spans]
        });
        &mut band[span]
    }

    async fn finish(mut self, tx: &mut Tx<'_>) -> Result<Timeline> {
        let mut bands = Vec::with_capacity(self.order.len());
        for id in &self.order {
            let task = tx.row(NAME, &values![*id], |row| row.next::<String>()).await?;
            let spans = self.bands.remove(id).unwrap_or_default();
            bands.push(Band { task: task.unwrap_or_default(), spans });
        }
        let last = self.bounds[self.bounds.len() - 1];
        Ok(Timeline {
            from: self.bounds[0].moment(),
            until: last.moment(),
            bands,
            sampled: self.sampled,
        })
    }
}
