//! How commits, transactions and records get to the file, whoever writes them.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use super::entry::{Awaited, Entry, write_all};
use super::shared::write_batch;
use super::*;
use crate::ErrorKind;
use crate::model::{FlowRunId, Log, StateType, TaskRunId};
use crate::store::{sample, task_run};
use crate::wire::{FilterTaskRuns, Page};

const NOW: Timestamp = Timestamp::from_micros(0);

/// Runs a future on this thread, without any runtime.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

fn on_a_file() -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = Sqlite::open_file(&folder.path().join("flowkit.db"), NOW).expect("a database");
    (folder, sqlite)
}

fn shared(number: u128) -> SharedRecord {
    Arc::new(Mutex::new(sample::record(number)))
}

fn count(sqlite: &Sqlite) -> usize {
    let all = FilterTaskRuns { page: Page::first(100_000), ..FilterTaskRuns::default() };
    let found = sqlite.read(async move |tx: &mut Tx<'_>| task_run::filter(tx, all).await);
    block_on(found).expect("task runs").len()
}

fn commit(sqlite: &Sqlite, record: &SharedRecord, durability: Durability) -> Result<()> {
    block_on(sqlite.commit(record, durability))
}

#[test]
fn nobody_waits_for_a_wake_up_that_was_lost() {
    let (_folder, sqlite) = on_a_file();
    let work = |thread: u128| {
        for number in thread * 1000..thread * 1000 + 300 {
            let record = shared(number);
            // Told of before, so that commits gather, and at other times not.
            if number % 100 < 50 {
                sqlite.record(Record::TaskRun(record.clone()));
            }
            let durability = if number % 40 == 0 { Durability::Power } else { Durability::Process };
            commit(&sqlite, &record, durability).expect("kept");
            match number % 10 {
                3 => block_on(sqlite.flush(Durability::Process)).expect("kept"),
                6 => {
                    let write = async |tx: &mut Tx<'_>| tx.execute("DELETE FROM slot", &[]).await;
                    block_on(sqlite.write(write)).expect("written");
                }
                9 => sqlite.record(Record::Log(sample::line(number))),
                _ => {}
            }
        }
    };
    thread::scope(|scope| {
        for thread in 1..=4 {
            scope.spawn(move || work(thread));
        }
    });
    assert_eq!(count(&sqlite), 1200);
}

/// Two task runs that go on at once, so that their commits stand in line.
fn two_at_once(sqlite: &Sqlite) -> [SharedRecord; 2] {
    let records = [shared(1), shared(2)];
    for record in &records {
        let ended =
            look(record, |record| std::mem::replace(&mut record.states, vec![State::running(NOW)]));
        sqlite.record(Record::TaskRun(record.clone()));
        look(record, |record| record.states.extend(ended));
    }
    records
}

#[test]
fn nobody_waits_for_a_first_one_that_does_not_come_back() {
    let (_folder, sqlite) = on_a_file();
    let [one, other] = two_at_once(&sqlite);
    let mut first = Box::pin(sqlite.commit(&one, Durability::Process));
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending(), "it lets others come");
    commit(&sqlite, &other, Durability::Process).expect("the writer looks at the line, too");
    block_on(first).expect("written");
    assert_eq!(count(&sqlite), 2);
}

#[test]
fn nobody_waits_for_a_first_one_that_was_dropped() {
    let (_folder, sqlite) = on_a_file();
    let [one, other] = two_at_once(&sqlite);
    let mut first = Box::pin(sqlite.commit(&one, Durability::Process));
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending(), "it lets others come");
    drop(first);
    commit(&sqlite, &other, Durability::Process).expect("written");
    assert_eq!(count(&sqlite), 2);
}

#[test]
fn what_was_recorded_is_written_when_the_last_handle_goes() {
    let (folder, sqlite) = on_a_file();
    for number in 0..2000 {
        sqlite.record(Record::TaskRun(shared(number)));
    }
    drop(sqlite);
    let again = Sqlite::open_file(&folder.path().join("flowkit.db"), NOW).expect("a database");
    assert_eq!(count(&again), 2000);
}

