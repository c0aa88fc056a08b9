//! Transaction: statements on one connection, kept together or undone together.
//!
//! What begins it is sent with its first statement, so that it costs no way to the server of its
//! own.

use std::rc::Rc;

use futures_util::TryStreamExt;
use futures_util::future::join;
use tokio_postgres::{Error as PgError, SimpleQueryMessage};

use super::super::value::{Cell, Row, Value};
use super::error::{Trouble, explain};
use super::session::Session;
use crate::{Error, Result, fault};

/// The lock that every transaction takes which may decide anything.
const EVERYTHING: i64 = 0x666c_6f77_6b69_7400;

const OUTCOME: &str = "SELECT txid_status($1)";

/// What a transaction may do, and whom it keeps out meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// It sees one moment.
    Read,
    /// It reads and decides and writes while no other one does.
    Everything,
    /// It reads and decides and writes while no other one does about the same subject.
    Subject(u128),
}

impl Access {
    /// What begins the transaction.
    fn opening(self) -> String {
        const LOCKED: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT txid_current()";
        match self {
            Self::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned(),
            Self::Everything => format!("{LOCKED}, pg_advisory_xact_lock({EVERYTHING})"),
            Self::Subject(subject) => {
                let lock = fold(subject);
                format!(
                    "{LOCKED}, pg_advisory_xact_lock_shared({EVERYTHING}), \
                     pg_advisory_xact_lock({lock})"
                )
            }
        }
    }
}

/// A lock's number for a subject; two that share one merely wait for each other.
fn fold(subject: u128) -> i64 {
    let bytes = subject.to_be_bytes();
    let half = |bytes: &[u8]| bytes.iter().fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte));
    let lock = half(&bytes[..8]) ^ half(&bytes[8..]).rotate_left(17);
    if lock == EVERYTHING { lock + 1 } else { lock }
}

/// Whether a transaction was kept whose connection was lost while it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Kept,
    Undone,
    Unknown,
}

/// Statements on one connection; undone unless they are kept.
pub(crate) struct Transaction {
    session: Rc<Session>,
    opening: Option<String>,
    is_open: bool,
    number: Option<i64>,
    trouble: Option<Trouble>,
}

impl Transaction {
    pub(super) fn new(session: Rc<Session>, access: Access) -> Self {
        Self::opened_by(session, Some(access.opening()))
    }

    /// Statements of which each is kept by itself.
    pub(super) const fn none(session: Rc<Session>) -> Self {
        Self::opened_by(session, None)
    }

    pub(super) const fn opened_by(session: Rc<Session>, opening: Option<String>) -> Self {
        Self { session, opening, is_open: false, number: None, trouble: None }
    }

    /// What went wrong in it, if something did.
    pub(super) const fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    pub(super) const fn number(&self) -> Option<i64> {
        self.number
    }

    /// Executes a statement and says how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        let session = self.session.clone();
        let done = async {
            let statement = session.prepare(sql).await?;
            let work = session.client().execute_raw(&statement, values);
            match self.opening.take() {
                None => work.await,
                Some(opening) => {
                    let (opened, done) = join(session.client().simple_query(&opening), work).await;
                    self.begun(&opened?);
                    done
                }
            }
        };
        done.await.map_err(|error| self.failed(&error))
    }

    /// Hands each row of an answer to `take`.
    pub(crate) async fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut take: impl FnMut(&mut Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let session = self.session.clone();
        let mut taken = Ok(());
        let asked = async {
            let statement = session.prepare(sql).await?;
            let question = session.client().query_raw(&statement, values);
            let rows = match self.opening.take() {
                None => question.await?,
                Some(opening) => {
                    let (opened, rows) =
                        join(session.client().simple_query(&opening), question).await;
                    self.begun(&opened?);
                    rows?
                }
            };
            let mut rows = std::pin::pin!(rows);
            while let Some(row) = rows.try_next().await? {
                if taken.is_ok() {
                    taken = take(&mut Row::new(&|index| row.try_get::<_, Cell<'_>>(index).ok()));
                }
            }
            Ok(())
        };
        asked.await.map_err(|error: PgError| self.failed(&error))?;
        taken
    }

    /// Executes a script of statements without values.
    pub(crate) async fn script(&mut self, sql: &str) -> Result<()> {
        let session = self.session.clone();
        let done = async {
            if let Some(opening) = self.opening.take() {
                let opened = session.client().simple_query(&opening).await?;
                self.begun(&opened);
            }
            session.client().batch_execute(sql).await
        };
        done.await.map_err(|error| self.failed(&error))
    }

    fn begun(&mut self, answers: &[SimpleQueryMessage]) {
        self.is_open = true;
        self.number = answers.iter().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
            _ => None,
        });
    }

    fn failed(&mut self, error: &PgError) -> Error {
        // What fails in a transaction that failed says nothing new.
        self.trouble.get_or_insert(Trouble::of(error));
        explain(error)
    }

    /// Keeps what was written.
    pub(super) async fn keep(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.is_open) {
            return Ok(());
        }
        if self.trouble.is_some() {
            self.session.client().batch_execute("ROLLBACK").await.map_err(|e| self.failed(&e))?;
            return Err(Error::internal("a statement of the transaction failed"));
        }
        fault::place();
        self.session.client().batch_execute("COMMIT").await.map_err(|error| self.failed(&error))?;
        fault::place();
        Ok(())
    }

    /// Undoes what was written.
    pub(super) async fn undo(&mut self) {
        // The opening may have got there although the first statement failed.
        if self.opening.is_none() && self.trouble != Some(Trouble::Lost) {
            // Whatever this meets, the next one to use the connection sees it, too.
            let _ = self.session.client().batch_execute("ROLLBACK").await;
        }
    }
}

/// What became of a transaction whose connection was lost while it was kept.
pub(super) async fn outcome(session: Rc<Session>, number: i64) -> Result<Outcome> {
    let mut status = None;
    let mut asking = Transaction::none(session);
    let values = [Value::Int(number)];
    asking
        .query(OUTCOME, &values, |row| {
            status = row.next::<Option<String>>()?;
            Ok(())
        })
        .await?;
    Ok(match status.as_deref() {
        Some("committed") => Outcome::Kept,
        Some("aborted") => Outcome::Undone,
        // Its connection is not yet taken for lost by the server.
        Some(_) | None => Outcome::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_have_locks_of_their_own() {
        let locks: std::collections::HashSet<_> = (0..1000).map(fold).collect();
        assert_eq!(locks.len(), 1000);
        assert!(!locks.contains(&EVERYTHING));
        let opening = Access::Subject(1).opening();
        assert!(opening.contains(&format!("pg_advisory_xact_lock({})", fold(1))), "{opening}");
    }
}
