//! The yardstick: the same rows, written straight into the same tables.

use flowkit::prelude::*;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::{Meter, figure, scratch};

/// What a row costs at least.
pub(crate) struct Yardstick {
    /// Seconds for a commit of one row.
    pub(crate) commit: f64,
    /// Rows a second, a hundred to a transaction.
    pub(crate) batched: f64,
}

#[task]
async fn noop() {}

#[flow]
async fn one() -> flowkit::Result<()> {
    noop().await
}

/// Writes copies of a real row, each under an id of its own, into the real table with its indexes.
pub(crate) async fn measure() -> Yardstick {
    let (folder, runtime) = scratch().await;
    runtime.hold(async { one().await }).await.expect("completed");
    runtime.flush().await.expect("flushed");
    drop(runtime);
    let connection = Connection::open(folder.path().join("flowkit.db")).expect("opened");
    connection
        .execute_batch("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8000;")
        .expect("set");
    let mut rows = Rows::like_the_one(&connection);
    let single = 20_000;
    let meter = Meter::start();
    for _ in 0..single {
        rows.insert(&connection);
    }
    let cost = meter.stop();
    let commit = cost.wall / f64::from(single);
    figure("yardstick: commit of one row", commit * 1e6, "µs");
    // Without the checkpoints, which the engine pays for and this does not.
    figure("yardstick: processor time of a commit", cost.cpu / f64::from(single) * 1e6, "µs");
    let batches = 1_000;
    let meter = Meter::start();
    for _ in 0..batches {
        connection.execute_batch("BEGIN IMMEDIATE").expect("begun");
        for _ in 0..100 {
            rows.insert(&connection);
        }
        connection.execute_batch("COMMIT").expect("committed");
    }
    let batched = f64::from(batches) * 100.0 / meter.stop().wall;
    figure("yardstick: rows, a hundred to a transaction", batched, "/s");
    Yardstick { commit, batched }
}

struct Rows {
    insert: String,
    template: Vec<Value>,
    id: usize,
    next: u128,
}

impl Rows {
    fn like_the_one(connection: &Connection) -> Self {
        let mut statement = connection.prepare("SELECT * FROM task_run LIMIT 1").expect("a table");
        let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let template = statement
            .query_row([], |row| (0..names.len()).map(|column| row.get(column)).collect())
            .expect("a row");
        let id = names.iter().position(|name| name == "id").expect("a column `id`");
        let marks: Vec<_> = (1..=names.len()).map(|number| format!("?{number}")).collect();
        let insert =
            format!("INSERT INTO task_run ({}) VALUES ({})", names.join(", "), marks.join(", "));
        // Above all ids of version 7 that will be made in the next centuries, and rising as they do.
        Self { insert, template, id, next: 0xf << 124 }
    }

    fn insert(&mut self, connection: &Connection) {
        self.next += 1 << 64;
        self.template[self.id] = Value::Blob(self.next.to_be_bytes().to_vec());
        let mut statement = connection.prepare_cached(&self.insert).expect("prepared");
        statement.execute(params_from_iter(&self.template)).expect("inserted");
    }
}
