//! SQLite: one connection writes, others read, and nobody ever sees "database is locked".
//!
//! Whoever has something to write tries to get the connection that writes (the *pen*) and, when it
//! is free, writes in passing: a commit of one row takes less than waking a thread. Where task runs
//! go on at once their commits stand in line; the first one lets its executor run what is ready and
//! then writes all that came, in one transaction. So an async thread is never blocked for longer
//! than one short write of its own or a few batches; whatever may take long (the disk, another
//! process) is waited for by the writer thread alone. No tokio runtime is needed for any of it.
//!
//! - `connection`, `open`: how connections are set, how the file is made.
//! - `pen`, `statement`: transactions, executed in place.
//! - `shared`, `entry`, `backlog`: the line of commits and what is written soon.
//! - `writer`, `checkpoint`, `reader`, `watch`: the threads.

mod backlog;
mod checkpoint;
mod connection;
mod entry;
mod error;
mod maintenance;
mod open;
mod pen;
#[cfg(test)]
pub(super) mod plan;
mod reader;
mod shared;
mod statement;
mod watch;
mod writer;

use std::path::Path;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use self::checkpoint::Checkpointer;
use self::connection::Place;
use self::entry::{Awaited, Entry, SharedRecord};
use self::pen::{Access, Pen, Trouble};
use self::reader::Readers;
use self::shared::{Job, Shared};
pub(super) use self::statement::{execute, query, script};
use super::changes::Bell;
use super::tx::Tx;
use crate::Timestamp;
use crate::model::State;
use crate::wire::{Record, TaskRunRecord, look};
use crate::{Durability, Error, Result};

/// A SQLite database.
pub(super) struct Sqlite {
    shared: Arc<Shared>,
    /// None for a database in memory, which only its one connection can see.
    readers: Option<Arc<Readers>>,
    checkpointer: Arc<Checkpointer>,
    writer: Mutex<Option<JoinHandle<()>>>,
    bell: Arc<Bell>,
}

impl Sqlite {
    pub(super) fn open_file(path: &Path, now: Timestamp) -> Result<Self> {
        // What the path means must not change when the program changes its folder.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let place = Place::File(path.clone());
        Self::start(place, Some(Readers::new(path)), now)
    }

    pub(super) fn open_in_memory(now: Timestamp) -> Result<Self> {
        Self::start(Place::Memory, None, now)
    }

    fn start(place: Place, readers: Option<Arc<Readers>>, now: Timestamp) -> Result<Self> {
        let pen = open::open(&place, now)?;
        let is_fresh = pen.is_fresh;
        let shared = Arc::new(Shared::new(pen));
        let checkpointer = Arc::new(Checkpointer::new(shared.clone(), place));
        shared.is_checkpoint_due.store(is_fresh, SeqCst);
        let of_writer = (shared.clone(), checkpointer.clone());
        let writer = thread::Builder::new()
            .name("flowkit-writer".into())
            .spawn(move || writer::run(&of_writer.0, &of_writer.1))
            .map_err(|error| Error::unavailable("no thread to write with").with_source(error))?;
        shared.set_writer(writer.thread().clone());
        Ok(Self {
            shared,
            readers,
            checkpointer,
            writer: Mutex::new(Some(writer)),
            bell: Arc::default(),
        })
    }

    /// Has something written soon.
    pub(super) fn record(&self, record: Record) {
        let shared = &self.shared;
        match record {
            Record::TaskRun(record) => {
                let before = look(&record, |record| {
                    let before = Told::of(record);
                    record.is_queued = true;
                    before
                });
                shared.crowd.note(before.is_active, !before.is_over);
                if before.is_queued {
                    return;
                }
                let ticket = shared.backlog.push(Entry::TaskRun(record.clone()));
                look(&record, |record| record.ticket = ticket);
            }
            Record::Log(log) => drop(shared.backlog.push(Entry::Log(log))),
            Record::Artifact(artifact) => drop(shared.backlog.push(Entry::Artifact(artifact))),
        }
        shared.keep_writer_awake();
    }

    /// Returns once a task run is kept.
    pub(super) async fn commit(&self, record: &SharedRecord, durability: Durability) -> Result<()> {
        if durability == Durability::Relaxed {
            self.record(Record::TaskRun(record.clone()));
            return Ok(());
        }
        let (told, ticket) = look(record, |record| (Told::of(record), record.ticket));
        let _leaving = Leaving { shared: &self.shared, was_active: told.is_active };
        if durability == Durability::Process {
            self.shared.commit(record).await?;
            if told.is_queued {
                self.shared.backlog.withdraw(ticket, record);
            }
            self.bell.ring();
            return Ok(());
        }
        let (waiter, written) = oneshot::channel();
        let awaited = Awaited { entry: Entry::TaskRun(record.clone()), waiter };
        let waiting = &self.shared.waiting_for_power;
        waiting.lock().unwrap_or_else(PoisonError::into_inner).push(awaited);
        self.shared.call_writer();
        let kept = written.await.unwrap_or_else(|_| Err(gave_no_answer()));
        self.bell.ring();
        kept
    }

