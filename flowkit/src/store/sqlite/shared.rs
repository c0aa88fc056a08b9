//! Shared: what the callers, the writer and the checkpointer of one database share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread::Thread;

use tokio::sync::oneshot;

use super::backlog::Backlog;
use super::entry::{Awaited, Entry, Waiter};
use super::pen::{self, Pen, Trouble};
use super::{checkpoint, entry, gave_no_answer};
use crate::Result;

/// Something that has to be done with the pen, by the writer.
pub(super) type Job = Box<dyn FnOnce(&Shared, &mut Pen) + Send>;

/// How many commits are written in one transaction.
const BATCH: usize = 1000;

/// How many batches an async thread writes before it goes back to its other work.
const IN_PASSING: u32 = 8;

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

/// How many task runs have begun and not ended.
#[derive(Default)]
pub(super) struct Crowd(AtomicUsize);

impl Crowd {
    /// Notes that a task run that was going on or not now is or is not.
    pub(super) fn note(&self, was_active: bool, is_active: bool) {
        match (was_active, is_active) {
            (false, true) => drop(self.0.fetch_add(1, SeqCst)),
            (true, false) => {
                let _ = self.0.fetch_update(SeqCst, SeqCst, |active| active.checked_sub(1));
            }
            (true, true) | (false, false) => {}
        }
    }

    /// Says whether a task run that is about to commit is not the only one.
    fn gathers(&self) -> bool {
        self.0.load(SeqCst) > 1
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

    /// Commits a task run: here and now if it is alone, else together with those that come, too.
    pub(super) async fn commit(&self, record: &entry::SharedRecord) -> Result<()> {
        let (waiter, written) = oneshot::channel();
        if self.crowd.gathers() {
            if self.wait_in_line(record.clone(), waiter) {
                self.lead().await;
            }
        } else {
            match self.commit_at_once(record) {
                AtOnce::Done(result) => {
                    self.write_waiting();
                    return result;
                }
                AtOnce::Taken => {
                    self.wait_in_line(record.clone(), waiter);
                    self.write_waiting();
                }
                AtOnce::Busy => {
                    self.wait_in_line(record.clone(), waiter);
                    self.call_writer();
                }
            }
        }
        written.await.unwrap_or_else(|_| Err(gave_no_answer()))
    }

    /// Lets those that are ready to commit come to the line, then writes it.
    ///
    /// Whoever finds the line empty leads it, so there is always somebody who does.
    async fn lead(&self) {
        let mut leading = Leading { shared: self, is_back: false };
        // The writer looks at the line now and then, in case this thread does not come back soon.
        self.keep_writer_awake();
        tokio::task::yield_now().await;
        leading.is_back = true;
        self.write_waiting();
    }

    /// Says whether the line was empty.
    fn wait_in_line(&self, record: entry::SharedRecord, waiter: Waiter) -> bool {
        let mut waiting = self.waiting();
        waiting.push_back(Awaited { entry: Entry::TaskRun(record), waiter });
        waiting.len() == 1
    }

    /// Wakes the writer if it sleeps.
    pub(super) fn keep_writer_awake(&self) {
        if self.is_idle.load(SeqCst) && self.is_idle.swap(false, SeqCst) {
            self.wake_writer();
        }
    }

    fn commit_at_once(&self, record: &entry::SharedRecord) -> AtOnce {
        let Some(mut pen) = self.try_pen() else { return AtOnce::Taken };
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

    /// Writes whatever waits, or leaves it to whoever holds the pen.
    ///
    /// No commit is forgotten: it is put in line before the pen is tried, and whoever let go of the
    /// pen looks at the line again. Called with nothing held.
    pub(super) fn write_waiting(&self) {
        for _ in 0..IN_PASSING {
            if !self.is_anybody_waiting() {
                return;
            }
            let Some(mut pen) = self.try_pen() else { return };
            let written = pen::in_passing(|| self.write_next(&mut pen));
            self.note_log();
            drop(pen);
            if written.is_err() {
                break;
            }
        }
        // Only the writer may wait for another process, or go on for ever.
        if self.is_anybody_waiting() {
            self.call_writer();
        }
    }

    /// Writes the line of waiting commits; busy leaves it as it was.
    pub(super) fn write_line(&self, pen: &mut Pen) -> Result<(), Trouble> {
        while self.is_anybody_waiting() {
            self.write_next(pen)?;
        }
        Ok(())
    }

    fn write_next(&self, pen: &mut Pen) -> Result<(), Trouble> {
        let batch: Vec<_> = {
            let mut waiting = self.waiting();
            let size = waiting.len().min(BATCH);
            waiting.drain(..size).collect()
        };
        if batch.is_empty() {
            return Ok(());
        }
        write_batch(pen, batch).map_err(|batch| {
            let mut waiting = self.waiting();
            batch.into_iter().rev().for_each(|awaited| waiting.push_front(awaited));
            Trouble::Busy
        })
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

/// Has the writer do it when whoever leads the line is dropped.
struct Leading<'s> {
    shared: &'s Shared,
    is_back: bool,
}

impl Drop for Leading<'_> {
    fn drop(&mut self) {
        if !self.is_back {
            self.shared.call_writer();
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
