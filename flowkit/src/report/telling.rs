//! Telling: one flow run on its way to a server.
//!
//! What is told is read from the database, but for task runs of this process, which come by way of
//! the tap. How far it has got is noted after every step that cannot be repeated without harm.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use uuid::Uuid;

use super::http::Trouble;
use super::teller::Teller;
use crate::api::report::{Report, written};
use crate::model::{FlowRun, Log, State, StateId, TaskRunId};
use crate::wire::{FilterLogs, LogFilter, OneOf, Page, TaskRunRecord};
use crate::{Result, Timestamp};

/// How many task runs are told at a time.
const TASK_RUNS: u32 = 500;

/// How many lines, and how many bytes of them, are told at a time.
const LINES: u32 = 1000;
pub(super) const LINE_BYTES: usize = 3_500_000;

/// How old a line is before it is told while its run goes on: one that was written a moment
/// earlier by another thread may still be on its way into the database.
const SETTLED: std::time::Duration = std::time::Duration::from_millis(500);

/// One flow run on its way to a server.
pub(super) struct Telling {
    pub(super) report: Report,
    /// The run and its states as they were last read.
    pub(super) run: Option<(FlowRun, Vec<State>)>,
    /// Whether this process executes it.
    pub(super) is_own: bool,
    /// Task runs that changed.
    pub(super) queue: BTreeMap<TaskRunId, Arc<Mutex<TaskRunRecord>>>,
    /// Behind which task run the database is still to be read; none when that is done.
    pub(super) unread: Option<TaskRunId>,
    /// Whether lines may have been written since they were last told.
    pub(super) has_lines: bool,
    /// Whether the answer to all that was sent has come; if not, the server is asked what it knows.
    pub(super) is_certain: bool,
    /// The task runs that the server knows.
    pub(super) told: HashMap<TaskRunId, Told>,
    /// Artifacts under the ids that they have there.
    pub(super) artifacts: HashMap<Uuid, Uuid>,
    /// States that came from the server.
    pub(super) mirrored: HashSet<StateId>,
    /// Whether the server refuses it.
    pub(super) is_given_up: bool,
    /// Whether its end was seen and everything before it has been written.
    pub(super) is_settled: bool,
}

/// What the server knows of a task run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// How many of its states.
    pub(super) states: usize,
    /// Its id there, where it is another one.
    pub(super) remote_id: Option<Uuid>,
}

impl Telling {
    /// Begins where the last one got to.
    pub(super) fn new(report: Report, is_own: bool) -> Self {
        Self {
            is_own,
            // What was told is told again where that does no harm.
            is_certain: report.remote_id.is_none() && report.states == 0,
            report,
            run: None,
            queue: BTreeMap::new(),
            unread: Some(Uuid::nil().into()),
            has_lines: true,
            told: HashMap::new(),
            artifacts: HashMap::new(),
            mirrored: HashSet::new(),
            is_given_up: false,
            is_settled: false,
        }
    }

    /// Has all of its task runs read from the database.
    pub(super) fn read_all(&mut self) {
        self.unread = Some(Uuid::nil().into());
    }

    /// The state that the run is in.
    pub(super) fn state(&self) -> Option<&State> {
        self.run.as_ref().and_then(|(_, states)| states.last())
    }

    /// Says whether the run is executed for the first time and goes on.
    pub(super) fn is_new(&self) -> bool {
        self.run.as_ref().is_some_and(|(_, states)| states.len() <= 2) && !self.is_over()
    }

    /// Says whether the run has ended.
    pub(super) fn is_over(&self) -> bool {
        self.state().is_some_and(State::is_terminal)
    }

    /// Tells what is new; true when the server knows all there is and the run has ended.
    pub(super) async fn tell(&mut self, teller: &mut Teller) -> Result<bool, Trouble> {
        let Some((run, states)) = self.run.clone() else { return Ok(true) };
        teller.begin(self, &run, &states).await?;
        let is_over = self.is_over() && self.is_settled;
        let open = states.len() - usize::from(self.is_over());
        teller.tell_states(self, &run, &states[..open.max(1)]).await?;
        self.tell_task_runs(teller).await?;
        teller.tell_artifacts(self).await?;
        self.tell_lines(teller, is_over).await?;
        self.is_certain = true;
        if !is_over || self.unread.is_some() || !self.queue.is_empty() {
            return Ok(false);
        }
        teller.tell_states(self, &run, &states).await?;
        Ok(teller.client.finish_report(run.id).await?)
    }

