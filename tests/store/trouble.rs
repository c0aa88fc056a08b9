//! Databases that cannot be opened, and disks that are full.

use std::path::{Path, PathBuf};

use flowkit::api::Client;
use flowkit::model::{Level, Log};
use flowkit::settings::DatabaseUrl;
use flowkit::testing::{commit, fill_disk, flush, record};
use flowkit::wire::{FilterLogs, FilterTaskRuns, Page, Record};
use flowkit::{Durability, Error, ErrorKind};
use futures_util::future::join_all;
use tempfile::TempDir;

use crate::support::postgres::Database;

use super::{at, clock, completed, flow_run, id, shared};

fn scratch() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flowkit.db");
    (folder, path)
}

async fn open(path: &Path) -> flowkit::Result<Client> {
    Client::open(&DatabaseUrl::Sqlite(path.into()), clock()).await
}

async fn refused(path: &Path) -> Error {
    open(path).await.expect_err("it cannot be opened")
}

#[tokio::test]
async fn file_that_is_no_database_is_refused_with_its_path() {
    let (_folder, path) = scratch();
    std::fs::write(&path, "no database at all, but long enough to be looked at".repeat(100))
        .expect("written");
    let error = refused(&path).await;
    assert_eq!(error.kind(), ErrorKind::Internal);
    let expected =
        format!("database '{}' could not be opened: the file is no database", path.display());
    assert!(error.full_message().starts_with(&expected), "{}", error.full_message());
    assert!(error.hint().is_some_and(|hint| hint.contains("move the file away")));
}

#[tokio::test]
async fn damaged_database_is_refused() {
    let (_folder, path) = scratch();
    let client = open(&path).await.expect("a database");
    flow_run(&client, 1).await;
    drop(client);
    std::fs::remove_file(path.with_extension("db-wal")).expect("the log goes");
    let mut bytes = std::fs::read(&path).expect("read");
    bytes.truncate(4096);
    bytes[100..].fill(0xff);
    std::fs::write(&path, bytes).expect("written");
    let error = refused(&path).await;
    assert!(error.full_message().contains("the database is damaged"), "{}", error.full_message());
}

#[tokio::test]
async fn database_of_a_newer_flowkit_is_refused() {
    let (_folder, path) = scratch();
    drop(open(&path).await.expect("a database"));
    let newer = "INSERT INTO schema_migration VALUES (7, 'later', 'x', 0)";
    rusqlite::Connection::open(&path).and_then(|file| file.execute_batch(newer)).expect("written");
    let error = refused(&path).await;
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let expected = format!(
        "database '{}' was written by a newer flowkit (schema 7, this one knows 1)",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn database_with_other_tables_is_refused() {
    let (_folder, path) = scratch();
    let other = "CREATE TABLE customer (id INTEGER)";
    rusqlite::Connection::open(&path).and_then(|file| file.execute_batch(other)).expect("written");
    let error = refused(&path).await;
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().ends_with("holds tables that are not flowkit's"), "{error}");
}

#[tokio::test]
async fn file_that_cannot_be_made_is_named_with_what_to_do() {
    let (folder, path) = scratch();
    // A folder in its place, and a file in the place of its folder: nobody may write there.
    let error = refused(folder.path()).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let expected = format!("database '{}' could not be opened", folder.path().display());
    assert_eq!(error.to_string(), expected);
    assert!(error.hint().is_some());
    std::fs::write(&path, "").expect("written");
    let error = refused(&path.join("flowkit.db")).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.to_string(), format!("folder '{}' could not be made", path.display()));
    assert!(error.hint().is_some_and(|hint| hint.contains("FLOWKIT_HOME")));
}

#[tokio::test]
async fn many_who_open_a_new_file_at_once_all_get_it() {
    let (_folder, path) = scratch();
    let threads: Vec<_> = (0..16)
        .map(|number| {
            let path = path.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build();
                runtime.expect("a runtime").block_on(async {
                    let client = open(&path).await.expect("a database");
                    flow_run(&client, number).await;
                });
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("it got it"));
    assert_eq!(open(&path).await.expect("a database").schema_version().await.expect("one"), 1);
}

fn line(number: u32) -> Log {
    Log {
        id: id(number),
        name: "etl".into(),
        level: Level::Info,
        message: "x".repeat(3000),
        timestamp: at(0),
        flow_run_id: Some(id(1)),
        task_run_id: None,
        fields: Default::default(),
    }
}

async fn kept(client: &Client) -> Vec<String> {
    let all = FilterTaskRuns { page: Page::first(100_000), ..FilterTaskRuns::default() };
    let runs = client.call(all).await.expect("task runs");
    runs.into_iter().map(|run| run.dynamic_key).collect()
}

fn large(number: u32) -> flowkit::wire::TaskRunRecord {
    let mut record = completed(Some(1), number);
    record.result = Some("x".repeat(10_000));
    record
}

#[tokio::test]
async fn full_disk_fails_who_waits_and_loses_nothing() {
    let (_folder, path) = scratch();
    check_full_disk(open(&path).await.expect("a database")).await;
}

#[tokio::test]
async fn full_disk_of_postgres_fails_who_waits_and_loses_nothing() {
    let database = Database::new().await;
    check_full_disk(Client::open(&database.url(), clock()).await.expect("a database")).await;
}

async fn check_full_disk(client: Client) {
    flow_run(&client, 1).await;
    commit(&client, &shared(large(10)), Durability::Process).await.expect("kept");

    fill_disk(&client, true).await.expect("full");
    for durability in [Durability::Process, Durability::Power] {
        let task_run = shared(large(11));
        let error = commit(&client, &task_run, durability).await.expect_err("there is no room");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.to_string(), "the database's disk is full");
        assert_eq!(task_run.lock().expect("ours").stored_as, None, "it was not stored");
    }
    for number in 20..40 {
        record(&client, Record::Log(line(number)));
    }
    record(&client, Record::TaskRun(shared(large(12))));
    let error = flush(&client, Durability::Process).await.expect_err("there is no room");
    assert_eq!(error.to_string(), "the database's disk is full");

    fill_disk(&client, false).await.expect("there is room");
    flush(&client, Durability::Process).await.expect("kept");
    commit(&client, &shared(large(13)), Durability::Process).await.expect("kept");
    assert_eq!(kept(&client).await, ["10", "12", "13"]);
    assert_eq!(client.call(FilterLogs::default()).await.expect("lines").len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_many_hears_whether_it_was_kept() {
    let (_folder, path) = scratch();
    check_each_of_many(open(&path).await.expect("a database")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_many_hears_whether_postgres_kept_it() {
    let database = Database::new().await;
    check_each_of_many(Client::open(&database.url(), clock()).await.expect("a database")).await;
}

async fn check_each_of_many(client: Client) {
    flow_run(&client, 1).await;
    let commits = (10..410).map(|number| {
        let client = client.clone();
        async move {
            if number == 200 {
                fill_disk(&client, true).await.expect("full");
            }
            let task_run = shared(large(number));
            // As a run does, so that the store sees that many are going on.
            record(&client, Record::TaskRun(task_run.clone()));
            commit(&client, &task_run, Durability::Process).await.is_ok().then_some(number)
        }
    });
    let told: Vec<_> = join_all(commits).await.into_iter().flatten().collect();
    assert!(told.len() < 400, "the disk was full");
    let kept = kept(&client).await;
    for number in told {
        assert!(kept.contains(&number.to_string()), "{number} was said to be kept");
    }
}
