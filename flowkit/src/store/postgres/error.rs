//! What an error of Postgres means to a caller.

use tokio_postgres::error::SqlState;

use super::address::Address;
use crate::error::story;
use crate::{Error, ErrorKind};

/// What an error means for the transaction in which it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The connection is gone, or what was prepared on it is of no more use.
    Lost,
    /// Another transaction was in the way; the same one succeeds later.
    Clash,
    Failed,
}

impl Trouble {
    pub(super) fn of(error: &tokio_postgres::Error) -> Self {
        let Some(code) = error.code() else {
            let is_ours = error.to_string().starts_with("error serializing");
            return if is_ours { Self::Failed } else { Self::Lost };
        };
        let is_connection = code.code().starts_with("08") || code.code().starts_with("57P");
        let is_stale =
            [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::FEATURE_NOT_SUPPORTED].contains(code);
        if is_connection || is_stale || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT {
            Self::Lost
        } else if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED]
            .contains(code)
        {
            Self::Clash
        } else {
            Self::Failed
        }
    }
}

/// The error that a caller gets.
pub(super) fn explain(error: &tokio_postgres::Error) -> Error {
    let explained = match error.code() {
        Some(code) => explain_code(code, error),
        None if error.to_string().starts_with("error serializing") => {
            Error::internal("a value could not be written for Postgres")
        }
        None if error.to_string().contains("TLS") => Error::unavailable(
            "no TLS could be agreed on with the Postgres server",
        )
        .with_hint(
            "name the certificates that are good enough by sslrootcert; ?sslmode=require looks at none, ?sslmode=disable does without TLS",
        ),
        None => Error::unavailable("the Postgres server does not answer")
            .with_hint("does it run, and does it listen at that host and port?"),
    };
    explained.with_source(story(error))
}

fn explain_code(code: &SqlState, error: &tokio_postgres::Error) -> Error {
    let message = error.as_db_error().map_or("", |error| error.message());
    match code.code() {
        "28000" if message.contains("no encryption") || message.contains("SSL off") => {
            Error::invalid("the Postgres server wants TLS").with_hint("add ?sslmode=require")
        }
        "28P01" | "28000" => Error::invalid("the Postgres server refuses the user or the password")
            .with_hint("look at FLOWKIT_DATABASE_URL; letters like @ and / of a password are written as %40 and %2F"),
        "3D000" => Error::new(ErrorKind::NotFound, "there is no such database"),
        "42501" => Error::invalid("this user may not do that in the database")
            .with_hint("flowkit's tables need a user who may create and change tables"),
        "25006" => Error::unavailable("the database can only be read")
            .with_hint("name the primary server, not a standby"),
        "53100" => Error::unavailable("the database's disk is full")
            .with_hint("make room; flowkit goes on as soon as there is some"),
        "53200" => Error::unavailable("there is no memory left for the database"),
        "53300" => Error::unavailable("the Postgres server has no connection left")
            .with_hint("raise its max_connections; each process of flowkit takes up to six"),
        "55P03" => Error::unavailable("another process does not let go of the database")
            .with_hint("is a program that uses it stopped or stuck?"),
        "57014" => Error::timeout("the Postgres server ended a statement that took too long")
            .with_hint("raise its statement_timeout"),
        "57P03" => Error::unavailable(STARTING),
        "40001" | "40P01" => Error::unavailable("others changed the same at the same time"),
        "54000" => Error::invalid("a value is too large for the database"),
        "XX001" | "XX002" => Error::internal("the database is damaged"),
        "22P05" => Error::conflict("the database cannot keep a character")
            .with_hint("its encoding has to be UTF8"),
        code => match code.get(..2) {
            Some("22" | "23") => Error::conflict("the database refuses the values"),
            Some("08" | "57") => Error::unavailable("the Postgres server ended the connection"),
            Some("53" | "58") => Error::unavailable("the machine of the Postgres server is in trouble"),
            _ => Error::internal("the database could not be used"),
        },
    }
}

const STARTING: &str = "the Postgres server is just starting";

/// Says whether the server will answer soon.
pub(super) fn is_starting(error: &Error) -> bool {
    error.to_string() == STARTING
}

/// The error of a database that could not be opened, with its address and never its password.
pub(super) fn cannot_open(address: &Address, cause: &Error) -> Error {
    let message = format!("database '{address}' could not be opened");
    let error = Error::new(cause.kind(), message).with_source(cause.clone());
    match cause.hint() {
        Some(hint) => error.with_hint(hint),
        None if cause.kind() == ErrorKind::NotFound => error.with_hint(address.how_to_create()),
        None => error,
    }
}

/// Says whether the values themselves cannot be kept, however often one tries.
pub(super) fn is_hopeless(error: &Error) -> bool {
    !error.kind().is_transient()
}
