//! Backlog: what was handed over to be written soon. Bounded, and nothing in it is lost.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::entry::{Entry, SharedRecord};
use crate::{Error, Result};

/// How many bytes may wait. At its usual pace the writer never lets a tenth of it gather.
const LIMIT: usize = 64 << 20;

/// How many entries and bytes are written in one transaction.
const BATCH: usize = 1000;
const BATCH_BYTES: usize = 8 << 20;

/// What was handed over to be written soon.
#[derive(Default)]
pub(super) struct Backlog {
    state: Mutex<State>,
    room: Condvar,
}

#[derive(Default)]
struct State {
    /// None where one was withdrawn.
    entries: VecDeque<Option<Entry>>,
    /// How many entries were ever taken from the front.
    passed: u64,
    bytes: usize,
    /// Why the last attempt to write failed, if it did.
    trouble: Option<Error>,
    /// How many entries could not be kept since the last flush.
    lost: u64,
}

impl Backlog {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an entry and says its ticket; waits for room if there is none.
    ///
    /// While the database cannot be written at all there is nothing to wait for: what does not fit
    /// then is not kept, and the next flush says so.
    pub(super) fn push(&self, entry: Entry) -> u64 {
        let mut state = self.state();
        while state.bytes > LIMIT && state.trouble.is_none() {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.bytes > LIMIT {
            state.lost += 1;
            return u64::MAX;
        }
        state.bytes += entry.size();
        state.entries.push_back(Some(entry));
        state.passed.wrapping_add(state.entries.len() as u64 - 1)
    }

    /// Takes a task run out that was written otherwise, so that it ends where it was made.
    pub(super) fn withdraw(&self, ticket: u64, record: &SharedRecord) {
        let mut state = self.state();
        let index = usize::try_from(ticket.wrapping_sub(state.passed)).unwrap_or(usize::MAX);
        // After trouble others may stand there.
        let Some(entry) = state.entries.get_mut(index) else { return };
        let Some(withdrawn) = entry.take_if(|entry| entry.is_of(record)) else { return };
        state.bytes -= withdrawn.size();
        while state.entries.front().is_some_and(Option::is_none) {
            state.entries.pop_front();
            state.passed = state.passed.wrapping_add(1);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.state().entries.is_empty()
    }

    /// Takes the next entries out that are still to be written; none if there are none.
    pub(super) fn take(&self) -> Vec<Entry> {
        let mut state = self.state();
        let mut taken = Vec::new();
        let mut bytes = 0;
        while taken.len() < BATCH && bytes < BATCH_BYTES {
            let Some(entry) = state.entries.pop_front() else { break };
            state.passed = state.passed.wrapping_add(1);
            let Some(entry) = entry else { continue };
            state.bytes -= entry.size();
            if entry.is_due() {
                bytes += entry.size();
                taken.push(entry);
            }
        }
        drop(state);
        self.room.notify_all();
        taken
    }

    /// Puts entries back that could not be written now.
    pub(super) fn put_back(&self, entries: Vec<Entry>, trouble: Error) {
        let mut state = self.state();
        state.bytes += entries.iter().map(Entry::size).sum::<usize>();
        for entry in entries.into_iter().rev() {
            state.entries.push_front(Some(entry));
            state.passed = state.passed.wrapping_sub(1);
        }
        state.trouble = Some(trouble);
        drop(state);
        self.room.notify_all();
    }

    /// Notes that an entry can never be written.
    pub(super) fn give_up(&self) {
        self.state().lost += 1;
    }

    /// Notes that writing works.
    pub(super) fn all_is_well(&self) {
        self.state().trouble = None;
    }

    /// Says whether the last attempt to write failed.
    pub(super) fn is_in_trouble(&self) -> bool {
        self.state().trouble.is_some()
    }

    /// An error if entries were lost since this was last asked.
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
