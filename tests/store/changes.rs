//! What wakes whoever shows live data.

use std::time::Duration;

use flowkit::api::{Changes, Client};
use flowkit::model::{Level, Log};
use flowkit::settings::DatabaseUrl;
use flowkit::testing::{commit, record};
use flowkit::wire::Record;
use flowkit::{Clock, Durability};

use super::{at, completed, flow_run, id, shared};
use crate::support::postgres::Database;

/// Longer than any wake-up takes; whoever waits for it in vain fails.
const PATIENCE: Duration = Duration::from_secs(20);

async fn woken(changes: &mut Changes) {
    tokio::time::timeout(PATIENCE, changes.next()).await.expect("something changed");
}

/// Waits until no wake-up is left of what was done before.
async fn quiet(changes: &mut Changes) {
    while tokio::time::timeout(Duration::from_millis(300), changes.next()).await.is_ok() {}
}

fn line(number: u32) -> Log {
    Log {
        id: id(number),
        name: "etl".into(),
        level: Level::Info,
        message: "done".into(),
        timestamp: at(0),
        flow_run_id: Some(id(1)),
        task_run_id: None,
        fields: Default::default(),
    }
}

async fn check(url: &DatabaseUrl) {
    let ours = Client::open(url, Clock::system()).await.expect("a database");
    let other = Client::open(url, Clock::system()).await.expect("a database");
    let mut changes = ours.changes().await.expect("an ear");

    flow_run(&ours, 1).await;
    woken(&mut changes).await;
    quiet(&mut changes).await;
    commit(&ours, &shared(completed(Some(1), 10)), Durability::Process).await.expect("kept");
    woken(&mut changes).await;
    quiet(&mut changes).await;
    record(&ours, Record::Log(line(20)));
    woken(&mut changes).await;
    quiet(&mut changes).await;

    flow_run(&other, 2).await;
    woken(&mut changes).await;
    quiet(&mut changes).await;
    commit(&other, &shared(completed(Some(2), 11)), Durability::Process).await.expect("kept");
    woken(&mut changes).await;
    quiet(&mut changes).await;
    record(&other, Record::Log(line(21)));
    woken(&mut changes).await;

    // Whoever comes when all others have gone is woken, too.
    drop(changes);
    let mut changes = ours.changes().await.expect("an ear");
    flow_run(&other, 3).await;
    woken(&mut changes).await;
}

#[tokio::test]
async fn changes_of_a_file_wake_whoever_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    check(&DatabaseUrl::Sqlite(folder.path().join("flowkit.db"))).await;
}

#[tokio::test]
async fn changes_of_a_postgres_database_wake_whoever_waits() {
    let database = Database::new().await;
    check(&database.url()).await;
}