#[test]
fn commit_waits_for_another_process() {
    let (folder, sqlite) = on_a_file();
    let other = rusqlite::Connection::open(folder.path().join("flowkit.db")).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("it holds the file");
    let record = shared(1);
    let mut waiting = std::pin::pin!(sqlite.commit(&record, Durability::Process));
    let mut later = std::pin::pin!(
        sqlite.write(async |tx: &mut Tx<'_>| { tx.execute("DELETE FROM flow", &[]).await })
    );
    let mut context = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    assert!(later.as_mut().poll(&mut context).is_pending());
    other.execute_batch("COMMIT").expect("it lets go");
    block_on(waiting).expect("kept");
    block_on(later).expect("written");
}

#[test]
fn failed_commit_leaves_the_record_as_it_was() {
    let (_folder, sqlite) = on_a_file();
    block_on(sqlite.fill_disk(true)).expect("full");
    for (durability, is_queued) in [(Durability::Process, false), (Durability::Power, true)] {
        let record = shared(1);
        look(&record, |record| {
            record.result = Some("x".repeat(10_000));
            record.is_queued = is_queued;
        });
        let error = commit(&sqlite, &record, durability).expect_err("there is no room");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        look(&record, |record| {
            assert_eq!((record.stored_as, record.is_queued), (None, is_queued));
        });
    }
    block_on(sqlite.fill_disk(false)).expect("there is room");
    let record = shared(1);
    commit(&sqlite, &record, Durability::Process).expect("kept");
    look(&record, |record| assert_eq!(record.stored_as, Some(StateType::Completed)));
}

/// A record that no database takes.
fn hopeless(number: u128) -> SharedRecord {
    let record = shared(number);
    look(&record, |record| record.states.clear());
    record
}

fn pen() -> Pen {
    open::open(&Place::Memory, NOW).expect("a database")
}

#[test]
fn transaction_that_fails_is_undone_in_the_records_too() {
    let mut pen = pen();
    let good = shared(1);
    look(&good, |record| {
        record.is_queued = true;
        record.flow_run_id = Some(FlowRunId::from(uuid::Uuid::from_u128(9)));
    });
    let entries = [Entry::TaskRun(good.clone()), Entry::TaskRun(hopeless(2))];
    assert!(write_all(&mut pen, &entries).is_err());
    look(&good, |record| assert_eq!((record.stored_as, record.is_queued), (None, true)));
    assert!(pen.deltas.is_empty(), "nothing was counted");
    assert!(pen.connection.is_autocommit());
    let task = look(&good, |record| record.task.clone());
    assert_eq!(pen.task_ids.find(&task), None, "its row went with the transaction");
    assert!(write_all(&mut pen, &entries[..1]).is_ok());
    look(&good, |record| {
        assert_eq!((record.stored_as, record.is_queued), (Some(StateType::Completed), false));
    });
}

#[test]
fn commit_that_no_database_takes_fails_for_itself_only() {
    let mut pen = pen();
    let (awaited, waiters): (Vec<_>, Vec<_>) = [shared(1), hopeless(2), shared(3)]
        .into_iter()
        .map(|record| {
            let (waiter, written) = oneshot::channel();
            (Awaited { entry: Entry::TaskRun(record), waiter }, written)
        })
        .unzip();
    assert!(write_batch(&mut pen, awaited).is_ok());
    let told: Vec<_> =
        waiters.into_iter().map(|waiter| block_on(waiter).expect("told").is_ok()).collect();
    assert_eq!(told, [true, false, true]);
}

#[test]
fn record_that_no_database_takes_holds_nobody_up() {
    let (_folder, sqlite) = on_a_file();
    sqlite.record(Record::TaskRun(shared(1)));
    sqlite.record(Record::TaskRun(hopeless(2)));
    sqlite.record(Record::TaskRun(shared(3)));
    let error = block_on(sqlite.flush(Durability::Process)).expect_err("one is lost");
    assert!(error.to_string().contains("could not be kept"), "{error}");
    block_on(sqlite.flush(Durability::Process)).expect("it was told once");
    assert_eq!(count(&sqlite), 2);
}

#[test]
fn transaction_that_panics_is_undone() {
    let (_folder, sqlite) = on_a_file();
    let panicking = async |tx: &mut Tx<'_>| {
        task_run::put(tx, &sample::record(1)).await?;
        panic!("it goes wrong here")
    };
    let here = std::panic::AssertUnwindSafe(|| block_on(sqlite.write::<(), _>(panicking)));
    assert!(std::panic::catch_unwind(here).is_err());
    let by_the_writer = block_on(sqlite.transact_later::<(), _>(Access::Write, panicking));
    assert!(by_the_writer.is_err(), "who waits is told");
    assert_eq!(count(&sqlite), 0);
    commit(&sqlite, &shared(1), Durability::Process).expect("the store goes on");
}

