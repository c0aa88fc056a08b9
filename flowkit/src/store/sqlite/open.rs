//! Opening: the file is made or found, and its tables are brought up to date.

use std::path::Path;

use rusqlite::Connection;

use super::super::migration::{self, SQLITE};
use super::connection::{self, Place, wait_for_others};
use super::error::{cannot_open, explain, is_busy};
use super::pen::{Access, Pen};
use super::statement::script;
use crate::Timestamp;
use crate::{Error, Result};

const IS_OURS: &str =
    "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migration'";

const TABLES: &str = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table'";

/// Opens the connection that writes.
pub(super) fn open(place: &Place, now: Timestamp) -> Result<Pen> {
    match place {
        Place::Memory => {
            let mut pen = Pen::new(connect(place)?, false);
            migrate(&mut pen, ":memory:", now)?;
            Ok(pen)
        }
        Place::File(path) => open_file(place, path, now),
    }
}

fn open_file(place: &Place, path: &Path, now: Timestamp) -> Result<Pen> {
    let name = path.display().to_string();
    make_folder(path)?;
    let locate = |error: Error| cannot_open(path, &error);
    let mut pen = Pen::new(connect(place).map_err(locate)?, false);
    if pen.connection.is_readonly("main").unwrap_or(false) {
        let problem = format!("database '{name}' may not be written");
        return Err(Error::unavailable(problem).with_hint("let this user write the file"));
    }
    let database = standing(&mut pen, &name);
    match database.map_err(|error| if says_where(&error, &name) { error } else { locate(error) })? {
        Standing::UpToDate => {}
        Standing::Old => migrate(&mut pen, &name, now)?,
        Standing::Empty => {
            // Nothing is lost if a file that was just made is lost, so nobody waits for the disk.
            script(&pen.connection, "PRAGMA synchronous = OFF").map_err(locate)?;
            log_ahead(&pen.connection).map_err(locate)?;
            migrate(&mut pen, &name, now).map_err(locate)?;
            script(&pen.connection, "PRAGMA synchronous = NORMAL").map_err(locate)?;
            pen.is_fresh = true;
        }
    }
    connection::note_log_frames(&pen.connection);
    Ok(pen)
}

fn says_where(error: &Error, name: &str) -> bool {
    error.to_string().contains(name)
}

fn connect(place: &Place) -> Result<Connection> {
    connection::open(place).map_err(|error| explain(&error))
}

fn make_folder(path: &Path) -> Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|error| {
        Error::unavailable(format!("folder '{}' could not be made", folder.display()))
            .with_source(error)
            .with_hint("let this user write there, or set FLOWKIT_HOME or FLOWKIT_DATABASE_URL")
    })
}

/// What the database holds.
enum Standing {
    Empty,
    Old,
    UpToDate,
}

fn standing(pen: &mut Pen, name: &str) -> Result<Standing> {
    pen.transact(Access::Read, async |tx| {
        if tx.number(IS_OURS, &[]).await? > 0 {
            let version = migration::version(tx, SQLITE, name).await?;
            let is_latest = version == migration::latest(SQLITE);
            return Ok(if is_latest { Standing::UpToDate } else { Standing::Old });
        }
        if tx.number(TABLES, &[]).await? > 0 {
            let problem = format!("database '{name}' holds tables that are not flowkit's");
            return Err(Error::invalid(problem).with_hint("name another file"));
        }
        Ok(Standing::Empty)
    })
}

fn migrate(pen: &mut Pen, name: &str, now: Timestamp) -> Result<()> {
    pen.transact(Access::Write, async |tx| migration::apply(tx, SQLITE, name, now).await)
}

/// Has the file written by way of a log, so that readers and the writer do not hinder each other.
///
/// SQLite does not wait for others here by itself.
fn log_ahead(connection: &Connection) -> Result<()> {
    for _ in 0..50_000 {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Ok(()) => return Ok(()),
            Err(error) if is_busy(&error) => wait_for_others(),
            Err(error) => return Err(explain(&error)),
        }
    }
    Err(Error::unavailable("another process does not let go of the database"))
}
