//! Answers about logs.

use super::Local;
use crate::Result;
use crate::api::Answer;
use crate::model::Log;
use crate::store::log;
use crate::wire::FilterLogs;

impl Answer<FilterLogs> for Local {
    async fn answer(&self, wanted: FilterLogs) -> Result<Vec<Log>> {
        self.store.scan(async move |tx| log::filter(tx, wanted).await).await
    }
}
