//! Batch: many rows of one table in one statement, which is a transaction by itself.

use std::collections::HashSet;
use std::error::Error as StdError;
use std::rc::Rc;

use bytes::{BufMut, BytesMut};
use futures_util::future::join3;
use tokio_postgres::Statement;
use tokio_postgres::types::{IsNull, Kind, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use super::super::count::Move;
use super::super::task::{self, TaskIds};
use super::super::tx::Tx;
use super::super::value::Value;
use super::super::{artifact, log, task_run};
use super::error::{Trouble, explain};
use super::line::{Awaited, SharedRecord, Waiter};
use super::session::Session;
use super::transaction::Transaction;
use super::value;
use crate::wire::{Record, TaskRunRecord, look};
use crate::{Durability, Error, Result};

/// Rows of one table on their way to the server.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) awaited: Vec<Awaited>,
    pub(super) told: Vec<Record>,
    changes: Vec<Change>,
}

/// A batch that was sent, and what the server said.
pub(super) struct Sent {
    pub(super) batch: Batch,
    pub(super) result: Result<(), (Trouble, Error)>,
    pub(super) is_safe: bool,
}

/// What writing a task run changed in its record, so that it can be undone.
struct Change {
    record: SharedRecord,
    moved: Move,
    was_queued: bool,
}

/// A batch as the server gets it.
pub(super) struct Letter {
    statement: Statement,
    columns: Vec<Column>,
}

impl Batch {
    pub(super) fn of(awaited: Vec<Awaited>, told: Vec<Record>) -> Self {
        Self { awaited, told, changes: Vec::new() }
    }

    pub(super) const fn len(&self) -> usize {
        self.awaited.len() + self.told.len()
    }

    /// Says whether somebody waits for it to survive the loss of power.
    pub(super) fn has_to_be_safe(&self) -> bool {
        self.awaited.iter().any(|awaited| awaited.durability == Durability::Power)
    }

    /// The same rows, each by itself.
    pub(super) fn into_singles(self) -> impl Iterator<Item = Self> {
        let awaited = self.awaited.into_iter().map(|one| Self::of(vec![one], Vec::new()));
        awaited.chain(self.told.into_iter().map(|one| Self::of(Vec::new(), vec![one])))
    }

    /// Whoever waits for it, and its records.
    pub(super) fn into_parts(self) -> (Vec<Waiter>, Vec<Record>) {
        let (waiters, mut records): (Vec<_>, Vec<_>) = self
            .awaited
            .into_iter()
            .map(|awaited| (awaited.waiter, Record::TaskRun(awaited.record)))
            .unzip();
        records.extend(self.told);
        (waiters, records)
    }

    /// What its task runs moved.
    pub(super) fn moves(&self) -> impl Iterator<Item = Move> {
        self.changes.iter().map(|change| change.moved)
    }

    /// Makes its records what they were before it.
    pub(super) fn undo(&mut self) {
        for change in self.changes.drain(..).rev() {
            look(&change.record, |record| {
                record.stored_as = change.moved.before;
                record.is_queued |= change.was_queued;
            });
        }
    }

    fn task_runs(&self) -> impl Iterator<Item = &SharedRecord> {
        let awaited = self.awaited.iter().map(|awaited| &awaited.record);
        awaited.chain(self.told.iter().filter_map(|record| match record {
            Record::TaskRun(record) => Some(record),
            Record::Log(_) | Record::Artifact(_) => None,
        }))
    }

    /// Writes the batch down; its records then are as if it was kept.
    pub(super) async fn write_down(
        &mut self,
        session: &Rc<Session>,
        task_ids: &mut TaskIds,
    ) -> Result<Letter, (Trouble, Error)> {
        match self.told.first() {
            Some(Record::Log(_)) => {
                let lines = self.told.iter().filter_map(|record| match record {
                    Record::Log(line) => Some(line),
                    Record::TaskRun(_) | Record::Artifact(_) => None,
                });
                let mut letter = Letter::to(session, log::PUT).await?;
                lines.for_each(|line| letter.add(&log::row(line)));
                Ok(letter)
            }
            Some(Record::Artifact(_)) => {
                let artifacts = self.told.iter().filter_map(|record| match record {
                    Record::Artifact(artifact) => Some(artifact),
                    Record::TaskRun(_) | Record::Log(_) => None,
                });
                let mut letter = Letter::to(session, artifact::PUT).await?;
                artifacts.for_each(|artifact| letter.add(&artifact::row(artifact)));
                Ok(letter)
            }
            Some(Record::TaskRun(_)) | None => {
                self.keep_tasks(session, task_ids).await?;
                let mut letter = Letter::to(session, task_run::PUT).await?;
                let records: Vec<_> = self.task_runs().cloned().collect();
                for record in records {
                    let change = look(&record, |locked| letter.add_task_run(locked, task_ids))
                        .map_err(|error| (Trouble::Failed, error))?;
                    self.changes.push(Change { record, moved: change.0, was_queued: change.1 });
                }
                Ok(letter)
            }
        }
    }