    async fn tell_task_runs(&mut self, teller: &mut Teller) -> Result<(), Trouble> {
        while let Some(after) = self.unread {
            let id = self.report.flow_run_id;
            let records = teller.client.records_after(id, after, TASK_RUNS).await?;
            let last = records.last().map(|record| record.id);
            teller.tell_task_runs(self, &records).await?;
            self.unread = last.filter(|_| records.len() >= TASK_RUNS as usize);
        }
        loop {
            let batch: Vec<_> = self
                .queue
                .iter()
                .take(TASK_RUNS as usize)
                .map(|(id, one)| (*id, one.clone()))
                .collect();
            let records: Vec<_> = batch.iter().filter_map(|(_, record)| written(record)).collect();
            if records.is_empty() {
                return Ok(());
            }
            teller.tell_task_runs(self, &records).await?;
            for record in &records {
                self.queue.remove(&record.id);
            }
            if records.len() < batch.len() {
                // The rest is written in a moment.
                return Ok(());
            }
        }
    }

    async fn tell_lines(&mut self, teller: &mut Teller, is_over: bool) -> Result<(), Trouble> {
        let now = teller.client.clock().now();
        while self.has_lines {
            let page = self.lines(teller).await?;
            let is_last = page.len() < LINES as usize;
            let told = if is_over { page.len() } else { settled(&page, now) };
            let lines = cut(&page[..told]);
            if lines.is_empty() {
                // While the run goes on, those that are too young are asked for again.
                self.has_lines = !is_over && !page.is_empty();
                break;
            }
            teller.tell_lines(self, lines).await?;
            self.report.last_log = lines.last().map(|line| line.id);
            self.report.logs += lines.len() as u64;
            teller.save(self).await?;
            if is_last && lines.len() == page.len() {
                self.has_lines = false;
            } else if lines.len() < page.len() && lines.len() == told {
                break;
            }
        }
        if is_over { self.look_for_stragglers(teller).await } else { Ok(()) }
    }

    async fn lines(&self, teller: &Teller) -> Result<Vec<Log>> {
        let logs = LogFilter {
            flow_run_id: Some(OneOf::from(vec![self.report.flow_run_id])),
            ..LogFilter::default()
        };
        let after = self.report.last_log;
        teller
            .client
            .call(FilterLogs { logs, after, page: Page::first(LINES), ..FilterLogs::default() })
            .await
    }

    /// A line that came into the database behind its turn was passed over: all are looked at again.
    async fn look_for_stragglers(&mut self, teller: &mut Teller) -> Result<(), Trouble> {
        let written = teller.client.count_logs(self.report.flow_run_id).await?;
        if written <= self.report.logs {
            return Ok(());
        }
        (self.report.last_log, self.report.logs) = (None, 0);
        (self.has_lines, self.is_certain) = (true, false);
        while self.has_lines {
            let page = self.lines(teller).await?;
            let lines = cut(&page);
            teller.tell_lines(self, lines).await?;
            self.report.last_log = lines.last().map(|line| line.id).or(self.report.last_log);
            self.report.logs += lines.len() as u64;
            self.has_lines = !lines.is_empty();
        }
        teller.save(self).await
    }
}

/// How many of these lines are old enough.
fn settled(lines: &[Log], now: Timestamp) -> usize {
    lines.iter().take_while(|line| now.since(line.timestamp) >= SETTLED).count()
}

/// As many of these lines as fit into one request, at least one.
fn cut(lines: &[Log]) -> &[Log] {
    let mut bytes = 0;
    let fitting = lines.iter().take_while(|line| {
        bytes += 300 + line.message.len();
        bytes <= LINE_BYTES
    });
    &lines[..fitting.count().max(1).min(lines.len())]
}
