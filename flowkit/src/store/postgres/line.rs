//! Line: what waits for the writer. Bounded, and nothing in it is lost.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use crate::wire::{Record, TaskRunRecord, look};
use crate::{Durability, Error, Result};

pub(super) type SharedRecord = Arc<Mutex<TaskRunRecord>>;

/// Whoever waits for something to be kept.
pub(super) type Waiter = oneshot::Sender<Result<()>>;

/// How many bytes may wait before those who tell of more are held up.
const LIMIT: usize = 64 << 20;

/// How many rows and bytes are written at once.
pub(super) const BATCH: usize = 1000;
const BATCH_BYTES: usize = 8 << 20;

/// A task run that somebody waits for.
pub(super) struct Awaited {
    pub(super) record: SharedRecord,
    pub(super) durability: Durability,
    pub(super) waiter: Waiter,
}

/// Somebody who waits until all that was told before is kept.
pub(super) struct Flush {
    /// How much had been told by then.
    pub(super) told: u64,
    pub(super) waiter: Waiter,
}

/// What waits for the writer.
#[derive(Default)]
pub(super) struct Line {
    state: Mutex<State>,
    room: Condvar,
    /// Wakes the writer.
    pub(super) called: Notify,
}

#[derive(Default)]
struct State {
    awaited: VecDeque<Awaited>,
    backlog: VecDeque<Record>,
    flushes: Vec<Flush>,
    bytes: usize,
    /// How many records were ever put into the backlog, and taken from it.
    told: u64,
    taken: u64,
    /// The server is away for too long, or its disk is full.
    is_in_trouble: bool,
    /// How many records could not be kept since the last flush.
    lost: u64,
    is_closed: bool,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a task run at the end that somebody waits for.
    pub(super) fn put(&self, awaited: Awaited) {
        self.state().awaited.push_back(awaited);
        self.called.notify_one();
    }

    /// Adds something to be written soon; waits for room if there is none.
    ///
    /// While nothing can be written at all there is nothing to wait for: what does not fit then is
    /// not kept, and the next flush says so.
    pub(super) fn tell(&self, record: Record) {
        let mut state = self.state();
        while state.bytes > LIMIT && !state.is_in_trouble {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.bytes > LIMIT {
            state.lost += 1;
            return;
        }
        let is_first = state.backlog.is_empty();
        state.bytes += size(&record);
        state.told += 1;
        state.backlog.push_back(record);
        drop(state);
        if is_first {
            self.called.notify_one();
        }
    }

    /// Has everything written that was told so far.
    pub(super) fn flush(&self, waiter: Waiter) {
        let mut state = self.state();
        let told = state.told;
        state.flushes.push(Flush { told, waiter });
        drop(state);
        self.called.notify_one();
    }

    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.called.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    pub(super) fn has_backlog(&self) -> bool {
        !self.state().backlog.is_empty()
    }

    /// Takes the first of those that somebody waits for.
    pub(super) fn take_awaited(&self) -> Vec<Awaited> {
        let mut state = self.state();
        let size = state.awaited.len().min(BATCH);
        state.awaited.drain(..size).collect()
    }

    /// Takes all of them, however many.
    pub(super) fn take_all_awaited(&self) -> Vec<Awaited> {
        self.state().awaited.drain(..).collect()
    }

    /// Puts those back in front that were not written.
    pub(super) fn put_back(&self, unwritten: Vec<Awaited>) {
        let mut state = self.state();
        unwritten.into_iter().rev().for_each(|awaited| state.awaited.push_front(awaited));
    }

    /// Takes the next of the backlog that are still to be written.
    pub(super) fn take_backlog(&self) -> Vec<Record> {
        let mut state = self.state();
        let mut taken = Vec::new();
        let mut bytes = 0;
        while taken.len() < BATCH && bytes < BATCH_BYTES {
            let Some(record) = state.backlog.pop_front() else { break };
            let size = size(&record);
            state.bytes -= size;
            state.taken += 1;
            if is_due(&record) {
                bytes += size;
                taken.push(record);
            }
        }
        drop(state);
        self.room.notify_all();
        taken
    }

    /// Takes those who wait for a flush.
    pub(super) fn take_flushes(&self) -> Vec<Flush> {
        std::mem::take(&mut self.state().flushes)
    }

    /// How many records were told of.
    pub(super) fn told(&self) -> u64 {
        self.state().told
    }

    /// How many records of the backlog were taken.
    pub(super) fn taken(&self) -> u64 {
        self.state().taken
    }

    /// Says whether something can be written now; if not, nobody is made to wait for room.
    pub(super) fn set_trouble(&self, is_in_trouble: bool) {
        self.state().is_in_trouble = is_in_trouble;
        self.room.notify_all();
    }

    /// Notes that a record can never be written.
    pub(super) fn give_up(&self) {
        self.state().lost += 1;
    }

    /// An error if records were lost since this was last asked.
    pub(super) fn losses(&self) -> Result<()> {
        match std::mem::take(&mut self.state().lost) {
            0 => Ok(()),
            1 => Err(Error::unavailable("a log line or an artifact could not be kept")),
            lost => {
                Err(Error::unavailable(format!("{lost} log lines or artifacts could not be kept")))
            }
        }
    }
}

/// About how much memory a record takes.
fn size(record: &Record) -> usize {
    match record {
        // It is shared with the run that it belongs to.
        Record::TaskRun(_) => 1024,
        Record::Log(log) => 256 + log.message.len() + 64 * log.fields.len(),
        Record::Artifact(artifact) => 1024 + artifact.data.as_str().map_or(0, str::len),
    }
}

/// Says whether there is still something to write.
pub(super) fn is_due(record: &Record) -> bool {
    match record {
        Record::TaskRun(record) => look(record, |record| record.is_queued),
        Record::Log(_) | Record::Artifact(_) => true,
    }
}
