//! Answers about logs.

use std::sync::Arc;

use super::Local;
use crate::Result;
use crate::api::Answer;
use crate::chance;
use crate::model::Log;
use crate::store::{Tx, log};
use crate::wire::{CreateLogs, FilterLogs};

impl Answer<CreateLogs> for Local {
    async fn answer(&self, CreateLogs(mut lines): CreateLogs) -> Result<()> {
        for line in lines.iter_mut().filter(|line| line.id.is_nil()) {
            line.id = chance::new_id(line.timestamp).into();
        }
        let lines = Arc::new(lines);
        let told = lines.clone();
        let write = async move |tx: &mut Tx<'_>| {
            for line in &*told {
                log::put(tx, line).await?;
            }
            Ok(())
        };
        self.store.write(write).await?;
        self.news.tell_logs(&*lines);
        Ok(())
    }
}

impl Answer<FilterLogs> for Local {
    async fn answer(&self, wanted: FilterLogs) -> Result<Vec<Log>> {
        self.store.scan(async move |tx| log::filter(tx, wanted).await).await
    }
}
