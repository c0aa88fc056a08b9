//! Shared: what the callers, the writer and the checkpointer of one database share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread::Thread;

use super::backlog::Backlog;
use super::entry::{Awaited, Entry, Waiter};
use super::pen::{self, Pen, Trouble};
use super::{checkpoint, entry};
use crate::Result;

/// Something that has to be done with the pen, by the writer.
pub(super) type Job = Box<dyn FnOnce(&Shared, &mut Pen) + Send>;

/// How many commits are written in one transaction.
const BATCH: usize = 1000;

/// What the callers, the writer and the checkpointer of one database share.
pub(super) struct Shared {
    pen: Mutex<Pen>,
    /// Commits that somebody waits for.
    waiting: Mutex<VecDeque<Awaited>>,
    /// Commits that have to survive the loss of power.
    pub(super) waiting_for_power: Mutex<Vec<Awaited>>,
    pub(super) jobs: Mutex<VecDeque<Job>>,
    pub(super) backlog: Backlog,
    /// Somebody waits for the pen and will look at everything that waits.
    is_wanted: AtomicBool,
    /// The writer was called and has not yet looked.
    pub(super) is_called: AtomicBool,
    /// The writer sleeps until it is woken.
    pub(super) is_idle: AtomicBool,
    pub(super) is_closed: AtomicBool,
    pub(super) crowd: Crowd,
    /// The length of the write-ahead log at which a checkpoint is due.
    pub(super) checkpoint_at: AtomicU32,
    pub(super) is_checkpoint_due: AtomicBool,
    writer: OnceLock<Thread>,
}

/// Whether commits come one after another or many at once.
#[derive(Default)]
pub(super) struct Crowd {
    /// Task runs that have begun and not ended.
    active: AtomicUsize,
    /// How many more commits are taken for lonely ones although others are active.
    lonely: AtomicUsize,
    /// How many batches in a row held a single commit.
    singles: AtomicUsize,
}

impl Crowd {
    /// Notes that a task run that was going on or not now is or is not.
    pub(super) fn note(&self, was_active: bool, is_active: bool) {
        match (was_active, is_active) {
            (false, true) => drop(self.active.fetch_add(1, SeqCst)),
            (true, false) => {
                let _ = self.active.fetch_update(SeqCst, SeqCst, |active| active.checked_sub(1));
            }
            (true, true) | (false, false) => {}
        }
    }

    /// Says whether it is worth while to wait for others and write together.
    fn gathers(&self) -> bool {
        self.active.load(SeqCst) > 1 && self.lonely.load(SeqCst) == 0
    }

    /// Notes that two wanted to write at once.
    fn met(&self) {
        self.lonely.store(0, SeqCst);
    }

    /// Notes that a commit was written by itself.
    fn went_alone(&self) {
        let _ = self.lonely.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
    }

    /// Notes how many were written together.
    ///
    /// A loop of short tasks beside long ones that only sleep has nobody to gather with: after some
    /// batches of one it goes alone for a while.
    fn wrote(&self, together: usize) {
        if together > 1 {
            self.singles.store(0, SeqCst);
        } else if self.singles.fetch_add(1, SeqCst) >= 8 {
            self.singles.store(0, SeqCst);
            self.lonely.store(1000, SeqCst);
        }
    }
}

/// How an attempt to commit at once went.
pub(super) enum AtOnce {
    Done(Result<()>),
    /// Somebody else holds the pen.
    Taken,
    /// Another process is in the way.
    Busy,
}

impl Shared {
    pub(super) fn new(pen: Pen) -> Self {
        Self {
            pen: Mutex::new(pen),
            waiting: Mutex::default(),
            waiting_for_power: Mutex::default(),
            jobs: Mutex::default(),
            backlog: Backlog::default(),
            is_wanted: AtomicBool::new(false),
            is_called: AtomicBool::new(false),
            is_idle: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            crowd: Crowd::default(),
            checkpoint_at: AtomicU32::new(checkpoint::FRAMES),
            is_checkpoint_due: AtomicBool::new(false),
            writer: OnceLock::new(),
        }
    }

    pub(super) fn set_writer(&self, writer: Thread) {
        // There is one writer, and this is called once, when it is started.
        let _ = self.writer.set(writer);
    }

