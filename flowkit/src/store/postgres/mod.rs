//! Postgres: a database that many processes on many machines share.
//!
//! Transactions run on a few threads, each with a connection of its own; what runs tell goes to one
//! writer, many rows to a statement; a listener hears what others change, while somebody wants to
//! know. No tokio runtime of the caller is needed for any of it.
//!
//! Where SQLite lets one transaction write at a time, here only those keep each other out that are
//! about the same subject ([`Access`](transaction::Access)); whoever does not name a subject keeps
//! out all. So what an answer has read is still true when it writes, whichever database it is.
//!
//! A connection that is lost is made again, and what was under way on it is found out or done
//! again, for as long as a minute.
//!
//! - `address`, `tls`, `error`: which server, how to get there, what it complains of.
//! - `dialect`, `value`: what is said otherwise than to SQLite.
//! - `session`, `transaction`, `worker`, `pool`: connections and who runs what on them.
//! - `line`, `batch`, `writer`: what runs tell.
//! - `open`, `maintenance`, `listener`: the database as a whole.

mod address;
mod batch;
mod dialect;
mod error;
mod line;
mod listener;
mod maintenance;
mod open;
mod pool;
mod session;
mod tls;
mod transaction;
mod value;
mod worker;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};

use self::address::Address;
use self::line::{Awaited, Line, SharedRecord};
use self::listener::Listener;
use self::pool::{Length, Pool};
use self::transaction::Access;
pub(crate) use self::transaction::Transaction;
use self::worker::{Link, Worker};
use self::writer::Writer;
use super::changes::Bell;
use super::tx::Tx;
use crate::wire::{Record, look};
use crate::{Durability, Error, Result, Timestamp, chance};

/// A database of a Postgres server.
pub(super) struct Postgres {
    pool: Arc<Pool>,
    line: Arc<Line>,
    listener: Listener,
    bell: Arc<Bell>,
    note: Arc<str>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Postgres {
    /// Connects to the database of that address, and brings its tables up to date.
    pub(super) async fn open(url: &str, now: Timestamp) -> Result<Self> {
        let address = Arc::new(Address::parse(url)?);
        let (line, bell) = (Arc::new(Line::default()), Arc::new(Bell::default()));
        let own = chance::new_id(now).simple().to_string();
        let note: Arc<str> = Listener::note(&own).into();
        let store = Self {
            pool: Pool::new(address.clone()),
            line: line.clone(),
            listener: Listener::new(address.clone(), bell.clone(), own),
            bell: bell.clone(),
            note: note.clone(),
            writer: Mutex::default(),
        };
        store
            .on_link(Length::Short, async move |link: &mut Link| open::open(link, now).await)
            .await?;
        let write = move || {
            if let Ok(executor) = Builder::new_current_thread().enable_all().build() {
                executor.block_on(Writer::new(line, address, bell, note).run());
            }
        };
        let writer = thread::Builder::new().name("flowkit-writer".into()).spawn(write);
        let writer = writer
            .map_err(|error| Error::unavailable("no thread to write with").with_source(error))?;
        *store.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer);
        Ok(store)
    }

    /// Has something written soon.
    pub(super) fn record(&self, record: Record) {
        if let Record::TaskRun(record) = &record
            && look(record, |record| std::mem::replace(&mut record.is_queued, true))
        {
            return;
        }
        self.line.tell(record);
    }

    /// Returns once a task run is kept.
    pub(super) async fn commit(&self, record: &SharedRecord, durability: Durability) -> Result<()> {
        if durability == Durability::Relaxed {
            self.record(Record::TaskRun(record.clone()));
            return Ok(());
        }
        let (waiter, kept) = oneshot::channel();
        self.line.put(Awaited { record: record.clone(), durability, waiter });
        kept.await.unwrap_or_else(|_| Err(gave_no_answer()))
    }

    /// Returns once everything recorded so far is kept. Every flush waits for the server's disk.
    pub(super) async fn flush(&self) -> Result<()> {
        let (waiter, kept) = oneshot::channel();
        self.line.flush(waiter);
        kept.await.unwrap_or_else(|_| Err(gave_no_answer()))
    }

    /// Runs a transaction that writes, while no other one does.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
        T: Send + 'static,
    {
        self.change(Access::Everything, work).await
    }

    /// Runs a transaction that writes, while no other one does about the same subject.
    pub(super) async fn write_about<T, F>(&self, subject: u128, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
        T: Send + 'static,
    {
        self.change(Access::Subject(subject), work).await
    }

    async fn change<T, F>(&self, access: Access, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
        T: Send + 'static,
    {
        let (bell, note) = (self.bell.clone(), self.note.clone());
        let (waiter, done) = oneshot::channel();
        let change = async move |link: &mut Link| {
            let result = link.transact(access, work).await;
            let is_changed = result.is_ok();
            // Whoever stopped waiting need not be told.
            let _ = waiter.send(result);
            if is_changed {
                bell.ring();
                link.say(&note).await;
            }
        };
        self.pool.put(Box::new(move |worker| worker.block_on(change)), Length::Short)?;
        done.await.unwrap_or_else(|_| Err(gave_no_answer()))
    }

    /// Answers a short question.
    pub(super) async fn read<T, F>(&self, ask: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
        T: Send + 'static,
    {
        let ask = async move |link: &mut Link| link.transact(Access::Read, ask).await;
        self.on_link(Length::Short, ask).await
    }

    /// Answers a question that may take long.
    pub(super) async fn scan<T, F>(&self, ask: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
        T: Send + 'static,
    {
        let ask = async move |link: &mut Link| link.transact(Access::Read, ask).await;
        self.on_link(Length::Long, ask).await
    }

    /// Deletes everything but the definitions of tasks, whose ids other processes remember.
    pub(super) async fn reset(&self) -> Result<()> {
        // What is still to be written is written first, so that it does not come back.
        self.flush().await?;
        self.on_link(Length::Short, maintenance::reset).await
    }

    /// Gives the room that deleted rows took to new ones.
    pub(super) async fn vacuum(&self) -> Result<()> {
        self.on_link(Length::Long, maintenance::vacuum).await
    }

    /// Lets the database behave as if its disk were full, or no longer.
    #[cfg(feature = "testing")]
    pub(super) async fn fill_disk(&self, is_full: bool) -> Result<()> {
        let fill = async move |link: &mut Link| maintenance::fill_disk(link, is_full).await;
        self.on_link(Length::Short, fill).await
    }

    /// Hears every change that comes after this has returned.
    pub(super) async fn listen(&self) -> Result<watch::Receiver<u64>> {
        self.listener.listen().await
    }

    /// A number that changes when another process has changed the database.
    pub(super) async fn foreign_changes(&self) -> Result<u64> {
        self.listener.foreign_changes().await
    }

    /// Has something done by a thread of the pool.
    async fn on_link<T, F>(&self, length: Length, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Link) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (waiter, done) = oneshot::channel();
        let job = move |worker: &mut Worker| drop(waiter.send(worker.block_on(work)));
        self.pool.put(Box::new(job), length)?;
        done.await.unwrap_or_else(|_| Err(gave_no_answer()))
    }
}

fn gave_no_answer() -> Error {
    Error::internal("the database was closed, or the transaction panicked")
}

/// Writes what was recorded and ends the threads.
impl Drop for Postgres {
    fn drop(&mut self) {
        self.line.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _ = writer.join();
        }
        self.pool.close();
        self.listener.close();
    }
}
