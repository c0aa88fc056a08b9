//! What an error of SQLite means to a caller.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::{Error, ErrorKind};

/// Says whether another connection is in the way, so that the same call succeeds later.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Says whether the values themselves cannot be kept, however often one tries.
pub(super) fn is_hopeless(error: &Error) -> bool {
    !error.kind().is_transient()
}

/// The error that a caller gets.
pub(super) fn explain(error: &rusqlite::Error) -> Error {
    let Some(code) = error.sqlite_error_code() else {
        return Error::internal("the database could not be used").with_source(error.to_string());
    };
    let explained = match code {
        ErrorCode::DiskFull => Error::unavailable("the database's disk is full")
            .with_hint("make room; flowkit goes on as soon as there is some"),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::unavailable("another process does not let go of the database")
                .with_hint("is a program that uses it stopped or stuck?")
        }
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            Error::unavailable("the database cannot be written")
                .with_hint("let this user write its file and its folder")
        }
        ErrorCode::CannotOpen => Error::unavailable("the database's file cannot be opened")
            .with_hint("let this user write its folder"),
        ErrorCode::SystemIoFailure => Error::unavailable("the database's disk does not work"),
        ErrorCode::OutOfMemory => Error::unavailable("there is no memory left for the database"),
        ErrorCode::NotADatabase => {
            Error::new(ErrorKind::Internal, "the file is no database").with_hint(RESCUE)
        }
        ErrorCode::DatabaseCorrupt => {
            Error::new(ErrorKind::Internal, "the database is damaged").with_hint(RESCUE)
        }
        ErrorCode::TooBig => Error::invalid("a value is too large for the database"),
        ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch => {
            Error::conflict("the database refuses the values")
        }
        _ => Error::internal("the database could not be used"),
    };
    explained.with_source(error.to_string())
}

const RESCUE: &str = "move the file away to start with an empty database; \
                      `sqlite3 FILE .recover` may save what it held";

/// The error of a database that could not be opened, with the place that it was expected at.
pub(super) fn cannot_open(path: &Path, cause: &Error) -> Error {
    let message = format!("database '{}' could not be opened", path.display());
    let error = Error::new(cause.kind(), message).with_source(cause.clone());
    match cause.hint() {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
