//! Connections: how they are set, and how long they wait for other processes.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// Where the database is.
#[derive(Debug, Clone)]
pub(super) enum Place {
    File(PathBuf),
    Memory,
}

/// How long a thread waits for another process to let go of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Not at all: whoever calls has somebody else to wait.
    None,
    /// As long as nobody minds.
    Short,
    /// Until the other process must be taken for stuck.
    Long,
}

impl Patience {
    const fn naps(self) -> i32 {
        match self {
            Self::None => 0,
            Self::Short => 100,
            Self::Long => 1_000_000,
        }
    }
}

/// About how long a nap is; SQLite's own backoff goes up to a tenth of a second.
const NAP: Duration = Duration::from_micros(200);

thread_local! {
    static PATIENCE: Cell<Patience> = const { Cell::new(Patience::Long) };
    static LOG_FRAMES: Cell<u32> = const { Cell::new(0) };
}

/// Gives this thread that patience while `work` runs.
pub(super) fn with_patience<T>(patience: Patience, work: impl FnOnce() -> T) -> T {
    let _restored = Restored(PATIENCE.replace(patience));
    work()
}

/// Gives the thread its patience back, even if the work panics.
struct Restored(Patience);

impl Drop for Restored {
    fn drop(&mut self) {
        PATIENCE.set(self.0);
    }
}

fn nap(naps: i32) -> bool {
    let goes_on = naps < PATIENCE.get().naps();
    if goes_on {
        wait_for_others();
    }
    goes_on
}

/// Lets another process go on.
#[expect(
    clippy::disallowed_methods,
    reason = "nobody tells when another process lets go of a file"
)]
pub(super) fn wait_for_others() {
    std::thread::sleep(NAP);
}

/// How many pages the write-ahead log held at this thread's last commit; told once.
pub(super) fn take_log_frames() -> u32 {
    LOG_FRAMES.take()
}

/// Opens the file, or makes it.
pub(super) fn open(place: &Place) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match place {
        Place::File(path) => Connection::open_with_flags(path, flags)?,
        Place::Memory => Connection::open_in_memory()?,
    };
    connection.busy_handler(Some(nap))?;
    connection.execute_batch(PRAGMAS)?;
    connection.set_prepared_statement_cache_capacity(64);
    // A checkpoint at the end would cost more than all that a short program does.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}

/// The checkpoint is ours; see checkpoint.rs.
const PRAGMAS: &str = "
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -8000;
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = 0;
    PRAGMA foreign_keys = OFF;
    PRAGMA wal_autocheckpoint = 0;
";

/// Has the connection note how long the write-ahead log is after each commit.
pub(super) fn note_log_frames(connection: &Connection) {
    connection.wal_hook(Some(|_, frames| {
        LOG_FRAMES.set(u32::try_from(frames).unwrap_or(0));
        Ok(())
    }));
}

/// Opens a connection that only reads.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(&Place::File(path.to_path_buf()))?;
    connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(connection)
}