    /// Returns once everything recorded so far is kept.
    pub(super) async fn flush(&self, durability: Durability) -> Result<()> {
        self.have_done(move |shared, pen| writer::flush(shared, pen, durability)).await
    }

    /// Lets the database behave as if its disk were full, or no longer.
    #[cfg(any(test, feature = "testing"))]
    pub(super) async fn fill_disk(&self, is_full: bool) -> Result<()> {
        self.have_done(move |_, pen| maintenance::fill_disk(pen, is_full)).await
    }

    /// Gives the room that deleted rows took back to the disk.
    pub(super) async fn vacuum(&self) -> Result<()> {
        self.have_done(|_, pen| script(&pen.connection, maintenance::VACUUM)).await
    }

    /// Deletes everything but the definitions of tasks, whose ids other processes remember.
    pub(super) async fn reset(&self) -> Result<()> {
        self.have_done(maintenance::reset).await
    }

    /// A number that changes when another connection has changed the database.
    pub(super) async fn foreign_changes(&self) -> Result<u64> {
        self.have_done(|_, pen| maintenance::data_version(pen)).await
    }

    /// Hears every change that comes after this has returned.
    pub(super) async fn listen(&self) -> Result<tokio::sync::watch::Receiver<u64>> {
        watch::listen(&self.shared, &self.bell).await
    }

    /// Runs a transaction that writes.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let done = match self.transact_at_once(Access::Write, work) {
            Ok(result) => result,
            Err(later) => later.await.unwrap_or_else(|_| Err(gave_no_answer())),
        };
        self.bell.ring();
        done
    }

    /// Answers a short question.
    pub(super) async fn read<T, F>(&self, ask: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        if let Some(readers) = &self.readers {
            return readers.answer(ask);
        }
        match self.transact_at_once(Access::Read, ask) {
            Ok(result) => result,
            Err(later) => later.await.unwrap_or_else(|_| Err(gave_no_answer())),
        }
    }

    /// Answers a question that may take long.
    pub(super) async fn scan<T, F>(&self, ask: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let Some(readers) = &self.readers else { return self.read(ask).await };
        let (waiter, answer) = oneshot::channel();
        readers.ask(Box::new(move |readers| {
            let _ = waiter.send(readers.answer(ask));
        }))?;
        answer.await.unwrap_or_else(|_| Err(gave_no_answer()))
    }

    /// Runs a transaction in passing, or leaves it to the writer.
    fn transact_at_once<T, F>(
        &self,
        access: Access,
        work: F,
    ) -> Result<Result<T>, oneshot::Receiver<Result<T>>>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let shared = &self.shared;
        if let Some(mut pen) = shared.try_pen()
            && !shared.is_anybody_waiting()
        {
            let done = pen::in_passing(|| match pen.begin(access) {
                Ok(begun) => Ok(begun.run(work)),
                Err(Trouble::Failed(error)) => Ok(Err(error)),
                Err(Trouble::Busy) => Err(work),
            });
            shared.note_log();
            drop(pen);
            match done {
                Ok(result) => {
                    shared.write_waiting();
                    return Ok(result);
                }
                Err(work) => return Err(self.transact_later(access, work)),
            }
        }
        Err(self.transact_later(access, work))
    }

    fn transact_later<T, F>(&self, access: Access, work: F) -> oneshot::Receiver<Result<T>>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (waiter, done) = oneshot::channel();
        self.put_job(Box::new(move |_: &Shared, pen: &mut Pen| {
            let _ = waiter.send(pen.transact(access, work));
        }));
        done
    }

    /// Has the writer do something with the pen.
    async fn have_done<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared, &mut Pen) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (waiter, done) = oneshot::channel();
        self.put_job(Box::new(move |shared, pen| {
            // Whoever stopped waiting need not be told.
            let _ = waiter.send(work(shared, pen));
        }));
        done.await.unwrap_or_else(|_| Err(gave_no_answer()))
    }

    fn put_job(&self, job: Job) {
        self.shared.jobs.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
        self.shared.call_writer();
    }
}

/// What the store was told of a task run before.
struct Told {
    /// It is still to be written.
    is_queued: bool,
    /// It was going on.
    is_active: bool,
    /// It has ended.
    is_over: bool,
}

impl Told {
    fn of(record: &TaskRunRecord) -> Self {
        let is_written_active = record.stored_as.is_some_and(|kind| !kind.is_terminal());
        Self {
            is_queued: record.is_queued,
            is_active: record.is_queued || is_written_active,
            is_over: record.state().is_some_and(State::is_terminal),
        }
    }
}

/// Notes that a task run is no longer going on, even if nobody waits for its end any more.
struct Leaving<'s> {
    shared: &'s Shared,
    was_active: bool,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.shared.crowd.note(self.was_active, false);
    }
}

fn gave_no_answer() -> Error {
    Error::internal("the database was closed, or the transaction panicked")
}

/// Writes what was recorded and ends the threads.
impl Drop for Sqlite {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, SeqCst);
        self.shared.wake_writer();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer.filter(|writer| writer.thread().id() != thread::current().id())
        {
            let _ = writer.join();
        }
        self.checkpointer.join();
        if let Some(readers) = &self.readers {
            readers.close();
        }
    }
}

#[cfg(test)]
mod tests;