    /// The pen, if nobody holds it or waits for it.
    pub(super) fn try_pen(&self) -> Option<MutexGuard<'_, Pen>> {
        if self.is_wanted.load(SeqCst) {
            return None;
        }
        match self.pen.try_lock() {
            Ok(pen) => Some(pen),
            Err(TryLockError::Poisoned(pen)) => Some(pen.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Does something with the pen as soon as it is free, then writes what gathered meanwhile.
    ///
    /// Those who try to get the pen leave it to a thread that waits for it, since a loop of commits
    /// would otherwise hardly ever let go of it.
    pub(super) fn with_pen<T>(&self, work: impl FnOnce(&mut Pen) -> T) -> T {
        self.is_wanted.store(true, SeqCst);
        let mut pen = self.pen.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_wanted.store(false, SeqCst);
        let done = work(&mut pen);
        self.note_log();
        drop(pen);
        self.write_waiting();
        done
    }

    /// Wakes the writer, unless it was called and has not yet looked.
    pub(super) fn call_writer(&self) {
        if !self.is_called.swap(true, SeqCst) {
            self.wake_writer();
        }
    }

    pub(super) fn wake_writer(&self) {
        if let Some(writer) = self.writer.get() {
            writer.unpark();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Awaited>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_anybody_waiting(&self) -> bool {
        !self.waiting().is_empty()
    }

    /// Commits a task run here and now, or has it written with others.
    pub(super) fn commit(&self, record: entry::SharedRecord, waiter: Waiter) {
        if self.crowd.gathers() {
            self.wait_in_line(record, waiter);
            self.call_writer();
            return;
        }
        match self.commit_at_once(&record) {
            AtOnce::Done(result) => {
                self.write_waiting();
                let _ = waiter.send(result);
            }
            AtOnce::Taken => {
                self.wait_in_line(record, waiter);
                self.write_waiting();
            }
            AtOnce::Busy => {
                self.wait_in_line(record, waiter);
                self.call_writer();
            }
        }
    }

    fn wait_in_line(&self, record: entry::SharedRecord, waiter: Waiter) {
        self.waiting().push_back(Awaited { entry: Entry::TaskRun(record), waiter });
    }

    fn commit_at_once(&self, record: &entry::SharedRecord) -> AtOnce {
        let Some(mut pen) = self.try_pen() else {
            self.crowd.met();
            return AtOnce::Taken;
        };
        self.crowd.went_alone();
        if self.is_anybody_waiting() {
            return AtOnce::Taken;
        }
        let written = pen::in_passing(|| match entry::write_one(&mut pen, record) {
            Some(written) => written,
            None => entry::write_all(&mut pen, [&Entry::TaskRun(record.clone())]),
        });
        self.note_log();
        match written {
            Ok(()) => AtOnce::Done(Ok(())),
            Err(Trouble::Busy) => AtOnce::Busy,
            Err(Trouble::Failed(error)) => AtOnce::Done(Err(error)),
        }
    }

    /// Writes whatever waits until nothing waits, or leaves it to whoever holds the pen.
    ///
    /// No commit is forgotten: it is put in line before the pen is tried, and whoever let go of the
    /// pen looks at the line again. Called with nothing held.
    pub(super) fn write_waiting(&self) {
        while self.is_anybody_waiting() {
            let Some(mut pen) = self.try_pen() else { return };
            let written = pen::in_passing(|| self.write_line(&mut pen));
            self.note_log();
            drop(pen);
            if written.is_err() {
                // Only the writer may wait for another process.
                self.call_writer();
                return;
            }
        }
    }

    /// Writes the line of waiting commits; busy leaves it as it was.
    pub(super) fn write_line(&self, pen: &mut Pen) -> Result<(), Trouble> {
        loop {
            let batch: Vec<_> = {
                let mut waiting = self.waiting();
                let size = waiting.len().min(BATCH);
                waiting.drain(..size).collect()
            };
            if batch.is_empty() {
                return Ok(());
            }
            self.crowd.wrote(batch.len());
            if let Err(batch) = write_batch(pen, batch) {
                let mut waiting = self.waiting();
                batch.into_iter().rev().for_each(|awaited| waiting.push_front(awaited));
                return Err(Trouble::Busy);
            }
        }
    }

    /// Fails everybody in the line, when another process must be taken for stuck.
    pub(super) fn fail_line(&self, trouble: Trouble) {
        let error = trouble.into_error();
        for awaited in self.waiting().drain(..) {
            let _ = awaited.waiter.send(Err(error.clone()));
        }
    }

    /// Has a checkpoint made when this thread's work made the write-ahead log long.
    pub(super) fn note_log(&self) {
        let frames = pen::take_log_frames();
        if frames >= self.checkpoint_at.load(SeqCst) {
            self.checkpoint_at.store(u32::MAX, SeqCst);
            self.is_checkpoint_due.store(true, SeqCst);
            self.call_writer();
        }
    }
}

/// Writes a batch and tells those who wait for it; gives it back if another process is in the way.
pub(super) fn write_batch(pen: &mut Pen, batch: Vec<Awaited>) -> Result<(), Vec<Awaited>> {
    let written = match batch.as_slice() {
        [Awaited { entry: Entry::TaskRun(record), .. }] => entry::write_one(pen, record),
        _ => None,
    };
    let written = written
        .unwrap_or_else(|| entry::write_all(pen, batch.iter().map(|awaited| &awaited.entry)));
    match written {
        Ok(()) => tell(batch, &Ok(())),
        Err(Trouble::Busy) => return Err(batch),
        Err(Trouble::Failed(error)) if batch.len() > 1 && super::error::is_hopeless(&error) => {
            // One of them spoils it for all; each by itself only fails for itself.
            let mut batch = batch.into_iter();
            while let Some(awaited) = batch.next() {
                if let Err(unwritten) = write_batch(pen, vec![awaited]) {
                    return Err(unwritten.into_iter().chain(batch).collect());
                }
            }
        }
        Err(Trouble::Failed(error)) => tell(batch, &Err(error)),
    }
    Ok(())
}

/// Tells all who wait for a batch how it went.
pub(super) fn tell(batch: Vec<Awaited>, result: &Result<()>) {
    for awaited in batch {
        // Whoever stopped waiting need not be told.
        let _ = awaited.waiter.send(result.clone());
    }
}
