//! Checkpoints: the write-ahead log is copied into the database before it grows long.
//!
//! Most of it is copied beside the commits, by a connection of its own; only for the rest, and to
//! start the log over, everybody waits. SQLite's own way would be to have some commit do it all.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::connection::{self, Patience, Place, with_patience};
use super::pen::{self, Pen};
use super::shared::Shared;

/// The length of the log, in pages, at which a checkpoint is due: about 32 MB.
pub(super) const FRAMES: u32 = 8000;

/// A log of so many bytes is not left behind: whoever opens the database next would read it all.
const LONG: u64 = 4 << 20;

/// The thread that makes checkpoints, started with the first one.
pub(super) struct Checkpointer {
    shared: Arc<Shared>,
    place: Place,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Checkpointer {
    pub(super) fn new(shared: Arc<Shared>, place: Place) -> Self {
        Self { shared, place, thread: Mutex::new(None) }
    }

    /// Has a checkpoint made now.
    pub(super) fn wake(&self) {
        let Place::File(_) = &self.place else { return };
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = thread.take_if(|thread| !thread.is_finished()) {
            running.thread().unpark();
            *thread = Some(running);
            return;
        }
        let (shared, place) = (self.shared.clone(), self.place.clone());
        let work = move || with_patience(Patience::Short, || run(&shared, &place));
        // Without it the log grows, and the next one that is due tries again.
        *thread = thread::Builder::new().name("flowkit-checkpoint".into()).spawn(work).ok();
    }

    /// Cuts a long log off at the end, unless another process needs it.
    pub(super) fn cut_off(&self, pen: &Pen) {
        let Place::File(path) = &self.place else { return };
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        if std::fs::metadata(log).is_ok_and(|log| log.len() >= LONG) {
            // What stays is read by the next one.
            let _ = pen::in_passing(|| pragma(&pen.connection, "PRAGMA wal_checkpoint(TRUNCATE)"));
        }
    }

    /// Waits for the thread, which was told to end.
    pub(super) fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared, place: &Place) {
    let Ok(connection) = connection::open(place) else { return };
    while !shared.is_closed.load(SeqCst) {
        let next = checkpoint(shared, &connection).unwrap_or(FRAMES);
        shared.checkpoint_at.store(next, SeqCst);
        thread::park();
    }
}

/// Makes a checkpoint, and says at which length of the log the next one is due.
fn checkpoint(shared: &Shared, connection: &Connection) -> rusqlite::Result<u32> {
    pragma(connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
    let (is_busy, frames) =
        shared.with_pen(|_| pragma(connection, "PRAGMA wal_checkpoint(RESTART)"))?;
    // A reader that stays holds the log; it is looked after when it has grown again.
    Ok(if is_busy { frames.saturating_add(FRAMES) } else { FRAMES })
}

/// Whether somebody was in the way, and how long the log is.
fn pragma(connection: &Connection, sql: &str) -> rusqlite::Result<(bool, u32)> {
    connection.query_row(sql, [], |row| {
        Ok((row.get::<_, i64>(0)? != 0, u32::try_from(row.get::<_, i64>(1)?).unwrap_or(0)))
    })
}