    /// Makes sure that the tasks of the batch have rows.
    async fn keep_tasks(
        &self,
        session: &Rc<Session>,
        task_ids: &mut TaskIds,
    ) -> Result<(), (Trouble, Error)> {
        for record in self.task_runs() {
            let task = look(record, |record| record.task.clone());
            if task_ids.find(&task).is_some() {
                continue;
            }
            let mut each = Transaction::none(session.clone());
            let kept = task::keep(&mut Tx::on_postgres(&mut each, task_ids), &task).await;
            kept.map_err(|error| (each.trouble().unwrap_or(Trouble::Failed), error))?;
        }
        Ok(())
    }
}

impl Letter {
    /// A letter for many rows, from the statement for one.
    async fn to(session: &Session, put: &str) -> Result<Self, (Trouble, Error)> {
        let one = session.prepare(put).await.map_err(|error| broken(&error))?;
        let columns = one.params().iter().cloned().map(Column::new).collect();
        let many = session.prepare(&for_many(put, one.params())).await;
        Ok(Self { statement: many.map_err(|error| broken(&error))?, columns })
    }

    fn add(&mut self, row: &[Value<'_>]) {
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(value);
        }
    }

    /// Adds a task run as it stands, and says what that moves and whether it was queued.
    fn add_task_run(
        &mut self,
        record: &mut TaskRunRecord,
        task_ids: &TaskIds,
    ) -> Result<(Move, bool)> {
        let unknown = || Error::internal("a task has no row");
        let task_id = task_ids.find(&record.task).ok_or_else(unknown)?;
        self.add(&task_run::row(record, task_id)?);
        let stateless = || Error::internal("a task run without a state");
        let after = record.state().ok_or_else(stateless)?.kind;
        let before = record.stored_as.replace(after);
        let moved = Move { flow_run_id: record.flow_run_id, before, after };
        Ok((moved, std::mem::take(&mut record.is_queued)))
    }
}

/// Sends a letter, and waits for the server to have kept it.
pub(super) async fn send(
    session: Rc<Session>,
    letter: Result<Letter, (Trouble, Error)>,
    batch: Batch,
    is_safe: bool,
) -> Sent {
    let result = match letter {
        Ok(letter) => deliver(&session, &letter, is_safe).await,
        Err(error) => Err(error),
    };
    Sent { batch, result, is_safe }
}

async fn deliver(
    session: &Session,
    letter: &Letter,
    is_safe: bool,
) -> Result<(), (Trouble, Error)> {
    let client = session.client();
    let sent = async {
        let written = client.execute_raw(&letter.statement, &letter.columns);
        if !is_safe {
            return written.await;
        }
        // The others need not wait for the disk.
        let safe = format!("SET synchronous_commit = {}", session.safe_commit);
        let (set, written, reset) = join3(
            client.batch_execute(&safe),
            written,
            client.batch_execute("SET synchronous_commit = off"),
        )
        .await;
        set.and(reset)?;
        written
    };
    sent.await.map(drop).map_err(|error| broken(&error))
}

fn broken(error: &tokio_postgres::Error) -> (Trouble, Error) {
    (Trouble::of(error), explain(error))
}

/// The statement for many rows, each column of them in one value.
fn for_many(put: &str, types: &[Type]) -> String {
    let (before, rest) = put.split_once("VALUES (").unwrap_or((put, ""));
    let (_, after) = rest.split_once(')').unwrap_or((rest, ""));
    let lists: Vec<_> =
        types.iter().zip(1..).map(|(ty, number)| format!("${number}::{}[]", ty.name())).collect();
    format!("{before}SELECT * FROM unnest({}){after}", lists.join(", "))
}

