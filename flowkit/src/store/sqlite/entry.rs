//! Entry: something that waits to be written.

use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::super::count::Move;
use super::super::task::TaskIds;
use super::super::tx::Tx;
use super::super::{artifact, log, task, task_run};
use super::pen::{Access, Pen, Trouble};
use super::statement::{Repeated, in_place, try_execute};
use crate::model::{Artifact, Log, StateType};
use crate::wire::{TaskRunRecord, look};
use crate::{Error, Result, fault};

pub(super) type SharedRecord = Arc<Mutex<TaskRunRecord>>;

/// Something that waits to be written.
pub(super) enum Entry {
    TaskRun(SharedRecord),
    Log(Log),
    Artifact(Artifact),
}

/// Whoever waits for an entry to be written.
pub(super) type Waiter = oneshot::Sender<Result<()>>;

/// An entry that somebody waits for.
pub(super) struct Awaited {
    pub(super) entry: Entry,
    pub(super) waiter: Waiter,
}

impl Entry {
    /// About how much memory it takes.
    pub(super) fn size(&self) -> usize {
        match self {
            // The record is shared with the run that it belongs to.
            Self::TaskRun(_) => 1024,
            Self::Log(log) => 256 + log.message.len() + 64 * log.fields.len(),
            Self::Artifact(artifact) => 1024 + artifact.data.as_str().map_or(0, str::len),
        }
    }

    /// Says whether it is that task run.
    pub(super) fn is_of(&self, record: &SharedRecord) -> bool {
        matches!(self, Self::TaskRun(known) if Arc::ptr_eq(known, record))
    }

    /// Says whether there is still something to write.
    pub(super) fn is_due(&self) -> bool {
        match self {
            Self::TaskRun(record) => look(record, |record| record.is_queued),
            Self::Log(_) | Self::Artifact(_) => true,
        }
    }
}

/// What writing a task run changed in its record, so that it can be undone.
struct Change<'e> {
    record: &'e SharedRecord,
    moved: Move,
    was_queued: bool,
}

impl Change<'_> {
    fn undo(&self) {
        look(self.record, |record| {
            record.stored_as = self.moved.before;
            record.is_queued |= self.was_queued;
        });
    }
}

/// Writes entries in one transaction: all or none.
pub(super) fn write_all<'e>(
    pen: &mut Pen,
    entries: impl IntoIterator<Item = &'e Entry>,
) -> Result<(), Trouble> {
    let mut begun = pen.begin(Access::Write)?;
    let mut changes = Vec::new();
    let (connection, task_ids) = begun.parts();
    let mut hand = Hand { connection, task_ids, put_task_run: None };
    let put = entries.into_iter().try_for_each(|entry| {
        changes.extend(hand.put(entry)?);
        Ok(())
    });
    drop(hand);
    match put.and_then(|()| begun.keep()) {
        Ok(()) => {
            changes.iter().for_each(|change| pen.deltas.note(change.moved));
            Ok(())
        }
        Err(error) => {
            changes.iter().rev().for_each(Change::undo);
            Err(Trouble::Failed(error))
        }
    }
}

/// Writes a task run in a transaction of one statement, the fastest that there is.
///
/// Nothing is done if its task has no row yet, which would take a second statement.
pub(super) fn write_one(pen: &mut Pen, record: &SharedRecord) -> Option<Result<(), Trouble>> {
    look(record, |locked| {
        let task_id = pen.task_ids.find(&locked.task)?;
        let values = match task_run::row(locked, task_id) {
            Ok(values) => values,
            Err(error) => return Some(Err(Trouble::Failed(error))),
        };
        fault::place();
        if let Err(error) = try_execute(&pen.connection, task_run::PUT, &values) {
            return Some(Err(Trouble::of(&error)));
        }
        fault::place();
        drop(values);
        let change = mark(record, locked);
        Some(change.map(|change| pen.deltas.note(change.moved)).map_err(Trouble::Failed))
    })
}

/// Writes entries one after the other.
struct Hand<'p> {
    connection: &'p Connection,
    task_ids: &'p mut TaskIds,
    put_task_run: Option<Repeated<'p>>,
}

impl Hand<'_> {
    fn put<'e>(&mut self, entry: &'e Entry) -> Result<Option<Change<'e>>> {
        match entry {
            Entry::TaskRun(record) => look(record, |locked| {
                self.put_task_run(locked)?;
                mark(record, locked).map(Some)
            }),
            Entry::Log(log) => in_place(log::put(&mut self.tx(), log)).map(|()| None),
            Entry::Artifact(artifact) => {
                in_place(artifact::put(&mut self.tx(), artifact)).map(|()| None)
            }
        }
    }

    fn tx(&mut self) -> Tx<'_> {
        Tx::on_sqlite(self.connection, self.task_ids)
    }

    fn put_task_run(&mut self, record: &TaskRunRecord) -> Result<()> {
        let task_id = in_place(task::keep(&mut self.tx(), &record.task))?;
        let put = match &mut self.put_task_run {
            Some(put) => put,
            none => none.insert(Repeated::new(self.connection, task_run::PUT)?),
        };
        put.execute(&task_run::row(record, task_id)?)
    }
}

/// Notes in a record that it is written as it stands.
fn mark<'e>(record: &'e SharedRecord, locked: &mut TaskRunRecord) -> Result<Change<'e>> {
    let after = kind(locked)?;
    let before = locked.stored_as.replace(after);
    let was_queued = std::mem::take(&mut locked.is_queued);
    let moved = Move { flow_run_id: locked.flow_run_id, before, after };
    Ok(Change { record, moved, was_queued })
}

fn kind(record: &TaskRunRecord) -> Result<StateType> {
    let state = record.state().ok_or_else(|| Error::internal("a task run without a state"))?;
    Ok(state.kind)
}
