//! Local: answers operations with the database at hand.
//!
//! Each answer opens a transaction, asks the rules where there is something to ask, and writes.
//! One file per noun.

mod api_key;
mod artifact;
mod block;
mod bulk;
mod concurrency;
mod deletion;
mod event;
mod event_page;
mod flow;
mod flow_run;
mod flow_run_event;
mod flow_run_input;
mod flow_run_state;
mod global_limit;
mod graph;
mod lease;
mod log;
mod overview;
mod report;
#[cfg(feature = "client")]
mod reporting;
mod reports;
mod resume;
mod room;
mod run_history;
mod saved_search;
mod storage;
mod tag_limit;
mod task_run;
mod task_run_state;
mod total;
mod variable;

use std::sync::{Arc, Mutex};

use self::reports::Reports;
use crate::Timestamp;
use crate::api::news::News;
use crate::api::vault::Vault;
use crate::chance;
use crate::clock::Clock;
use crate::settings::DatabaseUrl;
use crate::store::Store;
use crate::wire::{Record, TaskRunRecord};
use crate::{Durability, Result};

/// Answers operations with the database at hand.
#[derive(Clone)]
pub(super) struct Local {
    store: Arc<Store>,
    clock: Clock,
    reports: Reports,
    tasks: Arc<event::Tasks>,
    news: Arc<News>,
    vault: Option<Arc<Vault>>,
}

impl Local {
    pub(super) async fn open(url: &DatabaseUrl, clock: Clock) -> Result<Self> {
        let now = clock.now();
        let store = match url {
            DatabaseUrl::Sqlite(path) => Store::open_sqlite_file(path, now),
            DatabaseUrl::Memory => Store::open_sqlite_in_memory(now),
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => Store::open_postgres(url.expose(), now).await,
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => {
                Err(crate::Error::invalid("this build of flowkit cannot open Postgres databases")
                    .with_hint("turn on the feature `postgres` of the crate `flowkit`, or name a SQLite file: sqlite:///path/to/flowkit.db"))
            }
        }?;
        let (tasks, news) = (Arc::default(), Arc::default());
        let reports = Reports::default();
        Ok(Self { store: Arc::new(store), clock, reports, tasks, news, vault: None })
    }

    #[cfg_attr(not(feature = "server"), expect(dead_code, reason = "only a server has listeners"))]
    pub(super) fn news(&self) -> &News {
        &self.news
    }

    pub(in crate::api) fn encrypt_with(&mut self, vault: Vault) {
        self.vault = Some(Arc::new(vault));
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn new_id<Id: From<uuid::Uuid>>(&self) -> Id {
        chance::new_id(self.now()).into()
    }

    pub(super) fn record(&self, record: Record) {
        self.reports.note(&record);
        if let Record::Log(line) = &record {
            self.news.tell_logs([line]);
        }
        self.store.record(record);
    }

    pub(super) async fn commit(
        &self,
        record: &Arc<Mutex<TaskRunRecord>>,
        durability: Durability,
    ) -> Result<()> {
        self.store.commit(record, durability).await?;
        self.reports.note_task_run(record);
        Ok(())
    }

    pub(super) async fn flush(&self, durability: Durability) -> Result<()> {
        self.store.flush(durability).await
    }

    #[cfg(feature = "testing")]
    pub(super) async fn fill_disk(&self, is_full: bool) -> Result<()> {
        self.store.fill_disk(is_full).await
    }

    pub(super) async fn vacuum(&self) -> Result<()> {
        self.store.vacuum().await
    }

    pub(super) async fn reset(&self) -> Result<()> {
        self.store.reset().await
    }

    pub(super) async fn schema_version(&self) -> Result<u32> {
        self.store.schema_version().await
    }

    pub(super) async fn foreign_changes(&self) -> Result<u64> {
        self.store.foreign_changes().await
    }

    pub(super) async fn listen(&self) -> Result<tokio::sync::watch::Receiver<u64>> {
        self.store.listen().await
    }
}
