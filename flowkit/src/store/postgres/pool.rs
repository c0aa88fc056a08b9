//! Pool: threads that each hold a connection and run transactions on it, one after the other.
//!
//! The futures of a transaction's closure stay on one thread, since nobody can promise that they
//! are `Send`; so each thread has an executor of its own. A thread is started when all others are
//! busy, and ends with its connection when it had nothing to do for a while.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::address::Address;
use super::worker::Worker;
use crate::{Error, Result};

/// How many threads there are at most, and how many of them answer long questions.
const THREADS: usize = 4;
const LONG: usize = 3;

/// After how long without work a thread ends.
const IDLE: Duration = Duration::from_secs(60);

/// Something to be done by a thread.
pub(super) type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// Threads that run transactions.
pub(super) struct Pool {
    address: Arc<Address>,
    state: Mutex<State>,
    called: Condvar,
}

#[derive(Default)]
struct State {
    short: VecDeque<Job>,
    long: VecDeque<Job>,
    long_running: usize,
    threads: Vec<JoinHandle<()>>,
    running: usize,
    idle: usize,
    is_closed: bool,
}

/// How long something is expected to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    Short,
    Long,
}

impl State {
    fn next(&mut self) -> Option<(Job, Length)> {
        if let Some(job) = self.short.pop_front() {
            return Some((job, Length::Short));
        }
        // Short ones always find a thread.
        if self.long_running < LONG {
            let job = self.long.pop_front()?;
            self.long_running += 1;
            return Some((job, Length::Long));
        }
        None
    }
}

impl Pool {
    pub(super) fn new(address: Arc<Address>) -> Arc<Self> {
        Arc::new(Self { address, state: Mutex::default(), called: Condvar::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has something done by a thread.
    pub(super) fn put(self: &Arc<Self>, job: Job, length: Length) -> Result<()> {
        let mut state = self.state();
        match length {
            Length::Short => state.short.push_back(job),
            Length::Long => state.long.push_back(job),
        }
        let waiting = state.short.len() + state.long.len();
        if state.idle < waiting && state.running < THREADS {
            let pool = self.clone();
            let thread = thread::Builder::new()
                .name("flowkit-postgres".into())
                .spawn(move || pool.run())
                .map_err(|error| {
                    Error::unavailable("no thread for the database").with_source(error)
                })?;
            state.threads.retain(|thread| !thread.is_finished());
            state.threads.push(thread);
            state.running += 1;
        }
        drop(state);
        self.called.notify_one();
        Ok(())
    }

    fn run(&self) {
        if let Some(mut worker) = Worker::new(self.address.clone()) {
            while let Some((job, length)) = self.wait() {
                // A closure that panics fails its caller, who then hears nothing, and nobody else.
                let done = std::panic::AssertUnwindSafe(|| job(&mut worker));
                if std::panic::catch_unwind(done).is_err() {
                    worker.disconnect();
                }
                if length == Length::Long {
                    self.state().long_running -= 1;
                    self.called.notify_one();
                }
            }
        }
        self.state().running -= 1;
    }

    /// The next thing to do; none when the thread has to end.
    fn wait(&self) -> Option<(Job, Length)> {
        let mut state = self.state();
        loop {
            if let Some(next) = state.next() {
                return Some(next);
            }
            if state.is_closed {
                return None;
            }
            state.idle += 1;
            let (woken, waited) =
                self.called.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if waited.timed_out() && state.short.is_empty() && state.long.is_empty() {
                return None;
            }
        }
    }

    /// Ends the threads when they have done what was asked for.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let threads = std::mem::take(&mut state.threads);
        drop(state);
        self.called.notify_all();
        for thread in threads {
            if thread.thread().id() != thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}