#[test]
fn power_commit_waits_for_the_disk() {
    let (_folder, sqlite) = on_a_file();
    let mut pen = sqlite.shared.try_pen().expect("nobody writes");
    let level =
        |pen: &Pen| pen.connection.query_row("PRAGMA synchronous", [], |row| row.get::<_, i64>(0));
    assert_eq!(level(&pen), Ok(1), "normal");
    pen.wait_for_disk().expect("it can wait");
    assert_eq!((level(&pen), pen.is_fresh), (Ok(2), false), "full");
    pen.wait_no_longer().expect("it need not");
    assert_eq!(level(&pen), Ok(1), "normal");
}

#[test]
fn log_is_started_over_when_it_has_grown_long() {
    let (folder, fresh) = on_a_file();
    // A fresh file gets a checkpoint of its own, which must not be taken for the one below.
    drop(fresh);
    let path = folder.path().join("flowkit.db");
    let sqlite = Sqlite::open_file(&path, NOW).expect("the database again");
    for number in 0..59 {
        commit(&sqlite, &shared(number), Durability::Process).expect("kept");
    }
    // Due only now, so that the log is started over behind all of them.
    sqlite.shared.checkpoint_at.store(50, SeqCst);
    commit(&sqlite, &shared(59), Durability::Process).expect("kept");
    while sqlite.shared.checkpoint_at.load(SeqCst) != checkpoint::FRAMES {
        thread::yield_now();
    }
    let log = folder.path().join("flowkit.db-wal");
    let before = std::fs::metadata(&log).expect("a log").len();
    for number in 60..80 {
        commit(&sqlite, &shared(number), Durability::Process).expect("kept");
    }
    assert_eq!(std::fs::metadata(&log).expect("a log").len(), before, "it is filled again");
    assert_eq!(count(&sqlite), 80);
}

#[test]
fn long_log_is_not_left_behind() {
    let (folder, sqlite) = on_a_file();
    let log = folder.path().join("flowkit.db-wal");
    let length = || std::fs::metadata(&log).map_or(0, |log| log.len());
    commit(&sqlite, &shared(0), Durability::Process).expect("kept");
    drop(sqlite);
    assert!(length() > 0, "a short one costs less to read than to cut off");
    let path = folder.path().join("flowkit.db");
    let sqlite = Sqlite::open_file(&path, NOW).expect("a database");
    for number in 1..1000 {
        commit(&sqlite, &shared(number), Durability::Process).expect("kept");
    }
    assert!(length() > 4 << 20, "{}", length());
    drop(sqlite);
    assert_eq!(length(), 0);
    assert_eq!(count(&Sqlite::open_file(&path, NOW).expect("a database")), 1000);
}

#[test]
fn full_backlog_blocks_until_there_is_room() {
    let backlog = backlog::Backlog::default();
    let large = || Entry::Log(Log { message: "x".repeat(16 << 20), ..sample::line(1) });
    thread::scope(|scope| {
        let pushing = scope.spawn(|| (0..12).for_each(|_| _ = backlog.push(large())));
        let mut taken = 0;
        while taken < 12 {
            taken += backlog.take().len();
            assert!(taken > 0 || !pushing.is_finished(), "it waits for room");
        }
    });
}

#[test]
fn full_backlog_of_a_database_that_cannot_be_written_tells_what_is_lost() {
    let backlog = backlog::Backlog::default();
    backlog.put_back(Vec::new(), Error::unavailable("the database's disk is full"));
    let large = || Entry::Log(Log { message: "x".repeat(16 << 20), ..sample::line(1) });
    (0..7).for_each(|_| _ = backlog.push(large()));
    let error = backlog.losses().expect_err("three did not fit");
    assert_eq!(error.to_string(), "3 log lines or artifacts could not be kept");
    assert!(backlog.losses().is_ok(), "it is told once");
}

#[test]
fn reader_sees_one_moment() {
    let (_folder, sqlite) = on_a_file();
    let id = TaskRunId::from(uuid::Uuid::from_u128(1));
    let record = shared(1);
    let reader = sqlite.readers.clone().expect("a file has readers");
    let seen = reader.answer(async |tx: &mut Tx<'_>| {
        let before = task_run::read(tx, id).await?.is_some();
        commit(&sqlite, &record, Durability::Process)?;
        Ok((before, task_run::read(tx, id).await?.is_some()))
    });
    assert_eq!(seen.expect("an answer"), (false, false));
    assert_eq!(count(&sqlite), 1);
}