/// The values of one column, already as the server reads them.
#[derive(Debug)]
struct Column {
    ty: Type,
    bytes: BytesMut,
    rows: i32,
    has_null: bool,
    problem: Option<String>,
}

impl Column {
    fn new(ty: Type) -> Self {
        Self { ty, bytes: BytesMut::new(), rows: 0, has_null: false, problem: None }
    }

    fn push(&mut self, value: &Value<'_>) {
        self.rows += 1;
        let at = self.bytes.len();
        self.bytes.put_i32(-1);
        match value::write(value, &self.ty, &mut self.bytes) {
            Ok(IsNull::Yes) => self.has_null = true,
            Ok(IsNull::No) => match i32::try_from(self.bytes.len() - at - 4) {
                Ok(length) => self.bytes[at..at + 4].copy_from_slice(&length.to_be_bytes()),
                Err(_) => self.problem = Some("a value is too large".to_owned()),
            },
            Err(error) => self.problem = Some(error.to_string()),
        }
    }
}

impl ToSql for Column {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        if let Some(problem) = &self.problem {
            return Err(problem.as_str().into());
        }
        let Kind::Array(member) = ty.kind() else { return Err("no list".into()) };
        out.put_i32(1);
        out.put_i32(self.has_null.into());
        out.put_u32(member.oid());
        out.put_i32(self.rows);
        out.put_i32(1);
        out.put_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Parts records into those that one statement each can write, in their order.
pub(super) fn by_table(records: Vec<Record>) -> Vec<Vec<Record>> {
    let (mut task_runs, mut logs, mut artifacts) = (Vec::new(), Vec::new(), Vec::new());
    for record in records {
        match record {
            Record::TaskRun(_) => task_runs.push(record),
            Record::Log(_) => logs.push(record),
            Record::Artifact(_) => artifacts.push(record),
        }
    }
    let mut batches = vec![logs];
    for mut rest in [task_runs, artifacts] {
        while !rest.is_empty() {
            let (batch, twins) = part_twins(rest, id_of);
            batches.push(batch);
            rest = twins;
        }
    }
    batches.retain(|batch| !batch.is_empty());
    batches
}

fn id_of(record: &Record) -> Uuid {
    match record {
        Record::TaskRun(record) => id_of_task_run(record),
        Record::Log(log) => log.id.as_uuid(),
        Record::Artifact(artifact) => artifact.id.as_uuid(),
    }
}

pub(super) fn id_of_task_run(record: &SharedRecord) -> Uuid {
    look(record, |record| record.id.as_uuid())
}

/// Parts off the first whose row another one writes already, which a statement may not, and all
/// behind it.
pub(super) fn part_twins<T>(rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> (Vec<T>, Vec<T>) {
    let mut seen = HashSet::new();
    let mut is_over = false;
    rows.into_iter().partition(|row| {
        is_over |= !seen.insert(id(row));
        !is_over
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statement_for_one_row_becomes_one_for_many() {
        let put = "INSERT INTO log (id, level) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
        let many = "INSERT INTO log (id, level) SELECT * FROM unnest($1::bytea[], $2::int2[]) \
                    ON CONFLICT (id) DO NOTHING";
        assert_eq!(for_many(put, &[Type::BYTEA, Type::INT2]), many);
    }

    #[test]
    fn twins_are_parted_and_keep_their_order() {
        let (first, rest) = part_twins(vec![1, 2, 1, 3, 2], |number| Uuid::from_u128(*number));
        assert_eq!((first, rest), (vec![1, 2], vec![1, 3, 2]));
    }

    #[test]
    fn list_is_written_as_the_server_reads_it() {
        let mut column = Column::new(Type::INT2);
        column.push(&Value::Int(7));
        column.push(&Value::Null);
        let mut out = BytesMut::new();
        assert!(column.to_sql(&Type::INT2_ARRAY, &mut out).is_ok());
        let head = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1];
        assert_eq!(out[..20], head);
        assert_eq!(out[20..], [0, 0, 0, 2, 0, 7, 255, 255, 255, 255]);
        column.push(&Value::Int(70_000));
        assert!(column.to_sql(&Type::INT2_ARRAY, &mut out).is_err());
    }
}
